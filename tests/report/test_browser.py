"""The pack in a real browser: `make test-browser`. What it looks like is kept in build/screenshots, to be looked at."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest
from tests.report.given import hostile

import breachpattern as bp
from breachpattern.report import Decision, write_pack
from breachpattern.review.measures import audit

pytestmark = pytest.mark.browser
sync_api = pytest.importorskip("playwright.sync_api")
SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SAMPLE = Path(__file__).parents[2] / "sample_data"
POINTS = ".chart path[aria-roledescription='point']"
SHEET = re.compile(rb"/Type\s*/Page[^s]")


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    """The pack of the sample data, in a run folder."""
    folder = tmp_path_factory.mktemp("browser") / "run"
    extract = bp.read_extract(
        *(str(SAMPLE / f"{name}.csv") for name in ("incidents", "orders", "persons", "associations"))
    )
    analysis = bp.Analyser().analyse(extract, as_of="2026-06-30")
    analysis.write(folder)
    write_pack(folder, decisions={analysis.findings[2].id: Decision("confirmed", "A. Reader", "2026-07-01T09:00")})
    return folder / "report"


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "Chromium is needed: apt-get install chromium, or CHROMIUM=/path/to/chromium"
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser):
    """Opens a file; at the end, no request may have left the folder and nothing may have been complained about."""
    asked, complaints, contexts = [], [], []

    def open_(path, width=1280, **options):
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(Path(path).as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert complaints == []


def findings(pack):
    """How many findings the pack holds."""
    return sum(1 for _ in (pack / "findings").iterdir())


def first_finding(pack, with_orders=True):
    pages = sorted((pack / "findings").iterdir())
    return next(page for page in pages if ("<rect" in page.read_text()) == with_orders)


def shown(page):
    return page.locator("#findings tbody tr:visible").count()


def test_the_entry_leads_to_the_worklist(open_page, pack):
    page = open_page(pack.parent / "report.html")
    page.wait_for_url("**/report/index.html")
    assert page.inner_text("h1") == "Findings to look at"
    page.screenshot(path=shot("index-1280"), full_page=True)


def test_the_worklist_is_searched_filtered_and_sorted(open_page, pack):
    page = open_page(pack / "index.html")
    everything = shown(page)
    page.fill("#search", "P-0137 repeated")
    assert 0 < shown(page) < everything
    assert f"{shown(page)} of {everything}" in page.inner_text("#shown")
    page.fill("#search", "no such thing anywhere")
    assert shown(page) == 0
    page.click("text=Clear all")
    page.wait_for_function(f"document.querySelectorAll('#findings tbody tr:not([hidden])').length === {everything}")
    for field in ("level", "pattern", "kind", "force", "decision"):
        page.select_option(f"#by-{field}", index=1)
        assert 0 < shown(page) <= everything
        page.select_option(f"#by-{field}", "")
    page.select_option("#by-decision", "confirmed")
    assert shown(page) == 1
    page.select_option("#by-decision", "")
    page.click("th:nth-child(5) button")
    last = page.locator("#findings tbody td:nth-child(5)")
    dates = [cell.get_attribute("data-value") for cell in last.all()]
    assert dates == sorted(dates)
    assert page.get_attribute("th:nth-child(5)", "aria-sort") == "ascending"
    page.click("th:nth-child(5) button")
    assert [cell.get_attribute("data-value") for cell in last.all()] == sorted(dates, reverse=True)


def test_a_finding_is_opened_and_its_timeline_pointed_at_zoomed_and_saved(open_page, pack):
    page = open_page(pack / "index.html", accept_downloads=True)
    page.click("#findings tbody tr:nth-child(2) a")
    page.wait_for_selector(POINTS)
    page.locator(POINTS).last.hover()  # the uppermost, where marks overlap
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert "known to police" in page.inner_text("#vg-tooltip-element")
    page.screenshot(path=shot("timeline-pointed-at"))
    page.mouse.move(0, 0)
    ticks = page.locator(".chart .role-axis-label")
    before = ticks.first.text_content()
    page.click("text=Zoom in")
    page.wait_for_function(
        "before => document.querySelector('.chart .role-axis-label').textContent !== before", arg=before
    )
    page.click("text=Show all")
    page.wait_for_function(
        "before => document.querySelector('.chart .role-axis-label').textContent === before", arg=before
    )
    for ending, begins in (("svg", b"<svg"), ("png", b"\x89PNG")):
        with page.expect_download() as saved:
            page.click(f"[data-save={ending}]")
        assert Path(saved.value.path()).read_bytes().startswith(begins)
        assert saved.value.suggested_filename.endswith(f".{ending}")


def test_a_wheel_zooms_the_timeline(open_page, pack):
    page = open_page(first_finding(pack))
    page.wait_for_selector(POINTS)
    label = page.locator(".chart .role-axis-label").first
    before, box = label.text_content(), page.locator(POINTS).first.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] - 10)
    page.mouse.wheel(0, -400)
    page.wait_for_function(
        "before => document.querySelector('.chart .role-axis-label').textContent !== before", arg=before
    )


def test_the_keyboard_alone_will_do(open_page, pack):
    page = open_page(pack / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the main content"
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "search":
            break
    page.keyboard.type("P-0137")
    assert 0 < shown(page) < findings(pack)
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('tbody') !== null"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/findings/*.html")
    page.wait_for_selector(POINTS)
    page.focus("[data-move=in]")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_breaks_the_rules_of_access(open_page, pack, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    for path in (
        pack / "index.html",
        first_finding(pack),
        first_finding(pack, with_orders=False),
        pack.parent / "report.html",
    ):
        page = open_page(path, width)
        page.wait_for_timeout(500)
        # The rule set loads style sheets by itself otherwise, which the pages forbid.
        found = axe.run(page, options={"preload": False}).response["violations"]
        assert [(path.name, v["id"], v["impact"], v["nodes"][0]["html"]) for v in found if v["impact"] != "minor"] == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_for_a_board_fits_and_breaks_no_rule_of_access(open_page, tmp_path, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    extract = bp.read_extract(str(SAMPLE / "incidents.csv"), str(SAMPLE / "orders.csv"))
    write_pack(audit(bp.Analyser().analyse(extract, as_of="2026-06-30")).write(tmp_path / "audit"))
    page = open_page(tmp_path / "audit" / "report" / "index.html", width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = axe.run(page, options={"preload": False}).response["violations"]
    assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found if v["impact"] != "minor"] == []
    page.screenshot(path=shot(f"board-{width}"), full_page=True)


@pytest.mark.parametrize("width", [1280, 390])
def test_no_page_is_wider_than_its_screen(open_page, pack, width):
    for name, path in (("index", pack / "index.html"), ("finding", first_finding(pack))):
        page = open_page(path, width)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.screenshot(path=shot(f"{name}-{width}"), full_page=True)


def test_with_scripts_disabled_all_of_it_can_be_read(open_page, pack):
    page = open_page(pack / "index.html", java_script_enabled=False)
    assert page.locator("#findings tbody tr").count() == findings(pack)
    assert not page.locator("#filters").is_visible()
    page.click("#findings tbody tr:nth-child(2) a")
    assert page.locator(".static svg").is_visible()
    assert page.locator(".static svg title").count() > 5
    assert not page.locator(".tools").is_visible()
    page.screenshot(path=shot("finding-without-scripts"), full_page=True)


def test_every_finding_prints_on_two_sheets_at_most(open_page, pack):
    pages = sorted((pack / "findings").iterdir())
    page = open_page(pages[0], java_script_enabled=False)
    sheets = {}
    for path in pages:
        page.goto(path.as_uri())
        sheets[path.name] = len(SHEET.findall(page.pdf(prefer_css_page_size=True)))
    assert set(sheets.values()) == {2}, {name: n for name, n in sheets.items() if n != 2}


def test_a_finding_prints_alike_with_scripts(open_page, pack):
    page = open_page(first_finding(pack))
    page.wait_for_selector(POINTS)
    page.pdf(path=SHOTS / "finding.pdf", prefer_css_page_size=True)
    assert len(SHEET.findall((SHOTS / "finding.pdf").read_bytes())) == 2
    page.emulate_media(media="print")
    assert page.locator(".static svg").is_visible()
    assert not page.locator(".chart").is_visible()


def test_what_means_harm_stays_text(open_page, tmp_path):
    run = hostile(tmp_path / "run")
    write_pack(run)
    page = open_page(run / "report" / "index.html")
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    assert "<script>alert(1)</script>" in page.inner_text("#findings")
    page.select_option("#by-force", index=1)
    assert shown(page) > 0
    page.click("#findings tbody a >> nth=0")
    page.wait_for_selector(POINTS)
    page.locator(POINTS).last.hover()  # the uppermost, where marks overlap
    page.wait_for_selector("#vg-tooltip-element.visible")
    assert page.locator("#vg-tooltip-element script, #vg-tooltip-element img").count() == 0
    assert dialogs == []


def test_five_hundred_findings_stay_small_and_open_quickly(open_page, tmp_path, capsys):
    """Size is held to; time is told, for machines differ: `pytest -s` shows it."""
    from breachpattern.simulation import simulate

    force = simulate(8000, 5)
    force.write(tmp_path / "force", "csv")
    sources = [str(tmp_path / "force" / f"{name}.csv") for name in ("incidents", "orders", "persons", "associations")]
    bp.Analyser().analyse(bp.read_extract(*sources)).write(tmp_path / "run")
    begun = time.perf_counter()
    pack = write_pack(tmp_path / "run")
    written = time.perf_counter() - begun
    folder = tmp_path / "run" / "report"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    page = open_page(folder / "index.html")
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    with capsys.disabled():
        print(
            f"\n{pack.pages} findings: written in {written:.1f} s, {size / 1e6:.1f} MB, index open in {opened:.0f} ms"
        )
    assert pack.pages == 500
    assert size < 30e6


def shot(name):
    SHOTS.mkdir(parents=True, exist_ok=True)
    return SHOTS / f"{name}.png"
