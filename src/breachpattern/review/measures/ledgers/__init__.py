"""The measures, by what they count: importing a file registers its measures."""

from breachpattern.review.measures.ledgers import breaches, courses, orders, pairs, readiness

__all__ = ["breaches", "courses", "orders", "pairs", "readiness"]
