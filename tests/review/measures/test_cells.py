"""What is withheld before counts are published: nobody can see a small one, nor work it out."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.review.measures.cells import withheld
from breachpattern.review.measures.rates import WITHHELD


def table(rows):
    frame = pd.DataFrame(rows, columns=["by", "of", "category", "numerator", "denominator"])
    frame = frame.astype({"numerator": "Int64", "denominator": "Int64"})
    return frame.assign(**{name: 0.5 for name in WITHHELD if name not in frame})


def test_a_small_cell_takes_the_next_smallest_with_it():
    told = withheld(
        table(
            [
                ("all", "", "", 100, 300),
                ("force", "A", "", 2, 50),
                ("force", "B", "", 40, 120),
                ("force", "C", "", 58, 130),
            ]
        )
    )
    assert told["withheld"].tolist() == [False, True, True, False]
    assert told.loc[told["withheld"], WITHHELD].isna().all().all()


def test_nought_is_no_small_cell():
    told = withheld(table([("force", "A", "", 0, 50), ("force", "B", "", 40, 120)]))
    assert not told["withheld"].any()


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8),
    st.integers(2, 8),
)
def test_no_withheld_cell_can_be_worked_out_from_its_total(cells, under):
    rows = [("month", f"{i}", "", k, k + rest) for i, (k, rest) in enumerate(cells)]
    told = withheld(table(rows), under)
    shown = told[~told["withheld"]]
    for name in ("numerator", "denominator"):
        assert not ((shown[name] > 0) & (shown[name] < under)).any()
    between = shown["denominator"] - shown["numerator"]
    assert not ((between > 0) & (between < under)).any()
    assert told["withheld"].sum() != 1


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=8),
    st.integers(2, 8),
)
def test_withheld_cells_together_are_no_small_count(cells, under):
    rows = [("month", f"{i}", "", k, k + rest) for i, (k, rest) in enumerate(cells)]
    told = withheld(table(rows), under)
    hidden = [cell for cell, gone in zip(cells, told["withheld"], strict=True) if gone]
    if hidden and len(hidden) < len(cells):
        for count in (sum(k for k, _ in hidden), sum(k + rest for k, rest in hidden), sum(rest for _, rest in hidden)):
            assert not 0 < count < under


def test_the_size_of_a_small_part_of_a_mix_cannot_be_worked_out():
    rows = [("all", "", "1", 43, 83), ("all", "", "16", 40, 83)]
    rows += [("force", "A", "1", 3, 3)]
    rows += [("force", f, c, 20, 40) for f in "BC" for c in ("1", "16")]
    told = withheld(table(rows))
    shown = told[(told["by"] == "force") & ~told["withheld"]]
    assert len(set("ABC") - set(shown["of"])) >= 2


def test_two_measures_of_the_same_records_do_not_give_one_another_away():
    def of(name, counts):
        return table([("force", f, "", k, n) for f, (k, n) in zip("ABCD", counts, strict=True)]).assign(measure=name)

    told = withheld(
        pd.concat([of("M1", [(2, 3), (6, 30), (9, 40), (20, 50)]), of("M2", [(2, 3), (15, 30), (2, 40), (20, 50)])])
    )
    hidden = told[told["withheld"]].groupby("measure")["of"].agg(set)
    assert len(hidden["M1"] & hidden["M2"]) >= 2


def test_steps_of_one_measure_do_not_give_small_counts_away():
    steps = [table([("all", "", "", k, 60)]).assign(measure=name) for name, k in (("M6.2", 30), ("M6.3", 28))]
    told = withheld(pd.concat(steps))
    assert told.set_index("measure")["withheld"].to_dict() == {"M6.2": False, "M6.3": True}


def test_a_mix_is_closed_both_ways():
    rows = [
        ("force", force, category, k, n)
        for force, n, counts in (("A", 40, (3, 17, 20)), ("B", 60, (20, 20, 20)), ("C", 60, (30, 20, 10)))
        for category, k in zip(("1", "16", "none"), counts, strict=True)
    ]
    told = withheld(table(rows))
    for name in ("of", "category"):
        assert (told.groupby(name)["withheld"].sum() != 1).all()
