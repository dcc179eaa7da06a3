"""The page of the catalogue, written from it: every order kind, offence, provision and rule, and what is verified.

``python -m breachpattern.law.reference docs/reference/catalogue.md`` (or ``make pages``) fills in what stands between
``<!-- begin NAME -->`` and ``<!-- end NAME -->``; everything else on the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from breachpattern.law.catalogue import Catalogue
from breachpattern.law.entries import Dates, Offence, OrderKind, Provision, RecordingRule, Sourced


def filled(page: str, catalogue: Catalogue | None = None) -> str:
    """Return a page with its generated parts written anew.

    Examples
    --------
    >>> filled("<!-- begin version --><!-- end version -->").splitlines()[2].startswith("Catalogue ")
    True
    """
    law = catalogue or Catalogue.load()
    parts = {
        "version": [f"Catalogue {law.version}, last checked on {_day(law.checked)}."],
        "orders": _table(_ORDERS, map(_order, law.order_kinds.values())),
        "offences": _table(_OFFENCES, map(_offence, law.offences.values())),
        "provisions": _table(_PROVISIONS, map(_provision, law.provisions.values())),
        "rules": _table(_RULES, map(_rule, law.recording_rules)),
    }
    for name, lines in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, found, rest = page.partition(begin)
        if found:
            page = "\n\n".join([before + begin, "\n".join(lines), end + rest.partition(end)[2]])
    return page


_ORDERS = ("order", "where", "made", "what breaking it is", "verified")
_OFFENCES = ("offence", "codes", "tried", "maximum", "provisions", "verified")
_PROVISIONS = ("provision", "what it says, in our words", "in force", "verified")
_RULES = ("recording rule", "for records made", "asks for", "verified")


def _order(kind: OrderKind) -> tuple[str, ...]:
    breaches = "; ".join(
        f"{one.nature.replace('_', ' ')} ({', '.join(one.term_classes)}; {_keys(one.provisions)})"
        for one in kind.breaches
    )
    return f"`{kind.id}` {kind.title}", kind.extent, _days(kind.in_force), breaches or "nothing in law", _checked(kind)


def _offence(offence: Offence) -> tuple[str, ...]:
    codes = ", ".join(offence.ho_codes + offence.cjs_codes)
    cited = _keys(offence.provisions)
    return f"`{offence.id}` {offence.title}", codes, offence.mode, offence.maximum, cited, _checked(offence)


def _provision(provision: Provision) -> tuple[str, ...]:
    name = f"[{provision.title}]({provision.url})" if provision.url else provision.title
    return f"`{provision.id}` {name}", provision.summary, _days(provision.in_force), _checked(provision)


def _rule(rule: RecordingRule) -> tuple[str, ...]:
    asked = ", ".join(f"`{flag}`" for flag in rule.requires)
    return f"`{rule.id}` {rule.title}", _days(rule.in_force), asked, _checked(rule)


def _keys(provisions: Iterable[str]) -> str:
    return ", ".join(f"`{provision}`" for provision in provisions) or "no provision"


def _days(dates: Dates) -> str:
    """Return a span of days in words.

    Examples
    --------
    >>> _days(Dates(date(2020, 1, 20))), _days(Dates(end=date(2021, 1, 1))), _days(Dates())
    ('from 20 January 2020', 'until 31 December 2020', '')
    """
    from datetime import timedelta

    start = f"from {_day(dates.start)}" if dates.start else ""
    end = f"until {_day(dates.end - timedelta(days=1))}" if dates.end and dates.end != date.max else ""
    return "not in force" if dates.start == date.max else " ".join(filter(None, (start, end)))


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _checked(entry: Sourced) -> str:
    if entry.verified:
        return f"yes, {entry.checked.isoformat()}"
    return "**no**" if not entry.substance_verified else f"but for {', '.join(entry.unverified)}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return list(_lines(head, rows))


def _lines(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/').replace(chr(10), ' ') for cell in row)} |"


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
