import numpy as np
import pytest

from breachpattern.simulation.acts import happen
from breachpattern.simulation.breaking import _binds_from, broken_orders
from breachpattern.simulation.census import Census
from breachpattern.simulation.conduct import describe
from breachpattern.simulation.draws import Draws
from breachpattern.simulation.register import register
from breachpattern.simulation.units import make_units
from breachpattern.vocabulary import BEHAVIOURS, TERMS


@pytest.fixture(scope="module")
def town():
    census = Census(Draws(9, "census"))
    units = make_units(30_000, census, Draws(9, "units"), quiet_town=False)
    acts, police = happen(units, Draws(9, "acts"))
    conduct, orders = describe(units, acts, census, Draws(9, "conduct")), police.orders()
    held = register(units, conduct, orders, Draws(9, "register"))
    return acts, conduct, orders, held, broken_orders(units, acts, conduct, orders, held)


def test_a_pair_by_pair_reading_finds_the_same_breaches_of_no_contact(town):
    """Written out for each order: what its respondent did to whom it protects, while it bound him."""
    acts, conduct, orders, held, broken = town
    contact = BEHAVIOURS.mask(["contact", "gift", "threat", "assault", "strangulation", "sexual"])
    no_contact = TERMS.mask(["no_contact"])
    found = {(int(a), int(o)) for a, o, t in zip(broken.act, broken.order, broken.terms, strict=True) if t & no_contact}
    expected = set()
    for order in range(len(orders)):
        own = np.flatnonzero((acts.unit == orders.unit[order]) & (conduct.actor == held.respondent[order]))
        for act in own:
            at = acts.at[act]
            terms = held.terms_after[order] if at >= held.varied[order] else held.terms[order]
            lives = _binds_from(orders)[order] <= at < orders.until[order]
            protects = conduct.target[act] in held.protected[order]
            if lives and protects and terms & no_contact and conduct.behaviours[act] & contact:
                expected.add((int(act), order))
    assert found == expected
    assert len(found) > 100


def test_both_sides_of_a_dispute_can_be_bound(town):
    acts, conduct, _, held, broken = town
    assert (~conduct.forward[broken.act]).any()
    own = conduct.actor[broken.act] == held.respondent[broken.order]
    assert own.mean() > 0.9
    assert (broken.terms[~own] == TERMS.mask(["no_indirect_contact"])).all()
    assert (np.diff(acts.at[broken.act]) != 0).any()
