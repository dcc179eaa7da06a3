"""User files: what they may say, and what is said about what they may not."""

from datetime import date

import pytest

from breachpattern.errors import CatalogueError
from breachpattern.law import Catalogue, lint

ORDER = """
[order_kind.village_ban]
title = "Village ban"
labels = ["village ban", "ban from the village"]
made_under = ["mca1980.s63(3)"]
from = 2020-01-01

[[order_kind.village_ban.breach]]
nature = "civil_order"
term_classes = ["prohibition"]
provisions = ["mca1980.s63(3)"]

[offence.breach_village_ban]
title = "Breach of a village ban"
role = "breach"
breach_of = ["village_ban"]
ho_codes = ["999/98"]
"""

WRONG = [
    ('[order_kind.x]\ntitle = "X"\nawarness = "none"\n', "'awarness' is not a key", "Did you mean 'awareness'"),
    ('[order_kind.x]\ntitle = "X"\nawareness = "maybe"\n', "may not be 'maybe'", "none, without_notice, service"),
    ("[order_kind.x]\n", "needs 'title'", ""),
    ("[order_kind.x]\ntitle = 3\n", "'title' must be text", ""),
    ('[order_kind.x]\ntitle = "X"\nmax_days = true\n', "'max_days' must be a whole number", ""),
    ('[order_kind.x]\ntitle = "X"\nlabels = "x"\n', "'labels' must be a list of texts", ""),
    ('[order_kind.x]\ntitle = "X"\nfrom = "2020-01-01"\n', "'from' must be a date", "without quotes"),
    ('[order_kind.x]\ntitle = "X"\nfrom = 2020-01-02\nto = 2020-01-01\n', "ends", ""),
    ('[order_kind.x]\ntitle = "X"\nmade_under = ["pha1997.s99"]\n', "names 'pha1997.s99'", "Nearest"),
    ('[[order_kind.x.breach]]\nnature = "crime"\n[order_kind.x2]\ntitle = "X"\n', "may not be 'crime'", "contempt"),
    ('[order_kinds.x]\ntitle = "X"\n', "no such section", "Sections are"),
    ('[provision."abc2020.s1"]\nsummary = "S"\n', "Act 'abc2020' is not known", "Nearest"),
    ('[act.abc2020]\ntitle = "A"\n', "is not a whole Act", "url"),
    ('[catalogue]\nchecked = "2026"\n', "'checked' cannot be '2026'", "a date"),
    ('[words]\nstops = ["x"]\n', "'stops' is not a table of words", "stop"),
    ('[offence.x]\ntitle = "X"\nbreach_of = ["nothing"]\n', "names 'nothing'", ""),
    ('[offence.x]\ntitle = "X"\nho_codes = ["8Q"]\n', "'8Q' in ho_codes is no offence code", "008/65"),
    ("[offence.x\n", "is not valid TOML", ""),
    ("offence = 3\n", "must hold one table for each id", "Write [offence.ID]"),
]


@pytest.fixture
def folder(tmp_path):
    def write(text, name="own.toml"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_new_order_kind_is_known_by_its_labels_at_once(folder):
    law = Catalogue.load([folder(ORDER)])
    assert law.breach_in_law("village_ban", "prohibition", date(2024, 1, 1)).nature == "civil_order"
    assert law.recognise(None, "Breached ban from the vilage").offence == "breach_village_ban"
    assert law.recognise("999/98", None).offence == "breach_village_ban"
    assert law.recognise_order_kind("Village Ban") == "village_ban"
    assert "village_ban" not in Catalogue.load().order_kinds


def test_an_entry_of_the_same_id_is_laid_over_and_says_where_it_came_from(folder):
    path = folder('[offence.harassment]\ntitle = "Our harassment"\nho_codes = ["195/94"]\n')
    law = Catalogue.load([path])
    offence, built_in = law.offences["harassment"], Catalogue.load().offences["harassment"]
    assert (offence.title, offence.ho_codes) == ("Our harassment", built_in.ho_codes[:1])
    assert (offence.provisions, offence.labels, offence.conduct) == (
        built_in.provisions, built_in.labels, built_in.conduct
    )  # fmt: skip
    assert offence.origin == str(path / "own.toml")
    assert law.offences["stalking"].origin == "built-in:offences_conduct.toml"
    assert Catalogue.load().offences["harassment"].title == "Harassment without violence"


def test_a_title_of_ones_own_costs_an_order_nothing_else(folder):
    law = Catalogue.load([folder('[order_kind.stalking_protection]\ntitle = "Our SPO"\n')])
    own, built_in = (c.order_kinds["stalking_protection"] for c in (law, Catalogue.load()))
    assert own.title == "Our SPO"
    for name in ("breaches", "labels", "notification", "in_force", "family", "made_under"):
        assert getattr(own, name) == getattr(built_in, name)
    assert law.recognise_order_kind("SPO") == "stalking_protection"


def test_the_layers_add_up_and_whole_leaves_nothing_of_what_was_said(tmp_path, folder):
    first, second = tmp_path / "first", tmp_path / "second"
    for path, text in (
        (first, '[order_kind.dvpo]\nmax_days = 21\nlabels = ["domestic ban"]\n'),
        (second, '[order_kind.dvpo]\ntitle = "Ban"\n[order_kind.dvpn]\nwhole = true\ntitle = "Bare"\n'),
    ):
        path.mkdir()
        (path / "own.toml").write_text(text, encoding="utf-8")
    kinds = Catalogue.load([first, second]).order_kinds
    assert (kinds["dvpo"].title, kinds["dvpo"].max_days, kinds["dvpo"].labels) == ("Ban", 21, ("domestic ban",))
    assert kinds["dvpo"].breaches == Catalogue.load().order_kinds["dvpo"].breaches
    assert (kinds["dvpn"].title, kinds["dvpn"].breaches, kinds["dvpn"].begins) == ("Bare", (), "making")
    with pytest.raises(CatalogueError, match="'whole' is not a key"):
        Catalogue.load([folder('[order_kind.dvpn]\nwhole = "yes"\n')])


@pytest.mark.parametrize("code", ["8/99", "00899", " 008 / 99 "])
def test_a_code_of_ones_own_is_found_however_it_is_written(folder, code):
    law = Catalogue.load([folder(f'[offence.mine]\ntitle = "Mine"\nho_codes = ["{code}"]\ncjs_codes = ["zz99001"]\n')])
    assert {law.recognise(one, None).offence for one in ("008/99", "8/99", "ZZ99001")} == {"mine"}


def test_a_recording_rule_of_ones_own_ends_the_one_before(folder):
    law = Catalogue.load([folder('[recording_rule.new]\ntitle = "New"\nfrom = 2027-05-01\n')])
    assert law.recording_rule(date(2027, 4, 30)).id == "may_2023"
    assert law.recording_rule(date(2027, 5, 1)).id == "new"
    assert [rule.in_force.holds(date(2028, 1, 1)) for rule in law.recording_rules].count(True) == 1


def test_of_two_entries_with_one_code_the_later_has_it_as_the_lint_says(folder):
    path = folder('[offence.mine]\ntitle = "Mine"\nho_codes = ["195/94"]\nsource = "https://example.org"\n')
    assert Catalogue.load([path]).recognise("195/94", None).offence == "mine"
    assert "that of the entry read last" in " ".join(issue.hint for issue in lint([path]))


def test_the_version_changes_with_the_users_files(folder):
    first = Catalogue.load([folder(ORDER)])
    second = Catalogue.load([folder(ORDER + "# a remark\n")])
    assert first.version.startswith(Catalogue.load().version + "+")
    assert first.version != second.version


def test_a_users_check_date_is_for_the_users_entries(folder):
    law = Catalogue.load([folder("[catalogue]\nchecked = 2020-06-01\n" + ORDER)])
    assert law.order_kinds["village_ban"].checked == date(2020, 6, 1)
    assert law.checked == law.offences["stalking"].checked == Catalogue.load().checked


def test_words_are_added_to_the_built_in_ones(folder):
    law = Catalogue.load([folder('[words.same]\nbreach = ["flouted"]\n')])
    assert law.recognise(None, "Flouted restraining order").offence == "breach_restraining"
    assert law.recognise(None, "Breached restraining order").offence == "breach_restraining"


def test_a_later_folder_wins(folder, tmp_path):
    folder('[offence.harassment]\ntitle = "One"\n')
    second = tmp_path / "second"
    second.mkdir()
    (second / "a.toml").write_text('[offence.harassment]\ntitle = "Two"\n', encoding="utf-8")
    assert Catalogue.load([tmp_path, second]).offences["harassment"].title == "Two"
    assert Catalogue.load([second, tmp_path]).offences["harassment"].title == "One"


@pytest.mark.parametrize(("text", "message", "hint"), WRONG)
def test_a_wrong_entry_is_refused_with_file_entry_and_what_would_work(folder, text, message, hint):
    with pytest.raises(CatalogueError) as error:
        Catalogue.load([folder(text)])
    assert message in str(error.value)
    assert hint in str(error.value)
    assert "own.toml" in str(error.value)


def test_the_same_id_twice_in_one_folder_is_refused(folder):
    folder('[offence.mine]\ntitle = "One"\n', "a.toml")
    with pytest.raises(CatalogueError, match="is already defined"):
        Catalogue.load([folder('[offence.mine]\ntitle = "Two"\n', "b.toml")])


def test_a_folder_that_is_not_there_or_empty_is_refused(tmp_path):
    with pytest.raises(CatalogueError, match="cannot be read"):
        Catalogue.load([tmp_path / "nowhere"])
    with pytest.raises(CatalogueError, match="holds no TOML files"):
        Catalogue.load([tmp_path])
