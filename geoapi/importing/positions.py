# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the position of a row, and tell the usual mistakes apart instead of saying "invalid"."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from shapely.geometry import Point

from geoapi.errors import Problem, UsageError
from geoapi.importing.crs import CRS84, GEOGRAPHIC_CRS, to_crs84
from geoapi.importing.profiles import Profile
from geoapi.importing.rows import Row
from geoapi.thai import strip_invisible, to_ascii_digits

THAILAND_LON = (97.3, 105.7)
"""Degrees east; measured over the 7,425 subdistricts."""
THAILAND_LAT = (5.6, 20.5)
"""Degrees north; the two ranges are disjoint, so a swapped pair is always recognised."""

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$")
_MAX_LON, _MAX_LAT = 180.0, 90.0
_UTM_EASTING_M = (100_000.0, 900_000.0)
_UTM_NORTHING_M = (600_000.0, 2_300_000.0)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in CRS84, and the pair as the source has it (x, y and the CRS)."""

    lon: float
    lat: float
    raw: str


@dataclass(frozen=True, slots=True)
class PositionFault:
    """Why a row has no usable position: the field to mend and the problem."""

    field: str
    problem: Problem
    is_empty: bool = False


def read_position(row: Row, profile: Profile, crs: str) -> Position | PositionFault:
    """Give the position of a row in CRS84.

    Args:
        row: with a point geometry or with coordinates in columns.
        profile: says which columns.
        crs: of the coordinates; columns called lon and lat are CRS84 when it is not geographic.
    """
    if row.geometry is not None and not row.geometry.is_empty:
        return _from_geometry(row, crs)
    x_column, y_column = profile.column("lon"), profile.column("lat")
    if x_column is None or y_column is None:
        x_column, y_column = profile.column("x"), profile.column("y")
    if x_column is None or y_column is None:
        return PositionFault("geometry", _problem("import.no_coordinates", ""), is_empty=True)
    pair = _pair(row, x_column, y_column)
    if isinstance(pair, PositionFault):
        return pair
    raw = f"{row.text(x_column)},{row.text(y_column)} {crs}"
    return _checked(pair, crs, raw, f"{x_column}, {y_column}")


def _problem(message_id: str, value: str, **params: str | float) -> Problem:
    return Problem(message_id, params={"value": value, **params})


def _from_geometry(row: Row, crs: str) -> Position | PositionFault:
    """Take the coordinates of a point, or of a multipoint with one member."""
    geometry = row.geometry
    points = list(getattr(geometry, "geoms", [geometry]))
    point = points[0]
    if len(points) != 1 or not isinstance(point, Point):
        kind = geometry.geom_type if geometry is not None else ""
        return PositionFault("geometry", _problem("import.geometry_not_point", kind))
    raw = f"{point.x!r},{point.y!r} {crs}"
    return _checked((point.x, point.y), crs, raw, "geometry")


def _pair(row: Row, x_column: str, y_column: str) -> tuple[float, float] | PositionFault:
    """Read two numbers."""
    texts = [to_ascii_digits(strip_invisible(row.text(column))) for column in (x_column, y_column)]
    if not texts[0] and not texts[1]:
        fault = _problem("import.no_coordinates", "")
        return PositionFault(f"{x_column}, {y_column}", fault, is_empty=True)
    numbers: list[float] = []
    for column, text in zip((x_column, y_column), texts, strict=True):
        if not text:
            return PositionFault(column, _problem("import.half_coordinates", ""))
        if not _NUMBER.match(text) or not math.isfinite(float(text)):
            return PositionFault(column, _problem("import.not_a_number", text))
        numbers.append(float(text))
    return numbers[0], numbers[1]


def _checked(
    pair: tuple[float, float], crs: str, raw: str, field_name: str
) -> Position | PositionFault:
    """Convert a pair and refuse what is certainly no place in Thailand."""
    x, y = pair
    value = f"{x!r}, {y!r}"
    if x == 0 and y == 0:
        return PositionFault(field_name, _problem("import.zero_coordinates", value), is_empty=True)
    message = _fault_of_degrees(x, y) if crs in GEOGRAPHIC_CRS else _fault_of_metres(x, y)
    if message is not None:
        params: dict[str, str | float] = {}
        if message == "import.swapped_axes":
            params = {"lon": y, "lat": x}
        return PositionFault(field_name, _problem(message, value, **params))
    try:
        lon, lat = to_crs84(x, y, crs)
    except UsageError as err:
        return PositionFault(
            field_name, Problem(err.message_id, params={"value": value, **err.params})
        )
    if not _in_thailand(lon, lat):
        fault = _problem("import.outside_thailand", value, lon=lon, lat=lat)
        return PositionFault(field_name, fault)
    return Position(lon, lat, raw)


def _in_thailand(lon: float, lat: float) -> bool:
    """Tell whether the place lies in the box around Thailand."""
    return THAILAND_LON[0] <= lon <= THAILAND_LON[1] and THAILAND_LAT[0] <= lat <= THAILAND_LAT[1]


def _fault_of_degrees(x: float, y: float) -> str | None:
    """Name the mistake in a pair that should be longitude and latitude."""
    if _in_thailand(x, y):
        return None
    if _in_thailand(y, x):
        return "import.swapped_axes"
    if x == y:
        return "import.equal_coordinates"
    if _is_utm(x, y):
        return "import.metres_not_degrees"
    if abs(x) > _MAX_LON or abs(y) > _MAX_LAT:
        return "import.not_degrees"
    return None  # a real place, but elsewhere: said after the conversion


def _fault_of_metres(x: float, y: float) -> str | None:
    """Name the mistake in a pair that should be easting and northing."""
    if abs(x) <= _MAX_LON and abs(y) <= _MAX_LON:
        return "import.degrees_not_metres"
    if _is_utm(y, x) and not _is_utm(x, y):
        return "import.swapped_axes"
    return None


def _is_utm(x: float, y: float) -> bool:
    """Tell whether the pair looks like UTM in Thailand."""
    return (
        _UTM_EASTING_M[0] <= x <= _UTM_EASTING_M[1]
        and _UTM_NORTHING_M[0] <= y <= _UTM_NORTHING_M[1]
    )


DEFAULT_CRS = CRS84
"""Of tables that do not say: columns of degrees."""
