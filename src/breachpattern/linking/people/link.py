"""Who is who: the exact stages, Splink where asked for, and the decisions of people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.linking.people import issues, likeness, splink_engine
from breachpattern.linking.people.bridges import find_bridges
from breachpattern.linking.people.decisions import Decided, decide
from breachpattern.linking.people.entities import Ends, components, unite, within
from breachpattern.linking.people.exact import contradictory_rows, exact_pairs
from breachpattern.linking.people.pairs import METHODS, Pairs, make, strongest
from breachpattern.linking.people.people import BRIDGES, LINKS, People, entity_ids, linked_counts
from breachpattern.linking.people.records import Records, SetAside, prepare
from breachpattern.linking.people.texts import Bools, Ints, positions

DEFAULT_THRESHOLD = 0.95
METHOD_NAMES = ("exact", "probabilistic")
BLOCK = 2_000_000  # pairs compared at a time

Progress = Callable[[str, int, int | None], None]


def check_threshold(threshold: float) -> None:
    """Raise :class:`UsageError` where a threshold is no probability."""
    if not 0 <= threshold <= 1:
        raise UsageError(f"The threshold {threshold} is not a probability.", hint="Give a number from 0 to 1.")


def link_people(
    persons: pa.Table,
    method: str = "exact",
    threshold: float = DEFAULT_THRESHOLD,
    decisions: pa.Table | None = None,
    model: str | Path | None = None,
    on_progress: Progress | None = None,
    *,
    apart: tuple[pa.Array, pa.Array] | None = None,
    also: pa.Array | None = None,
) -> People:
    """Return which references of a persons table are one person.

    Parameters
    ----------
    persons : pyarrow.Table
        Canonical persons: text columns of which only ``person_id`` is required, and ``row``.
    method : {"exact", "probabilistic"}
        ``probabilistic`` runs the exact stages first and Splink on the rest.
    threshold : float
        From 0 to 1: the least probability of a link that is not certain, and of any link of Splink.
    decisions : pyarrow.Table, optional
        From :func:`read_decisions`; they always win.
    model : path, optional
        A model that :func:`train_model` wrote; the one that comes with the package where not given.
    on_progress : callable, optional
        Called with (stage, done, total) as stages finish.
    apart : pair of pyarrow.Array of string, optional
        References that one record puts on opposite sides, such as its suspect and its victim: only a decision joins
        them. Null and unknown ones keep nobody apart.
    also : pyarrow.Array of string, optional
        Further references that have no row in the table: only a decision joins them.

    Raises
    ------
    UsageError
        Where the method or the threshold is none.
    MissingDependency
        Where ``probabilistic`` is asked for and Splink is not installed.

    Examples
    --------
    >>> rows = {"person_id": ["P1", "P2", "P3"], "pnc_id": ["2011/0412907D", "11/412907D", "2011/0412907E"]}
    >>> people = link_people(pa.table(rows))
    >>> people.shown.to_pylist(), [issue.code for issue in people.issues]
    (['P1', 'P1', 'P3'], ['pnc_check_letter'])
    """
    if method not in METHOD_NAMES:
        raise UsageError(f"'{method}' is not a way to link people.", hint="Use exact or probabilistic.")
    check_threshold(threshold)
    if method == "probabilistic":
        splink_engine.require()
    report = on_progress or (lambda *_: None)
    report("people: exact stages", 0, 3)
    records, aside = prepare(persons, also)
    decided = decide(decisions, records.references)
    contradictory = contradictory_rows(records)
    exact = exact_pairs(records, np.unique(records.reference[contradictory[0]]))
    found = [_decided_pairs(decided), exact]
    if method == "probabilistic":
        from breachpattern.linking.people.probable import probable_pairs

        report("people: Splink", 1, 3)
        found.append(probable_pairs(records, exact, threshold, model, np.unique(records.reference[contradictory[0]])))
    report("people: entities", 2, 3)
    links = strongest(found)
    kept = links.probability >= threshold
    kept |= links.certain & (links.method != METHODS.index("splink"))
    links = links.take(kept)
    label, refused, for_sides = _entities(records, links, decided, _sides(apart, records.references))
    report("people: entities", 3, 3)
    joined = Joined(links, label, refused, for_sides)
    return _people(persons, method, threshold, records, aside, decided, contradictory, joined)


@dataclass(frozen=True)
class Joined:
    """Links that were taken in order, and what they came to."""

    links: Pairs
    label: Ints
    refused: Bools
    for_sides: Bools


def _decided_pairs(decided: Decided) -> Pairs:
    same = np.array(decided.same, np.bool_)
    texts = [
        f"decided{' on ' + source['on'] if source.get('on') else ''}, row {source.get('row') or '?'} of the decisions"
        for source, holds in zip(decided.source, decided.same, strict=True)
        if holds
    ]
    return make(decided.left[same], decided.right[same], "decision", 1.0, True, pa.array(texts, pa.string()))


def _sides(apart: tuple[pa.Array, pa.Array] | None, references: pa.Array) -> Ends:
    """Return pairs of known references, each once."""
    nobody = pa.array([], pa.string())
    ends = [positions(end, references) for end in apart or (nobody, nobody)]
    known = (ends[0] >= 0) & (ends[1] >= 0)
    low, high = (end[known] for end in (np.minimum(*ends), np.maximum(*ends)))
    width = max(len(references), 1)
    left, right = np.divmod(np.unique(low * width + high), width)
    return left, right


def _entities(records: Records, links: Pairs, decided: Decided, sides: Ends) -> tuple[Ints, Bools, Bools]:
    different = ~np.array(decided.same, np.bool_)
    apart = (decided.left[different], decided.right[different])
    size = len(records.references)
    identified = likeness.compare(records, links.left, links.right).same_identifier
    vetoed, relatives = _against(records, components(size, links.left, links.right))
    return unite(size, links, identified, apart, vetoed, relatives, sides)


def _against(records: Records, label: Ints) -> tuple[Ends, Ends]:
    """Return pairs of one component with different PNC ids, and those that look like relatives."""
    left, right = within(label)
    found = [np.empty(0, np.bool_)], [np.empty(0, np.bool_)]
    for start in range(0, len(left), BLOCK):
        block = slice(start, start + BLOCK)
        against = likeness.compare(records, left[block], right[block])
        found[0].append(against.different_pnc)
        found[1].append(against.relatives)
    vetoed, relatives = (np.concatenate(masks) for masks in found)
    return (left[vetoed], right[vetoed]), (left[relatives], right[relatives])


def _people(
    persons: pa.Table,
    method: str,
    threshold: float,
    records: Records,
    aside: SetAside,
    decided: Decided,
    contradictory: tuple[Ints, Ints],
    joined: Joined,
) -> People:
    label = joined.label
    references = records.references
    shown = references.take(pa.array(label))
    overruled = _overruled(decided, label)
    held = joined.links.take(~joined.refused)
    table = _links(references, shown, held)
    bridges = _bridges(references, shown, label, held)
    rows = tuple(np.sort(np.stack([records.position[end] for end in contradictory]), axis=0)[::-1])
    lone = np.bincount(records.reference[records.reference >= 0], minlength=len(label)) == 0
    lone &= np.bincount(label, minlength=len(label))[label] == 1
    opposite = _named(references, joined.links.take(joined.for_sides))
    unused = len(decided.unknown) + len(decided.contradictory) + len(overruled)
    counts = {
        "records": persons.num_rows,
        "references_without_record": int(lone.sum()),
        **linked_counts(label, table, int(lone.sum())),
        "refused_links": int(joined.refused.sum()),
        "refused_opposite_sides": len(opposite),
        "bridges": bridges.num_rows,
        "decisions_used": len(decided.source) - len(overruled),
        "decisions_unused": unused,
        "placeholder_names": int(aside.names.sum()),
        "placeholder_birth_dates": int(aside.birth_dates.sum()),
        "failed_pnc_ids": int(aside.pnc_ids.sum()),
        "failed_cro_numbers": int(aside.cro_numbers.sum()),
        "shared_contacts": aside.contacts,
        "contradictory_references": len(np.unique(records.reference[contradictory[0]])),
    }
    return People(
        method=method,
        threshold=threshold,
        references=references,
        shown=shown,
        links=table,
        bridges=bridges,
        counts=counts,
        issues=issues.collect(persons, aside, (rows[0], rows[1]), opposite, bridges, decided, overruled),
    )


def _named(references: pa.Array, links: Pairs) -> list[tuple[str, str]]:
    left, right = (references.take(pa.array(end)).to_pylist() for end in (links.left, links.right))
    return sorted(zip(left, right, strict=True))


def _overruled(decided: Decided, label: Ints) -> list[dict[str, str]]:
    """Return the decisions ``same`` that did not join, because others keep the people apart."""
    joined = label[decided.left] == label[decided.right]
    return [
        source
        for source, same, holds in zip(decided.source, decided.same, joined.tolist(), strict=True)
        if same and not holds
    ]


def _links(references: pa.Array, shown: pa.Array, held: Pairs) -> pa.Table:
    table = pa.table(
        {
            "person_id": references.take(pa.array(held.right)),
            "other_id": references.take(pa.array(held.left)),
            "entity_id": entity_ids(shown.take(pa.array(held.left))),
            "method": pa.array(METHODS, pa.string()).take(pa.array(held.method)),
            "probability": held.probability,
            "certain": held.certain,
            "evidence": held.evidence,
        },
        schema=LINKS,
    )
    return table.sort_by([("person_id", "ascending"), ("other_id", "ascending")])


def _bridges(references: pa.Array, shown: pa.Array, label: Ints, held: Pairs) -> pa.Table:
    bridges = find_bridges(label, held)
    left, right = held.left[bridges.link], held.right[bridges.link]
    messages = [
        _warning(*numbers)
        for numbers in zip(
            held.probability[bridges.link].tolist(),
            bridges.links.tolist(),
            bridges.size_left.tolist(),
            bridges.size_right.tolist(),
            strict=True,
        )
    ]
    table = pa.table(
        {
            "entity_id": entity_ids(shown.take(pa.array(left))),
            "person_id": references.take(pa.array(right)),
            "other_id": references.take(pa.array(left)),
            "probability": held.probability[bridges.link],
            "size_left": bridges.size_left,
            "size_right": bridges.size_right,
            "message": pa.array(messages, pa.string()),
        },
        schema=BRIDGES,
    )
    return table.sort_by([("person_id", "ascending"), ("other_id", "ascending")])


def _warning(probability: float, links: int, size_left: int, size_right: int) -> str:
    if links == 1:
        subject, it = f"One doubtful link (probability {probability:.3f}) alone joins", "it"
    else:
        subject, it = f"{links} doubtful links (probability {probability:.3f} at most) alone join", "them"
    return f"{subject} {size_left} references to {size_right}; look at {it} before relying on this person."
