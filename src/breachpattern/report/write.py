"""The files of a pack: the assets once, a page for each finding, the index, and its worklist as a spreadsheet."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.law import Catalogue
from breachpattern.output.charts import LOOKS
from breachpattern.output.files import write_table
from breachpattern.output.folder import PACK_MARK
from breachpattern.report import index
from breachpattern.report.decisions import Decision, decision_on
from breachpattern.report.page import page_of
from breachpattern.report.picture import shape
from breachpattern.report.place import asset, mark_of
from breachpattern.report.prompts import checked
from breachpattern.report.run import Record, Run
from breachpattern.report.text import all_visible, file_name
from breachpattern.report.timeline import chart_template

Progress = Callable[[str, int, int | None], None]
_BUNDLE = "window.vegaEmbed = vegaEmbed;"
_EVERY = 20


def write_pages(
    place: Path,
    folder: Path,
    run: Run,
    issues: Mapping[int, Sequence[Record]],
    decisions: Mapping[str, Decision],
    marking: str,
    templates: Any,
    report: Progress,
) -> None:
    """Write every file of a pack.

    Parameters
    ----------
    place : Path
        An empty folder.
    folder : Path
        The run folder.
    run : Run
    issues : mapping of int to sequence of dict
    decisions : mapping of str to Decision
    marking : str
    templates : jinja2.Environment
    report : callable
    """
    catalogue = Catalogue.load()
    (place / "findings").mkdir()
    (place / "assets").mkdir()
    _assets(place / "assets")
    given = {"summary": run.summary, "marking": marking, "looks": LOOKS, "shape": shape, "prompts_checked": checked()}
    page = templates.get_template("finding.html.jinja")
    total = len(run.findings)
    for i, finding in enumerate(run.findings):
        if i % _EVERY == 0:
            report("writing pages", i, total)
        told = page_of(finding, run, issues, decision_on(decisions, finding["finding_id"]), catalogue)
        around = {
            "before": file_name(run.findings[i - 1]["finding_id"]) if i else "",
            "after": file_name(run.findings[i + 1]["finding_id"]) if i + 1 < total else "",
        }
        text = page.render(**given, **told, **around)
        (place / "findings" / file_name(finding["finding_id"])).write_text(
            text, encoding="utf-8", errors="replace", newline="\n"
        )
    _index(place, folder, run, decisions, templates, given)
    written = sorted(path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file())
    (place / PACK_MARK).write_text(mark_of(run.summary, marking, written), encoding="utf-8", newline="\n")


def _assets(place: Path) -> None:
    (place / "charts.js").write_text(
        f"{_bundle()}\nwindow.timelineChart = {_template()};\n", encoding="utf-8", newline="\n"
    )
    for name in ("pack.css", "pack.js", "licences.txt"):
        (place / name).write_text(asset(name), encoding="utf-8", newline="\n")


@cache
def _template() -> str:
    """Return the specification of a timeline without its rows, as text."""
    return json.dumps(chart_template(), sort_keys=True, separators=(",", ":"))


@cache
def _bundle() -> str:
    """Return the library that draws the charts, with everything it needs."""
    import vl_convert

    return str(vl_convert.javascript_bundle(_BUNDLE, vl_version=vega_lite()))


def vega_lite() -> str:
    """Return the version of Vega-Lite whose grammar the charts are written in, as vl-convert names it."""
    import altair

    return ".".join(altair.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def _index(
    place: Path, folder: Path, run: Run, decisions: Mapping[str, Decision], templates: Any, given: Mapping[str, Any]
) -> None:
    import vl_convert

    rows = index.worklist(run, decisions)
    charts = index.charts(folder, run, rows)
    for chart in charts:
        spec = json.dumps(all_visible(chart.spec))
        svg = vl_convert.vegalite_to_svg(spec, vl_version=vega_lite())
        (place / "assets" / f"{chart.name}.svg").write_text(svg, encoding="utf-8", newline="\n")
        png = vl_convert.svg_to_png(svg, scale=2)
        (place / "assets" / f"{chart.name}.png").write_bytes(png)
    told = {
        "rows": rows,
        "choices": index.choices(rows),
        "charts": charts,
        "accounting": index.accounting(run),
        "left_out": index.left_out(run, len(rows)),
        "total": run.total,
    }
    text = templates.get_template("index.html.jinja").render(**given, **told)
    (place / "index.html").write_text(text, encoding="utf-8", errors="replace", newline="\n")
    spreadsheet = index.worklist_table(rows)
    if spreadsheet:
        write_table(pa.Table.from_pylist(spreadsheet), place, "worklist", "csv")
