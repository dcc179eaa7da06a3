"""A query that only reads: one SELECT, and nothing that could change what it reads."""

from __future__ import annotations

import re

from breachpattern.errors import InputError

# Comments and quoted text, in which words do not count. A quote that is not closed reaches to the end.
_ASIDE = re.compile(
    r"--[^\n]*|/\*.*?(?:\*/|\Z)|\$(\w*)\$.*?(?:\$\1\$|\Z)|'(?:[^']|'')*(?:'|\Z)|\"(?:[^\"]|\"\")*(?:\"|\Z)"
    r"|`[^`]*(?:`|\Z)|\[[^\]]*(?:\]|\Z)",
    re.DOTALL,
)
_READS = ("select", "with", "values", "from")
_CHANGES = re.compile(
    r"(?i)(?<![\w.])(insert|update|delete|merge|into|create|drop|alter|truncate|copy|attach)\b(?!\s*\()"
)


def check_query(query: str, where: str) -> str:
    """Return the one statement of a query, without the semicolon at its end.

    Parameters
    ----------
    query : str
        SQL.
    where : str
        The database, for messages; without its password.

    Raises
    ------
    InputError
        Where it is no SELECT (or WITH, VALUES), more than one statement, or holds a word that changes data.

    Examples
    --------
    >>> check_query("select * from incidents where kind <> 'drop; delete';", "rms.sqlite")
    "select * from incidents where kind <> 'drop; delete'"
    >>> check_query("drop table incidents", "rms.sqlite")
    Traceback (most recent call last):
        ...
    breachpattern.errors.InputError: rms.sqlite: The query gives no table. Write a SELECT.
    """
    words = _ASIDE.sub(_blank, query)
    statement = words.rstrip("; \t\r\n")
    first = re.match(r"[\s(]*([A-Za-z]*)", statement)
    if first is None or first.group(1).lower() not in _READS:
        raise InputError("The query gives no table.", where=where, hint="Write a SELECT.")
    if ";" in statement:
        raise InputError("The query is more than one statement.", where=where, hint="Write one SELECT.")
    change = _CHANGES.search(statement)
    if change:
        raise InputError(
            f"The query could change the database ({change.group(1).upper()}).",
            where=where,
            hint="Write a SELECT that only reads; put quotes round the name of a column that is called so.",
        )
    return query[: len(statement)]


def _blank(aside: re.Match[str]) -> str:
    return (" " if aside.group().startswith(("--", "/*")) else "_") * len(aside.group())
