"""The public surface: what `docs/explanation/versions.md` promises to keep is written down, and a change is seen."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import breachpattern as bp

KEPT = Path(__file__).parent / "public_api.txt"
TYPED = """
from datetime import date

import breachpattern as bp

extract = bp.read_extract("incidents.csv", orders="orders.csv")
analysis = bp.Analyser(link="off").analyse(extract, as_of="2026-06-30")
rows: int = len(analysis.findings)
headline: str = analysis.findings[0].headline
extract.issues.to_frame()
answer: dict[str, object] = bp.Analyser().assess({"incident_id": "I1", "occurred_from": "2025-01-01"})
state, changes = bp.Analyser().update(None, extract)
incident = bp.Incident(incident_id="I1", kind="crime", occurred_from=date(2025, 1, 1))
bp.show_versions()
bp.Analyser().analyse("no extract")  # refused
analysis.no_such_name  # refused
"""


def surface() -> str:
    """Every public name with its signature, and those of its public methods."""
    lines = []
    for name in sorted(set(bp.__all__) - {"__version__"}):
        thing = getattr(bp, name)
        lines.append(f"{name}{_signature(thing)}")
        if inspect.isclass(thing):
            lines += sorted(f"{name}.{member}{_signature(value)}" for member, value in _members(thing))
    return "\n".join(lines) + "\n"


def _members(thing: type) -> list[tuple[str, Any]]:
    own = [base for base in thing.__mro__ if base.__module__.startswith("breachpattern")]
    names = {name for base in own for name in vars(base) if not name.startswith(("_", "model_"))}
    return [(name, inspect.getattr_static(thing, name)) for name in names]


def _signature(thing: Any) -> str:
    function = getattr(thing, "__func__", thing)
    if not callable(function):
        return ""
    try:
        signature = inspect.signature(function)
    except ValueError:
        return ""
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    return str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))


def test_the_public_surface_is_the_one_that_is_written_down() -> None:
    assert surface() == KEPT.read_text(encoding="utf-8"), (
        "The public surface changed. Where that is meant, write it anew (python -m tests.test_public_api) and say so "
        "in CHANGELOG.md; what is taken away is deprecated first (docs/explanation/versions.md)."
    )


@pytest.mark.slow
def test_the_public_surface_is_typed(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    path = tmp_path / "user.py"
    names = sorted(set(bp.__all__))
    path.write_text(TYPED + "".join(f"reveal_type(bp.{name})\n" for name in names))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--follow-imports", "silent", str(path)]
    told = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False).stdout
    refused = [number for number, line in enumerate(TYPED.splitlines(), start=1) if line.endswith("# refused")]
    assert sorted({int(line.split(":")[1]) for line in told.splitlines() if ": error:" in line}) == refused, told
    revealed = [line.partition("Revealed type is ")[2] for line in told.splitlines() if "Revealed type is" in line]
    assert len(revealed) == len(names), told
    assert [name for name, kind in zip(names, revealed, strict=True) if "Any" in kind.split(" -> ")[-1]] == []


if __name__ == "__main__":
    KEPT.write_text(surface(), encoding="utf-8")
