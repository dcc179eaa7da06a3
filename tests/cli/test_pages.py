from breachpattern.cli.pages import print_line, print_pattern, print_text, said
from breachpattern.patterns import load_packs


def test_counts_in_words():
    assert said({"recorded": 1234, "unrecorded": 0}) == "recorded 1,234"
    assert said({"recorded": 0}) == "none"


def test_text_from_the_data_is_never_taken_for_styling(capsys):
    print_text("[bold]P1[/bold] \x1b[31m")
    print_line("[bold]Files[/]", "[red]out")
    assert capsys.readouterr().out == "[bold]P1[/bold] ?[31m\nFiles [red]out\n"


def test_a_level_is_shown_with_its_reason_and_the_conditions_below_it(capsys):
    print_pattern(next(pattern for pattern in load_packs() if pattern.id == "repeat_breach"))
    page = capsys.readouterr().out
    assert ":;" not in page
    assert "\n  critical: a clear course" in page
    assert "\n      course_strength (at_least clear)\n      breaches (at_least 3, certain)" in page
    assert "Status test (on trial" in page


def test_every_pattern_can_be_shown_whole(capsys):
    for pattern in load_packs():
        print_pattern(pattern)
        page = " ".join(capsys.readouterr().out.split())
        for part in (
            pattern.title,
            pattern.summary,
            *pattern.provisions,
            *pattern.false_positives,
            *pattern.criteria(),
        ):
            assert " ".join(part.split()) in page
