"""A plugin of pytest that counts what a run tried: ``pytest -p proof.counting`` with PROOF_COUNTS=FILE.

Counted are test functions (kinds), tests that ran and how they ended, cases that hypothesis drew, and whatever a test
tells by ``record_property("cases", n)``.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis.internal.observability import add_observability_callback, remove_observability_callback

_OUTCOMES = {"passed": "passed", "failed": "failed", "skipped": "skipped"}


class _Counts:
    def __init__(self) -> None:
        self.kinds: set[str] = set()
        self.counts = dict.fromkeys(("passed", "failed", "skipped", "drawn", "told"), 0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or (report.when == "setup" and report.outcome != "passed"):
            self.counts[_OUTCOMES[report.outcome]] += 1
            if report.outcome == "passed":
                self.kinds.add(report.nodeid.partition("[")[0])
                self.counts["told"] += sum(int(n) for name, n in report.user_properties if name == "cases")

    def drawn(self, observation: Any) -> None:
        if observation.type == "test_case" and observation.status in ("passed", "failed"):
            self.counts["drawn"] += 1

    def pytest_sessionstart(self) -> None:
        add_observability_callback(self.drawn)

    def pytest_sessionfinish(self) -> None:
        remove_observability_callback(self.drawn)
        Path(os.environ["PROOF_COUNTS"]).write_text(json.dumps({"kinds": len(self.kinds)} | self.counts))


def pytest_configure(config: pytest.Config) -> None:
    """Count from here on."""
    config.pluginmanager.register(_Counts())
