"""Sorted texts without a Python object for each: looked up by bisection over their bytes."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import pyarrow as pa

APART = 64  # texts between two that are held as objects, to begin a look-up from


class Texts(Sequence[str]):
    """The distinct texts of an extract, sorted; a code is a position.

    Parameters
    ----------
    texts : pyarrow.Array of string
        Sorted, without nulls.

    Examples
    --------
    >>> names = Texts(pa.array(["P1", "P2", "V1"]))
    >>> names[1], names.find("V1"), names.find("P3")
    ('P2', 2, -1)
    """

    def __init__(self, texts: pa.Array) -> None:
        whole = texts.cast(pa.large_string())
        _, offsets, data = whole.buffers()
        self._n = len(whole)
        self._offsets = memoryview(offsets).cast("q")[whole.offset :] if self._n else memoryview(b"\0" * 8).cast("q")
        self._data = data.to_pybytes() if data is not None else b""
        self._marks = [self._at(code) for code in range(0, self._n, APART)]
        self._last = self._at(self._n - 1) if self._n else b""

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, code: int) -> str:  # type: ignore[override]
        return self._at(code).decode()

    def _at(self, code: int) -> bytes:
        return self._data[self._offsets[code] : self._offsets[code + 1]]

    def of(self, codes: Sequence[int]) -> list[str]:
        """Return the texts of some codes; empty for ``-1``."""
        distinct = set(codes)
        if 0 < len(distinct) * 2 <= len(codes):  # as a rule one, or none
            texts = dict(zip(distinct, self.of(list(distinct)), strict=True))
            return [texts[c] for c in codes]
        data, offsets = self._data, self._offsets
        return ["" if c < 0 else data[offsets[c] : offsets[c + 1]].decode() for c in codes]

    def find(self, text: str) -> int:
        """Return the code of a text, ``-1`` where it is not among them."""
        wanted = text.encode()
        if wanted > self._last:  # as the number of a new incident does as a rule
            return -1
        after = bisect_right(self._marks, wanted)
        if not after:
            return -1
        low, high = (after - 1) * APART, min(after * APART, self._n)
        data, offsets = self._data, self._offsets
        while high - low > 1:
            middle = (low + high) >> 1
            if data[offsets[middle] : offsets[middle + 1]] <= wanted:
                low = middle
            else:
                high = middle
        return low if self._at(low) == wanted else -1
