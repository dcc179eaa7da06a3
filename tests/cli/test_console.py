import io
import time
import warnings

import pytest

from breachpattern.cli import console
from breachpattern.cli.console import Progress, complain, printable, show_notes
from breachpattern.cli.options import share
from breachpattern.errors import UsageError
from breachpattern.law import CatalogueStaleWarning


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("terminal", "quiet", "shown"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_progress_shows_on_a_terminal_once_it_takes_a_moment(monkeypatch, terminal, quiet, shown):
    stream = Terminal() if terminal else io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(console, "PATIENCE", 0.01)
    with Progress(quiet) as progress:
        progress("reading", 0, 4)
        time.sleep(0.15)
        progress("reading", 2, 4)
        progress("writing", 0, None)
        time.sleep(0.15)
    assert ("reading" in stream.getvalue()) is shown
    assert ("writing" in stream.getvalue()) is shown


def test_a_short_run_shows_no_progress(monkeypatch):
    stream = Terminal()
    monkeypatch.setattr("sys.stderr", stream)
    with Progress(False) as progress:
        progress("reading", 0, 4)
    assert stream.getvalue() == ""


def test_notes_of_this_library_are_one_line_and_others_are_hidden(capsys):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        show_notes(debug=False)
        warnings.warn("checked until 2026-11-23", CatalogueStaleWarning, stacklevel=1)
        warnings.warn("numpy will change", DeprecationWarning, stacklevel=1)
    assert capsys.readouterr().err == "note: checked until 2026-11-23\n"


@pytest.mark.parametrize(
    ("error", "code", "mentions"),
    [
        (MemoryError(), 1, "memory"),
        (PermissionError(13, "Permission denied", "x.csv"), 1, "x.csv: Permission denied"),
        (SystemExit(4), 4, ""),
        (UsageError("No.", hint="Yes."), 2, "No. Yes."),
    ],
)
def test_each_error_has_its_words_and_its_code(capsys, error, code, mentions):
    assert complain(error) == code
    assert mentions in capsys.readouterr().err


def test_control_characters_are_shown_as_such():
    assert printable("a\x1b[2J\r\x07é") == "a?[2J??é"


@pytest.mark.parametrize("text", ["", "five", "-1%", "101%", "5", "nan"])
def test_what_is_no_share_is_refused(text):
    with pytest.raises(UsageError, match=r"0\.05"):
        share(text)
