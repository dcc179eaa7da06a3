"""The whole audit: every measure with its numerator, denominator, interval, divisions, run chart and record list."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.output.run import write_run
from breachpattern.output.summary import iso, versions_of
from breachpattern.review.measures import ledgers
from breachpattern.review.measures.actions import Actions
from breachpattern.review.measures.definitions import Definition, definitions
from breachpattern.review.measures.facts import Facts
from breachpattern.review.measures.ledger import COLUMNS, MEASURES
from breachpattern.review.measures.rates import SMALL, WITHHELD, rates, withheld
from breachpattern.review.measures.run_charts import run_chart

if TYPE_CHECKING:
    from breachpattern.analysis import Analysis
    from breachpattern.ingest import Issues

_ = ledgers  # importing them registers the measures
LOOK_BACK_DAYS = 365


@dataclass(frozen=True)
class Audit:
    """The compliance measures of an analysis.

    Attributes
    ----------
    measures : pandas.DataFrame
        One row for each measure, division and part: ``measure, name, title, by, of, category, numerator, denominator,
        share, low, high, days, days_low, days_high, status, missing``. ``status`` is ``computed`` or ``not computed``;
        ``missing`` then says what the extract does not hold.
    records : pandas.DataFrame
        One row for each item that a measure counts: ``measure``, ``met``, references and divisions.
    runs : pandas.DataFrame
        The run charts of shares by month: see :func:`~breachpattern.review.measures.run_charts.run_chart`.
    as_of : int
        The last second, in seconds UTC, of which anything was known.
    provenance : dict
        Versions, hashes of the inputs and counts of the actions.
    action_issues : Issues
        Rows of the table of actions that could not be used.
    """

    measures: pd.DataFrame
    records: pd.DataFrame
    runs: pd.DataFrame
    as_of: int
    provenance: Mapping[str, Any]
    action_issues: Issues

    def __getitem__(self, name: str) -> pd.Series:
        """Return the overall row of a measure, by name or id."""
        found = self.whole[(self.whole["name"] == name) | (self.whole["measure"] == name)]
        if found.empty:
            known = ", ".join(definition.name for definition in definitions().values())
            raise UsageError(f"There is no measure {name!r}.", hint=f"Measures: {known}.")
        return found.iloc[0]

    @property
    def _as_of(self) -> str:
        return iso(datetime.fromtimestamp(self.as_of, UTC))

    @property
    def whole(self) -> pd.DataFrame:
        """The measures over everything, undivided."""
        return self.measures[self.measures["by"] == "all"]

    def publishable(self, under: int = SMALL) -> pd.DataFrame:
        """Return the measures with small cells withheld (see :func:`~breachpattern.review.measures.rates.withheld`)."""
        return withheld(self.measures, under)

    def plot(self, name: str = "dealt_with_alone") -> Any:
        """Return the run chart of a measure as an Altair chart.

        Raises
        ------
        UsageError
            Where there is no such measure, or it has no months.
        MissingDependency
            Where altair is not installed.
        """
        from breachpattern.output.charts import run_chart as drawn

        key = self[name]["measure"]
        rows = self.runs[self.runs["measure"] == key]
        if rows.empty:
            raise UsageError(f"There are no months of {name!r}.", hint="Only shares are drawn by month.")
        return drawn(_plain_rows(rows), definitions()[key].heading)

    def to_dict(self) -> dict[str, Any]:
        """Return the measures over everything as JSON-able data, with their definitions; mixes give their parts."""
        told: dict[str, list[dict[str, Any]]] = {}
        for row in _plain_rows(self.whole):
            told.setdefault(row["measure"], []).append({key: row[key] for key in _VALUES if row.get(key, "") != ""})
        return {
            "as_of": self._as_of,
            "look_back_days": LOOK_BACK_DAYS,
            "measures": [
                _in_words(definition) | ({"parts": parts, "status": parts[0]["status"]} if mixed else parts[0])
                for key, definition in definitions().items()
                for parts in [told[key]]
                for mixed in [definition.kind == "mix" and parts[0]["status"] == "computed"]
            ],
            **self.provenance,
        }

    def write(self, folder: str | Path, format: str = "csv", *, under: int = SMALL) -> Path:
        """Write the audit to a folder, whole or not at all, and return its path.

        ``measures`` with every division, ``measures_to_publish`` with small cells withheld, ``run_charts``, ``records``
        (references of every record counted), ``action_issues`` where there are any, and ``summary.json``.

        Parameters
        ----------
        folder : str or Path
            New, empty, or a former run.
        format : {"csv", "parquet", "jsonl"}
        under : int, default 5
            Counts below this are withheld from ``measures_to_publish``.
        """
        tables = {
            "measures": self.measures,
            "measures_to_publish": self.publishable(under),
            "run_charts": self.runs,
            "records": self.records,
        }
        written: dict[str, Any] = {
            name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in tables.items()
        }
        if len(self.action_issues):
            written["action_issues"] = self.action_issues.to_arrow()
        return write_run(folder, written, self.to_dict(), format=format)

    def __repr__(self) -> str:
        return "\n".join([f"Audit as of {self._as_of}", *(f"  {line}" for line in self._lines())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(row['measure'])}</td><td>{html.escape(row['title'])}</td>"
            f"<td>{html.escape(said(row))}</td></tr>"
            for _, row in self.whole.iterrows()
        )
        head = "<tr><th>Measure</th><th></th><th>Value</th></tr>"
        return f"<p><strong>Audit as of {self._as_of}</strong></p><table>{head}{rows}</table>"

    def _lines(self) -> list[str]:
        return [f"{row['measure']:<11} {row['title']}: {said(row)}" for _, row in self.whole.iterrows()]


_VALUES = (
    "category",
    "numerator",
    "denominator",
    "share",
    "low",
    "high",
    "days",
    "days_low",
    "days_high",
    "status",
    "missing",
)


def audit(analysis: Analysis, *, actions: Actions | None = None) -> Audit:
    """Return the compliance measures of an analysis.

    Parameters
    ----------
    analysis : Analysis
    actions : Actions, optional
        Risk assessments, decisions and arrests: see :func:`~breachpattern.review.measures.read_actions`.

    Returns
    -------
    Audit
        A measure that cannot be computed says which column is missing.
    """
    facts, law = Facts(analysis, actions or Actions.none()), analysis.timelines.catalogue
    tables, records, runs = [], [], []
    for key, definition in definitions().items():
        head = {"measure": key, "name": definition.name, "title": definition.title}
        missing = facts.missing(definition.needs)
        ledger = MEASURES[key](facts) if not missing else None
        if ledger is None:
            tables.append(_not_computed(head, missing))
            continue
        table = rates(definition, ledger)
        tables.append(table.assign(**head, status="computed", missing=""))
        records.append(ledger.assign(measure=key))
        if definition.kind == "share" and "month" in set(table["by"]):
            months = table[(table["by"] == "month") & (table["of"] != "not known")]
            runs.append(run_chart(months, _month_of(facts.now)).assign(measure=key))
    order = ["measure", "name", "title", "by", "of", "category", *WITHHELD, "status", "missing"]
    text = dict.fromkeys(("of", "category"), "string")
    return Audit(
        measures=pd.concat(tables, ignore_index=True)[order].astype(text),
        records=_together(records, ["measure", *COLUMNS]),
        runs=_together(runs, ["measure", *_RUNS]),
        as_of=analysis.as_of,
        provenance={
            "inputs": dict(analysis.extract.sources),
            "versions": versions_of(law, {"catalogue": law.version}),
            "actions": {
                "rows_in": facts.actions.rows_in,
                "accepted": len(facts.actions.frame),
                "issues": len(facts.actions.issues),
            },
        },
        action_issues=facts.actions.issues,
    )


_RUNS = ("month", "numerator", "denominator", "share", "centre", "lower", "upper", "signal")


def _together(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _not_computed(head: dict[str, str], missing: list[str]) -> pd.DataFrame:
    blank = dict.fromkeys(WITHHELD, np.nan)
    row = head | {"by": "all", "of": "", "category": "", "status": "not computed", "missing": ";".join(missing)}
    return pd.DataFrame([row | blank]).astype({"numerator": "Int64", "denominator": "Int64"})


def said(row: Mapping[str, Any] | pd.Series) -> str:
    """Return the value of a measure in words.

    Examples
    --------
    >>> said({"status": "computed", "numerator": 3, "denominator": 4, "share": 0.75, "low": 0.3, "high": 0.95,
    ...       "days": float("nan"), "category": ""})
    '75 % (3 of 4; 30 to 95 %)'
    """
    if row["status"] != "computed":
        return f"not computed: the extract has no {row['missing'].replace('|', ' or ').replace(';', ', no ')}"
    if row["denominator"] == 0:
        return "nothing to count"
    category = f"{row['category']}: " if row["category"] else ""
    days = "" if math.isnan(row["days"]) else f"median {row['days']:.0f} days"
    if math.isnan(row["share"]):
        return f"{days} ({row['denominator']:,} counted)"
    known = not math.isnan(row["low"])
    interval = f"; {row['low']:.0%} to {row['high']:.0%}".replace("%", "", 1).replace("%", " %") if known else ""
    share = f"{row['share']:.0%}".replace("%", " %")
    return f"{category}{share} ({row['numerator']:,} of {row['denominator']:,}{interval}{'; ' + days if days else ''})"


def _month_of(second: int) -> str:
    from breachpattern.spans import london_day

    return str(np.datetime64(london_day(second), "D").astype("M8[M]"))


def _in_words(definition: Definition) -> dict[str, Any]:
    """Return a definition as data: what it counts, and among what, beside the counts themselves."""
    words = _without_blanks(asdict(definition))
    return {{"numerator": "counts", "denominator": "among"}.get(key, key): value for key, value in words.items()}


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [_without_blanks(row) for row in frame.astype(object).to_dict("records")]  # type: ignore[arg-type]


def _without_blanks(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is filled in, as plain Python."""
    kept = {}
    for name, value in row.items():
        if isinstance(value, tuple):
            value = list(value)
        blank = value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
        if not blank:
            kept[name] = value.item() if isinstance(value, np.generic) else value
    return kept
