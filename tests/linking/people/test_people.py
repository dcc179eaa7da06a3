import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.linking.people.given import PHONE, PNC, TOM, lettered, table

from breachpattern.linking.people import link_people

ALL = ("person_id", "entity_id", "shown_as", "other_id", "method", "probability", "certain", "evidence")
keys = st.sampled_from([PNC, None]), st.sampled_from([PHONE, None])
records = st.builds(
    lambda who, pnc, phone: {"person_id": who, "pnc_id": pnc, "phone": phone, **TOM}, st.sampled_from("ABCDE"), *keys
)


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(records, min_size=1, max_size=8))
def test_every_member_of_an_entity_of_several_is_listed_and_the_smallest_as_shown(rows):
    people = link_people(table(*rows))
    listed = people.table().to_pylist()
    smallest = dict(zip(people.references.to_pylist(), people.shown.to_pylist(), strict=True))
    several = {reference for reference, first in smallest.items() if list(smallest.values()).count(first) > 1}
    assert {row["person_id"] for row in listed} == several
    assert {row["person_id"] for row in listed if row["method"] == "shown"} == {smallest[name] for name in several}
    assert all(row["shown_as"] == smallest[row["person_id"]] for row in listed)


def test_the_table_has_the_columns_of_people_links():
    assert tuple(link_people(lettered(TOM)).table().column_names) == ALL


def test_links_name_the_larger_reference_first_and_carry_no_name_or_address():
    rows = TOM | {"phone": PHONE, "address": "1 High Street", "postcode": "ZZ1 1AA", "pnc_id": PNC}
    people = link_people(lettered(rows, rows | {"pnc_id": None}, rows))
    links = people.links.to_pylist()
    assert all(link["person_id"] > link["other_id"] for link in links)
    said = " ".join(link["evidence"] for link in links).lower()
    assert not any(word in said for word in ("tom", "vale", "high street", "zz1", "900123", "2011/0412"))


def test_an_entity_id_is_opaque_and_depends_on_the_smallest_reference_alone():
    rows = [{"person_id": name, "pnc_id": PNC} for name in ("P1", "P2", "P3")]
    first, second = link_people(table(*rows[:2])), link_people(table(*rows))
    ids = set(first.links["entity_id"].to_pylist()) | set(second.links["entity_id"].to_pylist())
    assert len(ids) == 1
    assert ids.pop().startswith("E-")


def test_unknown_references_stay_as_they_are():
    people = link_people(lettered({"pnc_id": PNC}, {"pnc_id": PNC}))
    assert people.entity_of(pa.array(["B", "X", None, "A"])).to_pylist() == ["A", "X", None, "A"]


def test_counts_add_up():
    people = link_people(lettered({"pnc_id": PNC}, {"pnc_id": PNC}, TOM, {"pnc_id": "2011/0412907E"}))
    counts = people.counts
    assert counts["linked_references"] + counts["unlinked_references"] == counts["references"] == 4
    assert (counts["records"], counts["entities"], counts["failed_pnc_ids"]) == (4, 3, 1)
