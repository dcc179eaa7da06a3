"""The commands of those who decide: what to look at, decisions, spreadsheets, verifying, purging."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE, FAILED, TOO_MANY_REJECTED
from breachpattern.cli import options as opt
from breachpattern.cli.rules import help_alone
from breachpattern.errors import UsageError

if TYPE_CHECKING:
    from breachpattern.analysis.runs import Run
    from breachpattern.review.register import Register

DEFAULT = "sqlite:///register.db"
TO_DO, ALL = "open", "all"
SHOWN = 20


def _exit_codes(failed: str = "", more: str = "") -> str:
    return f"""
\b
Exit codes:
  0    done
  1    failed; one paragraph on stderr says what, where and what would work{failed}
  2    wrong usage{more}
"""


EXIT_CODES = _exit_codes()
review_app = typer.Typer(
    rich_markup_mode=None,
    help="The register: what people decided about findings, kept from run to run.\n\n"
    "A finding that was decided and rests on the same evidence is not asked again; one that grew comes back as "
    "changed, with what is new. Decisions are never overwritten: a correction is a further one that names what it "
    "corrects, and whoever decides on what somebody decided meanwhile is told. Every look and every decision is "
    "logged in a chain of hashes that `verify` works out again.",
    epilog="""\b
First steps:
  breachpattern score rms.csv --orders orders.csv --out run
  breachpattern review list run                                  what is to be decided
  breachpattern review reasons                                   the verdicts and reasons to choose from
  breachpattern review decide run F-852a --verdict confirmed --reason course_of_conduct --reviewer "A. Reader"
  breachpattern review export run decisions.xlsx                 or decide in a spreadsheet …
  breachpattern review import run decisions.xlsx                 … and bring it back
\b
The register is sqlite:///register.db, or what --register or BREACHPATTERN_REGISTER names: a file for one person,
postgresql://user@host/database for a team.
""",
)
review_app.callback(invoke_without_command=True)(help_alone)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `score` or `update --out` wrote.")]
Address = Annotated[
    str,
    typer.Option(
        "--register",
        metavar="URL",
        envvar="BREACHPATTERN_REGISTER",
        show_envvar=False,
        show_default=False,
        help="sqlite:///FILE or postgresql://user@host/database (sqlite:///register.db).",
    ),
]
Reviewer = Annotated[
    str | None, typer.Option("--reviewer", metavar="NAME", help="Who decides, or looks (the name of your login).")
]
Status = Annotated[
    list[str] | None,
    typer.Option(
        "--status",
        metavar="STATUS",
        help="unreviewed, changed, unsure, needs_record (together: open), confirmed, rejected, or all. Repeatable.",
    ),
]


@review_app.command(
    "list",
    epilog="""\b
Examples:
  breachpattern review list run
  breachpattern review list run --status changed --status needs_record
  breachpattern review list run --status all --json > findings.json
\b
In:   the folder of a run, and the register; where there is none, one begins.
Out:  the findings in the order of the run, open ones unless --status says otherwise: how each was decided before, by
      whom, and what is new since; then decided ones that are withdrawn, with the record, rule or filter that changed.
"""
    + EXIT_CODES,
)
def list_(
    folder: Folder,
    register: Address = DEFAULT,
    status: Status = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=0, help="Show so many; 0 shows all (20).", show_default=False)
    ] = SHOWN,
    as_json: opt.AsJson = False,
    reviewer: Reviewer = None,
) -> int:
    """List what is to be decided, and how things stand."""
    from breachpattern.cli.pages import print_line, print_text, said

    wanted = _statuses(status if status else [TO_DO])
    with _open_for(folder, register, reviewer) as (opened, run):
        review = opened.review(run)
    chosen = review.only(wanted)
    if as_json:
        rows = {"counts": review.counts(), "findings": list(chosen.findings), "withdrawn": list(review.withdrawn)}
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False, default=str))
        return DONE
    print_line("[bold]Findings[/]", said(review.counts()))
    shown = chosen.findings if limit == 0 else chosen.findings[:limit]
    for row in shown:
        print_line(f"\n  [bold]{row['status']:<12}[/]", f"{row['level']:<13} {row['finding_id']}")
        print_text(row["headline"], indent=4)
        if row["decision"] is not None:
            print_text(f"{_said(row)}{': ' + row['text'] if row['text'] else ''}", indent=4)
        if row["difference"]:
            print_text(f"since then: {row['difference']}", indent=4)
    if len(chosen.findings) > len(shown):
        print_line(f"\n  … and {len(chosen.findings) - len(shown):,} more (--limit 0 shows all)")
    for row in review.withdrawn:
        print_line("\n  [bold]withdrawn   [/]", f"{row['pattern']} {row['finding_id']}")
        print_text(f"{_said(row)}; {row['why']}: {row['because']}", indent=4)
    return DONE


@review_app.command(
    epilog="""\b
Examples:
  breachpattern review decide run F-852a --verdict confirmed --reason course_of_conduct --reviewer "A. Reader"
  breachpattern review decide run F-f9b0 --verdict rejected --reason other --text "Contact through the agreed app"
  breachpattern review decide run F-852a --verdict rejected --reason same_event --corrects 12
\b
In:   the folder of a run, and the id of a finding or the start of it.
Out:  one row more in the register, with what the finding rests on by reference. Where somebody decided on it already,
      nothing is written and the message says who, when and what: --seen NUMBER decides all the same, --corrects
      NUMBER puts that decision right.
"""
    + EXIT_CODES
)
def decide(
    folder: Folder,
    finding_id: Annotated[str, typer.Argument(metavar="FINDING_ID", help="The id, or the start of it.")],
    verdict: Annotated[
        str, typer.Option("--verdict", metavar="VERDICT", help="confirmed, rejected, unsure or needs_record.")
    ],
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="See `breachpattern review reasons`.")],
    text: Annotated[
        str, typer.Option("--text", metavar="TEXT", help="In words, without names.", show_default=False)
    ] = "",
    reviewer: Reviewer = None,
    seen: Annotated[
        int | None, typer.Option("--seen", metavar="NUMBER", help="The last decision on it that you have seen.")
    ] = None,
    corrects: Annotated[
        int | None, typer.Option("--corrects", metavar="NUMBER", help="The decision that this one puts right.")
    ] = None,
    register: Address = DEFAULT,
) -> int:
    """Write down a decision about a finding."""
    with _open_for(folder, register, reviewer) as (opened, run):
        made = opened.decide(run, finding_id, verdict, reason, text=text, seen=seen, corrects=corrects)
        _print(f"{made.finding_id}: {made.said()}")
    return DONE


@review_app.command()
def reasons() -> int:
    """List the verdicts, and the reasons that go with each."""
    from breachpattern.cli.pages import print_line, print_text
    from breachpattern.review.register import meanings
    from breachpattern.review.register import reasons as reasons_of

    for verdict, meaning in meanings().items():
        print_line(f"[bold]{verdict}[/]")
        print_text(meaning, indent=2)
        for code, reason in reasons_of(verdict).items():
            print_text(f"{code}: {reason.meaning}", indent=4)
    return DONE


@review_app.command(
    epilog="""\b
Examples:
  breachpattern review export run decisions.csv
  breachpattern review export run changed.xlsx --status changed
\b
In:   the folder of a run, and a new file that ends in .csv or .xlsx.
Out:  one row for each finding, open ones unless --status says otherwise, with the last decision on it. Fill in
      verdict, reason, text and reviewer (and corrects), leave the other columns as they are, and `import` it. No cell
      is a formula.
"""
    + EXIT_CODES
)
def export(
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet to write.")],
    status: Status = None,
    register: Address = DEFAULT,
    reviewer: Reviewer = None,
) -> int:
    """Write findings and decisions as a sheet to fill in."""
    from breachpattern.cli.pages import said

    with _open_for(folder, register, reviewer) as (opened, run):
        counts = opened.export_decisions(run, file, status=_statuses(status if status else [TO_DO]))
    _print(f"Written to {file}: {said({name: count for name, count in counts.items() if name != 'withdrawn'})}.")
    return DONE


@review_app.command(
    "import",
    epilog="""\b
Examples:
  breachpattern review import run decisions.xlsx --reviewer "A. Reader"
  breachpattern review import run decisions.csv --issues problems.csv
\b
In:   the folder of the run that the sheet was exported from, or of a later one, and the sheet.
Out:  every good row is a decision. Every other is listed with its row, its column, what was seen and what would help;
      rows without a verdict are left alone. The same sheet twice does no harm.
"""
    + _exit_codes(more="\n  3    some rows were rejected; all others are written"),
)
def import_(
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The sheet that was filled in.")],
    register: Address = DEFAULT,
    reviewer: Reviewer = None,
    issues: Annotated[
        Path | None, typer.Option("--issues", metavar="FILE", help="A new .csv for the rows that were rejected.")
    ] = None,
) -> int:
    """Bring back a sheet of decisions."""
    from breachpattern.cli.pages import print_line, print_text, said

    if issues is not None and (issues.exists() or issues.suffix.lower() != ".csv"):
        raise UsageError(f"{issues} is there already, or does not end in .csv.", where="--issues", hint="Name another.")
    with _open_for(folder, register, reviewer) as (opened, run):
        imported = opened.import_decisions(run, file, reviewer=reviewer)
    print_line("[bold]Rows[/]", said({"in" if name == "rows_in" else name: n for name, n in imported.rows.items()}))
    if imported.rows["rows_in"] and imported.rows["rows_in"] == imported.rows.get("blank"):
        print_text("No row has a verdict, so nothing was decided: fill in the columns verdict and reason.")
    for issue in imported.issues.to_arrow().to_pylist():
        place = f"{issue['file']} row {issue['row']} {issue['column'] or ''}".rstrip()
        print_text(f"{place}: {issue['message']} {issue['hint']}", indent=2)
    if issues is not None:
        from breachpattern.output.files import write_table

        write_table(imported.issues.to_arrow(), issues.parent, issues.stem, "csv")
    return TOO_MANY_REJECTED if imported.rows["rejected"] else DONE


@review_app.command(
    epilog="""\b
Examples:
  breachpattern review verify
  breachpattern review verify --head 3f6c0a91
\b
In:   the register; it is read and nothing is written, so a read-only copy will do.
Out:  how much was verified and the head of the chain. Note the head elsewhere from time to time: --head then shows
      that nothing was cut off, and that nobody wrote the whole chain anew.
"""
    + _exit_codes(", or the chain is broken: stdout says\n       the first broken link")
)
def verify(
    register: Address = DEFAULT,
    head: Annotated[
        str | None, typer.Option("--head", metavar="HASH", help="A head that was noted earlier, or its first digits.")
    ] = None,
) -> int:
    """Work out every hash of the register again."""
    with _open(register, None, create=False) as opened:
        found = opened.verify(head)
    emptied = f" ({found.purged:,} purged)" if found.purged else ""
    _print(f"{found.entries:,} entries of the log, {found.decisions:,} decisions{emptied}.")
    typer.echo(f"Head: {found.head}")
    if found.broken is not None:
        _print(f"BROKEN: {found.broken}. Find out who could write to it, and put the register back from a copy.")
        return FAILED
    _print("Every link holds.")
    return DONE


@review_app.command(
    epilog="""\b
Examples:
  breachpattern review purge --before 2024-01-01 --dry-run
  breachpattern review purge --before 2024-01-01 --reviewer "Records management"
\b
In:   a day in London; what was decided before it is emptied: finding, evidence, verdict, text and reviewer.
Out:  the numbers of the decisions that went, which the log keeps count of. Number, time and hash stay, so that the
      chain can be verified. Findings whose last decision went are asked again. Copies and backups are yours to purge.
"""
    + EXIT_CODES
)
def purge(
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="Such as 2024-01-01.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    register: Address = DEFAULT,
    reviewer: Reviewer = None,
) -> int:
    """Empty old decisions; the chain stays whole."""
    with _open(register, reviewer, create=False) as opened:
        what = opened.purge(before, dry_run=dry_run)
    count = len(what.decisions)
    if not count:
        _print(f"No decision was made before {before}.")
        return DONE
    first, last = what.decisions[0][1][:10], what.decisions[-1][1][:10]
    asked = f"; {what.standing:,} of them the last on their finding, which will be asked again" if what.standing else ""
    logged = "would go" if dry_run else f"went (entry {what.entry} of the log)"
    _print(f"{count:,} decisions from {first} to {last} {logged}{asked}.")
    _print(f"Numbers: {_ranges([number for number, _ in what.decisions])}")
    return DONE


def _open(url: str, reviewer: str | None, *, create: bool = True) -> Register:
    from breachpattern.cli.console import say
    from breachpattern.review.register import Register

    register = Register(url, who=reviewer, create=create)
    if register.begins:
        say(f"breachpattern: note: a new register begins in {register.name}: there was none.")
    return register


@contextmanager
def _open_for(folder: Path, url: str, reviewer: str | None) -> Iterator[tuple[Register, Run]]:
    """Open the register for a run, which is read first: a mistyped folder begins no register."""
    from breachpattern.analysis.runs import Run

    run = Run.of(folder)
    with _open(url, reviewer) as register:
        yield register, run


def _statuses(given: list[str]) -> list[str]:
    from breachpattern.review.register import OPEN, STATUSES

    known: dict[str, Any] = {TO_DO: OPEN, ALL: STATUSES} | {status: (status,) for status in STATUSES}
    for status in given:
        if status not in known:
            raise UsageError(f"{status!r} is no status.", where="--status", hint=f"One of {', '.join(known)}.")
    return [status for name in given for status in known[name]]


def _said(row: dict[str, Any]) -> str:
    reason = f" ({row['reason']})" if row.get("reason") else ""
    return f"{row['verdict']}{reason} by {row['reviewer']} on {row['decided_at'][:10]} (decision {row['decision']})"


def _ranges(numbers: list[int]) -> str:
    """Return numbers in ascending order as ranges.

    Examples
    --------
    >>> _ranges([1, 2, 3, 7])
    '1-3, 7'
    """
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in spans)


def _print(text: str) -> None:
    from breachpattern.cli.pages import print_text

    print_text(text)
