"""References that look alike: two of them differ by the case of letters, or by what nobody can see."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.ingest.issues import IssueLog
from breachpattern.ingest.part import Part
from breachpattern.ingest.privacy import PEOPLE, Privacy

SHOWN = 3
# Formatting (zero width, right-to-left marks, soft hyphens), controls, blanks that are no space, and fillers.
HIDDEN = r"[\p{Cf}\p{Cc}\p{Zl}\p{Zp}\x{00A0}\x{1680}\x{2000}-\x{200A}\x{202F}\x{205F}\x{3000}" \
         r"\x{034F}\x{115F}\x{1160}\x{17B4}\x{17B5}\x{180B}-\x{180D}\x{3164}\x{FE00}-\x{FE0F}\x{FFA0}]"  # fmt: skip
KINDS: dict[str, Mapping[str, tuple[str, ...]]] = {
    "people": PEOPLE,
    "incidents": {"incidents": ("incident_id",)},
    "orders": {"orders": ("order_id",)},
}
# Where every byte is one of these no two references can look alike: most systems write nothing else.
_PLAIN = np.zeros(256, np.bool_)
_PLAIN[[*range(0x20, 0x61), *range(0x7B, 0x7F)]] = True
_AT_ONCE = 1 << 24


def note_look_alikes(parts: Mapping[str, Part], privacy: Privacy, log: IssueLog) -> None:
    """Note references with characters that cannot be seen, and those that only these or case tell apart.

    They stay as they are: whether ``p1`` is ``P1`` is for a person to say. The note stands with the first table.

    Parameters
    ----------
    parts : mapping of str to Part
        By table.
    privacy : Privacy
        Knows what people were called before they had pseudonyms.
    log : IssueLog

    Examples
    --------
    >>> from breachpattern.ingest import read_extract
    >>> rows = [{"incident_id": f"C{n}", "occurred_from": "2025-03-01", "suspect_id": who, "victim_id": "V1"}
    ...         for n, who in enumerate(["P1", "p1"])]
    >>> print(read_extract(rows).issues.to_arrow()["message"][0])
    2 references to people look alike, and are taken for different ones: 'P1' and 'p1'.
    """
    for kind, tables in KINDS.items():
        given = [(parts[table], name) for table, names in tables.items() if table in parts for name in names]
        columns = [part.columns[name] for part, name in given if name in part.columns]
        if kind == "people" and privacy.key is not None:
            columns = [pa.array(privacy.known, pa.string())]
        if columns and not all(map(_plain, columns)):
            note_kind(kind, pc.unique(pa.chunked_array(columns)).drop_null(), given[0][0].file, log)


def keys_of(texts: pa.Array) -> pa.Array:
    r"""Return what texts that look alike have in common.

    Examples
    --------
    >>> keys_of(pa.array(["p1", "P\u200b1"])).to_pylist()
    ['P1', 'P1']
    """
    return pc.utf8_upper(pc.utf8_normalize(pc.replace_substring_regex(texts, HIDDEN, ""), "NFKC"))


def note_kind(kind: str, texts: pa.Array, file: str, log: IssueLog) -> None:
    """Note the references of one kind, each given once, that look alike or hold what cannot be seen."""
    hidden = texts.filter(pc.match_substring_regex(texts, HIDDEN)).to_pylist()
    if hidden:
        shown = ", ".join(map(repr, sorted(hidden)[:SHOWN]))
        message = f"{len(hidden):,} references to {kind} hold characters that cannot be seen, such as {shown}."
        log.add(file, None, None, "hidden_characters", ["; ".join(sorted(hidden)[:SHOWN])], message)
    code = keys_of(texts).dictionary_encode().indices.to_numpy()
    alike = np.flatnonzero(np.bincount(code)[code] > 1)
    if not len(alike):
        return
    groups: dict[int, list[str]] = {}
    for text, group in zip(texts.take(pa.array(alike)).to_pylist(), code[alike].tolist(), strict=True):
        groups.setdefault(group, []).append(text)
    first = sorted(sorted(group) for group in groups.values())[:SHOWN]
    shown = "; ".join(" and ".join(map(repr, group[:2])) for group in first)
    message = f"{len(alike):,} references to {kind} look alike, and are taken for different ones: {shown}."
    log.add(file, None, None, "look_alike_references", ["; ".join(group[0] for group in first)], message)


def _plain(column: pa.Array) -> bool:
    """Return whether a column of text holds only characters that have no look-alikes."""
    _, offsets, data = column.buffers()
    if data is None or not len(column):
        return True
    low, high = np.frombuffer(offsets, np.int32)[[column.offset, column.offset + len(column)]].tolist()
    held = np.frombuffer(data, np.uint8)[low:high]
    return all(bool(_PLAIN[held[start : start + _AT_ONCE]].all()) for start in range(0, len(held), _AT_ONCE))
