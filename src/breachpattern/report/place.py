"""Where a pack goes: into a folder of its own beside the tables, whole or not at all, and only over a former pack."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from breachpattern.errors import OutputError
from breachpattern.output.folder import PACK, written_beside


def check_target(target: Path) -> None:
    """Refuse a folder that is not a former pack and holds anything."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return
    others = written_beside(target) if target.is_dir() else [target.name]
    if others == [target.name]:
        raise OutputError(
            "The folder is not empty and is not a review pack, so nothing is written over it."
            if target.is_dir()
            else "This is a file, not a folder.",
            where=str(target),
            hint="Name a new folder, or empty this one yourself.",
        )
    if others:
        shown = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
        raise OutputError(
            f"The folder is a former review pack, but also holds what no pack wrote ({shown}).",
            where=str(target),
            hint="Move that elsewhere, or name a new folder.",
        )


def write_entry(path: Path, template: Any, marking: str) -> None:
    """Write the page beside the tables that leads into the pack, whole or not at all."""
    text = template.get_template("entry.html.jinja").render(pack=PACK, marking=marking)
    partial = path.with_name(f".{path.name}.partial")
    try:
        partial.write_text(text, encoding="utf-8", newline="\n")
        os.replace(partial, path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise OutputError(
            f"The pack cannot be written: {error.strerror}.",
            where=str(path),
            hint="Make room, or name another folder with --out.",
        ) from error


def mark_of(summary: Mapping[str, Any], marking: str, written: list[str]) -> str:
    """Return what tells a later run that this folder is a pack, and which of its files are."""
    told = {
        "breachpattern": summary["versions"]["breachpattern"],
        "as_of": summary["as_of"],
        "marking": marking,
        "files": written,
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def asset(name: str) -> str:
    """Return the text of a file that all pages share."""
    return files("breachpattern.report").joinpath("assets", name).read_text("utf-8")
