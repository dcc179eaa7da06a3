"""What is read of the tables of buckets to bring them into one order."""

from __future__ import annotations

import pyarrow as pa

from breachpattern.buckets import merge


def test_columns_that_are_not_read_take_no_room(tmp_path):
    schema = merge.SCHEMAS["findings"]
    rows = 1_000
    columns = [
        pa.array(["x" * 2_000] * rows, field.type) if field.name == "line" else pa.nulls(rows, field.type)
        for field in schema
    ]
    whole = pa.table(columns, schema=schema)
    with pa.OSFile(str(tmp_path / "findings.arrow"), "w") as file, pa.ipc.new_file(file, schema) as writer:
        writer.write_table(whole, max_chunksize=100)
    wanted = [name for name in schema.names if name != "line"]
    before = pa.total_allocated_bytes()
    found = merge._columns(tmp_path, "findings", wanted)
    assert pa.total_allocated_bytes() - before < whole["line"].nbytes // 10
    assert found.equals(whole.select(wanted))
