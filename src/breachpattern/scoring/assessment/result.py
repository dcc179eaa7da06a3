"""The result: an assessment that prints itself, in tables, charts and a model card."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.scoring.assessment.fairness import NOT_KNOWN, fairness_by_group

if TYPE_CHECKING:
    from breachpattern.scoring.assessment.card import ModelCard

WORDS = {
    "average_precision": "average precision",
    "worklist_precision": "precision of the worklists",
    "worklist_recall": "recall of the worklists",
    "brier": "Brier score (less is better)",
}


@dataclass(frozen=True)
class RankingAssessment:
    """How well scorers order units, side by side.

    Attributes
    ----------
    about : dict
        What was assessed and how: instants, unit, capacity, how many units and how many true, seed, versions.
    tables : dict of str to pandas.DataFrame
        ``measures``, ``differences``, ``capacity``, ``worklists``, ``stability``, ``calibration``, ``decisions``,
        ``shown`` (which unit stood where on which list: ids, so for those who may see them).
    pool : pandas.DataFrame
        The units with what is true of them and who showed them.
    groups : dict of str to pandas.DataFrame
        What :meth:`fairness` found, by role.
    """

    about: dict[str, Any]
    tables: dict[str, pd.DataFrame]
    pool: pd.DataFrame
    groups: dict[str, pd.DataFrame] = field(default_factory=dict)

    def to_frame(self, table: str = "measures") -> pd.DataFrame:
        """Return one of the tables as pandas.

        Raises
        ------
        UsageError
            Where there is no such table.
        """
        known = self.tables | {f"fairness_{role}": frame for role, frame in self.groups.items()}
        if table not in known:
            raise UsageError(f"There is no table {table!r}.", hint=f"One of {', '.join(known)}.")
        return known[table].copy()

    def wide(self) -> pd.DataFrame:
        """Return the measures as people read them: one row for each measure, one column for each scorer."""
        table = self.tables["measures"]
        ends = zip(table["value"], table["low"], table["high"], strict=True)
        cell = [f"{value:.3f} ({low:.3f} to {high:.3f})" for value, low, high in ends]
        shown = table.assign(cell=cell).set_index(["measure", "scorer"])["cell"].unstack()  # noqa: PD010 - text
        shown = shown.reindex(index=table["measure"].unique(), columns=table["scorer"].unique()).fillna("")
        shown.index = [words_of(measure) for measure in shown.index]
        return shown.rename_axis(index=None, columns=None)

    def heading(self) -> str:
        """Return what was assessed in one sentence."""
        a = self.about
        when = (
            a["as_of"][-1] if len(a["as_of"]) == 1 else f"{len(a['as_of'])} lists, {a['as_of'][0]} to {a['as_of'][-1]}"
        )
        lacking = f"; {a['unlabelled']:,} without a label take no part" if a["unlabelled"] else ""
        return (
            f"{a['units']:,} active {'dyads' if a['unit'] == 'dyad' else 'courses'} ({a['true']:,} true) at the end; "
            f"{when}; {a['capacity']} looked at from a list; 95 % intervals by people{lacking}"
        )

    def __repr__(self) -> str:
        with pd.option_context("display.width", 250, "display.max_columns", 20):
            return f"Assessment: {self.heading()}\n{self.wide().to_string()}"

    def _repr_html_(self) -> str:
        return f"<p><strong>Assessment:</strong> {html.escape(self.heading())}</p>{self.wide().to_html(border=0)}"

    def plot(self, chart: str = "capacity") -> Any:
        """Return an altair chart of one of the tables.

        Parameters
        ----------
        chart : {"capacity", "measures", "worklists", "stability", "calibration", "decisions", "fairness"}

        Raises
        ------
        UsageError
            Where there is no such chart, or nothing to draw.
        MissingDependency
            Where altair is not installed; the message holds the install line.
        """
        from breachpattern.scoring.assessment.charts import CHARTS

        if chart not in CHARTS:
            raise UsageError(f"There is no chart {chart!r}.", hint=f"One of {', '.join(CHARTS)}.")
        table = pd.concat(self.groups.values()) if chart == "fairness" and self.groups else self.tables.get(chart)
        if table is None or len(table) == 0:
            raise UsageError(
                f"There is nothing to draw for {chart!r}.", hint=_LACKING.get(chart, "Look at the tables.")
            )
        return CHARTS[chart](table)

    def fairness(
        self, attributes: pd.DataFrame, *, scorer: str | None = None, role: str = "suspect", **limits: int
    ) -> pd.DataFrame:
        """Return how the lists of a scorer treat groups of people; it also goes into the model card, under its name.

        Parameters
        ----------
        attributes : pandas.DataFrame
            By ``person_id``, one column for each attribute (see :func:`attributes_of`). Joined here, for totals only.
        scorer : str, optional
            The first by default.
        role : {"suspect", "victim"}, default "suspect"
            Whose attributes.
        **limits : int
            ``minimum`` and ``smallest_cell`` of :func:`fairness_by_group`.
        """
        names = list(self.about["scorers"])
        scorer = names[0] if scorer is None else scorer
        if scorer not in names or role not in {"suspect", "victim"}:
            raise UsageError(
                f"There is no scorer {scorer!r} or no role {role!r}.", hint=f"Scorers: {', '.join(names)}."
            )
        joined = attributes.reindex(self.pool[f"{role}_id"]).fillna(NOT_KNOWN)
        parts = [
            fairness_by_group(self.pool["true"], self.pool[f"shown_by_{scorer}"], joined[column], **limits)
            for column in joined
        ]
        found = pd.concat(parts, ignore_index=True)
        found.insert(0, "role", role)
        found.insert(0, "scorer", scorer)
        before = [told for of, told in self.groups.get(role, found).groupby("scorer") if of != scorer]
        self.groups[role] = pd.concat([*before, found], ignore_index=True)
        return found

    def model_card(self, **filled: str) -> ModelCard:
        """Return a transparency record filled from this assessment; what only the force can say is visibly blank.

        Parameters
        ----------
        **filled : str
            What the force says; ``model_card().blanks`` lists the names.
        """
        from breachpattern.scoring.assessment.card import model_card

        return model_card(self, filled)


_LACKING = {
    "stability": "It takes analyses at several instants.",
    "calibration": "It takes a scorer that gives probabilities.",
    "decisions": "It takes a scorer that gives probabilities.",
    "fairness": "Ask for fairness(attributes) first.",
}


def words_of(measure: str) -> str:
    """Return a measure in words.

    Examples
    --------
    >>> words_of("precision_at_30")
    'precision at 30'
    """
    return WORDS.get(measure, measure.replace("_", " "))
