from datetime import date

import numpy as np
import pytest
from tests.facts import breach, catalogue, incident, timelines

from breachpattern.law import BreachInLaw, Dates
from breachpattern.spans import NEVER, as_of_second
from breachpattern.timelines.nature import applies, nature_of


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


OLD = BreachInLaw(
    nature="offence",
    term_classes=("prohibition",),
    provisions=("pha1997.s5",),
    by="made",
    in_force=Dates(date(1997, 6, 16), date(2020, 12, 1)),
)


@pytest.mark.parametrize(
    ("conduct", "made", "holds"),
    [
        ("2025-03-01", "2019-05-01", True),
        ("2025-03-01", "2020-11-30", True),
        ("2025-03-01", "2020-12-01", False),
        ("2025-03-01", None, True),  # it may have been made at any time until then
        ("1990-03-01", None, False),
        ("2010-03-01", "1990-03-01", False),
    ],
)
def test_an_entry_by_the_day_of_making_goes_by_that_day_and_leaves_an_unknown_one_open(conduct, made, holds):
    start = np.array([as_of_second(conduct)])
    day = np.array([as_of_second(made) if made else NEVER])
    assert applies(OLD, np.array([1]), start, day).tolist() == [holds]


def test_a_failure_to_tell_a_criminal_behaviour_order_s_supervisor_an_address_is_an_offence():
    law = catalogue()
    kind = np.array([law.order_kind_ids.index("criminal_behaviour")], np.int32)
    nature = nature_of(law, kind, np.array([4]), np.array([as_of_second("2025-03-01")]))
    assert nature.tolist() == [0]
