import numpy as np
import pytest
from tests.linking.people.given import OTHER_PHONE, PHONE, TOM, entities, lettered

from breachpattern.linking.people import link_people
from breachpattern.linking.people.bridges import find_bridges
from breachpattern.linking.people.pairs import make


def test_one_doubtful_link_between_two_groups_is_a_bridge():
    """A and B share a phone, C and D another; only a postcode joins B and C."""
    here = {"phone": PHONE}, {"phone": PHONE, "postcode": "ZZ1 1AA"}
    there = {"phone": OTHER_PHONE, "postcode": "ZZ1 1AA"}, {"phone": OTHER_PHONE}
    people = link_people(lettered(*(TOM | own for own in (*here, *there))))
    assert entities(people) == "ABCD"
    bridge = people.bridges.to_pylist()[0]
    assert (bridge["person_id"], bridge["other_id"], bridge["size_left"], bridge["size_right"]) == ("C", "B", 2, 2)
    assert bridge["message"].startswith("One doubtful link (probability 0.980) alone joins 2 references to 2")
    assert people.counts["bridges"] == 1
    assert people.certain().counts["bridges"] == people.certain().bridges.num_rows == 0


@pytest.mark.parametrize(
    ("pairs", "certain", "bridges"),
    [
        ([(0, 1), (1, 2), (2, 3)], [True, True, True], 0),  # nothing doubtful
        ([(0, 1), (1, 2), (2, 3), (0, 3)], [True, False, True, True], 0),  # there is another way round
        ([(0, 1), (1, 2), (1, 3)], [True, False, True], 0),  # one reference alone is no group
        ([(0, 1), (1, 2), (2, 3)], [True, False, True], 1),
    ],
)
def test_only_a_doubtful_link_that_alone_joins_two_groups_is_one(pairs, certain, bridges):
    left, right = np.array(pairs).T
    found = find_bridges(np.zeros(4, np.int64), make(left, right, "splink", 0.96, np.array(certain), ""))
    assert len(found.link) == bridges
