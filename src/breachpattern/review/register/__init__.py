"""The register of people's decisions on findings: append-only, shared, and verifiable.

The library behind it (SQLAlchemy, alembic) is loaded when a register is opened.
"""

from breachpattern.review.register.register import Register
from breachpattern.review.register.verdicts import OPEN, STATUSES, VERDICTS, meanings, reasons

__all__ = ["OPEN", "STATUSES", "VERDICTS", "DecidedMeanwhile", "Decision", "Register", "Review", "meanings", "reasons"]

_HOMES = {"DecidedMeanwhile": "decisions", "Decision": "decisions", "Review": "standing"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
