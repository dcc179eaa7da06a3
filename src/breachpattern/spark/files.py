"""From files to the run folder by way of Spark: what ``breachpattern score --engine spark`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from breachpattern.analysis import instant_of
from breachpattern.buckets.run import TOP
from breachpattern.buckets.run import Scored as Written
from breachpattern.errors import BreachpatternError, InputError, ResourceError
from breachpattern.ingest import Issues
from breachpattern.ingest import Mapping as Plan
from breachpattern.ingest.extract import refuse_idle_query, with_broken
from breachpattern.ingest.sources import content, digest_of, read_source
from breachpattern.output.folder import check_target
from breachpattern.output.run import check_format, write_run
from breachpattern.output.schema import OUTPUTS
from breachpattern.output.summary import with_considered
from breachpattern.output.tables import quarantined, schema_of
from breachpattern.patterns.packs import read_packs
from breachpattern.spark.frames import ROW, Source, frame_of, source_of
from breachpattern.spark.scored import Scored
from breachpattern.spark.scoring import score_sources
from breachpattern.spark.session import check_installed, of_spark, running, start, told

if TYPE_CHECKING:
    from breachpattern.analysis import Analyser

Progress = Callable[[str, int, int | None], None]
PARQUET = ".parquet"
LINE = "line of the file"
LINES_AT_ONCE = 2_048
# Of what Parquet holds, beside times in nanoseconds.
UNKNOWN = (pa.types.is_time, pa.types.is_duration, pa.types.is_float16, pa.types.is_decimal256)


def score_files(
    sources: Mapping[str, str | None],
    *,
    analyser: Analyser,
    out: str | Path,
    master: str,
    as_of: str | date | datetime | None = None,
    mapping: str | Path | None = None,
    query: str | None = None,
    format: str = "csv",
    include_not_breach: bool = False,
    settings: Mapping[str, Any] | None = None,
    on_progress: Progress | None = None,
) -> Written:
    """Score files on Spark and write the run folder, the same as on one machine.

    Parquet files and folders are read by Spark, wherever they lie; anything else by the driver.

    Parameters
    ----------
    sources : mapping of str to str or None
        By table, a path, an address of a Parquet file that Spark reads (``s3a://…``), or a database URL.
    analyser : Analyser
    out, as_of, mapping, query, format, include_not_breach, settings, on_progress
        As :meth:`breachpattern.Analyser.score` takes them.
    master : str
        Where Spark runs: ``local[2]``, ``yarn``, ``spark://host:7077``, ``k8s://…``.

    Raises
    ------
    MissingDependency
        Where PySpark or Java is missing.
    UsageError
        Where Spark does not start there.
    InputError
        Where a source cannot be read.
    ResourceError
        Where Spark gives up.
    OutputError
        Where the folder is not ours to replace or cannot be written.
    """
    report = on_progress or (lambda *_: None)
    started = datetime.now(UTC)
    instant = instant_of(started if as_of is None else as_of)
    # What can be refused is refused before hours of work, not after.
    check_format(format)
    check_target(Path(out))
    check_installed()
    read_packs(analyser.patterns, analyser.filters)
    plan = Plan() if mapping is None else Plan.load(mapping)
    if query is not None:
        refuse_idle_query("incidents", sources.get("incidents"))
    known = {**(settings or {}), "format": format, "include_not_breach": include_not_breach}
    with _spark(master, report) as session:
        report("reading", 0, None)
        given = {
            table: _source(session, source, table, plan, query if table == "incidents" else None)
            for table, source in sources.items()
            if source is not None
        }
        report("finding who is connected", 0, None)
        scored = score_sources(given, analyser, instant, plan, started=started, considered=include_not_breach)
        scored.settings |= known
        report("scoring", 0, None)
        try:
            return _written(scored, Path(out), format, report)
        finally:
            scored.unpersist()


@contextmanager
def _spark(master: str, report: Progress) -> Iterator[Any]:
    """Give a session, and say in words what goes wrong with it; one of our own ends with the work."""
    report("starting Spark", 0, None)
    own = running() is None
    session = start(master)
    try:
        yield session
    except BreachpatternError:
        raise
    except Exception as error:
        if not of_spark(error):
            raise
        raise ResourceError(
            f"Spark gave up: {told(error)}.",
            where=f"--master {master}",
            hint="Nothing was written. --debug shows what Spark says; smaller tasks or more memory for them may help "
            "(docs/how-to/spark.md).",
        ) from error
    finally:
        if own:
            session.stop()


def _source(session: Any, source: str, table: str, plan: Plan, query: str | None) -> Source:
    """Return a source as Spark has it: Parquet by its own reader, anything else by ours."""
    if query is None and source.rstrip("/").lower().endswith(PARQUET) and not _beyond_spark(source):
        return _parquet(session, source, table)
    text = read_source(source, table, plan.table(table).layout(query))
    cells = {f"c{place}": column for place, column in enumerate(text.data.columns)}
    frame = frame_of(session, pa.table({ROW: pa.array(text.rows)} | cells))
    described = replace(text, data=text.data.slice(0, 0), rows=text.rows[:0])
    return Source(table, text.name, tuple(text.data.column_names), frame, file=described)


def _parquet(session: Any, source: str, table: str) -> Source:
    path = None if "://" in source else Path(source).expanduser()
    if path is not None and not path.is_dir() and not (path.exists() and path.stat().st_size):
        content(path)  # says what is wrong with it
    try:
        frame = session.read.parquet(source if path is None else path.absolute().as_uri())
    except Exception as error:
        if not of_spark(error):
            raise
        raise InputError(
            f"Spark cannot read this: {told(error)}.",
            where=source,
            hint="Name Parquet files that Spark may read.",
        ) from error
    name = source.rstrip("/").rsplit("/", 1)[-1]
    if path is None or path.is_dir():
        return source_of(frame, table, name=name)
    numbered = frame.selectExpr("*", f"_metadata.row_index + 2 as `{LINE}`")
    found = source_of(numbered, table, name=name, row=LINE, trusted=True)
    return replace(found, file=replace(found.described, sha256=digest_of(path)))


def _beyond_spark(source: str) -> bool:
    """Return whether a Parquet file of this machine has columns that Spark refuses or takes for something else."""
    import pyarrow.parquet as parquet

    if "://" in source or not Path(source).expanduser().is_file():
        return False
    try:
        schema = parquet.read_schema(Path(source).expanduser())
    except (pa.ArrowInvalid, OSError):
        return True  # our own reader says what is wrong with it
    return any(map(_unknown, schema.types))


def _unknown(kind: pa.DataType) -> bool:
    if pa.types.is_nested(kind):
        return any(_unknown(kind.field(place).type) for place in range(kind.num_fields))
    return (pa.types.is_timestamp(kind) and kind.unit == "ns") or any(is_one(kind) for is_one in UNKNOWN)


def _written(scored: Scored, out: Path, format: str, report: Progress) -> Written:
    """Collect the tables one after the other and write the run folder."""
    tables = {name: _table(getattr(scored, name), name) for name in ("breaches", "courses", "findings", "near_misses")}
    suppressed = scored.suppressed.toArrow()
    if suppressed.num_rows:
        tables["suppressed"] = suppressed
    if scored.people is not None:
        tables["people_links"] = _table(scored.people_links, "people_links")
    issues = _table(scored.issues, "issues")
    rejected = {name: with_broken(frame.toArrow(), scored.files[name]) for name, frame in scored.rejected.items()}
    tables |= {"issues": issues} | quarantined(rejected)
    summary = with_considered(scored.summary, tables["breaches"].num_rows)
    total = tables["findings"].num_rows
    report("writing findings", 0, total)
    write_run(out, tables, summary, lines=_lines(scored, report, total), format=format)
    return Written(
        folder=out,
        summary=summary,
        top=tables["findings"].slice(0, TOP).to_pylist(),
        issues=Issues(issues),
        rows=scored.rows,
        sources=summary["inputs"],
        as_of=scored.as_of,
    )


def _table(frame: Any, name: str) -> pa.Table:
    """Return a data frame with the types of the output."""
    return frame.toArrow().cast(schema_of(OUTPUTS[name]))


def _lines(scored: Scored, report: Progress, total: int) -> Iterator[list[bytes]]:
    """Yield the whole findings, a part of them in memory at a time."""
    done = 0
    source = scored.lines.select("line").toLocalIterator()
    while rows := list(islice(source, LINES_AT_ONCE)):
        yield [f"{row[0]}\n".encode() for row in rows]
        done += len(rows)
        report("writing findings", done, total)
