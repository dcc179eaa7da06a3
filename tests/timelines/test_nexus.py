import numpy as np
import pytest
from tests.facts import courses, incident, timelines

from breachpattern.law import Catalogue
from breachpattern.spans import DAY, as_of_second
from breachpattern.timelines.nexus import Custody, signal_table


def test_every_signal_has_words_a_basis_and_known_provisions():
    table = signal_table()
    provisions = Catalogue.load().provisions
    assert len({s.id for s in table.signals}) == len(table.signals) < 63
    for signal in table.signals:
        assert signal.text
        assert signal.basis
        assert (signal.weight < 0) <= signal.against
        assert set(signal.provisions) <= set(provisions)


def test_custody_is_counted_once_and_only_inside_the_window():
    def spell(number, since, until):
        return incident(number, since, occurred_to=until, kind="custody", victim_id="")

    columns = timelines(
        [
            spell("K1", "2025-03-01T00:00", "2025-03-11T00:00"),
            spell("K2", "2025-03-05T00:00", "2025-03-21T00:00"),
            spell("K3", "2025-04-01T00:00", "2025-04-03T00:00"),
        ]
    ).columns
    custody = Custody(columns)

    def days(since, until, suspect=0):
        start, end = (np.array([as_of_second(t)]) for t in (since, until))
        return custody.seconds(np.array([suspect]), start, end)[0] // DAY

    assert days("2025-02-01T00:00", "2025-03-31T00:00") == 20
    assert days("2025-03-10T00:00", "2025-03-12T00:00") == 2
    assert days("2025-03-22T00:00", "2025-04-02T00:00") == 1
    assert days("2025-02-01T00:00", "2025-06-01T00:00", suspect=-1) == 0


def test_a_cancelled_custody_record_explains_no_gap():
    spell = incident("K1", "2025-03-01T00:00", occurred_to="2025-03-11T00:00", kind="custody", victim_id="")
    start, end = (np.array([as_of_second(t)]) for t in ("2025-02-01T00:00", "2025-03-31T00:00"))
    cancelled = Custody(timelines([spell | {"status": "cancelled"}]).columns)
    assert cancelled.seconds(np.array([0]), start, end).tolist() == [0]


def test_without_custody_nothing_is_explained():
    custody = Custody(timelines([incident("I1", "2025-03-01")]).columns)
    assert custody.seconds(np.array([0]), np.array([0]), np.array([DAY])).tolist() == [0]


@pytest.mark.parametrize(
    ("means", "counted"), [("07700 900142", True), ("withheld", False), ("Private number", False), ("WhatsApp", False)]
)
def test_only_a_number_that_is_known_is_the_same_means(means, counted):
    calls = [
        incident(f"I{d}", f"2025-03-0{d}T19:00", means=means, behaviours="contact", channel="phone") for d in (1, 3)
    ]
    (course,) = courses(timelines(calls))
    place = [signal.id for signal in signal_table().signals].index("same_means")
    assert bool(course["signals"] >> place & 1) is counted


@pytest.mark.parametrize("name", ["means", "occurrence_ref"])
def test_of_several_on_one_occasion_any_is_the_same_again(name):
    values = ["07700900001", "07700900002", "07700900003"]
    rows = [incident(f"I{v}", "2025-03-01T19:00", behaviours="contact", **{name: v}) for v in values]
    for value in [*values, "07700900004"]:
        again = incident("J1", "2025-03-03T19:00", behaviours="contact", **{name: value})
        (course,) = courses(timelines([*rows, again]))
        signals = [signal.id for n, signal in enumerate(signal_table().signals) if course["signals"] >> n & 1]
        assert ({"same_means", "same_occurrence"} & set(signals) != set()) is (value in values)
