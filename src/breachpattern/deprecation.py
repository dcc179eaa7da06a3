"""Names that go: they work, and a warning names what takes their place (docs/explanation/versions.md)."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def deprecated(*, since: str, gone_in: str, instead: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Return a decorator for a function that goes.

    Parameters
    ----------
    since, gone_in : str
        The releases in which it began to warn, and in which it goes.
    instead : str
        What takes its place, as users write it.

    Examples
    --------
    >>> @deprecated(since="1.2", gone_in="2.0", instead="Analyser.score(out=...)")
    ... def write_all():
    ...     '''Write everything.'''
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     write_all()
    >>> print(caught[0].message)
    write_all goes in 2.0 (deprecated since 1.2): use Analyser.score(out=...).
    """

    def wrap(function: Callable[P, R]) -> Callable[P, R]:
        message = f"{function.__qualname__} goes in {gone_in} (deprecated since {since}): use {instead}."

        @functools.wraps(function)
        def told(*args: P.args, **kwargs: P.kwargs) -> R:
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return function(*args, **kwargs)

        told.__doc__ = f"{function.__doc__ or ''}\n\n.. deprecated:: {since}\n   {message}\n"
        return told

    return wrap
