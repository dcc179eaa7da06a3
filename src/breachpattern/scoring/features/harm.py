"""Harm by a table of the user's own: no weights are built in, because none is beyond dispute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from breachpattern.errors import InputError, UsageError
from breachpattern.linking.columns import Floats
from breachpattern.scoring.features.histories import Histories
from breachpattern.scoring.features.reducing import count, extreme, known, share, total

if TYPE_CHECKING:
    from breachpattern.law import Catalogue


def weighed(told: Histories) -> dict[str, Floats]:
    """Return the harm of the offences on record: the heaviest of each occasion."""
    n, weights = len(told), told.weights
    if weights is None:
        raise UsageError(
            "There is no table of harm weights.", where="harm", hint="Pass harm=, a table of weights by offence."
        )
    weight = weights[told.context.columns.offence[told.row]]
    heaviest = np.full(len(told.owner), np.nan)
    np.fmax.at(heaviest, told.row_occasion, weight)
    has = ~np.isnan(heaviest)
    owner, worth, half = told.owner[has], heaviest[has], told.half[has]
    counted = count(owner, n) > 0
    recent = told.within(365)[has]
    means = [share(total(owner[half == h], worth[half == h], n), count(owner[half == h], n)) for h in (0, 1)]
    return {
        "harm_total": known(total(owner, worth, n), counted),
        "harm_highest": extreme(np.maximum, owner, worth, n),
        "harm_365d": known(total(owner, worth * recent, n), counted),
        "harm_change": means[1] - means[0],
    }


def weights_of(harm: Any, catalogue: Catalogue) -> Floats:
    """Return the weight of each offence of the catalogue, NaN where the table has none, and a last NaN for no offence.

    Parameters
    ----------
    harm : pandas.DataFrame, mapping, or path of a CSV
        Columns ``offence`` (an id of the catalogue, or a code as forces write it) and ``weight`` (a number from 0); or
        offence to weight.
    catalogue : Catalogue

    Raises
    ------
    InputError
        Where a column is missing, an offence is not recognised or given twice, or a weight is none.

    Examples
    --------
    >>> from breachpattern.law import Catalogue
    >>> weights = weights_of({"8/65": 10.0}, Catalogue.load())
    >>> np.nansum(weights).item()
    10.0
    """
    where, table = _read(harm)
    missing = [name for name in ("offence", "weight") if name not in table.columns]
    if missing:
        raise InputError(
            f"The table of harm weights has no column {missing[0]!r}.",
            where=where,
            hint="It needs the columns offence and weight.",
        )
    place = {offence: i for i, offence in enumerate(catalogue.offence_ids)}
    out = np.full(len(place) + 1, np.nan)
    numbers = pd.to_numeric(table["weight"], errors="coerce").to_numpy(np.float64)
    for text, written, weight in zip(table["offence"].astype(str), table["weight"], numbers, strict=True):
        offence = text.strip() if text.strip() in place else catalogue.recognise(text.strip(), None).offence
        if offence is None:
            raise InputError(
                f"{text!r} is no offence of the catalogue.",
                where=where,
                hint="Write its code as forces do (008/65), or its id (breachpattern law lists them).",
            )
        if not (np.isfinite(weight) and weight >= 0):
            raise InputError(f"The weight of {text!r} is {written!r}.", where=where, hint="Weights are numbers from 0.")
        if not np.isnan(out[place[offence]]) and out[place[offence]] != weight:
            raise InputError(
                f"{text!r} has two weights, {out[place[offence]]:g} and {weight:g}.",
                where=where,
                hint=f"Both lines are the offence {offence}; keep one.",
            )
        out[place[offence]] = weight
    return out


def _read(harm: Any) -> tuple[str, pd.DataFrame]:
    if isinstance(harm, pd.DataFrame):
        return "harm", harm
    if isinstance(harm, str | Path):
        try:
            return Path(harm).name, pd.read_csv(harm, dtype=str)
        except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
            raise InputError(
                f"The table of harm weights cannot be read: {error}",
                where=str(harm),
                hint="It is a CSV with the columns offence and weight.",
            ) from error
    if hasattr(harm, "items"):
        pairs = list(harm.items())
        return "harm", pd.DataFrame({"offence": [k for k, _ in pairs], "weight": [v for _, v in pairs]})
    raise InputError(
        f"No table of harm weights can be made of a value of type {type(harm).__name__}.",
        where="harm",
        hint="Give a data frame, a mapping from offence to weight, or the path of a CSV.",
    )
