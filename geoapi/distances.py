# SPDX-License-Identifier: GPL-2.0-or-later
"""How far two positions lie from each other."""

from __future__ import annotations

import math

from geoapi.types import LonLat

_EARTH_RADIUS_M = 6_371_008.8  # mean radius, IUGG


def distance_m(origin: LonLat, destination: LonLat) -> float:
    """Return the great-circle distance of two positions (lon, lat in degrees), in metres.

    >>> round(distance_m((100.0, 20.0), (100.0, 20.001)))
    111
    """
    lon1, lat1, lon2, lat2 = map(math.radians, (*origin, *destination))
    half_chord = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_M * math.asin(math.sqrt(half_chord))
