"""What the other ways of doing it share: their reading of the law, much simpler than the engine's.

Both take an order to be in force from the day it was made to the end of its last day, look up the acts that its terms
forbid in one table, and know of service dates, awareness, windows and occasions nothing.
"""

from __future__ import annotations

from breachpattern.law import Catalogue

BREACH_CODES = {
    "066/39": "non_molestation",
    "008/31": "restraining_conviction",
    "068/16": "stalking_protection",
}
AS_OF = "2026-06-30"
DEFAULT_TERMS = ("no_contact", "no_violence")


def acts_within_terms() -> dict[str, tuple[str, ...]]:
    """Return the acts that certainly or arguably fall within each term."""
    terms = Catalogue.load().terms
    return {name: (*term.certain, *term.arguable) for name, term in terms.items()}
