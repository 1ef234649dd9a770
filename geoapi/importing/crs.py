# SPDX-License-Identifier: GPL-2.0-or-later
"""Convert coordinates of the reference systems used in Thailand to CRS84.

Every conversion is an explicit PROJ pipeline, so that no version of PROJ's database and no grid on
the machine can choose another one. Indian 1975 goes through EPSG:1304 only: PROJ and QGIS prefer
EPSG:1812, which ends about 187 m away in Thailand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from geoapi.errors import UsageError

CRS84 = "OGC:CRS84"
DECIMALS = 7
"""Decimals of a degree that are kept: 7 are 11 mm on the ground."""

_TO_DEGREES = "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
# EPSG:1304, Indian 1975 to WGS 84 (2): dX 210, dY 814, dZ 289 m, Everest 1830 (1937 Adjustment).
_INDIAN_1975_TO_WGS84 = (
    "+step +proj=push +v_3 +step +proj=cart +ellps=evrst30 "
    "+step +proj=helmert +x=210 +y=814 +z=289 "
    "+step +inv +proj=cart +ellps=WGS84 +step +proj=pop +v_3 "
)
_PIPELINES: dict[str, str | None] = {
    CRS84: None,
    "EPSG:4326": None,
    "EPSG:32647": f"+proj=pipeline +step +inv +proj=utm +zone=47 +ellps=WGS84 {_TO_DEGREES}",
    "EPSG:32648": f"+proj=pipeline +step +inv +proj=utm +zone=48 +ellps=WGS84 {_TO_DEGREES}",
    "EPSG:24047": (
        "+proj=pipeline +step +inv +proj=utm +zone=47 +ellps=evrst30 "
        f"{_INDIAN_1975_TO_WGS84}{_TO_DEGREES}"
    ),
    "EPSG:24048": (
        "+proj=pipeline +step +inv +proj=utm +zone=48 +ellps=evrst30 "
        f"{_INDIAN_1975_TO_WGS84}{_TO_DEGREES}"
    ),
    "EPSG:4240": (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"{_INDIAN_1975_TO_WGS84}{_TO_DEGREES}"
    ),
    "EPSG:3857": f"+proj=pipeline +step +inv +proj=webmerc +ellps=WGS84 {_TO_DEGREES}",
}
ACCEPTED_CRS = tuple(_PIPELINES)
"""Names that ``parse_crs`` gives and the converters take."""
GEOGRAPHIC_CRS = frozenset({CRS84, "EPSG:4326", "EPSG:4240"})
"""Those of them whose coordinates are degrees."""

_CODE = re.compile(
    r"(?:EPSG|urn:ogc:def:crs:EPSG|https?://.+/def/crs/EPSG)[:/](?:[\d.]*[:/])?(\d{4,6})$", re.I
)
_BARE_CODE = re.compile(r"\d{4,6}$")
_CRS84_NAME = re.compile(r"(?:.*[:/])?CRS84$", re.I)

type Coordinates = npt.NDArray[np.float64]


def parse_crs(text: str | int) -> str:
    """Give the accepted name of a CRS from a code, ``EPSG:n``, URN or URI.

    >>> parse_crs("epsg:32647"), parse_crs("urn:ogc:def:crs:OGC:1.3:CRS84"), parse_crs(24047)
    ('EPSG:32647', 'OGC:CRS84', 'EPSG:24047')

    Raises:
        UsageError: ``import.crs_not_accepted`` with the accepted ones.
    """
    given = str(text).strip()
    if _CRS84_NAME.match(given):
        return CRS84
    match = _CODE.match(given)
    code = match[1] if match else given if _BARE_CODE.match(given) else None
    name = f"EPSG:{code}"
    if code is None or name not in _PIPELINES:
        shown = given if len(given) <= 80 else given[:77] + "..."  # noqa: PLR2004 - one line
        raise UsageError("import.crs_not_accepted", crs=shown, accepted=", ".join(ACCEPTED_CRS))
    return name


def to_crs84(x: float, y: float, source_crs: str) -> tuple[float, float]:
    """Convert one coordinate pair to longitude and latitude, rounded to 7 decimals.

    Args:
        x: longitude or easting, in the source's unit.
        y: latitude or northing; the order is x, y for every CRS, EPSG:4326 included.
        source_crs: anything ``parse_crs`` takes.

    Returns:
        lon, lat in degrees, CRS84.

    Raises:
        UsageError: CRS not accepted, or a pair that it cannot hold.
    """
    transform = _transform(parse_crs(source_crs))
    lon, lat = transform(x, y)
    if not (np.isfinite(lon) and np.isfinite(lat)):
        raise UsageError("import.crs_not_convertible", x=x, y=y, crs=source_crs)
    return round(float(lon), DECIMALS), round(float(lat), DECIMALS)


def to_crs84_arrays(
    x: Sequence[float] | Coordinates, y: Sequence[float] | Coordinates, source_crs: str
) -> tuple[Coordinates, Coordinates]:
    """Convert many pairs at once; what cannot be converted becomes NaN.

    Args:
        x: (n,) longitudes or eastings.
        y: (n,) latitudes or northings.
        source_crs: anything ``parse_crs`` takes.

    Returns:
        lon and lat, each (n,) float64 in degrees, CRS84, rounded to 7 decimals.

    Raises:
        UsageError: CRS not accepted.
    """
    lon, lat = _transform(parse_crs(source_crs))(
        np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    )
    bad = ~(np.isfinite(lon) & np.isfinite(lat))
    return (
        np.where(bad, np.nan, np.round(lon, DECIMALS)),
        np.where(bad, np.nan, np.round(lat, DECIMALS)),
    )


def geometry_to_crs84(geometry: BaseGeometry, source_crs: str) -> BaseGeometry:
    """Convert a geometry of any kind to two-dimensional CRS84, rounded to 7 decimals.

    Raises:
        UsageError: CRS not accepted.
    """
    name = parse_crs(source_crs)

    def convert(pairs: Coordinates) -> Coordinates:
        return np.column_stack(to_crs84_arrays(pairs[:, 0], pairs[:, 1], name))

    converted: BaseGeometry = shapely.transform(geometry, convert)
    return converted


@lru_cache(maxsize=len(_PIPELINES))
def _transform(name: str) -> Callable[[Any, Any], tuple[Any, Any]]:
    """Build the conversion of one accepted CRS; coordinates in degrees pass through."""
    pipeline = _PIPELINES[name]
    if pipeline is None:
        return lambda x, y: (x, y)
    return Transformer.from_pipeline(pipeline).transform
