# SPDX-License-Identifier: GPL-2.0-or-later
"""Coordinate reference systems by reference (OGC API - Features - Part 2, OGC 18-058r1).

Everything is stored in CRS84, so nothing here runs while no other system is asked for.  In an
answer, a box and a body the order of the axes is the one that the system defines: EPSG:4326 is
latitude before longitude.  All five systems stand on WGS 84, hence no datum is shifted, and the
result does not depend on grids that a machine has or has not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from pyproj import Transformer
from pyproj.enums import TransformDirection

from geoapi.errors import InvalidDocumentError, Problem, UsageError
from geoapi.types import BBox, JsonObject

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
DEGREE_DECIMALS, METRE_DECIMALS = 7, 3
"""7 decimals of a degree are 11 mm on the ground; millimetres read back give the same degrees."""
# How far the way there and back may end beside where it began.
_CLOSURE_M = 0.01
# A box is made so much wider, degrees: a point at its corner, written in millimetres, is inside.
_MARGIN_DEG = 1e-7
_POSITION = 2
# A multipolygon nests its positions three deep; collections of collections are rare enough.
_DEEPEST = 8

type Coordinates = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Crs:
    """A reference system that answers, boxes and bodies may have.

    Attributes:
        uri: its name.
        authority: its short name, such as ``EPSG:32647``.
        has_lat_first: the first axis is latitude.
        is_projected: coordinates are metres.
        area: where it is used, degrees; far outside of it PROJ gives numbers without a meaning.
        extent: what its coordinates can be inside the area, in its unit, x before y.
    """

    uri: str
    authority: str
    has_lat_first: bool = False
    is_projected: bool = False
    area: BBox = (-180.0, -90.0, 180.0, 90.0)
    extent: BBox = (-180.0, -90.0, 180.0, 90.0)

    @property
    def header(self) -> str:
        """Return the value of the header Content-Crs."""
        return f"<{self.uri}>"

    @property
    def decimals(self) -> int:
        """Return how many decimals its coordinates have."""
        return METRE_DECIMALS if self.is_projected else DEGREE_DECIMALS

    @property
    def tag(self) -> str:
        """Return what an entity tag ends with in this system; '' for CRS84."""
        return "" if self.uri == CRS84 else "." + self.authority.partition(":")[2]


def _epsg(code: int) -> str:
    return f"http://www.opengis.net/def/crs/EPSG/0/{code}"


def _utm(zone: int, meridian: float) -> Crs:
    """Describe a northern zone of UTM; it is used beyond its 6 degrees, as Thailand does."""
    area = (meridian - 15.0, -10.0, meridian + 15.0, 84.0)
    extent = (-1_250_000.0, -1_150_000.0, 2_250_000.0, 9_500_000.0)
    code = 32_600 + zone
    return Crs(_epsg(code), f"EPSG:{code}", is_projected=True, area=area, extent=extent)


_WORLD_M = 20_037_508.342789244
_MERCATOR = Crs(
    _epsg(3857),
    "EPSG:3857",
    is_projected=True,
    area=(-180.0, -85.06, 180.0, 85.06),
    extent=(-_WORLD_M, -_WORLD_M, _WORLD_M, _WORLD_M),
)
DEFAULT = Crs(CRS84, "OGC:CRS84")
SUPPORTED: tuple[Crs, ...] = (
    DEFAULT,
    Crs(_epsg(4326), "EPSG:4326", has_lat_first=True),
    _MERCATOR,
    _utm(47, 99.0),
    _utm(48, 105.0),
)
SUPPORTED_URIS = tuple(crs.uri for crs in SUPPORTED)


@cache
def _names() -> dict[str, Crs]:
    """Return every spelling of every system: URI, URN, CURIE with and without brackets."""
    found: dict[str, Crs] = {}
    for crs in SUPPORTED:
        authority, _, code = crs.authority.partition(":")
        version = "1.3" if crs is DEFAULT else ""
        for name in (
            crs.uri,
            crs.uri.replace("http:", "https:"),
            f"urn:ogc:def:crs:{authority}:{version}:{code}",
            crs.authority,
            f"[{crs.authority}]",
        ):
            found[name] = crs
    return found


def parse_crs(text: str) -> Crs:
    """Return the system that a text names.

    >>> parse_crs("http://www.opengis.net/def/crs/EPSG/0/32647").authority
    'EPSG:32647'
    >>> parse_crs("urn:ogc:def:crs:EPSG::4326").has_lat_first
    True

    Raises:
        UsageError: ``ogc.crs_unsupported`` with the supported ones.
    """
    found = _names().get(text.strip())
    if found is None:
        raise UsageError("ogc.crs_unsupported", value=text[:80], known=", ".join(SUPPORTED_URIS))
    return found


def parse_content_crs(header: str | None) -> Crs:
    """Return the system that a header Content-Crs names, CRS84 when there is none.

    Raises:
        UsageError: it names another.
    """
    if header is None:
        return DEFAULT
    text = header.strip()
    try:
        return parse_crs(text[1:-1] if text.startswith("<") and text.endswith(">") else text)
    except UsageError as error:
        problem = Problem(error.message_id, parameter="Content-Crs", params=error.params)
        raise UsageError(error.message_id, problems=(problem,), **error.params) from error


@cache
def _transformer(authority: str) -> Transformer:
    """Return the conversion from CRS84, x before y on both sides; pyproj's are safe in threads."""
    return Transformer.from_crs("OGC:CRS84", authority, always_xy=True)


def _is_in_area(crs: Crs, lon: Coordinates, lat: Coordinates) -> npt.NDArray[np.bool_]:
    west, south, east, north = crs.area
    inside: npt.NDArray[np.bool_] = (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)
    return inside


def _forward(crs: Crs, lon: Coordinates, lat: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Convert CRS84 degrees to x and y, rounded; NaN where the system has no place for them."""
    if not crs.is_projected:
        return lon, lat
    x, y = _transformer(crs.authority).transform(lon, lat)
    inside = _is_in_area(crs, lon, lat)
    return (
        np.where(inside, np.round(x, METRE_DECIMALS), np.nan),
        np.where(inside, np.round(y, METRE_DECIMALS), np.nan),
    )


def _inverse(crs: Crs, x: Coordinates, y: Coordinates) -> tuple[Coordinates, Coordinates]:
    """Convert x and y to degrees; NaN where they are nowhere in the system.

    Far outside of a zone PROJ gives degrees that are not the place: the way back tells.
    """
    lon, lat = x, y
    is_there = np.isfinite(x) & np.isfinite(y)
    if crs.is_projected:
        transformer = _transformer(crs.authority)
        lon, lat = transformer.transform(x, y, direction=TransformDirection.INVERSE)
        back_x, back_y = transformer.transform(lon, lat)
        is_there &= (np.abs(back_x - x) < _CLOSURE_M) & (np.abs(back_y - y) < _CLOSURE_M)
    is_there &= _is_in_area(crs, lon, lat)
    return np.where(is_there, lon, np.nan), np.where(is_there, lat, np.nan)


def degrees_of(
    crs: Crs, first: Coordinates, second: Coordinates
) -> tuple[Coordinates, Coordinates]:
    """Return lon and lat of coordinates in the order of a system's axes; NaN where it has none."""
    return _inverse(crs, *((second, first) if crs.has_lat_first else (first, second)))


def without_crs(tags: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """Return entity tags of If-Match as CRS84 has them: a write begins at a revision of an item.

    >>> without_crs(("w3-0123456789abcdef.32647", "*"))
    ('w3-0123456789abcdef', '*')
    """
    if tags is None:
        return None
    endings = tuple(crs.tag for crs in SUPPORTED if crs.tag)
    return tuple(t.rpartition(".")[0] if t.endswith(endings) else t for t in tags)


# ------------------------------------------------------------------------------- answers


def transformed(features: Sequence[str], crs: Crs, *, as_axes: bool = True) -> list[str]:
    """Write the geometries of finished features in another system; all in one conversion.

    Args:
        features: GeoJSON texts in CRS84.
        crs: the system wanted; CRS84 gives the texts back as they are.
        as_axes: in the order of the system's axes; False for x before y, as files have it.

    Raises:
        UsageError: a feature lies where the system has no coordinates.
    """
    if crs is DEFAULT:
        return list(features)
    documents: list[JsonObject] = [orjson.loads(text) for text in features]
    transform_documents(documents, crs, as_axes=as_axes)
    return [orjson.dumps(document).decode() for document in documents]


def transform_documents(documents: Sequence[JsonObject], crs: Crs, *, as_axes: bool = True) -> None:
    """Change the coordinates of features from CRS84 to another system, in place.

    Raises:
        UsageError: a feature lies where the system has no coordinates.
    """
    owners: list[int] = []
    positions: list[list[float]] = []
    for index, document in enumerate(documents):
        document.pop("bbox", None)  # it would be in the other system
        found = list(_positions(document.get("geometry")))
        positions += found
        owners += [index] * len(found)
    x, y = _forward(crs, *_columns(positions))
    bad = np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))
    if bad.size:
        params: dict[str, Any] = {
            "id": str(documents[owners[int(bad[0])]].get("id"))[:80],
            "crs": crs.uri,
        }
        problem = Problem("crs.item_outside", parameter="crs", params=params)
        raise UsageError("crs.item_outside", problems=(problem,), **params)
    _write(positions, (y, x) if as_axes and crs.has_lat_first else (x, y))


def _columns(positions: Sequence[Sequence[float]]) -> tuple[Coordinates, Coordinates]:
    pairs = np.array([p[:_POSITION] for p in positions], dtype=np.float64).reshape(-1, _POSITION)
    return pairs[:, 0], pairs[:, 1]


def _write(positions: Sequence[list[float]], columns: tuple[Coordinates, Coordinates]) -> None:
    """Put new coordinates into positions, which keep their heights."""
    for position, first, second in zip(
        positions, columns[0].tolist(), columns[1].tolist(), strict=True
    ):
        position[:_POSITION] = [first, second]


def _positions(geometry: Any, depth: int = 0) -> Iterator[list[float]]:  # noqa: ANN401 - any JSON
    """Yield the positions of a geometry, the very lists.

    Raises:
        ValueError: they are not what GeoJSON wants; nothing is known of their number then.
    """
    if geometry is None:
        return
    if not isinstance(geometry, dict) or depth > _DEEPEST:
        raise ValueError("geometry")
    if "geometries" in geometry:
        for part in geometry["geometries"]:
            yield from _positions(part, depth + 1)
    if "coordinates" in geometry:
        yield from _nested(geometry["coordinates"])


def _nested(coordinates: Any, depth: int = 0) -> Iterator[list[float]]:  # noqa: ANN401 - any JSON
    if not isinstance(coordinates, list) or depth > _DEEPEST:
        raise ValueError("coordinates")
    if coordinates and isinstance(coordinates[0], list):
        for part in coordinates:
            yield from _nested(part, depth + 1)
    elif coordinates:
        if len(coordinates) < _POSITION or not all(_is_number(v) for v in coordinates):
            raise ValueError("position")
        yield coordinates


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


# ------------------------------------------------------------------------------ requests


def to_crs84(document: JsonObject, crs: Crs) -> JsonObject:
    """Return a feature, or a merge patch of one, whose geometry is in CRS84, 7 decimals.

    Args:
        document: as a client sent it; it is not changed.
        crs: the system it is in.

    Raises:
        InvalidDocumentError: coordinates that are none, or lie outside of the system.
    """
    if crs is DEFAULT or document.get("geometry") is None:
        return document
    if document.get("crs") is not None:  # the member of old GeoJSON says something else
        raise _refused("crs.said_twice", "/crs", crs)
    try:
        list(_positions(document["geometry"]))  # before the copy, which goes as deep as it is
        geometry = deepcopy(document["geometry"])
        positions = list(_positions(geometry))
        first, second = _columns(positions)
    except (ValueError, TypeError, OverflowError) as error:
        raise _refused("crs.coordinates_broken", "/geometry/coordinates", crs) from error
    lon, lat = degrees_of(crs, first, second)
    bad = np.flatnonzero(np.isnan(lon) | np.isnan(lat))
    if bad.size:
        value = ", ".join(f"{number:g}" for number in positions[int(bad[0])])[:80]
        raise _refused("crs.coordinates_outside", "/geometry/coordinates", crs, value=value)
    _write(positions, (np.round(lon, DEGREE_DECIMALS), np.round(lat, DEGREE_DECIMALS)))
    return {**document, "geometry": geometry}


def _refused(message_id: str, pointer: str, crs: Crs, **params: str) -> InvalidDocumentError:
    said: dict[str, Any] = {"crs": crs.uri, **params}
    problem = Problem(message_id, pointer, params=said)
    return InvalidDocumentError(message_id, problems=(problem,), **said)


def box_to_crs84(box: BBox, crs: Crs) -> BBox:
    """Return the smallest box of CRS84 around a box of another system.

    Args:
        box: lower and upper values of the first, then the second axis, as ``bbox=`` has them:
            (first low, second low, first high, second high).
        crs: the system of the box.

    What lies beyond the extent of the system is cut off: nothing can be there.  Edges that are
    straight in metres are bent in degrees, so corners alone are not enough: in UTM a line to the
    east is northernmost at the central meridian, a line to the north bends away from it by the
    distance from the equator.  With these two added the box is exact: it holds the whole of the
    one that was asked for, and beside its bent edges a little more: in UTM up to the convergence
    of meridians, 1-2 % of its side in Thailand, in EPSG:3857 nothing.  It is 11 mm wider on each
    side, which is what coordinates lose by rounding.

    Raises:
        UsageError: reversed, or all of it outside of what the system describes.
    """
    if crs is DEFAULT:
        return box
    first_low, second_low, first_high, second_high = box
    if crs.has_lat_first:
        # longitudes may be reversed: such a box crosses 180 degrees
        return second_low, first_low, second_high, first_high
    shown = ",".join(f"{value:.12g}" for value in box)
    if first_low > first_high or second_low > second_high:
        raise UsageError("crs.box_reversed", value=shown)
    low_x, low_y, high_x, high_y = crs.extent
    cut = (
        max(first_low, low_x), max(second_low, low_y),
        min(first_high, high_x), min(second_high, high_y),
    )  # fmt: skip
    if cut[0] > cut[2] or cut[1] > cut[3]:
        raise UsageError("crs.box_outside", value=shown, crs=crs.uri)
    middle_x, equator_y = (low_x + high_x) / 2, 0.0
    x = [cut[0], min(max(middle_x, cut[0]), cut[2]), cut[2]]
    y = [cut[1], min(max(equator_y, cut[1]), cut[3]), cut[3]]
    lon, lat = _transformer(crs.authority).transform(
        np.repeat(x, 3), np.tile(y, 3), direction=TransformDirection.INVERSE
    )
    west, south, east, north = (float(v) for v in (lon.min(), lat.min(), lon.max(), lat.max()))
    return (
        max(west - _MARGIN_DEG, -180.0), max(south - _MARGIN_DEG, -90.0),
        min(east + _MARGIN_DEG, 180.0), min(north + _MARGIN_DEG, 90.0),
    )  # fmt: skip
