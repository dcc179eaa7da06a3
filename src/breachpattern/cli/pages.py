"""What the command line shows on stdout: summaries, problems, stories and patterns."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from breachpattern.cli.console import printable

if TYPE_CHECKING:
    from rich.console import Console

    from breachpattern.explain import Explanation
    from breachpattern.patterns import Pattern
    from breachpattern.patterns.tree import Node

_WIDEST = 110


def print_summary(
    summary: Mapping[str, Any],
    top: Sequence[Mapping[str, Any]],
    issues: Sequence[Mapping[str, Any]],
    out: Path,
) -> None:
    """Print what a run found and where its files are.

    Parameters
    ----------
    summary : mapping
        As ``summary.json``.
    top : sequence of mapping
        The first findings: ``finding_id``, ``level`` and ``headline``.
    issues : sequence of mapping
        Issues worth a look: ``file``, ``row``, ``message``.
    out : Path
    """
    print_rows(summary["rows"], summary["inputs"], summary["not_yet_known"]["incidents"])
    if summary["people"]:
        print_line(f"[bold]{'People':<18}[/]", _people(summary["people"]))
    possible = summary["breaches"]["by_order_state"]["possible"]
    lines = [
        ("Breaches", said(summary["breaches"]["by_status"]) + (f"; {possible:,} of them possible" if possible else "")),
        ("Candidate courses", said(summary["courses"]["by_strength"])),
        ("Findings", said(summary["findings"]["by_level"])),
    ]
    for title, counts in lines:
        print_line(f"[bold]{title:<18}[/]", counts)
    if summary["findings"]["suppressed"]:
        print_line(f"[bold]{'Suppressed':<18}[/]", f"{summary['findings']['suppressed']:,} by your filters")
    if top:
        print_line(f"\n[bold]First to look at[/] (of {summary['findings']['total']:,})")
        for finding in top:
            print_line(f"  [bold]{finding['level']:<13}[/] {finding['finding_id']}")
            print_text(finding["headline"], indent=4)
    print_issues(summary["issues"], issues, str(out / "issues"))
    print_line("\n[bold]Files[/]", str(out))
    if top:
        print_line("[bold]Why[/]  ", f"breachpattern explain {out} {top[0]['finding_id']}")
    checked = summary["versions"]["catalogue_checked"]
    print_line(f"\nCandidates for a person to judge; the law as it was last checked on {checked}.")


def _people(people: Mapping[str, Any]) -> str:
    """Return in a sentence how many people the records are, and on what that rests."""
    told = f"{people['records']:,} records of {people['entities']:,} people ({people['method']} linking)"
    doubtful = people["doubtful_links"]
    return told + (f", {doubtful:,} doubtful link{'s' if doubtful > 1 else ''}; see people_links" if doubtful else "")


def print_rows(rows: Mapping[str, Mapping[str, int]], given: Collection[str], not_yet_known: int) -> None:
    """Print where the rows of each table went."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("Rows")
    for heading in ("in", "accepted", "rejected", "duplicates"):
        table.add_column(heading, justify="right")
    for name, counts in rows.items():
        if counts["rows_in"] or name in given or name == "incidents":
            cells = (f"{counts[key]:,}" for key in ("rows_in", "accepted", "rejected", "duplicates"))
            table.add_row(name, *cells)
    console().print(table)
    if not_yet_known:
        print_line(f"{not_yet_known:,} of the accepted incident rows were not yet known then: left out.")
    print_line("")


def print_issues(counts: Mapping[str, Any], issues: Sequence[Mapping[str, Any]], where: str) -> None:
    """Print how many data problems there are, the first that are worth a look, and once for each what would help."""
    if not counts["total"]:
        return
    print_line("\n[bold]Data problems[/]", f"{counts['total']:,} ({said(counts['by_severity'])})")
    helped = set()
    for issue in issues:
        row = f" row {issue['row']}" if issue.get("row") else ""
        column = f" {issue['column']}" if issue.get("column") else ""
        print_text(f"{issue['severity']}: {Path(str(issue['file'])).name}{row}{column}: {issue['message']}", indent=2)
        if issue.get("hint") and issue["hint"] not in helped:
            print_text(issue["hint"], indent=4)
            helped.add(issue["hint"])
    if left := counts["total"] - len(issues):
        print_line(f"  … and {left:,} more; {where} has them all")


def said(counts: Mapping[str, int]) -> str:
    """Return counts in words, those that are zero left out.

    Examples
    --------
    >>> said({"recorded": 2, "unrecorded": 0})
    'recorded 2'
    """
    return ", ".join(f"{word} {count:,}" for word, count in counts.items() if count) or "none"


def console() -> Console:
    """Return a console on stdout; text that goes into a file is never cut to a terminal's width."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else 100)


def print_line(markup: str, text: str = "") -> None:
    """Print one line: styled words of ours, then text as it is."""
    from rich.markup import escape

    console().print(markup + (f" {escape(printable(text))}" if text else ""), soft_wrap=True)


def print_text(text: str, indent: int = 0) -> None:
    """Print a text, wrapped and indented, nothing in it taken for styling."""
    wide = console()
    pad = " " * indent
    wide.print(
        textwrap.fill(
            printable(text),
            min(wide.width, _WIDEST),
            initial_indent=pad,
            subsequent_indent=pad,
            break_on_hyphens=False,
        ),
        markup=False,
        soft_wrap=True,
    )


def print_check(summary: Mapping[str, Any], issues: Sequence[Mapping[str, Any]], out: Path | None) -> None:
    """Print what is wrong with an extract."""
    print_rows(summary["rows"], summary["inputs"], 0)
    counts = summary["issues"]
    if not counts["total"]:
        print_line("No data problems.")
    for code, count in counts["by_code"].items():
        print_line(f"{count:>9,}  ", code)
    print_issues(counts, issues, str(out / "issues.csv") if out else "--out DIR")
    if out:
        print_line("\n[bold]Files[/]", str(out))


def print_story(story: Explanation) -> None:
    """Print the explanation of a finding."""
    wide = console()
    width = min(wide.width, _WIDEST)
    headline, *blocks = story.to_text(width).split("\n\n")
    _print_styled(wide, headline, "bold")
    for block in blocks:
        title, _, rest = block.partition("\n")
        wide.print()
        _print_styled(wide, title, "bold cyan")
        _print_styled(wide, rest, "")


def _print_styled(wide: Console, text: str, style: str) -> None:
    lines = "\n".join(printable(line) for line in text.splitlines())
    wide.print(lines, style=style or None, markup=False, soft_wrap=True)


def print_pattern(pattern: Pattern) -> None:
    """Print a pattern: what it looks for, on what law, and where it is known to mislead."""
    from breachpattern.patterns.model import STATUSES

    wide = console()
    _print_styled(wide, f"{pattern.title} ({pattern.id})", "bold")
    print_text(
        f"Status {pattern.status} ({STATUSES[pattern.status]}); one finding for each {pattern.unit}; "
        f"level {pattern.level} unless a rule below holds"
    )
    wide.print()
    print_text(pattern.summary)
    lists = {
        "Holds where": list(_conditions(pattern.tree)),
        "Levels, the first that holds": [
            line
            for rule in pattern.level_rules
            for line in (f"{rule.level}: {rule.because}", *_conditions(rule.when, 1))
        ],
        "Rests on": [pattern.basis, *pattern.provisions],
        "Known to mislead": pattern.false_positives,
        "Said with every finding": pattern.caveats,
        "Examples that run": [f"{'fires' if e.expect else 'stays quiet'}: {e.name}" for e in pattern.examples],
    }
    for title, lines in lists.items():
        if lines:
            wide.print()
            _print_styled(wide, title, "bold cyan")
            for line in lines:
                print_text(line.lstrip(), indent=2 + len(line) - len(line.lstrip()))


def _conditions(node: Node, depth: int = 0) -> Iterator[str]:
    """Yield a condition tree as indented lines."""
    from breachpattern.patterns.tree import Leaf

    pad = "  " * depth
    if isinstance(node, Leaf):
        asked = ", ".join(name if v is True else f"{name} {_value(v)}" for name, v in node.parameters.items())
        yield f"{pad}{node.criterion}" + (f" ({asked})" if asked else "")
        return
    yield pad + {"all": "all of:", "any": "at least one of:", "not": "not:"}[node.how]
    for part in node.parts:
        yield from _conditions(part, depth + 1)


def _value(value: Any) -> str:
    return "/".join(map(str, value)) if isinstance(value, tuple) else str(value)
