"""Whether a run can be reproduced, and whether it is: the same inputs and settings, and then the same bytes."""

from __future__ import annotations

import filecmp
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from breachpattern.analysis.analyser import Analyser
from breachpattern.errors import InputError
from breachpattern.ingest.privacy import Privacy
from breachpattern.ingest.sources import SUFFIXES
from breachpattern.output.folder import SUMMARY, read_run
from breachpattern.output.provenance import sha256_of
from breachpattern.output.summary import versions_of

Progress = Callable[[str, int, int | None], None]
SAME, DIFFERS, GONE, ADDED = "same", "differs", "is gone", "is new"
_ASKED = (
    "format", "include_not_breach", "patterns", "filters", "link", "link_threshold", "link_decisions", "link_model",
)  # fmt: skip
# Of an update nothing can be made again from one batch; of a database nobody keeps what it held.
_WHEN = ("started", "finished", "versions", "files", "setting_files")


@dataclass(frozen=True)
class Verification:
    """What verifying a run came to.

    Attributes
    ----------
    obstacles : tuple of str
        Why it cannot be reproduced here, in words; empty where it can.
    versions : dict of str to (str, str)
        Libraries and law that are other than then: (then, now).
    files : dict of str to str
        For each file of the run ``same``, ``differs``, ``is gone`` or ``is new``; empty where it was not made again.
    """

    obstacles: tuple[str, ...]
    versions: dict[str, tuple[str, str]]
    files: dict[str, str]

    @property
    def reproduced(self) -> bool:
        """Whether the run was made again and every file is the same."""
        return bool(self.files) and all(said == SAME for said in self.files.values())


def verify(
    folder: str | Path, inputs: str | Path = ".", *, key: bytes | None = None, on_progress: Progress | None = None
) -> Verification:
    r"""Return whether a run can be reproduced from its inputs, made again and compared byte for byte.

    Parameters
    ----------
    folder : str or Path
        A run folder.
    inputs : str or Path, default "."
        The folder that holds the input files. Files that settings name are looked for where they were, from here.
    key : bytes, optional
        The key of its pseudonyms, where it has any.
    on_progress : callable, optional
        Called with (stage, done, total or None).

    Raises
    ------
    OutputError
        Where the folder is no run.
    InputError
        Where it is a run of another sort: an audit, a check, an update; or there is no folder of inputs.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as here:
    ...     path = Path(here, "incidents.csv")
    ...     _ = path.write_text("incident_id,occurred_from\nI1,2025-03-01\n")
    ...     _ = Analyser().score(path, out=Path(here, "run"), as_of="2025-12-31")
    ...     verify(Path(here, "run"), here).reproduced
    True
    """
    folder = Path(folder)
    then = read_run(folder)
    if "settings" not in then or "findings" not in then:
        raise InputError("This is no run of score.", where=str(folder), hint="Only what score wrote can be made again.")
    settings = _settings(then, folder)
    if not Path(inputs).is_dir():
        raise InputError(
            "This is no folder, and the input files are looked for in one.",
            where=str(inputs),
            hint="Name the folder that holds them.",
        )
    sources, obstacles = _sources(then["inputs"], Path(inputs))
    privacy = _privacy(settings, key, sources)
    obstacles += _obstacles(then, settings, privacy)
    if obstacles:
        return Verification(tuple(obstacles), {}, {})
    analyser = _analyser(settings)
    changed = _changed(then["versions"], _versions(analyser))
    with tempfile.TemporaryDirectory(prefix="breachpattern-verify-") as place:
        again = Path(place, "run")
        analyser.score(
            **sources, out=again, as_of=then["as_of"], mapping=settings.get("mapping"), format=settings["format"],
            include_not_breach=settings["include_not_breach"],
            settings={name: settings[name] for name in settings if name in ("mapping", "query", "max_rejected", "law")},
            privacy=privacy if "minimise" in settings else None, on_progress=on_progress,
        )  # fmt: skip
        return Verification((), changed, _compared(folder, again, then))


def _privacy(settings: dict[str, Any], key: bytes | None, sources: dict[str, Any]) -> Privacy:
    """Return what was done to the extract as it was read, under the key that is given now."""
    return Privacy(
        key,
        minimise=settings.get("minimise", False),
        linking="persons" in sources and settings["link"] != "off",
        special_categories=tuple(settings.get("special_categories", ())),
    )


def _obstacles(then: dict[str, Any], settings: dict[str, Any], privacy: Privacy) -> list[str]:
    """Return what, apart from its inputs, stands in the way of making a run again."""
    found = [
        f"{path}, which the settings name, is gone or other than it was."
        for path, digest in then.get("setting_files", {}).items()
        if sha256_of(Path(path)) != digest
    ]
    if settings.get("query"):
        found.append("It was read from a database, which may hold other rows now.")
    if privacy.settings.get("pseudonyms") != settings.get("pseudonyms"):
        found.append(_other_key(settings.get("pseudonyms"), privacy.key))
    return found


def _other_key(written: Any, key: bytes | None) -> str:
    if written is None:
        return "It was made without a key: leave out --pseudonymise."
    if key is None:
        return "Its people are pseudonyms: name the key that made them with --pseudonymise KEYFILE."
    return "Its people are pseudonyms under another key: name the one that made them with --pseudonymise KEYFILE."


def _settings(then: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings of a run, all that making it again asks for."""
    held = {name: then.get(name) for name in ("settings", "inputs", "files")}
    wrong = [name for name, value in held.items() if not isinstance(value, dict if name != "files" else (dict, list))]
    settings = held["settings"]
    if isinstance(settings, dict):
        wrong += [name for name in _ASKED if name not in settings]
    if wrong or not isinstance(settings, dict):
        raise InputError(
            f"The summary does not say what making the run again asks for ({', '.join(wrong)}).",
            where=str(folder / SUMMARY),
            hint="It was written by another version, or changed since: score the extract again.",
        )
    return settings


def _sources(inputs: dict[str, Any], folder: Path) -> tuple[dict[str, Any], list[str]]:
    """Return where each table is read from now, and what stands in the way."""
    found: dict[str, Any] = {}
    obstacles = []
    for table, source in inputs.items():
        digest = source.get("sha256")
        path = folder / Path(source["name"]).name
        if source["name"] == table and digest:  # under a key a file is called by its table, and known by its hash
            path = next((other for other in sorted(folder.iterdir()) if _holds(other, digest)), path)
        if not digest:
            obstacles.append(f"The {table} came from {source['name']}, of which no hash was kept: it was no file.")
        elif not path.is_file():
            of = "file of that hash" if source["name"] == table else path.name
            obstacles.append(f"There is no {of} in {folder} for the {table}.")
        elif sha256_of(path) != digest:
            obstacles.append(f"{path} is other than it was: its hash is not that of the run.")
        found[table] = path
    return found, obstacles


def _holds(path: Path, digest: str) -> bool:
    return path.name.lower().endswith(SUFFIXES) and path.is_file() and sha256_of(path) == digest


def _analyser(settings: dict[str, Any]) -> Analyser:
    from breachpattern.law import Catalogue

    law = settings.get("law") or []
    return Analyser(
        Catalogue.load(law),
        settings["patterns"],
        settings["filters"],
        link=settings["link"],
        link_threshold=settings["link_threshold"],
        link_decisions=settings["link_decisions"],
        link_model=settings["link_model"],
    )


def _versions(analyser: Analyser) -> dict[str, str]:
    from breachpattern.patterns.engine import versions_of as of_patterns
    from breachpattern.patterns.packs import read_packs

    held = read_packs(analyser.patterns, analyser.filters)
    return versions_of(analyser.catalogue, of_patterns(held, analyser.catalogue))


def _changed(then: dict[str, str], now: dict[str, str]) -> dict[str, tuple[str, str]]:
    names = [name for name in then if then[name] != now.get(name, "none")]
    return {name: (then[name], now.get(name, "none")) for name in names}


def _compared(folder: Path, again: Path, then: dict[str, Any]) -> dict[str, str]:
    told = {}
    former, now = set(then["files"]), {path.name for path in again.iterdir()}
    for name in sorted(former | now):
        if name == SUMMARY:
            told[name] = SAME if _lasting(then) == _lasting(read_run(again)) else DIFFERS
        elif name not in former:
            told[name] = ADDED
        elif not (folder / name).is_file() or name not in now:
            told[name] = GONE
        else:
            told[name] = SAME if filecmp.cmp(folder / name, again / name, shallow=False) else DIFFERS
    return told


def _lasting(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what a summary says of the run and not of the moment or the place at which it was made."""
    inputs = {table: {**source, "name": Path(source["name"]).name} for table, source in summary["inputs"].items()}
    return {key: value for key, value in summary.items() if key not in _WHEN} | {"inputs": inputs}
