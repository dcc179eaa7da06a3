"""Verdicts and reasons: every reason goes with a verdict, and the page lists them all."""

from __future__ import annotations

from pathlib import Path

from breachpattern.review.register import STATUSES, VERDICTS, meanings, reasons

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "register.md"


def test_every_reason_goes_with_known_verdicts() -> None:
    assert tuple(meanings()) == VERDICTS
    for reason in reasons().values():
        assert reason.verdicts
        assert set(reason.verdicts) <= set(VERDICTS)
    for verdict in VERDICTS:
        assert "other" in reasons(verdict)


def test_the_page_tells_every_verdict_reason_and_status() -> None:
    page = PAGE.read_text("utf-8")
    for verdict, meaning in meanings().items():
        assert f"| `{verdict}` | {meaning} |" in page
    for code, reason in reasons().items():
        assert f"| `{code}` | {', '.join(f'`{v}`' for v in reason.verdicts)} | {reason.meaning} |" in page
    for status in STATUSES:
        assert f"`{status}`" in page


def test_the_page_tells_every_column_kind_of_entry_and_code() -> None:
    from breachpattern.review.register.log import KINDS
    from breachpattern.review.register.rows import CODES
    from breachpattern.review.register.tables import METADATA

    page = PAGE.read_text("utf-8")
    for table in METADATA.tables.values():
        for column in table.columns:
            assert f"| `{column.name}` |" in page, (table.name, column.name)
    for kind, meaning in KINDS.items():
        assert f"| `{kind}` | {meaning} |" in page
    for code in CODES:
        assert f"| `{code}` |" in page
