"""The command line as a whole: which commands there are. Each loads what it needs when it runs, so help is quick."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

import typer

from breachpattern.cli import audit, explain, extract, report, schema, score, simulate, update, verify, watch
from breachpattern.cli.exit_codes import EXIT_CODES, exit_codes
from breachpattern.cli.review import review_app
from breachpattern.cli.rules import help_alone, law_app, patterns_app
from breachpattern.cli.usage import in_words

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
    + exit_codes(_130="interrupted; nothing half-written stays"),
)
audit.dip_sample_app.callback(invoke_without_command=True)(help_alone)
app.add_typer(law_app, name="law")
app.add_typer(patterns_app, name="patterns")
app.add_typer(audit.dip_sample_app, name="dip-sample")
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


app.command(epilog=score.SCORE + EXIT_CODES)(score.score)
app.command(epilog=verify.EPILOG)(verify.verify)
app.command(epilog=audit.AUDIT + EXIT_CODES)(audit.audit)
app.command(
    epilog=update.EXAMPLES
    + exit_codes(
        _3="more rows of a table rejected than --max-rejected (state and outputs are still written)",
        _130="interrupted; the state is whole, before or after. With --out, stderr says whether that is written",
    )
)(update.update)
app.command(epilog=extract.CHECK + EXIT_CODES)(extract.check)
app.command(name="new-key", epilog=extract.NEW_KEY)(extract.new_key)
app.command(name="map", epilog=extract.MAP)(extract.map_)
app.command(epilog=explain.EPILOG)(explain.explain)
app.command(epilog=report.EPILOG + exit_codes(_3=None))(report.report)
app.command(epilog=schema.EPILOG)(schema.schema)
app.command(
    epilog=watch.EPILOG
    + exit_codes(_0="input ended, or SIGTERM, SIGHUP or Ctrl-C came, and what was kept is saved", _3=None, _130=None)
)(watch.watch)
app.command(epilog=score.DEMO)(score.demo)
app.command(epilog=simulate.EPILOG + exit_codes(_3=None))(simulate.simulate)
in_words(app)


@cache
def command() -> Any:
    """Return the command with all its options, which takes longer to make than many commands take to run."""
    return typer.main.get_command(app)
