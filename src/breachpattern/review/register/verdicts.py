"""Verdicts, reasons and statuses: what a person may decide about a finding, read from ``verdicts.toml``."""

from __future__ import annotations

import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from breachpattern.errors import UsageError

CONFIRMED, REJECTED, UNSURE, NEEDS_RECORD = VERDICTS = ("confirmed", "rejected", "unsure", "needs_record")
UNREVIEWED, CHANGED = "unreviewed", "changed"
STATUSES = (UNREVIEWED, *VERDICTS, CHANGED)
OPEN = (UNREVIEWED, CHANGED, UNSURE, NEEDS_RECORD)
LONGEST = 4_000  # characters of text, of a name


@dataclass(frozen=True)
class Reason:
    """A reason to name: the verdicts that it goes with, and whether it needs words."""

    code: str
    verdicts: tuple[str, ...]
    meaning: str
    needs_text: bool
    retired: bool


@cache
def _content() -> tuple[dict[str, dict[str, object]], dict[str, Reason]]:
    text = files("breachpattern.review.register").joinpath("verdicts.toml").read_text("utf-8")
    data = tomllib.loads(text)
    reasons = {
        code: Reason(code, tuple(r["verdicts"]), r["meaning"], r.get("text", False), r.get("retired", False))
        for code, r in data["reasons"].items()
    }
    return data["verdicts"], reasons


def meanings() -> dict[str, str]:
    """Return what each verdict means.

    Examples
    --------
    >>> list(meanings())
    ['confirmed', 'rejected', 'unsure', 'needs_record']
    """
    return {code: str(entry["meaning"]) for code, entry in _content()[0].items()}


def labels() -> dict[str, float]:
    """Return the label that each verdict is for a classifier; not a number where it is none.

    Examples
    --------
    >>> labels()["confirmed"], labels()["unsure"]
    (1.0, nan)
    """
    return {code: float(str(entry.get("label", "nan"))) for code, entry in _content()[0].items()}


def reasons(verdict: str | None = None) -> dict[str, Reason]:
    """Return the reasons by code, all of them or those that go with a verdict.

    Examples
    --------
    >>> list(reasons("unsure"))
    ['needs_specialist', 'victim_to_be_asked', 'other']
    """
    return {c: r for c, r in _content()[1].items() if verdict is None or (verdict in r.verdicts and not r.retired)}


def tidy(text: str) -> str:
    r"""Return a text without blanks around it, its lines ended in one way, whatever wrote it.

    Examples
    --------
    >>> tidy(" one\r\ntwo ")
    'one\ntwo'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def check(verdict: str, reason: str, text: str, reviewer: str) -> None:
    """Refuse what is no decision.

    Raises
    ------
    UsageError
        ``where`` names the field, the hint says what would work.

    Examples
    --------
    >>> check("rejected", "lawful_contact", "", "A. Reader")
    """
    if verdict not in VERDICTS:
        raise UsageError(f"{verdict!r} is no verdict.", where="verdict", hint=f"Verdicts: {', '.join(VERDICTS)}.")
    allowed = reasons(verdict)
    if reason not in allowed:
        known = "is no reason" if reason not in reasons() else f"does not go with {verdict}"
        wrong = f"{reason!r} {known}." if reason else "No reason is given."
        raise UsageError(wrong, where="reason", hint=f"Reasons for {verdict}: {', '.join(allowed)}.")
    if allowed[reason].needs_text and not text.strip():
        raise UsageError(
            f"The reason {reason!r} needs a text.", where="text", hint="Say in a sentence what it rests on, no names."
        )
    if not reviewer.strip():
        raise UsageError("Nobody is named as reviewer.", where="reviewer", hint="A decision has its person: name one.")
    for where, value in (("text", text), ("reviewer", reviewer)):
        if len(value) > LONGEST:
            raise UsageError(
                f"{len(value):,} characters are too many.", where=where, hint=f"At most {LONGEST:,}: refer to a record."
            )
        if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r" for c in value):
            raise UsageError("It holds control characters.", where=where, hint="Write it anew as plain text.")
