"""The rules of a run as files that travel: folders of the driver are not there where the workers are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

Laid = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Place:
    """A folder of TOML files, or one file: its name, and what it holds by file name."""

    name: str
    folder: bool
    files: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, path: str | Path) -> Place:
        """Return what stands in a folder or a file."""
        place = Path(path)
        paths = sorted(place.glob("*.toml")) if place.is_dir() else [place]
        return cls(place.name, place.is_dir(), tuple((one.name, one.read_bytes()) for one in paths))


@dataclass(frozen=True)
class Rules:
    """Entries of law, packs and filters beside the built-in ones.

    Examples
    --------
    >>> with Rules.of().laid_out() as (law, patterns, filters):
    ...     law, patterns, filters
    ((), (), ())
    """

    law: tuple[Place, ...] = ()
    patterns: tuple[Place, ...] = ()
    filters: tuple[Place, ...] = ()

    @classmethod
    def of(
        cls,
        law: Sequence[str | Path] = (),
        patterns: Sequence[str | Path] = (),
        filters: Sequence[str | Path] = (),
    ) -> Rules:
        """Return the rules in some folders and files."""
        return cls(*(tuple(map(Place.of, places)) for places in (law, patterns, filters)))

    @contextmanager
    def laid_out(self) -> Iterator[Laid]:
        """Give paths at which law, patterns and filters stand for a while."""
        with TemporaryDirectory(prefix="breachpattern-") as folder:
            kinds = (self.law, self.patterns, self.filters)
            yield tuple(
                tuple(_lay(place, Path(folder) / f"{kind}-{number}") for number, place in enumerate(places))
                for kind, places in enumerate(kinds)
            )


def _lay(place: Place, above: Path) -> str:
    folder = above / place.name if place.folder else above
    folder.mkdir(parents=True)
    for name, content in place.files:
        (folder / name).write_bytes(content)
    return str(folder if place.folder else folder / place.name)
