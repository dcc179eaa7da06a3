"""A register of each kind of database, and two runs: what was known first, and what was known later."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.review.register.given import INCIDENTS, analyse

from breachpattern.analysis.runs import Run
from breachpattern.review.register import Register


@pytest.fixture(scope="session")
def first() -> Run:
    """Two breaches of one order."""
    return Run.of(analyse(INCIDENTS[:2]))


@pytest.fixture(scope="session")
def later() -> Run:
    """A third has come."""
    return Run.of(analyse(INCIDENTS))


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the first run."""
    return analyse(INCIDENTS[:2]).write(tmp_path_factory.mktemp("runs") / "first")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a register that is not there yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/register.db"
        return
    import sqlalchemy as sa

    server, schema = os.environ["BREACHPATTERN_TEST_POSTGRES"], f"r{uuid.uuid4().hex}"
    engine = sa.create_engine(server, poolclass=sa.pool.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateSchema(schema))
    yield f"{server}&options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(sa.schema.DropSchema(schema, cascade=True))


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a register that was just made: copied, it saves making one for every test."""
    path = tmp_path_factory.mktemp("registers") / "blank.db"
    Register(f"sqlite:///{path}", who="A. Reader").close()
    return path


@pytest.fixture
def register(url: str, blank: Path) -> Iterator[Register]:
    """A register that A. Reader works with."""
    if url.startswith("sqlite"):
        shutil.copy(blank, url.removeprefix("sqlite:///"))
    with Register(url, who="A. Reader") as register:
        yield register
