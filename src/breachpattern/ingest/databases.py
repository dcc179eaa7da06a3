"""A query on a database as text. Nothing is changed there, and passwords never leave this module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.errors import InputError, MissingDependency
from breachpattern.ingest import frames
from breachpattern.ingest.queries import check_query
from breachpattern.ingest.secrets import safe_address, secrets_of, without_secrets
from breachpattern.ingest.sources import TextTable

_READ_ONLY = ("mysql", "mariadb", "oracle")
_NO_DATABASE = "Check that the address names a database of this kind, and that the file is whole."
_NO_ANSWER = "Check the address and the account, and that the database can be reached from here."
_NO_RESULT = "Check the query and the table names."


def read(url: str, table: str, query: str | None) -> TextTable:
    """Return the result of a query as a table of text.

    Parameters
    ----------
    url : str
        ``duckdb:///file`` is opened with DuckDB; any other URL with SQLAlchemy.
    table : str
        Without a query, the table of this name is read whole.
    query : str, optional
        One SELECT.

    Raises
    ------
    InputError
        Where the query does more than read, or the database or the query fails.
    MissingDependency
        Where the library for it is not installed.

    Notes
    -----
    A query is looked at before it runs, and runs where nothing can be written: SQLite and DuckDB files are opened
    read-only (DuckDB without access to other files), PostgreSQL, MySQL and Oracle in a read-only transaction.
    Whatever the database, the transaction is rolled back.
    """
    name = safe_address(url)
    query = check_query(query or f"SELECT * FROM {table}", name)
    result = _duckdb(url, query, name) if url.startswith("duckdb://") else _sqlalchemy(url, query, name)
    text = frames.from_frame(result, name)
    return TextTable(name, text.data, text.rows)


def _duckdb(url: str, query: str, name: str) -> pa.Table:
    try:
        import duckdb
    except ImportError:
        raise MissingDependency.for_extra("duckdb", "sql", "read a DuckDB database") from None
    path = url.removeprefix("duckdb:///").split("?")[0]
    if not Path(path).is_file():
        raise InputError("There is no such database file.", where=name, hint="Check the path after duckdb:///.")
    with _told(duckdb.Error, url, "The database cannot be opened", _NO_DATABASE):
        connection = duckdb.connect(path, read_only=True, config={"enable_external_access": "false"})
    with connection, _told(duckdb.Error, url, "The database did not answer the query", _NO_RESULT):
        return connection.sql(query).to_arrow_table()


def _sqlalchemy(url: str, query: str, name: str) -> pa.Table:
    try:
        import sqlalchemy
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError:
        raise MissingDependency.for_extra("SQLAlchemy", "sql", "read a database") from None
    engine = _engine(url, name)
    backend = engine.dialect.name
    hint = _NO_DATABASE if backend == "sqlite" else _NO_ANSWER
    try:
        with _told(SQLAlchemyError, url, "The database cannot be opened", hint):
            connection = engine.connect()
            if backend == "postgresql":
                connection = connection.execution_options(postgresql_readonly=True)
            elif backend in _READ_ONLY:
                connection.execute(sqlalchemy.text("SET TRANSACTION READ ONLY"))
            elif backend == "sqlite":
                connection.execute(sqlalchemy.text("PRAGMA query_only = ON"))
                connection.execute(sqlalchemy.text("PRAGMA schema_version"))
        with connection, _told(SQLAlchemyError, url, "The database did not answer the query", _NO_RESULT):
            result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
            names = list(result.keys())
            rows: list[Any] = [tuple(row) for row in result]
            connection.rollback()
    finally:
        engine.dispose()
    columns = [frames.objects_as_text([row[i] for row in rows]) for i in range(len(names))]
    return pa.table(columns, names=names)


def _engine(url: str, name: str) -> Any:
    import sqlalchemy
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        address = sqlalchemy.make_url(url)
    except ArgumentError:
        raise InputError(
            "The database URL is not understood.",
            where=name,
            hint="Write it as postgresql://user:password@host/database or sqlite:///file.",
        ) from None
    try:
        if address.get_backend_name() == "sqlite" and address.database:
            address = _read_only_file(address, name)
        return sqlalchemy.create_engine(address)
    except NoSuchModuleError:
        raise InputError(
            f"The database URL is not understood: there is no kind of database '{address.drivername}'.",
            where=name,
            hint="Known are sqlite, duckdb, postgresql, mysql, mariadb, oracle, mssql, and others once their "
            "SQLAlchemy dialect is installed.",
        ) from None
    except ArgumentError as error:
        raise InputError(
            f"The database URL is not understood: {_reason(error, url)}",
            where=name,
            hint="Write it as postgresql://user:password@host/database or sqlite:///file.",
        ) from None
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"The driver {error.name} is needed for this database.",
            where=name,
            hint=f"Install it with: pip install {error.name}",
        ) from None


def _read_only_file(address: Any, name: str) -> Any:
    """Return the address of a SQLite file so that it is opened read-only."""
    if address.database.startswith("file:") or address.database == ":memory:":
        return address
    path = Path(address.database)
    if not path.is_file():
        raise InputError("There is no such database file.", where=name, hint="Check the path after sqlite:///.")
    if address.get_driver_name() != "pysqlite":
        return address
    return address.set(database=path.resolve().as_uri()).update_query_dict({"mode": "ro", "uri": "true"})


@contextmanager
def _told(kind: type[Exception], url: str, what: str, hint: str) -> Iterator[None]:
    """Turn the errors of a database library into one of ours, without secrets."""
    try:
        yield
    except kind as error:
        cause = getattr(error, "orig", None) or error
        raise InputError(f"{what}: {_reason(cause, url)}", where=safe_address(url), hint=hint) from None


def _reason(error: BaseException, url: str) -> str:
    """Return the first sentence of a library's error, without secrets and without its guesses."""
    reason = without_secrets(" ".join(str(error).partition("\nLINE ")[0].split()))
    for secret in secrets_of(url):
        reason = reason.replace(secret, "***")
    return reason.partition(" Did you mean ")[0][:300].rstrip(".")
