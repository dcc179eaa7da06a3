"""What is worked out of an object when it is first asked for, and then held in it."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    once = cached_property
else:

    class once:  # noqa: N801 - read as property is
        """A property that is worked out once, without the lock that Python 3.11 takes around each first look.

        Two threads that ask at the same time both work it out, to the same end.

        Examples
        --------
        >>> class Circle:
        ...     @once
        ...     def area(self):
        ...         return 3
        >>> Circle().area
        3
        """

        def __init__(self, work: Any) -> None:
            self._work, self._name, self.__doc__ = work, work.__name__, work.__doc__

        def __get__(self, held: Any, owner: Any = None) -> Any:
            """Return what is worked out, of an object that does not hold it yet."""
            if held is None:
                return self
            value = held.__dict__[self._name] = self._work(held)
            return value
