"""Easting and northing of the British National Grid as degrees of WGS84.

Ordnance Survey, *A guide to coordinate systems in Great Britain* (annexes A to C): the inverse transverse
Mercator projection on the Airy 1830 ellipsoid, then the Helmert transformation from OSGB36. The Helmert
parameters hold for Great Britain to about five metres.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

AIRY = (6_377_563.396, 6_356_256.909)
WGS84 = (6_378_137.0, 6_356_752.3142)
SCALE = 0.9996012717
LAT0, LON0 = np.radians(49.0), np.radians(-2.0)
E0, N0 = 400_000.0, -100_000.0
# From OSGB36 to WGS84: metres, arc seconds, parts per million.
SHIFT = (446.448, -125.157, 542.060)
TURN = tuple(np.radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))
STRETCH = 1 - 20.4894e-6


def wgs84_from_grid(easting: Floats, northing: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude of points of the British National Grid.

    Parameters
    ----------
    easting, northing : (n,) float64
        Metres; NaN gives NaN.

    Returns
    -------
    lat, lon : (n,) float64
        Degrees WGS84, within about five metres.

    Examples
    --------
    >>> lat, lon = wgs84_from_grid(np.array([651_409.903]), np.array([313_177.270]))
    >>> round(float(lat[0]), 4), round(float(lon[0]), 4)
    (52.658, 1.7161)
    """
    return _geographic(*_helmert(*_cartesian(*osgb36_from_grid(easting, northing))))


def osgb36_from_grid(easting: Floats, northing: Floats) -> tuple[Floats, Floats]:
    """Return latitude and longitude on OSGB36 in radians (annex C of the guide).

    Examples
    --------
    >>> lat, lon = osgb36_from_grid(np.array([651_409.903]), np.array([313_177.270]))
    >>> round(float(np.degrees(lat[0])), 6), round(float(np.degrees(lon[0])), 6)
    (52.65757, 1.717922)
    """
    a, b = AIRY
    e2 = 1 - (b / a) ** 2
    lat = LAT0 + (northing - N0) / (a * SCALE)
    for _ in range(8):  # each step gains three digits and more
        lat = lat + (northing - N0 - _meridian(lat)) / (a * SCALE)
    sin2 = np.sin(lat) ** 2
    nu = a * SCALE / np.sqrt(1 - e2 * sin2)
    rho = a * SCALE * (1 - e2) / (1 - e2 * sin2) ** 1.5
    eta2 = nu / rho - 1
    t, sec = np.tan(lat), 1 / np.cos(lat)
    t2 = t * t
    vii = t / (2 * rho * nu)
    viii = t / (24 * rho * nu**3) * (5 + 3 * t2 + eta2 - 9 * t2 * eta2)
    ix = t / (720 * rho * nu**5) * (61 + 90 * t2 + 45 * t2**2)
    x = sec / nu
    xi = sec / (6 * nu**3) * (nu / rho + 2 * t2)
    xii = sec / (120 * nu**5) * (5 + 28 * t2 + 24 * t2**2)
    xiia = sec / (5040 * nu**7) * (61 + 662 * t2 + 1320 * t2**2 + 720 * t2**3)
    d = easting - E0
    return lat - vii * d**2 + viii * d**4 - ix * d**6, LON0 + x * d - xi * d**3 + xii * d**5 - xiia * d**7


def _meridian(lat: Floats) -> Floats:
    a, b = AIRY
    n = (a - b) / (a + b)
    minus, plus = lat - LAT0, lat + LAT0
    return np.asarray(
        b
        * SCALE
        * (
            (1 + n + 5 / 4 * n**2 + 5 / 4 * n**3) * minus
            - (3 * n + 3 * n**2 + 21 / 8 * n**3) * np.sin(minus) * np.cos(plus)
            + (15 / 8 * n**2 + 15 / 8 * n**3) * np.sin(2 * minus) * np.cos(2 * plus)
            - 35 / 24 * n**3 * np.sin(3 * minus) * np.cos(3 * plus)
        )
    )


def _cartesian(lat: Floats, lon: Floats) -> tuple[Floats, Floats, Floats]:
    a, b = AIRY
    e2 = 1 - (b / a) ** 2
    nu = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    return nu * np.cos(lat) * np.cos(lon), nu * np.cos(lat) * np.sin(lon), (1 - e2) * nu * np.sin(lat)


def _helmert(x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats, Floats]:
    (tx, ty, tz), (rx, ry, rz) = SHIFT, TURN
    return (
        tx + STRETCH * x - rz * y + ry * z,
        ty + rz * x + STRETCH * y - rx * z,
        tz - ry * x + rx * y + STRETCH * z,
    )


def _geographic(x: Floats, y: Floats, z: Floats) -> tuple[Floats, Floats]:
    a, b = WGS84
    e2 = 1 - (b / a) ** 2
    p = np.hypot(x, y)
    lat = np.arctan2(z, p * (1 - e2))
    for _ in range(6):
        nu = a / np.sqrt(1 - e2 * np.sin(lat) ** 2)
        lat = np.arctan2(z + e2 * nu * np.sin(lat), p)
    return np.degrees(lat), np.degrees(np.arctan2(y, x))
