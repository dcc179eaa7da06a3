"""Files made to hurt: what unpacks to far more than it weighs, what nests without end, what spans a million columns.

Each is refused in one readable paragraph, or read as the text that it is; nothing hangs and nothing is lost.
"""

from __future__ import annotations

import gzip
import io
import zipfile
from contextlib import suppress

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.fuzz.seeds import PATTERN

from breachpattern.errors import BreachpatternError, InputError, MappingError, UsageError
from breachpattern.ingest import Mapping, bounds, read_extract
from breachpattern.ingest.mapped import fits
from breachpattern.ingest.secrets import secrets_of, without_secrets
from breachpattern.ingest.sources import Layout
from breachpattern.ingest.streams import open_stream
from breachpattern.law import Catalogue
from breachpattern.linking.people.decisions import read_decisions
from breachpattern.patterns.criteria.closure import outcome_number
from breachpattern.patterns.packs import read_packs
from breachpattern.review.measures.dip_sample import estimate

HEADER = b"incident_id,occurred_from,suspect_id,victim_id\n"
ROW = b"C1,2025-03-01T10:15,P1,V1\n"
BASE = {"incident_id": ["C1"], "occurred_from": ["2025-03-01"]}


def refused(path, data, *words, **how):
    path.write_bytes(data)
    with pytest.raises(BreachpatternError) as caught:
        read_extract(path, **how)
    said = str(caught.value)
    assert "\n" not in said
    assert caught.value.where
    for word in words:
        assert word in said
    return said


def accepted(path, data, **how):
    path.write_bytes(data)
    extract = read_extract(path, **how)
    counts = extract.rows["incidents"]
    assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"]
    return extract


def parquet(table):
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_member(book, name, content):
    """A workbook in which one file of the archive is another, or one more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for entry in before.infolist():
            if entry.filename != name:
                after.writestr(entry, before.read(entry))
        after.writestr(name, content)
    return out.getvalue()


# What unpacks to more than it weighs


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bounds, "FREE", 200_000)


def test_a_gzip_bomb_is_refused_with_the_limit_and_how_to_raise_it(tmp_path, small, monkeypatch):
    bomb = gzip.compress(HEADER + ROW * 100_000)
    said = refused(tmp_path / "b.csv.gz", bomb, "b.csv.gz", "unpacks to more than", "BREACHPATTERN_MAX_UNPACKED=8GB")
    assert f"{bounds.allowed(len(bomb)):,}" in said
    with pytest.raises(InputError, match="unpacks to more than"):
        open_stream(tmp_path / "b.csv.gz", Layout())
    monkeypatch.setenv(bounds.VARIABLE, "8GB")
    assert read_extract(tmp_path / "b.csv.gz").rows["incidents"]["rows_in"] == 100_000
    monkeypatch.setenv(bounds.VARIABLE, "much")
    with pytest.raises(UsageError, match=r"BREACHPATTERN_MAX_UNPACKED: 'much' is no size"):
        read_extract(tmp_path / "b.csv.gz")


def test_a_gzip_bomb_is_left_when_the_limit_is_reached(tmp_path, small, monkeypatch):
    read = []
    monkeypatch.setattr(bounds, "CHUNK", 65_536)
    whole = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda self, size=-1: read.append(size) or whole(self, size))
    refused(tmp_path / "b.csv.gz", gzip.compress(b"\0" * 50_000_000), "unpacks to more than")
    assert sum(read) < 8_000_000


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, small):
    book = workbook([["incident_id", "occurred_from"], ["C1", "2025-03-01"]])
    bomb = with_member(book, "xl/media/image1.png", b"\0" * 5_000_000)
    refused(tmp_path / "b.xlsx", bomb, "b.xlsx", "unpacks to more than", "BREACHPATTERN_MAX_UNPACKED")


def test_a_workbook_that_lies_about_its_sizes_is_damaged(tmp_path):
    book = with_member(workbook([["incident_id"]]), "xl/media/image1.png", b"\0" * 1_000_000)
    lie = book.replace((1_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lie != book
    refused(tmp_path / "b.xlsx", lie, "not an Excel workbook, or it is damaged")


def test_two_cells_at_the_far_corners_do_not_take_the_memory(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "incident_id"
    book.active["XFD1048576"] = "x"
    out = io.BytesIO()
    book.save(out)
    refused(tmp_path / "far.xlsx", out.getvalue(), "1,048,576 rows and 16,384 columns", "Delete what stands far out")


def test_a_parquet_file_of_few_bytes_and_many_rows_is_refused(tmp_path, small):
    table = pa.table({name: pa.array(["x"]).take(pa.array([0] * 100_000)) for name in BASE})
    refused(tmp_path / "b.parquet", parquet(table), "b.parquet", "unpacks to more than")
    with pytest.raises(InputError, match="unpacks to more than"):
        open_stream(tmp_path / "b.parquet", Layout())


# What is wide, long or deep


@pytest.mark.parametrize("name", ["w.csv", "w.xlsx", "w.parquet", "w.jsonl"])
def test_too_many_columns_are_refused_and_as_many_as_a_worksheet_has_are_read(tmp_path, monkeypatch, name):
    monkeypatch.setattr("breachpattern.ingest.headers.COLUMNS", 40)
    monkeypatch.setattr("breachpattern.ingest.frames.COLUMNS", 40)

    def written(count):
        names = [*BASE, *(f"c{i}" for i in range(count - 2))]
        cells = ["C1", "2025-03-01", *["x"] * (count - 2)]
        if name.endswith("csv"):
            return f"{','.join(names)}\n{','.join(cells)}\n".encode()
        if name.endswith("xlsx"):
            return workbook([names, cells])
        if name.endswith("parquet"):
            return parquet(pa.table({title: [cell] for title, cell in zip(names, cells, strict=True)}))
        return ("{" + ",".join(f'"{a}":"{b}"' for a, b in zip(names, cells, strict=True)) + "}").encode()

    refused(tmp_path / name, written(41), "41", "at most 40 are read")
    assert accepted(tmp_path / name, written(40)).rows["incidents"]["accepted"] == 1


def test_a_million_columns_are_refused_at_once(tmp_path):
    names = b"incident_id,occurred_from," + b",".join(b"c%d" % i for i in range(1_000_000))
    refused(tmp_path / "m.csv", names + b"\nC1,2025-03-01\n", "1,000,002 columns, and at most 16,384 are read")


@pytest.mark.further
def test_a_worksheet_of_all_its_columns_is_read(tmp_path):
    rows = [["incident_id", "occurred_from", *(f"c{i}" for i in range(16_382))], ["C1", "2025-03-01"]]
    assert accepted(tmp_path / "w.xlsx", workbook(rows)).rows["incidents"]["accepted"] == 1


def test_a_very_large_cell_is_refused_by_its_row(tmp_path, monkeypatch):
    monkeypatch.setattr("breachpattern.ingest.csv_text.CELL", 1_000)
    data = HEADER + ROW + b"C2,2025-03-02,P1," + b"V" * 1_001 + b"\nshort\n"
    refused(tmp_path / "c.csv", data, "c.csv, row 3", "more than 1,000 characters", "Shorten it")


def test_nested_json_costs_its_line_only(tmp_path):
    deep = b'{"incident_id":"C2","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    deepish = b'{"incident_id":"C3","x":' + b"[" * 900 + b"]" * 900 + b"}\n"
    half = b'{"incident_id":"C\\ud800","occurred_from":"2025-03-01"}\n'
    good = b'{"incident_id":"C1","occurred_from":"2025-03-01"}\n'
    extract = accepted(tmp_path / "n.jsonl", good + deep + deepish + half)
    assert extract.rows["incidents"] == {"rows_in": 4, "accepted": 1, "rejected": 3, "duplicates": 0}
    reasons = extract.rejected["incidents"]["reason"].to_pylist()
    assert ["nested too deeply" in reason for reason in reasons] == [True, True, False]
    assert "half a character" in reasons[2]


def test_half_a_character_in_records_is_refused_by_column():
    with pytest.raises(InputError, match="column 'victim_id' holds what cannot be read as text"):
        read_extract([{"incident_id": "C1", "occurred_from": "2025-03-01", "victim_id": "V\ud800"}])


# Encodings and line ends


ODD_TEXTS = {
    "nul": (HEADER + b"C1,2025-03-01,P\x00,V1\n", None),
    "nul far down": (HEADER + ROW * 4_000 + b"C2,2025-03-02,P\x001,V1\n", 4_001),
    "utf-16": ((HEADER + ROW).decode().encode("utf-16"), 1),
    "utf-16 without bom": ((HEADER + ROW).decode().encode("utf-16-le"), None),
    "utf-32": ((HEADER + ROW).decode().encode("utf-32"), None),
    "mixed": (HEADER + "C1,2025-03-01,Pé,V1\n".encode() + "C2,2025-03-02,Pé,V1\n".encode("latin-1"), 2),
    "cr only": ((HEADER + ROW).replace(b"\n", b"\r"), 1),
    "crlf chaos": (HEADER.strip() + b"\r\n" + ROW.strip() + b"\rC2,2025-03-02,P,V\r\n\r\nC3,2025-03-03,P,V", 3),
    "header cr, body lf": (HEADER.replace(b"\n", b"\r") + ROW, None),
    "bom in the middle": (HEADER + ROW + b"\xef\xbb\xbfC2,2025-03-02,P1,V1\n", 2),
    "two files in one": (b"\xef\xbb\xbf" + HEADER + ROW + b"\xef\xbb\xbf" + HEADER + b"C2,2025-03-02,P,V\n", 3),
}


@pytest.mark.parametrize(("data", "rows"), ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_texts_are_read_row_by_row_or_refused_in_words(tmp_path, data, rows):
    if rows is None:
        refused(tmp_path / "t.csv", data, "t.csv")
    else:
        assert accepted(tmp_path / "t.csv", data).rows["incidents"]["rows_in"] == rows


# Spreadsheets and Parquet


def test_macros_and_links_to_elsewhere_are_not_looked_at(tmp_path):
    book = workbook([["incident_id", "occurred_from", "note"], ["C1", "2025-03-01", "=cmd|'/C calc'!A0"]])
    book = with_member(book, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not a macro")
    book = with_member(book, "xl/externalLinks/externalLink1.xml", b"<externalLink r:id='/etc/passwd'/>")
    assert accepted(tmp_path / "m.xlsx", book).incidents["incident_id"].to_pylist() == ["C1"]


def test_no_entity_of_a_worksheet_is_expanded(tmp_path):
    book = workbook([["incident_id", "occurred_from"], ["C1", "2025-03-01"]])
    with zipfile.ZipFile(io.BytesIO(book)) as held:
        sheet = held.read("xl/worksheets/sheet1.xml").decode()
    laughs = '<!DOCTYPE x [<!ENTITY a "hahaha"><!ENTITY f SYSTEM "/etc/passwd">]>'
    hostile = sheet.replace("<worksheet", laughs + "<worksheet", 1).replace(">C1<", ">&a;&f;<")
    assert "&a;&f;" in hostile
    path = tmp_path / "e.xlsx"
    path.write_bytes(with_member(book, "xl/worksheets/sheet1.xml", hostile))
    try:
        held = str(read_extract(path).incidents.to_pylist())
    except InputError as error:
        held = str(error)
    assert "haha" not in held
    assert "root:" not in held


FARTHEST = 2**63 - 1
HOSTILE_COLUMNS = {
    "struct": pa.array([{"a": [1, 2]}]),
    "map": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "lists": pa.array([[[["a"]]]]),
    "bytes": pa.array([b"\xff\xfe"], pa.binary()),
    "no zone that there is": pa.array([1], pa.int64()).cast(pa.timestamp("ms", "Mars/Olympus")),
    "date64": pa.array([2**60], pa.int64()).cast(pa.date64()),
    "decimal": pa.array([1], pa.decimal128(38, 0)),
} | {
    f"{unit} {value}": pa.array([value], pa.int64()).cast(pa.timestamp(unit))
    for unit in ("s", "ms", "us", "ns")
    for value in (FARTHEST, -FARTHEST, 0)
}


@pytest.mark.parametrize("column", HOSTILE_COLUMNS.values(), ids=HOSTILE_COLUMNS)
def test_whatever_type_a_column_has_costs_no_more_than_itself(column):
    for name in ("victim_id", "occurred_from", "occurred_to"):
        extract = read_extract(pa.table(BASE | {name: column}))
        counts = extract.rows["incidents"]
        assert counts["rows_in"] == 1 == counts["accepted"] + counts["rejected"]


def test_a_span_that_python_cannot_hold_is_refused_by_column():
    with pytest.raises(InputError, match="column 'x' holds what cannot be read as text"):
        read_extract(pa.table(BASE | {"x": pa.array([2**62], pa.duration("s"))}))


def test_text_in_parquet_that_is_no_text_is_refused(tmp_path):
    no_text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xfe")]
    )
    data = parquet(pa.table(BASE | {"victim_id": no_text}))
    refused(tmp_path / "t.parquet", data, "t.parquet", "bytes that are no text", "Export it again")
    with pytest.raises(InputError, match="bytes that are no text"):
        list(open_stream(tmp_path / "t.parquet", Layout()).batches())


def test_a_damaged_parquet_file_is_refused_wherever_it_is_damaged(tmp_path):
    whole = parquet(pa.table({name: ["x" * i for i in range(50)] for name in BASE}))
    for place in range(4, len(whole) - 4, 11):
        data = bytearray(whole)
        data[place] ^= 0xFF
        (tmp_path / "d.parquet").write_bytes(data)
        with suppress(InputError):  # anything else would end the test
            counts = read_extract(tmp_path / "d.parquet").rows["incidents"]
            assert counts["rows_in"] == counts["accepted"] + counts["rejected"] + counts["duplicates"]


@pytest.mark.parametrize(
    ("day", "code"),
    [
        ("9999-12-31", "year_out_of_range"),
        ("0001-01-01", "year_out_of_range"),
        ("0000-00-00", "impossible_date"),
        ("9999-12-31T23:59:59+14:00", "year_out_of_range"),
        ("2100-12-31T23:59:59-23:59", "occurs_in_future"),
        ("2025-03-01T10:00+99:99", "impossible_date"),
    ],
)
def test_days_at_the_ends_of_the_calendar_cost_their_row(tmp_path, day, code):
    extract = accepted(tmp_path / "d.csv", HEADER + ROW + f"C2,{day},P1,V1\n".encode())
    assert extract.issues.by_code() == {code: 1}
    assert extract.rows["incidents"]["accepted"] == 1


def test_the_first_and_last_moments_that_are_read_have_their_second(tmp_path):
    extract = accepted(tmp_path / "d.csv", HEADER + b"C1,1900-01-01T00:00:00+23:59,P1,V1\n")
    assert extract.rows["incidents"]["accepted"] == 1


# What users write: mappings, packs, law, decisions


DOCUMENTS = {
    "nested lists": "a = " + "[" * 50_000 + "]" * 50_000,
    "nested tables": "a = " + "{a=" * 3_000 + "1" + "}" * 3_000,
    "nested by a few": "a = " + "[" * 80 + "]" * 80,
    "a key of parts": "a." * 50_000 + "a = 1",
    "a header of parts": "[" + "a." * 50_000 + "a]",
    "a number of digits": "a = " + "1" * 5_000,
    "half a file": 'a = "',
    "half a character": 'a = "\\ud800"',
    "a long file": "# " + "x" * (4 * 2**20),
}


@pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS)
def test_toml_that_is_made_to_hurt_is_refused_by_every_reader(tmp_path, text):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    readers = (
        lambda: Mapping.load(tmp_path / "x.toml"),
        lambda: read_packs([tmp_path]),
        lambda: read_packs([], [tmp_path / "x.toml"]),
        lambda: Catalogue.load([tmp_path]),
    )
    for read in readers:
        with pytest.raises(BreachpatternError, match="not valid TOML"):
            read()


@pytest.mark.parametrize("text", ["filter = 3", "filter = [1]", "[filter]\nid = 'x'"])
def test_filters_that_are_no_tables_are_refused(tmp_path, text):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BreachpatternError, match=r"Write \[\[filter\]\]"):
        read_packs([tmp_path])


def test_a_folder_that_is_called_like_a_pack_is_refused(tmp_path):
    (tmp_path / "x.toml").mkdir()
    with pytest.raises(BreachpatternError, match="cannot be read: Is a directory"):
        read_packs([tmp_path])


@pytest.mark.parametrize(
    "headline", ["{0.__class__.__mro__}", "{suspects.__class__}", "{nosuch}", "{", "{suspect", "{a!z}", "{suspect[0]}"]
)
def test_a_headline_names_what_there_is_and_reaches_nothing_else(tmp_path, headline):
    text = PATTERN.decode().replace("{suspect}: h", headline)
    assert headline in text
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BreachpatternError, match="headline"):
        read_packs([tmp_path])


@pytest.mark.parametrize("text", ["words = 3", "catalogue = 3", "act = 3", "[words]\nsame = 1"])
def test_sections_of_law_that_are_no_tables_are_refused(tmp_path, text):
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BreachpatternError):
        Catalogue.load([tmp_path])


def test_a_name_of_an_act_is_a_name_and_no_regular_expression(tmp_path):
    (tmp_path / "x.toml").write_text('[words.acts]\nactmine = ["(a+)+b", "[a", "mine (act)"]\n', encoding="utf-8")
    Catalogue.load([tmp_path]).recognise(None, "a" * 60)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("time_zone", "Europe"),
        ("time_zone", "x" * 5_000),
        ("time_zone", "../../etc/passwd"),
        ("time_zone", "/etc/passwd"),
        ("delimiter", "é"),
        ("delimiter", "\\u0000"),
        ("delimiter", "\\n"),
        ("delimiter", '\\"'),
    ],
)
def test_a_key_of_a_mapping_that_would_break_a_library_is_refused(key, value):
    with pytest.raises(MappingError, match=key if key == "delimiter" else "no time zone"):
        Mapping.parse(f'[incidents]\n{key} = "{value}"')


@pytest.mark.parametrize("form", ["%d/%d/%m/%Y", "%", "%d/%m/%Y%", "%999999999d", "%d/%m/%Y\\u0000", "%s", "%D"])
def test_a_date_format_that_would_break_a_library_is_refused(form):
    with pytest.raises(MappingError, match="does not give day, month and year"):
        Mapping.parse(f'[incidents]\ndate_formats = ["{form}"]')


def test_a_mapping_may_not_multiply_rows_without_end(tmp_path):
    places = [f"s{i}" for i in range(40)]
    data = f"incident_id,occurred_from,{','.join(places)}\nC1,2025-03-01,{','.join(places)}\n".encode()
    groups = "".join(
        f"[[incidents.wide]]\n{column} = {places}\n" for column in ("suspect_id", "victim_id", "force", "offence_code")
    )
    said = refused(tmp_path / "w.csv", data, "10,000 is the most", mapping=Mapping.parse(groups))
    assert "64,000 rows" in said


def test_stars_in_a_mapping_take_no_longer_than_the_text_is(tmp_path):
    stars = "a*" * 15 + "b"
    assert not fits(stars, "a" * 20_000)
    assert fits(stars, "a" * 20_000 + "b")
    data = HEADER.strip() + b",kind\n" + ROW.strip() + b"," + b"a" * 5_000 + b"\n"
    plan = Mapping.parse(f'[incidents.values.kind]\n"{stars}" = "stalking"\n[incidents.leave_out]\nkind = ["{stars}"]')
    assert accepted(tmp_path / "s.csv", data, mapping=plan).rows["incidents"]["accepted"] == 1


def test_a_header_line_beyond_the_end_is_refused_at_once(tmp_path):
    plan = Mapping.parse("[incidents]\nheader_row = 999999999999999999999")
    refused(tmp_path / "h.csv", HEADER + ROW, "holds no column names", mapping=plan)


LONG = {
    "letters": "a" * 200_000,
    "addresses": "ab://c:" * 30_000,
    "an address and letters": "x://u:p@h " + "ab://c:" * 30_000,
    "one word": "x@" + "ab://c:" * 30_000,
    "underscores": "w_" * 100_000,
    "names of secrets": "password" * 30_000,
    "braces": "pwd={ " * 30_000,
    "quotes": "pwd=' " * 30_000,
    "zeros": "0" * 200_000 + "_",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_texts_are_looked_through_in_time(text):
    # With a pattern that tries every beginning anew each of these takes minutes, and the run would not end.
    assert without_secrets(text)
    assert isinstance(secrets_of(text), tuple)
    assert outcome_number(text) is not None
    label = Catalogue.load().recognise(None, text)
    assert label.offence is None


def test_decisions_are_split_as_csv_is(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("person_id,other_id,verdict\nP1,V\u2028x,same\n", encoding="utf-8")
    assert read_decisions(path)["other_id"].to_pylist() == ["V\u2028x"]
    path.write_text("person_id,other_id,verdict\nP1," + "V" * 200_000 + ",same\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"d\.csv, row 2: The decisions are not CSV"):
        read_decisions(path)


def test_a_sheet_that_was_drawn_from_more_than_there_can_be_is_read():
    import pandas as pd

    found = estimate(pd.DataFrame({"question": [f"(drawn from {'9' * 5_000})"] * 2, "answer": ["yes", "no"]}))
    assert (found.yes, found.no, found.population) == (1, 1, 2)
