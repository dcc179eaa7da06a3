"""Packs and their lint: every fault is named with its file, its place and what would work."""

import shutil
from datetime import date, timedelta

import pytest

from breachpattern.errors import PatternError
from breachpattern.patterns import lint_packs, load_packs
from breachpattern.patterns.packs import CORE, read_packs, retired_ids

GOOD = """
id = "my_pattern"
title = "Two breaches in the evening"
status = "experimental"
level = "low"
unit = "course"
summary = "A course with breaches."
basis = "judgement"
headline = "{suspect} towards {victims}: {breaches} {span}"
false_positives = ["Evening work."]
[condition]
criterion = "breaches"
at_least = 2
[[examples]]
name = "two calls under an order"
expect = true
as_of = 2025-12-31
orders = [{ order_id = "O1", kind = "restraining", respondent_id = "P1", protected_id = "V1", made_on = "2025-01-02" }]
[[examples.incidents]]
incident_id = "I1"
occurred_from = "2025-03-01T20:00"
suspect_id = "P1"
victim_id = "V1"
behaviours = "contact"
[[examples.incidents]]
incident_id = "I2"
occurred_from = "2025-03-03T20:00"
suspect_id = "P1"
victim_id = "V1"
behaviours = "contact"
[[examples]]
name = "nothing"
expect = false
as_of = 2025-12-31
incidents = [{ incident_id = "I1", occurred_from = "2025-03-01T20:00" }]
"""
FILTER = """
[[filter]]
id = "old_case"
reason = "Reviewed by the panel, no action."
author = "crime registrar"
expires = {expires}
suspects = ["P1"]
"""


def pack(tmp_path, text, name="mine.toml"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_core_pack_has_nothing_to_lint():
    assert lint_packs() == []


def test_the_core_pack_holds_every_pattern_once_and_each_file_is_named_after_it():
    ids = [p.id for p in load_packs()]
    assert len(ids) == len(set(ids)) >= 20
    assert {path.stem for path in CORE.glob("*.toml")} - {"retired"} == set(ids)
    assert not set(ids) & retired_ids()


def test_a_pack_of_ones_own_is_added_and_changes_the_version(tmp_path):
    pack(tmp_path, GOOD)
    assert load_packs([tmp_path])[-1].id == "my_pattern"
    assert lint_packs([tmp_path]) == []
    version = read_packs([tmp_path]).version
    assert version.startswith(read_packs().version)
    assert version != read_packs().version
    pack(tmp_path, GOOD.replace("at_least = 2", "at_least = 3"))
    assert read_packs([tmp_path]).version != version


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("status =", "statsu ="), "'statsu' is not a key."),
        (("status =", "statsu ="), "Allowed: about, basis, caveats"),
        (('"low"', '"urgent"'), "'level'"),
        (('unit = "course"', 'unit = "village"'), "'unit'"),
        (('criterion = "breaches"', 'criterion = "braeches"'), "There is no criterion 'braeches'"),
        (("at_least = 2\n", "atleast = 2\n"), "'atleast' is not a parameter"),
        (("{span}", "{month}"), "{month}, which nothing gives"),
        (('id = "my_pattern"', 'id = "breach_in_course"'), "already used by breach_in_course.toml"),
        (('id = "my_pattern"', 'id = "My Pattern"'), "'id'"),
        (('false_positives = ["Evening work."]', "false_positives = []"), "No false positives"),
        (("expect = false", "expect = true"), "No example on which it must stay quiet"),
        (('basis = "judgement"', 'basis = "judgement"\nprovisions = ["pha1997.s99"]'), "no provision 'pha1997.s99'"),
        (('basis = "judgement"', 'basis = "judgement"\nwindow = { days = 7, of = "service" }'), "used by no criterion"),
        (('basis = "judgement"', 'basis = "judgement"\nwindow = { dayz = 7, of = "service" }'), "Allowed: days, of"),
        (('basis = "judgement"', ""), "'basis' is missing"),
        (('name = "nothing"', ""), "'examples.1.name' is missing"),
        (("[condition]", "[condition"), "not valid TOML"),
    ],
)
def test_lint_names_the_fault(tmp_path, change, words):
    pack(tmp_path, GOOD.replace(*change, 1))
    said = " ".join(map(str, lint_packs([tmp_path])))
    assert words in said
    assert "mine.toml" in said


def test_lint_finds_several_faults_at_once(tmp_path):
    pack(tmp_path, GOOD.replace("status", "statsu").replace('"low"', '"urgent"'))
    assert len(lint_packs([tmp_path])) >= 3


def test_a_retired_id_is_not_used_again(tmp_path, monkeypatch):
    from breachpattern.patterns import lint, packs

    monkeypatch.setattr(packs, "retired_ids", lambda: frozenset({"my_pattern"}))
    monkeypatch.setattr(lint, "retired_ids", lambda: frozenset({"my_pattern"}))
    pack(tmp_path, GOOD)
    with pytest.raises(PatternError, match="never reused"):
        load_packs([tmp_path])
    assert "retired ids" in str(lint_packs([tmp_path])[0])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("status =", "statsu ="), "Allowed"),
        (('criterion = "breaches"', 'criterion = "braeches"'), "Nearest: breaches"),
        (('id = "my_pattern"', 'id = "repeat_breach"'), "never reused"),
        (("[condition]", "[condition"), "not valid TOML"),
    ],
)
def test_loading_stops_at_the_first_fault_with_words(tmp_path, change, words):
    pack(tmp_path, GOOD.replace(*change, 1))
    with pytest.raises(PatternError, match=r"mine\.toml") as caught:
        load_packs([tmp_path])
    assert words in str(caught.value)


def test_an_expired_filter_and_one_that_says_nothing_are_linted(tmp_path):
    pack(tmp_path, FILTER.format(expires=date.today() - timedelta(days=1)))
    assert "expired" in str(lint_packs([tmp_path])[0])
    pack(tmp_path, FILTER.format(expires=date.today() + timedelta(days=1)))
    assert lint_packs([tmp_path]) == []
    pack(tmp_path, FILTER.format(expires=date.today() + timedelta(days=1)).replace('suspects = ["P1"]', ""))
    assert "suppress every finding" in str(lint_packs([tmp_path])[0])
    with pytest.raises(PatternError, match="suppress every finding"):
        read_packs([tmp_path])


def test_a_copy_of_the_core_pack_collides_with_it(tmp_path):
    shutil.copy(CORE / "repeat_breach.toml", tmp_path)
    assert "already used" in str(lint_packs([tmp_path])[0])
