"""The stable list of issue codes: what can be wrong with an extract, and what would put it right."""

from __future__ import annotations

from dataclasses import dataclass

SEVERITIES = ("error", "warning", "info")


@dataclass(frozen=True)
class IssueCode:
    """One kind of data problem.

    Attributes
    ----------
    code : str
        Stable; outputs and mappings of other systems may rely on it.
    severity : str
        ``error`` the row is rejected, ``warning`` a value is set aside and the row kept, ``info`` for notice. What
        is a warning in an optional column is an error in a required one.
    meaning, hint : str
        What it means and what would put it right.
    """

    code: str
    severity: str
    meaning: str
    hint: str


def _codes(*rows: tuple[str, str, str, str]) -> dict[str, IssueCode]:
    return {row[0]: IssueCode(*row) for row in rows}


ISSUE_CODES: dict[str, IssueCode] = _codes(
    # the row cannot be used
    ("missing_value", "error", "A required cell is blank.", "Fill it in at the source."),
    ("unknown_order_kind", "error", "The catalogue knows no such kind of order.",
     "Use a code of the catalogue, or give value synonyms in a mapping."),
    ("occurs_in_future", "error", "It happened after the day of the run and after it was recorded.",
     "Correct the year."),
    ("too_many_cells", "error", "The row has more cells than the header, so none can be placed for certain.",
     "Put quotes around cells that hold the delimiter."),
    ("unreadable_line", "error", "The line is not a JSON object.", "Write one JSON object on each line."),
    # dates and times
    ("unreadable_date", "warning", "A date or time cannot be read.",
     "Write ISO 8601, or name the format under date_formats in a mapping."),
    ("ambiguous_date", "warning", "A date may put the day or the month first; that is never guessed.",
     "Name the format under date_formats in a mapping."),
    ("impossible_date", "warning", "A day or time that does not exist, such as 31 February.", "Correct it."),
    ("year_out_of_range", "warning", "The year lies outside 1900 to 2100.", "Correct it, or leave it blank."),
    ("impossible_clock_time", "warning",
     "The clock skipped this time when summer time began; the whole day stands for it.",
     "Write the time with its offset from UTC."),
    ("repeated_clock_time", "info", "The clock showed this time twice when summer time ended; both are meant.",
     "Write the time with its offset from UTC."),
    ("ends_before_it_begins", "warning", "The end lies before the beginning; the end is set aside.",
     "Correct one of the two."),
    ("known_before_it_happened", "warning",
     "It was reported or recorded before it happened; that value is set aside.", "Correct one of the two."),
    ("known_in_future", "warning", "It was reported or recorded after the day of the run; set aside.",
     "Correct the year."),
    ("later_than_today", "info", "A date of an order lies after the day of the run; it is kept.",
     "Correct it where it is a slip."),
    ("told_before_it_was_made", "info",
     "An order was served or known before the day on which it was made; both are kept.",
     "Correct one of the two: it decides since when a breach is certain."),
    ("order_ends_before_it_starts", "warning",
     "The order ends before it starts; the start is kept, and it is at most possible that it was in force.",
     "Correct one of the two."),
    ("discharged_before_it_was_made", "warning", "The discharge lies before the making; it is set aside.",
     "Correct one of the two."),
    # other values
    ("unknown_value", "warning", "A code that the vocabulary of the column does not hold; it is set aside.",
     "Use a code of the vocabulary, or give value synonyms in a mapping."),
    ("unreadable_number", "warning", "Not a number.", "Write digits, with a point for decimals."),
    ("out_of_range", "warning", "A number or date outside what can be.", "Correct it."),
    ("unreadable_boolean", "warning", "Neither true nor false.", "Write true or false."),
    ("unreadable_time", "warning", "Not a time of day.", "Write it as 22:00."),
    ("unreadable_postcode", "warning", "Not a UK postcode or the beginning of one.", "Write it as ZZ2 3AB."),
    ("half_a_place", "info", "One of two coordinates is missing; the other says nothing alone.",
     "Give both."),
    ("malformed_offence_code", "warning", "Neither a Home Office code nor a CJS code; kept as written.",
     "Write NNN/NN (008/65) or a CJS code (PH97010)."),
    ("unknown_offence_code", "info", "A code that the catalogue does not hold; listed once for each code.",
     "Add it in a law folder where it matters to breaches or courses of conduct."),
    ("unknown_offence_text", "info", "A label that the catalogue does not recognise; listed once for each label.",
     "Add the label in a law folder, or give an offence code."),
    # privacy
    ("special_category", "info", "A column of a special category of data; it is not read.",
     "Leave it out of the extract. To keep it beside rejected rows, name it: --special-category."),
    # between rows and tables
    ("rows_disagree", "warning", "Rows of one incident or order version differ; the message says what stands.",
     "Correct the rows, or give each record its own number."),
    ("order_binds_several", "info", "One order version names several respondents; each is kept.",
     "Check whether two orders share a number."),
    ("suspect_is_victim", "warning", "Suspect and victim are the same person; no pair is formed.",
     "Correct one of the two references."),
    ("respondent_is_protected", "warning", "The order protects its own respondent.",
     "Correct one of the two references."),
    ("tied_to_self", "warning", "A tie between a person and the same person.", "Correct one of the two."),
    ("unknown_reference", "info", "A reference to a record that is not in the extract; kept.",
     "Add the record, or correct the reference."),
    ("hidden_characters", "warning",
     "References with characters that cannot be seen: zero width, right-to-left marks, controls.",
     "Remove them at the source; a reference without them is taken for another one."),
    ("look_alike_references", "warning",
     "References that differ by case alone, or by what cannot be seen; each is taken for another one.",
     "Write every reference in one way, or say in decisions that two are one person."),
    ("not_in_persons", "info", "References to people who are not in the persons table.",
     "Export the persons table again, with everybody."),
    # records of people, where linking ran
    ("pnc_check_letter", "warning", "The check letter of a PNC id does not fit; it links nobody for certain.",
     "Compare it with the Police National Computer."),
    ("cro_check_letter", "warning", "The check letter of a CRO number does not fit; it links nobody for certain.",
     "Compare it with the criminal record."),
    ("placeholder_name", "info", "A name that stands for a name not known; that half of the name links nobody.",
     "Leave a name blank where it is not known."),
    ("placeholder_birth_date", "info", "A date that stands for a birth date not known; it links nobody.",
     "Leave a birth date blank where it is not known."),
    ("contradictory_rows", "warning", "Rows of one reference that cannot be one person; its links are doubtful.",
     "Correct the rows, or give two people two references."),
    ("decision_unknown_person", "warning", "A decision on two records names one that is not there.",
     "Correct the reference."),
    ("contradictory_decisions", "warning", "Decisions on the same records contradict each other.",
     "Remove the decision that no longer holds."),
    ("linked_to_opposite_side", "warning",
     "Two records look like one person and stand on both sides of a record or an order.",
     "Decide whether they are one person."),
    ("doubtful_bridge", "warning", "Doubtful links alone join two groups of records.",
     "Decide whether the two are one person."),
    ("lost_to_doubtful_link", "warning", "A finding stands only where doubtful links are left out.",
     "Look at the doubtful links in people_links, and decide them."),
    # the file as a whole
    ("not_utf8", "info", "The file is not UTF-8; it was read as cp1252 (or UTF-16).", "Save it as UTF-8."),
    ("sheets_not_read", "warning", "The workbook has further sheets that hold rows, and one was read.",
     "Say in a mapping which sheet is meant (sheet = ...), or save each sheet as a file of its own."),
    ("short_row", "warning", "The row has fewer cells than the header; what is missing is not known.",
     "Write every cell of every row, blank ones too."),
    ("unused_columns", "info", "Columns that are not read.", "Map them, or name them as unused in a mapping."),
    ("nobody_named", "warning", "No row names a suspect, or none a victim; little or nothing can be found.",
     "Map the column that holds the references of suspects or victims, or export it."),
    ("rows_left_out", "info", "Rows that the mapping leaves out, such as totals.", ""),
    ("no_rows", "info", "The table has a header and no rows.", ""),
)  # fmt: skip
