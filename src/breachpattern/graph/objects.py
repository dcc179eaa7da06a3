"""Objects of the graph: telephone numbers, accounts, vehicles and addresses, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Codes
from breachpattern.linking.objects import ACCOUNT, ADDRESS, KINDS, PHONE, VEHICLE, spelt

__all__ = ["ACCOUNT", "ADDRESS", "KINDS", "PHONE", "VEHICLE", "Objects", "objects_of", "spelt"]

SHOWN = 4


@dataclass(frozen=True)
class Objects:
    """Distinct objects, sorted by kind and spelling.

    Attributes
    ----------
    kind : (n,) int32
        Position in :data:`KINDS`.
    text : pyarrow.Array of string
        The one spelling of each.
    """

    kind: Codes
    text: pa.Array

    def __len__(self) -> int:
        return len(self.kind)

    def label(self, code: int, clear: bool) -> str:
        """Return how an object is shown: its kind and its last four characters, or all of it."""
        kind, text = KINDS[self.kind[code]], str(self.text[code])
        if clear:
            return f"{kind} {text}"
        if kind == ADDRESS:
            return kind
        own = text.split("@")[0]
        return f"{kind} …{own[-min(SHOWN, len(own) // 2) :]}" if len(own) > 1 else kind


def objects_of(spellings: pa.Array) -> Objects:
    """Return the objects behind some distinct, sorted spellings.

    Examples
    --------
    >>> found = objects_of(pa.array(["account:nobody", "phone:07700900142"]))
    >>> found.label(0, clear=False), found.label(1, clear=False), found.label(1, clear=True)
    ('account …ody', 'phone …0142', 'phone 07700900142')
    """
    if len(spellings) == 0:
        return Objects(np.empty(0, np.int32), pa.array([], pa.string()))
    parts = pc.split_pattern(spellings, ":", max_splits=1)
    kind = pc.index_in(pc.list_element(parts, 0), value_set=pa.array(KINDS))
    return Objects(kind.to_numpy(zero_copy_only=False).astype(np.int32), pc.list_element(parts, 1))
