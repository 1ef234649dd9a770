# SPDX-License-Identifier: GPL-2.0-or-later
"""GDAL reads a collection in another reference system, and the files that are downloaded.

The GDAL of the system may be older than 3.7, which knows no reference systems of OGC API; the one
inside pyogrio's wheel is newer.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pyogrio.raw
import pytest
import shapely
from pyproj import Transformer

from tests import live_samples
from tests.interop.conftest import Served

UTM47 = Transformer.from_crs("OGC:CRS84", "EPSG:32647", always_xy=True)


@pytest.fixture(autouse=True)
def _new_enough() -> None:
    if pyogrio.__gdal_version__ < (3, 7, 0):
        pytest.skip("reference systems of OGC API - Features need GDAL 3.7")


def read(served: Served, crs: str, **more: object) -> tuple[str, dict[str, shapely.Point]]:
    """Return the system that GDAL says the layer has, and the places by name."""
    known, table = pyogrio.raw.read_arrow(
        f"OAPIF:{served.site.ogc}", layer="service-points", CRS=crs, PAGE_SIZE="64", **more
    )
    column = known["geometry_name"] or "wkb_geometry"
    places = shapely.from_wkb(table[column].to_pylist())
    return known["crs"], dict(zip(table["name_th"].to_pylist(), places, strict=True))


def test_gdal_reads_every_point_in_utm(served: Served) -> None:
    crs, places = read(served, "EPSG:32647")
    assert crs == "EPSG:32647"
    assert len(places) == live_samples.COUNT
    for number in range(live_samples.COUNT):
        place = places[live_samples.name(number)]
        wanted = UTM47.transform(*live_samples.position(number))
        assert (place.x, place.y) == pytest.approx(wanted, abs=0.001)


def test_gdal_puts_latitude_first_axes_right(served: Served) -> None:
    _, places = read(served, "EPSG:4326")
    for number in range(live_samples.COUNT):
        place = places[live_samples.name(number)]
        assert (place.x, place.y) == pytest.approx(live_samples.position(number), abs=1e-7)


def test_gdal_asks_for_a_box_in_utm(served: Served) -> None:
    west, south, east, north = live_samples.box_of_row(3)
    corners = [UTM47.transform(x, y) for x in (west, east) for y in (south, north)]
    x, y = zip(*corners, strict=True)
    _, places = read(served, "EPSG:32647", bbox=(min(x), min(y), max(x), max(y)))
    first = 3 * live_samples.COLUMNS
    row = {live_samples.name(first + n) for n in range(live_samples.COLUMNS)}
    assert row <= set(places)


@pytest.mark.gdal
def test_the_gdal_of_the_system_reads_a_downloaded_geopackage(
    served: Served, gdal: str, tmp_path: Path
) -> None:
    path = tmp_path / "points.gpkg"
    for collection, kind in (("service-points", "Point"), ("provinces", "Multi Polygon")):
        answer = served.site.get(f"/collections/{collection}/items?f=gpkg")
        assert answer.status == 200, answer.body
        path.write_bytes(answer.body)
        done = subprocess.run(
            [gdal, "-ro", "-so", "-al", str(path)], capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "Warning" not in done.stderr
        assert "ERROR" not in done.stderr
        assert f"Geometry: {kind}" in done.stdout
        if collection == "service-points":
            assert f"Feature Count: {live_samples.COUNT}" in done.stdout
