# SPDX-License-Identifier: GPL-2.0-or-later
"""Downloads over HTTP: what is in the files, for whom, how many, and what is left behind."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pyarrow.parquet
import pyogrio.raw
import pytest
import shapely

from geoapi.collections import COLLECTIONS
from geoapi.document import public_names
from geoapi.ogc.crs import SUPPORTED_URIS
from tests.api.conftest import ITEMS, Live, assert_problem, create
from tests.api.live_data import VERIFIED

LAT_FIRST, UTM47 = SUPPORTED_URIS[1], SUPPORTED_URIS[3]
FORMATS = ("csv", "gpkg", "parquet")
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
}
RESTRICTED = {"updated_by", "move_reason", "raw_coordinates", "return_reason", "issue_counts"}


def download(client: httpx.Client, path: str, f: str, **more: Any) -> httpx.Response:
    params = more.pop("params", {}) | {"f": f}
    answer = client.get(path, params=params, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES[f]
    return answer


def rows_of(content: bytes, f: str, folder: Path) -> list[dict[str, Any]]:
    """Return the rows of a file as another program reads them; ``geometry`` is shapely's."""
    if f == "csv":
        return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    path = folder / f"file.{f}"
    path.write_bytes(content)
    if f == "parquet":
        table = pyarrow.parquet.read_table(path)
    else:
        _, table = pyogrio.raw.read_arrow(path)
        table = table.drop_columns([n for n in ("fid",) if n in table.column_names])
        if "geom" in table.column_names:
            names = ["geometry" if n == "geom" else n for n in table.column_names]
            table = table.rename_columns(names)
    rows = table.to_pylist()
    for row in rows:
        if row.get("geometry") is not None:
            row["geometry"] = shapely.from_wkb(row["geometry"])
    path.unlink()
    return rows


@pytest.mark.parametrize("f", FORMATS)
def test_a_file_has_every_item_of_the_search_in_its_order(
    client: httpx.Client, tmp_path: Path, f: str
) -> None:
    params = {"category": "hospital", "sortby": "-name_th", "bbox": "99.6,20.0,99.8,20.3"}
    wanted = client.get(ITEMS, params=params | {"limit": "1000"}).json()["features"]
    assert len(wanted) > 5
    answer = download(client, ITEMS, f, params=params)
    rows = rows_of(answer.content, f, tmp_path)
    assert [row["id"] for row in rows] == [feature["id"] for feature in wanted]
    for row, feature in zip(rows, wanted, strict=True):
        place = (
            [float(row["lon"]), float(row["lat"])]
            if f == "csv"
            else list(row["geometry"].coords[0])
        )
        assert place == feature["geometry"]["coordinates"]
        assert row["name_th"] == feature["properties"]["name_th"]


@pytest.mark.parametrize("f", FORMATS)
def test_a_file_is_chosen_by_a_filter_too(client: httpx.Client, tmp_path: Path, f: str) -> None:
    params = {"filter": "category = 'police_station' AND name_en IS NOT NULL"}
    wanted = client.get(ITEMS, params=params | {"limit": "1000"}).json()["features"]
    rows = rows_of(download(client, ITEMS, f, params=params).content, f, tmp_path)
    assert [row["id"] for row in rows] == [feature["id"] for feature in wanted]
    assert 0 < len(rows) < VERIFIED


@pytest.mark.parametrize("f", FORMATS)
def test_without_a_limit_nothing_is_left_out_and_with_one_that_many(
    client: httpx.Client, tmp_path: Path, f: str
) -> None:
    matched = client.get(ITEMS, params={"limit": "1"}).json()["numberMatched"]
    assert matched >= VERIFIED
    rows = rows_of(download(client, ITEMS, f).content, f, tmp_path)
    assert len({row["id"] for row in rows}) == len(rows) == matched
    limited = download(client, ITEMS, f, params={"limit": "7", "offset": "3"})
    found = rows_of(limited.content, f, tmp_path)
    assert [r["id"] for r in found] == [r["id"] for r in rows[3:10]]


@pytest.mark.parametrize("f", FORMATS)
@pytest.mark.parametrize("collection", ["provinces", "agencies", "services", "photos"])
def test_every_public_collection_is_downloaded(
    client: httpx.Client, tmp_path: Path, f: str, collection: str
) -> None:
    path = f"/ogc/collections/{collection}/items"
    features = client.get(path, params={"limit": "1000"}).json()["features"]
    answer = download(client, path, f)
    name = answer.headers["content-disposition"]
    assert name == f'attachment; filename="{collection}.{f}"'
    rows = rows_of(answer.content, f, tmp_path)
    assert [row["id"] for row in rows] == [feature["id"] for feature in features]
    if collection == "provinces" and f != "csv":
        assert {row["geometry"].geom_type for row in rows} == {"MultiPolygon"}


@pytest.mark.parametrize("f", FORMATS)
def test_the_public_gets_nothing_restricted_and_an_officer_the_own_drafts(
    live: Live, client: httpx.Client, tmp_path: Path, f: str
) -> None:
    draft = create(live, client, name_en="Draft to load").json()
    rows = rows_of(download(client, ITEMS, f).content, f, tmp_path)
    assert draft["id"] not in {row["id"] for row in rows}
    assert not RESTRICTED & set(rows[0])
    assert set(rows[0]) - {"id", "lon", "lat", "geometry"} <= public_names()
    answer = download(client, ITEMS, f, headers=live.auth())
    assert "private" in answer.headers["cache-control"]
    inside = {row["id"]: row for row in rows_of(answer.content, f, tmp_path)}
    assert inside[draft["id"]]["state"] == "draft"
    assert inside[draft["id"]]["updated_by"] == live.user_ids["gis_officer_in"]
    outside = download(client, ITEMS, f, headers=live.auth("gis_officer_out"))
    assert draft["id"] not in {r["id"] for r in rows_of(outside.content, f, tmp_path)}


@pytest.mark.parametrize("f", FORMATS)
@pytest.mark.parametrize("collection", ["assignments", "drafts", "tasks"])
def test_what_belongs_to_users_is_not_given_to_strangers(
    client: httpx.Client, f: str, collection: str
) -> None:
    answer = client.get(f"/ogc/collections/{collection}/items", params={"f": f})
    assert_problem(answer, 401)


@pytest.mark.parametrize("f", FORMATS)
def test_entity_tags_follow_the_rows_the_reader_and_the_system(
    live: Live, client: httpx.Client, f: str
) -> None:
    answers = [
        download(client, ITEMS, f),
        download(client, ITEMS, f, params={"crs": UTM47}),
        download(client, ITEMS, f, params={"category": "hospital"}),
        download(client, ITEMS, f, headers=live.auth()),
    ]
    tags = [answer.headers["etag"] for answer in answers]
    assert len(set(tags)) == len(tags)
    again = client.get(ITEMS, params={"f": f}, headers={"if-none-match": tags[0]})
    assert (again.status_code, again.content) == (304, b"")
    assert 'rel="license"' in answers[0].headers["link"]


@pytest.mark.parametrize("f", FORMATS)
def test_coordinates_in_metres_stand_x_before_y(
    client: httpx.Client, tmp_path: Path, f: str
) -> None:
    params = {"limit": "5", "sortby": "name_th", "crs": UTM47}
    features = client.get(ITEMS, params=params).json()["features"]
    answer = download(client, ITEMS, f, params=params)
    assert answer.headers["content-crs"] == f"<{UTM47}>"
    for row, feature in zip(rows_of(answer.content, f, tmp_path), features, strict=True):
        place = (
            [float(row["x"]), float(row["y"])] if f == "csv" else list(row["geometry"].coords[0])
        )
        assert place == feature["geometry"]["coordinates"]
    swapped = download(client, ITEMS, f, params=params | {"crs": LAT_FIRST})
    (row, *_) = rows_of(swapped.content, f, tmp_path)
    assert float(row["lon"] if f == "csv" else row["geometry"].x) > 90


def test_csv_opens_in_excel_with_its_thai(client: httpx.Client) -> None:
    content = download(client, ITEMS, "csv").content
    assert content.startswith(b"\xef\xbb\xbf"), "Excel takes it for a code page else"
    header = content.decode("utf-8-sig").splitlines()[0].split(",")
    assert header[:3] == ["id", "lon", "lat"]
    assert "สถานบริการ" in content.decode("utf-8")


def test_geopackage_has_titles_types_credits_and_no_columns_of_ours(
    client: httpx.Client, tmp_path: Path
) -> None:
    path = tmp_path / "points.gpkg"
    path.write_bytes(download(client, ITEMS, "gpkg").content)
    assert pyogrio.list_layers(path).tolist() == [["service_points", "Point"]]
    known = pyogrio.read_info(path)
    assert known["crs"] == "EPSG:4326"
    types = dict(zip(known["fields"], known["dtypes"], strict=True))
    assert types["revision"] == "int64"
    assert types["updated_at"].startswith("datetime64")
    assert types["is_branch"] == "bool"
    assert not {"fid", "view", "feature", "etag", "search", "scope_area_code"} & set(types)
    said = known["layer_metadata"]
    assert said["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert said["attribution_th"]
    assert said["IDENTIFIER"] == "จุดบริการภาครัฐ"
    _, table = pyogrio.raw.read_arrow(path)
    titles = table.schema.field("category").metadata
    assert titles[b"GDAL:OGR:alternative_name"].decode() == "ประเภท"
    assert titles[b"GDAL:OGR:comment"] == b"Category"


def test_parquet_is_geoparquet_with_credits(client: httpx.Client, tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    path.write_bytes(download(client, ITEMS, "parquet").content)
    schema = pyarrow.parquet.read_schema(path)
    written = pyarrow.parquet.read_metadata(path).metadata
    said = {name.decode(): value.decode() for name, value in written.items()}
    geo = json.loads(said["geo"])
    assert geo["version"] == "1.1.0"
    assert geo["primary_column"] == "geometry"
    column = geo["columns"]["geometry"]
    assert (column["encoding"], column["geometry_types"]) == ("WKB", ["Point"])
    assert "crs" not in column
    west, south, east, north = column["bbox"]
    assert 98.9 < west < east < 100
    assert 18 < south < north < 21
    assert said["license"].startswith("https://creativecommons.org/")
    assert said["attribution_en"]
    assert schema.field("name_th").metadata[b"title_th"].decode() == "ชื่อภาษาไทย"
    path.write_bytes(download(client, ITEMS, "parquet", params={"crs": UTM47}).content)
    geo = json.loads(pyarrow.parquet.read_metadata(path).metadata[b"geo"])
    assert geo["columns"]["geometry"]["crs"]["id"] == {"authority": "EPSG", "code": 32647}


@pytest.fixture
def small(live: Live) -> Iterator[int]:
    """The site with files of at most 20 items."""
    settings = live.site.settings
    object.__setattr__(live.site, "settings", replace(settings, max_download_items=20))
    yield 20
    object.__setattr__(live.site, "settings", settings)


@pytest.mark.parametrize("f", FORMATS)
def test_too_many_items_are_refused_with_what_to_do(
    client: httpx.Client, small: int, tmp_path: Path, f: str
) -> None:
    document = assert_problem(client.get(ITEMS, params={"f": f}), 400, "limit")
    assert "20" in document["detail_en"]
    rows = rows_of(download(client, ITEMS, f, params={"limit": "99999999"}).content, f, tmp_path)
    assert len(rows) == small
    district = {"district_code": "5001"}
    assert rows_of(download(client, ITEMS, f, params=district).content, f, tmp_path)


@pytest.mark.parametrize("f", FORMATS)
def test_wrong_parameters_are_named_and_nothing_is_left(
    live: Live, client: httpx.Client, f: str
) -> None:
    for params, where in (({"limit": "x"}, "limit"), ({"crs": "x"}, "crs"), ({"foo": "1"}, "foo")):
        assert_problem(client.get(ITEMS, params=params | {"f": f}), 400, where)
    folder = live.site.settings.data_dir / "downloads"
    assert list(folder.iterdir()) == []
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("f", FORMATS)
def test_a_failure_half_way_is_a_problem_and_leaves_nothing(
    live: Live, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, f: str
) -> None:
    from geoapi.errors import DataUnavailableError, UsageError
    from geoapi.ogc import download_files

    problems = {
        503: DataUnavailableError("store.unavailable"), 400: UsageError("crs.item_outside")
    }  # fmt: skip
    for status, error in problems.items():

        def fail(*_given: Any, error: Exception = error, **_named: Any) -> None:
            raise error

        monkeypatch.setattr(download_files, "transform_documents", fail)
        answer = client.get(ITEMS, params={"f": f, "crs": UTM47})
        assert answer.status_code == status, answer.text
        assert list((live.site.settings.data_dir / "downloads").iterdir()) == []


def test_too_many_downloads_at_a_time_are_asked_to_come_later(
    live: Live, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Busy:
        def statistics(self) -> SimpleNamespace:
            return SimpleNamespace(tasks_waiting=99)

    monkeypatch.setitem(live.app.state._state, "downloads", Busy())
    answer = client.get(ITEMS, params={"f": "gpkg"})
    assert_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert client.get(ITEMS).status_code == 200


def test_what_a_killed_server_left_is_swept_out(live: Live, client: httpx.Client) -> None:
    folder = live.site.settings.data_dir / "downloads"
    (folder / "old").mkdir(parents=True)
    (folder / "new").mkdir()
    os.utime(folder / "old", (0, 0))
    download(client, ITEMS, "csv", params={"limit": "1"})
    assert [path.name for path in folder.iterdir()] == ["new"]
    (folder / "new").rmdir()


def test_an_empty_selection_is_an_empty_file(client: httpx.Client, tmp_path: Path) -> None:
    for f in FORMATS:
        answer = download(client, ITEMS, f, params={"name_th": "ไม่มี"})
        assert rows_of(answer.content, f, tmp_path) == []


@pytest.mark.parametrize("collection", COLLECTIONS.values(), ids=lambda c: c.id)
def test_collection_documents_lead_to_files_and_licence(client: httpx.Client, collection) -> None:
    document = client.get(f"/ogc/collections/{collection.id}").json()
    links = [(link["rel"], link["type"]) for link in document["links"]]
    for media_type in MEDIA_TYPES.values():
        assert ("enclosure", media_type.partition(";")[0]) in links
    assert ("license", "text/html") in links
    assert document["attribution"]
