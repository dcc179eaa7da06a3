"""The exit codes, as the help of every command tells them."""

from __future__ import annotations

CODES = {
    0: "done",
    1: "failed; one paragraph on stderr says what, where and what would work",
    2: "wrong usage",
    3: "more rows of a table rejected than --max-rejected (outputs are still written)",
    130: "interrupted; nothing is written, or stderr says what is",
}


def exit_codes(**other: str | None) -> str:
    """Return the exit codes as help shows them; ``_130="…"`` says one otherwise, ``_3=None`` leaves it out."""
    told = CODES | {int(name[1:]): text for name, text in other.items()}
    lines = [f"  {code:<5}{text}" for code, text in told.items() if text]
    return "\n".join(["\b", "Exit codes:", *lines, ""])


EXIT_CODES = exit_codes()
