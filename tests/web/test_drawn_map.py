# SPDX-License-Identifier: GPL-2.0-or-later
"""The drawn map: its size, its scale, its colours, and what it refuses."""

from __future__ import annotations

import io
import json

import pytest
from PIL import Image

from geoapi.errors import UsageError
from geoapi.web.basemaps import basemap_origins, read_basemaps
from geoapi.web.drawn_map import DrawnThings, draw_map, fit_frame, make_frame, scale_length_m
from geoapi.web.map_symbols import legend, symbols, top_category

BOX = (99.0, 19.0, 101.0, 21.0)


def area(west: float, south: float, east: float, north: float) -> dict:
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "id": "57",
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        "properties": {"name_th": "เชียงราย", "name_en": "Chiang Rai"},
    }


def colours(png: bytes) -> set[tuple[int, int, int]]:
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return {colour for _, colour in image.getcolors(1_000_000)}


def drawn(things: DrawnThings, width: int = 400, height: int = 300) -> bytes:
    return draw_map(fit_frame(BOX, width, height), things, "en")


def test_picture_has_the_size_asked_for():
    image = Image.open(io.BytesIO(drawn(DrawnThings([], [], []))))
    assert (image.format, image.size) == ("PNG", (400, 300))


def test_point_is_drawn_in_its_colour_at_its_place():
    point = {
        "geometry": {"type": "Point", "coordinates": [100.0, 20.0]},
        "properties": {"category": "hospital"},
    }
    png = drawn(DrawnThings([area(*BOX)], [], [point]))
    image = Image.open(io.BytesIO(png)).convert("RGB")
    red = tuple(bytes.fromhex(symbols()["health"].color[1:]))
    assert image.getpixel((200, 150)) == pytest.approx(red, abs=12)
    assert image.getpixel((60, 60)) != pytest.approx(red, abs=60)


def test_degrees_north_and_east_are_equally_long():
    frame = fit_frame((99.0, 19.9, 101.0, 20.1), 400, 400)
    x1, y1 = frame.pixel(100.0, 20.0)
    x2, _ = frame.pixel(100.0 + 0.1 / 0.93969, 20.0)
    _, y2 = frame.pixel(100.0, 20.1)
    assert x2 - x1 == pytest.approx(y1 - y2, rel=0.001)


def test_scale_bar_is_round_and_fits():
    frame = fit_frame(BOX, 400, 300)
    length = scale_length_m(frame)
    assert str(length).strip("0.")[0] in "125"
    assert length / frame.metres_per_pixel <= 80


@pytest.mark.parametrize(
    ("bbox", "width", "height"),
    [
        ("", "400", "300"),
        ("1,2,3", "400", "300"),
        ("a,b,c,d", "400", "300"),
        ("nan,1,2,3", "400", "300"),
        ("101,19,99,21", "400", "300"),
        ("99,19,101,91", "400", "300"),
        ("99,19,101,21", "99", "300"),
        ("99,19,101,21", "1601", "300"),
        ("99,19,101,21", "400", "1201"),
        ("99,19,101,21", "x", "300"),
    ],
)
def test_what_cannot_be_drawn_is_refused(bbox: str, width: str, height: str):
    with pytest.raises(UsageError):
        make_frame(bbox, width, height)


def test_smallest_box_still_has_an_extent():
    frame = make_frame("100,20,100,20", "400", "300")
    assert frame.bbox[0] < 100 < frame.bbox[2]


def test_every_top_category_has_a_symbol_of_its_own():
    entries = legend("en")
    assert len({entry["color"] for entry in entries}) == len(entries)
    assert len({entry["points"] for entry in entries}) == len(entries)
    assert top_category("hospital") == "health"
    assert top_category("no_such_category") == "other"


def test_basemaps_are_read_and_their_origins_named(tmp_path):
    entry = {
        "url": "https://tiles.example.go.th/{TileMatrix}/{TileRow}/{TileCol}.png",
        "title_th": "ภาพถ่าย",
        "title_en": "Imagery",
        "attribution": "Example",
    }
    path = tmp_path / "basemaps.json"
    path.write_text(json.dumps([entry]))
    assert read_basemaps(str(path))[0]["tiles"] == ["https://tiles.example.go.th/{z}/{y}/{x}.png"]
    assert basemap_origins(str(path)) == ("https://tiles.example.go.th",)
    assert read_basemaps("") == []


@pytest.mark.parametrize("text", ["{", "{}", "[1]", '[{"url": "https://x/{z}"}]'])
def test_broken_basemaps_are_refused(tmp_path, text: str):
    path = tmp_path / "basemaps.json"
    path.write_text(text)
    with pytest.raises(UsageError):
        read_basemaps(str(path))
