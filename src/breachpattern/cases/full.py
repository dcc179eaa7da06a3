"""The second tier: the whole engine on everybody connected with an incident, before it and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.cases.history import written
from breachpattern.ingest import read_extract
from breachpattern.patterns.context import Context
from breachpattern.patterns.engine import run
from breachpattern.records import Incident
from breachpattern.spans import FOREVER
from breachpattern.timelines import Tables, build
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.cases.file import Cases
    from breachpattern.cases.rows import Row
    from breachpattern.patterns.model import Pattern

ROUNDS = 3  # from the incident to whom it touches, to whom those touch, and to what is on file of these
LEVEL = {level: i for i, level in enumerate(LEVELS.values)}


def whole_findings(
    cases: Cases,
    patterns: Sequence[Pattern],
    people: Any,
    incident: Mapping[str, Any] | Incident,
    row: Row,
    now: int | None,
) -> dict[str, Any]:
    """Return the findings of the whole engine on the people connected with an incident.

    Parameters
    ----------
    cases : Cases
    patterns : sequence of Pattern
    people : People, optional
        Which references are one human being.
    incident : mapping or Incident
        As it was handed in; ``row`` is how it was read.
    now : int, optional
        The instant of the question, in seconds UTC.
    """
    without = near(cases, row)
    own = read_extract([written(incident)], catalogue=cases.catalogue).incidents
    table = pa.concat_tables([without.incidents, own], promote_options="permissive")
    with_it = Tables(table, without.orders, without.persons, without.associations)
    at = max(now or 0, row.known) if now is not None else max(cases.last_known, row.known, row.end - 1)
    engine = cases.base.timelines
    # Where no instant is asked for, an order made after the last record counts here as it does in the index.
    as_of = FOREVER if now is None and engine.as_of == FOREVER else at

    def found(tables: Tables) -> dict[str, dict[str, Any]]:
        if not tables.incidents.num_rows:
            return {}
        built = build(tables, cases.catalogue, as_of, people=people, crowded=engine.crowded)
        return {r["finding_id"]: r for r in run(Context(replace(built, as_of=at)), patterns).records()}

    before, after = found(without), found(with_it)
    # A finding that stands in both is itself; only of the others it is asked what they are about.
    were = {_key(f): (ident, f) for ident, f in before.items() if ident not in after}
    told = []
    for ident, f in after.items():
        former, held = (ident, before[ident]) if ident in before else were.get(_key(f), (None, None))
        same = former == ident and held is not None and held["level"] == f["level"]
        rests = row.incident in {e["incident_id"] for e in f["evidence"]}
        if rests or not same:
            told.append(
                {
                    "finding_id": ident,
                    "pattern": f["pattern"],
                    "level": f["level"],
                    "because": f["level_because"],
                    "headline": f["headline"],
                    "rests_on_incident": rests,
                    "change": "new" if held is None else "unchanged" if same else "changed",
                    "finding_id_before": former,
                    "level_before": None if held is None else held["level"],
                }
            )
    go_on = {_key(f) for ident, f in after.items() if ident not in before}
    return {
        "findings": sorted(told, key=lambda f: (-LEVEL[f["level"]], f["pattern"], f["finding_id"])),
        "no_longer": [
            {"finding_id": ident, "pattern": f["pattern"], "level": f["level"]}
            for ident, f in before.items()
            if ident not in after and _key(f) not in go_on
        ],
        "patterns_not_assessed": [],
    }


def _key(finding: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a finding is about, whichever records it rests on: as :attr:`Found.key` tells it."""
    unit, kind = finding["pattern_unit"], finding["unit"]
    incidents = [e["incident_id"] for e in finding["evidence"]]
    return (
        finding["pattern"],
        kind if unit == "course" else unit,  # of an order or a suspect the course may be another one, or none yet
        tuple(finding["suspect_ids"]),
        tuple(finding["order_ids"]) if unit in ("order", "breach") else (),
        tuple(finding["victim_ids"]) if unit == "dyad" or (kind == "dyad" and unit == "course") else (),
        incidents[0] if unit == "course" and incidents else "",
    )


def near(cases: Cases, row: Row, now: int = FOREVER) -> Tables:
    """Return everything on file of the people connected with a row, by records, orders, ties and shared means.

    Of incidents there are those that were known by an instant; for orders and ties the engine itself judges that.
    """
    base, extract = cases.base, cases.base.extract
    columns, ties, orders = base.timelines.columns, base.timelines.ties, base.timelines.orders
    persons = np.zeros(len(base.persons) + 1, np.bool_)
    named = set() if row.suspect else cases.people_of_orders(row.breach_of)
    named |= {row.suspect, row.victim}
    codes = {base.entity(p)[0] for p in named}
    added = cases.added_near(named - {""})
    named |= {p for r in added for p in (r.suspect, r.victim)} - {""}  # the engine may know nothing of them
    codes |= {base.entity(p)[0] for p in named}
    used = {row.means} | {r.means for r in added}
    codes |= {base.entity(u)[0] for means in used for u in cases.users_of(means, "")}
    persons[[c for c in codes if c >= 0]] = True
    chosen = np.zeros(len(columns), np.bool_)
    version, person = orders.protections
    for _ in range(ROUNDS):
        chosen = persons[columns.suspect] | persons[columns.victim]
        means = np.zeros(len(columns.names.means) + 1, np.bool_)
        means[columns.means[chosen]] = True
        means[-1] = False
        incidents = np.zeros(len(columns.names.incidents), np.bool_)
        incidents[columns.incident[chosen]] = True
        chosen |= means[columns.means] | incidents[columns.incident]
        persons[columns.suspect[chosen]] = persons[columns.victim[chosen]] = True
        bound = persons[orders.respondent]
        bound[version[persons[person]]] = True
        persons[orders.respondent[bound]] = True
        persons[person[bound[version]]] = True
        persons[ties.right[persons[ties.left]]] = True
        persons[-1] = False
    names = base.timelines.people
    known = np.append(persons[names.entity], False)
    of_order = known[names.references(extract.orders["respondent_id"])]
    of_order |= known[names.references(extract.orders["protected_id"])]
    chosen &= columns.known <= now
    rows = extract.incidents.take(pa.array(np.sort(columns.position[chosen])))
    those = {base.persons[c] for c in np.flatnonzero(persons[:-1]).tolist()} | named
    # Whoever uses a number, account or vehicle may be behind what nobody known did with it.
    late = cases.added_near(those | {""} if row.means or not row.suspect else those - {""})
    fresh = {
        r.incident: written(cases.written[r.incident]) for r in late if r.incident in cases.written and r.known <= now
    }
    if fresh:
        table = read_extract(list(fresh.values()), catalogue=cases.catalogue).incidents
        rows = pa.concat_tables([rows, table], promote_options="permissive")
    kept = pc.is_in(extract.orders["order_id"], value_set=pa.array(sorted(row.breach_of), pa.string()))
    of_order |= kept.to_numpy()
    held = [extract.orders.filter(pa.array(of_order)), *cases.further_orders(those)]
    return Tables(rows, pa.concat_tables(held, promote_options="permissive"), extract.persons, extract.associations)
