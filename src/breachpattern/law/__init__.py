"""The dated catalogue: orders, offences, provisions, behaviours, terms, recording rules, outcomes."""

from breachpattern.law.catalogue import Answer, Catalogue, CatalogueAt, CatalogueStaleWarning
from breachpattern.law.entries import (
    Behaviour,
    BreachInLaw,
    CrimeOutcome,
    Dates,
    NotificationDuty,
    Offence,
    OrderKind,
    Provision,
    RecordingRule,
    Term,
)
from breachpattern.law.lint import LintIssue, lint
from breachpattern.law.recognition import Recognition
from breachpattern.law.show import show

__all__ = [
    "Answer",
    "Behaviour",
    "BreachInLaw",
    "Catalogue",
    "CatalogueAt",
    "CatalogueStaleWarning",
    "CrimeOutcome",
    "Dates",
    "LintIssue",
    "NotificationDuty",
    "Offence",
    "OrderKind",
    "Provision",
    "Recognition",
    "RecordingRule",
    "Term",
    "lint",
    "show",
]
