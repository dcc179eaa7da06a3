from pathlib import Path

from breachpattern.scoring.features.declared import declared, parameters, sensitive
from breachpattern.scoring.features.reference import filled

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "features.md").read_text(encoding="utf-8")


def test_the_page_is_in_step_with_the_declarations():
    assert filled(PAGE) == PAGE, "run `make pages`"


def test_every_feature_number_and_refused_word_is_on_the_page():
    names = [feature.name for feature in declared()] + [*parameters()["basis"], *sensitive()]
    assert [name for name in names if f"| `{name}` |" not in PAGE] == []
