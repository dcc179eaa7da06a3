"""The people of the town: who they are, with whom they live, how they can be reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from breachpattern.simulation.draws import Bools, Draws, Floats, Ints

NUMBERS = 10**8  # more digits than a real telephone number has, so that these belong to nobody
STRIDE = 48_611  # has no factor in common with NUMBERS: no two people share a number


class Census:
    """Hands out people and homes, and knows in the end who they all are.

    Examples
    --------
    >>> census = Census(Draws(1, "census"))
    >>> census.people(2, male=1.0).tolist(), census.people(1).tolist()
    ([0, 1], [2])
    """

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._parts: list[tuple[Ints, Bools, Bools]] = []
        self._people = self._homes = 0

    @property
    def count(self) -> int:
        """How many people there are by now."""
        return self._people

    def homes(self, size: int) -> Ints:
        """Return new homes; those with numbers 2k and 2k + 1 are next door to each other."""
        self._homes += self._homes % 2
        found = np.arange(self._homes, self._homes + size)
        self._homes += size
        return found

    def people(self, size: int, *, male: float | Floats = 0.5, home: Ints | None = None, shop: bool = False) -> Ints:
        """Return new people, each in a home of their own unless told where.

        Parameters
        ----------
        size : int
        male : float or (size,) float64
            The chance of each to be a man.
        home : (size,) int64, optional
        shop : bool
            These are shops, not people.
        """
        found = np.arange(self._people, self._people + size)
        self._people += size
        where = self.homes(size) if home is None else home
        self._parts.append((where, self._draws.chance(male, size), np.full(size, shop)))
        return found

    def home_of(self, people: Ints) -> Ints:
        """Return where people live."""
        home = np.concatenate([part[0] for part in self._parts]) if self._parts else np.empty(0, np.int64)
        return np.asarray(home[people])

    def any_home(self, size: int) -> Ints:
        """Return places somewhere in town."""
        return self._draws.whole(0, self._homes, size)

    def closed(self) -> Humans:
        """Return everybody, with what can be told of them."""
        home, male, shop = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        size, draw = len(home), self._draws
        family = draw.whole(0, 2**40, self._homes)
        own = draw.whole(0, 2**40, size)
        adult = draw.whole(0, 45 * 365, size) + draw.whole(0, 12 * 365, size)
        return Humans(
            home=home,
            male=male,
            shop=shop,
            born=16071 - 18 * 365 - adult,  # days since 1970: adults at the beginning of 2014
            given=draw.random.random(size),
            surname=np.where(draw.chance(0.45, size), family[home], own),
            number=(np.arange(size) * STRIDE + int(draw.whole(0, NUMBERS, 1)[0])) % NUMBERS,
            street=draw.whole(0, 2**40, self._homes // 2 + 1)[home // 2],
        )


@dataclass(frozen=True)
class Humans:
    """Everybody in the town, one entry each: people, and the shops that are victims of theft.

    Attributes
    ----------
    home : int64
    male, shop : bool
    born : int64
        Days since 1970.
    given : float64
        Where in the list of given names, 0 to 1.
    surname, street : int64
        Draws from which names are made.
    number : int64
        A number that nobody else has: telephone, vehicle, identifiers are made of it.
    """

    home: Ints
    male: Bools
    shop: Bools
    born: Ints
    given: Floats
    surname: Ints
    number: Ints
    street: Ints

    def __len__(self) -> int:
        return len(self.home)
