import pickle

from breachpattern.law import Catalogue
from breachpattern.patterns.packs import read_packs
from breachpattern.spark.rules import Rules

PATTERN = """id = "three_breaches"
title = "Three"
status = "experimental"
level = "medium"
unit = "order"
summary = "Three."
basis = "judgement"
headline = "{suspect}"
false_positives = ["none"]

[condition]
criterion = "breaches"
at_least = 3
"""
LAW = '[provision."pha1997.s2A"]\ntitle = "Ours"\n'
FILTER = """[[filter]]
id = "f"
reason = "Known to the unit already"
author = "A. Clerk"
expires = 2030-01-01
suspects = ["P1"]
"""


def test_rules_are_the_same_where_they_are_laid_out(tmp_path):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "three.toml").write_text(PATTERN)
    (tmp_path / "held.toml").write_text(FILTER)
    (tmp_path / "law").mkdir()
    (tmp_path / "law" / "ours.toml").write_text(LAW)
    rules = Rules.of([tmp_path / "law"], [tmp_path / "pack"], [tmp_path / "held.toml"])
    here = read_packs([tmp_path / "pack"], [tmp_path / "held.toml"])
    with pickle.loads(pickle.dumps(rules)).laid_out() as (law, patterns, filters):
        there = read_packs(patterns, filters)
        assert Catalogue.load(law).version == Catalogue.load([tmp_path / "law"]).version != Catalogue.load().version
    assert there.version == here.version
    assert [pattern.id for pattern in there.patterns] == [pattern.id for pattern in here.patterns]
    assert [held.id for held in there.filters] == ["f"]
