# SPDX-License-Identifier: GPL-2.0-or-later
"""What a camera wrote into a photo, read once: how far from the point, and on which day.

Cameras err and people lie: whatever can't be true is left out, and nothing of it is ever an error.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from PIL import ExifTags, Image
from pyproj import Geod

from geoapi.types import LonLat

# What Pillow raises on tags that are cut off, of wrong types or point outside of the file.
TAG_ERRORS = (
    AttributeError, EOFError, IndexError, KeyError, OSError, OverflowError, SyntaxError,
    TypeError, ValueError, ZeroDivisionError, struct.error,
)  # fmt: skip
_EARLIEST_YEAR = 2000  # digital cameras of offices; older dates are unset clocks
_DMS_UNITS = (1.0, 60.0, 3600.0)
_ROUNDED_M = 10
_EARTH = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Capture:
    """What is kept of a photo's own data.

    Attributes:
        taken_on: day on the camera's clock, None when not said or not credible.
        distance_m: from the service point, rounded to ten metres, None when unknown.
    """

    taken_on: date | None = None
    distance_m: int | None = None


def exif_of(image: Image.Image) -> Mapping[int, Any]:
    """Return the tags of an image, none when they can't be read."""
    try:
        return image.getexif()
    except TAG_ERRORS:
        return {}


def orientation_of(exif: Mapping[int, Any]) -> int:
    """Return how the image lies, 1 to 8 as EXIF counts; 1 when not said."""
    try:
        value = exif.get(ExifTags.Base.Orientation, 1)
    except TAG_ERRORS:
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1  # noqa: PLR2004 - EXIF


def read_capture(exif: Mapping[int, Any], point: LonLat | None, today: date) -> Capture:
    """Return what is kept of the tags.

    Args:
        exif: of :func:`exif_of`.
        point: (lon, lat) of the service point in degrees, None when it has no position yet.
        today: in Asia/Bangkok; later days are not credible.
    """
    taken_on = _day(_block(exif, ExifTags.IFD.Exif), today)
    place = _position(_block(exif, ExifTags.IFD.GPSInfo))
    if place is None or point is None:
        return Capture(taken_on)
    metres = _EARTH.inv(*point, *place)[2]
    return Capture(taken_on, round(metres / _ROUNDED_M) * _ROUNDED_M)


def _block(exif: Mapping[int, Any], block: int) -> Mapping[int, Any]:
    try:
        found = exif.get_ifd(block) if isinstance(exif, Image.Exif) else exif.get(block, {})
    except TAG_ERRORS:
        return {}
    return found if isinstance(found, Mapping) else {}


def _day(tags: Mapping[int, Any], today: date) -> date | None:
    try:
        text = tags.get(ExifTags.Base.DateTimeOriginal, "")
        text = text.decode("ascii") if isinstance(text, bytes) else str(text)
        day = datetime.strptime(text[:10], "%Y:%m:%d").date()  # noqa: DTZ007 - the camera's day
    except TAG_ERRORS:
        return None
    return day if day.year >= _EARLIEST_YEAR and day <= today else None


def _position(tags: Mapping[int, Any]) -> LonLat | None:
    """Return (lon, lat) in degrees, None when it is not said or can't be."""
    gps = ExifTags.GPS
    lat = _degrees(tags, gps.GPSLatitude, gps.GPSLatitudeRef, {"N": 1, "S": -1})
    lon = _degrees(tags, gps.GPSLongitude, gps.GPSLongitudeRef, {"E": 1, "W": -1})
    if lat is None or lon is None or abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004 - degrees
        return None
    # nobody stands there: receivers say so before they know
    return None if (lon, lat) == (0.0, 0.0) else (lon, lat)


def _degrees(
    tags: Mapping[int, Any], value_tag: int, side_tag: int, signs: Mapping[str, int]
) -> float | None:
    try:
        side = tags[side_tag]
        side = side.decode("ascii") if isinstance(side, bytes) else str(side)
        sign = signs[side.strip("\0 ").upper()]
        parts = [_part(part) for part in tags[value_tag]]
        if len(parts) != len(_DMS_UNITS):
            return None
        total = sum(part / unit for part, unit in zip(parts, _DMS_UNITS, strict=True))
    except TAG_ERRORS:
        return None
    return sign * total


def _part(value: Any) -> float:  # noqa: ANN401 - a fraction of Pillow, or what stands in for it
    """Return a part of an angle.

    Raises:
        ValueError: it is no number, or negative, or its denominator is.
    """
    if getattr(value, "denominator", 1) <= 0:
        raise ValueError("denominator")
    number = float(value)
    if not math.isfinite(number) or number < 0:
        raise ValueError("angle")
    return number
