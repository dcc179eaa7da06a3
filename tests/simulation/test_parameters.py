from pathlib import Path

import pytest

from breachpattern.simulation import parameters as room
from breachpattern.simulation.offences import OFFENCES
from breachpattern.simulation.parameters import campaign, every_parameter, parameters, sections
from breachpattern.simulation.police import ORDER_KINDS
from breachpattern.simulation.reference import filled
from breachpattern.simulation.units import EVERYDAY

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "simulate.md").read_text(encoding="utf-8")
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in Path(room.__file__).parent.glob("*.py"))


def test_the_page_is_in_step_with_the_parameters():
    assert filled(PAGE) == PAGE, "run `make pages`"


def test_every_number_has_a_source_or_the_word_assumption():
    assert all(len(one.source) >= 10 for one in every_parameter())
    assert all(len(table["about"]) > 5 for _, table in sections())


def test_every_source_is_that_of_a_number():
    for name, table in sections():
        assert set(table.get("sources", {})) <= set(table), name


def test_every_number_is_used():
    named = {one.name for one in every_parameter() if one.section != "terms"} - set(EVERYDAY)
    assert [name for name in sorted(named) if f'"{name}"' not in SOURCE] == []
    assert set(parameters()["terms"]) - {"about", "source"} == set(ORDER_KINDS)


@pytest.mark.parametrize("kind", sorted(parameters()["campaign"]))
def test_a_campaign_says_everything_that_is_asked_of_it(kind):
    numbers = campaign(kind)
    assert sum(numbers["early"].values()) == pytest.approx(1, abs=0.02)
    assert sum(numbers["late"].values()) == pytest.approx(1, abs=0.02)
    assert set(numbers["early"]) | set(numbers["late"]) <= set(parameters()["act"])
    assert 0 <= numbers["excitation"] < 1, "acts must not breed without end"


def test_shares_leave_room_for_crimes_of_unknown_suspects():
    shares = parameters()["mixture"]
    assert 0.1 < 1 - sum(shares[name] for name in ("campaigns", *EVERYDAY)) < 0.6
    assert set(parameters()["unknown_suspect"]["kinds"]) <= set(OFFENCES)
