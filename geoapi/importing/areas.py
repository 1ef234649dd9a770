# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn polygons with unit codes into drafts of provinces, districts and subdistricts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from geoapi.errors import Problem
from geoapi.importing.crs import CRS84, geometry_to_crs84
from geoapi.importing.positions import THAILAND_LAT, THAILAND_LON
from geoapi.importing.register import LEVEL_BY_CODE_LENGTH, Register, current_code, name_key
from geoapi.importing.rows import Row, RowProblem, row_problem
from geoapi.thai import canonical_text, to_ascii_digits

# Columns by level, the smallest first: the first code that a row has is its own.
_LEVEL_COLUMNS = (
    ("code", "name_th", "name_en"),
    ("subd_code", "subd_th", "subd_en"),
    ("dist_code", "dist_th", "dist_en"),
    ("prov_code", "prov_th", "prov_en"),
    ("ADM3_PCODE", "ADM3_TH", "ADM3_EN"),
    ("ADM2_PCODE", "ADM2_TH", "ADM2_EN"),
    ("ADM1_PCODE", "ADM1_TH", "ADM1_EN"),
)
CODE_COLUMNS = tuple(columns[0] for columns in _LEVEL_COLUMNS)
"""Columns of which a file of areas needs one."""

_COUNTRY_PREFIX = re.compile(r"^TH", re.I)
_CODE = re.compile(r"[1-9]\d(?:\d\d){0,2}$")
_DBF_NAME_LENGTH = 16  # where Shapefiles of the national set cut the Thai names


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """One area of today.

    Attributes:
        code: DOPA code.
        level: province, district or subdistrict.
        parent_code: of the area it lies in, ``None`` for a province.
        postal_codes: sorted.
        geometry: valid, CRS84, 7 decimals, outer rings counter-clockwise.
    """

    code: str
    level: str
    name_th: str
    name_en: str
    parent_code: str | None
    postal_codes: tuple[str, ...]
    geometry: MultiPolygon


@dataclass(frozen=True, slots=True)
class MappedArea:
    """One row's outcome; ``area`` is ``None`` when the row is refused."""

    number: int
    area: AreaDraft | None
    refused: tuple[RowProblem, ...] = ()
    warnings: tuple[RowProblem, ...] = ()


def map_areas(rows: Iterable[Row], register: Register, crs: str = CRS84) -> Iterator[MappedArea]:
    """Map all rows; a code that comes a second time is refused and names the first row.

    Args:
        rows: with polygons.
        register: names, parents and successors come from it.
        crs: of the polygons, see ``crs.parse_crs``.
    """
    first_row_by_code: dict[str, int] = {}
    for row in rows:
        mapped = map_area(row, register, crs)
        if mapped.area is not None:
            first = first_row_by_code.setdefault(mapped.area.code, row.number)
            if first != row.number:
                problem = RowProblem(
                    row.number,
                    "code",
                    mapped.area.code,
                    "import.duplicate_key",
                    {"first_row": first},
                )
                mapped = MappedArea(row.number, None, (problem,), mapped.warnings)
        yield mapped


def map_area(row: Row, register: Register, crs: str) -> MappedArea:
    """Turn one row into a draft, or say why not.

    Names come from the register: Shapefiles cut them. An abolished code with one successor becomes
    the successor's; one with several, and an unknown one, is refused.
    """
    warnings: list[RowProblem] = []
    columns = next((names for names in _LEVEL_COLUMNS if row.text(names[0])), None)
    if columns is None:
        return _refused(row, "code", Problem("import.no_code"))
    given = _COUNTRY_PREFIX.sub("", to_ascii_digits(row.text(columns[0])))
    if not _CODE.match(given):
        return _refused(row, columns[0], Problem("import.bad_code", params={"value": given}))
    code, problem = current_code(register, given)
    if code is None:
        return _refused(row, columns[0], problem or Problem("import.code_unknown"))
    if problem is not None:
        warnings.append(row_problem(row, columns[0], problem))
    unit = register.units[code]
    name = canonical_text(row.text(columns[1]))
    if name and not _is_same_name(name, unit.name_th, unit.level):
        differs = Problem(
            "import.area_name_differs", params={"value": name, "official": unit.name_th}
        )
        warnings.append(row_problem(row, columns[1], differs))
    geometry, faults = _clean_polygons(row.geometry, crs)
    if geometry is None:
        return _refused(row, "geometry", faults[0])
    warnings += [row_problem(row, "geometry", fault) for fault in faults]
    area = AreaDraft(
        code=code,
        level=LEVEL_BY_CODE_LENGTH[len(code)],
        name_th=unit.name_th,
        name_en=unit.name_en,
        parent_code=unit.parent,
        postal_codes=tuple(sorted(unit.postal_codes)),
        geometry=geometry,
    )
    return MappedArea(row.number, area, (), tuple(warnings))


def _refused(row: Row, field: str, problem: Problem) -> MappedArea:
    return MappedArea(row.number, None, (row_problem(row, field, problem),))


def _is_same_name(name: str, official: str, level: str) -> bool:
    """Compare a name with the register's, one cut at the field's length included."""
    if len(name) >= _DBF_NAME_LENGTH - 1 and official.startswith(name):
        return True
    return name_key(name, level) == name_key(official, level)


def _clean_polygons(
    geometry: BaseGeometry | None, crs: str
) -> tuple[MultiPolygon | None, list[Problem]]:
    """Convert, mend and unify a geometry; ``None`` with the reason when nothing is left of it."""
    if geometry is None or geometry.is_empty:
        return None, [Problem("import.no_geometry")]
    if not isinstance(geometry, Polygon | MultiPolygon):
        fault = Problem("import.geometry_not_polygon", params={"value": geometry.geom_type})
        return None, [fault]
    converted = geometry_to_crs84(geometry, crs)
    if fault_of_place := _fault_of_place(converted):
        return None, [fault_of_place]
    faults: list[Problem] = []
    if not converted.is_valid:
        faults.append(
            Problem("import.geometry_mended", params={"reason": shapely.is_valid_reason(converted)})
        )
        converted = shapely.make_valid(converted, method="structure", keep_collapsed=False)
    parts = [part for part in shapely.get_parts(converted) if isinstance(part, Polygon)]
    if not parts:
        return None, [Problem("import.no_geometry")]
    multi = MultiPolygon(parts)
    return shapely.orient_polygons(multi, exterior_cw=False), faults


def _fault_of_place(geometry: BaseGeometry) -> Problem | None:
    """Say when an area lies outside the box around Thailand, and when its axes are swapped."""
    west, south, east, north = geometry.bounds
    value = f"{west:.5f}, {south:.5f}, {east:.5f}, {north:.5f}"
    if not west <= east:  # NaN: nothing could be converted
        return Problem(
            "import.outside_thailand", params={"value": value, "lon": west, "lat": south}
        )
    if (
        west >= THAILAND_LON[0]
        and east <= THAILAND_LON[1]
        and south >= THAILAND_LAT[0]
        and north <= THAILAND_LAT[1]
    ):
        return None
    is_swapped = west >= THAILAND_LAT[0] and east <= THAILAND_LAT[1] and south >= THAILAND_LON[0]
    message = "import.swapped_axes" if is_swapped else "import.outside_thailand"
    lon, lat = (south, west) if is_swapped else (west, south)
    return Problem(message, params={"value": value, "lon": lon, "lat": lat})
