"""People: which references are one human being, why, and how sure that is."""

from breachpattern.linking.people.decisions import digest_of, read_decisions
from breachpattern.linking.people.link import DEFAULT_THRESHOLD, check_threshold, link_people
from breachpattern.linking.people.people import People
from breachpattern.linking.people.probable import train_model

__all__ = [
    "DEFAULT_THRESHOLD",
    "People",
    "check_threshold",
    "digest_of",
    "link_people",
    "read_decisions",
    "train_model",
]
