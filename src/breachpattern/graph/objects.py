"""Objects: telephone numbers, accounts and vehicles, in one spelling each, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from breachpattern.linking.columns import Codes

PHONE, ACCOUNT, VEHICLE, ADDRESS = KINDS = ("phone", "account", "vehicle", "address")
# Written where the number is not known: shared by nobody.
NOT_KNOWN = (
    "", "anonymous", "blocked", "n/a", "na", "no caller id", "none", "not known", "number withheld", "private",
    "private number", "tbc", "unknown", "unknown number", "withheld", "withheld number",
)  # fmt: skip
SHOWN = 4
_DIALLED = r"^\+?[0-9]{7,15}$"
_ONE_DIGIT = "^(" + "|".join(f"{digit}+" for digit in range(10)) + ")$"
# Registration marks of Great Britain since 1963 and of Northern Ireland; older ones look like any word.
_PLATE = r"^([A-Z]{2}[0-9]{2}[A-Z]{3}|[A-Z][0-9]{1,3}[A-Z]{3}|[A-Z]{3}[0-9]{1,3}[A-Z]|[A-Z](I[A-Z]|[A-Z]Z)[0-9]{1,4})$"
_HOUSE = r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b|^[0-9]+[A-Z]?,? +[A-Z]"


@dataclass(frozen=True)
class Objects:
    """Distinct objects, sorted by kind and spelling.

    Attributes
    ----------
    kind : (n,) int32
        Position in :data:`KINDS`.
    text : pyarrow.Array of string
        The one spelling of each.
    """

    kind: Codes
    text: pa.Array

    def __len__(self) -> int:
        return len(self.kind)

    def label(self, code: int, clear: bool) -> str:
        """Return how an object is shown: its kind and its last four characters, or all of it."""
        kind, text = KINDS[self.kind[code]], str(self.text[code])
        if clear:
            return f"{kind} {text}"
        if kind == ADDRESS:
            return kind
        own = text.split("@")[0]
        return f"{kind} …{own[-min(SHOWN, len(own) // 2) :]}" if len(own) > 1 else kind


def spelt(texts: pa.Array, kind: str | None = None) -> pa.Array:
    """Return each text as ``kind:spelling``; null where nothing is said.

    Parameters
    ----------
    texts : pyarrow.Array of string
    kind : str, optional
        What they are; by default each text tells for itself.

    Examples
    --------
    >>> spelt(pa.array(["+44 7700 900142", "07700900142", "@Nobody", "ab12 cde", "withheld", None])).to_pylist()
    ['phone:07700900142', 'phone:07700900142', 'account:nobody', 'vehicle:AB12CDE', None, None]
    """
    lower = pc.utf8_lower(pc.utf8_trim_whitespace(texts))
    upper = pc.utf8_upper(lower)
    compact = pc.replace_substring_regex(upper, r"[\s().\-/]", "")
    dialled = pc.replace_substring_regex(compact, r"^(\+|00)44(\(?0\)?)?", "0")
    is_phone = pc.match_substring_regex(compact, _DIALLED)
    says = pc.match_substring_regex(lower, r"[\pL\pN]")
    blank = pc.or_(
        pc.or_(pc.invert(says), pc.is_in(lower, value_set=pa.array(NOT_KNOWN))),
        pc.and_(is_phone, pc.match_substring_regex(compact, _ONE_DIGIT)),
    )
    account = pc.utf8_ltrim(lower, characters="@")
    if kind is not None:
        chosen = {PHONE: dialled, VEHICLE: compact}.get(kind, account)
        spelling = pc.binary_join_element_wise(f"{kind}:", chosen, "")
    else:
        is_plate = pc.match_substring_regex(compact, _PLATE)
        is_house = pc.and_(pc.match_substring_regex(upper, _HOUSE), pc.invert(pc.or_(is_plate, is_phone)))
        spelling = pc.case_when(
            pc.make_struct(is_phone, is_plate, is_house),
            *(pc.binary_join_element_wise(f"{k}:", t, "") for k, t in (
                (PHONE, dialled), (VEHICLE, compact), (ADDRESS, lower), (ACCOUNT, account)
            )),
        )  # fmt: skip
    return pc.if_else(blank, pa.scalar(None, pa.string()), spelling)


def objects_of(spellings: pa.Array) -> Objects:
    """Return the objects behind some distinct, sorted spellings.

    Examples
    --------
    >>> found = objects_of(pa.array(["account:nobody", "phone:07700900142"]))
    >>> found.label(0, clear=False), found.label(1, clear=False), found.label(1, clear=True)
    ('account …ody', 'phone …0142', 'phone 07700900142')
    """
    if len(spellings) == 0:
        return Objects(np.empty(0, np.int32), pa.array([], pa.string()))
    parts = pc.split_pattern(spellings, ":", max_splits=1)
    kind = pc.index_in(pc.list_element(parts, 0), value_set=pa.array(KINDS))
    return Objects(kind.to_numpy(zero_copy_only=False).astype(np.int32), pc.list_element(parts, 1))
