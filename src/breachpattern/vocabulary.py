"""The coded vocabularies of the canonical tables, and their bit masks.

Columns that hold a set of codes (behaviours, terms, impact) travel as ``int64`` masks: bit *i* stands for the
*i*-th code of the vocabulary. Order kinds are not here: they are law, and users may add to them
(:class:`breachpattern.law.Catalogue`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of codes with bit positions.

    Examples
    --------
    >>> terms = Vocabulary("colour", ("red", "green", "blue"))
    >>> terms.mask(["blue", "red"])
    5
    >>> terms.codes(5)
    ('red', 'blue')
    >>> terms.index("green")
    1
    """

    name: str
    values: tuple[str, ...]
    _index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {code: i for i, code in enumerate(self.values)})

    def __contains__(self, code: object) -> bool:
        return code in self._index

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.values)

    def __len__(self) -> int:
        return len(self.values)

    def index(self, code: str) -> int:
        """Return the position of a code; ``KeyError`` where it is unknown."""
        return self._index[code]

    def mask(self, codes: Iterable[str]) -> int:
        """Return the bit mask of some codes; ``KeyError`` where one is unknown."""
        mask = 0
        for code in codes:
            mask |= 1 << self._index[code]
        return mask

    def codes(self, mask: int) -> tuple[str, ...]:
        """Return the codes of a mask, in vocabulary order."""
        return tuple(code for i, code in enumerate(self.values) if mask >> i & 1)


INCIDENT_KINDS = Vocabulary("kind", ("crime", "incident", "intelligence", "call", "custody", "civil"))
RELATIONSHIPS = Vocabulary(
    "relationship",
    (
        "ex_partner", "partner", "family", "friend", "acquaintance", "neighbour", "colleague",
        "professional", "stranger", "other", "unknown",
    ),
)  # fmt: skip
CHANNELS = Vocabulary(
    "channel",
    (
        "in_person", "phone", "text", "email", "social_media", "post", "online_other", "third_party",
        "unknown",
    ),
)  # fmt: skip
PLACE_ROLES = Vocabulary(
    "place_role",
    (
        "victim_home", "victim_work", "victim_school", "suspect_home", "court", "public", "online",
        "other",
    ),
)  # fmt: skip
IMPACTS = Vocabulary(
    "impact",
    (
        "fear_of_violence", "serious_alarm_distress", "changed_routine", "moved_home", "health", "work",
        "extra_security", "other",
    ),
)  # fmt: skip
STATUSES = Vocabulary("status", ("open", "closed", "cancelled"))
ORIGINS = Vocabulary("origin", ("conviction", "acquittal", "application", "own_motion"))
TIES = Vocabulary("tie", ("partner", "family", "friend", "colleague", "co_suspect", "household", "other"))
# The first eight are the examples of Protection from Harassment Act 1997 s.2A(3), (a) to (g).
BEHAVIOURS = Vocabulary(
    "behaviours",
    (
        "follow", "contact", "publish", "impersonate", "monitor", "loiter", "property_interference",
        "watch", "approach", "threat", "assault", "strangulation", "sexual", "damage", "theft", "entry",
        "gift", "image_abuse", "track_device", "coercion", "third_party_contact", "false_allegation",
        "notification_failure", "requirement_failure", "curfew_failure", "exclusion_entry", "other",
    ),
)  # fmt: skip
TERMS = Vocabulary(
    "terms",
    (
        "no_contact", "no_indirect_contact", "no_approach", "exclusion", "no_publication",
        "no_monitoring", "no_violence", "curfew", "residence", "reporting", "notification", "programme",
        "tag", "surrender_device", "other",
    ),
)  # fmt: skip
BREACH_KINDS = Vocabulary(
    "breach_kind",
    (
        "contact", "approach", "exclusion", "publication", "monitoring", "violence", "notification",
        "requirement", "curfew", "unspecified",
    ),
)  # fmt: skip
NATURES = Vocabulary("nature", ("offence", "contempt", "civil_order", "arrest", "enforcement"))
BREACH_STATUSES = Vocabulary("status", ("recorded", "unrecorded", "recorded_no_order", "not_breach"))
ORDER_STATES = Vocabulary("order_state", ("no", "possible", "yes"))
STRENGTHS = Vocabulary("strength", ("none", "weak", "arguable", "clear"))
UNITS = Vocabulary("unit", ("dyad", "group", "joint"))
LEVELS = Vocabulary("level", ("informational", "low", "medium", "high", "critical"))
