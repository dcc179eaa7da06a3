"""Sums that are exact in whatever order they are added.

A contribution is a whole number of 1,048,576ths. A double holds such numbers exactly up to 2 to the power of 32, so
adding fewer than 4,096 of them, each below 2 to the power of 20, never rounds: an explanation adds up to its score to
the last bit, whether numpy, pandas or a spreadsheet adds it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
STEPS, LARGEST = 2.0**20, 2.0**20


def exact(values: npt.NDArray[Any] | float) -> Floats:
    """Return values as whole numbers of 1,048,576ths, none beyond 1,048,576.

    Examples
    --------
    >>> values = exact(np.array([0.1, 0.2, 0.3]))
    >>> bool(values.sum() == values[::-1].sum() == values[0] + (values[1] + values[2]))
    True
    """
    return np.asarray(np.rint(np.clip(values, -LARGEST, LARGEST) * STEPS) / STEPS, dtype=np.float64)
