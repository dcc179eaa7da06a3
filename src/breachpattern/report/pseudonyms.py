"""Pseudonyms: references replaced by a keyed hash, so that a pack can leave the force and still hang together.

People get the pseudonyms that scoring under the same key gives them (:mod:`breachpattern.ingest.privacy`). Whoever has
the key and the extract can say who is who; without the key nobody can try references one by one.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from breachpattern.ingest.privacy import Privacy

_TIED = "somebody tied to the suspect (how is left out)"
# Where references stand in a finding, and by which letter their pseudonyms begin.
_FIELDS = {
    "suspect_id": "P", "suspect_ids": "P", "victim_id": "P", "victim_ids": "P", "respondent_id": "P",
    "protected_ids": "P", "through_id": "P", "person_id": "P", "other_id": "P", "shown_as": "P",
    "order_id": "O", "order_ids": "O", "incident_id": "I", "incident_ids": "I", "breach_incident_ids": "I",
    "finding_id": "F", "course_id": "C",
}  # fmt: skip


class Pseudonyms:
    """Replaces references in findings and in the texts about them.

    Examples
    --------
    >>> hidden = Pseudonyms(b"sixteen or more characters")
    >>> found = hidden.of_record({"suspect_ids": ["P-0137"], "headline": "P-0137 towards nobody"})
    >>> found["headline"] == f"{found['suspect_ids'][0]} towards nobody", "0137" in str(found)
    (True, False)
    """

    def __init__(self, key: bytes) -> None:
        self._key, self._people = key, Privacy(key)

    def of(self, reference: str, letter: str) -> str:
        """Return the pseudonym of one reference; ``letter`` says of what: a person, an order, an incident and so on."""
        if letter == "P":
            return str(self._people.pseudonyms(pa.array([reference]))[0])
        digest = hmac.new(self._key, f"{letter}:{reference}".encode(errors="replace"), hashlib.sha256).hexdigest()
        return f"{letter}-{digest[: 16 if letter in 'FC' else 8]}"

    def of_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record with every reference replaced, in its texts too; lines of files are left out."""
        known = {reference: self.of(reference, letter) for reference, letter in _references(record)}
        # The longest first: an id may begin with another one.
        ids = "|".join(re.escape(reference) for reference in sorted(known, key=lambda r: (-len(r), r)))
        # A path may name people and records that stand nowhere else in the finding.
        paths = sorted(
            {contact["path"] for item in record.get("evidence") or () for contact in item.get("inferred") or ()}
        )
        within = re.compile(rf"(?<![\w-])(?:{ids})(?![\w-])") if ids else None

        def hidden(text: str, letter: str) -> str:
            if letter and text:
                return self.of(text, letter)
            for path in paths:
                text = text.replace(path, _TIED)
            return within.sub(lambda found: known[found[0]], text) if within else text

        replaced: dict[str, Any] = _each(dict(record), hidden)
        return replaced


def _each(value: Any, change: Callable[[str, str], str], letter: str = "") -> Any:
    """Return data with every text changed, told what it refers to; lines of files are left out."""
    if isinstance(value, str):
        return change(value, letter)
    if isinstance(value, Mapping):
        return {name: _each(item, change, _FIELDS.get(name, "")) for name, item in value.items() if name != "row"}
    return [_each(item, change, letter) for item in value] if isinstance(value, list) else value


def _references(value: Any, letter: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        if letter and value:
            yield value, letter
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if name in _FIELDS or not isinstance(item, str):
                yield from _references(item, _FIELDS.get(name, ""))
    elif isinstance(value, list):
        for item in value:
            yield from _references(item, letter)
