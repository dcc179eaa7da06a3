"""The rule that fired, condition by condition, in words for somebody who writes no programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from breachpattern.errors import PatternError
from breachpattern.explain.evidence import Points
from breachpattern.patterns.registry import Criterion, Parameter, find_criterion
from breachpattern.patterns.wording import joined

_BRANCHES = {"all": "all of these", "any": "at least one of these", "not": "not this"}
_AT_MOST = ("at_most", "within", "days")


def rule(node: Any, depth: int = 0) -> Points:
    """Yield the conditions of a trace from the top: what was asked for, what was found.

    Parameters
    ----------
    node : mapping
        The ``trace`` of a finding, or a part of it.
    depth : int
        How far it is indented.

    Examples
    --------
    >>> asked = {"criterion": "occasions", "summary": "There are several occasions.", "holds": True,
    ...          "params": {"at_least": 2}, "values": {"occasions": "3 occasions"}}
    >>> for line, details in rule({"not": asked, "holds": False}):
    ...     print(line, details)
    not this (not met): ()
      There are several occasions: yes ('  asked for: occasions: at least 2', '  found: 3 occasions')
    """
    if not isinstance(node, Mapping):
        return
    indent = "  " * depth
    for key, words in _BRANCHES.items():
        if key in node:
            met = _said(node, " (met)", " (not met)")
            yield f"{indent}{words}{met}:", ()
            below = node[key]
            for child in below if isinstance(below, list | tuple) else [below]:
                yield from rule(child, depth + 1)
    if "criterion" in node:
        name = str(node.get("summary") or node["criterion"].replace("_", " ")).rstrip(".")
        answer = _said(node, ": yes", ": no")
        yield f"{indent}{name}{answer}", tuple(f"{indent}{line}" for line in _details(node))


def _said(node: Mapping[str, Any], held: str, failed: str) -> str:
    return "" if node.get("holds") is None else held if node["holds"] else failed


def _details(node: Mapping[str, Any]) -> Iterator[str]:
    try:
        known = find_criterion(node["criterion"])
    except PatternError:  # a criterion of somebody's own, not loaded here: nothing says what its parameters mean
        return
    asked = [text for name, value in (node.get("params") or {}).items() if (text := _asked(known, name, value))]
    found = [text for name, value in (node.get("values") or {}).items() if (text := _found(known, name, value))]
    if asked:
        yield f"asked for: {'; '.join(asked)}"
    if found:
        yield f"found: {'; '.join(found)}"
    if node.get("basis"):
        yield f"rests on: {node['basis']}"


def _asked(known: Criterion, name: str, value: Any) -> str:
    parameter = known.parameters.get(name)
    if parameter is None or value in (False, "", None, []) or _everything(parameter, value):
        return ""
    if value is True:
        return parameter.meaning
    if isinstance(value, list | tuple):
        return f"{parameter.meaning}: {', '.join(map(_words, value))}"
    if isinstance(value, str):
        return f"{parameter.meaning}: {_words(value)}"
    how = "at least " if name.startswith("at_least") else "at most " if name in _AT_MOST else ""
    return f"{parameter.meaning}: {how}{value:g}"


def _everything(parameter: Parameter, value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(parameter.codes) and set(value) == set(parameter.codes)


def _found(known: Criterion, name: str, value: Any) -> str:
    reason = known.reasons.get(name)
    if reason is None or value is None or value == []:
        return ""
    if reason.noun:
        return str(value)
    if isinstance(value, bool):
        return f"{reason.meaning}: {'yes' if value else 'no'}"
    if isinstance(value, float):
        return f"{reason.meaning}: {value:.4g}"
    return f"{reason.meaning}: {joined([_words(v) for v in value]) if isinstance(value, list) else _words(value)}"


def _words(code: Any) -> str:
    return str(code).replace("_", " ")
