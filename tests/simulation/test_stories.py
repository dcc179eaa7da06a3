import pytest

from breachpattern.errors import InputError
from breachpattern.simulation.stories import Unit, read_stories


def story(**changed):
    return {
        "name": "calls",
        "people": {
            "P-1": ["Ann", "Ames", "1990-01-01", "F", "ZZ1 1AA", {"phone": "07700 900001"}],
            "P-2": ["Bo", "Birch", "1991-01-01", "M", "ZZ2 2BB"],
            "P-3": ["Bo", "Birch", "1991-01-01", "M", "ZZ2 2BB"],
        },
        "same_person": {"P-3": "P-2"},
        "units": [{"kind": "rejected", "suspect": "P-2", "victim": "P-1"}],
        "usual": {"suspect_id": "P-2", "victim_id": "P-1", "relationship": "ex_partner"},
        "orders": [
            {"order_id": "O-1", "kind": "restraining_conviction", "respondent_id": "P-2", "protected_id": "P-1",
             "made_on": "2025-02-01", "ends": "2025-03-31", "terms": "no_contact;no_indirect_contact"},
        ],
        "incidents": [
            ["I-1", "2025-01-10T20:00", 2, "", "contact", "phone", {"act_count": 3}],
            ["I-2", "2025-02-10", "2025-02-11", "008/31", "contact", "text", {"suspect_id": "P-3"}],
            ["I-3", "2025-04-01T00:00", "", "", "approach", "in_person", {"place_role": "victim_home"}],
        ],
    } | changed  # fmt: skip


def test_a_story_becomes_rows_in_the_canonical_columns():
    told = read_stories({"story": [story()], "repeated": ["I-1"], "messy": [{"incident_id": "I-9", "act_count": 2}]})
    rows = {row["incident_id"]: (unit, row) for unit, row in told.incidents}
    assert {number: unit for number, (unit, _) in rows.items()} == {"I-1": 0, "I-2": 0, "I-3": 0, "I-9": -1}
    assert rows["I-1"][1]["reported_at"] == "2025-01-10T22:10"
    assert rows["I-1"][1]["act_count"] == "3"
    assert rows["I-3"][1]["postcode"] == "ZZ1 1AA", "the victim's home is where she lives"
    assert told.persons[0]["phone"] == "07700 900001"
    assert told.numbers == ["I-1", "I-2", "I-3", "I-9"]
    assert told.repeated == ["I-1"]


@pytest.mark.parametrize(
    ("suspect", "victim", "concerned"),
    [("A", "B", True), ("B", "A", True), ("C", "B", True), ("A", "C", True), ("", "B", True), ("A", "D", False)],
)
def test_a_unit_concerns_its_people_in_either_direction(suspect, victim, concerned):
    assert Unit("by_proxy", "A", "B", ("C",)).concerns(suspect, victim) == concerned


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"units": [{"kind": "quarrel", "suspect": "P-2", "victim": "P-1"}]}, "no kind of unit"),
        ({"units": [{"kind": "rejected", "suspect": "P-7", "victim": "P-1"}]}, "P-7"),
        ({"units": [{"kind": "rejected", "suspect": "P-2", "victim": "P-1", "others": ["P-1"] * 4}]}, "at most 3"),
        ({"usual": {"suspect_id": "P-1", "victim_id": "P-9"}}, "none of its units"),
        ({"people": {"P-1": ["Ann"]}}, "'calls'"),
        ({"incidents": [["I-1", "yesterday", 2, "", "contact", "phone"]]}, "yesterday"),
        ({"incidents": [["I-1"]]}, "'calls'"),
        ({"people": [1]}, "not of its form"),
        ({"usuall": {}}, "says 'usuall', which means nothing here; known are name, .*usual"),
        ({"same_person": {"P-3": "P-9"}}, "P-9 is not among its people"),
        ({"usual": {"suspect_id": "P-2", "victim_id": "P-1", "relationship": "foe"}}, "'foe'"),
        ({"incidents": [["I-1", "2025-01-10", "later", "", "contact", "phone"]]}, "reported_at 'later'"),
        ({"incidents": [["I-1", "2025-01-10", 2, "", "contact", "phone", {"act_count": "x"}]]}, "act_count 'x'"),
        ({"incidents": [["I-1", "2025-01-10", 2, "", "contact", "phone", {"breach_of": "O-9"}]]}, "O-9"),
        ({"orders": [story()["orders"][0] | {"made_on": "soon"}]}, "made_on 'soon'"),
    ],
)
def test_a_story_that_does_not_fit_together_is_refused_in_words(wrong, words):
    with pytest.raises(InputError, match=words) as told:
        read_stories({"story": [story(**wrong)]})
    assert told.value.hint


@pytest.mark.parametrize(
    "wrong", [{"story": story()}, {"story": ["x"]}, {"repeated": 5}, {"messy": ["x"]}, {"messy": [{"act_count": 2}]}]
)
def test_a_file_of_another_form_is_refused_in_words(wrong):
    with pytest.raises(InputError, match=r"form|not a list|incident_id"):
        read_stories(wrong)


def test_a_story_without_units_says_so_and_a_file_that_is_none(tmp_path):
    told = story()
    del told["units"]
    with pytest.raises(InputError, match="units"):
        read_stories({"story": [told]})
    with pytest.raises(InputError, match=r"says 'stories', which means nothing here; known are story"):
        read_stories({"stories": [story()]})
    with pytest.raises(InputError, match=r"cannot be read: No such file or directory\."):
        read_stories(tmp_path / "nowhere.toml")
    (tmp_path / "deep.toml").write_text(f"a={'[' * 3000}{']' * 3000}")
    with pytest.raises(InputError, match="nested too deeply"):
        read_stories(tmp_path / "deep.toml")
