from datetime import date
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st
from tests.report.test_timeline import AS_OF, version

from breachpattern.report.picture import picture_of
from breachpattern.report.text import all_visible
from breachpattern.report.timeline import timeline_of


@given(st.text(max_size=12), st.lists(st.dates(date(1950, 1, 1), date(2025, 6, 30)), min_size=1, max_size=5))
def test_the_picture_is_well_formed_whatever_the_data(text, days):
    records = [
        {"incident_id": text, "start": f"{day}T00:00:00+00:00", "end": f"{day}T00:00:01+00:00", "known_at": None,
         "behaviours": [text], "channel": text, "breaches": [], "own": True}
        for day in days
    ]  # fmt: skip
    order = {"order_id": text, "versions": [version(until="2025-05-10T00:00:00+01:00")]}
    timeline = timeline_of(all_visible(records), [all_visible(order)], AS_OF)
    drawn = ElementTree.fromstring(str(picture_of(timeline, "t")))
    marks = [path for path in drawn.iter("{http://www.w3.org/2000/svg}path") if path.get("transform")]
    assert len(marks) == len(days)
