"""Linking: who is who, incidents and orders as integer-coded columns, and the lives of orders."""

from breachpattern.linking.columns import Columns
from breachpattern.linking.entities import Entities
from breachpattern.linking.orders import Orders

__all__ = ["Columns", "Entities", "Orders"]
