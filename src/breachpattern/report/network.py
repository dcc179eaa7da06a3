"""The graph around a finding as a static picture: suspects, the orders between them and the victims, and who else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from breachpattern.graph.picture import LINES, LOOKS
from breachpattern.output.charts import GREY, INK
from breachpattern.patterns.wording import counted
from breachpattern.report.run import People, Record, Run

_WIDTH, _ROW, _COLUMNS, _TOP, _BELOW = 960, 62, (110, 480, 850), 22, 44
_MOST = 6
# Words over lines stay readable on a white edge of their own.
_HALO = Markup('paint-order="stroke" stroke="#ffffff" stroke-width="4"')


@dataclass(frozen=True)
class _Node:
    label: str
    kind: str
    below: str
    x: int
    y: int


def network_of(finding: Record, people: People, run: Run, identity: str) -> Markup:
    """Return the picture of who and what is connected: people, the records between them, and orders.

    Parameters
    ----------
    finding : dict
    people : People
    run : Run
    identity : str
        What is unique on the page, for the names of the picture.
    """
    orders = people.orders[:_MOST]
    others = [
        course for course in run.other_courses(finding) if set(course["suspect_ids"]) & set(finding["suspect_ids"])
    ]
    known = dict.fromkeys(v for course in others for v in course["victim_ids"])
    beside = [name for name in known if name not in finding["victim_ids"]][:_MOST]
    through = dict.fromkeys(i["through_id"] for item in people.records for i in item.get("inferred") or ())
    left = [(name, "suspect") for name in finding["suspect_ids"]] or [("not known", "suspect")]
    left += [(name, "acts for the suspect (inferred)") for name in through if name not in finding["suspect_ids"]]
    right = [(name, "victim") for name in finding["victim_ids"]] or [("not known", "victim")]
    right += [(name, "victim of another candidate course") for name in beside]
    # People stand from the top, orders begin below their first line: no line to an order lies on one between people.
    persons_left = _placed(left, "person", _COLUMNS[0], _TOP)
    persons_right = _placed(right, "person", _COLUMNS[2], _TOP)
    middle = _placed([(o["order_id"], _title(o)) for o in orders], "order", _COLUMNS[1], _TOP + _BELOW)
    height = 50 + max(node.y for held in (persons_left, persons_right, middle) for node in held.values())
    lines = [
        *_between(finding, people, persons_left, persons_right, others),
        *_bound(orders, middle, persons_left, persons_right),
    ]
    nodes = [_drawn(node) for node in (*persons_left.values(), *persons_right.values(), *middle.values())]
    more = len(people.orders) - len(orders)
    sides = f"{len(left)} on the side of the suspect, {len(right)} on the side of the victim"
    said = f"Graph: {sides}, {counted(len(orders), 'order')} between them."
    return Markup(
        '<svg class="picture" viewBox="0 0 {w} {h}" role="img" aria-labelledby="{i}-name" '
        'xmlns="http://www.w3.org/2000/svg" font-family="arial, sans-serif" font-size="13">'
        '<title id="{i}-name">{name}</title>{lines}{nodes}</svg>'
    ).format(
        w=_WIDTH, h=height, i=identity, name=said + (f" {counted(more, 'more order')}." if more > 0 else ""),
        lines=Markup("").join(lines), nodes=Markup("").join(nodes),
    )  # fmt: skip


def _title(order: Record) -> str:
    versions = order["versions"]
    return str(versions[-1]["order_title"] or "order") if versions else "order, no details on file"


def _placed(items: Sequence[tuple[str, str]], kind: str, x: int, top: int) -> dict[str, _Node]:
    """Return nodes in a column, from the top down."""
    return {label: _Node(label, kind, below, x, top + _ROW * i) for i, (label, below) in enumerate(items)}


def _between(
    finding: Record, people: People, left: dict[str, _Node], right: dict[str, _Node], others: Sequence[Record]
) -> list[Markup]:
    """Draw the records of everybody on the left towards each victim, and other courses of the same suspects."""
    held: dict[tuple[str, str], list[Record]] = {}
    for record in people.records:
        # Where nobody is named as victim, whoever stands on the record is not one.
        victim = _name(record["victim_id"] if finding["victim_ids"] else None)
        held.setdefault((_name(record["suspect_id"]), victim), []).append(record)
    # Beside the column of orders, on the side where the lines lie further apart.
    at = 0.28 if len(left) > len(right) else 0.74
    lines = []
    for (suspect, victim), records in held.items():
        breaches = sum(bool(record["breaches"]) for record in records)
        words = counted(len(records), "record") + (f", {counted(breaches, 'breach')}" if breaches else "")
        how = "breach of an order" if breaches else "suspect, respondent"
        if suspect in left and victim in right:
            lines.append(_line(left[suspect], right[victim], how, words, at))
    for course in others:
        words = f"{course['strength']} candidate course, {counted(int(course['occasions'] or 0), 'occasion')}"
        lines += [
            _line(left[suspect], right[victim], "suspect, respondent", words, at)
            for suspect in course["suspect_ids"]
            for victim in course["victim_ids"]
            if suspect in left and victim in right
        ]
    return lines


def _name(reference: str | None) -> str:
    return reference or "not known"


def _bound(
    orders: Sequence[Record], middle: dict[str, _Node], left: dict[str, _Node], right: dict[str, _Node]
) -> list[Markup]:
    """Draw whom each order binds and whom it protects."""
    lines = []
    for order in orders:
        node = middle[order["order_id"]]
        bound = dict.fromkeys(v["respondent_id"] for v in order["versions"])
        protected = dict.fromkeys(p for v in order["versions"] for p in v["protected_ids"])
        lines += [_line(left[name], node, "victim, protected", "binds") for name in bound if name in left]
        lines += [_line(node, right[name], "victim, protected", "protects") for name in protected if name in right]
    return lines


def _line(start: _Node, end: _Node, how: str, words: str, at: float = 0.5) -> Markup:
    """Draw a line, with its words a share of the way along it."""
    colour, dashes = LINES[how]
    drawn = Markup(
        '<path d="M{a} {b}L{c} {d}" stroke="{s}" stroke-width="1.6" fill="none"{dash}><title>{t}</title></path>'
    ).format(
        a=start.x, b=start.y, c=end.x, d=end.y, s=colour, t=f"{start.label}, {end.label}: {words}",
        dash=Markup(' stroke-dasharray="5 3"') if dashes != [1, 0] else "",
    )  # fmt: skip
    if words in ("binds", "protects"):
        return drawn
    label = '<text x="{x}" y="{y}" text-anchor="middle" fill="{c}" {halo}>{w}</text>'
    return drawn + Markup(label).format(
        x=round(start.x + (end.x - start.x) * at), y=round(start.y + (end.y - start.y) * at) - 6, c=INK, w=words,
        halo=_HALO,
    )  # fmt: skip


def _drawn(node: _Node) -> Markup:
    colour, _ = LOOKS[node.kind]
    outline = (
        Markup('<circle cx="{x}" cy="{y}" r="10" fill="{c}"/>')
        if node.kind == "person"
        else Markup('<path transform="translate({x} {y})" d="M0 -10L10 0L0 10L-10 0Z" fill="{c}"/>')
    ).format(x=node.x, y=node.y, c=colour)
    return outline + Markup(
        '<text x="{x}" y="{y}" text-anchor="middle" font-weight="bold" fill="{i}" {halo}>{w}</text>'
        '<text x="{x}" y="{z}" text-anchor="middle" font-size="12" fill="{g}" {halo}>{b}</text>'
    ).format(
        x=node.x,
        y=node.y + 25,
        z=node.y + 40,
        i=INK,
        g=GREY,
        halo=_HALO,
        w=_short(node.label),
        b=_short(node.below, 36),
    )


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
