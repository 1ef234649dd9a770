# SPDX-License-Identifier: GPL-2.0-or-later
"""Reference systems: names, axes, round trips, what lies outside, boxes."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import orjson
import pytest
from pyproj import Transformer

from geoapi.errors import InvalidDocumentError, UsageError
from geoapi.messages import known_message_ids
from geoapi.ogc.crs import (
    DEFAULT,
    SUPPORTED,
    SUPPORTED_URIS,
    box_to_crs84,
    parse_content_crs,
    parse_crs,
    to_crs84,
    transformed,
    without_crs,
)

UTM47, MERCATOR, LAT_FIRST = (parse_crs(f"EPSG:{code}") for code in (32647, 3857, 4326))
RING = [[[99.0, 19.0], [99.5, 19.0], [99.5, 19.5], [99.0, 19.0]]]
GEOMETRIES = (
    {"type": "Point", "coordinates": [99.8521, 20.1462]},
    {"type": "Point", "coordinates": [99.8521, 20.1462, 412.5]},
    {"type": "Polygon", "coordinates": RING},
    {"type": "MultiPolygon", "coordinates": [RING, RING]},
    {
        "type": "GeometryCollection",
        "geometries": [
            {"type": "LineString", "coordinates": RING[0]},
            {"type": "MultiPoint", "coordinates": RING[0]},
        ],
    },
)


def feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "id": "p1", "geometry": geometry, "properties": {"n": "หมุด"}}


def in_crs(geometry: Any, crs) -> Any:
    (text,) = transformed([orjson.dumps(feature(geometry)).decode()], crs)
    return orjson.loads(text)["geometry"]


def located(*coordinates: float) -> dict[str, Any]:
    return feature({"type": "Point", "coordinates": list(coordinates)})


@pytest.mark.parametrize("crs", SUPPORTED, ids=lambda c: c.authority)
def test_a_system_is_known_by_uri_urn_and_curie(crs):
    authority, code = crs.authority.split(":")
    version = "1.3" if crs is DEFAULT else ""
    for name in (crs.uri, f"urn:ogc:def:crs:{authority}:{version}:{code}", f"[{crs.authority}]"):
        assert parse_crs(name) is crs
        assert parse_content_crs(f"<{name}>") is crs


@pytest.mark.parametrize("name", ["", "EPSG:24047", "EPSG:4240", "4326", "<EPSG:4326>", "\0"])
def test_another_system_is_refused_and_the_supported_ones_are_named(name):
    with pytest.raises(UsageError) as caught:
        parse_crs(name)
    assert caught.value.params["known"].split(", ") == list(SUPPORTED_URIS)


def test_no_header_is_crs84_and_its_texts_are_not_touched():
    assert parse_content_crs(None) is DEFAULT
    assert transformed(["not even JSON"], DEFAULT) == ["not even JSON"]
    document = located(99.123456789, 19.0)
    assert to_crs84(document, DEFAULT) is document


def test_latitude_comes_first_where_the_system_says_so():
    assert in_crs(GEOMETRIES[0], LAT_FIRST)["coordinates"] == [20.1462, 99.8521]
    assert to_crs84(located(20.1462, 99.8521), LAT_FIRST)["geometry"] == GEOMETRIES[0]
    (text,) = transformed([orjson.dumps(feature(GEOMETRIES[0])).decode()], LAT_FIRST, as_axes=False)
    assert orjson.loads(text)["geometry"] == GEOMETRIES[0]


@pytest.mark.parametrize("crs", SUPPORTED[1:], ids=lambda c: c.authority)
@pytest.mark.parametrize("geometry", GEOMETRIES, ids=lambda g: g["type"])
def test_what_was_read_is_written_back_to_the_last_digit(crs, geometry):
    read = in_crs(geometry, crs)
    assert read != geometry
    assert to_crs84(feature(read), crs)["geometry"] == geometry


@pytest.mark.parametrize("crs", SUPPORTED[1:], ids=lambda c: c.authority)
def test_every_place_in_thailand_comes_back_to_its_seventh_decimal(crs):
    draw = random.Random(3)
    places = [
        [round(draw.uniform(97.3, 105.7), 7), round(draw.uniform(5.6, 20.5), 7)]
        for _ in range(2_000)
    ]
    geometry = {"type": "MultiPoint", "coordinates": places}
    assert to_crs84(feature(in_crs(geometry, crs)), crs)["geometry"] == geometry


def test_known_places_have_their_published_coordinates():
    # Bangkok's Grand Palace and Chiang Rai, computed with GDAL's gdaltransform 3.6
    assert in_crs({"type": "Point", "coordinates": [99.8325123, 19.9105432]}, UTM47)[
        "coordinates"
    ] == pytest.approx([587136.599, 2201797.665], abs=0.002)
    assert in_crs({"type": "Point", "coordinates": [99.8325123, 19.9105432]}, MERCATOR)[
        "coordinates"
    ] == pytest.approx([11113304.434, 2262436.547], abs=0.002)


def test_all_features_of_a_page_are_converted_each_to_its_own_place():
    texts = [orjson.dumps(feature(g)).decode() for g in (*GEOMETRIES, None, GEOMETRIES[0])]
    together = [orjson.loads(text)["geometry"] for text in transformed(texts, UTM47)]
    assert together == [in_crs(g, UTM47) for g in (*GEOMETRIES, None, GEOMETRIES[0])]
    assert together[-2] is None


@pytest.mark.parametrize(
    ("crs", "place"),
    [(UTM47, (-80.0, 20.0)), (UTM47, (99.0, -60.0)), (MERCATOR, (99.0, 90.0))],
)
def test_a_feature_outside_of_the_system_is_named(crs, place):
    with pytest.raises(UsageError) as caught:
        in_crs({"type": "Point", "coordinates": list(place)}, crs)
    assert caught.value.params["id"] == "p1"
    assert caught.value.message_id in known_message_ids()


@pytest.mark.parametrize(
    ("crs", "coordinates"),
    [
        (UTM47, [1e12, 0]), (UTM47, [1e300, 1e300]), (UTM47, [5e5, -9e6]), (MERCATOR, [3e7, 0]),
        (LAT_FIRST, [99.8, 20.1]), (UTM47, ["665000", 1515000]), (UTM47, [True, 1515000]),
        (UTM47, [665000]), (UTM47, None), (UTM47, {"x": 1}), (UTM47, [665000, [1515000]]),
        (UTM47, [[665000, 1515000], 3]), (UTM47, [10**400, 1515000]),
    ],
)  # fmt: skip
def test_coordinates_that_the_system_does_not_have_are_refused(crs, coordinates):
    with pytest.raises(InvalidDocumentError) as caught:
        to_crs84(feature({"type": "Point", "coordinates": coordinates}), crs)
    (problem,) = caught.value.problems
    assert problem.pointer == "/geometry/coordinates"
    assert problem.message_id in known_message_ids()


def test_nesting_without_end_is_refused():
    deep: list[Any] = [1.0, 2.0]
    for _ in range(900):
        deep = [deep]
    with pytest.raises(InvalidDocumentError):
        to_crs84(feature({"type": "Point", "coordinates": deep}), UTM47)


def test_a_patch_without_a_place_or_with_part_of_one_is_read_too():
    assert to_crs84({"properties": {"a": 1}}, UTM47) == {"properties": {"a": 1}}
    assert to_crs84({"geometry": None}, UTM47) == {"geometry": None}
    patched = to_crs84({"geometry": {"coordinates": [587136.599, 2201797.665]}}, UTM47)
    assert patched == {"geometry": {"coordinates": [99.8325123, 19.9105432]}}


def test_a_body_that_names_two_systems_is_refused():
    with pytest.raises(InvalidDocumentError) as caught:
        to_crs84(located(665000, 1515000) | {"crs": {"type": "name"}}, UTM47)
    assert caught.value.problems[0].pointer == "/crs"


@pytest.mark.parametrize("crs", [UTM47, parse_crs("EPSG:32648"), MERCATOR])
def test_a_box_holds_every_point_that_lies_inside_in_its_own_system(crs):
    draw = random.Random(5)
    low_x, low_y = in_crs({"type": "Point", "coordinates": [98.0, 17.0]}, crs)["coordinates"]
    box = (low_x, low_y, low_x + 250_000, low_y + 300_000)
    west, south, east, north = box_to_crs84(box, crs)
    inside = [
        [round(draw.uniform(box[0], box[2]), 3), round(draw.uniform(box[1], box[3]), 3)]
        for _ in range(1_000)
    ]
    inside += [[x, y] for x in box[::2] for y in box[1::2]]
    inside += [[x, box[1]] for x in range(int(box[0]) + 1, int(box[2]), 5_000)]
    found = to_crs84(feature({"type": "MultiPoint", "coordinates": inside}), crs)
    for lon, lat in found["geometry"]["coordinates"]:
        assert west <= lon <= east
        assert south <= lat <= north


@pytest.mark.parametrize("crs", SUPPORTED[2:], ids=lambda c: c.authority)
def test_a_box_is_the_smallest_around_its_bent_edges(crs):
    draw = random.Random(9)
    transformer = Transformer.from_crs(crs.authority, "OGC:CRS84", always_xy=True)
    low_x, low_y, high_x, high_y = crs.extent
    along = np.linspace(0, 1, 301)
    for _ in range(40):
        # on both sides of the central meridian and of the equator, small and large
        west, east = sorted(draw.uniform(low_x / 2, high_x / 2) for _ in range(2))
        south, north = sorted(draw.uniform(low_y / 2, high_y / 3) for _ in range(2))
        x = np.concatenate([west + (east - west) * along] * 2 + [[west] * 301, [east] * 301])
        y = np.concatenate([[south] * 301, [north] * 301] + [south + (north - south) * along] * 2)
        lon, lat = transformer.transform(x, y)
        exact = (lon.min(), lat.min(), lon.max(), lat.max())
        found = box_to_crs84((west, south, east, north), crs)
        assert found[0] <= exact[0]
        assert found[1] <= exact[1]
        assert found[2] >= exact[2]
        assert found[3] >= exact[3]
        assert found == pytest.approx(exact, abs=2e-5)


def test_a_box_of_a_single_place_holds_it():
    x, y = in_crs(GEOMETRIES[0], UTM47)["coordinates"]
    west, south, east, north = box_to_crs84((x, y, x, y), UTM47)
    assert west <= 99.8521 <= east
    assert south <= 20.1462 <= north
    assert east - west < 1e-6


def test_a_box_larger_than_its_system_is_cut_and_one_beside_it_refused():
    assert box_to_crs84((-1e9, -1e9, 1e9, 1e9), MERCATOR) == pytest.approx(
        (-180, -85.06, 180, 85.06), abs=0.01
    )
    west, south, east, north = box_to_crs84((-1e9, -1e9, 1e9, 1e9), UTM47)
    assert west <= 97.3
    assert south <= 5.6
    assert east >= 105.7
    assert north >= 20.5
    for box, message_id in (
        ((1e8, 1e8, 2e8, 2e8), "crs.box_outside"), ((5, 5, 1, 9), "crs.box_reversed")
    ):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            box_to_crs84(box, UTM47)
        assert caught.value.message_id == message_id
        assert message_id in known_message_ids()


def test_latitude_first_boxes_may_cross_180_degrees():
    assert box_to_crs84((-20, 179, 20, -179), LAT_FIRST) == (179, -20, -179, 20)


def test_tags_of_other_systems_name_the_same_revision():
    assert without_crs(None) is None
    assert without_crs(("w3-0a.4326", "w3-0b", "w3-0c.24047")) == ("w3-0a", "w3-0b", "w3-0c.24047")
