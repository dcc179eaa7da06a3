"""The commands that score: an extract, and the sample data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import options as opt
from breachpattern.cli.groups import Linking, Rules, Shield, Tables, check_decisions, grouped
from breachpattern.cli.report import WithReport
from breachpattern.cli.report import told as pack_told
from breachpattern.errors import InputError, UsageError

if TYPE_CHECKING:
    from breachpattern.ingest.privacy import Privacy

ENGINES = ("local", "spark")
SAMPLE_AS_OF = "2026-06-30"
SCORE = """\b
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
DEMO = """\b
Examples:
  breachpattern demo
  breachpattern demo --out look --report
"""


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
    if spark is not None and (privacy.shields or privacy.special_categories):
        raise UsageError(
            "Spark neither pseudonymises nor minimises, and keeps no special-category column.",
            hint="Score on this machine: leave --engine out.",
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
    from breachpattern.cli.console import Progress, telling_what_stands
    from breachpattern.cli.pages import print_summary
    from breachpattern.cli.remarks import remark, remarks, remarks_on_time, verdict

    allowed = opt.share(max_rejected)
    pack = None
    with telling_what_stands(out, "its review pack" if with_report else ""):
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
            remark([*remarks(run), *remarks_on_time(run, as_of)])
    return verdict(run.rows, allowed, out)


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


def sample_data() -> Path:
    """Return the folder of the sample data: within the installed package, or beside the source tree."""
    package = Path(__file__).parents[1]
    for folder in (package / "_sample_data", package.parents[1] / "sample_data"):
        if (folder / "incidents.csv").is_file():
            return folder
    raise InputError("The sample data are not installed.", hint="Install breachpattern again.")
