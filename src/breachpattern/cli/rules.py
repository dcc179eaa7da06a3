"""The commands about the rules: the catalogue of law, and the patterns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from breachpattern.cli import DONE, FAILED
from breachpattern.cli import options as opt
from breachpattern.errors import PatternError, UsageError

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

law_app = typer.Typer(rich_markup_mode=None, help="The dated catalogue of law.")
patterns_app = typer.Typer(rich_markup_mode=None, help="The patterns: rules as data.")


def help_alone(context: typer.Context) -> None:
    """Print the help where no command is named."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


law_app.callback(invoke_without_command=True)(help_alone)
patterns_app.callback(invoke_without_command=True)(help_alone)


@law_app.command("show")
def law_show(
    entry: Annotated[str, typer.Argument(metavar="ID", help="An order kind, offence, provision, …")],
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day to ask about.")] = None,
    law: opt.Law = None,
) -> int:
    """Print an entry with its sources: law show non_molestation --on 2019-05-01."""
    from datetime import date

    from breachpattern.law import show

    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise UsageError(f"{on!r} is not a date.", where="--on", hint="Write it as 2019-05-01.") from None
    typer.echo(show(catalogue_of(law or []), entry, day))
    return DONE


@law_app.command("lint")
def law_lint(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Folders of your own; else the built-in."),
    ] = None,
) -> int:
    """Check ids, references, dates and age of the catalogue, and tell what your entries change; exit 1 where wrong."""
    from breachpattern.law import lint

    return _lint_report(lint(folders or []))


@patterns_app.command("list")
def patterns_list(patterns: opt.Patterns = None) -> int:
    """List the patterns: breachpattern patterns list --patterns my_pack."""
    from breachpattern.patterns import load_packs

    for pattern in load_packs(patterns or []):
        typer.echo(f"{pattern.id:<30} {pattern.status:<12} {pattern.title}")
    return DONE


@patterns_app.command("show")
def patterns_show(pattern_id: Annotated[str, typer.Argument(metavar="ID")], patterns: opt.Patterns = None) -> int:
    """Print a pattern: what it looks for, on what law, and where it is known to mislead."""
    from difflib import get_close_matches

    from breachpattern.cli.pages import print_pattern
    from breachpattern.patterns import load_packs

    known = {pattern.id: pattern for pattern in load_packs(patterns or [])}
    if pattern_id not in known:
        near = get_close_matches(pattern_id, known, n=3)
        hint = f"Near it: {', '.join(near)}." if near else "`breachpattern patterns list` names them all."
        raise PatternError(f"There is no pattern {pattern_id!r}.", hint=hint)
    print_pattern(known[pattern_id])
    return DONE


@patterns_app.command("lint")
def patterns_lint(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Packs of your own; else the core pack."),
    ] = None,
) -> int:
    """Check that patterns are well formed; exit 1 where something is wrong."""
    from breachpattern.patterns import lint_packs

    return _lint_report(lint_packs(folders or []))


@patterns_app.command("test")
def patterns_test(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[DIR]...", help="Packs of your own; else the core pack."),
    ] = None,
) -> int:
    """Run the examples that patterns carry; exit 1 where one does not say what it should."""
    from breachpattern.patterns import run_examples

    failed = 0
    for result in run_examples(folders or []):
        failed += not result.passed
        typer.echo(str(result))
    typer.echo(f"{failed} failed")
    return FAILED if failed else DONE


@patterns_app.command(
    "diff",
    epilog="""\b
Example: what does a weight do?
  breachpattern demo --out before
  (change points in src/breachpattern/patterns/rules.toml, or a pattern)
  breachpattern demo --out after
  breachpattern patterns diff before after
\n\n""",
)
def patterns_diff(
    before: Annotated[Path, typer.Argument(metavar="BEFORE", help="A run folder under the rules as they were.")],
    after: Annotated[
        Path, typer.Argument(metavar="AFTER", help="One of the same extract under the rules as they are.")
    ],
    first: Annotated[int, typer.Option("--first", metavar="N", min=1, help="How many to print.")] = 20,
) -> int:
    """Say what a change of rules did: findings that came, went, changed level, score or place."""
    from collections import Counter

    import pandas as pd

    from breachpattern.analysis.moves import moves
    from breachpattern.cli.console import say
    from breachpattern.cli.pages import print_line, print_text, said

    moved = moves(after, before)
    if _people(before) != _people(after):
        say("breachpattern: note: the runs call people otherwise (pseudonyms), so every finding seems to move.")
    elif _read_from(before) != _read_from(after):
        say("breachpattern: note: the runs were made of different inputs, so not every move comes from a rule.")
    if moved.empty:
        print_line("Nothing moved: every finding is as it was, and where it was.")
        return DONE
    print_line("[bold]Moved[/]", said(Counter(moved["change"].tolist())))
    for row in moved.head(first).to_dict("records"):
        was, now = (
            "none"
            if pd.isna(row[f"rank{end}"])
            else f"{row[f'level{end}']} {row[f'score{end}']:g}, rank {row[f'rank{end}']}"
            for end in ("_before", "")
        )
        print_line(f"  [bold]{row['change']:<10}[/]", f"{row['pattern']:<30} {was} → {now}")
        print_text(row["headline"], indent=4)
    if len(moved) > first:
        print_line(f"  … and {len(moved) - first:,} more; --first {len(moved)} prints them all")
    return DONE


def _read_from(folder: Path) -> dict[str, Any]:
    from breachpattern.output.folder import read_run

    return {table: source.get("sha256") for table, source in read_run(folder).get("inputs", {}).items()}


def _people(folder: Path) -> Any:
    from breachpattern.output.folder import read_run

    return read_run(folder).get("settings", {}).get("pseudonyms")


def _lint_report(problems: Any) -> int:
    for problem in problems:
        typer.echo(str(problem))
    severity = [getattr(problem, "severity", "error") for problem in problems]
    wrong, changed = severity.count("error"), severity.count("note")
    noted = f", {changed} laid over earlier entries" if changed else ""
    typer.echo(f"{wrong} wrong, {len(severity) - wrong - changed} doubtful{noted}")
    return FAILED if wrong else DONE


def catalogue_of(folders: list[Path]) -> Catalogue:
    """Return the built-in catalogue with folders laid over it."""
    from breachpattern.law import Catalogue

    return Catalogue.load(extra=folders)
