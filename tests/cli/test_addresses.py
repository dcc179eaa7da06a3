"""Where addresses are bounded, allocators reserve few, in this process and those that it starts."""

from __future__ import annotations

import subprocess
import sys

import pytest

from breachpattern.cli import addresses

SAID = (
    "import os; from breachpattern.cli import main; main(['--version']); import pyarrow as pa; "
    "print(pa.default_memory_pool().backend_name, os.environ.get('MALLOC_ARENA_MAX'))"
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no addresses")
def test_under_a_bound_arrow_takes_what_it_needs_and_no_more():
    import resource

    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, resource.getrlimit(resource.RLIMIT_AS)[1]))

    done = subprocess.run([sys.executable, "-c", SAID], capture_output=True, text=True, check=True, preexec_fn=bound)
    assert done.stdout.splitlines()[-1] == "system 2"


def test_without_a_bound_nothing_is_changed(monkeypatch):
    monkeypatch.setattr(addresses, "_bounded", lambda: False)
    monkeypatch.setattr(addresses, "os", None)
    addresses.spare()
