import pyarrow as pa
import pytest

from breachpattern.errors import MappingError
from breachpattern.simulation.export import as_export

MAPPING = {
    "incidents": {
        "header_row": 3,
        "date_formats": ["%d/%m/%Y %H:%M", "%d/%m/%Y"],
        "list_separator": ",",
        "unused": ["BEAT"],
        "columns": {"incident_id": "NO", "occurred_from": "FROM", "behaviours": "MO", "suspect_id": "SUSPECT"},
        "wide": [{"victim_id": ["VICT 1", "VICT 2"]}],
        "values": {"behaviours": {"CALLS": "contact", "RANG": "contact", "THREATS": "threat"}},
    }
}


def incidents(*rows):
    columns = ("incident_id", "occurred_from", "behaviours", "suspect_id", "victim_id")
    return pa.Table.from_pylist([dict(zip(columns, row, strict=True)) for row in rows])


def test_victims_of_one_incident_stand_side_by_side_and_repeats_stand_once():
    lines = as_export(
        incidents(
            ("I1", "2025-03-01T20:05", "contact;threat", "S", "A"),
            ("I1", "2025-03-01T20:05", "contact;threat", "S", "B"),
            ("I1", "2025-03-01T20:05", "contact;threat", "S", "B"),
            ("I1", "2025-03-01T20:05", "contact;threat", "S", "C"),
            ("I2", "2025-03-02", None, None, "A"),
        ),
        MAPPING,
        title="A FORCE",
    )
    assert lines == [
        ["A FORCE", "", "", "", "", "", ""],
        ["", "", "", "", "", "", ""],
        ["NO", "FROM", "MO", "SUSPECT", "VICT 1", "VICT 2", "BEAT"],
        ["I1", "01/03/2025 20:05", "CALLS,THREATS", "S", "A", "B", ""],
        ["I1", "01/03/2025 20:05", "CALLS,THREATS", "S", "C", "", ""],
        ["I2", "02/03/2025", "", "", "A", "", ""],
        ["TOTAL 3", "", "", "", "", "", ""],
    ]


def test_a_code_without_a_word_is_refused():
    with pytest.raises(MappingError, match="gift"):
        as_export(incidents(("I1", "2025-03-01", "gift", "S", "A")), MAPPING)
