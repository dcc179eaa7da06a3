"""What is withheld before counts are published: nobody can see a small one, nor work it out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from tests.drawing import up_to

from breachpattern.review.measures.cells import withheld
from breachpattern.review.measures.definitions import Definition
from breachpattern.review.measures.ledger import DIVISIONS, lines
from breachpattern.review.measures.rates import WITHHELD, rates
from breachpattern.review.measures.run_charts import run_charts


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


def definition(kind):
    return Definition("X", "x", "X", kind, "neither", "", "", "", "")


class Reader:
    """Somebody who knows how a table adds up, and works out from what is shown what each withheld count can be."""

    def __init__(self, told, mixed):
        self.told, self.count = told.reset_index(drop=True), len(told)
        self.rows, self.ends = [], []
        shown = ~self.told["withheld"].to_numpy(bool)
        k, n = (self.told[name].to_numpy(float, na_value=np.nan) for name in ("numerator", "denominator"))
        for place in np.flatnonzero(shown):
            self.equal({place: 1}, k[place])
            self.equal({self.count + place: 1}, n[place])
        by = {name: part.index for name, part in self.told.groupby(["by", "category"], sort=False)}
        total = {category: places[0] for (name, category), places in by.items() if name == "all"}
        for (name, category), places in by.items():
            if name != "all":
                self.adds_up(places, total[category], 0)
                if not mixed:
                    self.adds_up(places, total[category], self.count)
        if mixed:
            for _, part in self.told.groupby(["by", "of"], sort=False):
                first = part.index[0]
                self.equal(dict.fromkeys(part.index, 1) | {self.count + first: -1}, 0)
                for place in part.index[1:]:
                    self.equal({self.count + first: 1, self.count + place: -1}, 0)

    def equal(self, terms, to):
        row = np.zeros(2 * self.count)
        for place, times in terms.items():
            row[place] += times
        self.rows.append(row)
        self.ends.append(to)

    def adds_up(self, parts, total, shift):
        self.equal(dict.fromkeys(parts + shift, 1) | {total + shift: -1}, 0)

    def can_be(self, terms):
        """Return the least and the most that a sum of counts can be; no part is larger than its whole."""
        cost = np.zeros(2 * self.count)
        for place, times in terms.items():
            cost[place] += times
        within = np.hstack([np.eye(self.count), -np.eye(self.count)])
        asked = {"A_ub": within, "b_ub": np.zeros(self.count), "A_eq": np.array(self.rows), "b_eq": self.ends}
        least, most = (linprog(sign * cost, bounds=(0, None), **asked) for sign in (1, -1))
        assert least.success or least.status == 3
        return least.fun, np.inf if most.status == 3 else -most.fun


LINE = st.tuples(st.booleans(), st.sampled_from("ab"), st.sampled_from(["01", "02", "03"]), st.sampled_from("NSE"),
                 st.sampled_from(["Z1", "Z2"]))  # fmt: skip


@pytest.mark.parametrize("kind", ["share", "mix"])
@settings(max_examples=up_to(12), deadline=None)
@given(st.lists(LINE, min_size=4, max_size=60), st.integers(2, 8))
def test_no_small_count_can_be_seen_or_worked_out_from_what_a_table_adds_up_to(kind, drawn, under):
    met, category, month, force, district = (list(column) for column in zip(*drawn, strict=True))
    mixed = kind == "mix"
    ledger = lines(np.ones(len(met), bool) if mixed else np.array(met), month=[f"2024-{one}" for one in month],
                   force=force, district=district, **({"category": category} if mixed else {}))  # fmt: skip
    table = rates(definition(kind), ledger).assign(measure="X")
    told = withheld(table, under)
    true = {"k": table["numerator"].to_numpy(int), "n": table["denominator"].to_numpy(int)}
    true["rest"] = true["n"] - true["k"]
    reader = Reader(told, mixed)
    hidden = told["withheld"].to_numpy(bool)
    for place in range(len(told)):
        asked = {"k": {place: 1}, "n": {len(told) + place: 1}, "rest": {len(told) + place: 1, place: -1}}
        for name, terms in asked.items():
            if 0 < true[name][place] < under:
                assert hidden[place], (name, place)
                least, most = reader.can_be(terms)
                assert most - least > 0.5, (told.iloc[place][["by", "of", "category"]].tolist(), name)
    assert set(table["by"]) <= {"all", *DIVISIONS}


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 40)), min_size=2, max_size=30), st.integers(2, 8))
def test_a_published_run_chart_is_made_of_what_is_published_alone(months, under):
    n = [k + rest for k, rest in months]
    rows = {"by": "month", "of": [f"20{10 + i // 12}-{1 + i % 12:02}" for i in range(len(n))], "category": "",
            "numerator": [k for k, _ in months], "denominator": n, "measure": "M21"}  # fmt: skip
    frame = pd.DataFrame(rows).astype({"numerator": "Int64", "denominator": "Int64"})
    told = withheld(frame.assign(**{name: 0.5 for name in WITHHELD if name not in frame}), under)
    chart = run_charts(told, "2099-01")
    shown = told[~told["withheld"]]
    assert chart["month"].tolist() == frame["of"].tolist()
    assert chart.loc[~chart["withheld"], "numerator"].tolist() == shown["numerator"].tolist()
    if told["withheld"][:12].any():
        assert chart[["centre", "lower", "upper"]].isna().all(axis=None)
    # Whatever the months that are withheld were, the chart would have been the same.
    other = told.assign(numerator=told["numerator"].fillna(1), denominator=told["denominator"].fillna(2))
    pd.testing.assert_frame_equal(run_charts(other, "2099-01"), chart)
