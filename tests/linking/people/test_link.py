import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.drawing import up_to
from tests.linking.people.given import (
    HOME,
    OTHER_PNC,
    PHONE,
    PNC,
    TOM,
    decisions,
    entities,
    lettered,
    link,
    shown,
    table,
)

from breachpattern.errors import UsageError
from breachpattern.linking.people import link_people

ANN = {"given_name": "Ann", "surname": "Vale", "date_of_birth": "1990-05-01"}


def test_one_pnc_id_is_one_person_however_it_is_written():
    assert link({"pnc_id": PNC}, {"pnc_id": "11/412907d"}, {"pnc_id": "2011/0412907E"}) == "AB C"


def test_one_cro_number_is_one_person():
    assert link({"cro_number": "001234/99L"}, {"cro_number": "1234/99L"}, {"cro_number": "1234/99A"}) == "AB C"


def test_name_and_birth_date_alone_are_not_enough():
    assert link(TOM, TOM) == "A B"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": PHONE}, {"phone": "+44 (0)7700 900 123"}),
        ({"email": "T@Mail.example"}, {"email": "t@mail.example"}),
        ({"vehicle": "ab12 cde"}, {"vehicle": "AB12CDE"}),
        (HOME, {"address": "1, High St.", "postcode": "zz11aa"}),
    ],
    ids=["phone", "e-mail", "vehicle", "address"],
)
def test_a_second_key_makes_name_and_birth_date_certain(one, other):
    people = link_people(lettered(TOM | one, TOM | other))
    assert entities(people) == entities(people.certain()) == "AB"


def test_an_identifier_whose_check_letter_fails_is_a_second_key_and_no_identity():
    wrong = {"pnc_id": "2012/0412907D"}
    people = link_people(lettered(TOM | wrong, TOM | wrong))
    assert entities(people) == entities(people.certain()) == "AB"
    assert people.links["evidence"].to_pylist() == ["same name, birth date and PNC id as written"]
    assert link(TOM | wrong, ANN | wrong) == "A B"


@pytest.mark.parametrize("nothing", ["N/K", "unknown", "0000/0000000X", "2012"])
def test_what_only_stands_for_an_identifier_is_no_second_key(nothing):
    assert link(TOM | {"pnc_id": nothing}, TOM | {"pnc_id": nothing}) == "A B"


def test_a_postcode_alone_leaves_a_doubt():
    people = link_people(lettered(TOM | {"postcode": "ZZ1 1AA"}, TOM | {"postcode": "ZZ1 1AA"}))
    assert (entities(people), entities(people.certain())) == ("AB", "A B")


def test_the_second_key_may_stand_on_another_row_of_the_reference():
    rows = [{"person_id": "A", **TOM}, {"person_id": "A", "surname": "Mott", "given_name": "Tom", "phone": PHONE}]
    assert entities(link_people(table(*rows, {"person_id": "B", **TOM, "phone": PHONE}))) == "AB"


def test_twins_stay_apart_whatever_they_share():
    twins = [TOM | HOME | {"phone": PHONE}, ANN | HOME | {"phone": PHONE}]
    assert link(*twins) == "A B"
    assert link(*twins, threshold=0.0) == "A B"


def test_somebody_who_could_be_either_twin_does_not_join_them():
    """C has the PNC id of A and is called like B."""
    people = link_people(lettered(TOM | {"phone": PHONE, "pnc_id": PNC}, ANN | {"phone": PHONE},
                                  ANN | {"phone": PHONE, "pnc_id": PNC}))  # fmt: skip
    assert entities(people.certain()) == "A BC"


def test_father_and_son_with_one_name_stay_apart_however_much_they_share():
    father, son = TOM | {"date_of_birth": "1962-05-01"}, TOM
    shared = HOME | {"phone": PHONE, "email": "vale@mail.example", "vehicle": "AB12CDE"}
    assert link(father | shared, son | shared) == "A B"


def test_day_and_month_exchanged_link_with_a_doubt():
    people = link_people(lettered(TOM | {"phone": PHONE}, TOM | {"phone": PHONE, "date_of_birth": "1990-01-05"}))
    assert (entities(people), entities(people.certain())) == ("AB", "A B")
    assert people.links["method"].to_pylist() == ["birth_date_swapped"]
    assert people.links["evidence"].to_pylist() == ["same name, phone; birth date with day and month exchanged"]


def test_a_maiden_name_links_with_a_doubt_where_two_contacts_agree():
    married = TOM | {"surname": "Mott", "phone": PHONE}
    assert link(TOM | {"phone": PHONE}, married) == "A B"
    people = link_people(lettered(TOM | HOME | {"phone": PHONE}, married | HOME))
    assert (entities(people), entities(people.certain())) == ("AB", "A B")
    assert people.links["method"].to_pylist() == ["changed_surname"]


@pytest.mark.parametrize("date", ["1900-01-01", "1901-01-01"])
def test_placeholder_birth_dates_link_nobody(date):
    nobody = TOM | {"date_of_birth": date, "phone": PHONE}
    assert link(nobody, nobody) == "A B"


@pytest.mark.parametrize(
    ("given_name", "surname"),
    [("Unknown", "Male"), ("A N", "Other"), ("A.N.", "Other"), ("Not", "Known"), ("Baby", "Vale"), ("N/K", "N/K"),
     ("Test", "Test"), ("Null", "Null"), ("", "Null"), ("UNKNOWN", ""), ("Joe", "Bloggs")],
)  # fmt: skip
def test_placeholder_names_link_nobody(given_name, surname):
    nobody = {"given_name": given_name, "surname": surname, "date_of_birth": "1990-05-01", "phone": PHONE}
    people = link_people(lettered(nobody, nobody))
    assert entities(people) == "A B"
    assert people.counts["placeholder_names"] == 2


@pytest.mark.parametrize("surname", ["Null", "Na", "Test", "Baby", "Male", "Other"])
def test_a_person_really_called_so_is_linked(surname):
    dana = {"given_name": "Dana", "surname": surname, "date_of_birth": "1991-04-17", "phone": PHONE}
    assert link(dana, dana) == "AB"


def test_a_phone_that_a_household_shares_joins_nobody_but_themselves():
    family = [TOM, ANN | {"date_of_birth": "1992-02-02"}, TOM | {"given_name": "Bea", "date_of_birth": "1960-03-03"}]
    assert link(*(member | {"phone": PHONE} for member in [*family, TOM])) == "AD B C"


def test_a_phone_that_many_people_share_is_no_second_key():
    guests = [TOM | {"given_name": name} for name in ("Ann", "Bob", "Cat", "Dov", "Eve", "Fay", "Gus", "Tom", "Tom")]
    people = link_people(lettered(*(guest | {"phone": PHONE} for guest in guests)))
    assert people.counts["entities"] == len(guests)
    assert people.counts["shared_contacts"] == 1


def test_aliases_are_one_reference_and_link_by_any_of_their_names():
    alias = {"given_name": "Lee", "surname": "Marsh", "date_of_birth": "1991-01-01", "phone": PHONE}
    rows = [{"person_id": "A", **TOM}, {"person_id": "A", **alias}, {"person_id": "B", **alias}]
    people = link_people(table(*rows))
    assert shown(people) == {"A": "A", "B": "A"}


def test_rows_of_one_reference_that_contradict_one_another_make_its_links_doubtful():
    other = {"given_name": "Zoltan", "surname": "Quill", "date_of_birth": "1950-02-02"}
    rows = [{"person_id": "A", **TOM, "phone": PHONE}, {"person_id": "A", **other}]
    people = link_people(table(*rows, {"person_id": "B", **TOM, "phone": PHONE}))
    assert (entities(people), entities(people.certain())) == ("AB", "A B")
    assert [issue.code for issue in people.issues] == ["contradictory_rows"]


def test_different_pnc_ids_stop_every_link_but_a_decision():
    one, other = TOM | {"phone": PHONE, "pnc_id": PNC}, TOM | {"phone": PHONE, "pnc_id": OTHER_PNC}
    assert link(one, other) == "A B"
    assert link(one, other, decisions=decisions(("A", "B", "same"))) == "AB"


def test_different_pnc_ids_stay_apart_through_a_third_record_too():
    one, other = TOM | {"phone": PHONE, "pnc_id": PNC}, TOM | {"phone": PHONE, "pnc_id": OTHER_PNC}
    people = link_people(lettered(one, other, TOM | {"phone": PHONE}))
    assert people.counts["entities"] == 2
    assert people.counts["refused_links"] == 2


def test_an_identifier_that_names_and_birth_dates_contradict_joins_with_a_doubt():
    people = link_people(lettered(TOM | {"pnc_id": PNC}, ANN | {"pnc_id": PNC}))
    assert (entities(people), entities(people.certain())) == ("AB", "A B")
    assert people.links["evidence"].to_pylist() == ["same PNC id ending 907D; names or birth dates contradict it"]


def test_doubtful_links_below_the_threshold_do_not_count():
    swapped = TOM | {"phone": PHONE, "date_of_birth": "1990-01-05"}
    assert link(TOM | {"phone": PHONE}, swapped, threshold=0.99) == "A B"
    assert link({"pnc_id": PNC}, {"pnc_id": PNC}, threshold=1.0) == "AB"


def test_nothing_at_all_is_linked_without_trouble():
    people = link_people(pa.table({"person_id": pa.array([], pa.string())}))
    assert (len(people.references), people.table().num_rows, people.counts["entities"]) == (0, 0, 0)
    assert len(link_people(lettered({}, {}), method="probabilistic").links) == 0


@pytest.mark.parametrize("wrong", [{"method": "guess"}, {"threshold": 1.5}])
def test_a_wrong_call_is_refused(wrong):
    with pytest.raises(UsageError):
        link_people(lettered(TOM), **wrong)


names = st.sampled_from(["Tom", "Tim", "Ann", "Unknown", None])
surnames = st.sampled_from(["Vale", "Mott", "Null", None])
dates = st.sampled_from(["1990-05-01", "1990-01-05", "1962-05-01", "1900-01-01", None])
numbers = st.sampled_from([PNC, OTHER_PNC, "2011/0412907E", None])
contacts = st.sampled_from([PHONE, "07700 900456", None])
records = st.fixed_dictionaries(
    {"person_id": st.sampled_from("ABCDEF"), "given_name": names, "surname": surnames, "date_of_birth": dates,
     "pnc_id": numbers, "phone": contacts, "postcode": st.sampled_from(["ZZ1 1AA", None])}
)  # fmt: skip
verdicts = st.tuples(st.sampled_from("ABC"), st.sampled_from("DEF"), st.sampled_from(["same", "different"]))


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(records, min_size=1, max_size=9), st.lists(verdicts, max_size=3), st.randoms())
def test_neither_the_order_of_rows_nor_a_duplicate_changes_anything(rows, decided, random):
    made = decisions(*decided) if decided else None
    people = link_people(table(*rows), decisions=made)
    again = [*rows, random.choice(rows)]
    random.shuffle(again)
    other = link_people(table(*again), decisions=made)
    assert other.shown == people.shown
    assert other.links == people.links
    assert other.bridges == people.bridges
    assert other.table() == people.table()


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(records, min_size=1, max_size=9), st.lists(verdicts, max_size=3))
def test_certain_links_join_nobody_whom_all_links_leave_apart(rows, decided):
    people = link_people(table(*rows), decisions=decisions(*decided) if decided else None)
    certain = people.certain()
    assert set(certain.links["certain"].to_pylist()) <= {True}
    whole = shown(people)
    assert all(whole[reference] == whole[smallest] for reference, smallest in shown(certain).items())


@settings(max_examples=up_to(25), deadline=None)
@given(st.lists(records, min_size=1, max_size=9), st.lists(verdicts, max_size=4, unique_by=lambda v: v[:2]))
def test_people_decided_to_be_different_are_never_joined(rows, decided):
    people = link_people(table(*rows), decisions=decisions(*decided) if decided else None)
    whole = shown(people)
    for one, other, verdict in decided:
        if verdict == "different" and one in whole and other in whole:
            assert whole[one] != whole[other]


@settings(max_examples=up_to(15), deadline=None)
@given(st.lists(records, min_size=1, max_size=9))
def test_unrelated_people_change_nothing(rows):
    stranger = {"person_id": "Z", "given_name": "Ulrike", "surname": "Zander", "date_of_birth": "1944-04-04"}
    before, after = shown(link_people(table(*rows))), shown(link_people(table(*rows, stranger)))
    assert after == before | {"Z": "Z"}
