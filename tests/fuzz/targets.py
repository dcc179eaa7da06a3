"""What is fuzzed: each target takes bytes and may raise nothing but an error of this library."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from breachpattern.errors import BreachpatternError
from breachpattern.ingest import Mapping, read_extract
from breachpattern.law import Catalogue
from breachpattern.linking.people.decisions import decide, read_decisions
from breachpattern.output.folder import check_target, find_record, read_run
from breachpattern.patterns.packs import read_packs
from breachpattern.review.measures import read_actions
from breachpattern.review.measures.dip_sample import estimate
from breachpattern.state.state import State

HERE = Path(tempfile.mkdtemp(prefix="fuzz-"))
atexit.register(shutil.rmtree, HERE, ignore_errors=True)


def written(name: str, data: bytes) -> Path:
    path = HERE / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def adds_up(source: object, table: str = "incidents", mapping: Mapping | None = None) -> None:
    """Read a source, and see that no row is lost."""
    rows = {"incidents": [], table: source} if table != "incidents" else {"incidents": source}
    extract = read_extract(**rows, mapping=mapping)
    counts = extract.rows[table]
    assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"], counts
    assert extract.rejected[table].num_rows == counts["rejected"]
    assert repr(extract.issues)


def reader(name: str) -> Callable[[bytes], None]:
    return lambda data: adds_up(written(name, data))


def rows_of(table: str) -> Callable[[bytes], None]:
    return lambda data: adds_up(written(f"{table}.csv", data), table)


def cell(data: bytes) -> None:
    """One text in the place of every kind of cell."""
    text = data.decode("utf-8", errors="replace")
    names = (
        "occurred_from", "occurred_to", "kind", "channel", "behaviours", "offence_code", "offence_text", "act_count",
        "lat", "lon", "postcode", "domestic_abuse", "breach_of", "suspect_id", "victim_id", "outcome", "status",
    )  # fmt: skip
    adds_up([{"incident_id": "C1", "occurred_from": "2025-03-01"} | {name: text} for name in names])
    order = {"order_id": "O1", "kind": "non_molestation", "respondent_id": "P1", "made_on": "2025-01-01"}
    names = ("kind", "made_on", "served_at", "ends", "terms", "exclusion_postcodes", "version", "protected_id")
    adds_up([order | {name: text} for name in names], "orders")


def mapping(data: bytes) -> None:
    plan = Mapping.parse(data.decode("utf-8", errors="replace"))
    adds_up([{"incident_id": "C1", "occurred_from": "01/03/2025", "a": "x", "b": "2025"}], mapping=plan)


def pack(data: bytes) -> None:
    read_packs([written("pack/x.toml", data).parent])


def held(data: bytes) -> None:
    read_packs([], [written("filters.toml", data)])


def law(data: bytes) -> None:
    Catalogue.load([written("law/x.toml", data).parent]).recognise("8/31", "breach of the order")


def decisions(data: bytes) -> None:
    import pyarrow as pa

    decide(read_decisions(written("decisions.csv", data)), pa.array(["P1", "P2"]))


def actions(data: bytes) -> None:
    read = read_actions(written("actions.csv", data))
    assert read.rows_in >= len(read.frame)


def sheet(data: bytes) -> None:
    text = data.decode("utf-8", errors="replace")
    str(estimate(pd.DataFrame({"question": [text, None, "(drawn from 9)"], "answer": ["yes", text, None]})))


def run(data: bytes) -> None:
    folder = written("run/summary.json", data).parent
    (folder / "findings.jsonl").write_bytes(data)
    for look in (lambda: check_target(folder), lambda: read_run(folder), lambda: find_record(folder, "F-")):
        try:
            look()
        except BreachpatternError:
            continue


def state(data: bytes) -> None:
    State.load(written("state/state.json", data).parent)


TARGETS: dict[str, Callable[[bytes], None]] = {
    "csv": reader("x.csv"),
    "gzip": reader("x.csv.gz"),
    "xlsx": reader("x.xlsx"),
    "parquet": reader("x.parquet"),
    "jsonl": reader("x.jsonl"),
    "orders": rows_of("orders"),
    "persons": rows_of("persons"),
    "associations": rows_of("associations"),
    "cell": cell,
    "mapping": mapping,
    "pack": pack,
    "filter": held,
    "law": law,
    "decisions": decisions,
    "actions": actions,
    "sheet": sheet,
    "run": run,
    "state": state,
}


def attempt(name: str, data: bytes) -> None:
    """Let a target work on bytes; an error of this library is an answer, one of another is a bug."""
    try:
        TARGETS[name](data)
    except BreachpatternError as error:
        said = str(error)
        assert said
        assert "Traceback" not in said
