import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.spark.given import messy

from breachpattern.cli import main

MAPPING = """[incidents]
list_separator = ","
[incidents.leave_out]
"Total" = ["y"]
[incidents.columns]
incident_id = "Crime No."
occurred_from = "When"
narrative = "MO"
[[incidents.wide]]
victim_id = ["Victim", "Victim 2"]
"""
AS_OF = ["--as-of", "2026-03-31", "--quiet"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A force's own export as CSV, with lines that cannot be read, and orders as Parquet with typed times."""
    monkeypatch.chdir(tmp_path)
    tables = messy(incidents=250)
    rows = tables["incidents"].drop_columns(["officer"])
    rows = rows.rename_columns({"incident_id": "Crime No.", "occurred_from": "When", "victim_id": "Victim"})
    second = pa.array([text if n % 9 == 0 else None for n, text in enumerate(rows["Victim"].to_pylist()[::-1])])
    rows = rows.append_column("Victim 2", second)
    rows = rows.append_column("MO", pa.array(["He rang, again"] * rows.num_rows))
    rows = rows.append_column("Total", pa.array(["y" if n % 50 == 0 else "" for n in range(rows.num_rows)]))
    rows = rows.append_column("Ethnicity", pa.array(["CANARYethnic"] * rows.num_rows))
    who = rows["suspect_id"].to_pylist()
    who[7:11] = "p0007", "P0007\u200b", "\u017fmith", "SMITH"
    rows = rows.set_column(rows.column_names.index("suspect_id"), "suspect_id", pa.array(who, pa.string()))
    lines = [";".join(rows.column_names)]
    lines += [";".join(str(v or "").replace(";", ",") for v in row.values()) for row in rows.to_pylist()]
    lines.insert(4, "C99;2025-01-01;too;many" + ";x" * 40)
    lines.insert(9, "C98;2025-01-01")
    (tmp_path / "rms.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "rms.toml").write_text(MAPPING)
    orders = tables["orders"]
    made = orders["made_on"].cast(pa.date32())
    served = orders["served_at"].cast(pa.timestamp("us"))
    orders = orders.set_column(orders.column_names.index("made_on"), "made_on", made)
    pq.write_table(orders.set_column(orders.column_names.index("served_at"), "served_at", served), "orders.parquet")
    return tmp_path


def files(folder):
    held = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "summary.json"}
    summary = json.loads((folder / "summary.json").read_text())
    return held | {"summary": json.dumps({k: v for k, v in summary.items() if k not in ("started", "finished")})}


@pytest.mark.spark
def test_the_run_folder_is_the_one_that_this_machine_writes(spark, here, capsys):
    command = ["score", "rms.csv", "--mapping", "rms.toml", "--orders", "orders.parquet", *AS_OF]
    assert main([*command, "--max-rejected", "50%", "--out", "one"]) == 0
    assert main([*command, "--max-rejected", "50%", "--out", "two", "--engine", "spark", "--master", "local[2]"]) == 0
    assert capsys.readouterr().out == ""
    one, two = files(here / "one"), files(here / "two")
    assert set(one) == set(two)
    for name in one:
        assert one[name] == two[name], name
    assert {"quarantine_incidents.csv", "quarantine_orders.csv", "findings.jsonl"} <= set(one)
    assert b"He rang" not in one["quarantine_incidents.csv"]
    assert b"CANARY" not in b"".join(data for name, data in two.items() if name != "summary")
    codes = {line.split(b",")[3].strip(b'"') for line in two["issues.csv"].splitlines() if line}
    assert {b"special_category", b"look_alike_references", b"hidden_characters"} <= codes


@pytest.mark.spark
@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["nowhere.parquet"], "nowhere.parquet: There is no such file."),
        (["orders.parquet"], "There is no column incident_id"),
        (["s3a://nowhere/x.parquet"], "s3a://nowhere/x.parquet: Spark cannot read this"),
    ],
)
def test_what_spark_cannot_read_is_told_in_one_paragraph(spark, here, capsys, command, said):
    assert main(["score", *command, "--engine", "spark", "--out", "run"]) == 1
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told
    assert not (here / "run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "dask"], "'dask' is no engine. Use one of: local, spark."),
        (["--master", "yarn"], "Add --engine spark."),
        (["--engine", "spark", "--workers", "2"], "Leave them out, or --engine spark."),
        (["--engine", "spark", "--minimise"], "Spark neither pseudonymises nor minimises, and keeps no"),
        (["--engine", "spark", "--special-category", "Ethnicity"], "Score on this machine: leave --engine out."),
    ],
)
def test_options_that_do_not_go_together_are_refused(capsys, options, said):
    assert main(["score", "x.csv", *options]) == 2
    assert said in capsys.readouterr().err


def test_without_pyspark_one_sentence_holds_the_install_line(capsys, monkeypatch, tmp_path):
    from breachpattern.spark import session

    monkeypatch.setattr(session, "find_spec", lambda name: None)
    assert main(["score", "x.csv", "--engine", "spark", "--out", str(tmp_path / "run")]) == 1
    assert "Install it with: pip install 'breachpattern[spark]'" in capsys.readouterr().err
