"""One finding as its page shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from breachpattern.explain.evidence import evidence, listed
from breachpattern.explain.moments import day, span
from breachpattern.explain.rule import rule
from breachpattern.explain.story import law_of
from breachpattern.ingest import ISSUE_CODES
from breachpattern.law import Catalogue
from breachpattern.output.charts import LOOKS
from breachpattern.patterns.wording import counted
from breachpattern.report.decisions import Decision
from breachpattern.report.facts import facts_of, reasons_of
from breachpattern.report.network import network_of
from breachpattern.report.picture import picture_of
from breachpattern.report.prompts import prompts_of
from breachpattern.report.rates import clock_of, rates_of
from breachpattern.report.run import Record, Run
from breachpattern.report.text import file_name, words
from breachpattern.report.timeline import chart_data, kind_of, life, timeline_of

PRINTED, ORDERS_PRINTED = 8, 5
_AGAINST = "Against: "


def page_of(
    finding: Record, run: Run, issues: Mapping[int, Sequence[Record]], decision: Decision, catalogue: Catalogue
) -> Record:
    """Return everything that the page of a finding shows, by name.

    Parameters
    ----------
    finding : dict
        A line of ``findings.jsonl``.
    run : Run
    issues : mapping of int to sequence of dict
        Data problems of the incidents file by line.
    decision : Decision
    catalogue : Catalogue
    """
    people = run.people(finding)
    course = run.courses.get(finding.get("course_id") or "", {})
    as_of = run.summary["as_of"]
    timeline = timeline_of(people.records, people.orders, as_of)
    facts = facts_of(finding, people, run, catalogue)
    page = {
        "finding": finding,
        "pattern": finding.get("pattern_title") or words(finding["pattern"]),
        "suspects": finding["suspect_ids"] or ["not known"],
        "victims": finding["victim_ids"] or ["not known"],
        "first": day(finding["first_at"]),
        "last": day(finding["last_at"]),
        "course": course,
        "decision": decision,
        "points": finding.get("points") or [],
        "timeline": picture_of(timeline, "timeline"),
        "timeline_data": chart_data(timeline),
        "kinds": [(what, LOOKS[what]) for what in LOOKS if any(mark["what"] == what for mark in timeline.marks)],
        "network": network_of(finding, people, run, "network"),
        "orders": [{**order, "printed": i < ORDERS_PRINTED} for i, order in enumerate(_orders(finding, people.orders))],
        "evidence": _evidence(finding),
        "around": [_brief(item) for item in people.records if not item["own"]],
        "rates": rates_of(finding, course, as_of),
        "rule": [(line.strip(), _depth(line), details) for line, details in rule(finding.get("trace") or {})],
        "reasons_for": reasons_of(finding, "reasons_for"),
        "reasons_against": reasons_of(finding, "reasons_against"),
        "caveats": _caveats(finding),
        "missing": list(finding.get("missing") or []),
        "misleads": list(finding.get("false_positives") or []),
        "quality": list(_quality(finding, issues)),
        "law": _law(finding, run, catalogue),
        "facts": list(facts.values()),
        "prompts": prompts_of(facts, catalogue),
        "clock": clock_of(finding, course, as_of, catalogue) if _summary_only(finding) else None,
        "related": [
            {**one, "page": file_name(one["finding_id"]) if one["finding_id"] in run.paged else ""}
            for one in people.findings
            if one["finding_id"] != finding["finding_id"]
        ][:PRINTED],
    }
    return {**page, "length": length_of(page)}


def length_of(page: Mapping[str, Any]) -> int:
    """Return about how long a page is on paper, in 96ths of an inch: two sheets of A4 hold 2,050.

    Fitted to the pages of the sample data as Chromium prints them, where it is right to about 40.
    """
    return 1200 + sum(each * len(_printed(page[part])) for part, each in _LENGTHS.items())


_LENGTHS = {"evidence": 32, "orders": 56, "law": 17, "reasons_for": 12, "reasons_against": 12, "rule": 17, "facts": 24,
            "misleads": 20, "missing": 10, "quality": 8, "caveats": 10}  # fmt: skip


def _printed(items: Sequence[Any]) -> list[Any]:
    return [item for item in items if not isinstance(item, dict) or item.get("printed", True)]


def _orders(finding: Record, orders: Sequence[Record]) -> Iterator[Record]:
    own = set(listed(finding.get("order_ids")))
    for order in sorted(orders, key=lambda order: order["order_id"] not in own):
        for version in order["versions"]:
            assumed = "" if version["terms_on_file"] else " (no terms on file: assumed)"
            yield {
                "order_id": order["order_id"],
                "own": order["order_id"] in own,
                "version": version["version"] if len(order["versions"]) > 1 else None,
                "title": version["order_title"] or "order",
                "made": day(version["made"]) if version["made"] else "not on file",
                "served": day(version["served"]) if version["served"] else "not on file",
                "life": life(version),
                "terms": ", ".join(map(words, version["terms"])) + assumed,
                "protected": version["protected_ids"] or ["nobody named"],
            }  # fmt: skip
        if not order["versions"]:
            yield {"order_id": order["order_id"], "own": True, "version": None, "title": "order", "made": "not on file",
                   "served": "not on file", "life": "not on file", "terms": "not on file", "protected": []}  # fmt: skip


def _evidence(finding: Record) -> list[Record]:
    """Return the records of the finding in time order, those to be printed marked: breaches come before the rest."""
    items = sorted(finding["evidence"], key=lambda item: (str(item.get("start")), str(item["incident_id"])))
    first = sorted(range(len(items)), key=lambda i: (kind_of(items[i]) == "conduct", -i))[:PRINTED]
    told = evidence({"evidence": items})
    return [
        {**_brief(item), "details": details, "printed": i in first}
        for i, (item, (_, details)) in enumerate(zip(items, told, strict=True))
    ]


def _brief(item: Record) -> Record:
    what = kind_of(item)
    channel = item.get("channel")
    return {
        "what": what,
        "look": LOOKS[what],
        "id": item["incident_id"],
        "row": item.get("row"),
        "when": span(item.get("start"), item.get("end")),
        "acts": ", ".join(map(words, item["behaviours"])) or "not on record",
        "channel": words(channel) if channel and channel != "unknown" else "",
        "offence": item.get("offence_title") or words(item.get("offence") or "no crime recorded under a known code"),
        "force": item.get("force") or "",
        "known": day(item["known_at"]) if item.get("known_at") else "not known",
        "breaches": [
            {
                "order_id": breach.get("order_id"),
                "words": LOOKS[breach["status"]].words if breach["status"] in LOOKS else words(breach["status"]),
                "state": breach["order_state"],
                "by": ", ".join(map(words, listed(breach.get("breach_kind")))),
                "nature": words(breach.get("nature") or ""),
            }
            for breach in item["breaches"]
        ],
        "inferred": item.get("inferred") or [],
    }


def _caveats(finding: Record) -> list[str]:
    """Return the caveats but those that stand already under what speaks against it."""
    against = {text for text, _ in reasons_of(finding, "reasons_against")}
    return [
        text for text in listed(finding.get("caveats")) if text.removeprefix(_AGAINST) not in against or text in against
    ]


def _quality(finding: Record, issues: Mapping[int, Sequence[Record]]) -> Iterator[str]:
    """Yield what the data behind the finding leave open. Values are not repeated: a cell may hold anything."""
    items = finding["evidence"]
    possible = sum(any(b["order_state"] == "possible" for b in item["breaches"]) for item in items)
    if possible:
        yield f"{counted(possible, 'record')} where the order was possibly in force: a date or an hour is not on file"
    days = sum(
        bool(item["start"] and item["end"] and item["start"][11:19] == item["end"][11:19] == "00:00:00")
        for item in items
    )
    if days:
        yield f"{counted(days, 'record')} with a day and no time"
    late = sum(
        bool(item.get("known_at") and item["start"] and item["known_at"][:10] > item["end"][:10]) for item in items
    )
    if late:
        yield f"{counted(late, 'record')} known to the police on a later day than it happened"
    blank = sum(not item["behaviours"] for item in items)
    if blank:
        yield f"{counted(blank, 'record')} without acts"
    for item in items:
        for issue in issues.get(int(item.get("row") or 0), ()):
            code = ISSUE_CODES.get(issue["code"])
            meaning = code.meaning if code else words(issue["code"])
            yield f"Record {item['incident_id']}, {words(issue['column'] or 'the row')}: {meaning}"
    identity = finding.get("identity") or {}
    for link in identity.get("links") or ():
        yield (
            f"Rests on a doubtful link: {link['person_id']} and {link['other_id']} as one person "
            f"({words(link['method'])}, probability {link['probability']:.2f}). {identity.get('without', '')}"
        )


def _law(finding: Record, run: Run, catalogue: Catalogue) -> list[Record]:
    """Return the provisions cited, as the catalogue of the run has them."""
    known = run.summary.get("provisions") or {}
    return [
        {"key": key, **(known.get(key) or law_of(catalogue, [key])[key])} for key in listed(finding.get("provisions"))
    ]


def _summary_only(finding: Record) -> bool:
    """Return whether a summary-only offence of conduct is among what is considered."""
    return bool({"pha1997.s2", "pha1997.s2A"} & set(listed(finding.get("provisions"))))


def _depth(line: str) -> int:
    return min((len(line) - len(line.lstrip())) // 2, 6)
