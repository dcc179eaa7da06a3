import importlib

import numpy as np
import pytest

import breachpattern as bp
from breachpattern.errors import OutputError, UsageError
from breachpattern.records.models import MODELS


def test_the_same_numbers_give_the_same_bytes_and_others_do_not(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        bp.simulate(500, seed).write(tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.*"))
    assert len(files) == 13
    assert all((tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes() for file in files)
    incidents = "incidents.csv"
    assert (tmp_path / "a" / incidents).read_bytes() != (tmp_path / "c" / incidents).read_bytes()


@pytest.mark.parametrize("incidents", [100, 137, 1_000])
@pytest.mark.parametrize("quiet_town", [True, False])
def test_the_extract_holds_as_many_incidents_as_asked_for(incidents, quiet_town):
    for seed in range(3):
        force = bp.simulate(incidents, seed, quiet_town=quiet_town)
        assert len(force.incidents["incident_id"].unique()) == incidents
        assert force.truth["incidents"].num_rows == incidents


def test_tables_have_canonical_columns_only(either):
    for name, table in either.tables().items():
        assert set(table.column_names) <= set(MODELS[name].model_fields)


def test_every_row_is_read_and_analysed_with_no_issue_worth_a_warning(tmp_path):
    force = bp.simulate(2_000, 8)
    force.write(tmp_path / "force")
    folder = tmp_path / "force"
    extract = bp.read_extract(*(folder / f"{name}.csv" for name in force.tables()))
    assert all(counts["rejected"] == 0 for counts in extract.rows.values())
    assert len(extract.issues) == 0
    repeated = force.incidents.num_rows - len(force.incidents.to_pandas().drop_duplicates())
    assert extract.rows["incidents"]["duplicates"] == repeated > 0
    analysis = bp.Analyser().analyse(extract, as_of="2025-12-31")
    assert len(analysis.breaches) > 0
    assert len(analysis.findings) > 0


def test_a_quiet_town_has_no_campaign_and_the_same_everyday_life(town):
    truth = town.truth
    assert truth["campaigns"].num_rows == 0
    assert truth["incidents"]["campaign_id"].null_count == 8_000
    assert "true" not in truth["units"]["course_of_conduct"].to_pylist()
    assert town.orders.num_rows > 100
    breaches = truth["breaches"].to_pandas()
    breaches = breaches[breaches["terms"] != "notification"]
    units = truth["incidents"].to_pandas().set_index("incident_id")
    acts = units.loc[breaches["incident_id"].unique()].groupby("unit")["act_id"].nunique()
    assert len(acts) > 10
    assert (acts == 1).mean() > 0.9, "an order is obeyed, or one is broken once"


def test_the_function_is_not_hidden_by_its_package():
    importlib.import_module("breachpattern.simulation.force")
    assert callable(bp.simulate)


def test_a_folder_is_written_whole_and_replaces_only_a_former_simulation(tmp_path):
    force = bp.simulate(100, 1)
    folder = force.write(tmp_path / "force", "parquet")
    assert "invented" in (folder / "README.md").read_text()
    bp.simulate(150, 1).write(folder)
    assert not list(folder.glob("*.parquet"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "work.txt").write_text("mine")
    with pytest.raises(OutputError, match="not a run"):
        force.write(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["work.txt"]


def test_a_run_does_not_overwrite_the_force_that_it_scores(tmp_path):
    force = bp.simulate(100, 1)
    folder = force.write(tmp_path / "force")
    analysis = bp.Analyser().analyse(bp.read_extract(**force.tables()))
    with pytest.raises(OutputError):
        analysis.write(folder)
    with pytest.raises(OutputError):
        force.write(analysis.write(tmp_path / "run"))


@pytest.mark.parametrize("wrong", [0, 99, -5, 100.5, "many", True])
def test_numbers_that_cannot_be_are_refused_in_words(wrong):
    with pytest.raises(UsageError, match="100"):
        bp.simulate(wrong)
    with pytest.raises(UsageError, match="seed"):
        bp.simulate(100, -1)


def test_numpy_integers_are_whole_numbers():
    assert bp.simulate(np.int64(100), np.int32(2)).settings["seed"] == 2
