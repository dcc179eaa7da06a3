import shutil
import sys

import pytest

from breachpattern.cli import main

INCIDENTS = """incident_id,occurred_from,suspect_id,victim_id,behaviours,channel
I1,2025-02-01T10:00,P1,V1,contact,text
I2,2025-02-03T22:00,P1,V1,contact;threat,phone
"""
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms
O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact
"""


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A folder with a run and what it was made from; to be copied."""
    folder = tmp_path_factory.mktemp("scored")
    (folder / "incidents.csv").write_text(INCIDENTS)
    (folder / "orders.csv").write_text(ORDERS)
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        assert score("--quiet") == 0
    return folder


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incidents.csv").write_text(INCIDENTS)
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


@pytest.fixture
def there(scored, tmp_path, monkeypatch):
    """As here, with a run."""
    monkeypatch.chdir(tmp_path)
    return shutil.copytree(scored, tmp_path, dirs_exist_ok=True)


def score(*more):
    return main(["score", "incidents.csv", "--orders", "orders.csv", "--as-of", "2025-06-30", "--out", "run", *more])


@pytest.mark.further
def test_score_writes_the_pack_too_and_says_what_to_open(here, capsys):
    assert score("--report") == 0
    assert "Open run/report.html in a browser." in capsys.readouterr().out
    assert (here / "run" / "report" / "index.html").is_file()
    assert score("--report", "--quiet") == 0, "a run with its pack is replaced"
    assert capsys.readouterr().out == ""


@pytest.mark.further
def test_the_pack_is_made_again_from_the_run_folder_alone(here, capsys):
    assert score("--report") == 0
    first = (here / "run" / "report" / "index.html").read_bytes()
    (here / "incidents.csv").unlink()
    (here / "orders.csv").unlink()
    assert main(["report", "run"]) == 0
    assert (here / "run" / "report" / "index.html").read_bytes() == first


def test_decisions_of_a_register_are_shown(there, capsys):
    from breachpattern.review.register import Register

    with Register("sqlite:///register.db", who="A. Reader") as register:
        found = next(row["finding_id"] for row in register.review("run").findings)
        register.decide("run", found, "confirmed", "already_known")
    assert main(["report", "run", "--register", "sqlite:///register.db"]) == 0
    index = (there / "run" / "report" / "index.html").read_text()
    assert index.count('data-decision="[&#34;confirmed&#34;]"') == 1
    assert "A. Reader" in index


def test_a_decided_finding_that_grew_comes_back_as_changed(here):
    from breachpattern.review.register import Register

    assert score() == 0
    with Register("sqlite:///register.db", who="A. Reader") as register:
        found = next(row["finding_id"] for row in register.review("run").findings if row["pattern"] == "repeat_breach")
        register.decide("run", found, "confirmed", "already_known")
    (here / "incidents.csv").write_text(INCIDENTS + "I3,2025-02-09T22:00,P1,V1,contact,phone\n")
    assert score() == 0
    assert main(["report", "run", "--register", "sqlite:///register.db"]) == 0
    assert (
        'data-decision="[&#34;changed since (confirmed)&#34;]"' in (here / "run" / "report" / "index.html").read_text()
    )


def test_a_limit_and_a_marking_are_kept(there, capsys):
    assert main(["report", "run", "--limit", "1", "--marking", "OFFICIAL", "--out", "pack"]) == 0
    assert "1 findings (of " in capsys.readouterr().out
    assert "OFFICIAL-SENSITIVE" not in (there / "pack" / "index.html").read_text()
    assert not (there / "run" / "report").exists()


def test_a_pack_under_a_key_hides_references(there):
    (there / "pack.key").write_text("0123456789abcdef0123456789abcdef\n")
    assert main(["report", "run", "--pseudonymise", "pack.key", "--out", "pack", "--quiet"]) == 0
    assert "V1" not in (there / "pack" / "index.html").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["report", "nowhere"], 1, "There is no such folder"),
        (["report", "run", "--limit", "0"], 2, "At least one finding"),
        (["report", "run", "--marking", ""], 2, "The handling marking is blank"),
        (["report", "run", "--marking", "  "], 2, "leave it out for OFFICIAL-SENSITIVE"),
        (["report", "run", "--pseudonymise", "nowhere.key"], 1, "The key cannot be read"),
        (["report", "run", "--register", "sqlite:///nowhere.db"], 1, "register"),
        (["report", "run", "--out", "."], 1, "not a review pack"),
    ],
)
@pytest.mark.usefixtures("there")
def test_what_is_wrong_is_said_in_one_paragraph(capsys, arguments, code, said):
    assert main(arguments) == code
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_without_the_extra_nothing_is_scored_first(here, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jinja2", None)
    assert score("--report") == 1
    assert "pip install 'breachpattern[report]'" in capsys.readouterr().err
    assert not (here / "run").exists()
