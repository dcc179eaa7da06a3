"""The command that writes the review pack of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt
from breachpattern.errors import UsageError

if TYPE_CHECKING:
    from breachpattern.report import Pack

EPILOG = """\b
Examples:
  breachpattern report run
  breachpattern report run --register sqlite:///register.db        with what people have decided
  breachpattern report run --marking "OFFICIAL" --limit 100
  breachpattern report audit                                       of an audit's folder: the page for a board
  breachpattern report run --pseudonymise pack.key --out shared    references replaced, to leave the force
\b
In:   the folder of a run; no extract is needed. The extra `report`: pip install 'breachpattern[report]'.
Out:  DIR/report.html, the page to open, and DIR/report: an index to search, sort and filter, and a page for each of
      the first findings to read and print on two sheets. Copy both together, or DIR/report alone. It opens from a
      file share without a network; nothing in it asks for anything, and it can be read with scripts switched off. A
      former pack is replaced, whole or not at all; everything else in DIR stays as it is.
\n\n"""

WithReport = Annotated[
    bool, typer.Option("--report", help="Also write the review pack: DIR/report.html, to open in a browser.")
]
Marking = Annotated[
    str,
    typer.Option(
        "--marking", metavar="TEXT", help="On every page, never blank (OFFICIAL-SENSITIVE).", show_default=False
    ),
]


def report(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder that `score`, `update --out` or `audit` wrote.")
    ],
    register: Annotated[
        str | None,
        typer.Option(
            "--register", metavar="URL", help="Show the decisions of a register, such as sqlite:///register.db."
        ),
    ] = None,
    marking: Marking = "OFFICIAL-SENSITIVE",
    limit: Annotated[
        int,
        typer.Option(
            "--limit", metavar="N", help="The most findings that get a page, in rank order (500).", show_default=False
        ),
    ] = 500,
    pseudonymise: Annotated[
        Path | None,
        typer.Option(
            "--pseudonymise", metavar="KEYFILE", help="Replace every reference by a hash under the key in this file."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A folder for the pack, instead of within the run.")
    ] = None,
    quiet: opt.Quiet = False,
) -> int:
    """Write the review pack: pages to read, sort and print, without a network."""
    from breachpattern.cli.console import Progress

    if limit < 1:
        raise UsageError("At least one finding needs a page.", where="--limit", hint="Leave it out for 500.")
    with Progress(quiet) as progress:
        from breachpattern.ingest.privacy import read_key
        from breachpattern.output.folder import as_written
        from breachpattern.report import write_pack
        from breachpattern.report.decisions import decisions_of

        key = None if pseudonymise is None else read_key(pseudonymise)
        decisions = {} if register is None else decisions_of(register, folder)
        with as_written(folder):
            pack = write_pack(
                folder, out=out, decisions=decisions, marking=marking, limit=limit, key=key, on_progress=progress
            )
    if not quiet:
        typer.echo(told(pack))
    return DONE


def told(pack: Pack) -> str:
    """Return in a line what was written and what to open."""
    if not pack.findings:
        return f"Page written. Open {pack.entry} in a browser."
    some = f" (of {pack.findings:,}; --limit gives more)" if pack.pages < pack.findings else ""
    return f"Review pack: {pack.pages:,} findings{some}. Open {pack.entry} in a browser."
