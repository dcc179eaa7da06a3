"""The whole story of a finding: what was seen, what connects it, what speaks against it, what is missing.

A story is made from the record of a finding (a line of ``findings.jsonl``) and what the catalogue says about
the provisions it cites. It quotes record ids, never narrative, and it decides nothing.
"""

from __future__ import annotations

import html
import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from breachpattern.explain.evidence import Points, evidence, listed
from breachpattern.explain.moments import day
from breachpattern.explain.rule import rule

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

WIDTH = 100
_NOBODY = "not known"
_NOTHING = (("nothing on file", ()),)
_AGAINST = "Against: "


@dataclass(frozen=True)
class Section:
    """A part of the story: a title and its points, each a line with details below it."""

    title: str
    points: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Explanation:
    """A finding, told to a person. ``str()`` gives text, :meth:`to_dict` JSON-able data.

    Examples
    --------
    >>> missing = Section("What is missing", (("A date.", ()),))
    >>> story = Explanation("F1", "P1 towards V1: consider.", (missing,), {})
    >>> print(story)
    P1 towards V1: consider.
    <BLANKLINE>
    What is missing
      - A date.
    """

    finding_id: str
    headline: str
    sections: tuple[Section, ...]
    data: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the record of the finding with the law that it cites spelt out under ``law``."""
        return dict(self.data)

    def to_json(self) -> str:
        """Return :meth:`to_dict` as indented JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def to_text(self, width: int = WIDTH) -> str:
        """Return the story as plain text, wrapped to a width in characters."""
        blocks = [textwrap.fill(self.headline, width, break_on_hyphens=False)]
        blocks += ["\n".join([section.title, *_wrapped(section, width)]) for section in self.sections]
        return "\n\n".join(blocks)

    def __str__(self) -> str:
        return self.to_text()

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [f"<h3>{html.escape(self.headline)}</h3>"]
        for section in self.sections:
            items = "".join(
                f"<li>{html.escape(line)}{''.join(f'<br>{html.escape(d)}' for d in details)}</li>"
                for line, details in section.points
            )
            parts.append(f"<h4>{html.escape(section.title)}</h4><ul>{items}</ul>")
        return "".join(parts)


def explain(record: Mapping[str, Any], law: Mapping[str, Mapping[str, Any]]) -> Explanation:
    """Return the story of a finding.

    Parameters
    ----------
    record : mapping
        The record of a finding, a line of ``findings.jsonl``.
    law : mapping of str to mapping
        What the catalogue says about each provision, as :func:`law_of` gives it.

    Returns
    -------
    Explanation

    Examples
    --------
    >>> import breachpattern as bp
    >>> incident = {"incident_id": "I1", "occurred_from": "2025-03-01T10:00", "suspect_id": "P1",
    ...             "victim_id": "V1", "behaviours": "contact", "channel": "text"}
    >>> order = {"order_id": "O1", "kind": "restraining_conviction", "respondent_id": "P1",
    ...          "protected_id": "V1", "made_on": "2025-01-10", "terms": "no_contact"}
    >>> story = bp.Analyser().analyse(bp.read_extract([incident], [order])).findings[0].explain()
    >>> "I1" in str(story)
    True
    """
    sections = (
        Section("At a glance", tuple(_glance(record))),
        Section("Evidence, in time order", tuple(evidence(record))),
        Section("What connects it", tuple(_reasons(record.get("reasons_for") or ()))),
        Section("What speaks against it", tuple(_reasons(record.get("reasons_against") or ())) or _NOTHING),
        Section("Before relying on it", tuple(_caveats(record))),
        Section("What is missing", tuple(_plain(record.get("missing") or ()))),
        Section("Where this pattern is known to mislead", tuple(_plain(record.get("false_positives") or ()))),
        Section("The law, as the catalogue has it", tuple(_law(record, law))),
        Section("The rule that fired", tuple(rule(record.get("trace") or {}))),
        Section("Made with", tuple(_versions(record))),
    )
    spoken = tuple(section for section in sections if section.points)
    cited = [{"provision": key, **law.get(key, {})} for key in listed(record.get("provisions"))]
    return Explanation(str(record["finding_id"]), str(record["headline"]), spoken, {**record, "law": cited})


def law_of(catalogue: Catalogue, keys: Sequence[str] | str) -> dict[str, dict[str, Any]]:
    """Return what the catalogue says about provisions, as JSON-able data by key.

    Parameters
    ----------
    catalogue : Catalogue
    keys : sequence of str, or str
        Provision keys such as ``pha1997.s2A``; a text is split at ``;``.
    """
    return {key: _provision(catalogue, key) for key in sorted(set(listed(keys)))}


def _provision(catalogue: Catalogue, key: str) -> dict[str, Any]:
    provision = catalogue.provisions.get(key)
    if provision is None:
        return {"title": None, "url": None, "checked": None, "unverified": ["entry"], "summary": None}
    return {
        "title": provision.title,
        "url": provision.url or provision.source,
        "checked": provision.checked.isoformat(),
        "unverified": list(provision.unverified),
        "summary": provision.summary,
    }


def _wrapped(section: Section, width: int) -> Iterator[str]:
    for line, details in section.points:
        yield _filled(line, width, "  ", "- ")
        for detail in details:
            yield _filled(detail, width, "    ", "")


def _filled(text: str, width: int, indent: str, bullet: str) -> str:
    """Return a line wrapped below its own depth; ids and addresses are never broken in two."""
    lead = indent + " " * (len(text) - len(text.lstrip()))
    return textwrap.fill(
        text.lstrip(),
        width,
        initial_indent=lead + bullet,
        subsequent_indent=lead + " " * len(bullet),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _glance(record: Mapping[str, Any]) -> Points:
    suspects = listed(record.get("suspect_ids")) or listed(record.get("suspect_id")) or [_NOBODY]
    victims = listed(record.get("victim_ids")) or [_NOBODY]
    title = record.get("pattern_title") or record["pattern"]
    yield f"Pattern: {title} ({record['pattern']})", ()
    level = f"Level {record['level']}, score {record['score']:g} of 100, rank {record['rank']}"
    because = [f"this level: {record['level_because']}"] if record.get("level_because") else []
    yield level, (*because, *(f"{p['points']:+g} {p['reason']}" for p in record.get("points") or ()))
    people = (("Suspect", suspects), ("Victim", victims))
    yield " ".join(f"{word}{'s' * (len(ids) > 1)}: {', '.join(ids)}." for word, ids in people), ()
    if record.get("first_at"):
        first, last = day(record["first_at"]), day(record["last_at"])
        yield (f"On {first}" if first == last else f"From {first} to {last}"), ()
    if record.get("course_id"):
        strength = f", strength {record['strength']}" if record.get("strength") else ""
        yield f"Candidate course {record['course_id']} ({record.get('unit', '')}{strength})", ()
    orders = listed(record.get("order_ids"))
    if orders:
        yield f"Orders: {', '.join(orders)}", ()
    if record.get("suppressed_by"):
        yield f"Suppressed by a filter: {_pairs(record['suppressed_by'])}", ()


def _reasons(reasons: Sequence[Any]) -> Points:
    for reason in reasons:
        if isinstance(reason, str):
            yield reason, ()
            continue
        weight = reason.get("weight")
        unit = "point" if weight in (1, -1) else "points"
        points = f" ({weight:+g} {unit})" if isinstance(weight, int | float) and weight else ""
        basis = reason.get("basis")
        yield f"{reason['text']}{points}", ((f"rests on: {basis}",) if basis else ())


def _caveats(record: Mapping[str, Any]) -> Points:
    """Yield the caveats but those that stand already under what speaks against it."""
    told = {reason if isinstance(reason, str) else reason["text"] for reason in record.get("reasons_against") or ()}
    caveats = listed(record.get("caveats"))
    return _plain([text for text in caveats if text.removeprefix(_AGAINST) not in told or text in told])


def _plain(texts: Sequence[str] | str) -> Points:
    return ((text, ()) for text in listed(texts))


def _law(record: Mapping[str, Any], law: Mapping[str, Mapping[str, Any]]) -> Points:
    for key in listed(record.get("provisions")):
        entry = law.get(key) or {}
        if not entry.get("title"):
            yield f"{key}: not in the catalogue of this run; look it up before use", ()
            continue
        unverified = entry.get("unverified") or ()
        standing = f"last checked {day(entry['checked'])}" if entry.get("checked") else "never checked"
        if unverified:
            which = "" if "entry" in unverified else f" ({', '.join(unverified)})"
            standing += f"; UNVERIFIED{which}: look it up before use"
        yield f"{key}: {entry['title']}", tuple(filter(None, (entry.get("summary"), standing, entry.get("url"))))


def _pairs(values: Any) -> str:
    if not isinstance(values, Mapping):
        return str(values)
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in values.items())


def _versions(record: Mapping[str, Any]) -> Points:
    versions = record.get("versions") or {}
    if versions:
        yield _pairs(versions), ()
    yield f"finding {record['finding_id']}", ()
    yield "Candidate only: people decide.", ()
