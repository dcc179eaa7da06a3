"""The commands of the compliance measures: the audit, and dip samples drawn from it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.cli.groups import Linking, Rules, Shield, Tables, check_decisions, grouped
from breachpattern.errors import InputError, UsageError

AUDIT = """\b
Examples:
  breachpattern audit incidents.csv --orders orders.csv
  breachpattern audit rms.csv --orders orders.csv --mapping rms.toml --out audit --as-of 2026-06-30
  breachpattern audit incidents.csv --orders orders.csv --actions actions.csv --out audit
  breachpattern audit incidents.csv --orders orders.csv --register sqlite:///register.db --narrative
  breachpattern audit incidents.csv --orders orders.csv --pseudonymise northmarch.key --out audit
\b
In:   incidents, orders and persons as for score. --actions: what police did about them, one row each, with the
      columns action (risk_assessment, protection_order_decision, arrest), at, and incident_id or suspect_id
      (and victim_id). --register: breaches that reviewers confirmed count as such, and what they found to be
      harassment only counts for nothing in M5; the patterns and options must be those of the run that they
      decided on. --narrative: the free text, for M17.
Out:  the measures in words; with --out a folder. To publish (small cells withheld, with whatever would give
      them away): measures_to_publish, run_charts_to_publish, summary_to_publish.json. For internal use:
      measures_internal (by month, force, district and kind of order), run_charts_internal, records_internal
      (every record counted, by reference), verdicts_internal (what a register changed),
      action_issues_internal (rows of --actions that could not be used), and summary.json with every definition.
\b
A measure that the extract cannot answer says which column is missing. Definitions: docs/reference/measures.md.
\n\n"""
DIP_SAMPLE = """\b
Examples:
  breachpattern dip-sample draw audit --measure M17.terms -o sheet.csv       5 % either way
  breachpattern dip-sample draw audit --measure M2.records --precision 10% --seed 7
  breachpattern dip-sample draw audit --measure M20 --among others           what may have been missed
  breachpattern dip-sample estimate sheet.csv                                when it comes back
\n\n"""

AMONG = {"counted": True, "others": False, "all": None}

dip_sample_app = typer.Typer(
    rich_markup_mode=None, epilog=DIP_SAMPLE, help="A random sample of records to read, and what the answers come to."
)


@grouped
def audit(
    incidents: opt.Incidents,
    tables: Tables,
    actions: Annotated[
        str | None, typer.Option("--actions", metavar="FILE", help="Risk assessments, decisions and arrests.")
    ] = None,
    register: Annotated[
        str | None,
        typer.Option(
            "--register", metavar="URL", help="Let verdicts of a register count, such as sqlite:///register.db."
        ),
    ] = None,
    narrative: Annotated[
        bool,
        typer.Option("--narrative", help="Read the free text for what it says of broken orders; none is written."),
    ] = False,
    as_of: opt.AsOf = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A folder for all tables.")] = None,
    format: opt.Format = "csv",
    under: Annotated[
        int, typer.Option("--withhold-under", metavar="N", min=2, help="Counts below N are not for publication.")
    ] = 5,
    *,
    rules: Rules,
    linking: Linking,
    max_rejected: opt.MaxRejected = "5%",
    shield: Shield,
    quiet: opt.Quiet = False,
) -> int:
    """Compute the compliance measures: how many breaches were dealt with alone."""
    from breachpattern.cli.console import Progress, telling_what_stands
    from breachpattern.cli.pages import print_issues, print_line, print_rows
    from breachpattern.cli.remarks import verdict

    allowed = opt.share(max_rejected)
    privacy = shield.privacy(linking=tables.persons is not None and linking.link != "off")
    check_decisions(privacy, linking)
    if narrative and shield.minimise:
        raise UsageError(
            "Free text is to be read, and nothing kept that scoring does not need.",
            where="--narrative",
            hint="Leave one of --narrative and --minimise out.",
        )
    with telling_what_stands(out):
        with Progress(quiet) as progress:
            from breachpattern.ingest import read_extract
            from breachpattern.output.folder import check_target
            from breachpattern.output.run import check_format
            from breachpattern.output.summary import issues_summary
            from breachpattern.review import measures

            check_format(format)
            if out is not None:
                check_target(out, holding="measures")
            analyser = linking.analyser(rules)
            extract = read_extract(
                **tables.reading(incidents), catalogue=analyser.catalogue, privacy=privacy, keep_narrative=narrative,
                on_progress=progress,
            )  # fmt: skip
            done = measures.read_actions(actions, privacy) if actions else None
            analysis = analyser.analyse(extract, as_of, on_progress=progress)
            found = measures.audit(analysis, actions=done, register=register, on_progress=progress)
            if out is not None:
                progress("writing", 0, None)
                found.write(out, format, under=under)
            shield.finish(privacy)
        if not quiet:
            told = found.to_dict()
            print_rows(told["rows"], told["inputs"], analysis.timelines.columns.not_yet_known)
            _print(found)
            print_issues(told["issues"], analysis.issues.first(5), "breachpattern check")
            if done is not None:
                where = str(out / "action_issues_internal") if out else "--out DIR"
                print_issues(issues_summary(done.issues), done.issues.first(5), where)
            if out is not None:
                print_line("\n[bold]Files[/]", str(out))
                print_line("[bold]To publish[/]", "what ends in _to_publish; all else is for internal use")
    return verdict(extract.rows, allowed, out)


def _print(found: Any) -> None:
    from breachpattern.cli.pages import print_line, print_text, said

    print_line("[bold]Measures[/]", f"as of {found.to_dict()['as_of']}; events before count for 365 days")
    title = ""
    for measure, heading, value in found.told():
        if heading != title:
            title = heading
            print_line(f"[bold]{measure:<13}[/]", title)
        print_text(value, indent=14)
    if (decided := found.provenance["register"]) is not None:
        changed = "what the register changed" if len(found.verdicts) else "the register changed no measure"
        print_line("\n[bold]Verdicts[/]", f"{said(decided)}; {changed}")
    for row in found.verdicts.to_dict("records"):
        now, before = (f"{row['numerator' + end]:,} of {row['denominator' + end]:,}" for end in ("", "_without"))
        print_line(f"[bold]{row['measure']:<13}[/]", f"{now}; without the verdicts {before}")
    signals = found.runs["signal"].astype(str)
    shifts = found.runs[signals.str.startswith("shift")].groupby("measure", sort=False).last().reset_index()
    if len(shifts):
        print_line("\n[bold]Run charts[/]", "months that chance alone seldom gives")
    for measure, signal, month in zip(shifts["measure"], shifts["signal"], shifts["month"], strict=True):
        print_line(f"[bold]{measure:<13}[/]", f"{signal} by month, up to {month}")


@dip_sample_app.command(epilog=DIP_SAMPLE)
def draw(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that audit wrote.")],
    measure: Annotated[str, typer.Option("--measure", metavar="ID", help="Whose records, such as M17.terms.")],
    output: Annotated[
        Path, typer.Option("-o", "--out", "--output", metavar="FILE", help="A new file for the sheet.")
    ] = Path("dip-sample.csv"),
    precision: Annotated[
        str, typer.Option("--precision", metavar="SHARE", help="Half the width of the interval, such as 5%.")
    ] = "5%",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="The same seed draws the same records.")] = 1,
    among: Annotated[
        str, typer.Option("--among", metavar="WHICH", help="counted, others (what may have been missed), or all.")
    ] = "counted",
) -> int:
    """Draw records of a measure to read, as a sheet to fill in."""
    from breachpattern.cli.pages import print_line
    from breachpattern.review import measures

    width = opt.share(precision, option="--precision")
    if among not in AMONG:
        raise UsageError(f"{among!r} is none of {', '.join(AMONG)}.", where="--among", hint="Leave it out for counted.")
    sheet = measures.dip_sample(_records(folder), measure, precision=width, seed=seed, met=AMONG[among])
    _write_sheet(sheet, output)
    print_line(f"{len(sheet):,} records to read are in {output}.", "Answer yes, no or unsure in each row.")
    print_line("Then:", f"breachpattern dip-sample estimate {output}")
    return DONE


@dip_sample_app.command(epilog=DIP_SAMPLE)
def estimate(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="The sheet with answers: yes, no, unsure.")],
) -> int:
    """Say what a filled-in sheet comes to."""
    from breachpattern.cli.pages import print_text
    from breachpattern.ingest.sources import read_source
    from breachpattern.review import measures

    print_text(str(measures.estimate(read_source(sheet, "sheet").data.to_pandas())))
    return DONE


def _records(folder: Path) -> Any:
    from breachpattern.ingest.sources import read_source

    for name in ("records_internal.csv", "records_internal.parquet", "records_internal.jsonl"):
        if (folder / name).exists():
            records = read_source(folder / name, "records").data.to_pandas()
            return records.assign(met=records["met"].astype(str).str.lower() == "true")
    raise InputError(
        "There are no records of an audit.",
        where=str(folder),
        hint="Give the folder that `breachpattern audit … --out DIR` wrote.",
    )


def _write_sheet(sheet: Any, path: Path) -> None:
    import pyarrow as pa

    from breachpattern.output.files import write_table
    from breachpattern.output.folder import write_new

    if path.suffix != ".csv":
        raise UsageError("A sheet is a CSV file.", where=f"-o {path}", hint="Name it sheet.csv.")
    table = pa.Table.from_pandas(sheet, preserve_index=False)
    write_new(path, lambda place: write_table(table, place.parent, place.stem, "csv"), holds="somebody's answers")
