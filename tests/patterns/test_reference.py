"""The page of patterns is in step with the code, and its examples are what they seem."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from breachpattern.patterns import load_packs
from breachpattern.patterns.model import STATUSES, Filter, Pattern
from breachpattern.patterns.packs import read_packs
from breachpattern.patterns.reference import filled
from breachpattern.patterns.registry import all_criteria
from breachpattern.patterns.tree import check, parse

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "patterns.md").read_text(encoding="utf-8")


def examples():
    return re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_is_in_step_with_the_code():
    assert filled(PAGE) == PAGE, "run `make pages`"


def test_every_key_status_criterion_and_parameter_is_on_the_page():
    names = [*Pattern.model_fields, *Filter.model_fields, *STATUSES, *(pattern.id for pattern in load_packs())]
    for known in all_criteria():
        names += [known.id, *known.parameters]
        assert all(f"`{{{reason}}}`" in PAGE for reason in known.reasons)
    assert not [name for name in names if f"`{name}`" not in PAGE and name != "source"]


def test_every_key_has_a_meaning():
    for model in (Pattern, Filter):
        assert all(field.description for name, field in model.model_fields.items() if name != "source")


def test_the_example_condition_is_one():
    condition = tomllib.loads(examples()[0])["condition"]
    assert list(check(parse(condition, "page"), "order")) == []


def test_the_example_of_filters_is_one(tmp_path):
    (tmp_path / "filters.toml").write_text(examples()[1], encoding="utf-8")
    assert [held.id for held in read_packs((), [tmp_path / "filters.toml"]).filters] == [
        "childcare_app",
        "notification_at_low_level",
    ]
