"""Events as lines of JSON in, answers as lines of JSON out: how a system in any language embeds the index.

One line in gives one line out, in order. A line that cannot be used gets an error line and changes nothing.
"""

from __future__ import annotations

import json
import logging
import traceback
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from breachpattern.cases.history import checked
from breachpattern.errors import BreachpatternError, InputError
from breachpattern.records import MODELS
from breachpattern.records.cells import as_text

if TYPE_CHECKING:
    from breachpattern.cases.index import CaseIndex

logger = logging.getLogger(__name__)
TABLES = {"incident": "incidents", "order": "orders", "person": "persons", "association": "associations"}
EVENTS = (*TABLES, "save", "ping")
KEYS = {"event", "id", "keep", "findings", *TABLES}
LONGEST = 1 << 20  # bytes of a line
UNREADABLE: dict[type[Exception], str] = {
    UnicodeDecodeError: "is not UTF-8",
    UnicodeEncodeError: "holds half of a character (a lone surrogate)",
    OverflowError: "holds a number that is too large",
}

Line = dict[str, Any]


class Watcher:
    """Answers events, and holds what is to be saved.

    Parameters
    ----------
    index : CaseIndex
    save : callable
        Takes what came since the last save, by table, and saves it.
    now : callable
        The instant, in seconds UTC, as of which a question is asked.

    Attributes
    ----------
    leaves_cycles : bool
        Whether anything was done that may leave objects behind which only the collector of cycles finds. What answers
        an incident from the state that is kept ready leaves none.
    """

    def __init__(self, index: CaseIndex, save: Callable[[Mapping[str, list[Line]]], None], now: Callable[[], int]):
        self.index = index
        self._save, self._now = save, now
        self._lines = 0
        self.leaves_cycles = False
        self.pending: dict[str, list[Line]] = {name: [] for name in TABLES.values()}

    def answer(self, line: bytes) -> bytes | None:
        """Return the line that answers a line, ``None`` for a blank one; never fails for what a line says."""
        self._lines += 1
        if not line.strip():
            return None
        head: Line = {"line": self._lines}
        try:
            event = _read(line)
            if "id" in event:
                head["id"] = event["id"]
            return _line(head | self._answered(event))
        except BreachpatternError as error:
            self.leaves_cycles = True
            head["error"] = _told(error)
        except Exception as error:
            self.leaves_cycles = True
            # One line must never end the service; what it held is nowhere in the log.
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error(
                "line %d could not be answered: %s in %s, line %s",
                self._lines, type(error).__name__, place.name, place.lineno,
            )  # fmt: skip
            message = "This line could not be answered; that is a fault of breachpattern, not of the line."
            head["error"] = {"code": "internal", "where": None, "message": message, "hint": None}
        return _line(head)

    def _answered(self, event: Line) -> Line:
        kind = event["event"]
        if kind == "ping":
            return {"event": kind, "records": len(self.index), "pending": self._counts()}
        if kind == "save":
            counts = self._counts()
            self.save()
            return {"event": kind, "saved": counts}
        if kind == "incident":
            return {"event": kind} | self._incident(event)
        self.leaves_cycles = True
        data = checked(MODELS[TABLES[kind]], event[kind], self.index.cases.catalogue)
        if kind == "order":
            self.index.add_order(data)
        self.pending[TABLES[kind]].append(data)
        return {"event": kind, "kept": True, "in_effect": kind == "order"}

    def _incident(self, event: Line) -> Line:
        data, findings = event["incident"], event.get("findings", "fast")
        keep, now = event.get("keep", True), self._now()
        self.leaves_cycles |= findings != "fast" or now < self.index.cases.last_learnt
        # What was sent before changes nothing: whoever lost an answer asks again. A further row of an incident on file
        # waits for the next update, which brings the rows of one record together.
        cases = self.index.cases
        known = cases.is_on_file(as_text(data.get("incident_id")))
        repeated = known and cases.is_kept(cases.read(data), data)
        self.leaves_cycles |= known
        answer = self.index.assess(data, now=now, findings=findings, keep=keep and not known)
        if keep and not repeated:
            self.pending["incidents"].append(dict(data))
        return {"kept": keep, "in_effect": keep and (repeated or not known), "answer": answer}

    def save(self) -> None:
        """Save what came since the last save; what could not be saved stays pending."""
        if any(self.pending.values()):
            self.leaves_cycles = True
            self._save(self.pending)
            logger.info("saved %s", self._counts())
            self.pending = {name: [] for name in TABLES.values()}

    def events(self) -> Iterator[bytes]:
        """Yield what waits to be saved as lines that :meth:`answer` takes."""
        for kind, table in TABLES.items():
            for row in self.pending[table]:
                yield _line({"event": kind, kind: row}) + b"\n"

    def _counts(self) -> dict[str, int]:
        return {name: len(rows) for name, rows in self.pending.items()}


def _read(line: bytes) -> Line:
    """Return the event of a line; :class:`InputError` says what is wrong with it."""
    if len(line) > LONGEST:
        raise InputError(
            f"The line has {len(line):,} bytes, and {LONGEST:,} are the most.", where="line", hint="Send less in it."
        )
    try:
        # Bytes would let json guess at their encoding, and let halves of characters pass.
        event = _DECODER.decode(line.removeprefix(BOM_UTF8).decode())
        if b"\\u" in line:
            _line(event)
    except (ValueError, OverflowError, RecursionError) as error:
        what = next((text for kind, text in UNREADABLE.items() if isinstance(error, kind)), "is not JSON")
        raise InputError(f"The line {what}.", where="line", hint="One JSON object on each line.") from None
    if not isinstance(event, dict):
        raise InputError("The line is JSON and no object.", where="line", hint="One JSON object on each line.")
    kind = event.get("event")
    if kind not in EVENTS:
        said = f"{kind!r} is no event." if "event" in event else "The line does not say which event it is."
        raise InputError(said, where="event", hint=f"One of {', '.join(EVENTS)}.")
    if unknown := sorted(event.keys() - KEYS):
        raise InputError(
            f"{unknown[0]!r} is not a key of an event.", where=unknown[0], hint="See `breachpattern schema watch`."
        )
    ident = event.get("id")
    if isinstance(ident, bool) or not isinstance(ident, str | int | None):
        raise InputError("An id is a text, a whole number or null.", where="id", hint="Quote it, or leave it out.")
    if kind in TABLES and not isinstance(event.get(kind), dict):
        raise InputError(
            f"The event has no {kind!r} that is an object.", where=kind, hint="See `breachpattern schema watch`."
        )
    if not isinstance(event.get("keep", True), bool):
        raise InputError("'keep' is true or false.", where="keep", hint="Leave it out to keep the record.")
    return event


def _no_number(text: str) -> Any:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise OverflowError(text)
    return number


# Made once: json.loads and json.dumps would make one for each line. Neither what was read nor an answer holds itself.
_DECODER = json.JSONDecoder(parse_constant=_no_number, parse_float=_finite)
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, allow_nan=False, separators=(",", ":"))


def _line(value: Line) -> bytes:
    """Return a mapping as JSON that any reader takes: in UTF-8, without NaN and without halves of characters."""
    return _ENCODER.encode(value).encode()


def _told(error: BreachpatternError) -> Line:
    return {"code": error.code, "where": error.where, "message": error.message, "hint": error.hint}
