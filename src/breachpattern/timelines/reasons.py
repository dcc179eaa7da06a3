"""What a judgement of an incident against an order can come to, and why."""

from __future__ import annotations

from breachpattern.vocabulary import Vocabulary

RECORDED, UNRECORDED, NO_ORDER, NOT_BREACH = range(4)

BREACH_REASONS = Vocabulary(
    "reasons",
    (
        "the record itself says breach",
        "the record names this order",
        "conduct within the terms of the order",
        "conduct that may be within the terms, depending on the order's words",
        "in force throughout the time of the incident",
        "part of the incident's time lies where the order is not certainly in force",
        "made without notice, or notice not on file, and awareness by then is not on file",
        "service, which this notice needs, is not on file by then",
        "terms not on file: read as no contact and no violence",
        "the order ends before it starts on file: its end is treated as unknown",
        "ends with the longest life that the statute allows",
        "the suspect is not named on the record",
        "no order on file fits",
        "the order had ended",
        "the order had not begun",
        "the order protects somebody else",
        "the conduct is not within the terms on file",
        "the record names another kind of order",
        "in force under one version or the next throughout",
        "inferred from a tie: nothing on record says that the respondent had a part in it",
    ),
)
(
    SAYS_BREACH, NAMES_ORDER, WITHIN_TERMS, MAYBE_TERMS, IN_FORCE, PARTLY_IN_FORCE, AWARENESS_OPEN,
    SERVICE_OPEN, NO_TERMS, END_DOUBTFUL, STATUTORY_END, NO_SUSPECT, NONE_FITS, ENDED, NOT_BEGUN,
    PROTECTS_OTHERS, OUTSIDE_TERMS, OTHER_KIND, TWO_VERSIONS, INFERRED,
) = (1 << i for i in range(len(BREACH_REASONS)))  # fmt: skip
