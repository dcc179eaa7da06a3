"""The page for a board, from the folder of an audit: how many breaches were dealt with alone, is it getting better."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from breachpattern.errors import OutputError
from breachpattern.output.charts import run_chart
from breachpattern.output.folder import PACK, PACK_ENTRY, PACK_MARK, read_run, swap_in
from breachpattern.report.place import asset, check_target, mark_of, write_entry
from breachpattern.report.pseudonyms import Pseudonyms
from breachpattern.review.measures.ledger import DIVISIONS, REFERENCES
from breachpattern.review.measures.wording import said

if TYPE_CHECKING:
    from breachpattern.report.pack import Pack

# The measure itself where risk assessments are at hand, and what crimes and orders alone show where they are not.
HEADLINES = ("M2", "M2.records")
CHARTS = (*HEADLINES, "M22", "M17.terms", "M20", "M21")
TABLES = ("measures_to_publish", "run_charts_internal", "records_internal")
DIVIDED = {"order_kind": "kind of order", "force": "force", "district": "postcode district"}
LISTED = 50
TEXTS = ("of", "category", *REFERENCES, *DIVISIONS)


def _csv(path: Path) -> pd.DataFrame:
    # A reference of digits keeps its noughts, and one that reads NA is no blank.
    frame = pd.read_csv(path, dtype=dict.fromkeys(TEXTS, str), keep_default_na=False, na_values=[""])
    return frame.assign(**{name: as_it_was(frame[name]) for name in TEXTS if name in frame})


def _jsonl(path: Path) -> pd.DataFrame:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return pd.DataFrame(rows, columns=None if rows else ["measure", "met", "by", "of"])


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {"csv": _csv, "parquet": pd.read_parquet, "jsonl": _jsonl}


def as_it_was(column: pd.Series) -> pd.Series:
    """Return a column without the apostrophes that kept spreadsheets from running its cells."""
    return column.str.replace(r"^'(?=[=+\-@\t\r\n])", "", regex=True)


def is_audit(folder: Path) -> bool:
    """Return whether a folder is one that ``breachpattern audit`` wrote."""
    return "measures" in read_run(folder)


def write_board(
    folder: Path, templates: Any, marking: str, *, out: str | Path | None = None, key: bytes | None = None
) -> Pack:
    """Write the page for a board, as a pack beside the tables of an audit or elsewhere.

    Parameters
    ----------
    folder : Path
        As ``breachpattern audit --out DIR`` wrote it.
    templates : jinja2.Environment
    marking : str
    out : str or Path, optional
        Where the pack goes; by default into the folder, with ``report.html`` beside it.
    key : bytes, optional
        Replace every reference of a person, an order or a record by a hash under this key.

    Raises
    ------
    OutputError
        Where it cannot be written, or would stand over something else.
    """
    from breachpattern.report.pack import Pack

    summary = read_run(folder)
    if "use" not in summary:
        raise OutputError(
            "The audit was written by an earlier version, under other names.",
            where=str(folder),
            hint="Run `breachpattern audit` again, with --out of this folder.",
        )
    target = folder / PACK if out is None else Path(out)
    check_target(target)
    tables = {name: _table(folder, name) for name in TABLES}

    def fill(place: Path) -> None:
        (place / "assets").mkdir()
        (place / "assets" / "pack.css").write_text(asset("pack.css"), encoding="utf-8", newline="\n")
        shown = board_of(summary, tables)
        if key is not None:
            names = Pseudonyms(key)
            shown["records"] = [names.of_record(record) for record in shown["records"]]
        for chart in shown["charts"]:
            (place / "assets" / f"{chart['id']}.svg").write_text(_svg(chart), encoding="utf-8", newline="\n")
        text = templates.get_template("board.html.jinja").render(summary=summary, marking=marking, **shown)
        (place / "index.html").write_text(text, encoding="utf-8", errors="replace", newline="\n")
        written = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
        (place / PACK_MARK).write_text(mark_of(summary, marking, written), encoding="utf-8", newline="\n")

    swap_in(target, fill)
    if out is None:
        write_entry(folder / PACK_ENTRY, templates, marking)
        return Pack(folder / PACK_ENTRY, 0, 0)
    return Pack(target / "index.html", 0, 0)


def board_of(summary: dict[str, Any], tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Return what the page shows: headline, charts, divisions fit to publish, records, every measure."""
    measures = {one["id"]: one for one in summary["measures"]}
    published, runs, records = (tables[name] for name in TABLES)
    key = next((key for key in HEADLINES if measures[key]["status"] == "computed"), HEADLINES[0])
    alone = records[(records["measure"] == key) & records["met"].astype(bool)]
    return {
        "headline": measures[key],
        "missing": said(measures[HEADLINES[0]]) if key != HEADLINES[0] else "",
        "charts": [
            {"id": key, "title": measures[key]["title"], "rows": rows, "said": _shift(rows), "words": measures[key]}
            for key in CHARTS
            if (rows := _months(runs, key))
        ],
        "divisions": [
            {"by": words, "rows": rows} for by, words in DIVIDED.items() if (rows := _divided(published, key, by))
        ],
        "records": _plain(alone.head(LISTED)),
        "listed": min(len(alone), LISTED),
        "alone": len(alone),
        "measures": [one | {"said": [said(part) for part in one.get("parts", [one])]} for one in measures.values()],
    }


def _table(folder: Path, name: str) -> pd.DataFrame:
    for ending, read in _READERS.items():
        if (folder / f"{name}.{ending}").is_file():
            return read(folder / f"{name}.{ending}")
    return pd.DataFrame(columns=["measure", "met", "by", "of"])


def _months(runs: pd.DataFrame, key: str) -> list[dict[str, Any]]:
    return _plain(runs[runs["measure"] == key]) if len(runs) else []


def _divided(published: pd.DataFrame, key: str, by: str) -> list[dict[str, Any]]:
    rows = published[(published["measure"] == key) & (published["by"] == by)] if len(published) else published
    return _plain(rows)


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values, blanks as ``None``."""
    text = frame.astype(object).where(frame.notna(), None)
    return [
        {str(key): value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in text.to_dict("records")
    ]


def _shift(rows: list[dict[str, Any]]) -> str:
    """Return in words what a run chart signals last, and what it says where nothing does."""
    told = [row for row in rows if row["signal"]]
    if told:
        return f"{told[-1]['signal']}, in {told[-1]['month']}"
    if all(row["centre"] is None for row in rows):
        return "fewer than thirteen months: shown, not judged"
    return "no change that is more than chance"


def _svg(chart: dict[str, Any]) -> str:
    import vl_convert

    from breachpattern.report.write import vega_lite

    spec = json.dumps(run_chart(chart["rows"], width=560).to_dict())
    return str(vl_convert.vegalite_to_svg(spec, vl_version=vega_lite()))
