"""The reference pages name every column, key and code, and the example mapping is one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from breachpattern.ingest import ISSUE_CODES, Mapping
from breachpattern.ingest.mapping import TableMapping
from breachpattern.records import MODELS
from breachpattern.records.judge import is_required

PAGES = Path(__file__).parents[2] / "docs" / "reference"


def page(name):
    return (PAGES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("table", list(MODELS))
def test_every_column_is_on_the_page(table):
    section = page("tables.md").split(f"\n## {table}\n")[1].split("\n## ")[0]
    found = dict(re.findall(r"^\| `(\w+)` \| (yes|no) \|", section, re.MULTILINE))
    model = MODELS[table]
    assert found == {name: "yes" if is_required(model, name) else "no" for name in model.model_fields}
    assert all(field.description in section for field in model.model_fields.values())


def test_every_code_is_on_the_page():
    found = re.findall(r"^\| `(\w+)` \| (\w+) \|", page("issues.md"), re.MULTILINE)
    assert [code for code in found if code[0] in ISSUE_CODES] == [(c.code, c.severity) for c in ISSUE_CODES.values()]


def test_the_example_mapping_is_a_mapping_and_every_key_is_on_the_page():
    example = re.search(r"```toml\n(.*?)```", page("mapping.md"), re.DOTALL)[1]
    mapping = Mapping.parse(example)
    assert mapping.table("orders").taken_from == "incidents"
    assert mapping.table("incidents").header_row == 3
    for key in TableMapping.__dataclass_fields__:
        assert f"`{'from' if key == 'taken_from' else key}`" in page("mapping.md")
