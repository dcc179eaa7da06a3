"""Splink, in one place: settings from our comparisons and a model, prediction, training."""

from __future__ import annotations

import contextlib
import logging
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import MissingDependency
from breachpattern.linking.people.comparisons import BLOCKS, COMPARISONS, SURE_BLOCKS, SURE_SHARE, TRAINING_BLOCKS
from breachpattern.linking.people.comparisons import Comparison as Compared

if TYPE_CHECKING:
    from splink import Linker

# Below this many records the share of a name among them says nothing about how common it is.
FREQUENCIES_FROM = 500
RANDOM_PAIRS = 2e6
TRAINING_PAIRS = 2e6
LEAST_PROBABILITY, MOST_PROBABILITY = 1e-9, 0.9999
NONE = pa.array([], pa.int64())
MOST_THRESHOLD = 1 - 1e-12  # Splink turns a threshold into its logarithm


def predict(records: pa.Table, model: dict[str, Any], threshold: float) -> pa.Table:
    """Return the pairs of records that are one person with at least a probability.

    Parameters
    ----------
    records : pyarrow.Table
        ``unique_id`` and the columns that ``comparisons.COMPARISONS`` name.
    model : dict
    threshold : float

    Returns
    -------
    pyarrow.Table
        ``left``, ``right`` (unique ids), ``probability`` and one column ``gamma_NAME`` per comparison: the number of
        levels below the one that holds, -1 where it says nothing.
    """
    require()
    if not teachable(records):
        return pa.table({"left": NONE, "right": NONE, "probability": pa.array([], pa.float64())})
    with _linker(records, model) as linker:
        least = min(threshold, MOST_THRESHOLD)
        found = linker.inference.predict(threshold_match_probability=least, warning_mode="never")
        gammas = ", ".join(f"gamma_{comparison.name}" for comparison in _usable(records))
        query = (
            "select unique_id_l as left, unique_id_r as right, match_probability as probability, "
            f"{gammas} from {found.physical_name} order by 1, 2"
        )
        table = found.db_api.duckdb_con.sql(query).to_arrow_table()
    return table


def train(records: pa.Table, model: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a model with the levels that these records can teach; the others are those of the given model."""
    require()
    from splink import block_on

    with _linker(records, model) as linker:
        linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
        for columns, silent in TRAINING_BLOCKS:
            if _filled(records, columns) and _teaches(records, columns, silent):
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*columns), estimate_without_term_frequencies=True, max_pairs=TRAINING_PAIRS
                )
        learnt = linker.misc.save_model_to_json()
    comparisons = {
        name: {key: dict(numbers) for key, numbers in levels.items()} for name, levels in model["comparisons"].items()
    }
    for comparison, trained in zip(_usable(records), learnt["comparisons"], strict=True):
        levels = [level for level in trained["comparison_levels"] if not level.get("is_null_level")]
        for level, numbers in zip(comparison.levels, levels, strict=True):
            if level.fixed is None:
                for ours, theirs in (("m", "m_probability"), ("u", "u_probability")):
                    value = numbers.get(theirs)
                    if value is not None and LEAST_PROBABILITY < value < MOST_PROBABILITY:
                        comparisons[comparison.name][level.key][ours] = float(f"{value:.4g}")
    rate = learnt["probability_two_random_records_match"]
    return {**model, "probability_two_random_records_match": float(rate), "comparisons": comparisons}


def teachable(records: pa.Table) -> bool:
    """Return whether there are two records and anything by which they could be found and compared."""
    return records.num_rows > 1 and any(_filled(records, needed) for needed, _ in BLOCKS)


@contextlib.contextmanager
def _linker(records: pa.Table, model: dict[str, Any]) -> Iterator[Linker]:
    import duckdb
    from splink import DuckDBAPI, Linker

    with _quiet(), tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(config={"temp_directory": folder})
        try:
            registered = DuckDBAPI(connection=connection).register(records)
            rate = _match_rate(Linker(registered, _settings(records, model), log_level=None), records)
            settings = _settings(records, {**model, "probability_two_random_records_match": rate})
            yield Linker(registered, settings, log_level=None)
        finally:
            connection.close()


def require() -> None:
    """Raise ``MissingDependency`` where Splink is not installed."""
    try:
        import duckdb  # noqa: F401
        import splink  # noqa: F401
    except ImportError as error:
        raise MissingDependency.for_extra("splink", "link", "link people by probability") from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    log = logging.getLogger("splink")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(before)


def _settings(records: pa.Table, model: dict[str, Any]) -> Any:
    import splink.comparison_level_library as levels
    from splink import SettingsCreator
    from splink.comparison_library import CustomComparison

    weigh = records.num_rows >= FREQUENCIES_FROM
    comparisons = []
    for comparison in _usable(records):
        parts: list[Any] = [levels.CustomLevel(comparison.unknown, "not known").configure(is_null_level=True)]
        for level in comparison.levels:
            m, u = level.fixed or (model["comparisons"][comparison.name][level.key][name] for name in "mu")
            made = levels.ElseLevel() if level.sql == "ELSE" else levels.CustomLevel(level.sql, level.key)
            made = made.configure(m_probability=m, u_probability=u)
            if level.fixed is not None:
                made = made.configure(fix_m_probability=True, fix_u_probability=True)
            if level.frequency_of is not None and weigh:
                made = made.configure(tf_adjustment_column=level.frequency_of, disable_tf_exact_match_detection=True)
            parts.append(made)
        comparisons.append(CustomComparison(parts, output_column_name=comparison.name))
    blocks = [{"blocking_rule": sql, "sql_dialect": "duckdb"} for needed, sql in BLOCKS if _filled(records, needed)]
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=blocks,
        probability_two_random_records_match=model["probability_two_random_records_match"],
        retain_matching_columns=True,
    )


def _match_rate(linker: Linker, records: pa.Table) -> float:
    """Return how likely two random records match: that of the model where there are too few records to tell."""
    rules = [sql for needed, sql in SURE_BLOCKS if _filled(records, needed)]
    before = float(linker.misc.save_model_to_json()["probability_two_random_records_match"])
    if records.num_rows < FREQUENCIES_FROM or not rules:
        return before
    linker.training.estimate_probability_two_random_records_match(rules, recall=SURE_SHARE)
    return float(linker.misc.save_model_to_json()["probability_two_random_records_match"]) or before


def _teaches(records: pa.Table, columns: tuple[str, ...], silent: tuple[str, ...]) -> bool:
    """Return whether some records agree on the columns, and something is left to compare within them."""
    known = records.select(columns).filter(pc.field(columns[0]).is_valid() & pc.field(columns[-1]).is_valid())
    counts = known.group_by(list(columns)).aggregate([([], "count_all")])["count_all"]
    return (pc.max(counts).as_py() or 0) > 1 and any(found.name not in silent for found in _usable(records))


def _usable(records: pa.Table) -> list[Compared]:
    return [comparison for comparison in COMPARISONS if _filled(records, (comparison.column,))]


def _filled(records: pa.Table, columns: tuple[str, ...]) -> bool:
    return all(pc.any(records[column].is_valid()).as_py() for column in columns)
