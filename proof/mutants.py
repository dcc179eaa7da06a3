"""The mutants of a file: mutmut says what to change, and each change is kept as the one function that it changes.

A mutant is set into a process that has everything loaded, by giving the function the code of its mutated twin: whoever
imported the function calls the mutant. So neither a copy of the project nor a new interpreter is needed.
"""

from __future__ import annotations
import __future__

import difflib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import FunctionType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src"


@dataclass(frozen=True)
class Mutant:
    """One small change of a function, or a function as it is where nothing is changed.

    ``first`` and ``last`` are the lines of the statement that is changed, ``begins`` is the line of the function.
    """

    file: str
    function: str
    first: int
    last: int
    begins: int
    code: str
    change: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What tells a mutant from others, whatever stands above its function."""
        return self.file, self.function, self.change


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file, in the order in which mutmut makes them, and each function as it is before its own.

    Left out are module-level code and decorated functions, which cannot be changed in place.
    """
    import libcst as cst
    from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
    from mutmut.mutation.file_mutation import create_mutations

    module, found, _, _ = create_mutations(str(path), path.read_text(encoding="utf-8"))
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    places, parents = wrapper.resolve(PositionProvider), wrapper.resolve(ParentNodeProvider)
    file, seen = path.relative_to(ROOT).as_posix(), set()
    for each in found:
        function = each.contained_by_top_level_function
        if not isinstance(function, cst.FunctionDef):
            continue
        node: cst.CSTNode = each.original_node
        while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
            node = parents[node]
        first, last = places[node].start.line, places[node].end.line
        if isinstance(node, cst.BaseCompoundStatement) and not isinstance(node, cst.FunctionDef):
            last = places[node.body].start.line - 1
        changed = cst.ensure_type(function.deep_replace(each.original_node, each.mutated_node), cst.FunctionDef)
        was, became = _text(function), _text(changed)
        lines = difflib.unified_diff(was.split("\n"), became.split("\n"), lineterm="", n=0)
        change = tuple(line for line in lines if line[:1] in "+-" and line[:3] not in ("---", "+++"))
        outer, begins = parents.get(parents[function]), places[function.name].start.line
        name = f"{outer.name.value}.{function.name.value}" if isinstance(outer, cst.ClassDef) else function.name.value
        if name not in seen:
            seen.add(name)
            yield Mutant(file, name, first, last, begins, was, ())
        yield Mutant(file, name, first, last, begins, became, change)


@lru_cache(maxsize=2)
def _text(function: Any) -> str:
    import libcst as cst

    return cst.Module([function.with_changes(decorators=(), leading_lines=(), lines_after_decorators=())]).code


def module_of(file: str) -> str:
    """Return the name under which a file is imported."""
    return ".".join((ROOT / file).relative_to(SOURCE).with_suffix("").parts)


def original(mutant: Mutant) -> FunctionType:
    """Return the function that a mutant changes, as it is loaded."""
    held: object = importlib.import_module(module_of(mutant.file))
    *outer, name = mutant.function.split(".")
    for step in outer:
        held = getattr(held, step)
    found = vars(held)[name]
    function = getattr(found, "__func__", found)
    assert isinstance(function, FunctionType), mutant.function
    return function


def set_in(mutant: Mutant) -> None:
    """Make the loaded function behave as the mutant, in this process and for good.

    Raises
    ------
    Exception
        Whatever the mutant raises where its function is defined.
    """
    function = original(mutant)
    space = dict(function.__globals__)
    text = "\n" * (mutant.begins - 1) + mutant.code
    exec(compile(text, str(ROOT / mutant.file), "exec", __future__.annotations.compiler_flag, dont_inherit=True), space)
    twin = space[function.__name__]
    function.__code__ = twin.__code__
    function.__defaults__ = twin.__defaults__
    function.__kwdefaults__ = twin.__kwdefaults__
