"""One object has one spelling, and what is no object has none."""

import pyarrow as pa
import pytest

from breachpattern.linking.objects import spelt


def spelling(text, kind=None):
    return spelt(pa.array([text], pa.string()), kind)[0].as_py()


@pytest.mark.parametrize(
    "text",
    ["unknown", "N/K", "n.k.", "none", "withheld", "0", "-", "no phone", "none given", "Number Withheld",
     "private number", "WhatsApp", "facebook", "in person", "blue Ford van", "3 missed calls", "letter", "NFA",
     "no fixed abode", "his mother", "00000000000", "07777777777", "brick"],
)  # fmt: skip
@pytest.mark.parametrize("kind", [None, "phone", "vehicle", "account", "address"])
def test_a_placeholder_is_no_object(text, kind):
    assert spelling(text, kind) is None


@pytest.mark.parametrize(
    ("text", "kind", "one"),
    [
        ("+44 7700 900142", None, "phone:07700900142"),
        ("447700900142", None, "phone:07700900142"),
        ("WhatsApp: 07700 900142", None, "phone:07700900142"),
        ("0033 1 99 00 12 34", "phone", "phone:+33199001234"),
        ("+33 199 00 12 34", None, "phone:+33199001234"),
        ("blue Ford van, ZZ25 ABC", "vehicle", "vehicle:ZZ25ABC"),
        ("white van ZZ25ABC", None, "vehicle:ZZ25ABC"),
        ("zz25 abc", "vehicle", "vehicle:ZZ25ABC"),
        ("@jo", None, "account:jo"),
        ("jo_99", None, "account:jo_99"),
        ("nfaé_1", None, "account:nfaé_1"),
        ("A@Example.org", "account", "account:a@example.org"),
        ("none@none.com", "account", None),
        ("1 High Street, ZZ1 1AA", None, "address:1 high street, zz1 1aa"),
    ],
)
def test_an_object_is_found_however_it_is_written(text, kind, one):
    assert spelling(text, kind) == one
