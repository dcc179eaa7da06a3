"""What a database says when it cannot, in one readable paragraph; nothing of passwords, nothing of decisions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError

from breachpattern.errors import RegisterError
from breachpattern.ingest.secrets import safe_address, secrets_of, without_secrets

WAIT = 15  # seconds for another's transaction to end
_UNCHANGED = "Nothing was written; what stood there stands."
# The words by which databases say it, what to say instead, and what would work. The first that is found is told.
_SAID: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("database is locked", "lock timeout", "database table is locked"),
        f"The register is in use: another process held it for {WAIT} seconds.",
        f"{_UNCHANGED} Try again when that has ended. Several people at once are better served by PostgreSQL.",
    ),
    (
        ("readonly database", "read-only transaction", "read-write mode", "must be owner", "permission denied"),
        "The register cannot be written to: it is read-only for you.",
        "Every look into it is logged, so that reading needs writing too; `breachpattern review verify` does not. "
        "Ask whoever keeps it for the right to write, or work on a copy.",
    ),
    (
        ("disk is full", "no space left", "could not extend file", "disk i/o error", "disk full", "file too large"),
        "The disk of the register is full, or fails.",
        f"{_UNCHANGED} Make room, and give the same command once more.",
    ),
    (
        ("unable to open database file", "no such table", "does not exist", "undefinedtable", "invalidcatalogname"),
        "The register is not there any more, or was never made.",
        "Check the address; put the database back from a copy if it is lost.",
    ),
    (
        ("not a database", "malformed", "file is encrypted"),
        "This file is no SQLite database, or is damaged.",
        "Check the address; if it is the register, put it back from a copy.",
    ),
    (
        ("password authentication", "no pg_hba.conf entry", 'role "'),
        "The database refuses the account.",
        "Check the user and the password in the address.",
    ),
    (
        ("review_decisions_follow", "review_decisions.finding_id, review_decisions.seen"),
        "Somebody decided on the same finding in the same moment.",
        "Nothing was written. Look at that decision, then decide again.",
    ),
    (
        ("append-only", "only purged",),
        "The register is append-only, and its database refused a change.",
        "A correction is a decision of its own: `breachpattern review decide … --corrects NUMBER`.",
    ),
    (
        ("connection refused", "could not connect", "connection failed", "server closed", "terminat", "timeout expired",
         "failed to resolve", "could not translate", "connection is lost", "connection to server", "no such file"),
        "The database cannot be reached, or the connection broke.",
        "What was not confirmed was not written. Check the address and the network, and try again.",
    ),
)  # fmt: skip
_OTHERWISE = "Nothing was written. Check the address and the database."


@contextmanager
def told(url: str) -> Iterator[None]:
    """Turn what a database library raises into one of ours.

    Raises
    ------
    RegisterError
    """
    try:
        yield
    except SQLAlchemyError as error:
        # Not chained: PostgreSQL tells the whole row, and a traceback would show it.
        raise refusal(error, url) from None


def refusal(error: BaseException, url: str) -> RegisterError:
    """Return the error that says what a database said."""
    # The first line: what follows may hold the row.
    said = next(iter(str(getattr(error, "orig", None) or error).splitlines()), "")
    lower = f"{type(getattr(error, 'orig', error)).__name__} {said}".lower()
    for words, message, hint in _SAID:
        if any(word in lower for word in words):
            return RegisterError(message, where=safe_address(url), hint=hint)
    reason = without_secrets(" ".join(said.split()))[:200].rstrip(".")
    for secret in secrets_of(url):
        reason = reason.replace(secret, "***")
    return RegisterError(f"The register's database answered: {reason}.", where=safe_address(url), hint=_OTHERWISE)
