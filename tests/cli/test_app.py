import json
import re
import signal
import subprocess
import sys
from importlib import resources

import pandas as pd
import pytest

from breachpattern.cli import console, main
from breachpattern.cli.schema import SCHEMAS
from breachpattern.output.schema import OUTPUTS, names

INCIDENTS = """incident_id,occurred_from,suspect_id,victim_id,behaviours,channel,relationship
I1,2025-02-01T10:00,P1,V1,contact,text,ex_partner
I2,2025-02-03T22:00,P1,V1,contact;threat,phone,ex_partner
I3,2025-02-09T23:00,P1,V1,follow,in_person,ex_partner
"""
ORDERS = """order_id,kind,respondent_id,protected_id,made_on,served_at,terms
O1,restraining_conviction,P1,V1,2025-01-10,2025-01-12T09:00,no_contact
"""
COMMANDS = [
    ["score"], ["update"], ["check"], ["audit"], ["verify"], ["new-key"], ["dip-sample", "draw"],
    ["map"], ["explain"], ["report"], ["schema"], ["demo"], ["law", "show"], ["law", "lint"],
    ["simulate"], ["patterns", "list"], ["patterns", "show"], ["patterns", "lint"], ["patterns", "test"],
    ["patterns", "diff"],
]  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incidents.csv").write_text(INCIDENTS)
    (tmp_path / "orders.csv").write_text(ORDERS)
    return tmp_path


def score(*more):
    return main(["score", "incidents.csv", "--orders", "orders.csv", "--out", "run", *more])


def one_paragraph(capsys):
    """What was said on stderr: one line, no traceback."""
    said = capsys.readouterr().err
    assert said.count("\n") == 1, said
    assert "Traceback" not in said
    return said


# what it does -------------------------------------------------------------------------------------------------------
def test_score_writes_the_run_and_says_what_it_found(here, capsys):
    assert score("--as-of", "2025-06-30") == 0
    said = capsys.readouterr()
    assert said.err == ""
    findings = pd.read_csv(here / "run" / "findings.csv")
    for part in ("incidents", "unrecorded 2", "Findings", findings["finding_id"][0], "explain run", "Files"):
        assert part in said.out
    summary = json.loads((here / "run" / "summary.json").read_text())
    assert summary["as_of"] == "2025-06-30T23:59:59+01:00"
    assert summary["settings"]["format"] == "csv"


def test_a_quiet_run_says_nothing(here, capsys):
    assert score("--quiet") == 0
    assert capsys.readouterr() == ("", "")


def test_the_same_run_again_gives_the_same_findings(here):
    score("--quiet")
    before = (here / "run" / "findings.csv").read_bytes()
    score("--quiet")
    assert (here / "run" / "findings.csv").read_bytes() == before


def test_too_many_rejected_rows_exit_with_3_and_still_write(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS + "I4,never,P1,V1,contact,text,\n")
    assert score("--quiet") == 3
    assert "1 of 4 rows of incidents were rejected (25.0% of the rows of incidents" in one_paragraph(capsys)
    assert len(pd.read_csv(here / "run" / "quarantine_incidents.csv")) == 1
    assert score("--quiet", "--max-rejected", "25%") == 0


def test_good_orders_excuse_no_lost_incidents(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS.replace("2025-", "soon-"))
    (here / "orders.csv").write_text(ORDERS + "".join(f"O{n},non_molestation,P{n},V{n},,,\n" for n in range(2, 300)))
    assert score("--quiet") == 3
    assert "3 of 3 rows of incidents" in one_paragraph(capsys)
    assert score("--quiet", "--max-rejected", "100%") == 0
    assert "none of the 3 rows of incidents was accepted" in one_paragraph(capsys)


def test_check_without_a_folder_promises_no_outputs(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS.replace("2025-", "soon-"))
    assert main(["check", "incidents.csv"]) == 3
    said = capsys.readouterr().err
    assert "outputs are written" not in said
    assert "See the problems" in said


@pytest.mark.parametrize("command", [["score", "incidents.csv"], ["check", "incidents.csv"]], ids=" ".join)
def test_an_extract_in_which_nothing_can_be_found_is_remarked_on(here, capsys, command):
    (here / "incidents.csv").write_text(INCIDENTS.replace("suspect_id", "perp").replace("victim_id", "hurt"))
    assert main(command) == 0
    said = capsys.readouterr()
    assert "note: incidents.csv: No column is read as suspect_id" in said.err
    assert "No column is read as victim_id" in said.err
    assert "nobody_named" in said.out or "No column is read as suspect_id" in said.out


def test_a_header_alone_is_remarked_on_and_stands_in_the_table(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS.splitlines()[0] + "\n")
    assert score() == 0
    said = capsys.readouterr()
    assert re.search(r"^incidents +0 +0 +0 +0", said.out, re.MULTILINE)
    assert "note: incidents.csv: there are no rows of incidents" in said.err


@pytest.mark.parametrize(
    ("as_of", "words"), [("2999-01-01", "lies in the future"), ("1850-01-01", "before anything was known: all 3 rows")]
)
def test_an_odd_as_of_is_remarked_on(here, capsys, as_of, words):
    assert score("--as-of", as_of) == 0
    assert words in capsys.readouterr().err
    assert score("--as-of", as_of, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_check_lists_problems_and_scores_nothing(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS.replace("phone", "pigeon"))
    assert main(["check", "incidents.csv", "--out", "problems"]) == 0
    assert "pigeon" in capsys.readouterr().out
    assert sorted(p.name for p in (here / "problems").iterdir()) == ["issues.csv", "summary.json"]


def test_explain_tells_the_story_in_text_and_json(here, capsys):
    score("--quiet")
    finding = pd.read_csv(here / "run" / "findings.csv").iloc[0]
    assert main(["explain", "run", finding["finding_id"]]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert finding["headline"] in said
    assert "The law, as the catalogue has it" in said
    assert main(["explain", "run", finding["finding_id"], "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["finding_id"] == finding["finding_id"]
    assert data["law"][0]["url"].startswith("https://")


def test_the_demo_scores_the_sample_data_and_says_where_to_look(here, capsys):
    assert main(["demo"]) == 0
    said = capsys.readouterr().out
    assert "First to look at" in said
    assert re.search(r"; \d+ of them possible", said)
    assert len(pd.read_csv(here / "breachpattern-demo" / "findings.csv")) > 5


@pytest.mark.parametrize("table", SCHEMAS)
def test_schema_prints_json(table, capsys):
    assert main(["schema", table]) == 0
    said = capsys.readouterr().out
    assert json.loads(said)
    assert "Traceback" not in said
    assert ">>>" not in said


@pytest.mark.parametrize("table", sorted(set(OUTPUTS) - {"issues"}))
def test_schema_prints_one_output_table(table, capsys):
    assert main(["schema", table]) == 0
    assert json.loads(capsys.readouterr().out)["required"] == names(table)


def test_schema_takes_the_plural_and_lists_what_there_is(capsys):
    assert main(["schema", "incidents"]) == 0
    assert "incident_id" in capsys.readouterr().out
    assert main(["schema"]) == 0
    assert capsys.readouterr().out.split() == list(SCHEMAS)


def test_law_show_answers_for_a_day(capsys):
    assert main(["law", "show", "non_molestation", "--on", "2005-05-01"]) == 0
    assert "contempt" in capsys.readouterr().out


def test_the_built_in_catalogue_and_patterns_pass_their_own_checks(capsys):
    assert main(["law", "lint"]) == 0
    assert main(["patterns", "lint"]) == 0


def test_patterns_are_listed_and_shown(capsys):
    assert main(["patterns", "list"]) == 0
    assert "breach_in_course" in capsys.readouterr().out
    assert main(["patterns", "show", "breach_in_course"]) == 0
    assert "pha1997" in capsys.readouterr().out


def test_map_writes_a_mapping_and_never_over_somebodys_work(here, capsys):
    (here / "rms.csv").write_text("Crime No,Date From,Suspect,Victim\n1,2025-01-01,A,B\n")
    assert main(["map", "rms.csv", "-o", "m.toml"]) == 0
    first = (here / "m.toml").read_text()
    assert "Crime No" in first
    capsys.readouterr()
    assert main(["map", "rms.csv", "-o", "m.toml"]) == 1
    assert "m.toml" in one_paragraph(capsys)
    assert (here / "m.toml").read_text() == first


def test_map_suggests_for_each_table_and_one_file_holds_all(here, capsys):
    (here / "court.csv").write_text("Order Ref,Order Type,Respondent,Protected\nO1,restraining_conviction,P1,V1\n")
    assert main(["check", "incidents.csv", "--orders", "court.csv"]) == 1
    assert "`breachpattern map --table orders` suggest" in one_paragraph(capsys)
    assert main(["map", "court.csv", "--table", "order"]) == 2
    assert "One of incidents, orders, persons, associations." in one_paragraph(capsys)
    (here / "m.toml").write_text("[incidents]\n")
    assert main(["map", "court.csv", "--table", "orders"]) == 0
    suggested = capsys.readouterr().out
    assert "[orders.columns]" in suggested
    with (here / "m.toml").open("a") as file:
        file.write(suggested)
    assert main(["map", "incidents.csv", "--table", "incidents"]) == 0


def test_a_problem_is_told_with_what_would_help_once_and_where_the_rest_are(here, capsys):
    rows = "".join(f"{n},{n:02}/04/2025,P1,V1\n" for n in range(1, 5))
    (here / "uk.csv").write_text("incident_id,occurred_from,suspect_id,victim_id\n" + rows)
    assert main(["score", "uk.csv", "--out", "run", "--max-rejected", "100%"]) == 0
    assert " ".join(capsys.readouterr().out.split()).count("or name its format under date_formats in a mapping") == 1
    (here / "odd.csv").write_text("incident_id,occurred_from,offence_text\n1,2025-04-01,nothing that is known\n")
    assert main(["check", "odd.csv"]) == 0
    assert "… and 1 more; --out DIR has them all" in capsys.readouterr().out


def test_swapped_files_are_told_where_they_belong(here, capsys):
    assert main(["score", "orders.csv", "--orders", "incidents.csv"]) == 1
    assert "These are columns of orders: give this file with --orders." in one_paragraph(capsys)
    assert main(["score", "incidents.csv", "--orders", "incidents.csv"]) == 1
    assert "These are columns of incidents: give this file first, without an option." in one_paragraph(capsys)


def test_what_a_filter_suppresses_is_written_and_counted(here, capsys):
    score("--quiet")
    before = pd.read_csv(here / "run" / "findings.csv")
    (here / "known.toml").write_text(
        '[[filter]]\nid = "known"\nreason = "Reviewed by the coordinator."\nauthor = "A. Analyst"\n'
        'expires = 2999-01-01\nsuspects = ["P1"]\n'
    )
    assert score("--filters", "known.toml") == 0
    assert f"{len(before)} by your filters" in " ".join(capsys.readouterr().out.split())
    assert len(pd.read_csv(here / "run" / "findings.csv")) == 0
    suppressed = pd.read_csv(here / "run" / "suppressed.csv")
    assert suppressed["finding_id"].tolist() == before["finding_id"].tolist()
    assert set(suppressed["filter_author"]) == {"A. Analyst"}
    assert json.loads((here / "run" / "summary.json").read_text())["findings"]["suppressed"] == len(before)


def test_patterns_of_ones_own_are_added(here, capsys):
    (here / "pack").mkdir()
    core = resources.files("breachpattern.patterns") / "packs" / "core" / "repeat_breach.toml"
    mine = core.read_text(encoding="utf-8").replace('id = "repeat_breach"', 'id = "my_pattern"')
    (here / "pack" / "mine.toml").write_text(mine, encoding="utf-8")
    assert score("--patterns", "pack", "--quiet") == 0
    assert "my_pattern" in set(pd.read_csv(here / "run" / "findings.csv")["pattern"])
    assert main(["patterns", "test", "pack"]) == 0


def test_law_of_ones_own_is_added_and_named_in_the_versions(here):
    (here / "law").mkdir()
    (here / "law" / "mine.toml").write_text(
        '[offence.breach_northmarch]\ntitle = "Breach of a Northmarch order"\nrole = "breach"\nbreach_of = ["*"]\n'
        'labels = ["northmarch breach"]\nsource = "https://example.org/northmarch"\nchecked = 2026-11-23\n'
    )
    assert score("--quiet") == 0
    usual = json.loads((here / "run" / "summary.json").read_text())["versions"]["catalogue"]
    assert score("--law", "law", "--quiet") == 0
    assert json.loads((here / "run" / "summary.json").read_text())["versions"]["catalogue"] != usual


def test_other_files_than_csv_are_read(here):
    frame = pd.read_csv(here / "incidents.csv", dtype=str)
    frame.to_parquet(here / "incidents.parquet")
    frame.to_json(here / "incidents.jsonl", orient="records", lines=True)
    score("--quiet")
    wanted = pd.read_csv(here / "run" / "findings.csv")["finding_id"].tolist()
    for name in ("incidents.parquet", "incidents.jsonl"):
        assert main(["score", name, "--orders", "orders.csv", "--out", "run", "--quiet"]) == 0
        assert pd.read_csv(here / "run" / "findings.csv")["finding_id"].tolist() == wanted


# help ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("command", [[], *COMMANDS], ids=" ".join)
def test_every_command_teaches(command, capsys):
    assert main([*command, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Usage: breachpattern")
    assert "breachpattern " + " ".join(command) in said


@pytest.mark.parametrize("command", [["score"], ["check"], []], ids=" ".join)
def test_the_help_holds_the_exit_codes(command, capsys):
    main([*command, "--help"])
    said = capsys.readouterr().out
    assert all(f"  {code} " in said for code in (0, 1, 2, 3, 130))


@pytest.mark.parametrize(
    ("command", "codes"),
    [("score", "0 1 2 3 130"), ("update", "0 1 2 3 130"), ("watch", "0 1 2"), ("simulate", "0 1 2 130")],
)
def test_the_help_names_no_exit_code_that_a_command_does_not_have(command, codes, capsys):
    main([command, "--help"])
    said = capsys.readouterr().out
    told = [line.split()[0] for line in said.partition("Exit codes:")[2].splitlines() if line.strip()]
    assert told == codes.split()
    assert ("--max-rejected" in said) == ("3" in told)
    assert ("nothing is written" in said) == (command in ("score", "simulate"))


def test_no_command_at_all_prints_the_help(capsys):
    assert main([]) == 0
    assert "score" in capsys.readouterr().out


# errors -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "code", "mentions"),
    [
        (["frobnicate"], 2, "frobnicate"),
        (["score"], 2, "INCIDENTS"),
        (["score", "incidents.csv", "--nonsense"], 2, "--nonsense"),
        (["score", "incidents.csv", "--as-of", "30/06/2026"], 2, "2026-06-30"),
        (["score", "incidents.csv", "--max-rejected", "lots"], 2, "5%"),
        (["score", "incidents.csv", "--max-rejected", "7"], 2, "5%"),
        (["score", "incidents.csv", "--format", "xls"], 2, "parquet"),
        (["score", "nowhere.csv"], 1, "nowhere.csv"),
        (["score", "incidents.csv", "--query", "select 1"], 2, "read from no database"),
        (["check", "incidents.csv", "--query", "select 1"], 2, "read from no database"),
        (["score", "incidents.csv", "--out", "orders.csv/sub"], 1, "orders.csv is a file, so no folder"),
        (["score", "incidents.csv", "--filters", "nowhere.toml"], 1, "There is no such file or folder. Patterns and"),
        (["score", "incidents.csv", "--ot", "x"], 2, "). Try: breachpattern score --help"),
        (["score", "incidents.csv", "--mapping", "nowhere.toml"], 1, "nowhere.toml"),
        (["score", "incidents.csv", "--patterns", "nowhere"], 1, "nowhere"),
        (["score", "incidents.csv", "--law", "nowhere"], 1, "nowhere"),
        (["score", "incidents.csv", "--out", "."], 1, "not empty"),
        (["score", "."], 1, ""),
        (["explain", ".", "F1"], 1, "score"),
        (["schema", "nonsense"], 2, "incident"),
        (["law", "show", "non_molestationn"], 1, "non_molestation"),
        (["law", "show", "non_molestation", "--on", "May"], 2, "2019-05-01"),
        (["patterns", "show", "breach_in_curse"], 1, "breach_in_course"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_an_error_is_one_readable_paragraph(here, capsys, arguments, code, mentions):
    before = sorted(p.name for p in here.iterdir())
    assert main(arguments) == code
    assert mentions in one_paragraph(capsys)
    assert sorted(p.name for p in here.iterdir()) == before


def test_debug_shows_the_traceback_wherever_it_stands(here, capsys):
    for arguments in (["--debug", "score", "nowhere.csv"], ["score", "nowhere.csv", "--debug"]):
        assert main(arguments) == 1
        assert "Traceback" in capsys.readouterr().err


def test_the_unforeseen_is_said_in_words_too(here, capsys, monkeypatch):
    def broken(*_args, **_options):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("breachpattern.timelines.build", broken)
    assert score() == 1
    said = one_paragraph(capsys)
    assert "ZeroDivisionError" in said
    assert "--debug" in said
    assert not (here / "run").exists()


@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_a_password_is_never_echoed(here, capsys, debug):
    url = "postgresql://reader:hunter2@localhost:1/rms"
    assert main(["score", url, "--query", "select 1", *debug]) == 1
    said = capsys.readouterr()
    assert "hunter2" not in said.err + said.out


def test_a_password_is_in_no_output(here):
    pytest.importorskip("sqlalchemy")
    import sqlite3

    with sqlite3.connect(here / "rms.db") as db:
        pd.read_csv(here / "incidents.csv").to_sql("incidents", db, index=False)
    url = f"sqlite:///{here}/rms.db?password=hunter2"
    main(["score", url, "--query", "select * from incidents", "--out", "run", "--quiet"])
    for path in (here / "run").glob("*"):
        assert "hunter2" not in path.read_text(encoding="utf-8"), path.name


ENDING = [getattr(signal, name, signal.SIGINT) for name in ("SIGINT", "SIGTERM", "SIGHUP")]


@pytest.mark.parametrize("number", ENDING)
def test_an_interrupt_leaves_nothing_half_written(here, capsys, monkeypatch, number):
    def interrupted(*_args, **_options):
        signal.raise_signal(number)

    before = [signal.getsignal(number) for number in ENDING]
    monkeypatch.setattr("breachpattern.output.run._write_lines", interrupted)
    assert score() == 130
    assert one_paragraph(capsys) == "breachpattern: interrupted; nothing was written.\n"
    assert sorted(p.name for p in here.iterdir()) == ["incidents.csv", "orders.csv"]
    assert [signal.getsignal(number) for number in ENDING] == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="a signal of POSIX")
def test_a_hang_up_that_is_to_be_passed_over_is(here, monkeypatch):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        told = "breachpattern.cli.pages.print_summary"
        monkeypatch.setattr(told, lambda *_: signal.raise_signal(signal.SIGHUP))
        assert main(["score", "incidents.csv", "--out", "run"]) == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_impatient_second_interrupt_changes_nothing_of_what_is_said(here, capsys, monkeypatch):
    printable = console.printable

    def impatient(*given):
        signal.raise_signal(signal.SIGINT)
        return printable(given[0])

    monkeypatch.setattr("breachpattern.output.run._write_lines", impatient)
    monkeypatch.setattr(console, "printable", impatient)
    assert score() == 130
    assert one_paragraph(capsys) == "breachpattern: interrupted; nothing was written.\n"


@pytest.mark.parametrize(
    ("place", "command", "said"),
    [
        ("cli.pages.print_summary", ["score"], "run is written"),
        ("report.pack.write_pack", ["score", "--report"], "run is written, its review pack may not be"),
        ("cli.pages.print_check", ["check"], "run is written"),
        ("cli.audit._print", ["audit"], "run is written"),
    ],
)
def test_an_interrupt_after_the_outputs_says_that_they_are_written(here, capsys, monkeypatch, place, command, said):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    assert main([*command[:1], "incidents.csv", "--out", "run", "--quiet"]) == 0
    capsys.readouterr()
    monkeypatch.setattr(f"breachpattern.{place}", interrupted)
    assert main([*command, "incidents.csv", "--out", "run"]) == 130
    assert one_paragraph(capsys) == f"breachpattern: interrupted; {said}.\n"
    assert (here / "run" / "summary.json").is_file()


def test_memory_that_ends_after_the_outputs_is_not_said_to_have_left_nothing(here, capsys, monkeypatch):
    def short(*_args, **_options):
        raise MemoryError

    monkeypatch.setattr("breachpattern.report.pack.write_pack", short)
    assert main(["score", "incidents.csv", "--out", "run", "--report"]) == 1
    said = one_paragraph(capsys)
    assert "memory ran out" in said
    assert "run is written, its review pack may not be." in said
    assert "Nothing was written" not in said
    assert (here / "run" / "summary.json").is_file()


def test_ids_cannot_steer_the_terminal(here, capsys):
    (here / "incidents.csv").write_text(INCIDENTS.replace("P1", "P1\x1b[31m[red]").replace("I1,", "[bold]I1,"))
    (here / "orders.csv").write_text(ORDERS.replace("P1", "P1\x1b[31m[red]"))
    assert score() == 0
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "[red]" in said


def test_a_reader_that_goes_away_is_no_error(here):
    command = [sys.executable, "-m", "breachpattern", "schema", "outputs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode in (0, 1)  # typer itself answers 1 where it meets the closed pipe first
