"""What criteria ask of the catalogue, as tables over codes."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from breachpattern.spans import FOREVER, NEVER, london_day
from breachpattern.vocabulary import BEHAVIOURS, CHANNELS

if TYPE_CHECKING:
    from breachpattern.law import Catalogue


class Laws:
    """What criteria ask of the catalogue, as tables over codes (:class:`~breachpattern.patterns.context.Context`)."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        offences = [catalogue.offences[o] for o in catalogue.offence_ids]
        kinds = [catalogue.order_kinds[k] for k in catalogue.order_kind_ids]
        self.family = [k.family for k in kinds]
        self._conduct = [o.conduct for o in offences]
        self.graver = frozenset(
            i for i, o in enumerate(offences) if not o.conduct and o.mode in ("either way", "indictable")
        )
        self.summary = frozenset(i for i, o in enumerate(offences) if o.conduct and o.limitation_months)
        self.limitation_months = min(
            (o.limitation_months for o in offences if o.conduct and o.limitation_months), default=6
        )
        self.disposing = frozenset(number for number, outcome in catalogue.outcomes.items() if outcome.disposes)
        self.here = frozenset(i for i, o in enumerate(offences) if "E&W" in o.extent)
        self.abroad = frozenset(i for i, o in enumerate(offences) if "E&W" not in o.extent and o.extent != "UK")
        self.kinds_here = frozenset(i for i, k in enumerate(kinds) if "E&W" in k.extent)
        self.kinds_abroad = frozenset(i for i, k in enumerate(kinds) if "E&W" not in k.extent and k.extent != "UK")
        self.here_mask, self.abroad_mask = mask_of(self.here), mask_of(self.abroad)
        self.kinds_here_mask, self.kinds_abroad_mask = mask_of(self.kinds_here), mask_of(self.kinds_abroad)
        self.graver_mask, self.summary_mask = mask_of(self.graver), mask_of(self.summary)
        entries = catalogue.behaviours
        self._harm = [entries[b].harm if b in entries else 0 for b in BEHAVIOURS]
        self.ranks = max(self._harm, default=0) + 1
        self.behaving = lru_cache(maxsize=256)(self._behaving)
        self.conducts = lru_cache(maxsize=256)(self._conducts)
        self.conducts_mask = lru_cache(maxsize=256)(self._conducts_mask)
        self.worst = lru_cache(maxsize=65536)(self._worst)
        self._requires_on = lru_cache(maxsize=65536)(self._requires_on_day)
        self.violent = self.behaving(("violent", "threatening"))
        self.in_person, self.remote = self.behaving(("in_person",)), self.behaving(("remote",))
        self.face = 1 << CHANNELS.index("in_person")
        self.far = sum(
            1 << CHANNELS.index(c) for c in ("phone", "text", "email", "social_media", "post", "online_other")
        )

    def _conducts_mask(self, conducts: tuple[str, ...]) -> int:
        """Return the course-of-conduct offences of some kinds, of all without names, as a mask."""
        return mask_of(self.conducts(conducts))

    def requires(self, flag: str, recorded: int) -> bool:
        """Return whether the recording rule of the day asks for something (``rule_requires``)."""
        return self._requires_on(flag, london_day(recorded))

    def _requires_on_day(self, flag: str, day: int) -> bool:
        return any(
            flag in rule.requires and _day(rule.in_force.start, NEVER) <= day < _day(rule.in_force.end, FOREVER)
            for rule in self.catalogue.recording_rules
        )

    def _behaving(self, traits: tuple[str, ...]) -> int:
        entries = self.catalogue.behaviours
        return BEHAVIOURS.mask(b for b in BEHAVIOURS if b in entries and any(getattr(entries[b], t) for t in traits))

    def _conducts(self, conducts: tuple[str, ...]) -> frozenset[int]:
        return frozenset(i for i, c in enumerate(self._conduct) if c and (not conducts or c in conducts))

    def _worst(self, behaviours: int) -> int:
        return max((harm for bit, harm in enumerate(self._harm) if behaviours >> bit & 1), default=0)


def _day(day: object, default: int) -> int:
    return default if day is None else (day - date(1970, 1, 1)).days  # type: ignore[operator]


def mask_of(codes: frozenset[int]) -> int:
    """Return codes as a mask of bits ``code + 1``."""
    return sum(1 << code + 1 for code in codes)
