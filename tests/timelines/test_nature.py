import pytest
from tests.facts import breach, incident, timelines


@pytest.mark.parametrize(
    ("label", "nature"),
    [
        ("Breach of non-molestation order", "offence"),
        ("Breach of restraining order", "offence"),
        ("Breach of bail conditions", "arrest"),
        ("Breach of domestic violence protection order", "civil_order"),
        ("Breach of injunction", None),
    ],
)
def test_without_an_order_the_label_says_what_a_breach_is_or_leaves_it_open(label, nature):
    found = breach(timelines([incident("I1", "2025-03-05", offence_text=label)]), "I1")
    assert (found["status"], found["nature"]) == ("recorded_no_order", nature)


def test_a_failure_to_notify_is_of_its_own_kind_without_an_order():
    found = breach(timelines([incident("I1", "2025-03-05", offence_code="068/16", victim_id="")]), "I1")
    assert found["kinds"] == {"notification"}
