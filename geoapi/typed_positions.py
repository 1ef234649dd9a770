# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a position as people type or paste it: degrees, minutes, map links, UTM metres.

A link is only text here: its numbers are read, nothing is ever asked of the site it names.
"""

from __future__ import annotations

import math
import re

from geoapi.errors import Problem, UsageError
from geoapi.importing.crs import to_crs84
from geoapi.thai import strip_invisible, to_ascii_digits
from geoapi.types import LonLat

LATITUDES_DEG = (5.6, 20.5)
"""Of Thailand; disjoint from its longitudes, so that a swap is certain."""
LONGITUDES_DEG = (97.3, 105.7)
CATEGORIES_ABROAD = frozenset({"embassy", "consulate"})
"""Service points that may lie outside Thailand."""
DECIMALS = 7
LONGEST_TEXT = 500

_NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"\(?\s*({_NUMBER})\s*(?:[,;]\s*|\s+)({_NUMBER})\s*\)?$")
_ONE = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)$")
_DMS = re.compile(
    r"(?P<before>[NSEWนอ]|เหนือ|ตะวันออก)?\.?\s*(?P<sign>[+-])?(?P<d>\d{1,3}(?:\.\d+)?)\s*(?:°|º|d|องศา)\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:'|′|’|ลิปดา)\s*)?"
    r"(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:''|\"|″|”|ฟิลิปดา)\s*)?(?P<after>[NSEW]|น|อ|เหนือ|ตะวันออก)?\.?",
    re.I,
)
_PLAIN_DMS = re.compile(
    r"(?P<d>\d{1,3})[\s:]+(?P<m>\d{1,2})[\s:]+(?P<s>\d{1,2}(?:\.\d+)?)\s*(?P<after>[NSEW])", re.I
)
_SOUTH_WEST = frozenset("SW")
_LATITUDE_SIGNS = frozenset({"N", "S", "น", "เหนือ"})
_SEXAGESIMAL = 60

# Places of links where latitude stands first; the most exact first.
_LINKS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"!3d({_NUMBER})!4d({_NUMBER})",
        rf"mlat=({_NUMBER})&(?:amp;)?mlon=({_NUMBER})",
        rf"lat(?:itude)?=({_NUMBER})&(?:[^#\s]*&)?(?:long?|lng|longitude)=({_NUMBER})",
        rf"(?:q|query|ll|destination|daddr|center)=(?:loc:)?({_NUMBER})(?:,|%2C)\s*\+?({_NUMBER})",
        rf"@({_NUMBER}),({_NUMBER})",
        rf"#map=\d+(?:\.\d+)?/({_NUMBER})/({_NUMBER})",
        rf"^geo:({_NUMBER}),({_NUMBER})",
        rf"/(?:place|search|dir)/({_NUMBER}),\+?({_NUMBER})",
    )
)
_LON_FIRST = re.compile(rf"(?:lon|long|lng)=({_NUMBER})&(?:[^#\s]*&)?lat=({_NUMBER})", re.I)
_IS_LINK = re.compile(r"https?://|^geo:|^www\.|\.(?:com|org|co\.th|goo\.gl)/", re.I)
_UTM = re.compile(
    r"(?:(?:zone|โซน)?\s*(?P<zone>4[78])\s*[NPQ]?[\s,:]+)?"
    r"E?\s*(?P<x>[1-8]\d{5}(?:\.\d+)?)\s*(?:m?E)?[\s,;]+N?\s*(?P<y>\d{6,7}(?:\.\d+)?)\s*(?:m?N)?"
    r"(?:[\s,]+(?:zone|โซน)?\s*(?P<late>4[78])\s*[NPQ]?)?$",
    re.I,
)
_NORTHING_M = (600_000.0, 2_300_000.0)


def read_position(text: str) -> LonLat | Problem | None:
    """Read a whole position from one text.

    Args:
        text: "lat, lon", degrees with minutes and seconds, a map link, or UTM of zone 47 or 48.

    Returns:
        (lon, lat) in degrees CRS84; None when the text holds no pair; a problem when it holds one
        that can't be used.

    >>> read_position("๑๙.๙๑๐๕, ๙๙.๘๓๒๕")
    (99.8325, 19.9105)
    >>> read_position("https://www.google.com/maps/place/X/@19.9,99.8,17z/data=!3d19.9105!4d99.8325")
    (99.8325, 19.9105)
    >>> read_position("20") is None
    True
    """
    plain = to_ascii_digits(strip_invisible(text))[:LONGEST_TEXT]
    if not plain:
        return None
    if _IS_LINK.search(plain):
        return _of_link(plain)
    if match := _PAIR.match(plain):
        return _rounded(float(match[2]), float(match[1]))
    if match := _UTM.match(plain):
        return _of_utm(match)
    return _of_degrees(plain)


def _rounded(lon: float, lat: float) -> LonLat:
    return (round(lon, DECIMALS), round(lat, DECIMALS))


def _of_link(text: str) -> LonLat | Problem:
    for pattern in _LINKS:
        if match := pattern.search(text):
            return _rounded(float(match[2]), float(match[1]))
    if match := _LON_FIRST.search(text):
        return _rounded(float(match[1]), float(match[2]))
    return Problem("officers.position.link", "/form/lat")


def _of_utm(match: re.Match[str]) -> LonLat | Problem:
    zone = match["zone"] or match["late"]
    x, y = float(match["x"]), float(match["y"])
    if zone is None:
        return Problem("officers.position.zone", "/form/lat")
    if not _NORTHING_M[0] <= y <= _NORTHING_M[1]:
        return Problem("officers.position.northing", "/form/lat", params={"northing": match["y"]})
    try:
        lon, lat = to_crs84(x, y, f"EPSG:326{zone}")
    except UsageError as error:
        return Problem(error.message_id, "/form/lat", params=error.params)
    return _rounded(lon, lat)


def _of_degrees(text: str) -> LonLat | Problem | None:
    found = list(_DMS.finditer(text)) or list(_PLAIN_DMS.finditer(text))
    if len(found) != 2:  # noqa: PLR2004 - latitude and longitude
        return None
    values = [_degrees(match) for match in found]
    first, second = (_letter(match) for match in found)
    if None in values:
        return Problem("officers.position.minutes", "/form/lat")
    lat, lon = values
    if first and second and first not in _LATITUDE_SIGNS and second in _LATITUDE_SIGNS:
        lat, lon = lon, lat
    return None if lat is None or lon is None else _rounded(lon, lat)


def _letter(match: re.Match[str]) -> str:
    groups = match.groupdict()
    return (groups.get("after") or groups.get("before") or "").upper()


def _degrees(match: re.Match[str]) -> float | None:
    """Return decimal degrees, None when minutes or seconds are sixty or more."""
    minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
    if minutes >= _SEXAGESIMAL or seconds >= _SEXAGESIMAL:
        return None
    value = float(match["d"]) + minutes / _SEXAGESIMAL + seconds / _SEXAGESIMAL**2
    negative = _letter(match) in _SOUTH_WEST or match.groupdict().get("sign") == "-"
    return -value if negative else value


def read_degrees(text: str) -> float | None:
    """Read one latitude or longitude, decimal or with minutes; None when it is none.

    >>> read_degrees("๒๐.๑๔"), read_degrees("20°08'46.4'' N"), read_degrees("nan")
    (20.14, 20.1462222, None)
    """
    plain = to_ascii_digits(strip_invisible(text))[:LONGEST_TEXT]
    if _ONE.match(plain):
        value = float(plain)
        return round(value, DECIMALS) if math.isfinite(value) else None
    match = _DMS.fullmatch(plain) or _PLAIN_DMS.fullmatch(plain)
    degrees = _degrees(match) if match else None
    return None if degrees is None else round(degrees, DECIMALS)


def fault_of(place: LonLat, category: str) -> Problem | None:
    """Say what is wrong with where a position lies: swapped axes, off the earth, abroad.

    >>> fault_of((20.1, 99.8), "school").message_id, fault_of((2.29, 48.86), "embassy")
    ('web.form.swapped', None)
    """
    lon, lat = place
    if _within(lon, LATITUDES_DEG) and _within(lat, LONGITUDES_DEG):
        return Problem("web.form.swapped", "/form/lat", params={"lat": lon, "lon": lat})
    if category in CATEGORIES_ABROAD:
        on_earth = abs(lat) <= 90 and abs(lon) <= 180  # noqa: PLR2004 - degrees
        return None if on_earth else Problem("officers.position.earth", "/form/lat")
    if not (_within(lat, LATITUDES_DEG) and _within(lon, LONGITUDES_DEG)):
        return Problem("web.form.outside", "/form/lat")
    return None


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
