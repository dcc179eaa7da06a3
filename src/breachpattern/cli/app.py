"""The commands. Each loads what it needs when it runs, so that ``--help`` answers at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.cli.audit import AUDIT, audit, dip_sample_app
from breachpattern.cli.groups import Linking, Rules, Shield, Tables, check_decisions, grouped
from breachpattern.cli.report import EPILOG as REPORT
from breachpattern.cli.report import WithReport, report
from breachpattern.cli.report import told as pack_told
from breachpattern.cli.review import review_app
from breachpattern.cli.rules import catalogue_of, help_alone, law_app, patterns_app
from breachpattern.cli.update import EXAMPLES, update
from breachpattern.cli.verify import EPILOG as VERIFY
from breachpattern.cli.verify import verify
from breachpattern.cli.watch import EPILOG as WATCH
from breachpattern.cli.watch import watch
from breachpattern.errors import InputError, OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from breachpattern.ingest.privacy import Privacy

ENGINES = ("local", "spark")
SAMPLE_AS_OF = "2026-06-30"
CODES = {
    0: "done",
    1: "failed; one paragraph on stderr says what, where and what would work",
    2: "wrong usage",
    3: "more rows of a table rejected than --max-rejected (outputs are still written)",
    130: "interrupted; nothing is written",
}


def _exit_codes(**other: str | None) -> str:
    """Return the exit codes as help shows them; ``_130="…"`` says one otherwise, ``_3=None`` leaves it out."""
    told = CODES | {int(name[1:]): text for name, text in other.items()}
    lines = [f"  {code:<5}{text}" for code, text in told.items() if text]
    return "\n".join(["\b", "Exit codes:", *lines, ""])


EXIT_CODES = _exit_codes()
app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Puts every breach of a protective order back into its pattern: stalking, harassment, coercion.\n\n"
    "What goes in: extracts of incidents and orders as CSV, Excel, Parquet, JSON Lines or from a database. "
    "What comes out: a folder with breaches, candidate courses of conduct, ranked findings with their "
    "evidence and law, and every problem with the data. People decide.",
    epilog="""\b
First steps:
  breachpattern demo                                       sample data of an invented force
  breachpattern simulate --incidents 20000 --out force     as many invented records as you like, with the truth
  breachpattern map rms.csv -o rms.toml                    suggest a mapping for your extract
  breachpattern check rms.csv --mapping rms.toml           data problems only
  breachpattern score rms.csv --orders orders.csv --mapping rms.toml --out run
  breachpattern report run                                 pages to read, sort and print, without a network
  breachpattern explain run FINDING_ID                     why
  breachpattern review list run                            what is to be decided, and what was
\n\n"""
    + _exit_codes(_130="interrupted; nothing half-written stays"),
)
app.add_typer(law_app, name="law")
app.add_typer(patterns_app, name="patterns")
app.add_typer(dip_sample_app, name="dip-sample")
app.add_typer(review_app, name="review")


@app.callback(invoke_without_command=True)
def _start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error; with any command.")] = False,
) -> None:
    from breachpattern.cli.console import show_notes

    show_notes(debug)
    if version:
        from breachpattern import __version__

        typer.echo(f"breachpattern {__version__}")
        raise typer.Exit
    help_alone(context)


@app.command(
    epilog="""\b
Examples:
  breachpattern score incidents.csv --orders orders.csv --out run --report
  breachpattern score rms.xlsx --orders orders.csv --mapping rms.toml --as-of 2026-06-30
  breachpattern score "duckdb:///rms.duckdb" --query "select * from incidents" --orders orders.parquet
  breachpattern score incidents.csv --orders orders.csv --persons persons.csv --link probabilistic
  breachpattern score decade.parquet --orders orders.parquet --workers 4 --memory 8GB
  breachpattern score country.parquet --orders orders.parquet --engine spark --master "local[2]"
\b
In:   .csv .tsv .txt (or .csv.gz) .xlsx .parquet .jsonl, or a database URL with --query. A CSV with the canonical
      headers (breachpattern schema incident) needs no mapping.
Out:  a folder with breaches, courses, findings (and findings.jsonl: the whole story of each), issues,
      quarantined rows, and summary.json with counts that add up, versions and hashes of the inputs.
      It is written whole or not at all; a former run is replaced, anything else is left alone. With --report
      also a review pack to read, sort and print (see breachpattern report --help).
\n\n"""
    + EXIT_CODES
)
@grouped
def score(
    incidents: opt.Incidents,
    tables: Tables,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="WHEN", help="Answer as things were known then; a date is its end (now)."),
    ] = None,
    out: opt.Out = Path("breachpattern-run"),
    format: opt.Format = "csv",
    everything: Annotated[
        bool,
        typer.Option("--all", help="Also write orders considered that do not fit (not_breach)."),
    ] = False,
    *,
    rules: Rules,
    linking: Linking,
    max_rejected: opt.MaxRejected = "5%",
    workers: opt.Workers = None,
    memory: opt.Memory = None,
    engine: opt.Engine = "local",
    master: opt.Master = None,
    with_report: WithReport = False,
    shield: Shield,
    quiet: opt.Quiet = False,
) -> int:
    """Score an extract: breaches, courses, findings."""
    privacy = shield.privacy(linking=tables.persons is not None and linking.link != "off")
    spark = _master(engine, master, workers, memory)
    if spark is not None and privacy.shields:
        raise UsageError(
            "Spark neither pseudonymises nor minimises.", hint="Score on this machine: leave --engine out."
        )
    check_decisions(privacy, linking)
    code = _score(
        incidents, tables, rules, linking, as_of=as_of, out=out, format=format, everything=everything,
        max_rejected=max_rejected, quiet=quiet, workers=workers, memory=memory, spark=spark, privacy=privacy,
        with_report=with_report,
    )  # fmt: skip
    shield.finish(privacy)
    return code


def _master(engine: str, master: str | None, workers: int | None, memory: str | None) -> str | None:
    """Return where Spark runs, ``None`` where it is not asked for."""
    if engine not in ENGINES:
        raise UsageError(f"{engine!r} is no engine.", where="--engine", hint=f"Use one of: {', '.join(ENGINES)}.")
    if engine == "local":
        if master is not None:
            raise UsageError("A master is named, and Spark is not asked for.", hint="Add --engine spark.")
        return None
    if workers is not None or memory is not None:
        raise UsageError(
            "--workers and --memory are of this machine; Spark has its own.", hint="Leave them out, or --engine spark."
        )
    return master or "local[*]"


def _score(
    incidents: str,
    tables: Tables,
    rules: Rules,
    linking: Linking,
    *,
    as_of: str | None,
    out: Path,
    format: str,
    everything: bool,
    max_rejected: str,
    quiet: bool,
    workers: int | None = None,
    memory: str | None = None,
    spark: str | None = None,
    with_report: bool = False,
    privacy: Privacy | None = None,
) -> int:
    from breachpattern.cli.console import Progress
    from breachpattern.cli.pages import print_summary
    from breachpattern.cli.remarks import remarks, remarks_on_time, verdict

    allowed = opt.share(max_rejected)
    pack = None
    with Progress(quiet) as progress:
        if with_report:
            # What is missing is said before hours of work, not after.
            from breachpattern.report.pack import check_installed, write_pack

            check_installed()
        analyser = linking.analyser(rules)
        told = {"mapping": tables.mapping, "query": tables.query, "max_rejected": max_rejected,
                "law": [str(path) for path in rules.law or []]}  # fmt: skip
        run: Any
        if spark is not None:
            from breachpattern.spark.files import score_files

            run = score_files(
                tables.sources(incidents), analyser=analyser, master=spark, out=out, as_of=as_of,
                mapping=tables.mapping, query=tables.query, format=format, include_not_breach=everything,
                settings=told, on_progress=progress,
            )  # fmt: skip
        else:
            run = analyser.score(
                **tables.reading(incidents), out=out, as_of=as_of, format=format, include_not_breach=everything,
                workers=workers, memory=memory, privacy=privacy, settings=told, on_progress=progress,
            )  # fmt: skip
        if with_report:
            pack = write_pack(out, on_progress=progress)
    if not quiet:
        print_summary(run.summary, run.top, run.issues.first(5), out)
        if pack is not None:
            typer.echo(f"\n{pack_told(pack)}")
        _remark([*remarks(run), *remarks_on_time(run, as_of)])
    return verdict(run.rows, allowed, out)


app.command(epilog=VERIFY)(verify)
app.command(epilog=AUDIT + EXIT_CODES)(audit)
app.command(
    epilog=EXAMPLES
    + _exit_codes(
        _3="more rows of a table rejected than --max-rejected (state and outputs are still written)",
        _130="interrupted; the state is whole, before or after. With --out, stderr says whether that is written",
    )
)(update)


@app.command(
    epilog="""\b
Examples:
  breachpattern check rms.csv --mapping rms.toml
  breachpattern check incidents.csv --orders orders.csv --out problems
  breachpattern check incidents.csv --pseudonymise northmarch.key --out problems     to show elsewhere
\b
In:   as for score.
Out:  a readable list; with --out a folder with issues.csv, the rejected rows and summary.json.
\n\n"""
    + EXIT_CODES
)
@grouped
def check(
    incidents: opt.Incidents,
    tables: Tables,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A folder for issues and rejected rows.")
    ] = None,
    law: opt.Law = None,
    max_rejected: opt.MaxRejected = "5%",
    *,
    shield: Shield,
    quiet: opt.Quiet = False,
) -> int:
    """List what is wrong with an extract, score nothing."""
    from breachpattern.cli.console import Progress
    from breachpattern.cli.pages import print_check
    from breachpattern.cli.remarks import remarks, verdict

    allowed = opt.share(max_rejected)
    privacy = shield.privacy(linking=True)
    with Progress(quiet) as progress:
        from breachpattern.ingest import read_extract
        from breachpattern.output.folder import check_target
        from breachpattern.output.run import write_run
        from breachpattern.output.summary import extract_summary
        from breachpattern.output.tables import extract_tables

        if out:
            check_target(out)
        extract = read_extract(
            **tables.reading(incidents), catalogue=catalogue_of(law or []), privacy=privacy, on_progress=progress
        )
        summary = extract_summary(extract)
        if out:
            write_run(out, extract_tables(extract), summary)
        shield.finish(privacy)
    if not quiet:
        print_check(summary, extract.issues.first(40), out)
        _remark(remarks(extract))
    return verdict(extract.rows, allowed, out)


@app.command(
    name="new-key",
    epilog="""\b
Example:
  breachpattern new-key northmarch.key
  breachpattern score incidents.csv --orders orders.csv --pseudonymise northmarch.key --out run
\b
Keep it where the extracts are not. Who has it can try out who a pseudonym is; who loses it cannot compare runs.
""",
)
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, readable by you alone.")],
) -> int:
    """Make a key for pseudonyms."""
    from breachpattern.cli.pages import print_line
    from breachpattern.ingest.privacy import new_key as made

    print_line("A new key is in", str(made(file)))
    return DONE


@app.command(
    name="map",
    epilog="""\b
Examples:
  breachpattern map rms.csv -o rms.toml
  breachpattern map court_orders.xlsx --table orders >> rms.toml       one file maps all tables
  breachpattern score rms.csv --orders court_orders.xlsx --mapping rms.toml --out run
\b
In:   a force's own extract of incidents, or with --table of orders, persons or associations.
Out:  a mapping file to read through and correct, and on stderr what could not be placed.
""",
)
def map_(
    extract: Annotated[str, typer.Argument(metavar="EXTRACT", help="A file of your own.")],
    table: Annotated[
        str, typer.Option("--table", metavar="NAME", help="incidents, orders, persons or associations.")
    ] = "incidents",
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="FILE", help="The file to write; else stdout."),
    ] = None,
) -> int:
    """Suggest a mapping for your own extract."""
    from breachpattern.cli.console import say
    from breachpattern.ingest import suggest_mapping
    from breachpattern.output.folder import write_new
    from breachpattern.records import MODELS

    if out and out.exists():
        raise OutputError(
            "The file exists, and may hold somebody's work.",
            where=str(out),
            hint="Name another file, or delete this one.",
        )
    if table not in MODELS:
        raise UsageError(f"There is no table {table!r}.", where="--table", hint=f"One of {', '.join(MODELS)}.")
    suggestion = suggest_mapping(extract, table)
    if out:
        text = suggestion.to_toml()
        write_new(out, lambda path: path.write_text(text, encoding="utf-8"), holds="somebody's work")
    else:
        typer.echo(suggestion.to_toml(), nl=False)
    say(suggestion.report(), wrap=False)
    return DONE


@app.command(
    epilog="""\b
Examples:
  breachpattern explain run F-852a
  breachpattern explain run F-852a --json
\b
In:   the folder of a run, and the id of a finding or the start of it.
Out:  what happened when, what connects it, what speaks against it, what is missing, the law with its
      sources, and the rule that fired.
"""
)
def explain(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that `score` wrote.")],
    finding_id: Annotated[str, typer.Argument(metavar="FINDING_ID", help="The id, or the start of it.")],
    as_json: opt.AsJson = False,
) -> int:
    """Tell why a finding was made, and what speaks against it."""
    from breachpattern.cli.pages import print_story
    from breachpattern.explain import explain as explain_record
    from breachpattern.output.folder import as_written, find_record, read_scored

    summary = read_scored(folder)
    record = find_record(folder, finding_id)
    with as_written(folder):
        story = explain_record(record, summary.get("provisions", {}))
        if as_json:
            typer.echo(story.to_json())
        else:
            print_story(story)
    return DONE


app.command(epilog=REPORT + _exit_codes(_3=None))(report)


@app.command(
    epilog="""\b
Examples:
  breachpattern schema                list the tables
  breachpattern schema incident       JSON Schema of a row of incidents
  breachpattern schema outputs        JSON Schema of the output tables
  breachpattern schema issues         the codes of data problems
"""
)
def schema(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="[TABLE]", help="incident, order, person, association, outputs, issues, assess or watch."
        ),
    ] = None,
) -> int:
    """Print JSON Schemas and the codes of data problems."""
    name = (table or "").lower()
    if not name:
        typer.echo("\n".join(SCHEMAS))
        return DONE
    singular = next((key for key in SCHEMAS if name in (key, f"{key}s")), None)
    if singular is None:
        raise UsageError(f"There is no table {table!r}.", hint=f"Tables: {', '.join(SCHEMAS)}.")
    typer.echo(json.dumps(SCHEMAS[singular](singular), indent=2, ensure_ascii=False, default=str))
    return DONE


app.command(
    epilog=WATCH
    + _exit_codes(_0="the input ended, or SIGTERM or Ctrl-C came, and what was kept is saved", _3=None, _130=None)
)(watch)


def _input_schema(table: str) -> Any:
    from breachpattern.records import json_schema

    return json_schema(table)


def _output_schema(_table: str) -> Any:
    from breachpattern.output.schema import json_schema

    return json_schema()


def _case_schema(name: str) -> Any:
    from breachpattern.cases.schema import answer_schema, watch_schema

    return answer_schema() if name == "assess" else watch_schema()


def _issue_codes(_table: str) -> Any:
    from breachpattern.ingest import ISSUE_CODES

    return {
        code: {"severity": entry.severity, "meaning": entry.meaning, "hint": entry.hint}
        for code, entry in ISSUE_CODES.items()
    }


SCHEMAS: dict[str, Callable[[str], Any]] = {
    "incident": _input_schema,
    "order": _input_schema,
    "person": _input_schema,
    "association": _input_schema,
    "outputs": _output_schema,
    "issues": _issue_codes,
    "assess": _case_schema,
    "watch": _case_schema,
}


@app.command(
    epilog="""\b
Examples:
  breachpattern demo
  breachpattern demo --out look --report
"""
)
def demo(
    out: opt.DemoOut = Path("breachpattern-demo"),
    with_report: WithReport = False,
    quiet: opt.Quiet = False,
) -> int:
    """Score the sample data and say where to look."""
    folder = sample_data()
    incidents, *others = (str(folder / f"{name}.csv") for name in ("incidents", "orders", "persons", "associations"))
    return _score(
        incidents, Tables(*others), Rules(), Linking(), as_of=SAMPLE_AS_OF, out=out, format="csv", everything=False,
        max_rejected="100%", quiet=quiet, with_report=with_report,
    )  # fmt: skip


@app.command(
    epilog="""\b
Examples:
  breachpattern simulate --incidents 20000 --seed 1 --out force
  breachpattern simulate --incidents 200000 --seed 2 --out town --quiet-town
  breachpattern score force/incidents.csv --orders force/orders.csv --persons force/persons.csv --out run
\b
In:   nothing. Everybody and everything is invented.
Out:  a folder with incidents, orders, persons and associations in the canonical columns, a README, and truth/:
      which incident belongs to which campaign, which broke which order, who is who. Keep truth/ away from whatever
      is to be tested. It is written whole or not at all; a former simulation is replaced, anything else is left
      alone. The same numbers give the same bytes.
\n\n"""
    + _exit_codes(_3=None)
)
def simulate(
    incidents: Annotated[
        int,
        typer.Option("--incidents", metavar="N", help="How many incidents, at least 100. A million take 15 s."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder to write.")],
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed gives the same force (0).", show_default=False)
    ] = 0,
    quiet_town: Annotated[
        bool,
        typer.Option(
            "--quiet-town", help="No campaigns at all: everyday life, and orders that are obeyed or broken once."
        ),
    ] = False,
    format: opt.Format = "csv",
    quiet: opt.Quiet = False,
) -> int:
    """Make up a fictional force with known truth."""
    from breachpattern.cli.console import Progress
    from breachpattern.output.folder import check_target
    from breachpattern.output.run import check_format

    check_format(format)
    with Progress(quiet) as progress:
        from breachpattern.simulation import simulate as make_up
        from breachpattern.simulation.force import ABOUT

        check_target(out, ABOUT)
        progress("simulating", 0, None)
        force = make_up(incidents, seed, quiet_town=quiet_town)
        progress("writing", 0, None)
        force.write(out, format)
    if not quiet:
        rows = ", ".join(f"{table.num_rows:,} {name}" for name, table in force.tables().items())
        typer.echo(f"Written to {out}: {rows}, all of them invented; what truly happened stands in {out / 'truth'}.")
    return DONE


def sample_data() -> Path:
    """Return the folder of the sample data: within the installed package, or beside the source tree."""
    package = Path(__file__).parents[1]
    for folder in (package / "_sample_data", package.parents[1] / "sample_data"):
        if (folder / "incidents.csv").is_file():
            return folder
    raise InputError("The sample data are not installed.", hint="Install breachpattern again.")


def _remark(texts: Iterable[str]) -> None:
    from breachpattern.cli.console import say

    for text in texts:
        say(f"breachpattern: note: {text}")
