"""The lives of orders in plain Python, one version at a time: what tests hold the columns of the engine against."""

from __future__ import annotations

from datetime import datetime, timedelta

from breachpattern.spans import FOREVER, LONDON, NEVER, day_bounds
from breachpattern.vocabulary import TERMS

BLANK = (NEVER, FOREVER)


def by(window):
    """When an event is known: itself, or the end of its day."""
    low, high = window
    return FOREVER if high == FOREVER else max(low, high - 1)


def together(windows):
    """Where windows meet, or all that they span."""
    given = [w for w in windows if w[1] != FOREVER]
    if not given:
        return BLANK
    low, high = max(w[0] for w in given), min(w[1] for w in given)
    return (low, high) if low <= min(map(by, given)) else (min(w[0] for w in given), max(w[1] for w in given))


def known_from(row, siblings):
    """From when a row is known."""

    def told(one):
        making = by(one["made"]) if one["made"] != BLANK else min(by(other["made"]) for other in siblings)
        return min(making, by(one["served"]), by(one["aware"]))

    first = told(row) if told(row) != FOREVER else min(map(told, siblings))
    starts = [one["starts"][0] for one in (row, *siblings) if one["starts"] != BLANK]
    return first if first != FOREVER else (row["starts"][0] if row["starts"] != BLANK else min(starts, default=NEVER))


def began(by_service, starts, made, served, aware):
    """The window in which a version began to bind."""
    if starts[1] != FOREVER:
        low, high = starts
    elif by_service:
        low, high = served if served[1] != FOREVER else (made[0], FOREVER)
    else:
        low, high = made if made[1] != FOREVER else (NEVER, min(served[1], aware[1]))
    for told in (served, aware):
        if low <= told[1] < high:
            high = told[1]
    return low, high


def midnight_after(second, days):
    return day_bounds(datetime.fromtimestamp(second, LONDON).date() + timedelta(days))[0]


def shortest(curfews):
    """The shortest whole curfew, or what halves of one say."""
    whole = [(b, e) for b, e in curfews if b >= 0 and e >= 0]
    if not whole:
        return max(b for b, _ in curfews), max(e for _, e in curfews)
    return min(whole, key=lambda c: ((c[1] - c[0]) % 1440, c[0]))


def versions_of(rows, law, as_of):
    """Every version that is known, as the fields of ``Orders``, sorted by respondent, order and version."""
    held = {}
    for row in rows:
        held.setdefault((row["respondent_id"], row["order_id"], row["version"]), []).append(row)
    orders = {}
    for key in sorted(held):
        known = [row for row in held[key] if known_from(row, held[key]) <= as_of]
        if known:
            orders.setdefault(key[:2], []).append(_version(key, known, law, as_of))
    out = []
    for own in orders.values():
        _ends(own)
        _knowing(own)
        out += own
    return out


def _version(key, rows, law, as_of):
    windows = {}
    for name in ("made", "served", "aware", "starts", "discharged"):
        told = [row[name] for row in rows]
        if name in ("served", "aware", "discharged"):
            told = [window if by(window) <= as_of else BLANK for window in told]
        windows[name] = together(told)
    kind = law.order_kinds[law.order_kind_ids[min(law.order_kind_ids.index(row["kind"]) for row in rows)]]
    starts, made, served, aware = (windows[name] for name in ("starts", "made", "served", "aware"))
    start = began(kind.begins == "service", starts, made, served, aware)
    ends = [row["ends"] for row in rows if row["ends"] is not None]
    on_file = 0
    for row in rows:
        on_file |= row["terms"]
    default = TERMS.mask(kind.default_terms or ("no_contact", "no_violence"))
    notice = [row["without_notice"] for row in rows if row["without_notice"] is not None]
    asked = kind.awareness == "service" or (kind.awareness == "without_notice" and (any(notice) or not notice))
    met = served[1] if kind.awareness == "service" else min(served[1], aware[1])
    curfew = shortest([(row["curfew_from"], row["curfew_to"]) for row in rows])
    protected = {row["protected_id"] for row in rows} - {None}
    return {
        "key": key, "row": rows[0]["row"], "kind": kind, "windows": windows, "start": start, "ends": ends,
        "start_lo": start[0], "start_hi": start[1],
        "end_doubtful": any(row["ends_doubtful"] for row in rows),
        "made": made[0], "served": served[0] if served != BLANK else NEVER,
        "terms": (on_file or default) | (TERMS.mask(["notification"]) if kind.notification else 0),
        "terms_on_file": on_file != 0, "is_order": kind.is_order, "needs_awareness": asked,
        "needs_service": kind.awareness == "service",
        "notice_unknown": kind.awareness == "without_notice" and not notice,
        "by_presence": kind.awareness == "without_notice" and bool(notice) and not any(notice),
        "of_itself": kind.id == "dapo" and (any(notice) or not notice), "aware": met if asked else NEVER,
        "names_nobody": not protected, "protected": protected, "curfew_from": curfew[0], "curfew_to": curfew[1],
        "founded": {text for row in rows for text in (row["founded_on"] or "").split(";") if text},
        "zones": [
            (row["exclusion_postcodes"], row["exclusion_radius_m"])
            for row in rows
            if row["exclusion_postcodes"] is not None or row["exclusion_radius_m"] is not None
        ],
    }  # fmt: skip


def _statute(own, days):
    """For each version of an order the window in which the statute ends it."""
    limits = [getattr(v["kind"], days) or 0 for v in own]
    told = []
    for version, limit in zip(own, limits, strict=True):
        made = version["windows"]["made"]
        begun = version["start_lo"]
        if begun == NEVER:
            begun = min(by(version["windows"]["served"]), by(version["windows"]["aware"]))
        if limit and made != BLANK:
            told.append((made[0], by(made)))
        elif limit and begun not in (NEVER, FOREVER):
            told.append((begun, begun))
    if not told:
        return [(FOREVER, FOREVER)] * len(own)
    low, high = min(t[0] for t in told), min(t[1] for t in told)
    return [(midnight_after(low, n), midnight_after(high, n)) if n else (FOREVER, FOREVER) for n in limits]


def _ends(own):
    """Set in how long each version of an order lasted."""
    gone = [v["windows"]["discharged"] for v in own]
    given = [w for w in gone if w[1] != FOREVER]
    first = (min((w[0] for w in given), default=FOREVER), min((w[1] for w in given), default=FOREVER))
    for k, (version, cap, now) in enumerate(
        zip(own, _statute(own, "max_days"), _statute(own, "certain_days"), strict=True)
    ):
        last = max(version["ends"], default=FOREVER)
        version["capped"] = cap[1] < last
        low = min(version["ends"] + [cap[0]] + ([now[0]] if last == FOREVER else []))
        low, high = NEVER if version["end_doubtful"] else low, min(last, cap[1])
        discharged = gone[k] if gone[k] != BLANK else (FOREVER, FOREVER)
        discharged = first if version["start_lo"] < first[0] else discharged
        version["hands_over"] = False
        if k + 1 < len(own):
            start = own[k + 1]["start"]
            same = discharged[0] == start[0] and discharged[1] >= start[1]
            lasts = start[1] != FOREVER and low >= start[1]
            version["hands_over"] = lasts and (discharged[0] >= start[1] or same)
            low, high = min(low, start[0]), min(high, start[1])
        version["end_lo"], version["end_hi"] = min(low, discharged[0]), min(high, discharged[1])
        version["open_ended"] = version["end_hi"] == FOREVER


def _knowing(own):
    """Carry awareness of an order over to its later versions."""
    known = FOREVER
    for k, version in enumerate(own):
        version["varied_unaware"] = k > 0 and version["of_itself"]
        if version["of_itself"]:
            known = FOREVER
        told = version["aware"] if version["needs_awareness"] else NEVER if version["by_presence"] else FOREVER
        known = min(known, told)
        version["aware"] = known if version["needs_awareness"] else version["aware"]
