"""Contact through others, inferred from a tie: possible at most, kept apart, with the path that suggests it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.facts import breaches, catalogue, courses, incident, order

from breachpattern.ingest import read_extract
from breachpattern.linking.ties import ON_FILE
from breachpattern.spans import as_of_second
from breachpattern.timelines import build
from breachpattern.vocabulary import BREACH_KINDS, BREACH_STATUSES, ORDER_STATES, TERMS

CALL = {"behaviours": "contact", "channel": "phone"}
ORDER = order("O1", terms="no_contact;no_indirect_contact", made_on="2025-01-10", ends="2026-01-09")
BROTHER = {"person_id": "P1", "other_id": "P2", "tie": "family"}


def run(rows, orders=(ORDER,), ties=(BROTHER,), persons=(), as_of="2026-06-30"):
    extract = read_extract(list(rows), list(orders), list(persons) or None, list(ties) or None)
    return build(extract, catalogue(), as_of_second(as_of))


def by_brother(number="I1", at="2025-03-01T19:00", **values):
    return incident(number, at, **({"suspect_id": "P2"} | CALL | values))


def inferred(found):
    names = found.columns.names
    return [
        (names.incidents[int(r.incident)].as_py(), names.persons[int(r.suspect)].as_py(),
         names.persons[int(r.through)].as_py())
        for r in found.inferred.itertuples()
    ]  # fmt: skip


def test_a_brothers_call_is_inferred_contact_of_the_respondent():
    found = run([by_brother()])
    row = found.inferred.iloc[0]
    assert inferred(found) == [("I1", "P1", "P2")]
    assert BREACH_STATUSES.values[int(row["status"])] == "unrecorded"
    assert ORDER_STATES.values[int(row["state"])] == "possible"
    assert BREACH_KINDS.codes(int(row["kinds"])) == ("contact",)
    assert TERMS.codes(int(row["terms"])) == ("no_indirect_contact",)
    assert breaches(found) == []


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_from": "2025-01-01T19:00"},
        {"occurred_from": "2026-02-01T19:00"},
        {"victim_id": "V2"},
        {"suspect_id": "P3"},
        {"suspect_id": ""},
        {"behaviours": "theft", "channel": "in_person"},
        {"status": "cancelled"},
    ],
    ids=["before the order", "after it", "another victim", "a stranger", "nobody named", "no contact", "cancelled"],
)
def test_nothing_is_inferred_where_one_fact_is_missing(change):
    assert inferred(run([by_brother(**change)])) == []


def test_where_the_respondent_is_on_the_record_nothing_is_inferred():
    rows = [by_brother(), by_brother(suspect_id="P1")]
    found = run(rows)
    assert inferred(found) == []
    assert [b["suspect"] for b in breaches(found)] == ["P1"]


def test_a_tie_that_had_ended_or_began_later_says_nothing():
    assert inferred(run([by_brother()], ties=[BROTHER | {"until": "2025-02-01"}])) == []
    assert inferred(run([by_brother()], ties=[BROTHER | {"since": "2025-04-01"}])) == []
    assert inferred(run([by_brother()], ties=[BROTHER | {"since": "2020-04-01"}])) != []


def test_strength_falls_with_the_length_of_the_path():
    near = run([by_brother()], ties=[BROTHER | {"tie": "household"}])
    far = run(
        [by_brother()],
        ties=[
            {"person_id": "P1", "other_id": "P3", "tie": "partner"},
            {"person_id": "P3", "other_id": "P2", "tie": "household"},
        ],
    )
    assert 0 < far.inferred["path_weight"].iloc[0] < near.inferred["path_weight"].iloc[0]
    friend_of_friend = [
        {"person_id": "P1", "other_id": "P3", "tie": "friend"},
        {"person_id": "P3", "other_id": "P2", "tie": "friend"},
    ]
    assert inferred(run([by_brother()], ties=friend_of_friend)) == []


def test_no_path_leads_through_the_protected_person():
    ties = [
        {"person_id": "P1", "other_id": "V1", "tie": "partner"},
        {"person_id": "V1", "other_id": "P2", "tie": "household"},
    ]
    assert inferred(run([by_brother()], ties=ties)) == []


def test_a_tie_to_the_protected_person_weakens_the_inference():
    both = [BROTHER | {"tie": "friend"}, {"person_id": "V1", "other_id": "P2", "tie": "friend"}]
    assert inferred(run([by_brother()], ties=both)) == []
    assert inferred(run([by_brother()], ties=both[:1])) != []


def test_a_tie_on_file_must_have_begun_before_the_act_and_not_before_its_report():
    late = [by_brother(reported_at="2025-05-01")]
    assert inferred(run(late, ties=[BROTHER | {"since": "2025-04-01"}])) == []
    assert inferred(run(late, ties=[BROTHER | {"since": "2025-02-01"}])) != []


def test_a_tie_that_came_back_holds_again():
    periods = [{"since": "2015-01-01", "until": "2018-01-01"}, {"since": "2023-01-01"}]
    ties = [BROTHER | {"tie": "partner"} | period for period in periods]
    found = run([by_brother()], ties=ties)
    assert inferred(found) == [("I1", "P1", "P2")]


@pytest.mark.parametrize("word", ["partner", "ex_partner", "family", "friend"])
def test_the_row_itself_may_say_that_who_acted_is_close_to_the_victim(word):
    apart = run([by_brother(relationship="stranger")], ties=[BROTHER | {"tie": "household"}])
    close = run([by_brother(relationship=word)], ties=[BROTHER | {"tie": "household"}])
    assert close.inferred["path_weight"].iloc[0] == apart.inferred["path_weight"].iloc[0] / 2


def test_an_inferred_tie_to_the_protected_person_weakens_too():
    home = [{"person_id": p, "address": "1 High Street", "postcode": "ZZ1 1AA"} for p in ("V1", "P2")]
    household = [BROTHER | {"tie": "household"}]
    near, apart = (run([by_brother()], ties=household, persons=p) for p in (home, ()))
    assert near.inferred["path_weight"].iloc[0] == apart.inferred["path_weight"].iloc[0] / 2


def test_a_weak_direct_tie_hides_no_stronger_way_of_two_steps():
    steps = [
        {"person_id": "P1", "other_id": "P3", "tie": "partner"},
        {"person_id": "P3", "other_id": "P2", "tie": "household"},
    ]
    weak = BROTHER | {"tie": "other"}
    found = run([by_brother()], ties=[*steps, weak])
    assert found.inferred["path_weight"].iloc[0] == run([by_brother()], ties=steps).inferred["path_weight"].iloc[0]
    assert found.inferred["next_tie"].iloc[0] >= 0


@pytest.mark.parametrize(
    "persons",
    [
        [{"person_id": p, "phone": "07700900001"} for p in ("P1", "P2")],
        [{"person_id": p, "vehicle": "ZZ25 ABC"} for p in ("P1", "P2")],
        [{"person_id": p, "address": "1 High Street", "postcode": "ZZ1 1AA"} for p in ("P1", "P2")],
    ],
    ids=["phone", "vehicle", "household"],
)
def test_a_shared_object_is_a_tie(persons):
    assert inferred(run([by_brother()], ties=(), persons=persons)) == [("I1", "P1", "P2")]


def test_the_number_that_the_respondent_used_before_is_a_tie():
    rows = [
        incident("I1", "2025-02-01T19:00", means="07700900001", victim_id="V9", **CALL),
        by_brother("I2", means="07700900001"),
    ]
    assert inferred(run(rows, ties=())) == [("I2", "P1", "P2")]


def test_an_order_that_does_not_say_indirectly_weighs_less_and_says_so():
    plain = run([by_brother()], orders=[ORDER | {"terms": "no_contact"}])
    said = run([by_brother()])
    assert plain.inferred["path_weight"].iloc[0] < said.inferred["path_weight"].iloc[0]
    assert TERMS.codes(int(plain.inferred["terms"].iloc[0])) == ("no_contact",)
    assert inferred(run([by_brother()], orders=[ORDER | {"terms": ""}])) == []


@pytest.mark.parametrize(
    ("terms", "written"), [("no_contact", 0), ("no_contact;no_approach", 0), ("no_contact;no_indirect_contact", 1)]
)
def test_only_an_order_that_says_indirectly_makes_inferred_contact_a_row_among_breaches(terms, written):
    found = run([by_brother()], orders=[ORDER | {"terms": terms}])
    assert len(found.inferred) == 1
    assert len(found.inferred_within_terms) == written


def test_what_is_inferred_counts_before_no_breach():
    rows = [by_brother("I1"), incident("I2", "2025-04-01T19:00", **CALL), by_brother("I3", "2025-05-01T19:00")]
    found = run(rows)
    assert [b["prior_breaches"] for b in breaches(found)] == [0]
    assert found.inferred["prior_breaches"].tolist() == [0, 1]


def test_a_tie_alone_makes_a_joint_course_weak_and_a_shared_number_arguable():
    calls = [incident(f"I{d}", f"2025-03-0{d}T19:00", **CALL) for d in (1, 3, 5)]
    his = [by_brother(f"J{d}", f"2025-03-0{d}T19:00") for d in (2, 4, 6)]
    graded = {c["unit"]: c["strength"] for c in courses(run(calls + his))}
    assert graded["joint"] == "weak"
    number = [row | {"means": "07700900001"} for row in calls + his]
    graded = {c["unit"]: c["strength"] for c in courses(run(number, ties=()))}
    assert graded["joint"] == "arguable"


@settings(max_examples=up_to(40), deadline=None)
@given(
    st.lists(st.sampled_from(["P1", "P2", "P3", "P4", ""]), min_size=1, max_size=8),
    st.lists(st.tuples(st.sampled_from(["P1", "P2", "P3"]), st.sampled_from(["P2", "P3", "P4", "V1"]),
                       st.sampled_from(ON_FILE)), max_size=5),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_whoever_acted_is_never_the_respondent_and_row_order_says_nothing(suspects, ties, random):
    rows = [by_brother(f"I{i}", f"2025-03-{i + 1:02d}T19:00", suspect_id=s) for i, s in enumerate(suspects)]
    ties = [{"person_id": a, "other_id": b, "tie": t} for a, b, t in ties]
    found = run(rows, ties=ties)
    frame = found.inferred
    assert (frame["through"] != frame["suspect"]).all()
    assert (frame["state"] == ORDER_STATES.index("possible")).all()
    assert frame["path_weight"].between(0, 1).all()
    random.shuffle(rows)
    random.shuffle(ties)
    assert sorted(inferred(run(rows, ties=ties))) == sorted(inferred(found))
