# SPDX-License-Identifier: GPL-2.0-or-later
"""A served site with verified points on a grid, for programs that read from outside.

Also read by QGIS's own interpreter (Python 3.9 syntax), so it needs the standard library alone.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.live import LiveSite

COLUMNS, ROWS = 25, 10
COUNT = COLUMNS * ROWS
WEST, SOUTH = 99.60, 19.50
STEP = 0.02
# One area of each level, each a box (min lon, min lat, max lon, max lat).
AREAS = (
    ({"prov_code": "57"}, (99.2, 19.0, 100.6, 20.45)),
    ({"dist_code": "5701"}, (99.5, 19.4, 100.2, 20.2)),
    ({"subd_code": "570101"}, (99.6, 19.5, 99.9, 19.7)),
)


def position(number: int) -> tuple[float, float]:
    """Return (lon, lat in degrees) of a point of the grid, counted from its south-west corner."""
    return (
        round(WEST + number % COLUMNS * STEP, 7),
        round(SOUTH + number // COLUMNS * STEP, 7),
    )


def name(number: int) -> str:
    """Return the name of a point of the grid."""
    return f"โรงพยาบาลส่งเสริมสุขภาพตำบลสมมติ {number:03d}"


def box_of_row(row: int) -> tuple[float, float, float, float]:
    """Return the box (min lon, min lat, max lon, max lat) that holds one row of the grid."""
    south = SOUTH + row * STEP
    return WEST - 0.001, south - 0.001, WEST + COLUMNS * STEP, south + 0.001


def fill(site: LiveSite) -> None:
    """Make the site's store, with one province and the grid of verified points."""
    site.data_dir.mkdir(parents=True, exist_ok=True)
    areas = [_area_file(site.data_dir, *area) for area in AREAS]
    agencies = site.data_dir / "agencies.csv"
    agencies.write_text("code,name_th\n1,กรมสมมติ\n", encoding="utf-8")
    points = site.data_dir / "points.csv"
    with points.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["name_th", "category", "lon", "lat", "phones"])
        for number in range(COUNT):
            lon, lat = position(number)
            phone = f"053-{700000 + number}"
            writer.writerow([name(number), "health_promoting_hospital", lon, lat, phone])
    report = str(site.data_dir / "report.csv")
    site.run_all(
        ("init",),
        *(("import", "areas", str(area), "--report", report) for area in areas),
        ("import", "agencies", str(agencies), "--report", report),
        ("import", "service-points", str(points), "--as", "verified", "--report", report),
    )


def _area_file(folder: Path, codes: dict[str, str], box: tuple[float, float, float, float]) -> Path:
    west, south, east, north = box
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    geometry = {"type": "MultiPolygon", "coordinates": [[ring]]}
    feature = {"type": "Feature", "properties": codes, "geometry": geometry}
    path = folder / f"{'-'.join(codes)}.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    return path


def filled_site(folder: Path, **settings: str) -> LiveSite:
    """Return a site on a GeoPackage in a folder, filled and not served yet."""
    site = LiveSite(
        str(folder / "pakmud.gpkg"), folder / "var", {"log_level": "WARNING", **settings}
    )
    fill(site)
    return site
