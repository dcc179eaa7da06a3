"""Invented person records for the tests of linking."""

from __future__ import annotations

import pyarrow as pa

from breachpattern.linking.people import link_people

TOM = {"given_name": "Tom", "surname": "Vale", "date_of_birth": "1990-05-01"}
PHONE, OTHER_PHONE = "07700 900123", "07700 900456"
HOME = {"address": "1 High Street", "postcode": "ZZ1 1AA"}
PNC, OTHER_PNC = "2011/0412907D", "2019/0103013J"


def table(*rows: dict[str, str]) -> pa.Table:
    names = sorted({name for row in rows for name in row})
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return pa.table({"row": pa.array(range(2, len(rows) + 2), pa.int64())} | columns)


def lettered(*rows: dict[str, str]) -> pa.Table:
    """Return records with the references A, B, C …"""
    return table(*({"person_id": chr(ord("A") + i)} | row for i, row in enumerate(rows)))


def shown(people) -> dict[str, str]:
    return dict(zip(people.references.to_pylist(), people.shown.to_pylist(), strict=True))


def entities(people) -> str:
    """Return the entities as text: ``AB C`` where A and B are one person."""
    groups: dict[str, str] = {}
    for reference, smallest in sorted(shown(people).items()):
        groups[smallest] = groups.get(smallest, "") + reference
    return " ".join(groups.values())


def link(*rows: dict[str, str], **settings) -> str:
    return entities(link_people(lettered(*rows), **settings))


def decisions(*rows: tuple[str, str, str], on: str | None = None) -> pa.Table:
    names = ("person_id", "other_id", "verdict")
    return pa.Table.from_pylist(
        [{"row": i, **dict(zip(names, row, strict=True)), "on": on} for i, row in enumerate(rows, 2)]
    )
