# SPDX-License-Identifier: GPL-2.0-or-later
"""GDAL reads the API page by page, and the GeoPackage itself through its views."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from tests import live_samples
from tests.interop.conftest import Served

pytestmark = pytest.mark.gdal

VIEWS = {
    "service_points", "service_points_working", "provinces", "districts", "subdistricts",
    "agencies",
}  # fmt: skip


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def features_by(out: Path, *command: str) -> list[dict]:
    done = run("ogr2ogr", "-f", "GeoJSON", str(out), *command)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return json.loads(out.read_text(encoding="utf-8"))["features"]


def test_ogrinfo_lists_all_collections(served: Served, gdal: str) -> None:
    done = run(gdal, "-ro", f"OAPIF:{served.site.ogc}")
    assert done.returncode == 0, done.stderr
    for collection in ("service-points", "provinces", "subdistricts", "agencies"):
        assert collection in done.stdout
    assert "ERROR" not in done.stdout + done.stderr


@pytest.mark.parametrize("page_size", [10, 64, 1000])
def test_ogr2ogr_reads_every_point_once_whatever_the_page(
    served: Served, gdal: str, page_size: int, tmp_path: Path
) -> None:
    found = features_by(
        tmp_path / "all.json", f"OAPIF:{served.site.ogc}", "service-points",
        "-oo", f"PAGE_SIZE={page_size}",
    )  # fmt: skip
    assert sorted(f["properties"]["name_th"] for f in found) == [
        live_samples.name(number) for number in range(live_samples.COUNT)
    ]
    places = {f["properties"]["name_th"]: tuple(f["geometry"]["coordinates"]) for f in found}
    assert all(
        places[live_samples.name(n)] == pytest.approx(live_samples.position(n), abs=1e-7)
        for n in range(live_samples.COUNT)
    )


def test_ogr2ogr_asks_the_server_for_a_box(served: Served, gdal: str, tmp_path: Path) -> None:
    box = [str(number) for number in live_samples.box_of_row(3)]
    found = features_by(
        tmp_path / "row.json", f"OAPIF:{served.site.ogc}", "service-points",
        "-oo", "PAGE_SIZE=10", "-spat", *box,
    )  # fmt: skip
    first = 3 * live_samples.COLUMNS
    assert {f["properties"]["name_th"] for f in found} == {
        live_samples.name(first + n) for n in range(live_samples.COLUMNS)
    }


def test_ogr2ogr_reads_polygons_of_areas(served: Served, gdal: str, tmp_path: Path) -> None:
    (area,) = features_by(tmp_path / "areas.json", f"OAPIF:{served.site.ogc}", "provinces")
    assert area["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert area["properties"]["code"] == "57"


def geopackage_copy(served: Served, folder: Path) -> Path:
    """Return one whole file, as a backup program would take it while the site is served."""
    path = folder / "copy.gpkg"
    with (
        closing(sqlite3.connect(served.site.store)) as source,
        closing(sqlite3.connect(path)) as target,
    ):
        source.backup(target)
    return path


def test_gdal_finds_the_views_and_nothing_else_in_the_geopackage(
    served: Served, gdal: str, tmp_path: Path
) -> None:
    path = geopackage_copy(served, tmp_path)
    done = run(gdal, "-ro", "-so", "-al", str(path))
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    layers = {
        line.split(": ", 1)[1] for line in done.stdout.splitlines() if line.startswith("Layer name")
    }
    assert layers == VIEWS
    assert f"Feature Count: {live_samples.COUNT}" in done.stdout
    full = run(gdal, "-ro", "-al", str(path), "service_points")
    assert full.stdout.count("OGRFeature(service_points)") == live_samples.COUNT
    assert "POINT (99.6 19.5)" in full.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM service_points WHERE fid = 1",
        "UPDATE service_points SET name_th = 'x' WHERE fid = 1",
        "INSERT INTO service_points (fid, name_th) VALUES (100000, 'x')",
    ],
)
def test_gdal_can_not_edit_a_view(
    served: Served, gdal: str, tmp_path: Path, statement: str
) -> None:
    path = geopackage_copy(served, tmp_path)
    done = run(gdal, str(path), "-dialect", "SQLite", "-sql", statement)
    native = run(gdal, str(path), "-sql", statement)
    assert "ERROR" in done.stdout + done.stderr or done.returncode != 0
    assert "ERROR" in native.stdout + native.stderr or native.returncode != 0
    with closing(sqlite3.connect(path)) as connection:
        counted = connection.execute(
            "SELECT count(*), sum(name_th = 'x') FROM service_point WHERE view = 'published'"
        ).fetchone()
    assert counted == (live_samples.COUNT, 0)


def test_gdal_can_not_append_to_a_view(served: Served, gdal: str, tmp_path: Path) -> None:
    path = geopackage_copy(served, tmp_path)
    source = tmp_path / "one.geojson"
    source.write_text(
        '{"type":"Feature","properties":{"name_th":"x"},'
        '"geometry":{"type":"Point","coordinates":[100,20]}}'
    )
    done = run("ogr2ogr", "-append", "-nln", "service_points", str(path), str(source))
    assert done.returncode != 0
    assert "view" in done.stderr.lower() or "ERROR" in done.stderr
