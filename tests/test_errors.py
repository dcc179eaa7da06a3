import ast
import pickle
from pathlib import Path

import pytest

from breachpattern import errors

FAMILY = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.BreachpatternError)]


@pytest.mark.parametrize("kind", FAMILY)
def test_an_error_says_where_what_and_what_would_work_and_survives_pickling(kind):
    error = kind("The column is missing.", where="incidents.csv", hint="Add it.")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "incidents.csv: The column is missing. Add it."
    assert type(copy) is kind


def test_codes_are_distinct():
    assert len({kind.code for kind in FAMILY}) == len(FAMILY)


def test_no_error_of_ours_is_without_advice():
    """Whoever makes an error says what would work; where it is passed on as ``**…``, it is said there."""
    names = {kind.__name__ for kind in FAMILY}
    silent = [
        f"{path.name}:{made.lineno}"
        for path in Path(errors.__file__).parent.rglob("*.py")
        for made in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(made, ast.Call) and getattr(made.func, "id", getattr(made.func, "attr", "")) in names
        if not any(given.arg in ("hint", None) for given in made.keywords)
    ]
    assert silent == []
