"""Write the sample data: a small simulated force with the told stories among it, its truth, and its own export.

`make sample-data` runs it. The same stories, mapping and seed give the same files, byte for byte.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pyarrow.compute as pc

import breachpattern as bp
from breachpattern.simulation.export import as_export

HERE = Path(__file__).parent
FORCE = {"incidents": 600, "seed": 20260630, "since": "2023-01-01", "until": "2026-06-30"}


def write(folder: Path) -> list[Path]:
    """Write every table to a folder and return the files."""
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    force = bp.simulate(**FORCE, stories=HERE / "stories.toml")
    tables = force.tables() | {f"truth/{name}": table for name, table in force.truth.items()}
    lines = {
        name: [table.column_names, *zip(*table.to_pydict().values(), strict=True)] for name, table in tables.items()
    }
    incidents = force.incidents
    own = pc.equal(incidents["force"], "Northmarch Constabulary")
    year = pc.starts_with(incidents["reported_at"], "2025")
    named = pc.not_equal(incidents["victim_id"], "")
    lines["northmarch_rms_export"] = as_export(
        incidents.filter(pc.and_(pc.and_(own, year), named)),
        HERE / "northmarch_mapping.toml",
        title="NORTHMARCH CONSTABULARY\nCrimes and incidents reported 2025, with a victim",
    )
    files = []
    for name, rows in lines.items():
        files.append(folder / f"{name}.csv")
        with files[-1].open("w", encoding="utf-8", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows(rows)
    return files


if __name__ == "__main__":
    for file in write(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE):
        print(file)
