"""The page says what the kept results say."""

import copy

import pytest
from benchmarks.cases import HUGE, LARGE, MIDDLE

from benchmarks import page, table


def results(**times):
    """Results with wall times by case and size: ``score_1000000=[2.0]``."""
    found = {"times": {}, "memory": {}, "starts": {}, "hot": {}}
    for name, wall in times.items():
        case, size = name.rsplit("_", 1)
        found["times"].setdefault(size, {})[case] = {"wall": wall, "cpu": wall}
    return found


def test_the_page_is_that_of_the_kept_results():
    written = page.PERFORMANCE.path.read_text("utf-8")
    assert page.PERFORMANCE.filled(written, page.PERFORMANCE.read()) == written


def test_other_results_make_another_page():
    written, other = page.PERFORMANCE.path.read_text("utf-8"), copy.deepcopy(page.PERFORMANCE.read())
    other["starts"]["import"] = [9.87]
    assert "9.87 s" in page.PERFORMANCE.filled(written, other)


def test_a_page_without_a_part_is_refused():
    with pytest.raises(ValueError, match="machine"):
        page.PERFORMANCE.filled("# A page", page.PERFORMANCE.read())


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_medians():
    found = results(score_1000000=[2.0, 30.0, 4.0], floor_1000000=[1.0, 10.0, 4.0])
    assert table.ratio("score", "floor", LARGE)(found) == 2.0


def test_growth_is_one_where_ten_times_the_rows_take_ten_times_as_long():
    found = results(score_1000000=[2.0], score_10000000=[20.0])
    assert table.growth("score", LARGE, HUGE)(found) == pytest.approx(1.0)


def test_what_was_not_run_is_neither_met_nor_missed():
    for target in table.TARGETS:
        value = target.value(results())
        assert value is None
        assert target.met(value, target.must) == table.NOT_RUN


@pytest.mark.parametrize(("wall", "met"), [([600.0], "yes"), ([100.0], "no")])
def test_faster_is_better_where_more_is(wall, met):
    found = results(pandas_100000=wall, score_100000=[10.0])
    target = next(t for t in table.TARGETS if "pandas" in t.words)
    assert target.met(target.value(found), target.must) == met
    assert table.ratio("pandas", "score", MIDDLE)(found) == wall[0] / 10


def test_memory_of_each_further_million():
    found = results()
    found["memory"] = {str(LARGE): {"score": {"bytes": 1e9}}, str(HUGE): {"score": {"bytes": 5.5e9}}}
    assert table.each_further_million(found) == pytest.approx(0.5)


def test_a_busy_machine_is_said():
    kept = copy.deepcopy(page.PERFORMANCE.read())
    for load, said in ((3.0, True), (0.1, False)):
        kept["machine"]["load_before"] = load
        assert ("Provisional" in table.machine(kept)) is said
