"""Writes docs/reference/licences.md: what breachpattern needs to run, and under which licence that is.

``python release/licences.py`` reads what is installed, so run it in the environment of ``make setup``.
"""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "licences.md"
HEAD = """# Licences of what it needs

breachpattern itself is under the MIT licence. Written by `make licences` from what is installed: the libraries that it
needs, and those of its extras, themselves and what they need. `make sbom` lists every version as CycloneDX.

| library | for | licence |
|---|---|---|
"""


def requirements(name: str, extra: str = "") -> set[str]:
    """Return the names that a distribution needs, by itself or for one of its extras."""
    out = set()
    for line in metadata.requires(name) or ():
        needed, _, condition = line.partition(";")
        wanted = re.findall(r"extra\s*==\s*['\"]([^'\"]+)['\"]", condition)
        if (extra in wanted) if wanted else not extra:
            out.add(canonical(re.match(r"[A-Za-z0-9._-]+", needed.strip())[0]))  # type: ignore[index]
    return out


def canonical(name: str) -> str:
    """Return a name as indexes write it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def closure(names: set[str]) -> set[str]:
    """Return names and what they need in turn, as far as it is installed."""
    done: set[str] = set()
    while names - done:
        name = (names - done).pop()
        done.add(name)
        try:
            names |= requirements(name)
        except metadata.PackageNotFoundError:
            continue
    return done


def licence(name: str) -> str:
    """Return the licence that a distribution states."""
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    stated = told.get("License-Expression") or ""
    classified = [c.split(" :: ")[-1] for c in told.get_all("Classifier") or () if c.startswith("License :: ")]
    short = (told.get("License") or "").strip().splitlines()
    return stated or "; ".join(classified) or (short[0][:60] if short else "not stated")


def page() -> str:
    """Return the page."""
    extras = metadata.metadata("breachpattern").get_all("Provides-Extra") or []
    uses: dict[str, list[str]] = {}
    core = closure(requirements("breachpattern"))
    for name in core:
        uses.setdefault(name, []).append("always")
    for extra in sorted(set(extras) - {"all"}):
        for name in closure(requirements("breachpattern", extra)) - core:
            uses.setdefault(name, []).append(f"`{extra}`")
    rows = [(name, ", ".join(uses[name]), licence(name)) for name in sorted(uses)]
    return HEAD + "".join(f"| {name} | {use} | {told} |\n" for name, use, told in rows if told)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
