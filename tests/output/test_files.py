import csv
import io
import itertools
import json
import unicodedata
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.output.files import harmless, times_as_text, write_table

SIGNS = tuple("=+-@＝＋－＠")
CELLS = st.one_of(st.none(), st.text(max_size=8), st.text("=+-@＝＠\t\r\u200b\ufeff '1.5ecmd", max_size=6))


def starts_formula(text):
    seen = itertools.dropwhile(
        lambda c: unicodedata.category(c)[0] == "Z" or unicodedata.category(c) in ("Cc", "Cf"), text
    )
    return text.startswith(("\t", "\r", "\n")) or next(seen, "") in SIGNS


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return text.strip() == text and text.isascii() and not any(c.isalpha() and c not in "eE" for c in text)


@given(st.lists(CELLS, max_size=6))
def test_no_csv_cell_starts_a_formula_and_every_other_cell_is_as_it_was(cells):
    out = harmless(pa.table({"a": pa.array(cells, pa.string())}))["a"].to_pylist()
    for before, after in zip(cells, out, strict=True):
        if before and starts_formula(before) and not is_number(before.replace("_", "x")):
            assert after == "'" + before
        else:
            assert after == before


def test_plain_numbers_stay_numbers():
    numbers = ["-1.5", "+44", "-1e6", "-.5", "-0"]
    assert harmless(pa.table({"a": numbers}))["a"].to_pylist() == numbers


@pytest.mark.parametrize(
    "cell",
    [
        "-1+cmd|' /C calc'!A0",
        "+1-1",
        "-",
        "--1",
        "@SUM(A1)",
        "=1",
        "＝1+1",
        " =1",
        "\u200b=1",
        "\ufeff@x",
        "-1.5.2",
        "-1\n",
    ],
)
def test_what_only_begins_like_a_number_is_defused(cell):
    assert harmless(pa.table({"a": [cell]}))["a"].to_pylist() == ["'" + cell]


def test_headers_and_dictionaries_are_defused_too():
    table = harmless(pa.table({"=cmd": pa.array(["=x", "y"]).dictionary_encode()}))
    assert table.column_names == ["'=cmd"]
    assert table.column(0).to_pylist() == ["'=x", "y"]


@given(st.lists(st.one_of(st.none(), st.integers(-2_208_988_800, 4_102_444_799)), max_size=5))
def test_times_read_back_as_the_same_instant_with_the_london_offset(instants):
    text = times_as_text(pa.table({"at": pa.array(instants, pa.timestamp("s", "UTC"))}))["at"].to_pylist()
    for instant, said in zip(instants, text, strict=True):
        if instant is None:
            assert said is None
        else:
            london = datetime.fromtimestamp(instant, UTC).astimezone(ZoneInfo("Europe/London"))
            if london.utcoffset().seconds % 60 == 0:
                assert said == london.isoformat()


def test_csv_reads_back_with_quotes_newlines_and_blanks(tmp_path):
    rows = {"id": ["007", 'q"u', "a\nb", None], "n": pa.array([1, None, -3, 4])}
    path = write_table(pa.table(rows), tmp_path, "t", "csv")
    with path.open(encoding="utf-8", newline="") as handle:
        read = list(csv.DictReader(handle))
    assert [row["id"] for row in read] == ["007", 'q"u', "a\nb", ""]
    assert [row["n"] for row in read] == ["1", "", "-3", "4"]


def test_parquet_and_json_lines_keep_text_as_it_is(tmp_path):
    at = pa.array([1_751_328_000, None], pa.timestamp("s", "Europe/London"))
    table = pa.table({"id": ["=1+1", "é/ü"], "n": pa.array([None, 2], pa.int64()), "at": at})
    lines = write_table(table, tmp_path, "t", "jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": "=1+1", "n": None, "at": "2025-07-01T01:00:00+01:00"},
        {"id": "é/ü", "n": 2, "at": None},
    ]
    import pyarrow.parquet as parquet

    assert parquet.read_table(write_table(table, tmp_path, "t", "parquet")).to_pylist() == table.to_pylist()


@pytest.mark.parametrize("format", ["csv", "parquet", "jsonl"])
def test_an_empty_table_is_written(tmp_path, format):
    table = pa.table({"id": pa.array([], pa.string()), "at": pa.array([], pa.timestamp("s", "UTC"))})
    path = write_table(table, tmp_path, "t", format)
    if format == "csv":
        assert list(csv.reader(io.StringIO(path.read_text()))) == [["id", "at"]]
    assert path.exists()


def test_a_table_whose_first_chunk_is_empty_has_one_header(tmp_path):
    table = pa.concat_tables([pa.table({"a": pa.array([], pa.string())}), pa.table({"a": ["x"]})])
    assert write_table(table, tmp_path, "t", "csv").read_text() == '"a"\n"x"\n'
