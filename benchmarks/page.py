"""Write the measured parts of ``docs/performance.md`` anew: ``python -m benchmarks.page``.

What stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->`` of a page comes from kept results
(``benchmarks/results``); a test holds the two together.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import table

ROOT = Path(__file__).parents[1]
Results = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """A page of the documentation, the results that it rests on, and what writes each measured part."""

    kept: Path
    path: Path
    blocks: Mapping[str, Callable[[Results], str]]

    def read(self) -> Results:
        """Return kept results."""
        found: Results = json.loads(self.kept.read_text("utf-8"))
        return found

    def filled(self, page: str, results: Results) -> str:
        """Return the page with every measured part written anew."""
        for name, block in self.blocks.items():
            part = re.compile(f"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
            if not part.search(page):
                raise ValueError(f"The page has no part '{name}'.")
            text = block(results)
            page = part.sub(lambda found, text=text: f"{found[1]}\n{text}\n\n{found[2]}", page)
        return page

    def write(self, results: Results) -> None:
        """Write the page from results."""
        self.path.write_text(self.filled(self.path.read_text("utf-8"), results), encoding="utf-8")


PERFORMANCE = Page(
    ROOT / "benchmarks" / "results" / "kept.json",
    ROOT / "docs" / "performance.md",
    {
        "machine": table.machine,
        "targets": table.targets,
        "seconds": table.seconds_by_size,
        "stages": table.stages,
        "growth": table.exponents,
        "memory": table.memory,
        "hot": table.hot,
        "calls": table.calls,
    },
)

if __name__ == "__main__":
    PERFORMANCE.write(PERFORMANCE.read())
