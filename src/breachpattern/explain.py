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
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from breachpattern.law import Catalogue

Points: TypeAlias = "Iterator[tuple[str, tuple[str, ...]]]"
WIDTH = 100
_STATUS = {
    "recorded": "recorded as a breach",
    "unrecorded": "not recorded as a breach",
    "recorded_no_order": "recorded as a breach, no order on file fits",
    "not_breach": "not a breach",
}
_STATE = {
    "yes": "in force",
    "possible": "possibly in force",
    "no": "not in force",
}
_NOBODY = "not known"


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
        Section("Evidence, in time order", tuple(_evidence(record))),
        Section("What connects it", tuple(_reasons(record.get("reasons_for") or ()))),
        Section("What speaks against it", tuple(_reasons(record.get("reasons_against") or ()))),
        Section("Before relying on it", tuple(_plain(record.get("caveats") or ()))),
        Section("What is missing", tuple(_plain(record.get("missing") or ()))),
        Section("Where this pattern is known to mislead", tuple(_plain(record.get("false_positives") or ()))),
        Section("The law, as the catalogue has it", tuple(_law(record, law))),
        Section("The rule that fired", tuple(_trace(record.get("trace") or {}))),
        Section("Made with", tuple(_versions(record))),
    )
    spoken = tuple(section for section in sections if section.points)
    cited = [{"provision": key, **law.get(key, {})} for key in _listed(record.get("provisions"))]
    return Explanation(str(record["finding_id"]), str(record["headline"]), spoken, {**record, "law": cited})


def law_of(catalogue: Catalogue, keys: Sequence[str] | str) -> dict[str, dict[str, Any]]:
    """Return what the catalogue says about provisions, as JSON-able data by key.

    Parameters
    ----------
    catalogue : Catalogue
    keys : sequence of str, or str
        Provision keys such as ``pha1997.s2A``; a text is split at ``;``.
    """
    return {key: _provision(catalogue, key) for key in sorted(set(_listed(keys)))}


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


def _listed(value: Sequence[str] | str | None) -> list[str]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(";") if item.strip()]
    return list(value or ())


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
    suspects = _listed(record.get("suspect_ids")) or _listed(record.get("suspect_id")) or [_NOBODY]
    victims = _listed(record.get("victim_ids")) or [_NOBODY]
    title = record.get("pattern_title") or record["pattern"]
    yield f"Pattern: {title} ({record['pattern']})", ()
    level = f"Level {record['level']}, score {record['score']:g} of 100, rank {record['rank']}"
    because = [f"this level: {record['level_because']}"] if record.get("level_because") else []
    yield level, (*because, *(f"{p['points']:+g} {p['reason']}" for p in record.get("points") or ()))
    people = (("Suspect", suspects), ("Victim", victims))
    yield " ".join(f"{word}{'s' * (len(ids) > 1)}: {', '.join(ids)}." for word, ids in people), ()
    if record.get("first_at"):
        first, last = _day(record["first_at"]), _day(record["last_at"])
        yield (f"On {first}" if first == last else f"From {first} to {last}"), ()
    if record.get("course_id"):
        strength = f", strength {record['strength']}" if record.get("strength") else ""
        yield f"Candidate course {record['course_id']} ({record.get('unit', '')}{strength})", ()
    orders = _listed(record.get("order_ids"))
    if orders:
        yield f"Orders: {', '.join(orders)}", ()
    if record.get("suppressed_by"):
        yield f"Suppressed by a filter: {_pairs(record['suppressed_by'])}", ()


def _evidence(record: Mapping[str, Any]) -> Points:
    for item in sorted(record.get("evidence") or (), key=lambda e: (str(e.get("start")), str(e["incident_id"]))):
        acts = ", ".join(word.replace("_", " ") for word in _listed(item.get("behaviours"))) or "acts not on record"
        channel = item.get("channel")
        how = f" ({channel.replace('_', ' ')})" if channel and channel != "unknown" else ""
        offence = f"; recorded as {str(item['offence']).replace('_', ' ')}" if item.get("offence") else ""
        place = f" (line {item['row']})" if item.get("row") else ""
        line = f"{_span(item.get('start'), item.get('end'))}  {item['incident_id']}{place}: {acts}{how}{offence}"
        details = [_breach(breach) for breach in item.get("breaches") or ()]
        if item.get("known_at"):
            details.append(f"known to police since {_moment(item['known_at'])}")
        yield line, tuple(details)


def _breach(breach: Mapping[str, Any]) -> str:
    order = breach.get("order_id")
    version = f" version {breach['version']}" if order and breach.get("version") else ""
    kind = f" ({str(breach['order_kind']).replace('_', ' ')})" if breach.get("order_kind") else ""
    of = f"of {order}{version}{kind}" if order else "of an order that is not on file"
    said = [_STATUS.get(breach["status"], str(breach["status"]))]
    if order:
        said.append(f"order {_STATE.get(breach['order_state'], str(breach['order_state']))} then")
    by = ", ".join(_listed(breach.get("breach_kind")))
    terms = ", ".join(_listed(breach.get("terms_matched"))).replace("_", " ")
    said += [f"by {by}"] if by else []
    said += [f"terms {terms}"] if terms else []
    if breach.get("nature"):
        said.append(f"in law: {str(breach['nature']).replace('_', ' ')}")
    reasons = "; ".join(_listed(breach.get("reasons")))
    return f"breach {of}: {'; '.join(said)}" + (f". Why: {reasons}" if reasons else "")


def _reasons(reasons: Sequence[Any]) -> Points:
    for reason in reasons:
        if isinstance(reason, str):
            yield reason, ()
            continue
        weight = reason.get("weight")
        points = f" ({weight:+g} points)" if isinstance(weight, int | float) and weight else ""
        basis = reason.get("basis")
        yield f"{reason['text']}{points}", ((f"rests on: {basis}",) if basis else ())


def _plain(texts: Sequence[str] | str) -> Points:
    return ((text, ()) for text in _listed(texts))


def _law(record: Mapping[str, Any], law: Mapping[str, Mapping[str, Any]]) -> Points:
    for key in _listed(record.get("provisions")):
        entry = law.get(key) or {}
        if not entry.get("title"):
            yield f"{key}: not in the catalogue of this run; look it up before use", ()
            continue
        unverified = entry.get("unverified") or ()
        standing = f"last checked {_day(entry['checked'])}" if entry.get("checked") else "never checked"
        if unverified:
            which = "" if "entry" in unverified else f" ({', '.join(unverified)})"
            standing += f"; UNVERIFIED{which}: look it up before use"
        yield f"{key}: {entry['title']}", tuple(filter(None, (entry.get("summary"), standing, entry.get("url"))))


def _trace(node: Any, depth: int = 0) -> Points:
    """Tell the tree of conditions from the top: what was asked, with which thresholds, what was seen."""
    if not isinstance(node, Mapping):
        return
    indent = "  " * depth
    for key, words in (("all", "all of:"), ("any", "at least one of:"), ("not", "not:")):
        if key in node:
            yield f"{indent}{words}{_verdict(node)}", ()
            below = node[key]
            for child in below if isinstance(below, list | tuple) else [below]:
                yield from _trace(child, depth + 1)
    if "criterion" in node:
        name = str(node.get("summary") or node["criterion"].replace("_", " ")).rstrip(".")
        told = (("asked", node.get("params")), ("seen", node.get("values")), ("rests on", node.get("basis")))
        details = (f"{indent}{word}: {_pairs(value)}" for word, value in told if value)
        yield f"{indent}{name}{_verdict(node)}", tuple(details)


def _verdict(node: Mapping[str, Any]) -> str:
    return "" if node.get("holds") is None else (" (holds)" if node["holds"] else " (does not hold)")


def _pairs(values: Any) -> str:
    if not isinstance(values, Mapping):
        return str(values)
    return ", ".join(f"{key.replace('_', ' ')} {_short(value)}" for key, value in values.items())


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list | tuple):
        return "/".join(map(_short, value))
    return str(value)


def _versions(record: Mapping[str, Any]) -> Points:
    versions = record.get("versions") or {}
    if versions:
        yield _pairs(versions), ()
    yield f"finding {record['finding_id']}", ()
    yield "Candidate only: people decide.", ()


def _parsed(text: Any) -> datetime:
    return datetime.fromisoformat(str(text))


def _day(text: Any) -> str:
    moment = _parsed(text)
    return f"{moment.day} {moment:%b %Y}"


def _moment(text: Any) -> str:
    moment = _parsed(text)
    return f"{_day(text)} {moment:%H:%M}"


def _span(start: Any, end: Any) -> str:
    """Return the time of a record in words: a minute, a day, or from one to the other.

    Examples
    --------
    >>> _span("2025-03-01T00:00:00+00:00", "2025-03-02T00:00:00+00:00")
    '1 Mar 2025'
    >>> _span("2025-03-01T10:15:00+00:00", "2025-03-01T10:15:01+00:00")
    '1 Mar 2025 10:15'
    >>> _span("2025-03-01T10:15:00+00:00", "2025-03-03T00:00:00+00:00")
    '1 Mar 2025 10:15 to 2 Mar 2025 23:59'
    """
    if not start:
        return "time not known"
    if not end:
        return _moment(start)
    last = _parsed(end) - timedelta(seconds=1)
    first = _parsed(start)
    midnight = f"{first:%H%M%S}" == "000000" and f"{last:%H%M%S}" == "235959"
    if midnight:
        return _day(start) if first.date() == last.date() else f"{_day(start)} to {_day(last.isoformat())}"
    if last <= first:
        return _moment(start)
    return f"{_moment(start)} to {_moment(last.isoformat())}"
