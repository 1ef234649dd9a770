# SPDX-License-Identifier: GPL-2.0-or-later
"""Tiles over HTTP: what they hold, who may keep them, how soon a write is seen, what is refused."""

from __future__ import annotations

import gzip
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from geoapi.collections import COLLECTIONS
from geoapi.ogc.host_config import CONFORMANCE
from geoapi.store.tile_grid import LEVEL, cell_of, deinterleave
from geoapi.tiles import known_marks
from geoapi.tiles.service import tile_service
from tests.api.conftest import Live, act, assert_problem, create, publish
from tests.tile_samples import read_tile

POINTS = "/ogc/collections/service-points"
MVT = "application/vnd.mapbox-vector-tile"
TILED = [c.id for c in COLLECTIONS.values() if c.tiles is not None]
PLACE = (99.8521, 20.1462)


def path_of(zoom: int, place: tuple[float, float] = PLACE, above: str = POINTS) -> str:
    column, row = (part >> (LEVEL - zoom) for part in deinterleave(cell_of(*place)))
    return f"{above.removesuffix('/')}/tiles/WebMercatorQuad/{zoom}/{row}/{column}"


def features(answer: httpx.Response, layer: str = "service-points") -> list[dict[str, Any]]:
    if answer.status_code == 204:
        return []
    assert answer.status_code == 200, answer.text
    return [f["properties"] for f in read_tile(answer.content).get(layer, [])]


def public_points(client: httpx.Client) -> dict[str, tuple[float, float]]:
    found, path = {}, f"{POINTS}/items?limit=1000"
    while path:
        page = client.get(path).json()
        found |= {
            f["id"]: tuple(f["geometry"]["coordinates"]) for f in page["features"] if f["geometry"]
        }
        path = next((li["href"] for li in page["links"] if li["rel"] == "next"), "")
    return found


def test_tiles_of_a_zoom_count_every_public_point(live: Live, client: httpx.Client):
    public = public_points(client)
    for zoom in (0, 4, 9):
        paths = {path_of(zoom, place) for place in public.values()}
        shown = [p for path in paths for p in features(client.get(path))]
        assert sum(p["count"] for p in shown) == len(public)
        assert {p["id"] for p in shown} <= set(public)


def test_the_deepest_zooms_show_each_point_with_its_names_and_nothing_else(
    live: Live, client: httpx.Client
):
    item = create(live, client, name_en="Mae Chan", raw_coordinates="x", phones=[])
    publish(live, client, item.json()["id"])
    shown = features(client.get(path_of(18)))
    mine = next(p for p in shown if p["id"] == item.json()["id"])
    assert mine == {
        "id": item.json()["id"], "name_th": "ที่ว่าการอำเภอแม่จัน", "name_en": "Mae Chan",
        "category": "hospital", "count": 1, "status": mine["status"],
        "short_code": mine["short_code"],
    }  # fmt: skip


def test_a_write_is_seen_in_every_tile_above_it_at_once(live: Live, client: httpx.Client):
    paths = [path_of(zoom) for zoom in (0, 7, 12, 15, 17)]
    before = [client.get(path) for path in paths]
    item_id = create(live, client).json()["id"]
    assert [client.get(p).headers["etag"] for p in paths] == [a.headers["etag"] for a in before]
    publish(live, client, item_id)
    after = [client.get(path) for path in paths]
    for old, new in zip(before, after, strict=True):
        assert new.headers["etag"] != old.headers["etag"]
        totals = [sum(p["count"] for p in features(answer)) for answer in (old, new)]
        assert totals[1] == totals[0] + 1
    assert item_id in {p["id"] for p in features(after[-1])}
    act(live, client, item_id, "withdraw", "supervisor_in")
    ids = {p["id"] for p in features(client.get(paths[-1]))}
    assert item_id not in ids
    assert client.get(paths[0]).headers["etag"] == before[0].headers["etag"]


def test_a_write_elsewhere_leaves_a_tile_in_its_file(
    live: Live, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
):
    far = path_of(14, (98.95, 18.75))
    client.get(far)
    publish(live, client, create(live, client).json()["id"])

    def no_building(*_: object) -> bytes:
        raise AssertionError("built again")

    monkeypatch.setattr("geoapi.tiles.service.build_tile", no_building)
    assert client.get(far).status_code == 200


def test_a_process_sees_what_another_one_wrote_once_its_marks_are_old(
    live: Live, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
):
    other = tile_service(live.site)
    column, row = (part >> (LEVEL - 9) for part in deinterleave(cell_of(*PLACE)))
    from geoapi.collections import SERVICE_POINTS
    from geoapi.tiles.build import TileAddress
    from geoapi.tiles.service import tile_set_of

    def etag() -> str:
        return other.tile(tile_set_of(SERVICE_POINTS), TileAddress(9, column, row)).etag

    before = etag()
    monkeypatch.setattr(
        known_marks.KnownMarks, "is_fresh", property(lambda marks: marks._read_at > 0 and fresh[0])
    )
    fresh = [True]
    publish(live, client, create(live, client).json()["id"])
    assert etag() == before
    fresh[0] = False
    assert etag() != before


def test_drafts_are_in_no_tile_whoever_asks(live: Live, client: httpx.Client):
    item_id = create(live, client, name_th="ร่างลับ").json()["id"]
    for who in ("", "gis_officer_in", "admin"):
        with live.client(who) as asking:
            answer = asking.get(path_of(18))
            assert item_id not in {p["id"] for p in features(answer)}
            assert "ร่างลับ".encode() not in answer.content
            assert answer.headers["cache-control"] == "public, no-cache"
    verified = create(live, client, name_th="ฉบับแรก")
    publish(live, client, verified.json()["id"])
    changed = client.patch(
        verified.headers["location"], json={"properties": {"name_th": "ฉบับกำลังแก้"}},
        headers=live.auth(if_match="*", content_type="application/merge-patch+json"),
    )  # fmt: skip
    assert changed.status_code in (200, 204)
    names = {p["name_th"] for p in features(client.get(path_of(18)))}
    assert "ฉบับแรก" in names
    assert "ฉบับกำลังแก้" not in names


def test_a_tile_is_not_sent_twice_and_tags_differ_by_coding(live: Live, client: httpx.Client):
    path = path_of(9)
    plain = client.get(path)
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert plain.headers["content-type"] == packed.headers["content-type"] == MVT
    tags = [answer.headers["etag"] for answer in (plain, packed)]
    assert tags[0] != tags[1]
    assert not any(tag.startswith("W/") for tag in tags)
    for tag, coding in zip(tags, ("identity", "gzip"), strict=True):
        again = client.get(path, headers={"if-none-match": tag, "accept-encoding": coding})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag


def test_an_empty_tile_is_204(live: Live, client: httpx.Client):
    answer = client.get(path_of(10, (0.0, 0.0)))
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "status", "where"),
    [
        (f"{POINTS}/tiles/WebMercatorQuad/19/0/0", 404, ""),
        (f"{POINTS}/tiles/WebMercatorQuad/3/8/0", 404, ""),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/8", 404, ""),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/{'9' * 5000}", 404, ""),
        (f"{POINTS}/tiles/WebMercatorQuad/x/0/0", 400, "tileMatrix"),
        (f"{POINTS}/tiles/WebMercatorQuad/3/-1/0", 400, "tileRow"),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/1.5", 400, "tileCol"),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/²", 400, "tileCol"),
        (f"{POINTS}/tiles/WorldCRS84Quad/3/0/0", 404, ""),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/0?f=png", 400, "f"),
        (f"{POINTS}/tiles/WebMercatorQuad/3/0/0?limit=3", 400, "limit"),
        ("/ogc/collections/agencies/tiles", 404, ""),
        ("/ogc/collections/drafts/tiles/WebMercatorQuad/0/0/0", 404, ""),
        ("/ogc/collections/no-such/tiles", 404, ""),
        ("/ogc/collections/subdistricts/tiles/WebMercatorQuad/3/3/6", 404, ""),
        ("/ogc/styles/pakmud-de", 404, ""),
        ("/ogc/tileMatrixSets/other", 404, ""),
    ],
)
def test_what_is_not_there_is_a_problem(client: httpx.Client, path: str, status: int, where: str):
    assert_problem(client.get(path), status, where)


def test_areas_have_polygons_and_one_name_each(live: Live, client: httpx.Client):
    answer = client.get(path_of(7, above="/ogc/collections/districts"))
    layers = read_tile(answer.content)
    assert {f["properties"]["code"] for f in layers["districts"]} >= {"5701", "5707"}
    assert {f["type"] for f in layers["districts"]} == {3}
    names = [f["properties"]["name_th"] for f in layers["districts-names"]]
    assert len(names) == len(set(names))
    assert {f["type"] for f in layers["districts-names"]} == {1}
    for feature in layers["districts"]:
        for ring in feature["rings"]:
            assert ring[0] == ring[-1]
            doubled = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
            assert doubled > 0, "an outer ring runs clockwise on the screen"


def test_the_dataset_has_the_layers_of_all_collections(live: Live, client: httpx.Client):
    joined = read_tile(client.get(path_of(10, above="/ogc")).content)
    single = {}
    for collection in TILED:
        path = path_of(10, above=f"/ogc/collections/{collection}")
        single |= read_tile(client.get(path).content)
    assert joined == single
    assert set(joined) >= {"provinces", "districts", "subdistricts", "service-points"}


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("above", ["/ogc", *(f"/ogc/collections/{c}" for c in TILED)])
def test_metadata_leads_to_tiles_that_hold_what_it_says(
    live: Live, client: httpx.Client, above: str, language: str
):
    lang = f"lang={language}"
    sets = client.get(f"{above}/tiles?{lang}").json()["tilesets"]
    assert [s["dataType"] for s in sets] == ["vector"]
    own = next(link["href"] for link in sets[0]["links"] if link["rel"] == "self")
    metadata = client.get(f"{own}?{lang}").json()
    assert metadata["license"].startswith("https://")
    links = {link["rel"]: link for link in metadata["links"]}
    scheme = client.get(links["http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"]["href"])
    assert scheme.json()["uri"] == metadata["tileMatrixSetURI"]
    template = links["item"]["href"]
    limits = {entry["tileMatrix"]: entry for entry in metadata["tileMatrixSetLimits"]}
    column, row = (part >> (LEVEL - 10) for part in deinterleave(cell_of(*PLACE)))
    assert limits["10"]["minTileRow"] <= row <= limits["10"]["maxTileRow"]
    assert limits["10"]["minTileCol"] <= column <= limits["10"]["maxTileCol"]
    named = {"tileMatrix": "10", "tileRow": str(row), "tileCol": str(column)}
    for name, value in named.items():
        template = template.replace(f"{{{name}}}", value)
    layers = read_tile(client.get(template).content)
    described = {layer["id"]: layer for layer in metadata["layers"]}
    # the place of a name may lie in the tile beside this one
    assert {name for name in described if not name.endswith("-names")} <= set(layers)
    assert set(layers) <= set(described)
    for name, found in layers.items():
        known = set(described[name]["propertiesSchema"]["properties"])
        assert {key for f in found for key in f["properties"]} <= known
    tilejson = client.get(f"{own}?f=tilejson&{lang}")
    assert tilejson.headers["content-language"] == language
    document = tilejson.json()
    assert document["tilejson"] == "3.0.0"
    assert {layer["id"] for layer in document["vector_layers"]} == set(described)
    url = document["tiles"][0]
    for name, value in (("{z}", "10"), ("{x}", str(column)), ("{y}", str(row))):
        url = url.replace(name, value)
    assert read_tile(client.get(url).content) == layers


def test_documents_lead_to_the_tiles(live: Live, client: httpx.Client):
    rel = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
    for path in ("/ogc/", POINTS, "/ogc/collections/provinces"):
        links = client.get(path).json()["links"]
        href = next(link["href"] for link in links if link["rel"] == rel)
        assert client.get(href).json()["tilesets"]
    agencies = client.get("/ogc/collections/agencies").json()
    assert rel not in {link["rel"] for link in agencies["links"]}
    declared = set(client.get("/ogc/conformance").json()["conformsTo"])
    assert {c for c in CONFORMANCE if "tiles" in c} <= declared


def test_tile_matrix_set_is_the_common_one(client: httpx.Client):
    listed = client.get("/ogc/tileMatrixSets").json()["tileMatrixSets"]
    definition = client.get(listed[0]["links"][0]["href"]).json()
    assert [m["id"] for m in definition["tileMatrices"]] == [str(z) for z in range(25)]
    first = definition["tileMatrices"][0]
    assert first["scaleDenominator"] == pytest.approx(559082264.028717, rel=1e-9)
    assert first["cellSize"] == pytest.approx(156543.033928041, rel=1e-9)
    assert first["pointOfOrigin"] == pytest.approx([-20037508.3427892, 20037508.3427892])


@pytest.mark.parametrize("language", ["th", "en"])
def test_styles_ask_nobody_else_and_name_in_their_language(
    live: Live, client: httpx.Client, language: str
):
    listed = client.get("/ogc/styles").json()["styles"]
    entry = next(s for s in listed if s["id"] == f"pakmud-{language}")
    style = client.get(entry["links"][0]["href"]).json()
    assert style["version"] == 8
    assert "glyphs" not in style
    assert "sprite" not in style
    url = style["sources"]["pakmud"]["url"]
    assert url.startswith(live.url)
    layers = {layer["id"] for layer in client.get(url).json()["vector_layers"]}
    used = {layer["source-layer"] for layer in style["layers"] if "source-layer" in layer}
    assert used <= layers
    names = [la["layout"]["text-field"] for la in style["layers"] if la["id"].endswith("-names")]
    assert all(name[1] == ["get", f"name_{language}"] for name in names)


def test_files_of_tiles_are_private_and_whole(live: Live, client: httpx.Client):
    client.get(path_of(11))
    root = Path(live.site.settings.data_dir) / "cache"
    folders = [root, *(p for p in root.rglob("*") if p.is_dir())]
    assert {p.stat().st_mode & 0o777 for p in folders} == {0o700}
    files = [p for p in root.rglob("*") if p.is_file()]
    assert files
    assert {p.stat().st_mode & 0o777 for p in files} == {0o600}
    assert all(p.name.isdecimal() for p in files)
    body = files[0].read_bytes()[36:]
    assert not body or read_tile(gzip.decompress(body)) is not None
    for path in files:  # broken by whatever: built again
        path.write_bytes(b"")
    assert features(client.get(path_of(11)))
