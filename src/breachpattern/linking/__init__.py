"""Linking: incidents and orders as integer-coded columns, and the lives of orders."""

from breachpattern.linking.columns import Columns
from breachpattern.linking.orders import Orders

__all__ = ["Columns", "Orders"]
