"""Two runs, what somebody without scruples does to a database, and other processes at the same register."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import breachpattern as bp
from breachpattern.analysis import Analysis
from breachpattern.analysis.runs import Run

WHO = {"suspect_id": "P1", "victim_id": "V1", "behaviours": "contact", "channel": "text"}
ORDER = {
    "order_id": "O1", "kind": "restraining", "respondent_id": "P1", "protected_id": "V1", "made_on": "2025-01-10",
    "terms": "no_contact",
}  # fmt: skip
INCIDENTS = [{"incident_id": f"I{d}", "occurred_from": f"2025-03-0{d}T10:00"} | WHO for d in (1, 4, 7)]
AS_OF = "2025-04-01"
WORKER = Path(__file__).with_name("worker.py")


def analyse(
    incidents: list[dict[str, str]], orders: list[dict[str, str]] | None = None, as_of: str = AS_OF
) -> Analysis:
    return bp.Analyser().analyse(bp.read_extract(incidents, [ORDER] if orders is None else orders), as_of)


def found(run: Run, pattern: str = "repeat_breach") -> str:
    """Return the one finding of a pattern."""
    (identity,) = [row["finding_id"] for row in run.findings.to_pylist() if row["pattern"] == pattern]
    return str(identity)


def tampered(url: str, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Run any statement with the guards taken away, as somebody with a database tool could."""
    import sqlalchemy as sa

    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for (name,) in connection.execute(sa.text("select name from sqlite_master where type = 'trigger'")).all():
                connection.execute(sa.text(f"drop trigger {name}"))
        else:
            connection.execute(sa.text("set session_replication_role = replica"))
        result = connection.execute(sa.text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []


def worker(*arguments: object) -> subprocess.Popen[str]:
    """Start another process at a register; see ``worker.py``."""
    command = [sys.executable, str(WORKER), *map(str, arguments)]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(command, text=True, **pipes)
