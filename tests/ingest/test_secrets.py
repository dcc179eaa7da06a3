import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from breachpattern.ingest.secrets import safe_address, secrets_of, without_secrets

PASSWORD = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=6, max_size=12)


@given(PASSWORD, st.sampled_from(["postgresql", "mysql+pymysql", "mssql+pyodbc"]))
def test_no_part_of_a_password_survives(password, scheme):
    url = f"{scheme}://reader:{password}@db.example/rms"
    assume(password not in f"{scheme}://reader:***@db.example/rms")
    said = without_secrets(f"(OperationalError) cannot reach {url} in time")
    assert password not in said
    assert "reader:***@db.example/rms" in said


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:///t.sqlite?password=s3cret",
        "mssql+pyodbc:///?odbc_connect=Driver%3Dx%3BPWD%3Ds3cret",
        "postgresql:/me:s3cret@h/db",
        "DRIVER={x};UID=me;PWD={s3cret;more};Server=h",
        "duckdb:///md:x?motherduck_token=s3cret",
        "host=h password='s3cret two' user=me",
        "PWD%3Ds3cret%3BUID%3Dme",
        "x mysql+pymysql://u:p%40s3cret@h:3306/d y",
    ],
)
def test_a_password_is_blotted_out_however_it_is_given(text):
    assert "s3cret" not in without_secrets(text)
    assert "***" in without_secrets(text)
    assert any("s3cret" in secret for secret in secrets_of(text))


def test_a_whole_address_may_hold_blanks_and_lack_slashes():
    assert safe_address("postgresql:me:two words@h/db") == "postgresql:me:***@h/db"


def test_a_text_without_a_password_stays_as_it_is():
    for text in (
        "duckdb:///a.duckdb", "https://www.legislation.gov.uk/a:b", "me@x.example, 10:15", "C:/a/b.csv",
        "sqlite:////data/x.sqlite", "Not read: pwd, token (2 of 5 columns).",
    ):  # fmt: skip
        assert without_secrets(text) == text
