"""The people of an extract as integer codes: what a row calls somebody, and who that is.

A *reference* is what the extract writes. An *entity* is a human being: one reference, or several that linking
joined. The code of an entity is that of its smallest reference, so that without linking the two are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Codes, code


@dataclass(frozen=True)
class Entities:
    """The references of an extract, sorted, and the entity of each.

    Attributes
    ----------
    texts : pyarrow.Array of string
        The references; a code is a position here.
    entity : (n,) int32
        For each reference the code of its entity's smallest reference.
    """

    texts: pa.Array
    entity: Codes

    @classmethod
    def known(cls, texts: pa.Array, shown: pa.Array | None = None) -> Entities:
        """Return the people of an extract.

        Parameters
        ----------
        texts : pyarrow.Array of string
            Sorted and distinct; holds every text of ``shown``.
        shown : pyarrow.Array of string, optional
            For each text the reference by which its entity is shown; without it, each reference is an entity.

        Examples
        --------
        >>> people = Entities.known(pa.array(["P1", "P2", "V1"]), pa.array(["P1", "P1", "V1"]))
        >>> people.entity.tolist()
        [0, 0, 2]
        """
        own = np.arange(len(texts), dtype=np.int32)
        return cls(texts, own if shown is None else code(pa.chunked_array([shown]), texts))

    def references(self, column: pa.ChunkedArray) -> Codes:
        """Return the code of what each row writes, ``-1`` where blank."""
        return code(column, self.texts)

    def named(self, column: pa.ChunkedArray) -> Codes:
        """Return the entity that each row means, ``-1`` where blank."""
        return self.of(self.references(column))

    def of(self, references: npt.NDArray[np.int32]) -> Codes:
        """Return the entity of each reference; ``-1`` stays ``-1``."""
        return np.where(references >= 0, np.append(self.entity, np.int32(-1))[references], np.int32(-1))

    def members(self, entity: int) -> pa.Array:
        """Return the references of an entity."""
        return self.texts.take(pa.array(np.flatnonzero(self.entity == entity)))

    def find(self, reference: str) -> int:
        """Return the entity of a reference, ``-1`` where no row writes it."""
        place = int(pc.index(self.texts, reference).as_py())
        return int(self.entity[place]) if place >= 0 else -1
