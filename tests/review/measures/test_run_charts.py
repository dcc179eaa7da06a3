from __future__ import annotations

import numpy as np
import pandas as pd

from breachpattern.review.measures.run_charts import BASELINE, RUN, run_chart


def months(numerators, denominator=200):
    of = [f"{2020 + i // 12}-{i % 12 + 1:02}" for i in range(len(numerators))]
    return pd.DataFrame({"of": of, "numerator": numerators, "denominator": denominator})


def test_a_constant_process_rarely_signals():
    rng = np.random.default_rng(1)
    charts = [run_chart(months(rng.binomial(200, 0.3, 36))) for _ in range(300)]
    signals = sum((chart["signal"] != "").any() for chart in charts)
    # Limits from twelve months are themselves uncertain: one series of three years in five signals, not more.
    assert signals / len(charts) < 0.2


def test_a_real_shift_is_shown_and_not_before_it_began():
    chart = run_chart(months([60, 58, 62] * 8 + [40, 41, 39] * 4))
    signals = chart.index[chart["signal"] != ""]
    assert chart["signal"].iloc[-1] in ("shift downwards", "below the limits")
    assert signals.min() == 24
    assert chart["signal"].str.startswith("shift").any()
    assert (chart["signal"].iloc[:BASELINE] == "").all()


def test_eight_in_a_row_are_a_shift_and_seven_are_not():
    base = [60, 62] * 6
    assert (run_chart(months(base + [70] * (RUN - 1)))["signal"] == "").all()
    assert (run_chart(months(base + [70] * RUN))["signal"].iloc[BASELINE:] == "shift upwards").all()


def test_small_counts_that_are_chance_are_no_shift():
    # Five to count and one in twenty: most months are nought, and a month of two is nothing odd.
    rng = np.random.default_rng(4)
    charts = [run_chart(months(rng.binomial(5, 0.05, 36), 5)) for _ in range(300)]
    assert sum((chart["signal"] != "").any() for chart in charts) / len(charts) < 0.2


def test_a_real_shift_of_small_counts_is_shown():
    assert (run_chart(months([1, 0, 1] * 4 + [4] * RUN, 5))["signal"].iloc[BASELINE:] != "").all()


def test_too_few_months_are_shown_and_not_judged():
    chart = run_chart(months([60] * 11 + [199]))
    assert chart["centre"].isna().all()
    assert (chart["signal"] == "").all()


def test_the_month_that_is_not_over_is_not_judged():
    of = months([60, 62] * 6 + [199])
    assert run_chart(of)["signal"].iloc[-1] == "above the limits"
    assert run_chart(of, last=of["of"].iloc[-1])["signal"].iloc[-1] == ""


def test_months_with_nothing_to_count_are_left_out():
    of = months([60, 62] * 7)
    of.loc[3, ["numerator", "denominator"]] = 0
    assert len(run_chart(of)) == 13
