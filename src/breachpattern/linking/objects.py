"""Objects: telephone numbers, accounts, vehicles and addresses, in one spelling each, as ``kind:spelling``.

What is no recognisable object has no spelling: *withheld*, *WhatsApp* or *blue Ford van* is shared by nobody.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

PHONE, ACCOUNT, VEHICLE, ADDRESS = KINDS = ("phone", "account", "vehicle", "address")
# Written where the object is not known, and means that are a way and no object. Letters and digits only.
NO_OBJECT = (
    "", "anonymous", "anon", "blocked", "caller id blocked", "caller unknown", "declined", "e mail", "email",
    "facebook", "face to face", "f2f", "hidden", "instagram", "in person", "landline", "letter", "messenger", "mobile",
    "n a", "na", "n k", "nk", "nil", "no", "no caller id", "no email",
    "no mobile", "none", "none given", "none known", "none recorded", "no number", "no phone",
    "not applicable", "not given", "not known", "not provided", "not recorded", "not stated", "no vehicle", "null",
    "number withheld", "phone", "post", "private", "private number",
    "refused", "sms", "snapchat", "tba", "tbc", "telegram", "text", "text message", "tiktok", "twitter", "unk",
    "unknown", "unknown address", "unknown number", "unregistered", "various", "vehicle", "whatsapp", "withheld",
    "withheld number",
)  # fmt: skip
_DIALLED = r"^\+?[0-9]{7,15}$"
_ONE_DIGIT = r"^\+?0?(" + "|".join(f"{digit}+" for digit in range(10)) + ")$"
# What people write before a number: "WhatsApp: 07700 900142".
_BEFORE_NUMBER = (
    r"^(tel|telephone|mob|mobile|phone|ph|landline|number|no|call|text|sms|whatsapp|signal|telegram)\b[^\pL\pN+(]*"
)
# Registration marks of Great Britain since 1963 and of Northern Ireland; older ones look like any word.
_PLATE = r"^([A-Z]{2}[0-9]{2}[A-Z]{3}|[A-Z][0-9]{1,3}[A-Z]{3}|[A-Z]{3}[0-9]{1,3}[A-Z]|[A-Z](I[A-Z]|[A-Z]Z)[0-9]{1,4})$"
_PLATE_WITHIN = r"^.*\b(?P<mark>[A-Z]{2}[0-9]{2} ?[A-Z]{3})\b.*$"
_HOUSE = r"\b[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}\b|^[0-9]+[A-Z]?,? +[A-Z]"
# "3 missed calls" begins like the address of a house.
_COUNTED = (
    r"\b(CALLS?|TEXTS?|MESSAGES?|SMS|MISSED|LETTERS?|E-?MAILS?|TIMES?|NOTES?|CARDS?|GIFTS?|MEN|MAN|MALES?|FEMALES?|"
    r"WOM[AE]N|PEOPLE|VISITS?|POSTS?|VOICEMAILS?|NUMBERS?|PHONES?|CARS?|VANS?|UNKNOWN|DIFFERENT|OTHERS?)\b"
)
_MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
_NOBODYS_MAIL = r"^(none|no|no\.?e?-?mail|noreply|unknown|unk|na|n/a|nk|nil|test|withheld)@"
# One word that a person would not write as a word: with @ before it, a digit, or a dot or line within.
_HANDLE = r"^(@[\pL\pN_.\-]+|[\pL\pN_.\-]*[\pL\pN][_.\-][\pL\pN][\pL\pN_.\-]*|[\pL_.\-]+[0-9][\pL\pN_.\-]*)$"


def spelt(texts: pa.Array, kind: str | None = None) -> pa.Array:
    """Return each text as ``kind:spelling``; null where it names no recognisable object.

    Parameters
    ----------
    texts : pyarrow.Array of string
    kind : str, optional
        What they are; by default each text tells for itself.

    Examples
    --------
    >>> spelt(pa.array(["+44 7700 900142", "07700900142", "@Nobody", "ab12 cde", "withheld", None])).to_pylist()
    ['phone:07700900142', 'phone:07700900142', 'account:nobody', 'vehicle:AB12CDE', None, None]
    >>> spelt(pa.array(["blue Ford van", "Ford, AB12 CDE", "unknown"]), "vehicle").to_pylist()
    [None, 'vehicle:AB12CDE', None]
    """
    spellings = pa.nulls(len(texts), pa.string())
    if texts.null_count == len(texts):
        return spellings
    lower, named = pc.utf8_lower(pc.utf8_trim_whitespace(texts)), pc.invert(no_object(texts))
    for k in [kind] if kind is not None else _SPELLINGS:
        # To compile its expressions takes longer than to read a short column.
        if pc.any(pc.and_(named, pc.is_null(spellings))).as_py():
            found = _SPELLINGS[k](lower, k == kind)
            spellings = pc.coalesce(spellings, pc.binary_join_element_wise(f"{k}:", found, ""))
    return _where(named, spellings)


def no_object(texts: pa.Array) -> pa.Array:
    """Return which texts only say that there is nothing to name.

    Examples
    --------
    >>> no_object(pa.array(["N/K", "N.F.A., Northmarch", "12 Long Row"])).to_pylist()
    [True, True, False]
    """
    words = pc.utf8_trim_whitespace(pc.replace_substring_regex(pc.utf8_lower(texts), r"[^\pL\pN]+", " "))
    homeless = pc.match_substring_regex(words, r"^(of )?(no fixed (abode|address)|nfa|n f a)( |$)")
    return pc.or_(pc.is_in(words, value_set=pa.array(NO_OBJECT)), homeless)


def spelt_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of texts that tell for themselves what they are, each as :func:`spelt` writes it.

    Examples
    --------
    >>> spelt_column(pa.chunked_array([["07700 900142", None], ["+447700900142"]])).to_pylist()
    ['phone:07700900142', None, 'phone:07700900142']
    """
    if len(column) == 0:
        return pa.chunked_array([pa.array([], pa.string())])
    whole = column if pa.types.is_dictionary(column.type) else pc.dictionary_encode(column.cast(pa.string()))
    one = whole.unify_dictionaries()
    texts = spelt(one.chunk(0).dictionary.cast(pa.string()))
    return pa.chunked_array([texts.take(chunk.indices) for chunk in one.chunks], pa.string())


def texts_in(column: pa.ChunkedArray) -> pa.Array:
    """Return a column as one array of texts."""
    return pa.concat_arrays(column.cast(pa.string()).chunks) if column.num_chunks else pa.array([], pa.string())


def _where(condition: pa.Array, texts: pa.Array) -> pa.Array:
    return pc.if_else(condition, texts, pa.scalar(None, pa.string()))


def _phones(lower: pa.Array, _: bool) -> pa.Array:
    number = pc.replace_substring_regex(lower, _BEFORE_NUMBER, "")
    compact = pc.replace_substring_regex(number, r"[\s().\-/]", "")
    dialled = pc.replace_substring_regex(compact, r"^(\+|00)44(\(?0\)?)?", "0")
    dialled = pc.replace_substring_regex(dialled, r"^44([1-9][0-9]{8,9})$", r"0\1")
    dialled = pc.replace_substring_regex(dialled, r"^00([1-9])", r"+\1")
    one_digit = pc.match_substring_regex(dialled, _ONE_DIGIT)
    return _where(pc.and_(pc.match_substring_regex(dialled, _DIALLED), pc.invert(one_digit)), dialled)


def _vehicles(lower: pa.Array, only: bool) -> pa.Array:
    """Return registration marks; in a column of vehicles also those of elsewhere, which look like any code."""
    upper = pc.utf8_upper(lower)
    compact = pc.replace_substring_regex(upper, r"[\s().\-/]", "")
    mark = pc.match_substring_regex(compact, _PLATE)
    if only:
        short = pc.match_substring_regex(compact, r"^[A-Z0-9]{2,8}$")
        mixed = pc.and_(pc.match_substring_regex(compact, r"[0-9]"), pc.match_substring_regex(compact, r"[A-Z]"))
        word = pc.match_substring_regex(compact, r"[A-Z]{4}")
        mark = pc.or_(mark, pc.and_(short, pc.and_(mixed, pc.invert(word))))
    within = pc.struct_field(pc.extract_regex(upper, _PLATE_WITHIN), "mark")
    return pc.coalesce(_where(mark, compact), pc.replace_substring(within, " ", ""))


def _houses(lower: pa.Array, _: bool) -> pa.Array:
    upper = pc.utf8_upper(lower)
    house = pc.match_substring_regex(upper, _HOUSE)
    return _where(pc.and_(house, pc.invert(pc.match_substring_regex(upper, _COUNTED))), lower)


def _accounts(lower: pa.Array, _: bool) -> pa.Array:
    mail = pc.and_(pc.match_substring_regex(lower, _MAIL), pc.invert(pc.match_substring_regex(lower, _NOBODYS_MAIL)))
    handle = pc.and_(pc.match_substring_regex(lower, _HANDLE), pc.match_substring_regex(lower, r"[\pL\pN]"))
    return _where(pc.or_(mail, handle), pc.utf8_ltrim(lower, characters="@"))


# In the order in which they are tried.
_SPELLINGS = {PHONE: _phones, VEHICLE: _vehicles, ADDRESS: _houses, ACCOUNT: _accounts}
