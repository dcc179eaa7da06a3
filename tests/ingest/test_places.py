from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from breachpattern.ingest import read_extract
from breachpattern.ingest.places import osgb36_from_grid, wgs84_from_grid


def dms(degrees, minutes, seconds):
    return degrees + minutes / 60 + seconds / 3600


def metres(lat, lon, other_lat, other_lon):
    north = (lat - other_lat) * 111_200
    return float(np.hypot(north, (lon - other_lon) * 111_200 * np.cos(np.radians(lat))))


def test_the_worked_example_of_the_ordnance_survey_guide():
    lat, lon = osgb36_from_grid(np.array([651409.903]), np.array([313177.270]))
    assert np.degrees(lat[0]) == pytest.approx(dms(52, 39, 27.2531), abs=3e-8)
    assert np.degrees(lon[0]) == pytest.approx(dms(1, 43, 4.5177), abs=3e-8)


# PROJ 9, "OSGB36 to WGS 84 (6)": the same seven parameters, by other code.
PROJ = [
    (651409.903, 313177.27, 52.65797859857984, 1.7160519903750366),
    (530680, 179020, 51.49502727018797, -0.11892482917219654),
    (91492, 11318, 49.92226268787658, -6.299713645176781),
    (247958, 393492, 53.41625844836567, -4.289187481157846),
    (450000, 1190000, 60.590331722424395, -1.0891147964957306),
    (180000, 680000, 55.96246670301732, -5.526349423704425),
]


@pytest.mark.parametrize(("easting", "northing", "lat", "lon"), PROJ)
def test_another_implementation_says_the_same(easting, northing, lat, lon):
    found = wgs84_from_grid(np.array([easting]), np.array([northing]))
    assert metres(found[0][0], found[1][0], lat, lon) < 0.05


def test_a_surveyed_point_is_met_within_ten_metres():
    # TR 143 599 by the definitive transformation (OSTN02), which knows the distortions of the old survey.
    lat, lon = wgs84_from_grid(np.array([614300.0]), np.array([159900.0]))
    assert metres(lat[0], lon[0], 51.297880, 1.072628) < 10


@given(st.floats(100_000, 650_000), st.floats(10_000, 1_200_000))
def test_neighbours_stay_neighbours(easting, northing):
    lat, lon = wgs84_from_grid(np.array([easting, easting + 100]), np.array([northing, northing]))
    assert metres(lat[0], lon[0], lat[1], lon[1]) == pytest.approx(100, rel=0.01)


def test_grid_references_fill_in_where_degrees_are_missing():
    base = {
        "occurred_from": "2025-03-01",
        "suspect_id": "P1",
        "victim_id": "V1",
        "easting": "530680",
        "northing": "179020",
    }
    extract = read_extract(
        [
            base | {"incident_id": "1"},
            base | {"incident_id": "2", "lat": "53.0", "lon": "-1.5"},
            base | {"incident_id": "3", "northing": "0"},
        ]
    )
    lat, lon = extract.incidents["lat"].to_pylist(), extract.incidents["lon"].to_pylist()
    assert lat[0] == pytest.approx(51.49503, abs=1e-5)
    assert (lat[1], lon[1]) == (53.0, -1.5)
    assert (lat[2], lon[2]) == (None, None)
    assert extract.issues.by_code() == {"out_of_range": 1}
