from breachpattern.output.secrets import clean


def test_nested_values_are_cleaned_and_other_values_kept():
    value = {"inputs": [{"name": "x://u:p@h/d", "rows": 3}], "as_of": None}
    assert clean(value) == {"inputs": [{"name": "x://u:***@h/d", "rows": 3}], "as_of": None}
