"""The command that makes up a fictional force."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt

EPILOG = """\b
Examples:
  breachpattern simulate --incidents 20000 --seed 1 --out force
  breachpattern simulate --incidents 200000 --seed 2 --out town --quiet-town
  breachpattern simulate --incidents 600 --since 2023-01-01 --until 2026-06-30 --stories mine.toml --out told
  breachpattern score force/incidents.csv --orders force/orders.csv --persons force/persons.csv --out run
\b
In:   nothing, or a file of told stories: campaigns written down record by record, which stand among the drawn
      ones and count as incidents. Everybody and everything is invented.
Out:  a folder with incidents, orders, persons and associations in the canonical columns, a README, and truth/:
      which incident belongs to which campaign, which broke which order, who is who. Keep truth/ away from whatever
      is to be tested. It is written whole or not at all; a former simulation is replaced, anything else is left
      alone. The same numbers give the same bytes.
\n\n"""


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
    since: Annotated[
        str | None, typer.Option("--since", metavar="DAY", help="The first day (2016-01-01).", show_default=False)
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="The last day (2025-12-31).", show_default=False)
    ] = None,
    stories: Annotated[
        Path | None,
        typer.Option("--stories", metavar="FILE", help="Told stories, which stand among the drawn ones."),
    ] = None,
    format: opt.Format = "csv",
    quiet: opt.Quiet = False,
) -> int:
    """Make up a fictional force with known truth."""
    from breachpattern.cli.console import Progress, telling_what_stands
    from breachpattern.output.folder import check_target
    from breachpattern.output.run import check_format

    check_format(format)
    with telling_what_stands(out):
        with Progress(quiet) as progress:
            from breachpattern.simulation import simulate as make_up
            from breachpattern.simulation.force import ABOUT

            check_target(out, ABOUT)
            progress("simulating", 0, None)
            force = make_up(incidents, seed, quiet_town=quiet_town, since=since, until=until, stories=stories)
            progress("writing", 0, None)
            force.write(out, format)
        if not quiet:
            rows = ", ".join(f"{table.num_rows:,} {name}" for name, table in force.tables().items())
            typer.echo(
                f"Written to {out}: {rows}, all of them invented; what truly happened stands in {out / 'truth'}."
            )
    return DONE
