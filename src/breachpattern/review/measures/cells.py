"""Small cells: what is withheld before counts are published, and what goes with it so that nobody works it out."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from breachpattern.review.measures.rates import WITHHELD

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
SMALL = 5
# Measures of which each counts some of what the one before counts.
STEPS = (("M2.records", "M2"), ("M6.2", "M6.3", "M6.5"), ("M8.30d", "M8.7d", "M8.24h"))


def withheld(table: pd.DataFrame, under: int = SMALL) -> pd.DataFrame:
    """Return a table fit to publish: no cell from which fewer people than ``under`` could be singled out.

    A cell is withheld where its numerator, its denominator, or what is between them is 1 to ``under - 1``, and where it
    differs by so few from an earlier step of the same measure (two breaches, three, five). What is withheld of one
    total could be worked out from the rest: so others go with it, the smallest first, until they are two at least and
    together no small count. A part whose size is small is chosen by sizes alone, so that measures of the same records
    withhold the same parts.

    Parameters
    ----------
    table : pandas.DataFrame
        As :func:`rates` gives, with ``measure`` where it holds several.

    Returns
    -------
    pandas.DataFrame
        With a column ``withheld``.
    """
    table = table.reset_index(drop=True)
    k, n = (table[name].fillna(0).to_numpy(np.int64) for name in ("numerator", "denominator"))
    hidden = _small(k, under) | _small(n, under) | _small(n - k, under) | _steps(table, k, n, under)
    mixed = (table["category"] != "").to_numpy()
    measure = table["measure"] if "measure" in table else pd.Series("", index=table.index)
    of_total = (measure + "|" + table["by"]).where(table["by"] != "all", "")
    for places in _groups(of_total):
        _hide_sizes(hidden, places, table["of"].to_numpy()[places], n, under)
    # The parts of one total: the divisions of a measure; of a mix also the categories of one division.
    divisions = measure + "|" + table["by"] + "|" + table["category"]
    categories = (measure + "|" + table["by"] + "|" + table["of"]).where(mixed, "")
    additive = [(divisions, (k, n, n - k)), (categories, (k,))]
    before = -1
    while before != (before := int(hidden.sum())):
        for label, counts in additive:
            for places in _groups(label):
                _hide_parts(hidden, places, counts, n, under)
    out = table.assign(withheld=hidden)
    out.loc[hidden, WITHHELD] = pd.NA
    return out


def _small(count: Any, under: int) -> Any:
    return (count > 0) & (count < under)


def _steps(table: pd.DataFrame, k: Ints, n: Ints, under: int) -> Bools:
    """Return where a cell is so near to that of an earlier step of the same measure that few lie between."""
    hidden = np.zeros(len(table), np.bool_)
    if "measure" not in table:
        return hidden
    cells = table[["by", "of", "measure"]].assign(place=np.arange(len(table)))
    for steps in STEPS:
        for earlier, later in combinations(steps, 2):
            one, other = (cells[cells["measure"] == step] for step in (earlier, later))
            both = one.merge(other, on=["by", "of"])
            first, second = both["place_x"].to_numpy(np.int64), both["place_y"].to_numpy(np.int64)
            near = (n[first] == n[second]) & _small(np.abs(k[first] - k[second]), under)
            hidden[second[near]] = True
    return hidden


def _groups(label: pd.Series) -> list[Ints]:
    """Return the places of each label that several rows share; a blank one is none."""
    names, which = np.unique(label.to_numpy(str), return_inverse=True)
    parts = np.split(np.argsort(which, kind="stable"), np.cumsum(np.bincount(which))[:-1])
    return [places for name, places in zip(names, parts, strict=True) if name and len(places) > 1]


def _hide_sizes(hidden: Bools, places: Ints, parts: npt.NDArray[Any], n: Ints, under: int) -> None:
    """Withhold whole parts of a total until nobody can work out the size of a small one."""
    _, first, which = np.unique(parts, return_index=True, return_inverse=True)
    sizes = n[places[first]]
    gone = np.asarray(_small(sizes, under))
    while gone.any() and not gone.all() and (gone.sum() == 1 or _small(sizes[gone].sum(), under)):
        left = np.flatnonzero(~gone)
        gone[left[np.argmin(np.where(sizes[left] > 0, sizes[left], np.iinfo(np.int64).max))]] = True
    hidden[places[gone[which.reshape(-1)]]] = True


def _hide_parts(hidden: Bools, places: Ints, counts: tuple[Ints, ...], n: Ints, under: int) -> None:
    """Withhold parts of a total until those withheld are two at least, and together no small count."""
    k = counts[0]
    while True:
        gone, left = places[hidden[places]], places[~hidden[places]]
        apart = len(gone) > 1 and not any(_small(count[gone].sum(), under) for count in counts)
        if len(gone) == 0 or len(left) == 0 or apart:
            return
        # A cell of nought or of all hides nothing: the others first.
        plain = (k[left] == 0) | (k[left] == n[left])
        hidden[left[np.lexsort((n[left], k[left], plain, n[left] == 0))[0]]] = True
