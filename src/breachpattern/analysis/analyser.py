"""A whole run, one incident in its case, an update: under one catalogue and one set of patterns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from breachpattern import patterns as patterns_room
from breachpattern import timelines as timelines_room
from breachpattern.errors import UsageError
from breachpattern.law import Catalogue
from breachpattern.linking import people as people_room
from breachpattern.linking.people.of_extract import people_of
from breachpattern.memory import small_pages
from breachpattern.output.folder import check_target
from breachpattern.output.run import check_format
from breachpattern.output.summary import (
    versions,
)
from breachpattern.patterns.registry import all_criteria

if TYPE_CHECKING:
    from breachpattern.buckets.run import Request, Scored
    from breachpattern.buckets.scale import Division
    from breachpattern.cases import CaseIndex
    from breachpattern.ingest import Extract
    from breachpattern.ingest.privacy import Privacy
    from breachpattern.linking.people import People
    from breachpattern.patterns import Findings
    from breachpattern.records import Incident
    from breachpattern.state import Changes, State
    from breachpattern.state.update import Engine
    from breachpattern.timelines import Timelines

from breachpattern.analysis.answers import Analysis
from breachpattern.timelines.instant import instant_of

Progress = Callable[[str, int, int | None], None]
LINK_METHODS = ("exact", "probabilistic", "off")


class Analyser:
    """Analyses extracts under one catalogue and one set of patterns.

    Parameters
    ----------
    catalogue : Catalogue, optional
        The dated law; the built-in catalogue by default.
    patterns : sequence of path, default ()
        Folders with packs of your own, added to the core pack.
    filters : sequence of path, default ()
        Files that suppress findings, each with its reason, author and day of expiry.
    link : {"exact", "probabilistic", "off"}, default "exact"
        How person records are joined where the extract has persons; without them, references are taken as they are.
    link_threshold : float, optional
        The least probability of a link that is not certain, from 0 to 1.
    link_decisions : path, optional
        A CSV of people's decisions that two records are one person or two, which always win.
    link_model : path, optional
        A model that :func:`breachpattern.linking.people.train_model` wrote.

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
    >>> len(Analyser().analyse(read_extract(rows), as_of="2025-12-31").breaches)
    0
    """

    def __init__(
        self,
        catalogue: Catalogue | None = None,
        patterns: Sequence[str | Path] = (),
        filters: Sequence[str | Path] = (),
        *,
        link: str = "exact",
        link_threshold: float = people_room.DEFAULT_THRESHOLD,
        link_decisions: str | Path | None = None,
        link_model: str | Path | None = None,
    ) -> None:
        if link not in LINK_METHODS:
            raise UsageError(
                f"{link!r} is not a way to join person records.", hint=f"One of {', '.join(LINK_METHODS)}."
            )
        if link == "off" and link_decisions:
            raise UsageError(
                "Decisions on person records are given, and linking is off.", hint="Leave out one of the two."
            )
        people_room.check_threshold(link_threshold)
        self.catalogue = catalogue or Catalogue.load()
        self.patterns, self.filters = tuple(patterns), tuple(filters)
        self.link, self.link_threshold, self.link_model = link, link_threshold, link_model
        self._decisions = people_room.read_decisions(link_decisions) if link_decisions else None
        self.link_decisions = link_decisions

    def analyse(
        self,
        extract: Extract,
        as_of: str | date | datetime | None = None,
        *,
        on_progress: Progress | None = None,
    ) -> Analysis:
        """Return breaches, courses and findings of an extract, as things were known at an instant.

        Parameters
        ----------
        extract : Extract
            As :func:`breachpattern.read_extract` gives it.
        as_of : str, date, datetime, optional
            ISO 8601. A date is the end of that day, Europe/London; the moment of the call by default.
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds.

        Raises
        ------
        UsageError
            Where ``as_of`` is no ISO date or time, or ``extract`` is none.
        """
        _check_extract(extract, "analyse")
        started = datetime.now(UTC)
        return self._analysed(extract, instant_of(started if as_of is None else as_of), started, on_progress)

    @small_pages()
    def _analysed(self, extract: Extract, instant: int, started: datetime, on_progress: Progress | None) -> Analysis:
        people = self._people(extract, on_progress)
        timelines, found, lost = self._find_with_doubts(extract, instant, people, on_progress)
        return Analysis(
            extract, timelines, found, people=people, lost_to_links=lost, started=started, settings=self._settings()
        )

    def index(self, extract: Extract, *, on_progress: Progress | None = None) -> CaseIndex:
        """Return an extract as an index that answers for single incidents, under this law and these patterns.

        Parameters
        ----------
        extract : Extract
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds.

        Raises
        ------
        UsageError
            Where ``extract`` is none.
        """
        from breachpattern.cases import CaseIndex

        _check_extract(extract, "index")
        people = self._people(extract, on_progress)
        timelines = timelines_room.build(extract, self.catalogue, people=people, on_progress=on_progress)
        return CaseIndex(timelines, extract, patterns_room.load_packs(self.patterns), people)

    def assess(
        self,
        incident: Mapping[str, Any] | Incident,
        history: Any = (),
        orders: Any = (),
        *,
        as_of: str | date | datetime | None = None,
        findings: str = "fast",
    ) -> dict[str, Any]:
        """Return what one incident means in its case, as plain JSON-able data (``breachpattern schema assess``).

        Parameters
        ----------
        incident : mapping or Incident
        history : CaseIndex, data frame, path, or iterable of records
            What is on file. An index answers at once; anything else is made into one first, which takes a moment.
        orders : data frame, path, or iterable of records
            The orders on file; an index has its own.
        as_of : str, date, datetime, optional
            The instant of the question, ISO 8601; the moment of the call by default.
        findings : {"fast", "full"}
            ``full`` runs the whole engine on everybody connected, and leaves no pattern out.

        Raises
        ------
        InputError
            Where a field cannot be read; the message names it.
        UsageError
            Where orders are given beside an index, or ``as_of`` or ``findings`` is none.

        Examples
        --------
        >>> call = {"incident_id": "I1", "occurred_from": "2025-03-01T10:15", "suspect_id": "P1", "victim_id": "V1",
        ...         "behaviours": "contact", "channel": "phone"}
        >>> order = {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1", "protected_id": "V1",
        ...          "made_on": "2025-01-10", "terms": "no_contact"}
        >>> Analyser().assess(call, orders=[order])["breaches"][0]["status"]
        'unrecorded'
        """
        from breachpattern.cases import CaseIndex
        from breachpattern.cases.history import extract_of

        now = instant_of(datetime.now(UTC) if as_of is None else as_of)
        if isinstance(history, CaseIndex):
            if _is_given(orders):
                raise UsageError(
                    "Orders are given, and the index has its own.", where="orders", hint="Leave one of them out."
                )
            return history.assess(incident, now=now, findings=findings)
        return self.index(extract_of(history, orders, self.catalogue)).assess(incident, now=now, findings=findings)

    def score(
        self,
        incidents: Any,
        orders: Any = None,
        persons: Any = None,
        associations: Any = None,
        *,
        out: str | Path,
        as_of: str | date | datetime | None = None,
        mapping: str | Path | Any = None,
        query: str | dict[str, str] | None = None,
        format: str = "csv",
        include_not_breach: bool = False,
        workers: int | None = None,
        memory: int | str | None = None,
        privacy: Privacy | None = None,
        settings: Mapping[str, Any] | None = None,
        on_progress: Progress | None = None,
    ) -> Scored:
        """Read, analyse and write an extract, on several cores and within a bound of memory.

        The files are the same, byte for byte, whatever ``workers`` and ``memory`` are.

        Parameters
        ----------
        incidents, orders, persons, associations, mapping, query, privacy
            As :func:`breachpattern.read_extract` takes them.
        out : str or Path
            The run folder: new, empty, or a former run, which is replaced.
        as_of : str, date, datetime, optional
            As :meth:`analyse` takes it.
        format : {"csv", "parquet", "jsonl"}, default "csv"
        include_not_breach : bool, default False
            Also write the orders that were considered and do not fit.
        workers : int, optional
            How many processes score; by default one for a small extract and one for each core for a large one.
        memory : int or str, optional
            How much memory all processes may take together, in bytes or as ``"2GB"``: a larger extract is scored in
            more and smaller buckets.
        settings : mapping, optional
            What else the summary shall say of how the run was set up.
        on_progress : callable, optional
            Called with (stage, done, total or None) as the work proceeds, always by the calling thread.

        Raises
        ------
        UsageError
            Where ``as_of``, ``format``, ``workers`` or ``memory`` make no sense.
        ResourceError
            Where a worker process is gone or the memory ran out; nothing is written.
        OutputError
            Where the folder is not ours to replace or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     run = Analyser().score(rows, out=f"{folder}/run", as_of="2025-12-31")
        >>> run.summary["rows"]["incidents"]
        {'rows_in': 1, 'accepted': 1, 'rejected': 0, 'duplicates': 0}
        """
        from breachpattern.buckets.folder import remove_left
        from breachpattern.buckets.pool import Workers
        from breachpattern.buckets.run import needed, score_in_buckets
        from breachpattern.buckets.scale import scale_of
        from breachpattern.ingest.extract import read_sources

        started = datetime.now(UTC)
        asked = _Asked(
            out=Path(out),
            format=format,
            considered=include_not_breach,
            started=started,
            instant=instant_of(started if as_of is None else as_of),
            settings=self._settings() | dict(settings or {}) | (privacy.settings if privacy is not None else {}),
            on_progress=on_progress,
        )
        check_format(format)
        check_target(asked.out)
        scale = scale_of(workers, memory)
        remove_left(asked.out)
        scale = scale.alone() if _has_own_criteria() else scale
        read = partial(
            read_sources, incidents, orders, persons, associations,
            mapping=mapping, query=query, catalogue=self.catalogue, privacy=privacy, on_progress=on_progress,
        )  # fmt: skip
        linked = persons is not None or self._decisions is not None
        with small_pages(), Workers(scale.early(incidents)) as pool:
            sources = read(needed=None if scale.memory is None else needed(linked=linked))
            division = scale.of(sum(len(part.rows) for part in sources.parts.values()))
            if division is not None:
                return score_in_buckets(sources, self._request(asked, division), pool, on_progress)
            pool.end()
            sources = read() if sources.in_parts else sources
            return self._score_at_once(sources.checked(on_progress=on_progress), asked)

    def _score_at_once(self, extract: Extract, asked: _Asked) -> Scored:
        """Analyse and write an extract in this process."""
        from breachpattern.buckets.run import TOP, Scored

        analysis = self._analysed(extract, asked.instant, asked.started, asked.on_progress)
        analysis.settings |= asked.settings
        analysis.write(asked.out, asked.format, asked.considered, on_progress=asked.on_progress)
        return Scored(
            folder=asked.out,
            summary=analysis.summary,
            top=analysis.findings.to_arrow().slice(0, TOP).to_pylist(),
            issues=analysis.issues,
            rows=analysis.extract.rows,
            sources=analysis.extract.sources,
            as_of=analysis.as_of,
        )

    def _request(self, asked: _Asked, division: Division) -> Request:
        """Return how the same is done in buckets."""
        from breachpattern.buckets.bucket import Setting
        from breachpattern.buckets.run import Request

        return Request(
            Setting(
                asked.instant,
                self.catalogue,
                patterns=tuple(map(str, self.patterns)),
                filters=tuple(map(str, self.filters)),
                considered=asked.considered,
            ),
            link=lambda tables: self._people(tables, asked.on_progress),
            out=asked.out,
            format=asked.format,
            settings=asked.settings | {"format": asked.format, "include_not_breach": asked.considered},
            shares=division.shares_of,
            workers=division.workers,
            takes_part=division.takes_part,
            bounded=division.memory is not None,
            started=asked.started,
            decisions=str(self.link_decisions) if self.link_decisions else None,
            linking=self.link != "off",
        )

    def update(
        self,
        state: State | None,
        new: Any,
        as_of: str | date | datetime | None = None,
        *,
        withdrawn: Mapping[str, Iterable[Any]] | None = None,
        replaces: bool = False,
        on_progress: Progress | None = None,
    ) -> tuple[State, Changes]:
        """Return a state with new rows, and what they changed: the same answers as a full run on everything.

        Only the groups of connected people that the new rows reach are worked out again, and those whose answers the
        time since the last update can have changed.

        Parameters
        ----------
        state : State or None
            What an earlier update gave back, or :meth:`State.load`; ``None`` begins.
        new : Extract, mapping, or anything that is read as incidents
            A mapping has ``incidents``, ``orders``, ``persons`` or ``associations``, each as
            :func:`breachpattern.read_extract` takes them; ``None`` only moves the clock. An :class:`Extract` is exact
            where it was read with ``keep_as_read=True``.
        as_of : str, date, datetime, optional
            As in :meth:`analyse`; never before the state's own.
        withdrawn : mapping of str to iterable, optional
            Records to take out before the new rows are added: by table the ids, of associations pairs of ids.
        replaces : bool, default False
            A record that comes again replaces what the state has of it. Otherwise its rows stand beside the earlier
            ones, and the value that was told first stands, as in one extract.

        Returns
        -------
        state : State
            A new one; the given one is not changed.
        changes : Changes

        Raises
        ------
        UsageError
            Where ``as_of`` lies before the state, or the state was made with other rules.

        Examples
        --------
        >>> rows = [{"incident_id": "I1", "occurred_from": "2025-03-01", "suspect_id": "P1", "victim_id": "V1"}]
        >>> state, changes = Analyser().update(None, rows, as_of="2025-12-31")
        >>> state, changes = Analyser().update(state, rows, as_of="2026-01-31")
        >>> changes.rows["incidents"]["duplicates"], len(changes)
        (1, 0)
        """
        from breachpattern.state.update import update

        instant = instant_of(datetime.now(UTC) if as_of is None else as_of)
        return update(self._engine(on_progress), state, new, instant, withdrawn=withdrawn, replaces=replaces)

    def check_state(self, state: State | None, as_of: str | date | datetime | None = None) -> None:
        """Refuse at once, and with the same words, a state that :meth:`update` would refuse.

        Raises
        ------
        UsageError
            Where ``as_of`` lies before the state, or the state was made with other rules.

        Examples
        --------
        >>> state, _ = Analyser().update(None, None, as_of="2025-12-31")
        >>> Analyser().check_state(state, "2026-01-31")
        """
        from breachpattern.state.update import fitting

        fitting(self._engine(None), state, instant_of(datetime.now(UTC) if as_of is None else as_of))

    def _engine(self, on_progress: Progress | None) -> Engine:
        from breachpattern.patterns.clock import Clockwork
        from breachpattern.patterns.packs import read_packs
        from breachpattern.state.update import Engine

        held = read_packs(self.patterns, self.filters)
        decisions = None if self._decisions is None else people_room.digest_of(self._decisions)
        settings = {"link": self.link, "link_threshold": self.link_threshold, "link_decisions": decisions,
                    "link_model": str(self.link_model) if self.link_model else None}  # fmt: skip

        def find(
            extract: Extract, instant: int, people: People | None, crowded: pa.Array
        ) -> tuple[Timelines, Findings]:
            return self._find_with_doubts(extract, instant, people, on_progress, crowded)[:2]

        return Engine(
            catalogue=self.catalogue,
            made_with={"library": versions()["breachpattern"], "catalogue": self.catalogue.version,
                       "patterns": held.version, "settings": settings},
            clockwork=Clockwork.of(held.patterns, held.filters),
            filters=held.filters,
            link=lambda extract: self._people(extract, on_progress),
            find=find,
        )  # fmt: skip

    def _people(self, extract: Extract, on_progress: Progress | None) -> People | None:
        if self.link == "off":
            return None
        return people_of(
            extract, self.link, self.link_threshold, self._decisions, self.link_model, on_progress=on_progress
        )

    def _find_with_doubts(
        self,
        extract: Extract,
        instant: int,
        people: People | None,
        on_progress: Progress | None,
        crowded: pa.Array | None = None,
    ) -> tuple[Timelines, Findings, list[str]]:
        """Return timelines and findings, with what they owe to doubtful links, and what those links hide."""
        timelines, found = self._find(extract, instant, people, on_progress, crowded)
        if people is None or not people.counts["doubtful_links"]:
            return timelines, found, []
        _, certain = self._find(extract, instant, people.certain(), on_progress, crowded)
        found = found.doubting(patterns_room.doubts_of(found, certain, people))
        return timelines, found, patterns_room.lost_to_links(found, certain)

    def _find(
        self,
        extract: Extract,
        instant: int,
        people: People | None,
        on_progress: Progress | None,
        crowded: pa.Array | None = None,
    ) -> tuple[Timelines, Findings]:
        # Reading needs more memory than what it leaves; the pool would keep it for itself.
        pa.default_memory_pool().release_unused()
        timelines = timelines_room.build(
            extract, self.catalogue, instant, people=people, crowded=crowded, on_progress=on_progress
        )
        return timelines, patterns_room.find(timelines, self.patterns, self.filters, on_progress=on_progress)

    @property
    def settings(self) -> dict[str, Any]:
        """How it is set up, for the summary of a run."""
        return self._settings()

    @property
    def decisions(self) -> pa.Table | None:
        """People's decisions on records of persons, as they were read."""
        return self._decisions

    def _settings(self) -> dict[str, Any]:
        return {
            "patterns": [str(p) for p in self.patterns],
            "filters": [str(f) for f in self.filters],
            "link": self.link,
            "link_threshold": self.link_threshold,
            "link_decisions": str(self.link_decisions) if self.link_decisions else None,
            "link_model": str(self.link_model) if self.link_model else None,
        }

    def __repr__(self) -> str:
        packs = f", patterns={[str(p) for p in self.patterns]}" if self.patterns else ""
        return f"Analyser(catalogue={self.catalogue.version}{packs})"


@dataclass(frozen=True)
class _Asked:
    """What a run is to write, and as of when, whichever way it is scored."""

    out: Path
    format: str
    considered: bool
    started: datetime
    instant: int
    settings: dict[str, Any]
    on_progress: Progress | None


def _check_extract(extract: Any, asked: str) -> None:
    if not hasattr(extract, "incidents"):
        raise UsageError(
            f"A {type(extract).__name__} is no extract.",
            hint=f'Read it first: {asked}(breachpattern.read_extract("incidents.csv", orders="orders.csv")).',
        )


def _has_own_criteria() -> bool:
    """Return whether somebody has registered criteria: only this process knows them."""
    return any(not c.function.__module__.startswith("breachpattern.") for c in all_criteria())


def _is_given(rows: Any) -> bool:
    return rows is not None and not (isinstance(rows, Sequence) and len(rows) == 0)
