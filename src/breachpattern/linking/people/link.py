"""Who is who: the exact stages, Splink where asked for, and the decisions of people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa

from breachpattern.errors import UsageError
from breachpattern.linking.people import issues, likeness
from breachpattern.linking.people.bridges import find_bridges
from breachpattern.linking.people.decisions import Decided, decide
from breachpattern.linking.people.entities import Ends, components, unite, within
from breachpattern.linking.people.exact import contradictory_rows, exact_pairs
from breachpattern.linking.people.pairs import METHODS, Pairs, make, strongest
from breachpattern.linking.people.people import BRIDGES, LINKS, People, entity_ids, linked_counts
from breachpattern.linking.people.records import Records, SetAside, prepare
from breachpattern.linking.people.texts import Bools, Ints

DEFAULT_THRESHOLD = 0.95
METHOD_NAMES = ("exact", "probabilistic")
BLOCK = 2_000_000  # pairs compared at a time

Progress = Callable[[str, int, int | None], None]


def link_people(
    persons: pa.Table,
    method: str = "exact",
    threshold: float = DEFAULT_THRESHOLD,
    decisions: pa.Table | None = None,
    model: str | Path | None = None,
    on_progress: Progress | None = None,
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
    if not 0 <= threshold <= 1:
        raise UsageError(f"The threshold {threshold} is not a probability.", hint="Give a number from 0 to 1.")
    report = on_progress or (lambda *_: None)
    report("people: exact stages", 0, 3)
    records, aside = prepare(persons)
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
    label, refused = _entities(records, links, decided)
    report("people: entities", 3, 3)
    return _people(persons, method, threshold, records, aside, decided, contradictory, links, label, refused)


def _decided_pairs(decided: Decided) -> Pairs:
    same = np.array(decided.same, np.bool_)
    texts = [
        f"decided{' on ' + source['on'] if source.get('on') else ''}, row {source.get('row') or '?'} of the decisions"
        for source, holds in zip(decided.source, decided.same, strict=True)
        if holds
    ]
    return make(decided.left[same], decided.right[same], "decision", 1.0, True, pa.array(texts, pa.string()))


def _entities(records: Records, links: Pairs, decided: Decided) -> tuple[Ints, Bools]:
    different = ~np.array(decided.same, np.bool_)
    apart = (decided.left[different], decided.right[different])
    label = components(len(records.references), links.left, links.right)
    return unite(len(records.references), links, apart, _vetoed(records, label))


def _vetoed(records: Records, label: Ints) -> Ends:
    left, right = within(label)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(left), BLOCK)]
    apart = [likeness.compare(records, left[block], right[block]).apart for block in blocks]
    mask = np.concatenate(apart) if apart else np.empty(0, np.bool_)
    return left[mask], right[mask]


def _people(
    persons: pa.Table,
    method: str,
    threshold: float,
    records: Records,
    aside: SetAside,
    decided: Decided,
    contradictory: tuple[Ints, Ints],
    links: Pairs,
    label: Ints,
    refused: Bools,
) -> People:
    shown = records.references.take(pa.array(label))
    overruled = _overruled(decided, label)
    held = links.take(~refused)
    table = _links(records.references, shown, held)
    bridges = _bridges(records.references, shown, label, held)
    rows = tuple(np.sort(np.stack([records.position[end] for end in contradictory]), axis=0)[::-1])
    unused = len(decided.unknown) + len(decided.contradictory) + len(overruled)
    counts = {
        "records": persons.num_rows,
        **linked_counts(label, table),
        "refused_links": int(refused.sum()),
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
        references=records.references,
        shown=shown,
        links=table,
        bridges=bridges,
        counts=counts,
        issues=issues.collect(persons, aside, (rows[0], rows[1]), decided, overruled),
    )


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
        f"One doubtful link (probability {probability:.3f}) alone joins {small} references to {large}; look at it "
        "before relying on this person."
        for probability, small, large in zip(
            held.probability[bridges.link], bridges.size_left, bridges.size_right, strict=True
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
