# SPDX-License-Identifier: GPL-2.0-or-later
"""What tiles are built of: the same bytes from both stores, no more points than may be."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
import shapely

from geoapi.collections import SERVICE_POINTS
from geoapi.keys import load_keys
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Store, Transaction, tile_query
from geoapi.store.features import insert_rows, put_row
from geoapi.store.tile_grid import LEVEL, cell_of, deinterleave
from geoapi.tiles.build import TileAddress, build_tile, tiled_collections
from geoapi.tiles.files import StoredTile, TileFolder
from geoapi.tiles.service import dataset_tiles, tile_service
from tests.contract.point_samples import emptied
from tests.tile_samples import read_tile

AT = datetime(2026, 11, 22, tzinfo=UTC)
BASE = {
    "revision": 1, "etag": "x", "feature": "{}", "created_at": AT, "updated_at": AT,
    "view": "published",
}  # fmt: skip
BANGKOK = (100.5, 13.75)
HOLED = shapely.from_wkt(
    "MULTIPOLYGON(((100 13, 101 13, 101 14.2, 100.4 14.4, 100 14, 100 13),"
    " (100.2 13.2, 100.2 13.5, 100.6 13.5, 100.2 13.2)), ((102 13, 102.2 13, 102.1 13.3, 102 13)))"
)


def address(zoom: int, place: tuple[float, float] = BANGKOK) -> TileAddress:
    column, row = (part >> (LEVEL - zoom) for part in deinterleave(cell_of(*place)))
    return TileAddress(zoom, column, row)


def fill(store: Store, count: int = 1500, spread: float = 0.1) -> None:
    rnd = random.Random(3)

    def write(transaction: Transaction) -> None:
        rows = [
            (
                BASE | {
                    "id": f"p{n}", "name_th": f"ที่ทำการ {n}", "name_en": f"Office {n}" * (n % 3),
                    "category": "hospital", "status": "open", "short_code": f"S{n}",
                    "is_branch": n % 4 == 0,
                },
                shapely.Point(
                    BANGKOK[0] + rnd.gauss(0, spread), BANGKOK[1] + rnd.gauss(0, spread)
                ),
            )
            for n in range(count)
        ]  # fmt: skip
        insert_rows(transaction, "service_point", rows)
        for code, level in (("10", "province"), ("1001", "district"), ("100101", "subdistrict")):
            area = BASE | {"id": code, "code": code, "level": level, "name_th": f"พื้นที่ {code}"}
            put_row(transaction, "area", area, HOLED)

    store.write(write)


@pytest.mark.postgis
def test_both_stores_give_the_same_bytes(open_new: Callable[[str], Store]):
    stores = [open_new("geopackage"), open_new("postgis")]
    for store in stores:
        fill(store)
    for zoom in (0, 5, 8, 9, 10, 12, 14, 16, 18):
        built = [build_tile(store, tiled_collections(), address(zoom)) for store in stores]
        assert built[0] == built[1]
        assert built[0] or zoom == 18


def test_no_tile_below_the_deepest_zooms_has_more_than_1024_points(kept: Store):
    emptied(kept)
    fill(kept, 3000, spread=0.02)
    for zoom in range(8, 16):
        layer = read_tile(build_tile(kept, (SERVICE_POINTS,), address(zoom)))["service-points"]
        assert len(layer) <= 1024
    cells = {tuple(feature["rings"][0][0]) for feature in layer}
    assert len({(x // 128, y // 128) for x, y in cells}) == len(layer)


def test_the_last_of_too_many_stands_for_the_rest(kept: Store, monkeypatch: pytest.MonkeyPatch):
    emptied(kept)
    fill(kept, 30, spread=0.0)
    monkeypatch.setattr(tile_query, "MOST_POINTS", 10)
    layer = read_tile(build_tile(kept, (SERVICE_POINTS,), address(18)))["service-points"]
    assert [f["properties"]["count"] for f in layer] == [1] * 9 + [21]


def test_areas_keep_their_holes_and_lose_specks(kept: Store):
    emptied(kept)
    fill(kept, 0)
    tile = read_tile(build_tile(kept, tiled_collections(), address(8)))
    rings = tile["provinces"][0]["rings"]
    areas = [sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(r)) for r in rings]
    assert [area > 0 for area in areas].count(False) == 1, "one hole, turned the other way"
    far = read_tile(build_tile(kept, tiled_collections(), address(0)))
    assert all(len(f["rings"]) == 1 for f in far.get("provinces", ()))
    assert build_tile(kept, tiled_collections(), address(8, (140.0, 40.0))) == b""


def test_a_tile_built_while_somebody_writes_is_built_again(
    kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    emptied(kept)
    fill(kept, 5)
    service = tile_service(Site(Settings(data_dir=tmp_path), kept, load_keys(tmp_path)))

    def built_too_early(*arguments: object) -> bytes:
        body = build_tile(*arguments)
        point = BASE | {"id": "meanwhile"}
        kept.write(lambda t: put_row(t, "service_point", point, shapely.Point(BANGKOK)))
        return body

    monkeypatch.setattr("geoapi.tiles.service.build_tile", built_too_early)
    early = service.tile(dataset_tiles(), address(6)).etag
    monkeypatch.undo()
    assert service.tile(dataset_tiles(), address(6)).etag != early


def test_the_folder_stays_in_its_bounds_and_forgets_other_databases(tmp_path: Path):
    folder = TileFolder(tmp_path, 10_000)
    folder.write("old/set/0/0/0", StoredTile(1, "a" * 24, b"x" * 100))
    for number in range(30):
        folder.write(f"new/set/9/9/{number}", StoredTile(1, "a" * 24, b"x" * 1000))
    folder.sweep(keep="new")
    sizes = [p.stat().st_size for p in folder.root.rglob("*") if p.is_file()]
    assert 0 < sum(sizes) <= 10_000
    assert folder.read("old/set/0/0/0") is None
    nothing = TileFolder(tmp_path / "other", 0)
    nothing.write("new/set/0/0/0", StoredTile(1, "a" * 24, b""))
    assert not nothing.root.exists()
