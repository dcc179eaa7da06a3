"""Which test names which id: read from the tests as they are, without running them."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def parametrised(module: str) -> dict[str, list[str]]:
    """Return the tests of a module that are run once for each row of a table, by the first cell of the row.

    Taken from the very marks that pytest runs, so that a row that no test takes is not counted.
    """
    loaded = importlib.import_module(module)
    path = Path(inspect.getfile(loaded)).relative_to(ROOT).as_posix()
    out: dict[str, list[str]] = {}
    for name, function in vars(loaded).items():
        for mark in getattr(function, "pytestmark", ()) if name.startswith("test_") else ():
            if mark.name == "parametrize":
                for row in mark.args[1]:
                    cells = [cell for cell in row if isinstance(cell, str)] if isinstance(row, Iterable) else []
                    key = row if isinstance(row, str) else cells[0] if cells else ""
                    names = out.setdefault(key, [])
                    names.extend([test] if (test := f"{path}::{name}") not in names else [])
    return out


def naming(ids: Iterable[str], folder: Path = ROOT / "tests") -> dict[str, list[str]]:
    """Return the tests in which an id stands as a text of its own, or in a table of their module that they use.

    An id that is a plain word (``harassment``) may mean something else in a test; such ids are left out.
    """
    wanted = {ident for ident in ids if re.search(r"[._]", ident)}
    out: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        where = path.relative_to(ROOT).as_posix()
        for name, texts in texts_of_tests(ast.parse(path.read_text(encoding="utf-8"))):
            for ident in sorted(wanted & texts):
                out.setdefault(ident, []).append(f"{where}::{name}")
    return out


def texts_of_tests(module: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """Yield every test of a module with the texts in it and in the module's constants and helpers that it uses."""
    held: dict[str, ast.AST] = {}
    for node in module.body:
        if isinstance(node, ast.FunctionDef):
            held[node.name] = node
        elif isinstance(node, ast.Assign):
            held.update({target.id: node.value for target in node.targets if isinstance(target, ast.Name)})
    for name, node in held.items():
        if name.startswith("test_"):
            yield name, _texts(node, held, {name})


def _texts(node: ast.AST, held: Mapping[str, ast.AST], seen: set[str]) -> set[str]:
    out: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            out.add(inner.value)
        elif isinstance(inner, ast.Name) and inner.id in held and inner.id not in seen:
            seen.add(inner.id)
            out |= _texts(held[inner.id], held, seen)
    return out
