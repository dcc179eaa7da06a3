import tomllib
from importlib.resources import files

from tests.facts import catalogue

from breachpattern.report.facts import Fact, names
from breachpattern.report.prompts import checked, prompts_of

DATA = tomllib.loads(files("breachpattern.report").joinpath("prompts.toml").read_text("utf-8"))


def test_every_prompt_names_facts_provisions_and_sources_that_exist():
    used = set()
    for section in DATA["section"]:
        assert section.get("source", "college") in DATA["source"]
        for row in [section, *section["row"]]:
            assert row.get("provision", "pha1997.s2") in catalogue().provisions
            used |= set(row.get("facts", ()))
    assert used <= set(names())
    assert set(names()) - used == set(), "a fact that no prompt asks for"


def test_every_source_has_its_day_and_says_where_it_was_not_read_at_its_publisher():
    assert checked().isoformat() == "2026-11-23"
    assert {name for name, source in DATA["source"].items() if source["standing"]} == {"college", "screening"}


def test_the_four_offences_and_the_order_are_asked_about():
    asked = {section["id"] for section in DATA["section"]}
    assert {
        "stalking-first",
        "prove-s2",
        "prove-s2a",
        "prove-s4",
        "prove-s4a",
        "protection-order",
        "screening",
    } <= asked


def test_what_is_not_seen_stays_a_question():
    empty = prompts_of({}, catalogue())
    assert all(row.seen == () for section in empty for row in section.rows)
    full = prompts_of({name: Fact(name, name, "told") for name in names()}, catalogue())
    assert {row.ask for section in full for row in section.rows if not row.seen} == {
        row["ask"] for section in DATA["section"] for row in section["row"] if not row["facts"]
    }


def test_provisions_come_with_their_address_and_the_day_they_were_checked():
    stalking = next(s for s in prompts_of({}, catalogue()) if s.id == "prove-s2a")
    assert stalking.provision["url"].startswith("https://www.legislation.gov.uk/")
    assert stalking.provision["checked"]
    assert stalking.provision["unverified"] == ["from"]
