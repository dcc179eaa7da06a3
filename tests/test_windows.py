"""Windows, as far as another system can tell: how lines end, what a file may be called, how a path is written."""

from __future__ import annotations

import builtins
import io
import json
import re
from collections import Counter
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fuzz.seeds import PATTERN
from tests.report.given import content, hostile, score

import breachpattern as bp
from breachpattern.cli import main
from breachpattern.errors import InputError
from breachpattern.graph import write_graph
from breachpattern.ingest import Mapping
from breachpattern.law import Catalogue
from breachpattern.output.folder import read_run
from breachpattern.patterns.packs import read_packs
from breachpattern.report import write_pack
from breachpattern.report.text import file_name

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "sample_data"
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in "123456789¹²³")}
# Windows takes paths of 259 characters; so much is left to whoever chooses where a folder stands.
LONGEST, LEFT_TO_OTHERS = 259, 150


def bearable(name: str) -> bool:
    """Whether Windows takes a text as the name of a file or folder and keeps it as it is."""
    device = name.partition(".")[0].rstrip(" ").upper() in DEVICES
    return not (device or not name or name[-1] in ". " or re.search(r'[<>:"/\\|?*\x00-\x1f]', name))


def ending_lines_as_there(patch: pytest.MonkeyPatch) -> None:
    """Files that are written as text without a word about lines end them with CR and LF, as on Windows."""
    really = io.open

    def opened(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, *more, **others):
        if newline is None and "b" not in mode and set(mode) & set("wax+"):
            newline = "\r\n"
        return really(file, mode, buffering, encoding, errors, newline, *more, **others)

    patch.setattr(io, "open", opened)
    patch.setattr(builtins, "open", opened)


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> Path:
    """A run, its pack, a state, a graph and an invented force under one folder, written as if on Windows."""
    folder = tmp_path_factory.mktemp("everything")
    with pytest.MonkeyPatch.context() as patch:
        ending_lines_as_there(patch)
        (folder / "run.txt").write_text("\n")
        hostile(folder / "run")
        write_pack(folder / "run")
        at = ["--orders", str(SAMPLE / "orders.csv"), "--as-of", "2026-06-30", "--quiet"]
        assert main(["update", str(SAMPLE / "incidents.csv"), *at, "--state", str(folder / "state")]) == 0
        write_graph(nx.MultiDiGraph([("a", "b")]), folder / "graph.json")
        assert main(["simulate", "--incidents", "100", "--out", str(folder / "force"), "--quiet"]) == 0
    return folder


def test_what_is_written_is_the_same_where_lines_end_in_another_way(everything) -> None:
    held = content(everything)
    assert held.pop("run.txt") == b"\r\n"
    # csv ends its lines so wherever it is written by the book (RFC 4180); the others are no text.
    text = {name: data for name, data in held.items() if not name.endswith((".csv", ".png", ".arrow"))}
    assert len(text) > 12
    assert [name for name, data in text.items() if b"\r\n" in data] == []


def test_every_file_has_a_name_that_windows_takes(everything) -> None:
    paths = [path.relative_to(everything) for path in everything.rglob("*")]
    assert [path for path in paths if not all(map(bearable, path.parts))] == []
    assert [name for name, n in Counter(path.as_posix().casefold() for path in paths).items() if n > 1] == []
    assert max(len(path.as_posix()) for path in paths) <= LONGEST - LEFT_TO_OTHERS


@given(st.lists(st.sampled_from(["CON", "nul.txt", "aux", "a.", "a ", "C:\\x", "..\\x", "F-852A63A524796C47"])
                | st.text(max_size=300), unique=True, max_size=6))  # fmt: skip
def test_whatever_an_id_is_its_page_has_a_name_of_its_own_that_windows_takes(ids) -> None:
    names = [file_name(ident) for ident in [*ids, "F-852a63a524796c47"]]
    assert all(map(bearable, names))
    assert len({name.casefold() for name in names}) == len(names)
    assert max(map(len, names)) <= 23


def test_names_that_windows_does_not_take_are_known_as_such() -> None:
    for name in ("CON", "con.csv", "Aux.tar.gz", "COM1", "a.", "a ", "a:b", "a\\b", 'a"', "", "lpt¹"):
        assert not bearable(name), name
    for name in ("CONtrol.csv", ".run.0a1b.partial", "COM10", "a b.csv"):
        assert bearable(name), name


@pytest.mark.parametrize(
    "path", [r"C:\extracts\x.csv", "d:/extracts/x.csv", r"\\server\share\x.csv", r"extracts\x.csv", "C:x.csv"]
)
def test_a_path_of_windows_is_a_path_and_no_address_of_a_database(path) -> None:
    with pytest.raises(InputError) as raised:
        bp.read_extract(path)
    assert "no such file" in str(raised.value)
    assert "database" not in str(raised.value)


@pytest.fixture
def ended(tmp_path):
    """Copy files with every line ended by CR and LF, as git may write them on Windows."""

    def copy(*paths: Path) -> list[Path]:
        out = [tmp_path / "ended" / path.name for path in paths]
        (tmp_path / "ended").mkdir(exist_ok=True)
        for path, target in zip(paths, out, strict=True):
            target.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        return out

    return copy


def test_an_extract_is_the_same_however_its_lines_end(ended) -> None:
    tables = [SAMPLE / f"{table}.csv" for table in ("incidents", "orders", "persons", "associations")]
    plain, other = (bp.read_extract(a, orders=b, persons=c, associations=d) for a, b, c, d in (tables, ended(*tables)))
    assert other.rows == plain.rows
    for table in ("incidents", "orders", "persons", "associations"):
        assert getattr(other, table).equals(getattr(plain, table)), table


def test_packs_law_and_mappings_are_the_same_however_their_lines_end(ended, tmp_path) -> None:
    mine = tmp_path / "mine.toml"
    mine.write_bytes(PATTERN)
    (other,) = ended(mine)
    assert b"\r\n" in other.read_bytes()
    plain, same = read_packs([mine]), read_packs([other])
    assert same.version == plain.version
    assert same.patterns[-1].condition == plain.patterns[-1].condition
    law = tmp_path / "law.toml"
    law.write_bytes(b'[catalogue]\nversion = "1"\nchecked = 2026-01-01\n\n[words.same]\nbreach = ["broke"]\n')
    assert Catalogue.load(ended(law)).version == Catalogue.load([law]).version
    text = '[incidents]\ndate_formats = ["%d/%m/%Y"]\n'
    assert Mapping.parse(text.replace("\n", "\r\n")) == Mapping.parse(text)


def test_git_changes_no_line_of_the_project() -> None:
    assert "* text=auto eol=lf" in (ROOT / ".gitattributes").read_text().splitlines()
    kinds = {".py", ".toml", ".md", ".csv", ".txt", ".jinja", ".js", ".css", ".json", ".ipynb"}
    for room in ("src", "tests", "docs", "sample_data", "proof", "requirements"):
        for path in (ROOT / room).rglob("*"):
            assert path.suffix not in kinds or b"\r\n" not in path.read_bytes(), path
            assert all(map(bearable, path.relative_to(ROOT).parts)), path


def test_json_of_a_run_is_read_however_its_lines_end(tmp_path) -> None:
    run = score(tmp_path / "run")
    path = run / "summary.json"
    before = json.loads(path.read_text())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_run(run) == before
