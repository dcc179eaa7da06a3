"""A query on a database as text; passwords never leave this module."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pyarrow as pa

from breachpattern.errors import InputError, MissingDependency
from breachpattern.ingest import frames
from breachpattern.ingest.sources import TextTable

_SECRET = re.compile(r"(://[^:/@\s]*):[^@/\s]*@")


def without_password(text: str) -> str:
    """Return a text with the passwords of URLs in it masked.

    Examples
    --------
    >>> without_password("postgresql://ann:secret@host/db")
    'postgresql://ann:***@host/db'
    """
    return _SECRET.sub(r"\1:***@", text)


def read(url: str, table: str, query: str | None) -> TextTable:
    """Return the result of a query as a table of text.

    Parameters
    ----------
    url : str
        ``duckdb:///file`` is opened with DuckDB, read-only; any other URL with SQLAlchemy.
    table : str
        Without a query, the table of this name is read whole.
    query : str, optional
        SQL.

    Raises
    ------
    InputError
        Where the database or the query fails.
    MissingDependency
        Where the library for it is not installed.
    """
    name = without_password(url)
    query = query or f"SELECT * FROM {table}"
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
    try:
        with duckdb.connect(path, read_only=True) as connection:
            result = connection.sql(query)
            if result is None:
                raise InputError("The query gives no table.", where=name, hint="Write a SELECT.")
            return result.to_arrow_table()
    except duckdb.Error as error:
        raise _failed(error, name) from None


def _sqlalchemy(url: str, query: str, name: str) -> pa.Table:
    try:
        import sqlalchemy
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
    except ImportError:
        raise MissingDependency.for_extra("SQLAlchemy", "sql", "read a database") from None
    try:
        address = sqlalchemy.make_url(url)
        if address.get_backend_name() == "sqlite" and address.database and not Path(address.database).is_file():
            raise InputError("There is no such database file.", where=name, hint="Check the path after sqlite:///.")
        engine = sqlalchemy.create_engine(address)
    except (ArgumentError, NoSuchModuleError) as error:
        raise InputError(f"The database URL is not understood: {without_password(str(error))}", where=name) from None
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"The driver {error.name} is needed for this database.",
            where=name,
            hint=f"Install it with: pip install {error.name}",
        ) from None
    try:
        with engine.connect() as connection:
            result = connection.execute(sqlalchemy.text(query))
            names = list(result.keys())
            rows: list[Any] = [tuple(row) for row in result]
    except SQLAlchemyError as error:
        raise _failed(getattr(error, "orig", None) or error, name) from None
    finally:
        engine.dispose()
    columns = [frames.objects_as_text([row[i] for row in rows]) for i in range(len(names))]
    return pa.table(columns, names=names)


def _failed(error: BaseException, name: str) -> InputError:
    reason = without_password(" ".join(str(error).split()))[:300]
    return InputError(
        f"The database did not answer the query: {reason}",
        where=name,
        hint="Check the query and the table names.",
    )
