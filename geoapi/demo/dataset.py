# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the demonstration data set of Chiang Rai from open data and clearly marked inventions.

Real: names and codes of areas, district polygons, town centres, ministries and departments.
Synthetic, and marked so: places, addresses and phones of every service point. The same on every
run; nothing is read from or kept on disk but the installed packages.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geoapi.demo.agencies import build_agencies
from geoapi.demo.closed_days import build_holidays
from geoapi.demo.coverage import clean_coverage, union_of
from geoapi.demo.endings import Ending, add_endings
from geoapi.demo.identity import NOTE_EN, NOTE_TH, PROVINCE_CODE
from geoapi.demo.mistakes import add_mistakes
from geoapi.demo.places import make_ground
from geoapi.demo.service_points import build_service_points
from geoapi.demo.sources import (
    CREDIT_BOUNDARIES,
    CREDIT_NAMES,
    CREDIT_TOWNS,
    Area,
    read_areas,
    read_district_polygons,
    read_town_centres,
)
from geoapi.demo.users import build_users

Feature = dict[str, Any]

CREDITS = (CREDIT_NAMES, CREDIT_BOUNDARIES, CREDIT_TOWNS)

_TOLERANCE_DEGREES = 0.0003  # about 30 m; the source has a vertex every 3 km


@dataclass(frozen=True)
class DemoDataset:
    """Everything that the demonstration starts with. Geometries are CRS84, lon before lat.

    Attributes:
        areas: province, districts with MultiPolygons, subdistricts without; id = code.
        agencies: the tree, parents before children, without geometry.
        service_points: Points, or null while unpinned.
        states: service point id to workflow state.
        reviews: id of a returned point to the reviewer's words {th, en}.
        users: one per role, with grants.
        endings: id of a point whose life ends to how it does.
        story: the office to follow, see :mod:`geoapi.demo.mistakes`.
        holidays: days on which offices are closed.
        credits: whom to name wherever the data are shown.
    """

    areas: list[Feature]
    agencies: list[Feature]
    service_points: list[Feature]
    states: dict[str, str]
    reviews: dict[str, dict[str, str]]
    endings: dict[str, Ending]
    users: list[dict[str, Any]]
    story: dict[str, Any]
    holidays: list[dict[str, str]]
    credits: tuple[str, ...]


def build_demo_dataset() -> DemoDataset:
    """Build the data set; takes some seconds.

    Raises:
        UsageError: a package is not installed (``demo.package_missing``).
        DataUnavailableError: a package lacks a district or its town.
    """
    areas = read_areas(PROVINCE_CODE)
    districts = [area for area in areas if area.level == "district"]
    subdistricts = [area for area in areas if area.level == "subdistrict"]
    published = read_district_polygons(areas[0].name_en, districts)
    polygons = clean_coverage(published, _TOLERANCE_DEGREES)
    towns = read_town_centres(districts)
    grounds = [
        make_ground(
            district,
            [area for area in subdistricts if area.parent_code == district.code],
            polygons[district.code],
            towns[district.code],
        )
        for district in districts
    ]
    points = build_service_points(grounds, subdistricts)
    workflow = add_mistakes(points, grounds)
    endings = add_endings(points)
    states = workflow.states | dict.fromkeys(endings, "verified")
    shapes = {PROVINCE_CODE: union_of(list(polygons.values())), **polygons}
    return DemoDataset(
        areas=[_area_feature(area, shapes.get(area.code)) for area in areas],
        agencies=build_agencies(districts, subdistricts),
        service_points=list(points.values()),
        states=states,
        endings=endings,
        reviews=workflow.reviews,
        users=build_users(),
        story=workflow.story,
        holidays=build_holidays(),
        credits=CREDITS,
    )


def write_dataset(dataset: DemoDataset, folder: Path) -> list[Path]:
    """Write the data set as GeoJSON and JSON files.

    Returns:
        The files written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    points = [_with_state(feature, dataset) for feature in dataset.service_points]
    contents: dict[str, Any] = {
        "areas.geojson": _collection(dataset.areas),
        "agencies.json": _collection(dataset.agencies),
        "service_points.geojson": _collection(points),
        "users.json": {"users": dataset.users, "story": dataset.story},
        "holidays.json": dataset.holidays,
    }
    written = []
    for name, content in contents.items():
        path = folder / name
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        written.append(path)
    return written


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files of the demonstration into a folder; the command line of this module."""
    parser = argparse.ArgumentParser(prog="python -m geoapi.demo.dataset", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    options = parser.parse_args(arguments)
    for path in write_dataset(build_demo_dataset(), options.out):
        print(path)
    return 0


def _collection(features: list[Feature]) -> dict[str, Any]:
    return {
        "type": "FeatureCollection",
        "note_th": NOTE_TH,
        "note_en": NOTE_EN,
        "credits": list(CREDITS),
        "features": features,
    }


def _with_state(feature: Feature, dataset: DemoDataset) -> Feature:
    review = dataset.reviews.get(feature["id"])
    extra: dict[str, Any] = {"state": dataset.states[feature["id"]]}
    if review:
        extra["return_reason"] = f"{review['th']} / {review['en']}"
    return {**feature, "properties": {**feature["properties"], **extra}}


def _area_feature(area: Area, geometry: shapely.Geometry | None) -> Feature:
    credit = f"{CREDIT_NAMES}, {CREDIT_BOUNDARIES}" if geometry is not None else CREDIT_NAMES
    return {
        "type": "Feature",
        "id": area.code,
        "geometry": _geometry(geometry) if geometry is not None else None,
        "properties": {
            "code": area.code,
            "level": area.level,
            "name_th": area.name_th,
            "name_en": area.name_en,
            "parent_code": area.parent_code,
            "postal_codes": list(area.postal_codes),
            "credit": credit,
        },
    }


def _geometry(geometry: shapely.Geometry) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(shapely.to_geojson(geometry))
    return parsed


if __name__ == "__main__":
    raise SystemExit(main())
