"""The command that makes a run again and says whether it is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breachpattern.cli import DONE, FAILED
from breachpattern.cli import options as opt

EPILOG = """\b
Examples:
  breachpattern verify run                         the inputs are where you are
  breachpattern verify run --inputs extracts/2026-06
\b
In:   a folder that score wrote, and the files that it was made of. Their hashes stand in its summary.json.
Out:  whether it can be made again here, and whether every file comes out the same, byte for byte. Nothing is written.
\b
Exit codes:
  0    reproduced: every file is the same
  1    not reproduced: a file differs, or an input is gone or other than it was
  2    wrong usage
  130  interrupted
\n\n"""


def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that score wrote.")],
    inputs: Annotated[
        Path, typer.Option("--inputs", metavar="DIR", help="The folder of the input files.", show_default=False)
    ] = Path("."),
    pseudonymise: opt.Pseudonymise = None,
    quiet: opt.Quiet = False,
) -> int:
    """Make a run again from its inputs, and say whether it is the same."""
    from breachpattern.cli.console import Progress, say
    from breachpattern.cli.pages import print_line

    with Progress(quiet) as progress:
        from breachpattern.analysis.verification import SAME
        from breachpattern.analysis.verification import verify as verified
        from breachpattern.ingest.privacy import read_key
        from breachpattern.output.folder import as_written

        key = read_key(pseudonymise) if pseudonymise is not None else None
        with as_written(folder):
            found = verified(folder, inputs, key=key, on_progress=progress)
    others = [f"{name} {said}" for name, said in found.files.items() if said != SAME]
    versions = "; ".join(f"{name} was {then}, is {now}" for name, (then, now) in found.versions.items())
    if not found.reproduced:
        why = " ".join(found.obstacles) or f"{'; '.join(others)}."
        if any(one.startswith("There is no ") for one in found.obstacles):
            why += " Name the folder that holds the input files with --inputs."
        say(f"breachpattern: {folder} is not reproduced: {why}" + (f" Versions: {versions}." if versions else ""))
        return FAILED
    if not quiet:
        print_line(f"{folder} is reproduced: {len(found.files)} files are the same, byte for byte.")
        if versions:
            print_line("With other versions:", versions)
    return DONE
