"""The command that adds a batch to a state and says what changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import INTERRUPTED
from breachpattern.cli import options as opt
from breachpattern.cli.groups import Linking, Rules, Shield, Tables, check_decisions, grouped
from breachpattern.errors import InputError, UsageError

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser
    from breachpattern.ingest.privacy import Privacy
    from breachpattern.state import Changes, State

SHOWN = 10
PEOPLE = ("persons", "associations")  # whose ids are references to people
PUT_BACK = (
    "the last save of this state was cut short, so the state from before it is put back; what came then has to come "
    "again."
)
OTHER_RULES = (
    "Use the same ones (--link …, --patterns, --filters, --law), or run `breachpattern update --state DIR --renew` "
    "with those of now: it keeps the records and works everything out again."
)
EXAMPLES = """\b
Examples:
  breachpattern update --state STATE incidents.csv --orders orders.csv     the first batch: everything
  breachpattern update --state STATE tonight.csv --orders tonight_orders.csv --out changes
  breachpattern update --state STATE --orders discharges.csv               no incidents tonight
  breachpattern update --state STATE tonight.csv --replaces                records come again whole
  breachpattern update --state STATE --withdrawn erased.csv
  breachpattern update --state STATE                                       only the clock
\b
In:   new rows, as for score; rows that came before are recognised and change nothing. STATE is a folder;
      where there is none a new state begins, and that is said even with --quiet. It holds personal data
      and is readable by you alone. Nobody else can write to it meanwhile, a running `watch` included.
Out:  what is new, changed and withdrawn; the state is replaced, whole or not at all. With --out a folder
      with all results, the changes (changes_findings.csv, …) and in findings.jsonl the whole story of what
      is new or changed; all findings are in findings.csv (findings_all.jsonl with --format jsonl).
\n\n"""


@grouped
def update(
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="The folder of the state.")],
    incidents: Annotated[str | None, typer.Argument(metavar="[INCIDENTS]", help="New incidents, if any.")] = None,
    *,
    tables: Tables,
    as_of: opt.AsOf = None,
    withdrawn: Annotated[
        Path | None,
        typer.Option(
            "--withdrawn", metavar="FILE", help="A CSV of records to take out: table, id (and other_id of a tie)."
        ),
    ] = None,
    replaces: Annotated[
        bool, typer.Option("--replaces", help="A record that comes again replaces what the state has of it.")
    ] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="Work everything out again, under the rules given now.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A folder for results and changes.")] = None,
    format: opt.Format = "csv",
    rules: Rules,
    linking: Linking,
    max_rejected: opt.MaxRejected = "5%",
    shield: Shield,
    quiet: opt.Quiet = False,
) -> int:
    """Add a batch to a state, and say what changed."""
    from breachpattern.cli.console import Progress, say
    from breachpattern.cli.remarks import verdict

    allowed = opt.share(max_rejected)
    privacy = shield.privacy(linking=linking.link != "off")
    check_decisions(privacy, linking)
    with Progress(quiet) as progress:
        from breachpattern.ingest import read_extract
        from breachpattern.state.lock import hold

        _check_outputs(state, out, format)
        gone = read_withdrawn(withdrawn, privacy) if withdrawn else None
        analyser = linking.analyser(rules)
        progress("the state", 0, None)
        with hold(state, "breachpattern update") as place, _telling_what_is_written() as written:
            before = _held(state, put_back=place.put_back)
            if before is not None and gone is not None:
                _check_names(before, gone, privacy)
            if not renew:
                check_fit(analyser, before, as_of)
            extract = read_extract(
                **tables.reading(incidents), catalogue=analyser.catalogue, privacy=privacy, keep_as_read=True,
                on_progress=progress,
            )  # fmt: skip
            after, changes = analyser.update(
                before.renewed() if before is not None and renew else before,
                extract, as_of, withdrawn=gone, replaces=replaces, on_progress=progress,
            )  # fmt: skip
            progress("writing", 0, None)
            _write(after, changes, analyser, state=state, out=out, format=format, written=written)
        shield.finish(privacy)
    if before is None:
        say(f"breachpattern: note: a new state begins in {state}: there was none.")
    if not quiet:
        _print(changes, state, out)
    return verdict(extract.rows, allowed, out)


def _check_outputs(state: Path, out: Path | None, format: str) -> None:
    """Refuse, before anything is read, what could not be written."""
    from breachpattern.output.folder import check_target
    from breachpattern.output.run import check_format

    check_format(format)
    if out is not None:
        check_apart(state, out)
        check_target(out)


def _held(state: Path, *, put_back: bool) -> State | None:
    """Return the state as it stands, none where a new one begins, and see that it could be saved."""
    from breachpattern.cli.console import say
    from breachpattern.state.folder import begun, check_target
    from breachpattern.state.state import State

    if put_back:
        say(f"breachpattern: note: {PUT_BACK}")
    known = State.load(state) if begun(state) else None
    check_target(state)
    return known


def _write(
    after: State,
    changes: Changes,
    analyser: Analyser,
    *,
    state: Path,
    out: Path | None,
    format: str,
    written: list[str],
) -> None:
    """Write the results, where they are asked for, and then the state; ``written`` tells how far that came."""
    from breachpattern.state.written import write_changes

    if out is not None:
        write_changes(out, after, changes, analyser.catalogue, format)
        written.append(f"{out} is written, the state may be as it was")
    after.save(state)
    written[:] = ["the state is written"]


@contextmanager
def _telling_what_is_written() -> Iterator[list[str]]:
    """Say, where an interrupt comes late, what is written already; before that everybody knows that nothing is."""
    written: list[str] = []
    try:
        yield written
    except KeyboardInterrupt:
        if not written:
            raise
        from breachpattern.cli.console import say

        say(f"breachpattern: interrupted; {written[0]}. The same command once more does no harm.")
        raise SystemExit(INTERRUPTED) from None


def check_apart(state: Path, out: Path) -> None:
    """Refuse an output folder that is the state, or of which one holds the other.

    Raises
    ------
    UsageError
    """
    from breachpattern.output.folder import real

    one, other = real(state), real(out)
    if one == other or one in other.parents or other in one.parents:
        raise UsageError(
            f"The results cannot stand in the folder of the state, nor the state in theirs ({state}).",
            where=f"--out {out}",
            hint="Name a folder beside it.",
        )


def check_fit(analyser: Analyser, state: State | None, as_of: str | datetime | None = None) -> None:
    """Refuse a state that the rules given now, or the instant, do not fit, before anything is read or written.

    Raises
    ------
    UsageError
        With the option that helps.
    """
    try:
        analyser.check_state(state, as_of)
    except UsageError as error:
        hint = error.hint if error.where == "as of" else OTHER_RULES
        raise UsageError(error.message, where=error.where, hint=hint) from None


def read_withdrawn(path: Path, privacy: Privacy) -> dict[str, list[Any]]:
    """Return the records that a CSV withdraws, by table; people by their pseudonyms where the state has these.

    Raises
    ------
    InputError
        Where it cannot be read or has no columns ``table`` and ``id``.
    UsageError
        Where a row names no table.
    """
    import pyarrow as pa

    from breachpattern.ingest.sources import read_source
    from breachpattern.state.records import NAMES

    rows = read_source(path, "withdrawn").data.to_pylist()
    out: dict[str, list[Any]] = {}
    for number, row in enumerate(rows, start=2):
        if not {"table", "id"} <= set(row):
            raise InputError(
                "There is no column table or id.", where=str(path), hint="Its header is table,id,other_id."
            )
        table = str(row["table"] or "").strip()
        if table not in NAMES:
            raise UsageError(
                f"{table!r} is no table.", where=f"{path}, row {number}", hint=f"Tables: {', '.join(NAMES)}."
            )
        ends = [str(row[name]).strip() for name in ("id", "other_id") if row.get(name)]
        if table in PEOPLE:
            ends = privacy.pseudonyms(pa.array(ends, pa.string())).to_pylist()
        out.setdefault(table, []).append(ends[0] if len(ends) == 1 else ends)
    return out


def _check_names(state: State, gone: Mapping[str, list[Any]], privacy: Privacy) -> None:
    """Refuse to look for people under names that the state does not have: none would be found, and so none erased."""
    from breachpattern.ingest.privacy import MARK

    people = {name: gone[name] for name in PEOPLE if name in gone and state.rows[name].num_rows}
    ours, given = state.privacy.get("pseudonyms"), privacy.settings.get("pseudonyms")
    named = [end for ids in people.values() for one in ids for end in ([one] if isinstance(one, str) else one)]
    by_pseudonym = given is None and all(end.startswith(MARK) for end in named)
    if people and ours != given and not by_pseudonym:
        raise UsageError(
            "The state does not name people as this list does: its pseudonyms are of another key, or it has none.",
            where="--withdrawn",
            hint="Give --pseudonymise as in the first batch, or name people by the pseudonyms that the state has.",
        )


def _print(changes: Changes, state: Path, out: Path | None) -> None:
    from breachpattern.cli.pages import print_issues, print_line, print_rows, print_text, said
    from breachpattern.output.summary import issues_summary

    print_rows(changes.rows, changes.sources, 0)
    for name, counts in changes.counts().items():
        print_line(f"[bold]{name.capitalize():<18}[/]", said(counts))
    if changes.withdrawn.get("rows"):
        print_line(f"[bold]{'Rows withdrawn':<18}[/]", said(changes.withdrawn["rows"]))
    for name, ids in changes.withdrawn.get("unknown", {}).items():
        print_line(f"[bold]{'Not there':<18}[/]", f"{len(ids):,} of {name}, for example {ids[0]}")
    told = list(changes.findings)
    # What another finding goes on from is told with that one.
    carried = {row["goes_on_from"] for row in told}
    told = [row for row in told if row["change"] != "withdrawn" or row["finding_id"] not in carried]
    for row in told[:SHOWN]:
        print_line(f"  [bold]{row['change']:<10}[/]", f"{_level(row):<13} {row['finding_id']}")
        print_text(row["headline_after"] or row["headline_before"], indent=4)
        if row["fields"]:
            since = f"goes on from {row['goes_on_from']}; " if row["goes_on_from"] else ""
            print_text(f"{since}what differs: {row['fields'].replace(';', ', ')}", indent=4)
    more = len(told) - SHOWN
    if more > 0:
        print_line(f"  … and {more:,} more" + ("" if out else "; --out writes them all"))
    print_issues(
        issues_summary(changes.issues), changes.issues.first(SHOWN), str(out / "issues") if out else "--out DIR"
    )
    print_line("\n[bold]State[/]", str(state))
    if out is not None:
        print_line("[bold]Files[/]", str(out))


def _level(row: Mapping[str, Any]) -> str:
    before, after = row["level_before"], row["level_after"]
    return f"{before} → {after}" if before and after and before != after else str(after or before)
