"""New rows into a state: which groups of people they reach, those worked out again, and what that changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.errors import UsageError
from breachpattern.ingest import Extract, Issues
from breachpattern.ingest.as_read import bounds_of
from breachpattern.ingest.issues import IssueLog
from breachpattern.linking.columns import dictionary
from breachpattern.linking.components import IDS, PEOPLE
from breachpattern.output.secrets import clean
from breachpattern.spans import london_days
from breachpattern.state import records, results
from breachpattern.state.changes import Changes
from breachpattern.state.groups import Labels, Same, crowded_among, labelled, reached, surroundings
from breachpattern.state.records import NAMES, OBJECTS, Batch, is_in, with_column
from breachpattern.state.state import State, kept_by
from breachpattern.state.wakes import next_wakes

if TYPE_CHECKING:
    from breachpattern.law import Catalogue
    from breachpattern.linking.people import People
    from breachpattern.patterns import Filter, Findings
    from breachpattern.patterns.clock import Clockwork
    from breachpattern.timelines import Timelines

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Rows = dict[str, pa.Table]
Withdrawn = Mapping[str, Iterable[Any]]
# What makes a row of another table known, or more of it.
KNOWN_BY = {
    "orders": ("made_on", "served_at", "aware_from", "starts", "discharged_on"),
    "associations": ("since",),
}


@dataclass(frozen=True)
class Engine:
    """What an update needs of an analyser.

    Attributes
    ----------
    catalogue : Catalogue
    made_with : mapping
        Versions and settings on which answers depend.
    clockwork : Clockwork
    filters : tuple of Filter
    link : callable
        From an extract to who is who in it.
    find : callable
        From an extract, an instant, who is who, and objects that many share, to timelines and findings.
    """

    catalogue: Catalogue
    made_with: Mapping[str, Any]
    clockwork: Clockwork
    filters: tuple[Filter, ...]
    link: Callable[[Extract], People | None]
    find: Callable[[Extract, int, People | None, pa.Array], tuple[Timelines, Findings]]


def update(
    engine: Engine, state: State | None, new: Any, as_of: int, *, withdrawn: Withdrawn | None, replaces: bool
) -> tuple[State, Changes]:
    """Return the state with new rows, and what they changed; see :meth:`breachpattern.Analyser.update`."""
    state = fitting(engine, state, as_of)
    batch = read_batch(new, engine)
    _check_privacy(state, batch)
    going, unknown = _going(state.rows, batch, withdrawn or {}, replaces)
    old = {name: _only(table, ~going[name]) for name, table in state.rows.items()}
    whole, twice = _with_new(old, batch, len(state.batches), engine.catalogue)
    people, same, links, moved = _who_is_who(engine, state, whole)
    # What goes is looked at once more, for what it was tied to.
    every = {name: pa.concat_tables([whole[name], _only(state.rows[name], going[name])]) for name in NAMES}
    sizes = {name: whole[name].num_rows for name in NAMES}
    fresh = _fresh(every, sizes, state.as_of, as_of, moved)
    touched = _touched(every, fresh, state, same, as_of, moved, engine.filters)
    inside = {name: _inside(whole[name], touched) for name in NAMES}
    subset = {name: _only(whole[name], inside[name]) for name in NAMES}
    log = IssueLog()
    own = _extract(subset, engine.catalogue, log)
    known = dict(zip(("known", "cancelled"), records.together(own.incidents), strict=True))
    for name, values in known.items():
        whole["incidents"] = _set(whole["incidents"], name, inside["incidents"], values)
    labels = labelled(subset, same, crowded_among(whole, _objects(subset), same, as_of), state.next_group)
    for name in NAMES:
        whole[name] = _set(whole[name], "group", inside[name], labels.rows[name])
    before = results.only(state.results, touched)
    found: Findings | None = None
    after = {name: table.slice(0, 0) for name, table in state.results.items()}
    if any(table.num_rows for table in subset.values()):
        around = surroundings(whole, inside, same)
        near, extract = subset, own
        if any((around[name] != inside[name]).any() for name in NAMES):
            near = {name: _only(whole[name], around[name]) for name in NAMES}
            extract = _extract(near, engine.catalogue, IssueLog())
        crowded = crowded_among(whole, _objects(near), same, as_of)
        timelines, found = engine.find(extract, as_of, people, crowded)
        after = results.results_of(timelines, found, _groups(subset, labels, same))
    wakes = next_wakes(own, labels.rows, after, engine.clockwork, engine.catalogue, as_of)
    counts = _account(batch, twice)
    fresh_state = replace(
        state,
        rows=whole,
        results=results.joined(results.without(state.results, touched), after),
        as_of=as_of,
        made_with=dict(engine.made_with),
        wakes=state.wakes.with_(touched, wakes),
        same=same,
        links=links,
        batches=(
            *state.batches,
            {"as_of": as_of, "sources": clean(batch.sources), "rows": counts}
            | ({"privacy": batch.privacy} if batch.privacy else {}),
        ),
        near=tuple(found.near_miss_counts) if found is not None else state.near,
        next_group=max(state.next_group, *(int(label.max(initial=-1)) + 1 for label in labels.rows.values())),
    )
    gone = {name: int(mask.sum()) for name, mask in going.items() if mask.any()}
    changes = Changes.between(
        before,
        after,
        issues=_issues(batch, log.collect()),
        rows=counts,
        sources=batch.sources,
        rejected=batch.rejected,
        withdrawn={"rows": gone, "unknown": unknown},
        groups=len(np.unique(np.append(labels.rows["incidents"], labels.rows["orders"]))),
        as_of=as_of,
        found=found,
    )
    return fresh_state, changes


def _extract(rows: Rows, catalogue: Catalogue, log: IssueLog) -> Extract:
    typed = {name: records.typed_table(name, rows[name], catalogue, log) for name in NAMES}
    return Extract(**typed, issues=Issues(IssueLog().collect().to_arrow()), rows={}, sources={}, rejected={})


def read_batch(new: Any, engine: Engine) -> Batch:
    """Return new rows; ``None`` is none."""
    if new is None:
        blank = {"rows_in": 0, "accepted": 0, "rejected": 0, "duplicates": 0}
        rows = {name: records.empty(name) for name in NAMES}
        return Batch(rows, Issues(IssueLog().collect().to_arrow()), {name: dict(blank) for name in NAMES})
    return records.read_batch(new, engine.catalogue)


def fitting(engine: Engine, state: State | None, as_of: int) -> State:
    """Return a state that an engine can update, an empty one for none; :class:`UsageError` says why it cannot."""
    if state is None:
        return State.empty(engine.made_with)
    if not isinstance(state, State):
        raise UsageError(
            f"A {type(state).__name__} is no state.",
            where="state",
            hint="Load it first: breachpattern.State.load(folder); None begins a new one.",
        )
    if as_of < state.as_of:
        raise UsageError(
            f"The state knows everything up to {_instant(state.as_of)}, and {_instant(as_of)} lies before that.",
            where="as of",
            hint="An update goes forward. To look back, score the extracts (state.extract()) as of that moment.",
        )
    before, now = _flat(state.made_with), _flat(engine.made_with)
    differing = [
        _differs(name, before.get(name), now[name]) for name in now if before and before.get(name) != now[name]
    ]
    if state.made_with and differing:
        raise UsageError(
            f"The state was made with other rules: {'; '.join(differing)}.",
            hint="Use the same ones, or update state.renewed(): it keeps the records and works everything out again.",
        )
    return state


def _check_privacy(state: State, batch: Batch) -> None:
    """Refuse rows that name people, or are kept, otherwise than those of the state: nothing would fit together."""
    known = any(table.num_rows for table in state.rows.values())
    come = any(table.num_rows for table in batch.rows.values())
    if known and come and state.privacy != kept_by(batch.privacy):
        raise UsageError(
            "The rows are not shielded as those of the state are: pseudonyms under another key, or under none, or more "
            "or less of a record kept.",
            where="privacy",
            hint="Give --pseudonymise and --minimise as in the first batch, or begin a new state.",
        )


def _flat(made_with: Mapping[str, Any]) -> dict[str, Any]:
    """Return versions and settings side by side."""
    return {**made_with, **made_with.get("settings", {}), "settings": None}


def _differs(name: str, before: Any, now: Any) -> str:
    # What people decided about people, and what of it was kept, is told to nobody.
    if name == "link_decisions":
        return "other decisions about who is who"
    return f"{name.replace('_', ' ')} {before!r}, now {now!r}"


def _instant(second: int) -> str:
    return str(np.datetime64(second, "s")) + "Z"


def _going(
    rows: Mapping[str, pa.Table], batch: Batch, withdrawn: Withdrawn, replaces: bool
) -> tuple[dict[str, Bools], dict[str, list[str]]]:
    """Return which rows go, and the ids to be withdrawn of which there are none."""
    wrong = sorted(set(withdrawn) - set(NAMES))
    if wrong:
        raise UsageError(f"There is no table {', '.join(wrong)} to withdraw from.", hint=f"Tables: {', '.join(NAMES)}.")
    going, unknown = {}, {}
    for name in NAMES:
        here = np.zeros(rows[name].num_rows, np.bool_)
        asked = [_key(name, item) for item in withdrawn.get(name, ())]
        if asked:
            held = records.keys_of(rows[name], records.WITHDRAWN_BY[name])
            here |= is_in(held, pa.array(asked, pa.string()))
            there = set(pc.unique(held.filter(pa.array(here))).to_pylist())
            unknown[name] = [key.replace("\x1f", ";") for key in asked if key not in there]
        if replaces:
            keys = records.KEYS[name]
            again = records.keys_of(batch.rows[name], keys)
            here |= is_in(records.keys_of(rows[name], keys), again)
        going[name] = here
    return going, {name: ids for name, ids in unknown.items() if ids}


def _key(name: str, item: Any) -> str:
    parts = [str(item)] if isinstance(item, str) or not isinstance(item, Iterable) else [str(part) for part in item]
    if len(parts) != len(records.WITHDRAWN_BY[name]):
        raise UsageError(
            f"{item!r} does not name a record of {name}.",
            hint=f"Give {' and '.join(records.WITHDRAWN_BY[name])} of each.",
        )
    return "\x1f".join(parts)


def _with_new(old: Rows, batch: Batch, number: int, catalogue: Catalogue) -> tuple[Rows, dict[str, int]]:
    """Return old rows followed by new ones, and how many of each table were there already."""
    whole, twice = {}, {}
    for name in NAMES:
        again = records.repeated(name, old[name], batch.rows[name], catalogue)
        admitted = records.admitted(name, _only(batch.rows[name], ~again), number)
        whole[name] = pa.concat_tables([old[name], admitted.cast(old[name].schema)])
        twice[name] = int(again.sum())
    return whole, twice


def _account(batch: Batch, twice: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Return where each new row went; one that an earlier batch had is a duplicate."""
    return {
        name: counts | {"accepted": counts["accepted"] - twice[name], "duplicates": counts["duplicates"] + twice[name]}
        for name, counts in batch.account.items()
    }


def _who_is_who(engine: Engine, state: State, whole: Rows) -> tuple[People | None, Same, pa.Table | None, pa.Array]:
    """Return who is who now, the links, and the references for which that is not as it was."""
    persons = records.typed_table("persons", whole["persons"], engine.catalogue, IssueLog())
    tables = {name: whole[name] for name in ("incidents", "orders", "associations")} | {"persons": persons}
    people = engine.link(
        Extract(**tables, issues=Issues(IssueLog().collect().to_arrow()), rows={}, sources={}, rejected={})
    )
    if people is None:
        return None, Same(), None, pa.concat_arrays([state.same.references])
    apart = pc.not_equal(people.shown, people.references)
    several = pc.is_in(people.shown, value_set=people.shown.filter(apart))
    same = Same(people.references.filter(several), people.shown.filter(several))
    return people, same, people.links, _moved(state, same, people.links)


def _moved(state: State, same: Same, links: pa.Table) -> pa.Array:
    """Return the references that another person is meant by, or of whose links another is told."""
    everybody = dictionary(pa.chunked_array([state.same.references, same.references]))
    differs = pc.not_equal(state.same.person(everybody), same.person(everybody))
    told = [_told(table) for table in (state.links, links)]
    apart = [one.filter(pc.invert(pc.is_in(one["\x00"], value_set=other["\x00"]))) for one, other in (told, told[::-1])]
    ends = [table[name] for table in apart for name in ("person_id", "other_id")]
    return dictionary(pa.chunked_array([everybody.filter(differs)]), *ends)


def _told(links: pa.Table | None) -> pa.Table:
    if links is None:
        return pa.table({name: pa.array([], pa.string()) for name in ("person_id", "other_id", "\x00")})
    parts = [pc.fill_null(links[name].cast(pa.string()), "") for name in links.column_names]
    return links.append_column("\x00", pc.binary_join_element_wise(*parts, "\x1f"))


def _fresh(every: Rows, sizes: Mapping[str, int], then: int, now: int, moved: pa.Array) -> dict[str, Bools]:
    """Return the rows that are new, newly known or about to go, whose record has such a row, or whose people moved."""
    fresh = {}
    for name in NAMES:
        table = every[name]
        fresh[name] = (table["group"].to_numpy() < 0) | (np.arange(table.num_rows) >= sizes[name])
        for column in PEOPLE[name]:
            fresh[name] |= is_in(table[column], moved)
    known = every["incidents"]["known"].to_numpy()
    fresh["incidents"] |= (known > then) & (known <= now)
    for name, columns in KNOWN_BY.items():
        for column in columns:
            for at in bounds_of(every[name][column]):
                fresh[name] |= (at > then) & (at <= now)
    for name, column in IDS.items():
        fresh[name] |= is_in(every[name][column], every[name][column].filter(pa.array(fresh[name])))
    return fresh


def _touched(
    every: Rows,
    fresh: dict[str, Bools],
    state: State,
    same: Same,
    as_of: int,
    moved: pa.Array,
    filters: tuple[Filter, ...],
) -> Ints:
    """Return the groups of which anything can have changed."""
    found = [state.wakes.by(as_of), _no_longer_suppressed(state, as_of, filters)]
    if any(mask.any() for mask in fresh.values()):
        marks = reached(every, fresh, same, state.as_of, also=moved)
        found += [table["group"].to_numpy()[marks.on(name, table)] for name, table in every.items()]
    groups = np.unique(np.concatenate(found))
    return groups[groups >= 0]


def _no_longer_suppressed(state: State, as_of: int, filters: tuple[Filter, ...]) -> Ints:
    suppressed = state.results["suppressed"]
    if suppressed.num_rows == 0:
        return np.empty(0, np.int64)
    then, now = (london_days(np.array([at]))[0] for at in (state.as_of, as_of))
    over = [f.id for f in filters if then < np.datetime64(f.expires, "D").astype(np.int64) <= now]
    return np.asarray(suppressed["group"].to_numpy()[is_in(suppressed["filter_id"], pa.array(over, pa.string()))])


def _inside(table: pa.Table, touched: Ints) -> Bools:
    group = table["group"].to_numpy()
    return np.asarray((group < 0) | np.isin(group, touched))


def _set(table: pa.Table, name: str, where: Bools, values: npt.NDArray[Any]) -> pa.Table:
    column = table[name].to_numpy().copy()
    column[where] = values
    return with_column(table, name, column)


def _objects(rows: Rows) -> pa.Array:
    return dictionary(*(rows[table][name] for table, names in OBJECTS.items() for name in names))


def _groups(rows: Rows, labels: Labels, same: Same) -> dict[str, tuple[pa.Array, Ints]]:
    """Return the group of each incident, order and person."""
    return {
        "incidents": _by_text(rows["incidents"]["incident_id"], labels.rows["incidents"]),
        "orders": _by_text(rows["orders"]["order_id"], labels.rows["orders"]),
        "persons": _by_text(pa.chunked_array([same.person(labels.references)]), labels.of_reference),
    }


def _by_text(column: pa.ChunkedArray, labels: Ints) -> tuple[pa.Array, Ints]:
    encoded = pc.dictionary_encode(column).combine_chunks()
    if len(encoded) == 0:
        return pa.array([], pa.string()), labels
    group = np.empty(len(encoded.dictionary), np.int64)
    group[encoded.indices.to_numpy()] = labels
    return encoded.dictionary, group


def _only(table: pa.Table, where: Bools) -> pa.Table:
    if where.all():
        return table
    return table.take(pa.array(np.flatnonzero(where)))


def _issues(batch: Batch, together: Issues) -> Issues:
    """Return what reading the new rows found, and where rows of one record disagree, old ones included."""
    tables = batch.issues.to_arrow(), together.to_arrow()
    apart = [pc.equal(table["code"], "rows_disagree") for table in tables]
    return Issues(pa.concat_tables([tables[0].filter(pc.invert(apart[0])), tables[1].filter(apart[1])]))
