"""The page of reliability says what the last run counted, and what is tried is there."""

import json

import pytest
from hypothesis.internal import observability
from proof.properties import is_property
from proof.reliability import PAGE, RESULTS, groups, page, run, selected
from proof.tests_of import ROOT


def test_the_page_says_what_the_last_run_counted():
    assert PAGE.read_text(encoding="utf-8") == page()
    assert set(json.loads(RESULTS.read_text("utf-8"))) <= {group["what"] for group in groups()}


def test_whatever_is_to_be_tried_is_there():
    for group in groups():
        names = selected(group)
        assert names, group["what"]
        for name in names:
            assert (ROOT / name.partition("::")[0]).exists(), name
            if "::" in name:
                is_property(name)  # KeyError: a test that is gone


@pytest.mark.skipif(
    not hasattr(observability, "add_observability_callback"), reason="counting needs a newer hypothesis than the floor"
)
def test_a_run_counts_what_it_tried_and_what_failed(tmp_path):
    (tmp_path / "test_some.py").write_text(
        "import pytest\nfrom hypothesis import given, settings, strategies as st\n"
        "@settings(max_examples=7, derandomize=True)\n@given(st.integers(0, 10**6))\ndef test_drawn(n):\n    pass\n"
        "@pytest.mark.parametrize('n', [1, 2])\ndef test_twice(n, record_property):\n    record_property('cases', 5)\n"
        "def test_fails():\n    assert False\n"
        "@pytest.mark.skip(reason='not here')\ndef test_left_out():\n    pass\n",
        encoding="utf-8",
    )
    found = run({"what": "some", "tests": [str(tmp_path / "test_some.py")]})
    assert found == {"kinds": 2, "passed": 3, "failed": 1, "skipped": 1, "drawn": 7, "told": 10}
