import builtins
import json
import logging

import pytest
from tests.drawing import first
from tests.linking.people.given import HOME, PHONE, TOM, decisions, entities, lettered, link

from breachpattern.errors import InputError, MissingDependency
from breachpattern.linking.people import link_people, train_model
from breachpattern.linking.people.model import check_model, shipped_model

KIERAN = {"given_name": "Kieran", "surname": "Ashlingworth", "date_of_birth": "1986-03-14", "phone": PHONE, **HOME}
SLIP = KIERAN | {"given_name": "Keiran", "surname": "Ashlingworh"}


def test_a_slip_of_the_keyboard_is_found_and_told_in_words():
    people = link_people(lettered(KIERAN, SLIP), method="probabilistic")
    assert link(KIERAN, SLIP) == "A B"
    assert entities(people) == "AB"
    row = people.links.to_pylist()[0]
    assert row["method"] == "splink"
    assert row["probability"] > 0.95
    assert row["evidence"] == (
        "given names alike; surnames alike; same birth date; same postcode; same address; same phone"
    )


def test_exact_links_come_first_and_stay_what_they_are():
    swapped = KIERAN | {"date_of_birth": "1986-02-11"}
    people = link_people(lettered(swapped, swapped | {"date_of_birth": "1986-11-02"}), method="probabilistic")
    assert people.links.select(["method", "certain"]).to_pylist() == [
        {"method": "birth_date_swapped", "certain": False}
    ]


def test_given_name_and_surname_exchanged_are_found():
    exchanged = KIERAN | {"given_name": KIERAN["surname"], "surname": KIERAN["given_name"]}
    assert link(KIERAN, exchanged, method="probabilistic") == "AB"


@pytest.mark.parametrize(
    "relative",
    first(
        2,
        [
            {"given_name": "Samuel"},
            {"given_name": "Samuel", "date_of_birth": "1988-09-30"},
            {"date_of_birth": "1960-01-19"},
            {"given_name": "Samuel", "date_of_birth": None},
            {"given_name": None, "date_of_birth": None},
            {"given_name": "Keir", "date_of_birth": "1988-09-30", "surname": "Ashlingworh"},
        ],
    ),
    ids=["twin", "brother", "father", "brother of unknown age", "somebody of the family", "brother with a like name"],
)
def test_relatives_are_not_joined_however_much_they_share(relative):
    shared = {"email": "family@mail.example", "vehicle": "AB12CDE"}
    if relative.get("given_name") == "Keir":
        shared = {}
    assert link(KIERAN | shared, KIERAN | relative, method="probabilistic", threshold=0.5) == "A B"


def test_a_common_name_alone_is_not_enough():
    assert link(TOM | {"date_of_birth": None}, TOM | {"date_of_birth": None}, method="probabilistic") == "A B"


def test_a_mistyped_identifier_is_compared_by_likeness():
    one = KIERAN | {"pnc_id": "2011/0412907D", "phone": None, "address": None}
    other = KIERAN | {"pnc_id": "2011/0412970D", "phone": None, "address": None, "surname": "Cole"}
    people = link_people(lettered(one, other), method="probabilistic")
    assert "PNC ids alike" in "".join(people.links["evidence"].to_pylist())


def test_decisions_win_over_splink():
    made = decisions(("A", "B", "different"))
    assert link(KIERAN, SLIP, method="probabilistic", decisions=made) == "A B"


def test_the_threshold_counts():
    assert link(KIERAN, SLIP, method="probabilistic", threshold=1.0) == "A B"


def test_the_order_of_rows_does_not_matter_to_splink():
    rows = [KIERAN, SLIP, TOM, KIERAN | {"given_name": "Kieron", "phone": None}]
    table = lettered(*rows)
    one = link_people(table, method="probabilistic")
    other = link_people(table.take([2, 0, 3, 1]), method="probabilistic")
    assert one.links == other.links


def test_splink_says_nothing_and_leaves_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    link(KIERAN, SLIP, method="probabilistic")
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    assert logging.getLogger("splink").level != logging.CRITICAL + 1


def test_without_splink_exact_links_work_and_the_rest_names_the_install_line(monkeypatch):
    real = builtins.__import__

    def blocked(name, *rest, **more):
        if name.split(".")[0] == "splink":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", blocked)
    assert link(KIERAN, KIERAN) == "AB"
    with pytest.raises(MissingDependency, match=r"splink is needed") as caught:
        link(KIERAN, SLIP, method="probabilistic")
    assert "pip install 'breachpattern[link]'" in str(caught.value)
    with pytest.raises(MissingDependency):
        train_model(lettered(KIERAN, SLIP))
    with pytest.raises(MissingDependency):
        link({}, {}, method="probabilistic")
    with pytest.raises(MissingDependency):
        train_model(lettered({}, {}))


def test_a_model_of_few_records_is_the_shipped_one_where_they_teach_nothing(tmp_path):
    path = tmp_path / "model.json"
    model = train_model(lettered(TOM, {"surname": "Mott"}), path)
    assert model["comparisons"]["phone"] == shipped_model()["comparisons"]["phone"]
    assert json.loads(path.read_text()) == model
    check_model(model, "model.json")
    assert entities(link_people(lettered(KIERAN, SLIP), method="probabilistic", model=path)) == "AB"


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 1}', '{"format": 1, "comparisons": {}}'])
def test_what_is_no_model_is_refused(tmp_path, text):
    path = tmp_path / "mine.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"mine\.json: (This is not|The model)"):
        link(KIERAN, SLIP, method="probabilistic", model=path)
