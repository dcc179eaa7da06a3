"""Write the measured parts of ``docs/performance.md`` anew: ``python -m benchmarks.page``.

What stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` comes from ``benchmarks/results/kept.json``; a
test holds the two together.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from benchmarks import table

ROOT = Path(__file__).parents[1]
KEPT, PAGE = ROOT / "benchmarks" / "results" / "kept.json", ROOT / "docs" / "performance.md"
BLOCKS = {
    "machine": table.machine,
    "targets": table.targets,
    "seconds": table.seconds_by_size,
    "stages": table.stages,
    "growth": table.exponents,
    "memory": table.memory,
    "hot": table.hot,
    "calls": table.calls,
}


def read(path: Path = KEPT) -> table.Results:
    """Return kept results."""
    found: table.Results = json.loads(path.read_text("utf-8"))
    return found


def filled(page: str, results: table.Results) -> str:
    """Return the page with every measured part written anew."""
    for name, block in BLOCKS.items():
        part = re.compile(f"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
        if not part.search(page):
            raise ValueError(f"The page has no part '{name}'.")
        text = block(results)
        page = part.sub(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
    return page


def write(results: table.Results) -> None:
    """Write the page from results."""
    PAGE.write_text(filled(PAGE.read_text("utf-8"), results), encoding="utf-8")


if __name__ == "__main__":
    write(read())
