"""The reference page of the measures, written from their definitions.

``python -m breachpattern.review.measures.reference docs/reference/measures.md`` (or ``make pages``) fills in what
stands between ``<!-- begin measures -->`` and ``<!-- end measures -->``; all else on the page is written by hand.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from breachpattern.review.measures.definitions import Definition, definitions

BEGIN, END = "<!-- begin measures -->", "<!-- end measures -->"


def filled(page: str) -> str:
    """Return a page with its generated part written anew.

    Examples
    --------
    >>> print(filled(f"{BEGIN}{END}").splitlines()[2])
    ### M19.served Orders with a day of service
    """
    before, _, rest = page.partition(BEGIN)
    text = "\n\n".join("\n".join(_told(one)) for one in definitions().values())
    return f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}"


def _told(one: Definition) -> Iterator[str]:
    yield f"### {one.id} {one.title}"
    yield ""
    yield f"`{one.name}`, a {one.kind}; better: {one.better}."
    yield ""
    yield f"* Counts: {one.numerator}"
    yield f"* Among: {one.denominator}"
    yield f"* Caveat: {one.caveat}"
    yield f"* Rests on: {one.basis}."
    if one.rule:
        yield f"* Only while a recording rule asked for `{one.rule}` ([recording rules](law.md))."
    if one.waits:
        yield f"* Judged once {one.waits} {'day has' if one.waits == 1 else 'days have'} passed since police were told."
    if one.looks_back:
        yield f"* Looks back {one.looks_back} days."
    if one.without_register:
        yield f"* Without a register: {one.without_register}."
    if one.needs:
        yield f"* Needs {', '.join(need.replace('|', ' or ') for need in one.needs)}."


if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
