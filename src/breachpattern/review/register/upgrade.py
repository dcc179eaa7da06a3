"""Schemas: a register is made, or brought up to date, by the migrations that come with the package."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from breachpattern.errors import MissingDependency, RegisterError
from breachpattern.review.register.tables import SCHEMA, VERSION_TABLE

MIGRATIONS = Path(__file__).with_name("migrations")


def version_of(connection: sa.Connection, name: str) -> tuple[str | None, str]:
    """Return the schema of a register, ``None`` where there is none yet, and the newest one known.

    Raises
    ------
    RegisterError
        Where a newer version of this library made it.
    """
    found = None
    if sa.inspect(connection).has_table(VERSION_TABLE):
        versions = sa.table(VERSION_TABLE, sa.column("version_num"))
        found = connection.execute(sa.select(versions.c.version_num)).scalar()
    if found is not None and found > SCHEMA:
        raise RegisterError(
            f"A newer breachpattern made this register: it has schema {found}, and this one knows {SCHEMA} at most.",
            where=name,
            hint="Upgrade breachpattern (pip install --upgrade 'breachpattern[register]'). The register is as it was.",
        )
    return found, SCHEMA


def upgrade(connection: sa.Connection, name: str) -> str | None:
    """Bring a register to the newest schema within a transaction; return the one before, ``None`` where that was it.

    Raises
    ------
    MissingDependency
        Where alembic is not installed.
    RegisterError
        As :func:`version_of`.
    """
    # Another process may have done it while this one waited.
    found, known = version_of(connection, name)
    if found == known:
        return None
    try:
        from alembic import command
        from alembic.config import Config
    except ImportError:
        raise MissingDependency.for_extra("alembic", "register", "make a register or bring it up to date") from None
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return found or ""
