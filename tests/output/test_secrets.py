from hypothesis import assume, given
from hypothesis import strategies as st

from breachpattern.output.secrets import clean, without_secrets

PASSWORD = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=6, max_size=12)


@given(PASSWORD, st.sampled_from(["postgresql", "mysql+pymysql", "mssql+pyodbc"]))
def test_no_part_of_a_password_survives(password, scheme):
    url = f"{scheme}://reader:{password}@db.example/rms"
    assume(password not in f"{scheme}://reader:***@db.example/rms")
    said = without_secrets(f"(OperationalError) cannot reach {url} in time")
    assert password not in said
    assert "reader:***@db.example/rms" in said


def test_a_text_without_a_password_stays_as_it_is():
    for text in ("duckdb:///a.duckdb", "https://www.legislation.gov.uk/a:b", "me@x.example, 10:15", "C:/a/b.csv"):
        assert without_secrets(text) == text


def test_nested_values_are_cleaned_and_other_values_kept():
    value = {"inputs": [{"name": "x://u:p@h/d", "rows": 3}], "as_of": None}
    assert clean(value) == {"inputs": [{"name": "x://u:***@h/d", "rows": 3}], "as_of": None}
