# SPDX-License-Identifier: GPL-2.0-or-later
"""From polygons to drafts of areas."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from geoapi.importing.areas import MappedArea, map_areas
from geoapi.importing.readers import read_rows
from geoapi.importing.register import Register
from geoapi.importing.rows import Row

SQUARE = shapely.box(99.8, 19.8, 99.9, 19.9)


def map_one(
    register: Register, geometry: Any = SQUARE, crs: str = "EPSG:4326", **values: str
) -> MappedArea:
    (mapped,) = map_areas([Row(1, values, geometry)], register, crs)
    return mapped


@pytest.mark.parametrize(
    ("values", "code", "level", "parent"),
    [
        ({"prov_code": "57"}, "57", "province", None),
        ({"prov_code": "57", "dist_code": "5701"}, "5701", "district", "57"),
        (
            {"prov_code": "57", "dist_code": "5701", "subd_code": "570101"},
            "570101",
            "subdistrict",
            "5701",
        ),
        ({"ADM3_PCODE": "TH570101", "ADM1_PCODE": "TH57"}, "570101", "subdistrict", "5701"),
        ({"code": "๕๗๐๑", "name_th": "เมืองเชียงราย"}, "5701", "district", "57"),
    ],
)
def test_the_smallest_code_is_the_area(
    register: Register, values: dict[str, str], code: str, level: str, parent: str | None
) -> None:
    area = map_one(register, **values).area
    assert area is not None
    assert (area.code, area.level, area.parent_code) == (code, level, parent)
    assert area.geometry.geom_type == "MultiPolygon"


def test_cut_names_are_replaced_silently_and_other_names_with_a_warning(
    register: Register,
) -> None:
    cut = map_one(register, dist_code="1008", dist_th="ป้อมปราบศัตรูพ่า")
    assert cut.area is not None
    assert cut.area.name_th == "ป้อมปราบศัตรูพ่าย"
    assert cut.warnings == ()
    other = map_one(register, dist_code="1008", dist_th="ป้อมปราบ")
    assert [problem.message_id for problem in other.warnings] == ["import.area_name_differs"]


def test_invalid_polygons_are_mended_with_a_warning(register: Register) -> None:
    bow_tie = shapely.Polygon([(99.8, 19.8), (99.9, 19.9), (99.9, 19.8), (99.8, 19.9)])
    mapped = map_one(register, bow_tie, code="57")
    assert mapped.area is not None
    assert mapped.area.geometry.is_valid
    assert mapped.area.geometry.area > 0
    assert [problem.message_id for problem in mapped.warnings] == ["import.geometry_mended"]


def test_metres_are_converted(register: Register) -> None:
    mapped = map_one(register, shapely.box(585e3, 2190e3, 595e3, 2200e3), "EPSG:32647", code="57")
    assert mapped.area is not None
    assert mapped.area.geometry.bounds == pytest.approx((99.81, 19.80, 99.91, 19.90), abs=0.02)
    assert mapped.area.geometry.geoms[0].exterior.is_ccw


@pytest.mark.parametrize(
    ("values", "geometry", "message_id"),
    [
        ({"name_th": "เชียงราย"}, SQUARE, "import.no_code"),
        ({"code": "5"}, SQUARE, "import.bad_code"),
        ({"code": "99"}, SQUARE, "import.code_unknown"),
        ({"code": "104701"}, SQUARE, "import.code_abolished"),
        ({"code": "57"}, None, "import.no_geometry"),
        ({"code": "57"}, shapely.Point(99.8, 19.8), "import.geometry_not_polygon"),
        ({"code": "57"}, shapely.box(19.8, 99.8, 19.9, 99.9), "import.swapped_axes"),
        ({"code": "57"}, shapely.box(10, 50, 11, 51), "import.outside_thailand"),
    ],
)
def test_unusable_rows_are_refused_with_their_reason(
    register: Register, values: dict[str, str], geometry: Any, message_id: str
) -> None:
    mapped = map_one(register, geometry, **values)
    assert mapped.area is None
    assert [problem.message_id for problem in mapped.refused] == [message_id]


def test_abolished_code_with_one_successor_becomes_it(register: Register) -> None:
    mapped = map_one(register, subd_code="530306")
    assert mapped.area is not None
    assert mapped.area.code == "530407"
    assert [problem.message_id for problem in mapped.warnings] == ["import.code_succeeded"]


def test_the_same_code_twice_is_refused_the_second_time(register: Register) -> None:
    rows = [Row(1, {"code": "57"}, SQUARE), Row(2, {"code": "57"}, SQUARE)]
    first, second = map_areas(rows, register)
    assert first.area is not None
    assert second.refused[0].params == {"first_row": 1}


@pytest.mark.parametrize(
    ("relative", "count", "refused"),
    [
        ("boundaries/chiangrai_adm1.geojson", 1, 0),
        ("boundaries/chiangrai_adm2.geojson", 18, 0),
        ("boundaries/chiangrai_adm3.geojson", 124, 0),
        ("boundaries/tha_adm1.fgb", 77, 0),
        ("boundaries/tha_adm2_s250.fgb", 928, 0),
        ("boundaries/tha_adm3_s250.parquet", 7423, 2),
    ],
)
def test_real_boundaries_become_valid_areas(
    register: Register,
    shared_file: Callable[[str], Path],
    relative: str,
    count: int,
    refused: int,
) -> None:
    source = read_rows(shared_file(relative))
    assert source.crs is not None
    mapped = list(map_areas(source, register, source.crs))
    areas = [item.area for item in mapped if item.area is not None]
    assert (len(areas), len(mapped) - len(areas)) == (count, refused)
    assert all(area.geometry.is_valid for area in areas)
    assert len({area.code for area in areas}) == count
