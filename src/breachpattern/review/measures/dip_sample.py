"""Dip samples: which records to read, how many for a stated precision, and what the answers come to."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from breachpattern.errors import UsageError
from breachpattern.proportions import normal_quantile, wilson
from breachpattern.review.measures.ledger import REFERENCES

ANSWERS = ("yes", "no", "unsure")
_DRAWN = re.compile(r"\((?:([0-9]{1,9}) )?drawn from ([0-9]{1,9})\)")
# So much of an answer, and so many of them, are shown where they cannot be read.
SHOWN, SHOWN_LINES = 20, 5
SHEET = ("number", "measure", "question", *REFERENCES, "answer", "note")


def sample_size(population: int, precision: float = 0.05, expected: float = 0.5) -> int:
    """Return how many records to read so that a share is known to within ``precision`` either way.

    Cochran (1977), Sampling Techniques, ch. 4, with the correction for a finite population.

    Parameters
    ----------
    population : int
    precision : float, default 0.05
        Half the width of the 95 % interval.
    expected : float, default 0.5
        The share expected; a half needs the most records.

    Raises
    ------
    UsageError
        Where the precision is not between 0 and 0.5, or the share not between 0 and 1.

    Examples
    --------
    >>> sample_size(10_000), sample_size(200), sample_size(0)
    (370, 132, 0)
    """
    if not 0 < precision < 0.5 or not 0 < expected < 1:
        raise UsageError(
            f"A precision of {precision} around a share of {expected} cannot be planned for.",
            hint="The precision lies between 0 and 0.5 (5 % = 0.05), the share between 0 and 1.",
        )
    if population <= 0:
        return 0
    endless = normal_quantile() ** 2 * expected * (1 - expected) / precision**2
    return min(population, math.ceil(endless / (1 + (endless - 1) / population)))


def dip_sample(
    records: pd.DataFrame, measure: str, *, precision: float = 0.05, expected: float = 0.5, seed: int = 1,
    met: bool | None = True,
) -> pd.DataFrame:  # fmt: skip
    """Return a sheet of records to read, drawn at random; the same seed draws the same records.

    Which records are drawn depends on their references and the seed, never on the order of rows.

    Parameters
    ----------
    records : pandas.DataFrame
        ``audit(...).records``.
    measure : str
        Id of a measure, such as ``M17``.
    precision, expected : float
        See :func:`sample_size`.
    met : bool or None, default True
        Draw among those in the numerator, those outside it, or (None) all.

    Raises
    ------
    UsageError
        Where the measure has no records.
    """
    measures = records["measure"].dropna().unique().tolist()
    measure = next((known for known in measures if known.casefold() == measure.strip().casefold()), measure)
    among = records[records["measure"] == measure]
    if met is not None:
        among = among[among["met"].astype(bool) == met]
    if among.empty:
        raise UsageError(f"There is no record of measure {measure!r} to draw from.", hint=_drawable(records, met))
    among = among.drop_duplicates(list(REFERENCES))
    keys = among[list(REFERENCES)].fillna("").agg("\x1f".join, axis=1)
    drawn = keys.map(lambda key: hashlib.sha256(f"{seed}\x1e{measure}\x1e{key}".encode()).hexdigest())
    wanted = sample_size(len(among), precision, expected)
    chosen = among.loc[drawn.sort_values(kind="stable").index[:wanted]]
    asked = {
        True: "Is it right that this record counts?",
        False: "Is it right that this record does not count?",
        None: "Is it right as it was counted?",
    }
    sheet = chosen[list(REFERENCES)].assign(
        measure=measure,
        number=np.arange(1, len(chosen) + 1),
        question=asked[met] + f" ({len(chosen)} drawn from {len(among)})",
        answer="",
        note="",
    )
    return sheet[list(SHEET)].reset_index(drop=True)


def _drawable(records: pd.DataFrame, met: bool | None) -> str:
    among = records if met is None else records[records["met"].astype(bool) == met]
    names = sorted(among["measure"].dropna().unique().tolist(), key=lambda name: (len(name.split(".")[0]), name))
    return f"There are records of {', '.join(names)}." if names else "No measure has records to draw from."


@dataclass(frozen=True)
class Estimate:
    """What a dip sample says.

    Attributes
    ----------
    yes, no, unsure, blank, unreadable : int
    population, missing : int
        How many they were drawn from, and how many of those drawn are no longer on the sheet.
    not_read : mapping of int to str
        What stands where an answer should, by the line of the sheet (its header is line 1).
    share, low, high : float
        Of those that are answered yes or no, with a 95 % Wilson interval corrected for the finite population; NaN where
        nobody answered.
    """

    yes: int
    no: int
    unsure: int
    blank: int
    unreadable: int
    population: int
    share: float
    low: float
    high: float
    missing: int = 0
    not_read: Mapping[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in a sentence."""
        left = f"{self.unsure} unsure, {self.blank} blank, {self.unreadable} unreadable"
        left += f": {self._not_read()}" if self.not_read else ""
        left += f", {self.missing} not come back" if self.missing else ""
        if math.isnan(self.share):
            return f"No record is answered yes or no ({left})."
        return (
            f"{self.share:.0%} right ({self.yes} of {self.yes + self.no} answered; 95 % interval {self.low:.0%} to "
            f"{self.high:.0%}; {left}; drawn from {self.population:,})."
        )

    def _not_read(self) -> str:
        """Name the first lines whose answer is none, as people find them in the sheet."""
        told = [f"line {line} {answer[:SHOWN]!r}" for line, answer in list(self.not_read.items())[:SHOWN_LINES]]
        more = self.unreadable - len(told)
        return ", ".join(told) + (f" and {more} more" if more else "")


def estimate(sheet: pd.DataFrame) -> Estimate:
    """Return what a filled-in sheet comes to.

    Parameters
    ----------
    sheet : pandas.DataFrame
        As :func:`dip_sample` gave it, with ``answer`` filled in: yes, no, unsure (y and n will do).

    Raises
    ------
    UsageError
        Where a column of the sheet is missing.

    Examples
    --------
    >>> sheet = pd.DataFrame({"question": ["Is it right? (drawn from 40)"] * 4, "answer": ["yes", "Y", "no", ""]})
    >>> print(estimate(sheet))
    67% right (2 of 3 answered; 95 % interval 21% to 94%; 0 unsure, 1 blank, 0 unreadable; drawn from 40).
    """
    for name in ("question", "answer"):
        if name not in sheet:
            raise UsageError(
                f"The sheet has no column {name!r}.",
                hint="Give a sheet that `breachpattern dip-sample draw` wrote; its header stays as it is.",
            )
    given = sheet["answer"].fillna("").astype(str).str.strip().str.lower().replace({"y": "yes", "n": "no"})
    counts: dict[str, int] = {answer: int((given == answer).sum()) for answer in (*ANSWERS, "")}
    said = map(_DRAWN.search, map(str, sheet["question"].fillna("")))
    drawn, population = next(((one[1] or len(sheet), one[2]) for one in said if one), (len(sheet), len(sheet)))
    population = int(population)
    n = counts["yes"] + counts["no"]
    strange = np.flatnonzero(~given.isin(counts)).tolist()
    # A sample that leaves few unread says more: n counts as n (N - 1) / (N - n).
    weight = (population - 1) / (population - n) if 0 < n < population else 1.0
    low, high = wilson([counts["yes"] * weight], [n * weight])
    share = counts["yes"] / n if n else float("nan")
    if n and n >= population:
        low, high = np.array([share]), np.array([share])
    return Estimate(
        yes=counts["yes"], no=counts["no"], unsure=counts["unsure"], blank=counts[""],
        unreadable=len(strange), population=population, share=share, low=float(low[0]), high=float(high[0]),
        missing=max(int(drawn) - len(sheet), 0), not_read={i + 2: str(sheet["answer"].iloc[i]) for i in strange},
    )  # fmt: skip


__all__ = ["ANSWERS", "SHEET", "Estimate", "dip_sample", "estimate", "sample_size"]
