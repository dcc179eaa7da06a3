"""The model card: a transparency record filled from an assessment, with blanks that nobody can overlook."""

from __future__ import annotations

import math
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import pandas as pd

from breachpattern.errors import UsageError

if TYPE_CHECKING:
    from breachpattern.scoring.assessment.result import RankingAssessment

BLANK = "TO BE COMPLETED BY THE FORCE"
UNITS = {"dyad": "pairs of suspect and victim", "course": "candidate courses of conduct"}
FOR_THE_FORCE = (
    "website", "contact_email", "organisation", "team", "senior_responsible_owner", "third_party", "benefits",
    "previous_process", "alternatives", "process", "human_review", "scale", "training", "appeals", "architecture",
    "maintenance", "training_data", "labels", "data_quality", "impact_assessments", "recording_risks", "other_risks",
)  # fmt: skip


class ModelCard(str):
    """Markdown text that knows what is still blank.

    Attributes
    ----------
    blanks : tuple of str
        What only the force can say and has not said: names for ``model_card(…)``.
    """

    blanks: tuple[str, ...] = ()

    def write(self, path: str | Path) -> Path:
        """Write the card and return its path."""
        path = Path(path)
        path.write_text(self, encoding="utf-8", newline="\n")
        return path

    def _repr_markdown_(self) -> str:
        return str(self)


def model_card(found: RankingAssessment, filled: dict[str, str]) -> ModelCard:
    """Return the transparency record of an assessment.

    Parameters
    ----------
    found : RankingAssessment
    filled : dict of str to str
        What the force says, by the names of :data:`FOR_THE_FORCE`, and ``name``.

    Raises
    ------
    UsageError
        Where there is no such field.
    """
    unknown = sorted(set(filled) - {*FOR_THE_FORCE, "name"})
    if unknown:
        raise UsageError(
            f"The card has no field {', '.join(unknown)}.", hint=f"One of name, {', '.join(sorted(FOR_THE_FORCE))}."
        )
    said = {name: text for name, text in filled.items() if text.strip()}
    blanks = tuple(name for name in FOR_THE_FORCE if name not in said)
    fields = dict.fromkeys(blanks, f"**{BLANK}**") | {"name": "breachpattern"} | _from_run(found) | said
    template = files("breachpattern.scoring.assessment").joinpath("card.md").read_text("utf-8")
    card = ModelCard(Template(template).substitute(fields))
    card.blanks = blanks
    return card


def _from_run(found: RankingAssessment) -> dict[str, Any]:
    from breachpattern.scoring.assessment.result import words_of

    about, versions = found.about, found.about["versions"]
    differences = found.to_frame("differences").assign(measure=lambda t: t["measure"].map(words_of))
    differences["difference"] = _with_ends(differences, "difference")
    steady = found.to_frame("stability")
    means = steady.groupby("scorer", sort=False)[["overlap", "rank_biased_overlap"]].mean().round(2).reset_index()
    when = about["as_of"]
    return {
        "blank": BLANK,
        "version": versions["breachpattern"],
        "catalogue": versions["catalogue"],
        "patterns": versions["patterns"],
        "as_of": when[0] if len(when) == 1 else f"{len(when)} lists from {when[0]} to {when[-1]}",
        "capacity": about["capacity"],
        "scorers": "\n".join(f"* `{name}`: {told}" for name, told in about["scorers"].items()),
        "units_words": UNITS[about["unit"]],
        "lists": "one list" if len(when) == 1 else f"{len(when)} lists",
        "heading": f"{found.heading()}.",
        "measures": markdown(found.wide().rename_axis("measure").reset_index()),
        "differences": markdown(differences[["measure", "scorer", "beside", "difference"]]),
        "stability": markdown(means) if len(means) else "Not assessed: it takes analyses at several instants.",
        "calibration": _calibration(found),
        "pool": f"{about['pool']:,}",
        "people": f"{about['people']:,}",
        "pool_true": f"{about['pool_true']:,}",
        "unlabelled": f"{about['unlabelled']:,}",
        "fairness": _fairness(found),
    }


def _with_ends(table: pd.DataFrame, column: str) -> list[str]:
    ends = zip(table[column], table["low"], table["high"], strict=True)
    return [f"{value:+.3f} ({low:+.3f} to {high:+.3f})" for value, low, high in ends]


def _calibration(found: RankingAssessment) -> str:
    table = found.to_frame("calibration")
    if len(table) == 0:
        return "Nothing assessed gives probabilities: a place on a list is none and must not be read as one."
    shown = ["scorer", "predicted", "observed", "low", "high", "units"]
    return "How often it was true, by the probability that was given:\n\n" + markdown(table[shown].round(3))


def _fairness(found: RankingAssessment) -> str:
    if not found.groups:
        return f"**Not yet assessed by group. {BLANK}**"
    table = pd.concat(found.groups.values(), ignore_index=True)
    shown = table[["scorer", "role", "attribute", "group", "measure", "count", "value", "low", "high", "note"]]
    return markdown(shown.round(3))


def markdown(table: pd.DataFrame) -> str:
    r"""Return a table as Markdown; a cell that is not there is empty.

    Examples
    --------
    >>> print(markdown(pd.DataFrame({"who": ["a|b"], "n": [1.0]})))
    | who | n |
    |---|---|
    | a\|b | 1 |
    """
    lines = [list(table.columns), *table.itertuples(index=False)]
    rows = ["| " + " | ".join(_cell(value) for value in line) + " |" for line in lines]
    return "\n".join([rows[0], "|" + "---|" * len(table.columns), *rows[1:]])


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:g}"
    return str(value).replace("|", "\\|").replace("\n", " ")
