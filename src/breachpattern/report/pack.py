"""The pack: its pages written into a folder of their own within the run, from what the run folder holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from breachpattern.errors import MissingDependency, UsageError
from breachpattern.output.folder import PACK, PACK_ENTRY, swap_in
from breachpattern.output.read import read_table
from breachpattern.report import board
from breachpattern.report.decisions import Decision, decision_on
from breachpattern.report.place import check_target, write_entry
from breachpattern.report.run import Record, Run, read
from breachpattern.report.text import all_visible

Progress = Callable[[str, int, int | None], None]
LIMIT = 500
MARKING = "OFFICIAL-SENSITIVE"


@dataclass(frozen=True)
class Pack:
    """A written pack.

    Attributes
    ----------
    entry : Path
        The page to open.
    pages, findings : int
        How many findings have a page, and how many the run has.
    """

    entry: Path
    pages: int
    findings: int


def write_pack(
    folder: str | Path,
    *,
    out: str | Path | None = None,
    decisions: Mapping[str, Decision] | None = None,
    marking: str = MARKING,
    limit: int = LIMIT,
    key: bytes | None = None,
    on_progress: Progress | None = None,
) -> Pack:
    """Write the review pack of a run: an index and a page for each of its first findings, all offline.

    Of the folder of an audit, write the page for a board.

    Parameters
    ----------
    folder : str or Path
        A run folder, as ``breachpattern score`` wrote it.
    out : str or Path, optional
        Where the pack goes; by default into the run folder, as ``report`` with ``report.html`` beside it.
    decisions : mapping of str to Decision, optional
        By finding id, what people have decided. Without it every finding is *not reviewed*.
    marking : str, default "OFFICIAL-SENSITIVE"
        The handling marking on every page and every printed sheet; never blank.
    limit : int, default 500
        The most findings that get a page, in rank order.
    key : bytes, optional
        Replace every reference of a person, an order, a record or a finding by a hash under this key.
    on_progress : callable, optional
        Called with (stage, done, total).

    Raises
    ------
    MissingDependency
        Where the extra ``report`` is not installed; the message holds the install line.
    UsageError
        Where the marking is blank.
    OutputError
        Where the folder is no run, or the pack cannot be written. A former pack then stays as it was.
    """
    report = on_progress or (lambda *_: None)
    source = Path(folder)
    if not marking.strip():
        raise UsageError(
            "The handling marking is blank: pages about people would say nothing of how to handle them.",
            where="marking",
            hint=f"Name one, such as OFFICIAL, or leave it out for {MARKING}.",
        )
    if board.is_audit(source):
        return board.write_board(source, _templates(), marking, out=out, key=key)
    report("reading findings", 0, None)
    template = _templates()
    run = read(source, limit)
    decided = dict(decisions or {})
    issues = _issues(source, run)
    if key is not None:
        run, decided, issues = _hidden(run, decided, key)
    # Before anything is drawn: a picture is markup, which the templates do not look into.
    run = run.each(all_visible)
    inside = out is None
    target = source / PACK if out is None else Path(out)
    check_target(target)

    def fill(place: Path) -> None:
        from breachpattern.report.write import write_pages

        write_pages(place, source, run, issues, decided, marking, template, report)

    swap_in(target, fill)
    entry = target / "index.html"
    if inside:
        entry = source / PACK_ENTRY
        write_entry(entry, template, marking)
    return Pack(entry, len(run.findings), run.total)


def check_installed() -> None:
    """Refuse to begin where a library of the extra ``report`` is missing.

    Raises
    ------
    MissingDependency
        The message holds the install line.
    """
    for library in ("jinja2", "altair", "vl_convert"):
        try:
            import_module(library)
        except ImportError:
            raise MissingDependency.for_extra(library, "report", "write the review pack") from None


@cache
def _templates() -> Any:
    """Return the environment of the templates: everything is escaped, and what steers is shown."""
    from breachpattern.explain.moments import day
    from breachpattern.report.text import field_words, visible, words

    check_installed()
    import jinja2
    from markupsafe import Markup

    def shown(value: Any) -> Any:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("breachpattern.report"),
        autoescape=True,
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"words": words, "day": day, "field": field_words}
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": True, "separators": (",", ":")}
    return environment


def _issues(folder: Path, run: Run) -> dict[int, list[Record]]:
    """Return the data problems of the incidents file by line."""
    name = run.summary["inputs"].get("incidents", {}).get("name", "incidents")
    found: dict[int, list[Record]] = {}
    for row in read_table(folder, "issues").select(["file", "row", "column", "code"]).to_pylist():
        if row["row"] and Path(str(row["file"])).name == Path(str(name)).name:
            found.setdefault(int(row["row"]), []).append(row)
    return found


def _hidden(
    run: Run, decided: dict[str, Decision], key: bytes
) -> tuple[Run, dict[str, Decision], dict[int, list[Record]]]:
    from breachpattern.report.pseudonyms import Pseudonyms

    names = Pseudonyms(key)
    shown = {names.of(f["finding_id"], "F"): decision_on(decided, f["finding_id"]) for f in run.findings}
    inputs = {table: source | {"name": table} for table, source in run.summary["inputs"].items()}
    run = replace(run.each(names.of_record), summary=run.summary | {"inputs": inputs})
    return run, {i: replace(d, by="", reason="") for i, d in shown.items()}, {}
