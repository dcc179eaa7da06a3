"""A whole run in buckets: split the extract once, score every bucket by itself, bring the results together."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pandas.util import hash_array

from breachpattern.buckets import merge
from breachpattern.buckets import split as split_room
from breachpattern.buckets.bucket import Progress, Setting, score_bucket
from breachpattern.buckets.folder import OWNER, folder_beside, private
from breachpattern.buckets.pool import Workers
from breachpattern.buckets.scale import see_that_may_open
from breachpattern.buckets.split import Split, split
from breachpattern.buckets.worker import read_tables, score_files, write_tables
from breachpattern.explain import law_of
from breachpattern.ingest.as_read import LEFT_OUT
from breachpattern.ingest.checks import check
from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.part import CheckedParts, Part, Rejected, check_parts
from breachpattern.linking.ties import OBJECTS
from breachpattern.memory import let_go
from breachpattern.output.files import Rows
from breachpattern.output.folder import check_target
from breachpattern.output.run import check_format, write_run
from breachpattern.output.secrets import clean
from breachpattern.output.summary import run_summary, versions_of, with_considered
from breachpattern.output.tables import link_issues, people_links_table, quarantined
from breachpattern.patterns.engine import versions_of as found_versions
from breachpattern.patterns.packs import read_packs
from breachpattern.timelines import Tables
from breachpattern.vocabulary import LEVELS

if TYPE_CHECKING:
    from breachpattern.ingest import Issues
    from breachpattern.ingest.extract import Sources
    from breachpattern.linking.people import People

Ints = npt.NDArray[np.int64]
TOP = 5
# Bytes of results that this process holds before it writes those of a bucket, and that those of one bucket may have.
# How many come of a row, about.
HELD, OF_A_ROW = 200 << 20, 500
# Two tables of every bucket are read at once; files and pipes that are open beside them.
OTHERS = 256
# What a bucket asks of person records: who is who is known before.
PERSON = ["person_id", "address", "postcode", *(name for name, _ in OBJECTS.values())]
# What says whether a row of incidents is accepted, and who is on it.
ACCEPTING = ("incident_id", "occurred_from", "occurred_to", "reported_at", "recorded_at", "suspect_id", "victim_id")


def needed(*, linked: bool) -> set[str]:
    """Return the columns of incidents that are held of all rows at once.

    Parameters
    ----------
    linked : bool
        Whether person records may be joined: then it matters which rows are accepted.
    """
    return {*split_room.NEEDED["incidents"], *(ACCEPTING if linked else ())}


@dataclass(frozen=True)
class Scored:
    """What a run came to, and where its files are.

    Attributes
    ----------
    folder : Path
    summary : dict
        As ``summary.json``.
    top : list of dict
        The first findings.
    issues : Issues
    rows : dict
        By table where its rows went.
    sources : dict
        By table what was read.
    as_of : int
        The last second, in seconds UTC, of which anything was known.
    """

    folder: Path
    summary: dict[str, Any]
    top: list[dict[str, Any]]
    issues: Issues
    rows: dict[str, dict[str, int]]
    sources: dict[str, dict[str, Any]]
    as_of: int

    def __repr__(self) -> str:
        found = self.summary["findings"]["total"]
        return f"<Scored: {found:,} findings in {self.folder}>"


@dataclass(frozen=True)
class Request:
    """How a run is to be done.

    Attributes
    ----------
    setting : Setting
        Of all buckets; what the sources say is added.
    link : callable
        Takes the checked tables and returns which references are one person, or ``None``.
    out : Path
    format : str
    settings : mapping
        For the summary, as they stand.
    shares : callable
        Takes the rows of each component and returns for every bucket what share it takes.
    workers : int
        Processes beside this one.
    takes_part : bool
        Whether this process scores buckets too.
    bounded : bool
        Whether memory is: nothing is held then that can lie in a file.
    started : datetime
    decisions : str, optional
        What to call the decisions about person records, where there are some.
    linking : bool
        Whether person records may be joined at all.
    """

    setting: Setting
    link: Callable[[Any], People | None]
    out: Path
    format: str
    settings: Mapping[str, Any]
    shares: Callable[[Ints], Ints]
    workers: int
    takes_part: bool
    bounded: bool
    started: datetime
    decisions: str | None = None
    linking: bool = False


def score_in_buckets(
    sources: Sources, request: Request, workers: Workers, on_progress: Progress | None = None
) -> Scored:
    """Score the sources of an extract in buckets and write the run folder.

    Parameters
    ----------
    sources : Sources
        Read, not checked.
    request : Request
    workers : Workers
        Started, and not begun.
    on_progress : callable, optional
        Called with (stage, done, total).

    Raises
    ------
    ResourceError
        Where a worker is gone or the memory ran out.
    OutputError
        Where the folder is not ours to replace or cannot be written.
    """
    report = on_progress or (lambda *_: None)
    check_format(request.format)
    check_target(request.out)
    setting = _complete(request.setting, sources)
    done = 0

    def told(target: Path) -> None:
        nonlocal done
        done += run.rows[target.name]
        report("scoring", done, run.total)

    def own(source: Path, target: Path) -> None:
        score = run.score_kept if run.may_keep(target) else score_files
        score(source, target, setting, on_progress=lambda *_: workers.poll(told))

    with folder_beside(request.out) as folder:
        try:
            workers.begin(setting, own if request.takes_part else None)
            run = _Run(sources, request, setting)
            folders = run.split_into(folder, workers, report)
            report("scoring", 0, run.total)
            workers.finish(told)
        finally:
            workers.end()  # whatever comes: nobody writes into the folder when it is removed
        let_go()
        return run.write(folders, report)


def _complete(setting: Setting, sources: Sources) -> Setting:
    """Return the setting with what the sources say."""
    parts = sources.parts
    return Setting(
        as_of=setting.as_of,
        catalogue=setting.catalogue,
        files={table: part.file for table, part in parts.items()},
        readings={table: part.reading for table, part in parts.items()},
        spread=frozenset(table for table, part in parts.items() if part.spread),
        patterns=setting.patterns,
        filters=setting.filters,
        considered=setting.considered,
    )


@dataclass
class _Run:
    """One run: what is known of it before and after its buckets are scored."""

    sources: Sources
    request: Request
    setting: Setting
    people: People | None = None
    rows: dict[str, int] = field(default_factory=dict)
    total: int = 0
    kept: dict[Path, Mapping[str, pa.Table]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        parts = self.sources.parts
        small: dict[str, Part] = {table: parts[table] for table in ("persons", "associations") if table in parts}
        self.small = check_parts(small, self.setting.catalogue, self.sources.log)
        if self.request.linking and ("persons" in parts or self.request.decisions):
            self.people = self.request.link(self._accepted())

    def _accepted(self) -> Tables:
        """Return the accepted rows, as far as linking people asks for them."""
        parts = self.sources.parts
        tables = dict(self.small.tables)
        for table, needed in (("incidents", ACCEPTING), ("orders", None)):
            if table in parts:
                part = parts[table]
                text = {name: cells for name, cells in part.columns.items() if needed is None or name in needed}
                checked = check(table, part.file, text, part.rows, part.reading, IssueLog())
                names = ("suspect_id", "victim_id") if table == "incidents" else ("respondent_id", "protected_id")
                kept = pa.array(np.flatnonzero(checked.accepted))
                tables[table] = pa.table({name: checked.text[name].take(kept) for name in names})
        return Tables(**tables)

    def split_into(self, folder: Path, workers: Workers, report: Progress) -> list[Path]:
        """Write the rows of each bucket to a folder of its own and give it to the workers, the largest first."""
        parts = {table: part for table, part in self.sources.parts.items() if table in ("incidents", "orders")}
        given = {name: self.small.tables[name] for name in ("persons", "associations") if name in self.sources.parts}
        if "persons" in given:
            given["persons"] = given["persons"].select(PERSON)
        linked = _linked(self.people)
        report("finding who is connected", 0, None)
        where = split(
            parts, given.get("persons"), given.get("associations"), linked,
            catalogue=self.setting.catalogue, as_of=self.setting.as_of, shares=self.request.shares,
            rows_at=lambda rows: self.sources.rows_at("incidents", rows),
        )  # fmt: skip
        n = len(where.rows)
        see_that_may_open(2 * n + OTHERS)
        workers.start(min(self.request.workers, n - self.request.takes_part))
        self.total = int(where.rows.sum())
        report("splitting", 0, self.total)
        largest_first = np.argsort(-where.rows, kind="stable").tolist()
        rows = [folder / f"rows-{bucket}" for bucket in range(n)]
        key = secrets.token_hex(8)
        whole = given | {table: _with_lines(part, key) for table, part in parts.items()}
        if self.sources.in_parts:
            del whole["incidents"], parts["incidents"]
            self.sources.parts["incidents"].columns.clear()
            let_go()
            self._divide(where.bucket["incidents"], rows, key, lambda done: report("splitting", done, self.total))
        order = {table: _grouped(where.bucket[table], n) for table in whole}
        about = _about_people(self.people, linked, where)
        about["crowded"] = [pa.table({"text": where.crowded})] * n
        targets = []
        for bucket in largest_first:
            tables = {table: whole[table].take(pa.array(order[table][bucket])) for table in whole}
            write_tables(rows[bucket], tables | {table: held[bucket] for table, held in about.items()})
            name = f"bucket-{bucket}"
            self.rows[name] = int(where.rows[bucket])
            workers.give(rows[bucket], folder / name)
            targets.append(folder / name)
            if not self.sources.in_parts:
                report("splitting", sum(self.rows.values()), self.total)
        whole.clear()
        let_go()
        return sorted(targets)

    def _divide(
        self, bucket: npt.NDArray[np.int16], folders: Sequence[Path], key: str, report: Callable[[int], None]
    ) -> None:
        """Write the incidents of each bucket to its folder, part by part as they are read."""
        with ExitStack() as files:
            writers: list[Any] = [None] * len(folders)
            start = 0
            for part in self.sources.pieces("incidents"):
                table = _with_lines(part, key)
                for number, rows in enumerate(_grouped(bucket[start : start + table.num_rows], len(folders))):
                    if writers[number] is None:
                        folders[number].mkdir(OWNER, exist_ok=True)
                        path = private(folders[number] / "incidents.arrow")
                        file = files.enter_context(pa.OSFile(str(path), "wb"))
                        writers[number] = files.enter_context(pa.ipc.new_file(file, table.schema))
                    if len(rows):
                        writers[number].write_table(table.take(pa.array(rows)))
                start += table.num_rows
                report(start)
                pa.default_memory_pool().release_unused()

    def may_keep(self, target: Path) -> bool:
        """Whether the results of a bucket may lie in memory until all are there, rather than in files."""
        held = sum(table.nbytes for tables in self.kept.values() for table in tables.values())
        return not self.request.bounded and max(held, self.rows[target.name] * OF_A_ROW) < HELD

    def score_kept(self, source: Path, target: Path, setting: Setting, *, on_progress: Progress) -> None:
        """Score the bucket whose tables lie in a folder, and hold its results."""
        self.kept[target] = score_bucket(read_tables(source), setting, on_progress=on_progress)
        shutil.rmtree(source, ignore_errors=True)

    def write(self, folders: Sequence[Path], report: Progress) -> Scored:
        """Bring the results together and write the run folder."""
        buckets = [self.kept.get(folder, folder) for folder in folders]
        report("merging", 0, None)
        sources, request, catalogue = self.sources, self.request, self.setting.catalogue
        counts = merge.added([merge.read_small([bucket], "counts") for bucket in buckets])
        issues = self._issues(buckets, counts)
        rejected = self._rejected(buckets)
        rows = {table: sources.account(table, self._rows_of(table, counts)) for table in self.small.tables}
        packs = read_packs(self.setting.patterns, self.setting.filters)
        near = [pattern.id for pattern in packs.patterns]
        merged = {name: merge.Merged(name, buckets, near, mapped=not request.bounded) for name in merge.ORDERS}
        findings = counts.get("findings", {})
        summary = run_summary(
            versions=versions_of(catalogue, found_versions(packs, catalogue)),
            as_of=self.setting.as_of,
            started=request.started,
            finished=datetime.now(UTC),
            inputs=sources.described,
            rows=rows,
            counts={
                **counts,
                "findings": {
                    "total": findings["total"],
                    "by_pattern": _most_first(findings.get("by_pattern", {})),
                    "by_level": {level: findings["by_level"].get(level, 0) for level in reversed(LEVELS.values)},
                    "suppressed": findings["suppressed"],
                    "near_misses": findings.get("near_misses", {}),
                },
            },
            people=self.people,
            issues=issues,
            provisions=law_of(catalogue, ";".join(counts.get("cited", {}))),
        )
        tables: dict[str, pa.Table | Rows] = {
            "breaches": merge.plain(merged["breaches"]),
            "courses": merge.plain(merged["courses"]),
            "findings": merge.findings(merged["findings"]),
            "near_misses": merge.plain(merged["near_misses"]),
        }
        if len(merged["suppressed"]):
            tables["suppressed"] = merge.suppressed(merged["suppressed"])
        if self.people is not None:
            tables["people_links"] = people_links_table(self.people.table())
        tables |= {"issues": issues.to_arrow()} | quarantined(rejected)
        summary["settings"] = clean(request.settings)
        summary = with_considered(summary, len(merged["breaches"]))
        total = len(merged["findings"])
        lines = merge.lines(merged["findings"], lambda done: report("writing findings", done, total))
        write_run(request.out, tables, summary, lines=lines, format=request.format)
        top = next(merge.findings(merged["findings"]).parts(), None)
        return Scored(
            folder=Path(request.out),
            summary=summary,
            top=[] if top is None else top.slice(0, TOP).to_pylist(),
            issues=issues,
            rows=rows,
            sources=sources.described,
            as_of=self.setting.as_of,
        )

    def _rows_of(self, table: str, counts: Mapping[str, Any]) -> dict[str, int] | None:
        return self.small.rows.get(table) or counts.get("rows", {}).get(table)

    def _issues(self, buckets: Sequence[merge.Results], counts: Mapping[str, Any]) -> Issues:
        self.sources.log.extend(merge.read_small(buckets, "issues"))
        strangers = {
            (table, column): (met["named"], met["missing"])
            for table, columns in counts.get("strangers", {}).items()
            for column, met in columns.items()
        }
        done = CheckedParts({}, {}, {}, merge.read_small(buckets, "offences"), strangers | self.small.strangers)
        issues = self.sources.issues(done)
        if self.people is None:
            return issues
        lost = sorted(merge.read_small(buckets, "lost")["headline"].to_pylist())
        file = self.sources.described.get("persons", {}).get("name", "persons")
        return issues.with_rows(link_issues(self.people, file, self.request.decisions or "decisions", lost))

    def _rejected(self, buckets: Sequence[merge.Results]) -> dict[str, pa.Table]:
        whole = merge.read_small(buckets, "rejected")
        found = {}
        for table in self.sources.parts:
            one = self.small.rejected.get(table)
            if one is None:
                mine = whole.filter(pc.equal(whole["table"], table)).sort_by("origin")
                reasons = mine["reason"].combine_chunks()
                one = Rejected(mine["origin"].to_numpy(), mine["row"].to_numpy(), reasons)
            found[table] = self.sources.quarantine(table, one)
        return found


def _most_first(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _with_lines(part: Part, key: str) -> pa.Table:
    """Return rows with their lines; of free text only what tells whether two rows say the same."""
    digests = {name: _digest(part.columns[name], key) for name in LEFT_OUT if name in part.columns}
    return pa.table(part.columns | digests | {"row": pa.array(part.rows), "source_row": pa.array(part.origin)})


def _digest(texts: pa.Array, key: str) -> pa.Array:
    """Return a number for each text, the same within a run, from which nobody learns what it was."""
    known = np.flatnonzero(texts.is_valid().to_numpy(zero_copy_only=False))
    numbers = np.zeros(len(texts), np.uint64)
    numbers[known] = hash_array(texts.take(pa.array(known)).to_numpy(zero_copy_only=False), hash_key=key)
    return pc.if_else(texts.is_valid(), pa.array(numbers).cast(pa.string()), pa.scalar(None, pa.string()))


def _grouped(bucket: npt.NDArray[np.integer], buckets: int) -> list[Ints]:
    """Return the rows of each bucket, in order."""
    order = np.argsort(bucket, kind="stable")
    return np.split(order, np.cumsum(np.bincount(bucket, minlength=buckets))[:-1])


def _linked(people: People | None) -> pa.Table | None:
    """Return the references that linking joined with others: who they are shown as."""
    if people is None:
        return None
    shown = people.shown.dictionary_encode()
    code = shown.indices.to_numpy(zero_copy_only=False)
    several = pa.array(np.bincount(code, minlength=len(shown.dictionary))[code] > 1)
    return pa.table({"reference": people.references.filter(several), "shown": people.shown.filter(several)})


def _about_people(people: People | None, linked: pa.Table | None, where: Split) -> dict[str, list[pa.Table]]:
    """Return for each bucket the linked references of its people, and the links between them."""
    if people is None or linked is None:
        return {}
    place = pc.index_in(linked["reference"].combine_chunks(), value_set=where.references)
    known = pc.fill_null(place, -1).to_numpy(zero_copy_only=False)
    entity = linked["shown"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    bucket = np.zeros(int(entity.max(initial=-1)) + 1, np.int64)
    here = np.flatnonzero(known >= 0)
    np.maximum.at(bucket, entity[here], where.of_reference[known[here]])
    of_link = pc.index_in(people.links["person_id"].combine_chunks(), value_set=linked["reference"].combine_chunks())
    link_bucket = bucket[entity[of_link.to_numpy(zero_copy_only=False)]]
    n = len(where.rows)
    return {
        "people": [linked.take(pa.array(rows)) for rows in _grouped(bucket[entity], n)],
        "links": [people.links.take(pa.array(rows)) for rows in _grouped(link_bucket, n)],
    }
