"""The evidence of a finding in words: record ids, what was done, which order it concerns, never narrative."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from breachpattern.explain.moments import minute, span

Points: TypeAlias = Iterator[tuple[str, tuple[str, ...]]]
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


def listed(value: Sequence[str] | str | None) -> list[str]:
    """Return a list, which may come as text with ``;`` between its items."""
    if isinstance(value, str):
        return [item.strip() for item in value.split(";") if item.strip()]
    return list(value or ())


def evidence(record: Mapping[str, Any]) -> Points:
    """Yield the records of a finding in time order, with the breaches that each is."""
    first_of: dict[int, str] = {}
    for item in sorted(record.get("evidence") or (), key=lambda e: (str(e.get("start")), str(e["incident_id"]))):
        acts = ", ".join(word.replace("_", " ") for word in listed(item.get("behaviours"))) or "acts not on record"
        channel = item.get("channel")
        how = f" ({channel.replace('_', ' ')})" if channel and channel != "unknown" else ""
        label = item.get("offence_title") or str(item.get("offence") or "").replace("_", " ")
        offence = f"; recorded as {label}" if label else ""
        place = f" (line {item['row']})" if item.get("row") else ""
        line = f"{span(item.get('start'), item.get('end'))}  {item['incident_id']}{place}: {acts}{how}{offence}"
        details = [_breach(breach) for breach in item.get("breaches") or ()]
        details += [_inferred(contact) for contact in item.get("inferred") or ()]
        occasion = item.get("occasion")
        if occasion is not None and first_of.setdefault(occasion, item["incident_id"]) != item["incident_id"]:
            details.append(f"one occasion with {first_of[occasion]}")
        if item.get("known_at"):
            details.append(f"known to police since {minute(item['known_at'])}")
        yield line, tuple(details)


def _breach(breach: Mapping[str, Any]) -> str:
    order = breach.get("order_id")
    version = f" version {breach['version']}" if order and breach.get("version") else ""
    title = breach.get("order_title") or str(breach.get("order_kind") or "").replace("_", " ")
    kind = f" ({title})" if title else ""
    of = f"of {order}{version}{kind}" if order else "of an order that is not on file"
    said = [_STATUS.get(breach["status"], str(breach["status"]))]
    if order:
        said.append(f"order {_STATE.get(breach['order_state'], str(breach['order_state']))} then")
    by = ", ".join(listed(breach.get("breach_kind")))
    terms = ", ".join(listed(breach.get("terms_matched"))).replace("_", " ")
    said += [f"by {by}"] if by else []
    said += [f"terms {terms}"] if terms else []
    if breach.get("nature"):
        said.append(f"in law: {str(breach['nature']).replace('_', ' ')}")
    reasons = "; ".join(listed(breach.get("reasons")))
    return f"breach {of}: {'; '.join(said)}" + (f". Why: {reasons}" if reasons else "")


def _inferred(contact: Mapping[str, Any]) -> str:
    state = _STATE[contact["order_in_force"]]
    return (
        f"inferred contact of {contact['respondent_id']} through {contact['path']}: order {contact['order_id']} "
        f"{state} then; nothing on record says that {contact['respondent_id']} had a part in it"
    )
