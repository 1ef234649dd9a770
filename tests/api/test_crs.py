# SPDX-License-Identifier: GPL-2.0-or-later
"""OGC API - Features - Part 2 over HTTP: answers, boxes and bodies in other reference systems."""

from __future__ import annotations

import httpx
import pytest
from pyproj import Transformer

from geoapi.ogc.crs import SUPPORTED_URIS
from tests.api.conftest import GEOJSON, ITEMS, Live, assert_problem, create
from tests.api.live_data import point

CRS84, LAT_FIRST, MERCATOR, UTM47, UTM48 = SUPPORTED_URIS
PROVINCES = "/ogc/collections/provinces/items"
MERGE = "application/merge-patch+json"


def expected(uri: str, lon: float, lat: float) -> list[float]:
    """Return coordinates as the system's own definition orders its axes."""
    code = f"EPSG:{uri.rpartition('/')[2]}"
    first, second = Transformer.from_crs("OGC:CRS84", code).transform(lon, lat)
    return [first, second]


@pytest.mark.parametrize("uri", SUPPORTED_URIS[1:])
def test_items_and_item_come_in_the_system_asked_for(client: httpx.Client, uri: str) -> None:
    params = {"limit": "30", "sortby": "name_th"}
    plain = client.get(ITEMS, params=params).json()["features"]
    answer = client.get(ITEMS, params=params | {"crs": uri})
    assert answer.status_code == 200
    assert answer.headers["content-crs"] == f"<{uri}>"
    features = answer.json()["features"]
    assert [f["id"] for f in features] == [f["id"] for f in plain]
    for ours, there in zip(plain, features, strict=True):
        assert there["properties"] == ours["properties"]
        wanted = expected(uri, *ours["geometry"]["coordinates"])
        assert there["geometry"]["coordinates"] == pytest.approx(wanted, abs=0.001)
    single = client.get(f"{ITEMS}/{plain[0]['id']}", params={"crs": uri})
    assert single.headers["content-crs"] == f"<{uri}>"
    assert single.json()["geometry"] == features[0]["geometry"]


def test_polygons_come_in_the_system_asked_for(client: httpx.Client) -> None:
    (plain, *_) = client.get(PROVINCES).json()["features"]
    (there, *_) = client.get(PROVINCES, params={"crs": UTM47}).json()["features"]
    ring, ring_there = (f["geometry"]["coordinates"][0][0] for f in (plain, there))
    for ours, theirs in zip(ring, ring_there, strict=True):
        assert theirs == pytest.approx(expected(UTM47, *ours), abs=0.001)


def test_pages_keep_the_system_and_cursors_are_the_same(client: httpx.Client) -> None:
    answer = client.get(ITEMS, params={"limit": "5", "crs": UTM47}).json()
    (following,) = [link["href"] for link in answer["links"] if link["rel"] == "next"]
    page = client.get(following)
    assert page.headers["content-crs"] == f"<{UTM47}>"
    assert page.json()["features"][0]["geometry"]["coordinates"][0] > 180


def test_entity_tags_differ_by_system_and_are_kept(client: httpx.Client) -> None:
    item_id = client.get(ITEMS, params={"limit": "1"}).json()["features"][0]["id"]
    for path in (f"{ITEMS}/{item_id}", f"{ITEMS}?limit=3"):
        tags = {}
        for uri in SUPPORTED_URIS[1:]:
            answer = client.get(path, params={"crs": uri})
            tags[uri] = answer.headers["etag"]
            again = client.get(path, params={"crs": uri}, headers={"if-none-match": tags[uri]})
            assert again.status_code == 304
            assert again.headers["content-crs"] == f"<{uri}>"
            plain = client.get(path, headers={"if-none-match": tags[uri]})
            assert plain.status_code == 200
            tags[CRS84] = plain.headers["etag"]
        assert len(set(tags.values())) == len(SUPPORTED_URIS)


@pytest.mark.parametrize("uri", SUPPORTED_URIS)
def test_a_box_in_another_system_finds_the_same_points(client: httpx.Client, uri: str) -> None:
    low, high = (99.66, 20.08), (99.70, 20.15)
    plain = client.get(ITEMS, params={"bbox": "99.66,20.08,99.70,20.15", "limit": "100"}).json()
    assert plain["numberMatched"] > 5
    corners = [*low, *high] if uri == CRS84 else [*expected(uri, *low), *expected(uri, *high)]
    params = {"bbox": ",".join(map(str, corners)), "bbox-crs": uri, "limit": "100"}
    found = client.get(ITEMS, params=params).json()
    ids, wanted = ({f["id"] for f in page["features"]} for page in (found, plain))
    # a box in metres is a little turned: what is only in one lies at the edge
    assert len(ids ^ wanted) <= (3 if uri in (UTM47, UTM48) else 0)


@pytest.mark.parametrize("f", ["json", "html"])
@pytest.mark.parametrize(
    ("params", "where"),
    [
        ({"crs": "http://www.opengis.net/def/crs/EPSG/0/2000"}, "crs"),
        ({"bbox-crs": "x", "bbox": "1,2,3,4"}, "bbox-crs"),
        ({"bbox-crs": UTM47, "bbox": "1e9,1e9,2e9,2e9"}, "bbox"),
        ({"bbox-crs": UTM47, "bbox": "nan,inf,2e9,2e9"}, "bbox"),
        ({"bbox-crs": UTM47, "bbox": "9,9,1,1"}, "bbox"),
        ({"bbox-crs": LAT_FIRST, "bbox": "99,19,100,20"}, "bbox"),
    ],
)
def test_what_is_not_supported_is_named(
    client: httpx.Client, params: dict[str, str], where: str, f: str
) -> None:
    answer = client.get(ITEMS, params=params | {"f": f}, headers={"accept": "application/json"})
    assert_problem(answer, 400, where)
    if where == "crs":
        assert all(uri in answer.text for uri in SUPPORTED_URIS)


def test_an_item_in_an_unknown_system_is_refused(
    live: Live, client: httpx.Client, item: httpx.Response
) -> None:
    answer = client.get(item.headers["location"], params={"crs": "x"}, headers=live.auth())
    assert_problem(answer, 400, "crs")


@pytest.mark.parametrize("uri", SUPPORTED_URIS[1:])
def test_writes_in_another_system_are_stored_in_crs84(
    live: Live, client: httpx.Client, uri: str
) -> None:
    feature = point("พิกัดฉาก")
    lon, lat = feature["geometry"]["coordinates"]
    feature["geometry"]["coordinates"] = expected(uri, lon, lat)
    headers = live.auth(content_type=GEOJSON, content_crs=f"<{uri}>")
    created = client.post(ITEMS, json=feature, headers=headers)
    assert created.status_code == 201, created.text
    assert created.json()["geometry"]["coordinates"] == [lon, lat]
    assert created.headers["content-crs"] == f"<{CRS84}>"
    own = created.headers["location"]
    # the tag of the answer in the other system begins the next write
    read = client.get(own, params={"crs": uri}, headers=live.auth())
    moved = {"geometry": {"type": "Point", "coordinates": expected(uri, lon + 0.0001, lat)}}
    headers = live.auth(content_type=MERGE, content_crs=f"<{uri}>", if_match=read.headers["etag"])
    patched = client.patch(own, json=moved, headers=headers)
    assert patched.status_code == 204, patched.text
    now = client.get(own, headers=live.auth()).json()
    assert now["geometry"]["coordinates"] == [round(lon + 0.0001, 7), lat]
    headers = live.auth(content_type=GEOJSON, content_crs=f"<{uri}>", if_match="*")
    replaced = client.put(own, json=feature, headers=headers)
    assert replaced.status_code == 204, replaced.text
    now = client.get(own, headers=live.auth()).json()
    assert now["geometry"]["coordinates"] == [lon, lat]


@pytest.mark.parametrize("coordinates", [[1e9, 1e9], ["x", 1], [5e5, -9e6], None])
def test_coordinates_outside_of_their_system_change_nothing(
    live: Live, client: httpx.Client, item: httpx.Response, coordinates: object
) -> None:
    before = client.get(item.headers["location"], headers=live.auth())
    headers = live.auth(content_type=MERGE, content_crs=f"<{UTM47}>", if_match="*")
    patch = {"geometry": {"type": "Point", "coordinates": coordinates}}
    answer = client.patch(item.headers["location"], json=patch, headers=headers)
    assert_problem(answer, 422, "/geometry/coordinates")
    after = client.get(item.headers["location"], headers=live.auth())
    assert after.headers["etag"] == before.headers["etag"]


def test_the_same_numbers_in_another_system_are_another_request(
    live: Live, client: httpx.Client
) -> None:
    body = point("คำขอซ้ำ")
    headers = live.auth(content_type=GEOJSON, idempotency_key="crs-1")
    assert client.post(ITEMS, json=body, headers=headers).status_code == 201
    again = client.post(ITEMS, json=body, headers=headers | {"content-crs": f"<{MERCATOR}>"})
    document = assert_problem(again, 422, "Idempotency-Key")
    assert document["type"].endswith("idempotency_key_reused")


def test_documents_list_the_systems(client: httpx.Client) -> None:
    document = client.get("/ogc/collections").json()
    assert document["crs"] == list(SUPPORTED_URIS)
    for described in document["collections"]:
        assert described["crs"] == [CRS84, "#/crs"]
        assert described["storageCrs"] == CRS84
    own = client.get("/ogc/collections/service-points").json()
    assert own["crs"] == list(SUPPORTED_URIS)


def test_a_strict_write_in_another_system_is_taken_too(live: Live, client: httpx.Client) -> None:
    created = create(live, client)
    headers = live.auth(
        content_type=MERGE, content_crs=f"<{LAT_FIRST}>", if_match="*", prefer="handling=strict"
    )
    patch = {"geometry": {"type": "Point", "coordinates": [20.15, 99.86]}}
    answer = client.patch(created.headers["location"], json=patch, headers=headers)
    assert answer.status_code == 204, answer.text
