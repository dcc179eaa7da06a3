"""What every worker needs: the setting of a run, in a form that travels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import pyarrow as pa

from breachpattern.buckets import Setting
from breachpattern.law import Catalogue
from breachpattern.records import Reading
from breachpattern.spark.rules import Place, Rules


@dataclass(frozen=True)
class Shared:
    """The setting of a run without anything that stands on one machine only.

    Attributes
    ----------
    setting : Setting
        Without rules of one's own; the readings know no catalogue.
    rules : Rules
    crowded : pyarrow.Array of string
        Objects and addresses that too many people share.
    """

    as_of: int
    files: Mapping[str, str]
    readings: Mapping[str, Reading]
    spread: frozenset[str] = frozenset()
    considered: bool = False
    rules: Rules = field(default_factory=Rules)
    crowded: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    @contextmanager
    def setting(self) -> Iterator[Setting]:
        """Give the setting as :func:`breachpattern.buckets.score_bucket` takes it, for a while."""
        catalogue = _catalogue(self.rules.law)
        with self.rules.laid_out() as (_, patterns, filters):
            yield Setting(
                self.as_of,
                catalogue,
                files=self.files,
                readings={table: replace(one, catalogue=catalogue) for table, one in self.readings.items()},
                spread=self.spread,
                patterns=patterns,
                filters=filters,
                considered=self.considered,
            )


@lru_cache(maxsize=4)
def _catalogue(law: tuple[Place, ...]) -> Catalogue:
    with Rules(law=law).laid_out() as (folders, _, _):
        return Catalogue.load(folders)


def share(session: Any, shared: Shared) -> Any:
    """Return what gives every worker the setting as ``.value``: broadcast, so that each executor gets it once."""
    return session.sparkContext.broadcast(shared)
