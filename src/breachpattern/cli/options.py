"""The options that several commands share, with their help, and how their values are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from breachpattern.errors import UsageError

Incidents = Annotated[
    str, typer.Argument(metavar="INCIDENTS", help="The incidents: a file, or a database URL with --query.")
]
Orders = Annotated[str | None, typer.Option("--orders", metavar="FILE", help="The orders.")]
Persons = Annotated[str | None, typer.Option("--persons", metavar="FILE", help="The nominal records.")]
Associations = Annotated[
    str | None, typer.Option("--associations", metavar="FILE", help="The known ties between people.")
]
MappingFile = Annotated[
    str | None,
    typer.Option("--mapping", metavar="FILE", help="How your columns and values become ours (see `map`)."),
]
Query = Annotated[
    str | None,
    typer.Option("--query", metavar="SQL", help="What to read where INCIDENTS is a URL."),
]
Law = Annotated[
    list[Path] | None,
    typer.Option("--law", metavar="DIR", help="A folder that adds to the catalogue of law. May be repeated."),
]
Patterns = Annotated[
    list[Path] | None,
    typer.Option("--patterns", metavar="DIR", help="A folder with patterns of your own. May be repeated."),
]
Filters = Annotated[
    list[Path] | None,
    typer.Option("--filters", metavar="FILE", help="Findings to suppress, with reasons. Repeatable."),
]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="WHEN", help="Answer as things were known then (now).")]
# Defaults are said in words: old versions of typer garble them.
Out = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="The folder to write (breachpattern-run).", show_default=False),
]
DemoOut = Annotated[
    Path,
    typer.Option("--out", metavar="DIR", help="The folder to write (breachpattern-demo).", show_default=False),
]
Format = Annotated[
    str, typer.Option("--format", metavar="csv|parquet|jsonl", help="Of the tables (csv).", show_default=False)
]
LinkMethod = Annotated[
    str,
    typer.Option(
        "--link",
        metavar="exact|probabilistic|off",
        help="How person records become people, where --persons is given (exact).",
        show_default=False,
    ),
]
LinkThreshold = Annotated[
    float | None,
    typer.Option("--link-threshold", metavar="P", help="Least probability of a doubtful link (0.95)."),
]
LinkDecisions = Annotated[
    Path | None,
    typer.Option(
        "--link-decisions", metavar="FILE", help="Decisions that two records are one person or two; they win."
    ),
]
LinkModel = Annotated[
    Path | None, typer.Option("--link-model", metavar="FILE", help="A linking model trained on your own records.")
]
MaxRejected = Annotated[
    str,
    typer.Option(
        "--max-rejected",
        metavar="SHARE",
        help="Exit with 3 where more rows of one table are rejected (5%).",
        show_default=False,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", help="Processes that score (each core one, for a large extract)."),
]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="What all of them may take together, such as 2GB (no bound)."),
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="local|spark",
        help="What does the work: this machine, or Spark (local).",
        show_default=False,
    ),
]
Master = Annotated[
    str | None,
    typer.Option("--master", metavar="URL", help="Where Spark runs, such as yarn or spark://host:7077 (local[*])."),
]
Pseudonymise = Annotated[
    Path | None,
    typer.Option(
        "--pseudonymise",
        metavar="KEYFILE",
        help="Pseudonyms under this key in the place of people (see new-key). Forces stay named, files do not.",
    ),
]
WayBack = Annotated[
    Path | None,
    typer.Option("--way-back", metavar="FILE", help="Write who each pseudonym is: a file to keep elsewhere."),
]
Minimise = Annotated[bool, typer.Option("--minimise", help="Keep nothing that scoring does not need.")]
SpecialCategory = Annotated[
    list[str] | None,
    typer.Option(
        "--special-category",
        metavar="COLUMN",
        help="A special-category column that rejected rows may show. Repeatable.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Say nothing but errors.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def share(text: str, option: str = "--max-rejected") -> float:
    """Return the share that a text such as ``5%`` or ``0.05`` means, between 0 and 1.

    Examples
    --------
    >>> share("5%"), share("0.05"), share("100 %")
    (0.05, 0.05, 1.0)
    """
    percent = text.strip().endswith("%")
    try:
        value = float(text.strip().rstrip("%")) / (100 if percent else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise UsageError(f"{text!r} is not a share of rows.", where=option, hint="Write it as 5% or as 0.05.")
    return value
