"""The built-in criteria; importing this package registers them."""

from breachpattern.patterns.criteria import (
    breaches,
    closure,
    conduct,
    courses,
    escalation,
    orders,
    people,
    proxies,
    recording,
)

__all__ = ["breaches", "closure", "conduct", "courses", "escalation", "orders", "people", "proxies", "recording"]
