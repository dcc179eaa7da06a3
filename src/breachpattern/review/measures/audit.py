"""The audit: the measures as a person, a file or another program gets them, for internal use and for publication."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.output.folder import check_target
from breachpattern.output.run import write_run
from breachpattern.output.summary import iso
from breachpattern.review.measures.cells import SMALL, withheld
from breachpattern.review.measures.definitions import Definition, definitions
from breachpattern.review.measures.rates import WITHHELD
from breachpattern.review.measures.run_charts import month_of, run_charts
from breachpattern.review.measures.wording import plain_rows, said, without_blanks

if TYPE_CHECKING:
    from breachpattern.ingest import Issues

LOOK_BACK_DAYS = 365


@dataclass(frozen=True)
class Audit:
    """The compliance measures of an analysis.

    Attributes
    ----------
    measures : pandas.DataFrame
        One row for each measure, division and part: ``measure, name, title, by, of, category, numerator, denominator,
        share, low, high, days, days_low, days_high, look_back_days, status, missing, note``. ``status`` is ``computed``
        or ``not computed``; ``missing`` then says what the extract does not hold, ``note`` what else has to be known.
    records : pandas.DataFrame
        One row for each item that a measure counts: ``measure``, ``met``, references and divisions.
    runs : pandas.DataFrame
        The run charts of shares by month: see :func:`~breachpattern.review.measures.run_charts.run_chart`.
    verdicts : pandas.DataFrame
        What the verdicts of a register changed: ``measure, name, title``, numerator and denominator with them, and
        ``numerator_without``, ``denominator_without``. Empty without a register, or where they changed nothing.
    as_of : int
        The last second, in seconds UTC, of which anything was known.
    provenance : dict
        Versions, hashes of the inputs, counts of the actions and of the findings by what was decided.
    action_issues : Issues
        Rows of the table of actions that could not be used.
    """

    measures: pd.DataFrame
    records: pd.DataFrame
    runs: pd.DataFrame
    verdicts: pd.DataFrame
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
        """Return the measures with small cells withheld (see :func:`~breachpattern.review.measures.cells.withheld`)."""
        return withheld(self.measures, under)

    def publishable_runs(self, under: int = SMALL) -> pd.DataFrame:
        """Return the run charts made of what :meth:`publishable` shows, with a column ``withheld``."""
        return run_charts(self.publishable(under), month_of(self.as_of))

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
            raise UsageError(f"There are no months of {name!r}.", hint=_hint_of(self[name]))
        return drawn(plain_rows(rows), definitions()[key].heading)

    def to_dict(self) -> dict[str, Any]:
        """Return the measures over everything as JSON-able data, with their definitions; mixes give their parts."""
        return self._told(self.whole, INTERNAL) | {"verdicts": plain_rows(self.verdicts)} | dict(self.provenance)

    def to_publish(self, under: int = SMALL) -> dict[str, Any]:
        """Return the same with small cells withheld, and without what was read."""
        table = self.publishable(under)
        use = f"for publication: counts of 1 to {under - 1}, and what would give them away, are withheld"
        return self._told(table[table["by"] == "all"], use) | {"versions": self.provenance["versions"]}

    def _told(self, whole: pd.DataFrame, use: str) -> dict[str, Any]:
        told: dict[str, list[dict[str, Any]]] = {}
        for row in plain_rows(whole):
            told.setdefault(row["measure"], []).append({key: row[key] for key in _VALUES if row.get(key, "") != ""})
        return {
            "use": use,
            "as_of": self._as_of,
            "look_back_days": LOOK_BACK_DAYS,
            "measures": [
                _in_words(definition) | ({"parts": parts, "status": parts[0]["status"]} if mixed else parts[0])
                for key, definition in definitions().items()
                for parts in [told[key]]
                for mixed in [definition.kind == "mix" and parts[0]["status"] == "computed"]
            ],
        }

    def write(self, folder: str | Path, format: str = "csv", *, under: int = SMALL) -> Path:
        """Write the audit to a folder, whole or not at all, and return its path.

        What ends in ``_to_publish`` has small cells withheld: ``measures_to_publish`` with every division,
        ``run_charts_to_publish`` and ``summary_to_publish.json``. All else is for internal use and says so:
        ``measures_internal``, ``run_charts_internal``, ``records_internal`` (references of every record counted),
        ``verdicts_internal`` and ``action_issues_internal`` where there are any, and ``summary.json``.

        Parameters
        ----------
        folder : str or Path
            New, empty, or a former audit.
        format : {"csv", "parquet", "jsonl"}
        under : int, default 5
            Counts below this are withheld from what is to be published.
        """
        tables = {
            "measures_internal": self.measures,
            "measures_to_publish": self.publishable(under),
            "run_charts_internal": self.runs,
            "run_charts_to_publish": self.publishable_runs(under),
            "records_internal": self.records,
        } | ({"verdicts_internal": self.verdicts} if len(self.verdicts) else {})
        written: dict[str, Any] = {
            name: pa.Table.from_pandas(frame, preserve_index=False) for name, frame in tables.items()
        }
        if len(self.action_issues):
            written["action_issues_internal"] = self.action_issues.to_arrow()
        documents = {"summary_to_publish": self.to_publish(under)}
        check_target(Path(folder), holding="measures")
        return write_run(folder, written, self.to_dict(), documents=documents, format=format)

    def told(self) -> Iterator[tuple[str, str, str]]:
        """Yield id, title and value in words of every measure over everything; a mix gives one for each part."""
        for row in self.whole.to_dict("records"):
            yield row["measure"], row["title"], said({str(name): value for name, value in row.items()})

    def __repr__(self) -> str:
        lines = (f"  {key:<11} {title}: {value}" for key, title, value in self.told())
        return "\n".join([f"Audit as of {self._as_of}", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>" for cells in self.told()
        )
        head = "<tr><th>Measure</th><th></th><th>Value</th></tr>"
        return f"<p><strong>Audit as of {self._as_of}</strong></p><table>{head}{rows}</table>"


INTERNAL = "internal: small numbers are not withheld; what is fit to publish stands in the files named to_publish"
HEAD = ("measure", "name", "title")
TAIL = ("look_back_days", "status", "missing", "note")
_VALUES = ("category", *WITHHELD, *TAIL, "withheld")


def _hint_of(row: pd.Series) -> str:
    return "Only shares are drawn by month." if row["status"] == "computed" else f"It is {said(row)}."


def _in_words(definition: Definition) -> dict[str, Any]:
    """Return a definition as data: what it counts, and among what, beside the counts themselves."""
    words = without_blanks(asdict(definition))
    return {{"numerator": "counts", "denominator": "among"}.get(key, key): value for key, value in words.items()}
