"""One incident in its case, an update by night, and events line by line, on the records of one extract.

Everything is measured in one process of its own, which holds the index; the events go through the command line, as a
control-room system would send them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.cases import AS_OF, Paths
from benchmarks.measure import in_own_process, tree_bytes

# Suspects with about so many records, and how often each kind is asked about.
ASKED = {200: 2_000, 5_000: 500}
WARM, NEW_ROWS, EVENTS = 50, 1_000, 5_000


def measure(paths: Paths, share: float = 1.0) -> dict[str, Any]:
    """Return the times of calls on an extract; ``share`` of the usual number of calls is made."""
    found: dict[str, Any] = in_own_process(_measure, dict(paths), share)
    return found


def _measure(paths: dict[str, Path], share: float) -> dict[str, Any]:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    from breachpattern.analysis import Analyser
    from breachpattern.cases import CaseIndex
    from breachpattern.ingest import read_extract

    found: dict[str, Any] = {}
    incidents = pq.read_table(paths["incidents.parquet"])
    latest = pc.sort_indices(incidents, [("reported_at", "descending")])
    share_new = min(NEW_ROWS, incidents.num_rows // 10)
    new, old = incidents.take(latest[:share_new]), incidents.take(latest[share_new:])
    analyser = Analyser()
    begun = time.perf_counter()
    state, _ = analyser.update(None, {"incidents": old, "orders": paths["orders.parquet"]}, AS_OF)
    found["state_seconds"] = time.perf_counter() - begun
    begun = time.perf_counter()
    state, changes = analyser.update(state, new, AS_OF)
    found["update"] = {"rows": share_new, "seconds": time.perf_counter() - begun, "changes": len(changes)}
    with tempfile.TemporaryDirectory() as folder:
        state.save(Path(folder) / "state")
        del state, changes, new, old
        found["events"] = _events(Path(folder) / "state", incidents, int(EVENTS * share))
    begun = time.perf_counter()
    index = CaseIndex.of(read_extract(paths["incidents.parquet"], orders=paths["orders.parquet"]))
    found["index"] = {"seconds": time.perf_counter() - begun, "bytes": tree_bytes(os.getpid())}
    found["assess"] = _answered(index, incidents, share, 5)
    begun = time.perf_counter()
    pairs = index.prepare()
    found["ready"] = {"pairs": pairs, "seconds": time.perf_counter() - begun, "bytes": tree_bytes(os.getpid())}
    found["ready"]["assess"] = _answered(index, incidents, share, 7)
    return found


def _answered(index: Any, incidents: Any, share: float, seed: int) -> dict[str, Any]:
    """Return how long answers took, by about how many records the suspect has."""
    from breachpattern.spans import as_of_second

    found: dict[str, Any] = {}
    now = as_of_second(AS_OF)
    for around, calls in ASKED.items():
        rows = _asked(incidents, around, max(int(calls * share), WARM), seed)
        if not rows:
            continue
        took = []
        for row in rows:
            begun = time.perf_counter()
            index.assess(row, now=now)
            took.append(time.perf_counter() - begun)
        took = sorted(took[WARM:]) or sorted(took)
        found[str(around)] = {
            "calls": len(took),
            "p50": took[len(took) // 2],
            "p99": took[min(int(len(took) * 0.99), len(took) - 1)],
        }
    return found


def _asked(incidents: Any, around: int, calls: int, seed: int) -> list[dict[str, str]]:
    """Return new incidents of suspects with about so many records, towards people they acted against before."""
    import numpy as np

    people = incidents.select(["suspect_id", "victim_id"]).to_pandas().dropna()
    count = people.groupby("suspect_id").size()
    near = count[(count >= around * 0.75) & (count <= around * 1.25)]
    if near.empty:
        return []
    mine = people[people["suspect_id"].isin(near.index)]
    picked = mine.iloc[np.random.default_rng(seed).integers(0, len(mine), calls + WARM)]
    return [
        {
            "incident_id": f"N{i:07d}",
            "occurred_from": f"2026-06-30T{i // 60 % 24:02d}:{i % 60:02d}",
            "suspect_id": suspect,
            "victim_id": victim,
            "behaviours": "contact;threat" if i % 3 == 0 else "contact",
            "channel": "phone",
        }
        for i, (suspect, victim) in enumerate(zip(picked["suspect_id"], picked["victim_id"], strict=True))
    ]


def _events(state: Path, incidents: Any, events: int) -> dict[str, float]:
    """Return how many events a second the command answers, from the first answer to the last."""
    import numpy as np

    people = incidents.select(["suspect_id", "victim_id"]).to_pandas().dropna()
    picked = people.iloc[np.random.default_rng(6).integers(0, len(people), events)]
    lines = [
        json.dumps({"event": "incident", "incident": {
            "incident_id": f"E{i:07d}", "occurred_from": f"2026-06-30T{i // 60 % 24:02d}:{i % 60:02d}",
            "suspect_id": suspect, "victim_id": victim, "behaviours": "contact", "channel": "phone",
        }})
        for i, (suspect, victim) in enumerate(zip(picked["suspect_id"], picked["victim_id"], strict=True))
    ]  # fmt: skip
    command = [sys.executable, "-m", "breachpattern", "watch", "--state", str(state), "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b'{"event":"ping"}\n')
        process.stdin.flush()
        process.stdout.readline()
        feed = threading.Thread(target=_feed, args=(process.stdin, lines))
        begun = time.perf_counter()
        feed.start()
        answers = [process.stdout.readline() for _ in lines]
        seconds = time.perf_counter() - begun
        feed.join()
        process.kill()  # an end would save, which is not what is measured
    if not all(answers) or any(b'"error"' in answer for answer in answers):
        raise RuntimeError("An event was not answered.")
    return {"events": events, "seconds": seconds}


def _feed(pipe: Any, lines: list[str]) -> None:
    for line in lines:
        pipe.write(line.encode() + b"\n")
    pipe.flush()
