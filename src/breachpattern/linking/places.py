"""Where and at what hour: exclusion areas by postcode and distance, and curfews across midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Codes, Floats, Ints
from breachpattern.spans import DAY, NO, POSSIBLE, YES, london_wall_clock, next_clock_change

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
AREA = re.compile(r"([A-Z]{1,2})")
DISTRICT_AND_MORE = re.compile(r"([A-Z]{1,2})(\d[A-Z\d]?)(?: (\d[A-Z]{0,2}))?")
UNSPACED = re.compile(r"([A-Z]{1,2})(\d[A-Z\d]?)(\d[A-Z]{1,2})")

States = npt.NDArray[np.int8]


def distance_m(lat: Floats, lon: Floats, other_lat: Floats, other_lon: Floats) -> Floats:
    """Return great-circle distances in metres (haversine on the mean sphere).

    Parameters
    ----------
    lat, lon, other_lat, other_lon : (n,) float64
        Degrees; NaN gives NaN.

    Examples
    --------
    >>> one = lambda x: np.array([x])
    >>> round(float(distance_m(one(52.2), one(-1.5), one(52.2027), one(-1.5))[0]))
    300
    """
    a, b = np.radians(lat), np.radians(other_lat)
    half = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0, 1))))


def coverage(zone: str, postcode: str) -> int:
    """Return whether an exclusion postcode covers an incident's: ``YES``, ``NO`` or ``POSSIBLE`` (it covers a part).

    Either may be whole or a prefix: an area (``ZZ``), a district (``ZZ2``), a sector (``ZZ2 3``) or part of a unit
    (``ZZ2 3A``). A district never covers its longer neighbour (``ZZ2`` does not cover ``ZZ23 4CD``). Of what is no
    postcode nothing can be told.

    Examples
    --------
    >>> [coverage("ZZ2", place) for place in ("ZZ2 3AB", "ZZ2", "ZZ", "ZZ23 4CD")]
    [2, 2, 1, 0]
    """
    wide, narrow = _steps(zone), _steps(postcode)
    if not wide or not narrow:
        return POSSIBLE
    if narrow.startswith(wide):
        return YES
    return POSSIBLE if wide.startswith(narrow) else NO


def _steps(postcode: str) -> str:
    """Return a postcode with a mark after its area and its district, so that a part is a beginning; else nothing."""
    text = " ".join(postcode.upper().split())
    found = AREA.fullmatch(text) or UNSPACED.fullmatch(text) or DISTRICT_AND_MORE.fullmatch(text)
    return "".join(f"{part}|" for part in found.groups("")[:2]) + "".join(found.groups("")[2:]) if found else ""


@dataclass(frozen=True)
class Zones:
    """Exclusion areas of order versions, sorted by version; a version may have several.

    Attributes
    ----------
    version : (n,) int64
    postcodes : pyarrow.Array of string
        ``;``-joined exclusion postcodes or prefixes, null where none.
    lat, lon, radius : (n,) float64
        Centre in degrees and radius in metres, NaN where none.
    """

    version: Ints
    postcodes: pa.Array
    lat: Floats
    lon: Floats
    radius: Floats

    def around(
        self, version: Ints, texts: pa.Array, postcode: Codes, lat: Floats, lon: Floats
    ) -> tuple[States, npt.NDArray[np.bool_]]:
        """Return whether each place lies in any area of a version, and whether the version has one.

        Parameters
        ----------
        version : (n,) int64
        texts : pyarrow.Array of string
            Texts of the postcode codes.
        postcode, lat, lon : (n,)
            Of each place, as in :func:`inside_zone`.
        """
        first = np.searchsorted(self.version, version, side="left")
        count = np.searchsorted(self.version, version, side="right") - first
        state = np.where(count > 0, NO, POSSIBLE).astype(np.int8)
        for turn in range(int(count.max(initial=0))):  # as many as one order has areas
            pair = np.flatnonzero(count > turn)
            zone = first[pair] + turn
            here = inside_zone(
                self.postcodes.take(pa.array(zone)), self.lat[zone], self.lon[zone], self.radius[zone],
                texts, postcode[pair], lat[pair], lon[pair],
            )  # fmt: skip
            state[pair] = np.maximum(state[pair], here)
        return state, count > 0


def inside_zone(
    zones: pa.Array,
    zone_lat: Floats,
    zone_lon: Floats,
    radius: Floats,
    postcodes: pa.Array,
    postcode: Codes,
    lat: Floats,
    lon: Floats,
) -> States:
    """Return whether each place lies in an exclusion area: ``YES``, ``NO`` or ``POSSIBLE`` (cannot be told).

    Parameters
    ----------
    zones : pyarrow.Array of string
        ``;``-joined exclusion postcodes or prefixes per pair, null where none.
    zone_lat, zone_lon, radius : (n,) float64
        Centre in degrees and radius in metres, NaN where none.
    postcodes : pyarrow.Array of string
        Texts of the postcode codes.
    postcode : (n,) int32
        Postcode code of each incident, ``-1`` where not known.
    lat, lon : (n,) float64
        Place of each incident in degrees, NaN where not known.
    """
    has_list = np.asarray(zones.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    has_circle = ~np.isnan(radius) & ~np.isnan(zone_lat) & ~np.isnan(zone_lon)
    in_list = np.where(has_list, POSSIBLE, NO).astype(np.int8)
    rows = np.flatnonzero(has_list & (postcode >= 0))
    if len(rows):
        encoded = zones.take(pa.array(rows)).dictionary_encode()
        listed = encoded.indices.to_numpy()
        pairs, back = np.unique(np.stack([listed, postcode[rows]], axis=1), axis=0, return_inverse=True)
        texts = [[zone for zone in text.split(";") if zone.strip()] for text in encoded.dictionary.to_pylist()]
        answers = [
            max((coverage(zone, postcodes[int(p)].as_py()) for zone in texts[int(z)]), default=NO) for z, p in pairs
        ]
        in_list[rows] = np.array(answers, dtype=np.int8)[back.ravel()]
    in_circle = np.where(has_circle, POSSIBLE, NO).astype(np.int8)
    measured = np.flatnonzero(has_circle & ~np.isnan(lat) & ~np.isnan(lon))
    away = distance_m(lat[measured], lon[measured], zone_lat[measured], zone_lon[measured])
    in_circle[measured] = np.where(away <= radius[measured], YES, NO)
    # One half of a zone that cannot be tested leaves the answer open unless the other half already says yes.
    state = np.maximum(in_list, in_circle)
    state[~has_list & ~has_circle] = POSSIBLE
    return state


def under_curfew(start: Ints, end: Ints, curfew_from: Ints, curfew_to: Ints) -> States:
    """Return whether each span lies in the hours of a curfew by the London clock.

    Parameters
    ----------
    start, end : (n,) int64
        Seconds UTC, half-open.
    curfew_from, curfew_to : (n,) int64
        Minutes after midnight, ``-1`` where not on file. A curfew may cross midnight.

    Returns
    -------
    (n,) int8
        ``YES`` wholly inside the hours, ``NO`` wholly outside, ``POSSIBLE`` where part of it is or the hours
        are not on file.

    Examples
    --------
    >>> from breachpattern.spans import as_of_second
    >>> t = np.array([as_of_second("2025-11-05T00:40"), as_of_second("2025-11-07T18:30")])
    >>> under_curfew(t, t + 1, np.array([1140, 1140]), np.array([420, 420])).tolist()
    [2, 0]
    """
    state = _in_hours(start, end, curfew_from, curfew_to)
    change = next_clock_change(start)
    crossing = np.flatnonzero(change < end)
    if len(crossing):
        # Either side of a change the clock runs evenly.
        hours = curfew_from[crossing], curfew_to[crossing]
        before = _in_hours(start[crossing], change[crossing], *hours)
        after = _in_hours(change[crossing], end[crossing], *hours)
        state[crossing] = np.where(before == after, before, POSSIBLE)
    state[(curfew_from < 0) | (curfew_to < 0)] = POSSIBLE
    return state


def _in_hours(start: Ints, end: Ints, curfew_from: Ints, curfew_to: Ints) -> States:
    """Return whether each span, during which no clock changes, lies in the hours of a curfew."""
    length = np.mod(curfew_to - curfew_from, 1440) * 60
    offset = np.mod(london_wall_clock(start) - curfew_from * 60, DAY)
    until = offset + (end - start)
    state = np.full(len(start), NO, np.int8)
    state[(offset < length) | (until > DAY)] = POSSIBLE
    state[until <= length] = YES
    return state
