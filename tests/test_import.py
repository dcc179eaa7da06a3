import json
import subprocess
import sys

import pytest

import breachpattern

HEAVY = {"pandas", "numpy", "pyarrow", "sklearn", "scipy", "networkx", "duckdb", "pydantic", "typer", "rich"}


def modules_after(code):
    script = f"{code}\nimport sys, json\nprint(json.dumps(sorted(m for m in sys.modules if '.' not in m)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_loads_no_heavy_library():
    assert not HEAVY & modules_after("import breachpattern")


def test_the_help_of_the_command_line_loads_no_heavy_library():
    code = "from breachpattern.cli import main\nfor a in (['--help'], ['score', '--help']): assert main(a) == 0"
    # typer loads rich or pydantic for itself, depending on its version
    assert not (HEAVY - {"typer", "rich", "pydantic"}) & modules_after(code)


def test_scoring_loads_neither_graphs_nor_estimators():
    assert not {"sklearn", "networkx", "duckdb", "sqlalchemy"} & modules_after("import breachpattern.analysis")


@pytest.mark.further
def test_frames_of_scoring_load_no_estimators():
    code = "from breachpattern.scoring import feature_frame, pattern_frame"
    assert not {"sklearn", "networkx", "skops"} & modules_after(code)


@pytest.mark.parametrize("name", breachpattern.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name):
    thing = getattr(breachpattern, name)
    assert name == "__version__" or thing.__doc__
    assert name in dir(breachpattern)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'grahp'"):
        _ = breachpattern.grahp
