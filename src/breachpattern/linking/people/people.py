"""People: which references are one person, why, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.people.entities import components
from breachpattern.linking.people.issues import Issue
from breachpattern.linking.people.texts import Ints

LINKS = pa.schema([("person_id", pa.string()), ("other_id", pa.string()), ("entity_id", pa.string()),
                   ("method", pa.string()), ("probability", pa.float64()), ("certain", pa.bool_()),
                   ("evidence", pa.string())])  # fmt: skip
BRIDGES = pa.schema([("entity_id", pa.string()), ("person_id", pa.string()), ("other_id", pa.string()),
                     ("probability", pa.float64()), ("size_left", pa.int64()), ("size_right", pa.int64()),
                     ("message", pa.string())])  # fmt: skip
TABLE = pa.schema([("person_id", pa.string()), ("entity_id", pa.string()), ("shown_as", pa.string()),
                   ("other_id", pa.string()), ("method", pa.string()), ("probability", pa.float64()),
                   ("certain", pa.bool_()), ("evidence", pa.string())])  # fmt: skip


@dataclass(frozen=True)
class People:
    """References joined into entities, with every link and its reason.

    Attributes
    ----------
    method : str
        ``exact`` or ``probabilistic``.
    threshold : float
        The probability from which doubtful links count.
    references : pyarrow.Array of string
        Distinct references, sorted; also those without a record that ``also`` named.
    shown : pyarrow.Array of string
        For each of them the smallest reference of its entity.
    links : pyarrow.Table
        One row for each pair that joined records: ``person_id, other_id, entity_id, method, probability, certain,
        evidence``; ``person_id`` is the larger as text.
    bridges : pyarrow.Table
        Doubtful links that alone hold two groups together.
    counts : mapping of str to int
        What was joined, refused and set aside.
    issues : tuple of Issue
        Doubts about the persons table and the decisions.

    Examples
    --------
    >>> from breachpattern.linking.people import link_people
    >>> people = link_people(pa.table({"person_id": ["P2", "P1"], "pnc_id": ["2011/0412907D", "11/412907D"]}))
    >>> people.shown.to_pylist(), people.links["evidence"].to_pylist()
    (['P1', 'P1'], ['same PNC id ending 907D'])
    """

    method: str
    threshold: float
    references: pa.Array
    shown: pa.Array
    links: pa.Table
    bridges: pa.Table
    counts: Mapping[str, int]
    issues: tuple[Issue, ...]

    def certain(self) -> People:
        """Return the same people by certain links only.

        Examples
        --------
        >>> from breachpattern.linking.people import link_people
        >>> same = {"given_name": ["Ana"] * 2, "surname": ["Vale"] * 2, "date_of_birth": ["1990-05-01"] * 2}
        >>> people = link_people(pa.table({"person_id": ["P1", "P2"], "postcode": ["ZZ1 1AA"] * 2} | same))
        >>> people.shown.to_pylist(), people.certain().shown.to_pylist()
        (['P1', 'P1'], ['P1', 'P2'])
        """
        links = self.links.filter(self.links["certain"])
        ends = (
            pc.index_in(links[name].combine_chunks(), value_set=self.references).to_numpy(zero_copy_only=False)
            for name in ("other_id", "person_id")
        )
        label = components(len(self.references), *(end.astype(np.int64) for end in ends))
        shown = self.references.take(pa.array(label))
        entity = entity_ids(self.entity_of(links["person_id"].combine_chunks(), shown))
        links = links.set_column(2, "entity_id", entity)
        return replace(
            self,
            shown=shown,
            links=links,
            bridges=BRIDGES.empty_table(),
            issues=tuple(issue for issue in self.issues if issue.code != "doubtful_bridge"),
            counts={
                **self.counts,
                **linked_counts(label, links, self.counts["references_without_record"]),
                "bridges": 0,
            },
        )

    def entity_of(self, references: pa.Array, shown: pa.Array | None = None) -> pa.Array:
        """Return the smallest reference of the entity of each reference; unknown references stay as they are.

        Examples
        --------
        >>> from breachpattern.linking.people import link_people
        >>> people = link_people(pa.table({"person_id": ["P2", "P1"], "pnc_id": ["2011/0412907D"] * 2}))
        >>> people.entity_of(pa.array(["P2", "P9", None])).to_pylist()
        ['P1', 'P9', None]
        """
        position = pc.index_in(references, value_set=self.references, skip_nulls=True)
        return pc.coalesce((self.shown if shown is None else shown).take(position), references)

    def table(self) -> pa.Table:
        """Return the rows of ``people_links.csv``: every member of every entity of several references.

        The smallest reference of an entity has the method ``shown``; the others have a row for each link to a smaller
        reference, or else for their strongest link.

        Examples
        --------
        >>> from breachpattern.linking.people import link_people
        >>> people = link_people(pa.table({"person_id": ["P2", "P1"], "pnc_id": ["2011/0412907D"] * 2}))
        >>> people.table().select(["person_id", "shown_as", "method"]).to_pylist()[0]
        {'person_id': 'P1', 'shown_as': 'P1', 'method': 'shown'}
        """
        links = self.links.append_column("shown_as", self.entity_of(self.links["person_id"].combine_chunks()))
        first = pc.unique(links["shown_as"])
        shown = pa.table(
            {
                "person_id": first,
                "entity_id": entity_ids(first),
                "shown_as": first,
                "other_id": pa.nulls(len(first), pa.string()),
                "method": pa.repeat("shown", len(first)),
                "probability": pa.repeat(1.0, len(first)),
                "certain": pa.repeat(True, len(first)),
                "evidence": pa.repeat("the smallest reference of the entity, by which it is shown", len(first)),
            }
        )
        parts = [part.select(TABLE.names).cast(TABLE) for part in (shown, links, _mirrored(links, first))]
        whole = pa.concat_tables(parts)
        return whole.sort_by([("shown_as", "ascending"), ("person_id", "ascending"), ("other_id", "ascending")])


def _mirrored(links: pa.Table, first: pa.Array) -> pa.Table:
    """Return the strongest link of each reference that stands on the smaller side of all its links."""
    lone = pc.invert(pc.is_in(links["other_id"], value_set=pa.concat_arrays(
        [links["person_id"].combine_chunks(), first])))  # fmt: skip
    rest = links.filter(lone)
    rest = rest.rename_columns({"person_id": "other_id", "other_id": "person_id"})
    rest = rest.sort_by([("person_id", "ascending"), ("certain", "descending"), ("probability", "descending"),
                         ("other_id", "ascending")])  # fmt: skip
    codes = rest["person_id"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    _, position = np.unique(codes, return_index=True)
    return rest.take(pa.array(position))


def entity_ids(shown: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the opaque id of each entity from its smallest reference.

    Examples
    --------
    >>> entity_ids(pa.array(["P1"])).to_pylist()
    ['E-9cc5817a0537f02a']
    """
    column = shown.combine_chunks() if isinstance(shown, pa.ChunkedArray) else shown
    encoded = column.dictionary_encode()
    ids = ["E-" + blake2b(text.encode(), digest_size=8).hexdigest() for text in encoded.dictionary.to_pylist()]
    return pa.array(ids, pa.string()).take(encoded.indices)


def linked_counts(label: Ints, links: pa.Table, lone: int) -> dict[str, int]:
    """Return how many references, entities and links there are, by method.

    Parameters
    ----------
    label : (n,) int64
    links : pyarrow.Table
    lone : int
        References without a record that no decision joined: they are not counted.
    """
    sizes = np.bincount(label, minlength=len(label)) if len(label) else label
    linked = int(sizes[sizes > 1].sum())
    methods = {item["values"]: item["counts"] for item in pc.value_counts(links["method"]).to_pylist()}
    return {
        "references": len(label) - lone,
        "entities": int((sizes > 0).sum()) - lone,
        "entities_of_several": int((sizes > 1).sum()),
        "linked_references": linked,
        "unlinked_references": len(label) - lone - linked,
        "links": links.num_rows,
        "doubtful_links": int(pc.sum(pc.invert(links["certain"])).as_py() or 0),
    } | {f"links_{method}": int(count) for method, count in sorted(methods.items())}
