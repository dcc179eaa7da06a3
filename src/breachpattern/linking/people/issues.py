"""Doubts about a persons table and about decisions, row by row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from breachpattern.linking.people.decisions import Decided
from breachpattern.linking.people.records import SetAside
from breachpattern.linking.people.texts import Ints, positions


class Issue(NamedTuple):
    """One doubt: where it is and what would help.

    ``row`` is the line of the persons table, or of the decisions where ``column`` is ``person_id`` or ``verdict`` and
    the code says decision; None where it concerns no single row.
    """

    row: int | None
    column: str
    code: str
    value: str | None
    message: str
    hint: str


ROW_ISSUES = {
    "pnc_ids": ("pnc_id", "pnc_check_letter", "The check letter of this PNC id does not fit; it links nobody for "
                "certain.", "Compare it with the record on the Police National Computer."),
    "cro_numbers": ("cro_number", "cro_check_letter", "The check letter of this CRO number does not fit; it links "
                    "nobody for certain.", "Compare it with the criminal record."),
    "birth_dates": ("date_of_birth", "placeholder_birth_date", "This date stands for a birth date that is not known; "
                    "it links nobody.", "Leave a birth date blank where it is not known."),
}  # fmt: skip


NOBODY = "This stands for a name that is not known; it links nobody."
HALVES = {"given_name": ("given_names", "given name", "surname"), "surname": ("surnames", "surname", "given name")}
LEAVE_BLANK = "Leave a name blank where it is not known."
DECIDE = "Decide whether the two are the same person or different people."
SHOWN = 4  # characters of an identifier


def collect(
    persons: pa.Table,
    aside: SetAside,
    contradictory: tuple[Ints, Ints],
    opposite: list[tuple[str, str]],
    bridges: pa.Table,
    decided: Decided,
    refused: list[dict[str, str]],
) -> tuple[Issue, ...]:
    """Return every doubt, in the order of rows.

    Parameters
    ----------
    persons : pyarrow.Table
    aside : SetAside
    contradictory : pair of (n,) int64
        Rows of the table that contradict an earlier row of the same reference: the row and the earlier one.
    opposite : list of pair of str
        References whose link was refused because they stand on opposite sides of a record.
    bridges : pyarrow.Table
    decided : Decided
    refused : list of dict
        Decisions ``same`` that other decisions on the same people rule out.
    """
    rows = persons["row"].to_numpy() if "row" in persons.column_names else np.arange(persons.num_rows) + 2
    found: list[Issue] = []
    for name, (column, code, message, hint) in ROW_ISSUES.items():
        at = np.flatnonzero(getattr(aside, name))
        values = _texts(persons, column, at)
        if column != "date_of_birth":
            values = ["…" + value.strip()[-SHOWN:] for value in values]
        found += [Issue(int(rows[i]), column, code, value, message, hint) for i, value in zip(at, values, strict=True)]
    found += _placeholder_names(persons, rows, aside)
    references = persons["person_id"].to_pylist() if len(contradictory[0]) else []
    for row, earlier in zip(*(end.tolist() for end in contradictory), strict=True):
        found.append(
            Issue(
                int(rows[row]),
                "person_id",
                "contradictory_rows",
                references[row],
                f"This row and row {rows[earlier]} of the same reference cannot both be true of one person; links of "
                "this reference are doubtful.",
                "Correct one of the two rows, or give them two references.",
            )
        )
    warned = bridges.to_pylist()
    named = {reference for pair in opposite for reference in pair} | {bridge["person_id"] for bridge in warned}
    first = _first_rows(persons, rows, named)
    found += [_on_both_sides(pair, first) for pair in opposite]
    found += [
        Issue(first.get(bridge["person_id"]), "person_id", "doubtful_bridge",
              f"{bridge['other_id']} and {bridge['person_id']}", bridge["message"], DECIDE)
        for bridge in warned
    ]  # fmt: skip
    found.sort(key=lambda issue: (issue.row or 0, issue.column, issue.code))
    return (*found, *_about_decisions(decided, refused))


def _placeholder_names(persons: pa.Table, rows: Ints, aside: SetAside) -> list[Issue]:
    """Return an issue for each row with a placeholder, with no word that may be somebody's name."""
    both = aside.given_names & aside.surnames
    at = np.flatnonzero(both)
    values = zip(_texts(persons, "given_name", at), _texts(persons, "surname", at), strict=True)
    found = [
        Issue(int(rows[i]), "surname", "placeholder_name", " ".join(pair), NOBODY, LEAVE_BLANK)
        for i, pair in zip(at, values, strict=True)
    ]
    for column, (name, half, other) in HALVES.items():
        at = np.flatnonzero(getattr(aside, name) & ~both)
        counts = f"This {half} stands for one that is not known and is set aside; the {other} still counts."
        found += [
            Issue(int(rows[i]), column, "placeholder_name", value, NOBODY if unnamed else counts, LEAVE_BLANK)
            for i, value, unnamed in zip(at, _texts(persons, column, at), aside.unnamed[at].tolist(), strict=True)
        ]
    return found


def _texts(persons: pa.Table, column: str, at: Ints) -> list[str]:
    texts: list[str] = persons[column].take(pa.array(at)).cast(pa.string()).to_pylist() if len(at) else []
    return texts


def _first_rows(persons: pa.Table, rows: Ints, references: set[str]) -> dict[str, int]:
    """Return the first row of each of some references that has any."""
    wanted = pa.array(sorted(references), pa.string())
    position = positions(persons["person_id"], wanted)
    first: dict[str, int] = {}
    for at in np.flatnonzero(position >= 0).tolist():
        reference, row = wanted[position[at]].as_py(), int(rows[at])
        first[reference] = min(row, first.get(reference, row))
    return first


def _on_both_sides(pair: tuple[str, str], first: dict[str, int]) -> Issue:
    return Issue(
        max((first[reference] for reference in pair if reference in first), default=None),
        "person_id",
        "linked_to_opposite_side",
        f"{pair[0]} and {pair[1]}",
        "The records of these two references look like one person, but they, or others joined with them, stand on both "
        "sides of one record (suspect and victim, respondent and protected person); they are not joined.",
        DECIDE,
    )


def _about_decisions(decided: Decided, refused: list[dict[str, str]]) -> list[Issue]:
    unknown = [
        Issue(_line(row), "person_id", "decision_unknown_person", f"{row['person_id']} and {row['other_id']}",
              f"The decision '{row['verdict']}' names a reference that is not among the persons; it changes nothing.",
              "Correct the reference, or leave the decision for an extract that has it.")
        for row in decided.unknown
    ]  # fmt: skip
    overruled = [
        Issue(_line(row), "verdict", "contradictory_decisions", f"{row['person_id']} and {row['other_id']}",
              f"The decision '{row['verdict']}' is contradicted by another decision on the same people and does not "
              "stand.", "Remove the decision that no longer holds.")
        for row in (*decided.contradictory, *refused)
    ]  # fmt: skip
    return unknown + overruled


def _line(row: dict[str, str]) -> int | None:
    line = row.get("row")
    return None if line is None else int(line)
