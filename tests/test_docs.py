"""The pages keep what they promise: links lead somewhere, commands exist, code runs, the locks match."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEXT_SUFFIXES = {".md", ".toml", ".py", ".txt", ".ipynb", ".sh", ".csv", ""}
SKIPPED_FOLDERS = {".git", ".hypothesis", "__pycache__", "build", "dist", "out", "demo-output"}
PAGES = sorted(
    page.relative_to(ROOT)
    for page in (*ROOT.glob("*.md"), *ROOT.glob("*/**/*.md"))
    if not any(part in SKIPPED_FOLDERS or part.startswith(".") for part in page.relative_to(ROOT).parts)
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"/work/|/root/|/home/\w|/Users/\w|file://|pythonhosted|pypi\.org|index-url[ =]\S+://")


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as a forge renders them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def blocks(page: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall((ROOT / page).read_text(encoding="utf-8")) if kind == language]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), f"{page} links to {target}, which is not there"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there), f"{page} links to {target}, but that page has no such heading"


def test_every_place_that_contributing_sends_to_is_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    places = re.findall(r"`((?:src|tests|benchmarks|sample_data)/[^`]*)`", text)
    assert len(places) > 15
    assert not [place for place in places if not list(ROOT.glob(place))]
    table = re.search(r"^\| add a kind of order \|(.*)$", text, re.MULTILINE)
    assert table is not None
    for place in re.findall(r"`(src/[^`]*)`", table[1]):
        files = list(ROOT.glob(place))
        assert any("stalking_protection" in path.read_text(encoding="utf-8") for path in files), place


def test_no_page_or_file_names_a_machine() -> None:
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if any(part in SKIPPED_FOLDERS or part.startswith(".venv") or part.endswith("_cache") for part in parts):
            continue
        if path.is_file() and path.suffix in TEXT_SUFFIXES and path != Path(__file__):
            found += [f"{path}: {hit}" for hit in MACHINE.findall(path.read_text(encoding="utf-8", errors="replace"))]
    assert not found


def test_the_readme_begins_with_the_two_commands() -> None:
    first = re.search(r"^```\w*\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert first is not None
    commands = [line.split("#")[0].strip() for line in first.group(1).splitlines()]
    assert commands == ["make demo", "make test"]


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_page_names_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    text = (ROOT / page).read_text("utf-8")
    named = re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    assert named
    assert set(named) <= targets


# What a page leaves to others: Spark runs where there is a session, and has its own tests.
ELSEWHERE = {"docs/how-to/spark.md"}
WITH_PYTHON = sorted(
    page
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    if (page := path.relative_to(ROOT).as_posix()) not in ELSEWHERE and blocks(page, "python")
)


# Pages that train models or draw many pictures.
LENGTHY = {"docs/assessment.md", "docs/how-to/rank-and-learn.md", "docs/how-to/review-pack.md", "docs/linking.md"}
HELD = [pytest.param(page, marks=pytest.mark.further if page in LENGTHY else ()) for page in WITH_PYTHON]


@pytest.mark.parametrize("page", HELD)
def test_the_python_of_a_page_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__page__"}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), namespace)


def test_the_commands_of_nightly_updates_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from breachpattern.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    (commands,) = blocks("docs/how-to/nightly-updates.md", "console")
    for command in commands.splitlines():
        assert main([*command.split()[1:], "--max-rejected", "100%"]) == 0
    said = capsys.readouterr()
    assert "changed" in said.out
    assert said.err.splitlines() == ["breachpattern: note: a new state begins in state: there was none."]


@pytest.mark.further
def test_the_commands_of_the_measures_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from breachpattern.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    for commands in blocks("docs/reference/measures.md", "console"):
        for command in commands.splitlines():
            assert main(command.split()[1:]) == 0
    said = capsys.readouterr()
    assert "records to read are in sheet.csv" in said.out
    assert said.err == ""


def test_the_commands_of_deciding_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from breachpattern.cli import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BREACHPATTERN_REGISTER", raising=False)
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    for command in blocks("docs/how-to/review.md", "console")[1].splitlines():
        assert main(command.split()[1:]) == 0, command
    said = capsys.readouterr()
    assert "rejected (lawful_contact) by Reader" in said.out
    assert "Every link holds." in said.out


def pins(lock: str) -> dict[str, str]:
    """Return name and version of every line that holds for Python 3.11 on Linux."""
    lines = (ROOT / "requirements" / lock).read_text("utf-8").splitlines()
    pairs = [line.split(" ;")[0].split("==") for line in lines if ">= '3.12'" not in line]
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def direct(*groups: str) -> dict[str, str]:
    """Return name and floor of the direct dependencies and of some groups."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = list(project["project"]["dependencies"])
    for group in groups:
        wanted += project["dependency-groups"][group]
    pairs = (need.split(",")[0].split(">=") for need in wanted)
    return {name.split("[")[0].lower().replace("_", "-"): floor for name, floor in pairs}


def release(version: str) -> list[int]:
    numbers = [int(part) for part in version.split(".post")[0].split(".")]
    while numbers[-1] == 0:
        numbers.pop()
    return numbers


def test_the_oldest_lock_holds_the_floors_that_the_project_documents() -> None:
    locked = pins("oldest.txt")
    for name, floor in direct("test").items():
        assert release(locked[name]) == release(floor), f"{name}: the floor is {floor}, the lock {locked[name]}"


def test_the_newest_lock_holds_every_direct_dependency() -> None:
    locked = pins("dev.txt")
    for name, floor in direct("test", "check").items():
        assert release(locked[name]) >= release(floor), name


def test_the_lock_of_proof_holds_its_tools_and_otherwise_what_the_newest_holds() -> None:
    locked, newest = pins("proof.txt"), pins("dev.txt")
    for name, floor in direct("test", "proof").items():
        assert release(locked[name]) >= release(floor), name
    assert {name: version for name, version in locked.items() if newest.get(name, version) != version} == {}


def test_no_lock_names_where_packages_come_from() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        assert re.fullmatch(r"([\w.\[\]-]+==[\w.!+-]+( ; [^/@]+)?\n)+", lock.read_text("utf-8")), lock.name
