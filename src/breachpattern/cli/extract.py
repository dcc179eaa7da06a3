"""The commands about an extract before it is scored: what is wrong with it, how it is read, who is meant."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.cli.groups import Shield, Tables, grouped
from breachpattern.cli.rules import catalogue_of
from breachpattern.errors import OutputError, UsageError

CHECK = """\b
Examples:
  breachpattern check rms.csv --mapping rms.toml
  breachpattern check incidents.csv --orders orders.csv --out problems
  breachpattern check incidents.csv --pseudonymise northmarch.key --out problems     to show elsewhere
\b
In:   as for score.
Out:  a readable list; with --out a folder with issues.csv, the rejected rows and summary.json.
\n\n"""
MAP = """\b
Examples:
  breachpattern map rms.csv -o rms.toml
  breachpattern map court_orders.xlsx --table orders >> rms.toml       one file maps all tables
  breachpattern score rms.csv --orders court_orders.xlsx --mapping rms.toml --out run
\b
In:   a force's own extract of incidents, or with --table of orders, persons or associations.
Out:  a mapping file to read through and correct, and on stderr what could not be placed.
"""
NEW_KEY = """\b
Example:
  breachpattern new-key northmarch.key
  breachpattern score incidents.csv --orders orders.csv --pseudonymise northmarch.key --out run
\b
Keep it where the extracts are not. Who has it can try out who a pseudonym is; who loses it cannot compare runs.
"""


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
    from breachpattern.cli.console import Progress, telling_what_stands
    from breachpattern.cli.pages import print_check
    from breachpattern.cli.remarks import remark, remarks, verdict

    allowed = opt.share(max_rejected)
    privacy = shield.privacy(linking=True)
    with telling_what_stands(out):
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
            remark(remarks(extract))
    return verdict(extract.rows, allowed, out)


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
        write_new(out, lambda path: path.write_text(text, encoding="utf-8", newline="\n"), holds="somebody's work")
    else:
        typer.echo(suggestion.to_toml(), nl=False)
    say(suggestion.report(), wrap=False)
    return DONE


def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write, readable by you alone.")],
) -> int:
    """Make a key for pseudonyms."""
    from breachpattern.cli.pages import print_line
    from breachpattern.ingest.privacy import new_key as made

    print_line("A new key is in", str(made(file)))
    return DONE
