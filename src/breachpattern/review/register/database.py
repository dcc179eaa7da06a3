"""The database of a register: one writer at a time, whole transactions, SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, StaticPool

from breachpattern.errors import MissingDependency, RegisterError, UsageError
from breachpattern.ingest.secrets import safe_address
from breachpattern.review.register import log
from breachpattern.review.register.refusals import WAIT, told
from breachpattern.review.register.upgrade import upgrade, version_of

KINDS = ("sqlite", "postgresql")
_LOCK = 0x6272_7061  # PostgreSQL: the advisory lock of whoever writes to a register of this database
# EXTRA: after a power cut too, what was confirmed stands. secure_delete: what is purged is overwritten.
_PRAGMAS = ("foreign_keys = ON", "synchronous = EXTRA", "secure_delete = ON")


class Database:
    """Where the rows are.

    Parameters
    ----------
    url : str
        ``sqlite:///file`` or ``postgresql://user:password@host/database``.
    who : str
        Who is at work, for the log.
    create : bool, default True
        Make it where there is none, and bring an older schema up to date.
    """

    def __init__(self, url: str, who: str, *, create: bool = True) -> None:
        self.url, self.name = url, safe_address(url)
        address = _address(url, self.name)
        self._kind: str = address.get_backend_name()
        self.begins = False
        if self._kind == "sqlite":
            address, self.begins = _file(address, self.name, create)
        self._engine = _engine(address, self.name, memory=self._kind == "sqlite" and not address.database)
        if self._kind == "sqlite":
            sa.event.listen(self._engine, "connect", _set_up_sqlite)
            sa.event.listen(self._engine, "begin", _begin_sqlite)
        try:
            self._bring_up_to_date(who, create)
        except BaseException:
            self.close()
            raise

    def _bring_up_to_date(self, who: str, create: bool) -> None:
        with self.reading() as connection:
            found, known = version_of(connection, self.name)
        if found == known:
            return
        if not create:
            raise RegisterError(
                f"There is no register here{f' of this form (it has schema {found})' if found else ''}.",
                where=self.name,
                hint="Check the address; `breachpattern review list` and `decide` make a register where none is.",
            )
        with self.writing() as connection:
            before = upgrade(connection, self.name)
            if before is not None:
                counts = {"from": int(before or 0), "to": int(known)}
                log.append(connection, at=log.now(), actor=who, kind="schema", counts=counts)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Give a transaction that nobody else writes beside; it is kept when the block ends well, else undone."""
        with told(self.url), self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            if self._kind == "postgresql":
                wait = sa.select(sa.func.set_config("lock_timeout", f"{WAIT}s", True))
                connection.execute(wait)
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Give a view of one moment, in which nothing can be written."""
        options: dict[str, Any] = {}
        if self._kind == "postgresql":
            options = {"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
        with told(self.url), self._engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection

    def sweep(self) -> None:
        """Let nothing of purged rows stay in the files of the database; SQLite has overwritten it already."""
        if self._kind == "postgresql":
            with told(self.url), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(sa.text("VACUUM review_decisions"))

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _address(url: str, name: str) -> sa.URL:
    try:
        address = sa.make_url(url)
    except ArgumentError:
        raise UsageError(
            "This is no address of a register.",
            where=name,
            hint="Write sqlite:///register.db, or postgresql://user@host/database.",
        ) from None
    if address.get_backend_name() not in KINDS:
        raise UsageError(
            f"A register cannot be kept in '{address.drivername}'.",
            where=name,
            hint="SQLite for one person (sqlite:///register.db), PostgreSQL for a team (postgresql://user@host/database).",
        )
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    return address


def _engine(address: sa.URL, name: str, *, memory: bool) -> sa.Engine:
    if address.get_backend_name() == "postgresql":
        options: dict[str, Any] = {"pool_pre_ping": True, "connect_args": {"connect_timeout": WAIT}}
    else:
        options = {"poolclass": StaticPool if memory else NullPool, "connect_args": {"timeout": WAIT}}
        options["connect_args"] |= {"check_same_thread": False}
    try:
        # What is bound is what people wrote: it stands in no error and in no log.
        return sa.create_engine(address, hide_parameters=True, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        if "psycopg" in str(error):
            raise MissingDependency.for_extra("psycopg", "postgresql", "keep the register in PostgreSQL") from None
        raise UsageError(
            f"The driver '{address.drivername}' is not at hand.",
            where=name,
            hint="Write postgresql://user@host/database.",
        ) from None


def _file(address: sa.URL, name: str, create: bool) -> tuple[sa.URL, bool]:
    """Return the address of a SQLite file that is there, made readable by its owner alone where it was not.

    It is opened in a way in which a lost file is an error, and never an empty register in its place.
    """
    if address.database in (None, "", ":memory:"):
        return address.set(database=None), True
    database = str(address.database)
    if database.startswith("file:"):
        return address.update_query_dict({"uri": "true"}), False
    path = Path(database).expanduser().absolute()
    begins = False
    if not path.exists():
        if not create:
            raise RegisterError("There is no register here.", where=name, hint="Check the path after sqlite:///.")
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            begins = True
        except FileExistsError:
            pass
        except OSError as error:
            raise RegisterError(
                f"The register cannot be made: {error.strerror}.",
                where=name,
                hint="Name a file in a folder that is there, and that you may write to.",
            ) from None
    mode = str(address.query.get("mode", "rw"))
    address = address.set(database=path.as_uri())
    return address.update_query_dict({"mode": mode, "uri": "true"}), begins


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, DDL within them
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes the lock at once: one that first reads and then wants to write can only fail.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
