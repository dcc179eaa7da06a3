import pyarrow as pa
import pytest
from tests.linking.people.given import PHONE, PNC, TOM, decisions, entities, lettered, link

from breachpattern.errors import InputError
from breachpattern.linking.people import link_people, read_decisions


def written(tmp_path, text):
    path = tmp_path / "decisions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_of_decisions_is_read(tmp_path):
    path = written(
        tmp_path, "\ufeffperson_id,other_id,verdict,by,on,reason\nB,A, SAME ,A. Analyst,2026-02-01,tattoo\n\n"
    )
    people = link_people(lettered({}, {}), decisions=read_decisions(path))
    assert entities(people) == "AB"
    assert people.links["evidence"].to_pylist() == ["decided on 2026-02-01, row 2 of the decisions"]
    assert people.links["certain"].to_pylist() == [True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("person_id,verdict\nA,same\n", "decisions.csv: The header lacks other_id."),
        ("", "decisions.csv: The header lacks person_id, other_id, verdict."),
        ("person_id,other_id,verdict\nA,B,maybe\n", "decisions.csv, row 2, verdict: 'maybe' is not a verdict."),
        ("person_id,other_id,verdict\nA,B,same\nA,,same\n", "decisions.csv, row 3, other_id: The cell is blank."),
        ("person_id,other_id,verdict\nA,A,same\n", "decisions.csv, row 2, other_id: Both references are the same one."),
        ("person_id,other_id,verdict,on\nA,B,same,1/2/26\n", "decisions.csv, row 2, on: '1/2/26' is not a date."),
        ("person_id,other_id,verdict\nA,B,same,x\n", "decisions.csv, row 2: The row has more cells than the header."),
    ],
)
def test_what_is_no_decision_is_refused_by_row_and_column(tmp_path, text, message):
    with pytest.raises(InputError) as caught:
        read_decisions(written(tmp_path, text))
    assert str(caught.value).startswith(message)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.csv: The decisions cannot be read"):
        read_decisions(tmp_path / "nowhere.csv")


def test_different_wins_over_a_pnc_id():
    same = {"pnc_id": PNC}
    assert link(same, same, decisions=decisions(("A", "B", "different"))) == "A B"


def test_different_wins_through_others_too():
    same = {"pnc_id": PNC}
    people = link_people(lettered(same, same, same), decisions=decisions(("A", "C", "different")))
    assert people.counts["entities"] == 2
    assert people.counts["refused_links"] >= 1


def test_same_joins_through_others():
    assert link({}, {}, {}, decisions=decisions(("A", "B", "same"), ("B", "C", "same"))) == "ABC"


def test_same_wins_over_twins_and_generations():
    twin, father = TOM | {"given_name": "Ann"}, TOM | {"date_of_birth": "1962-05-01"}
    assert link(TOM, twin, father, decisions=decisions(("A", "B", "same"), ("A", "C", "same"))) == "ABC"


def test_different_wins_over_a_chain_of_same_and_the_contradiction_is_an_issue():
    made = decisions(("A", "B", "same"), ("B", "C", "same"), ("A", "C", "different"))
    people = link_people(lettered({}, {}, {}), decisions=made)
    assert entities(people) == "AB C"
    assert [issue.code for issue in people.issues] == ["contradictory_decisions"]
    assert (people.counts["decisions_used"], people.counts["decisions_unused"]) == (2, 1)


def test_of_two_decisions_on_one_pair_the_later_stands():
    earlier, later = decisions(("A", "B", "different"), on="2026-01-01"), decisions(("B", "A", "same"), on="2026-03-01")
    rows = [*later.to_pylist(), *earlier.to_pylist()]
    people = link_people(lettered({}, {}), decisions=later.from_pylist(rows))
    assert entities(people) == "AB"
    assert [issue.code for issue in people.issues] == ["contradictory_decisions"]


def test_dates_of_decisions_are_compared_as_dates_however_they_are_written(tmp_path):
    path = written(
        tmp_path,
        "person_id,other_id,verdict,on\nA,B,different,20260101\nA,B,same,2026-02-01\n"
        "B,C,same,2026-W01-1\nB,C,different,20251228\n",
    )
    read = read_decisions(path)
    assert read["on"].to_pylist() == ["2026-01-01", "2026-02-01", "2025-12-29", "2025-12-28"]
    assert link({}, {}, {}, decisions=read) == "ABC"


def test_a_table_of_decisions_may_write_its_dates_so_too():
    earlier, later = decisions(("A", "B", "different"), on="20260101"), decisions(("A", "B", "same"), on="2026-02-01")
    people = link_people(lettered({}, {}), decisions=pa.concat_tables([earlier, later]))
    assert entities(people) == "AB"
    assert people.links["evidence"].to_pylist() == ["decided on 2026-02-01, row 2 of the decisions"]


def test_of_two_decisions_of_one_day_different_stands():
    made = decisions(("A", "B", "different"), ("B", "A", "same"), on="2026-01-01")
    assert link({"phone": PHONE}, {}, decisions=made) == "A B"


def test_a_decision_on_somebody_who_is_not_there_is_an_issue_and_nothing_else():
    people = link_people(lettered({}, {}), decisions=decisions(("A", "X", "same")))
    assert entities(people) == "A B"
    assert [(issue.row, issue.code) for issue in people.issues] == [(2, "decision_unknown_person")]
    assert people.counts["decisions_unused"] == 1
