"""The command that tells why a finding was made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breachpattern.cli import DONE
from breachpattern.cli import options as opt

EPILOG = """\b
Examples:
  breachpattern explain run F-852a
  breachpattern explain run F-852a --json
\b
In:   the folder of a run, and the id of a finding or the start of it.
Out:  what happened when, what connects it, what speaks against it, what is missing, the law with its
      sources, and the rule that fired.
"""


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
