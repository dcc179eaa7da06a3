"""An entry of the catalogue as plain text, with its sources and what holds on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from textwrap import fill

from breachpattern.errors import CatalogueError
from breachpattern.law.catalogue import Catalogue
from breachpattern.law.entries import (
    Behaviour,
    BreachInLaw,
    CrimeOutcome,
    Dates,
    Entry,
    Offence,
    OrderKind,
    Provision,
    RecordingRule,
    Sourced,
    Term,
)

_NATURES = {
    "offence": "a criminal offence",
    "contempt": "contempt of court",
    "civil_order": "disobedience of a magistrates' civil order",
    "arrest": "ground for arrest, not an offence",
    "enforcement": "a matter of enforcing the sentence, not an offence",
}
_AWARENESS = {
    "none": "no awareness element in the breach provision",
    "without_notice": "where made without notice, only conduct when the person was aware of it",
    "service": "personal service is part of its validity",
}
_NOT_COMMENCED = date.max
_WIDTH = 110


def show(catalogue: Catalogue, ident: str, on: date | None = None) -> str:
    """Return an order kind, offence, provision, behaviour, term or recording rule as plain text.

    Parameters
    ----------
    catalogue : Catalogue
        The catalogue to look in.
    ident : str
        The id or provision key.
    on : date, optional
        The day asked about; default the day on which the catalogue was last checked.

    Raises
    ------
    CatalogueError
        Where nothing has that id; the hint names the nearest.

    Examples
    --------
    >>> print(show(Catalogue.load(), "non_molestation", date(2019, 5, 1)).splitlines()[0])
    Non-molestation order (order kind: non_molestation)
    """
    section, entry = _find(catalogue, ident)
    day = on or catalogue.checked
    lines = [fill(f"{entry.title} ({section}: {entry.id})", _WIDTH), "", _standing(entry, day)]
    lines += _PARTS[type(entry)](catalogue, entry, day)
    lines += _sources(catalogue, entry)
    return "\n".join(line for line in lines if line is not None) + "\n"


def _find(catalogue: Catalogue, ident: str) -> tuple[str, Entry]:
    rules = {rule.id: rule for rule in catalogue.recording_rules}
    tables: Sequence[tuple[str, dict[str, Entry]]] = [
        ("order kind", dict(catalogue.order_kinds)),
        ("offence", dict(catalogue.offences)),
        ("provision", dict(catalogue.provisions)),
        ("behaviour", dict(catalogue.behaviours)),
        ("term", dict(catalogue.terms)),
        ("recording rule", dict(rules)),
        ("outcome", dict(catalogue.outcomes)),
    ]
    for name, table in tables:
        if ident in table:
            return name, table[ident]
    near = get_close_matches(ident, [key for _, table in tables for key in table], 3, 0.5)
    raise CatalogueError(
        f"The catalogue has no entry '{ident}'.",
        hint=f"Nearest: {', '.join(near)}." if near else "docs/reference/catalogue.md lists every entry.",
    )


def _standing(entry: Entry, day: date) -> str:
    if entry.in_force.start == _NOT_COMMENCED:
        return f"On {day}: not in force; no commencement was found."
    beyond = day > entry.checked and not (entry.in_force.end and day >= entry.in_force.end)
    if beyond:
        return f"On {day}: beyond the last check ({entry.checked}); what follows held then."
    if isinstance(entry, (Behaviour, Term)):
        return f"On {day}: part of the vocabulary."
    if entry.in_force.start is None and day < entry.checked and entry.in_force.holds(day):
        return f"On {day}: not known; its start is not on record{_dates(entry.in_force)}."
    word = "in force" if entry.in_force.holds(day) else "not in force"
    return f"On {day}: {word}{_dates(entry.in_force)}."


def _dates(span: Dates) -> str:
    parts = []
    if span.start:
        parts.append(f"from {span.start}")
    if span.end:
        parts.append(f"until {span.end}")
    return f" ({', '.join(parts)})" if parts else ""


def _line(name: str, value: object) -> list[str]:
    text = ", ".join(value) if isinstance(value, tuple) else str(value)
    if not text:
        return []
    return [fill(text, _WIDTH, initial_indent=f"{name + ':':<24}", subsequent_indent=" " * 24)]


def _order_kind(catalogue: Catalogue, kind: OrderKind, day: date) -> Iterable[str]:
    short = (kind.abbreviation, *kind.abbreviations)
    yield from _line("Short", tuple(name for name in short if name))
    yield from _line("Extent", kind.extent)
    yield from _line("Begins with", kind.begins)
    yield from _line("Awareness", _AWARENESS[kind.awareness])
    yield from _line("Lasts", kind.duration)
    yield from _line("Made under", kind.made_under)
    yield from _line("Court result codes", kind.result_codes)
    yield from _line("Without terms on file", kind.default_terms)
    if not kind.is_order:
        yield "Not an order: nothing can be broken."
    for breach in kind.breaches:
        yield from _breach(breach, day)
    duty = kind.notification
    if duty is not None:
        yield ""
        counted = f"within {duty.days} days, the day of {duty.trigger.replace('_', ' ')} being the first"
        yield fill(f"Duty to notify the police {counted} ({', '.join(duty.provisions)}).", _WIDTH)
        yield from _line("  Note", duty.note)
    breaking = (o for o in catalogue.offences.values() if kind.id in o.breach_of)
    yield ""
    yield from _line("Recorded as", "; ".join(_coded(offence) for offence in breaking))


def _breach(breach: BreachInLaw, day: date) -> Iterable[str]:
    term = " or ".join(breach.term_classes)
    yield ""
    if breach.by == "made":
        yield fill(f"Breaking a {term} of an order made{_dates(breach.in_force)} is {_NATURES[breach.nature]}.", _WIDTH)
    else:
        holds = "so on" if breach.in_force.holds(day) else "not on"
        nature = f"{_NATURES[breach.nature]}{_dates(breach.in_force)}"
        yield fill(f"Breaking a {term} is {nature}; {holds} {day}.", _WIDTH)
    yield from _line("  Under", breach.provisions)
    yield from _line("  Mode", breach.mode)
    yield from _line("  Maximum", breach.maximum)
    if breach.reasonable_excuse:
        yield "  Only without reasonable excuse."
    yield from _line("  Not verified", breach.unverified)
    yield from _line("  Note", breach.note)


def _coded(offence: Offence) -> str:
    codes = " ".join((*offence.ho_codes, *offence.cjs_codes)) or "no code"
    return f"{offence.id} ({codes})"


def _offence(catalogue: Catalogue, offence: Offence, day: date) -> Iterable[str]:
    del catalogue, day
    yield from _line("Role", offence.role)
    yield from _line("Home Office codes", offence.ho_codes)
    yield from _line("CJS codes", offence.cjs_codes)
    yield from _line("Recorded class", offence.recorded_class)
    yield from _line("Provisions", offence.provisions)
    yield from _line("Extent", offence.extent)
    yield from _line("Mode", offence.mode)
    yield from _line("Maximum", offence.maximum)
    if offence.limitation_months:
        yield from _line("Time limit", f"{offence.limitation_months} months (Magistrates' Courts Act 1980 s.127)")
    yield from _line("Conduct", offence.conduct)
    kinds = tuple("an order, kind not said" if kind == "*" else kind for kind in offence.breach_of)
    yield from _line("Breach of", kinds)
    yield from _line("Implies", offence.behaviours)
    yield from _line("May involve", offence.may_involve)
    yield from _line("Labels", "; ".join(offence.labels))


def _provision(catalogue: Catalogue, provision: Provision, day: date) -> Iterable[str]:
    del catalogue, day
    yield from _line("Act", provision.act)
    yield from _line("Section", provision.section)
    yield from _line("Extent", provision.extent)
    yield from _line("Maximum", provision.maximum)
    yield from _line("Says", provision.summary)


def _behaviour(catalogue: Catalogue, behaviour: Behaviour, day: date) -> Iterable[str]:
    del day
    yield from _line("s.2A(3)", f"({behaviour.s2a})" if behaviour.s2a else "not in the list")
    yield from _line("Harm rank", f"{behaviour.harm} of 5 (a judgement)")
    yield from _line("Certain under", tuple(t.id for t in catalogue.terms.values() if behaviour.id in t.certain))
    yield from _line("Arguable under", tuple(t.id for t in catalogue.terms.values() if behaviour.id in t.arguable))


def _term(catalogue: Catalogue, term: Term, day: date) -> Iterable[str]:
    del catalogue, day
    yield from _line("Class", term.term_class)
    yield from _line("Breach kind", term.breach_kind)
    yield from _line("Certainly broken by", term.certain)
    yield from _line("Arguably broken by", term.arguable)
    yield from _line("Needs a victim", "yes" if term.needs_victim else "no")


def _recording_rule(catalogue: Catalogue, rule: RecordingRule, day: date) -> Iterable[str]:
    del catalogue, day
    yield from _line("Says", rule.summary)
    yield from _line("Asks for", rule.requires)


def _outcome(catalogue: Catalogue, outcome: CrimeOutcome, day: date) -> Iterable[str]:
    del catalogue, day
    yield from _line("Ends with", outcome.ends_with)
    yield from _line("Deals with it", "yes: later conduct is a new crime" if outcome.disposes else "no")


_PARTS: dict[type[Entry], Callable[..., Iterable[str]]] = {
    OrderKind: _order_kind,
    Offence: _offence,
    Provision: _provision,
    Behaviour: _behaviour,
    Term: _term,
    RecordingRule: _recording_rule,
    CrimeOutcome: _outcome,
}


def _sources(catalogue: Catalogue, entry: Sourced) -> Iterable[str]:
    yield ""
    keys = [*getattr(entry, "made_under", ()), *getattr(entry, "provisions", ())]
    for breach in getattr(entry, "breaches", ()):
        keys += breach.provisions
    duty = getattr(entry, "notification", None)
    keys += duty.provisions if duty else ()
    yield "Sources"
    for url in dict.fromkeys([entry.source, *(catalogue.provisions[key].url for key in keys)]):
        if url:
            yield f"  {url}"
    yield from _line("Checked", entry.checked)
    unverified = ("all of it" if fact == "entry" else fact for fact in entry.unverified)
    yield from _line("Not verified", tuple(unverified))
    yield from _line("Note", entry.note)
    yield from _line("Read from", getattr(entry, "origin", ""))
