"""Where and at what hour: exclusion areas by postcode and distance, and curfews across midnight."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from breachpattern.linking.columns import Codes, Floats, Ints
from breachpattern.spans import DAY, NO, POSSIBLE, YES, london_wall_clock

EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG
FULL_POSTCODE = re.compile(r"^([A-Z]{1,2}\d[A-Z\d]?) ?(\d[A-Z]{2})$")
PART_OF_UNIT = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]$")

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


def covers(zone: str, postcode: str) -> bool:
    """Return whether an exclusion postcode, whole or a prefix, covers a whole postcode.

    A prefix is an area (``ZZ``), a district (``ZZ2``), a sector (``ZZ2 3``) or part of a unit (``ZZ2 3A``); a
    district never covers its longer neighbour (``ZZ2`` does not cover ``ZZ23 4CD``).

    Examples
    --------
    >>> covers("ZZ2", "ZZ2 3AB"), covers("ZZ2", "ZZ234CD"), covers("ZZ2 3", "ZZ23AB")
    (True, False, True)
    """
    whole = FULL_POSTCODE.match(postcode.upper().strip())
    if whole is None:
        return False
    outward, inward = whole.groups()
    zone = " ".join(zone.upper().split())
    exact = FULL_POSTCODE.match(zone)
    if exact is not None:
        return exact.groups() == (outward, inward)
    if " " in zone:
        left, right = zone.split(" ", 1)
        return left == outward and inward.startswith(right)
    if zone.isalpha():
        return zone == re.sub(r"\d.*", "", outward)
    return zone == outward or bool(PART_OF_UNIT.match(zone) and (outward + inward).startswith(zone))


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
    n = len(postcode)
    has_list = np.asarray(zones.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    has_circle = ~np.isnan(radius) & ~np.isnan(zone_lat) & ~np.isnan(zone_lon)
    tested_list = has_list & (postcode >= 0)
    hit = np.zeros(n, np.bool_)
    if tested_list.any():
        rows = np.flatnonzero(tested_list)
        encoded = zones.take(pa.array(rows)).dictionary_encode()
        listed = encoded.indices.to_numpy()
        pairs, back = np.unique(np.stack([listed, postcode[rows]], axis=1), axis=0, return_inverse=True)
        texts = encoded.dictionary.to_pylist()
        answers = np.array(
            [
                any(covers(zone, postcodes[int(p)].as_py()) for zone in texts[int(z)].split(";") if zone.strip())
                for z, p in pairs
            ]
        )
        hit[rows] = answers[back.ravel()]
    tested_circle = has_circle & ~np.isnan(lat) & ~np.isnan(lon)
    near = np.zeros(n, np.bool_)
    near[tested_circle] = (
        distance_m(lat[tested_circle], lon[tested_circle], zone_lat[tested_circle], zone_lon[tested_circle])
        <= radius[tested_circle]
    )
    inside = hit | near
    has_zone = has_list | has_circle
    decided = has_zone & (~has_list | tested_list) & (~has_circle | tested_circle)
    # One untested half of a zone leaves the answer open unless the other half already says yes.
    state = np.full(n, POSSIBLE, np.int8)
    state[decided & ~inside] = NO
    state[inside] = YES
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
    on_file = (curfew_from >= 0) & (curfew_to >= 0)
    length = np.mod(curfew_to - curfew_from, 1440) * 60
    offset = np.mod(london_wall_clock(start) - curfew_from * 60, DAY)
    duration = end - start
    state = np.full(len(start), NO, np.int8)
    state[(offset < length) | (offset + duration > DAY)] = POSSIBLE
    state[offset + duration <= length] = YES
    state[~on_file] = POSSIBLE
    return state
