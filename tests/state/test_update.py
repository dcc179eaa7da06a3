from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from tests.facts import catalogue
from tests.state.given import ARRIVALS, tables

from breachpattern import Analyser, State, read_extract
from breachpattern.analysis import Analysis
from breachpattern.state.changes import KEYS, difference

RESULTS = ("breaches", "courses", "findings", "near_misses")
TODAY = date(2026, 12, 31)


def analyser(**options: Any) -> Analyser:
    return Analyser(catalogue(), **options)


def read(rows: list[tuple[str, dict[str, Any]]], **options: Any) -> Any:
    by_table = {name: found for name, found in tables(rows).items() if found}
    return read_extract(**{"incidents": None, **by_table}, today=TODAY, keep_as_read=True, **options)


def results(run: Analysis | State) -> dict[str, pa.Table]:
    """What a run came to, without the lines of a file, which are those of each batch's own."""
    found = {name: getattr(run, name).to_arrow() for name in RESULTS}
    return found | {"breaches": found["breaches"].drop_columns(["row"])}


def assert_same(got: dict[str, pa.Table], wanted: dict[str, pa.Table]) -> None:
    for name in wanted:
        assert got[name].to_pylist() == wanted[name].to_pylist(), name
        assert got[name].schema.equals(wanted[name].schema), name


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(ARRIVALS)
def test_updates_equal_a_full_run_on_everything_and_changes_the_difference_of_two(arrivals):
    state, before, rows, day = None, None, [], date(2025, 1, 1)
    for wait, batch in arrivals:
        rows, day = rows + batch, day + timedelta(days=wait)
        state, changes = analyser().update(state, read(batch), as_of=day)
        after = results(analyser().analyse(read(rows), as_of=day))
        assert_same(results(state), after)
        before = before or {name: table.slice(0, 0) for name, table in after.items()}
        for name in KEYS:
            assert (
                getattr(changes, name).to_arrow().to_pylist() == difference(name, before[name], after[name]).to_pylist()
            )
        before = after
