"""Schemas: made by the migrations, the same as the tables that are used; a newer one is refused in words."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from tests.review.register.given import tampered

from breachpattern.errors import RegisterError
from breachpattern.review.register import Register
from breachpattern.review.register.tables import METADATA, SCHEMA, VERSION_TABLE
from breachpattern.review.register.upgrade import MIGRATIONS


def test_the_newest_migration_is_the_schema_that_is_used() -> None:
    from alembic.script import ScriptDirectory

    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [SCHEMA]
    assert [revision.down_revision for revision in script.walk_revisions()][-1] is None


def test_migrations_make_the_tables_that_are_used(url: str) -> None:
    Register(url).close()
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    inspector = sa.inspect(engine)
    for name, table in METADATA.tables.items():
        made = {column["name"]: column for column in inspector.get_columns(name)}
        assert set(made) == set(table.columns.keys())
        for column in table.columns:
            assert made[column.name]["nullable"] == (column.nullable and not column.primary_key), column
            assert made[column.name]["type"].compile(engine.dialect) == column.type.compile(engine.dialect), column


def test_opening_it_again_changes_nothing(url: str) -> None:
    with Register(url) as register:
        before = register.verify()
    with Register(url) as register:
        assert register.verify() == before


def test_a_newer_schema_is_refused_in_words(url: str) -> None:
    Register(url).close()
    tampered(url, f"update {VERSION_TABLE} set version_num = '0999'")
    with pytest.raises(
        RegisterError, match=r"A newer breachpattern made this register: it has schema 0999, .* 0001 at most"
    ):
        Register(url)
    assert tampered(url, f"select version_num from {VERSION_TABLE}") == [("0999",)]


def test_a_database_that_holds_other_tables_is_shared(url: str) -> None:
    tampered(url, "create table crimes (id integer)")
    with Register(url) as register:
        assert register.verify().ok
    assert tampered(url, "select count(*) from crimes") == [(0,)]
