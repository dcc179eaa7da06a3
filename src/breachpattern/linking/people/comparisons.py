"""What Splink compares, in UK terms: columns, levels of agreement, the words for them, and which pairs it looks at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    """One level of agreement.

    Attributes
    ----------
    key : str
        Name in a model.
    sql : str
        Condition on ``x_l`` and ``x_r``; ``ELSE`` for the last.
    words : str
        What the evidence of a link says.
    frequency_of : str, optional
        Column whose common values count for less.
    fixed : pair of float, optional
        Probability among records of one person and of two, where it is set and not estimated.
    """

    key: str
    sql: str
    words: str
    frequency_of: str | None = None
    fixed: tuple[float, float] | None = None


@dataclass(frozen=True)
class Comparison:
    """One comparison: when it says nothing, and its levels from the best to the rest."""

    name: str
    column: str
    unknown: str
    levels: tuple[Level, ...]


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _missing(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _slip(column: str, slips: int = 1) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {slips}"


# An identifier is given to one person: two people show one only by a slip, which no sample of pairs can measure.
IDENTIFIER = {"same": (0.9, 1e-7), "slip": (0.07, 1e-5), "else": (0.03, 0.99)}
SWAPPED = (
    "jaro_winkler_similarity(forename_l, surname_r) >= 0.9 and jaro_winkler_similarity(surname_l, forename_r) >= 0.9"
)
HALF_SWAPPED = "forename_l = surname_r or surname_l = forename_r"

COMPARISONS = (
    Comparison("forename", "forename", _missing("forename"), (
        Level("same", _equal("forename"), "same given name", "forename"),
        Level("swapped", SWAPPED, "given name and surname exchanged"),
        Level("alike", "list_has_any(called_l, called_r) or jaro_winkler_similarity(forename_l, forename_r) >= 0.92",
              "given names alike"),
        Level("initial", "(length(forename_l) = 1 or length(forename_r) = 1) and forename_l[1] = forename_r[1]",
              "same initial"),
        Level("similar", "jaro_winkler_similarity(forename_l, forename_r) >= 0.8", "given names similar"),
        Level("else", "ELSE", "another given name"),
    )),
    Comparison("surname", "surname", _missing("surname"), (
        Level("same", _equal("surname"), "same surname", "surname"),
        # The given name already speaks for both.
        Level("swapped", SWAPPED, "", fixed=(0.01, 0.01)),
        Level("half_swapped", HALF_SWAPPED, "the surname of one is the given name of the other"),
        Level("alike", "jaro_winkler_similarity(surname_l, surname_r) >= 0.92", "surnames alike"),
        Level("similar", "jaro_winkler_similarity(surname_l, surname_r) >= 0.8", "surnames similar"),
        Level("else", "ELSE", "another surname"),
    )),
    Comparison("born", "birth_year", _missing("birth_year"), (
        Level("same", _equal("dob"), "same birth date"),
        Level("swapped", "birth_year_l = birth_year_r and dob_l[6:7] = dob_r[9:10] and dob_l[9:10] = dob_r[6:7]",
              "birth date with day and month exchanged"),
        Level("slip", _slip("dob"), "birth date one digit off"),
        Level("year", "birth_year_l = birth_year_r and (dob_l is null or dob_r is null)", "same birth year"),
        Level("near", "birth_year_l = birth_year_r or " + _slip("dob", 2), "birth dates near"),
        Level("decade", "abs(birth_year_l - birth_year_r) <= 10", "birth dates within ten years"),
        Level("else", "ELSE", "another birth date"),
    )),
    Comparison("postcode", "postcode", _missing("postcode"), (
        Level("same", _equal("postcode"), "same postcode", "postcode"),
        Level("sector", _equal("sector"), "same postcode sector"),
        Level("district", _equal("district"), "same postcode district"),
        Level("else", "ELSE", "another postcode"),
    )),
    Comparison("street", "street", _missing("street"), (
        # Within one postcode a house is one of about fifteen: the postcode already speaks for the rest.
        Level("same_house", f"{_equal('street')} and {_equal('postcode')}", "same address", fixed=(0.9, 0.06)),
        Level("same", _equal("street"), "same address line", "street"),
        Level("alike", f"{_equal('house')} and jaro_winkler_similarity(street_l, street_r) >= 0.9",
              "address lines alike"),
        Level("similar", "jaro_winkler_similarity(street_l, street_r) >= 0.9", "another house of one street"),
        Level("else", "ELSE", "another address"),
    )),
    Comparison("phone", "phone", _missing("phone"), (
        Level("same", _equal("phone"), "same phone"),
        Level("slip", _slip("phone"), "phone one digit off"),
        Level("else", "ELSE", "another phone"),
    )),
    Comparison("email", "email", _missing("email"), (
        Level("same", _equal("email"), "same e-mail address"),
        Level("user", _equal("email_user"), "same e-mail name at another provider"),
        Level("alike", _slip("email"), "e-mail addresses alike"),
        Level("else", "ELSE", "another e-mail address"),
    )),
    Comparison("vehicle", "vehicle", _missing("vehicle"), (
        Level("same", _equal("vehicle"), "same vehicle"),
        Level("else", "ELSE", "another vehicle"),
    )),
    Comparison("pnc", "pnc_id", _missing("pnc_id"), (
        Level("same", _equal("pnc_id"), "same PNC id, not verified", fixed=IDENTIFIER["same"]),
        Level("slip", _slip("pnc_id"), "PNC ids alike", fixed=IDENTIFIER["slip"]),
        Level("else", "ELSE", "another PNC id", fixed=IDENTIFIER["else"]),
    )),
    Comparison("cro", "cro_number", _missing("cro_number"), (
        Level("same", _equal("cro_number"), "same CRO number, not verified", fixed=IDENTIFIER["same"]),
        Level("slip", _slip("cro_number"), "CRO numbers alike", fixed=IDENTIFIER["slip"]),
        Level("else", "ELSE", "another CRO number", fixed=IDENTIFIER["else"]),
    )),
    Comparison("sex", "sex", _missing("sex"), (
        Level("same", _equal("sex"), "same sex"),
        Level("else", "ELSE", "another sex"),
    )),
)  # fmt: skip


def _both(*columns: str) -> str:
    return " and ".join(f"l.{column} = r.{column}" for column in columns)


SAME_FIRST = "l.forename[1] = r.forename[1]"
SAME_LAST = "l.surname[1] = r.surname[1]"
# Pairs of which one of these holds are compared; the columns are those that must hold anything at all.
BLOCKS = (
    (("rare_name",), _both("rare_name")),
    (("rare_dob",), _both("rare_dob")),
    (("rare_street",), _both("rare_street")),
    (("forename", "surname", "birth_year"), _both("forename", "surname", "birth_year")),
    (("forename", "surname", "district"), _both("forename", "surname", "district")),
    (("forename", "surname"), f"{_both('forename', 'surname')} and (l.dob is null or r.dob is null)"),
    (("forename", "surname"), "l.forename = r.surname and l.surname = r.forename"),
    (("dob", "surname"), _both("dob", "surname")),
    (("dob", "forename"), f"{_both('dob')} and {SAME_FIRST}"),
    (("dob", "surname"), f"{_both('dob')} and {SAME_LAST}"),
    (("dob", "surname"), f"{_both('dob')} and l.forename[1] = r.surname[1]"),
    (("dob", "postcode"), _both("dob", "postcode")),
    (("dob", "street"), _both("dob", "street")),
    (("surname", "forename", "birth_year"), f"{_both('surname', 'birth_year')} and {SAME_FIRST}"),
    (("forename", "surname", "birth_year"), f"{_both('forename', 'birth_year')} and {SAME_LAST}"),
    (("postcode", "forename"), f"{_both('postcode')} and {SAME_FIRST}"),
    (("postcode", "surname"), f"{_both('postcode')} and {SAME_LAST}"),
    (("street", "forename", "surname"), f"{_both('street', 'forename')} and {SAME_LAST}"),
    (("street", "forename", "surname"), f"{_both('street', 'surname')} and {SAME_FIRST}"),
    (("phone",), _both("phone")),
    (("email",), _both("email")),
    (("email_user", "birth_year"), _both("email_user", "birth_year")),
    (("email_user", "forename"), _both("email_user", "forename")),
    (("vehicle", "surname"), _both("vehicle", "surname")),
    (("pnc_id",), _both("pnc_id")),
    (("cro_number",), _both("cro_number")),
)
# Pairs that are almost always one person, and how many of all true pairs they are taken to be.
SURE_BLOCKS = (
    (("forename", "surname", "dob"), _both("forename", "surname", "dob")),
    (("forename", "phone"), _both("forename", "phone")),
    (("forename", "email"), _both("forename", "email")),
    (("surname", "dob", "postcode"), _both("surname", "dob", "postcode")),
)
SURE_SHARE = 0.7
# Columns on which records agree while the levels of the other comparisons are estimated, and the comparisons that say
# nothing then. Not an address or phone: within these, relatives would be taken for one person.
TRAINING_BLOCKS = (
    (("forename", "surname"), ("forename", "surname")),
    (("dob",), ("born",)),
)
