"""Small extracts with everything that connects people: what tests of the graph share."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from tests.facts import catalogue

from breachpattern import Analyser, Analysis, read_extract

NUMBERS = ("07700 900142", "+44 7700 900142", "07700 900317", "ab12 cde", "withheld", "")
PEOPLE = tuple(f"P{n}" for n in range(7))
BEGIN = datetime(2025, 1, 1, 9)
someone = st.sampled_from((*PEOPLE, ""))


@st.composite
def moments(draw: Any) -> str:
    return (BEGIN + timedelta(hours=draw(st.integers(0, 400 * 24)))).strftime("%Y-%m-%dT%H:%M")


@st.composite
def rows(draw: Any) -> dict[str, Any]:
    at = draw(moments())
    reported = draw(st.one_of(st.just(""), moments().filter(lambda when: when >= at)))
    return {
        "occurred_from": at,
        "reported_at": reported,
        "suspect_id": draw(someone),
        "victim_id": draw(someone),
        "means": draw(st.sampled_from(NUMBERS)),
        "channel": draw(st.sampled_from(("phone", "text", "in_person", ""))),
        "behaviours": draw(st.sampled_from(("contact", "contact;threat", "follow", ""))),
        "postcode": draw(st.sampled_from(("ZZ2 3AB", "ZZ5 3XE", ""))),
        "place_role": draw(st.sampled_from(("victim_home", "public", ""))),
    }


@st.composite
def order_rows(draw: Any) -> dict[str, Any]:
    made = draw(moments())
    return {
        "kind": draw(st.sampled_from(("restraining_conviction", "non_molestation", "police_warning"))),
        "respondent_id": draw(st.sampled_from(PEOPLE)),
        "protected_id": draw(someone),
        "made_on": made[:10],
        "served_at": draw(st.one_of(st.just(""), moments().filter(lambda when: when >= made))),
        "terms": draw(st.sampled_from(("no_contact", ""))),
    }


@st.composite
def ties(draw: Any) -> dict[str, Any]:
    return {
        "person_id": draw(st.sampled_from(PEOPLE)),
        "other_id": draw(st.sampled_from(PEOPLE)),
        "tie": draw(st.sampled_from(("household", "friend", "co_suspect"))),
        "since": draw(st.one_of(st.just(""), moments().map(lambda when: when[:10]))),
    }


@st.composite
def worlds(draw: Any) -> dict[str, list[dict[str, Any]]]:
    """Incidents, orders, associations and nominals of seven people."""
    incidents = [
        {"incident_id": f"I{n}"} | row for n, row in enumerate(draw(st.lists(rows(), min_size=1, max_size=12)))
    ]
    orders = [{"order_id": f"O{n}"} | row for n, row in enumerate(draw(st.lists(order_rows(), max_size=4)))]
    persons = [
        {"person_id": person, "phone": number}
        for person, number in draw(
            st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(NUMBERS), max_size=3)
        ).items()
    ]
    return {
        "incidents": incidents,
        "orders": orders,
        "associations": draw(st.lists(ties(), max_size=4)),
        "persons": persons,
    }


def analyse(world: dict[str, list[dict[str, Any]]], as_of: str | None = None) -> Analysis:
    others = {name: world.get(name) or None for name in ("orders", "persons", "associations")}
    return Analyser(catalogue()).analyse(read_extract(world["incidents"], **others), as_of)


def named_in(world: dict[str, list[dict[str, Any]]]) -> str:
    """Somebody whom the world names on a record, an order or an association."""
    fields = ("suspect_id", "victim_id", "respondent_id", "protected_id", "person_id", "other_id")
    tables = (*world["incidents"], *world["orders"], *world["associations"])
    return min((row[field] for row in tables for field in fields if row.get(field)), default="")


def content(graph: Any) -> tuple[Any, Any]:
    """What a graph says, whatever the order in which it was drawn and the line numbers of its rows."""
    edges = [
        (left, right, sorted((name, value) for name, value in said.items() if name != "row"))
        for left, right, said in graph.edges(data=True)
    ]
    return sorted((node, sorted(said.items())) for node, said in graph.nodes(data=True)), sorted(edges)
