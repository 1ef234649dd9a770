# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversion of the reference systems used in Thailand."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from geoapi.errors import UsageError
from geoapi.importing.crs import geometry_to_crs84, parse_crs, to_crs84, to_crs84_arrays

GEOD = Geod(ellps="WGS84")
PLACES = {
    "Chiang Rai": (99.83, 19.91),
    "Bangkok": (100.50, 13.75),
    "Ubon": (104.86, 15.23),
    "Songkhla": (100.59, 7.19),
    "Mae Hong Son": (97.97, 19.30),
    "Narathiwat": (101.82, 6.43),
}


@pytest.mark.parametrize("place", PLACES)
def test_indian_1975_shifts_as_epsg_1304_does(place: str) -> None:
    lon, lat = PLACES[place]
    true_lon, true_lat = to_crs84(lon, lat, "EPSG:4240")
    azimuth, _, distance_m = GEOD.inv(lon, lat, true_lon, true_lat)
    assert 344 <= distance_m <= 458
    assert -70 <= azimuth <= -55


@pytest.mark.parametrize("place", PLACES)
def test_pipeline_equals_the_registered_operation(place: str) -> None:
    lon, lat = PLACES[place]
    registered = Transformer.from_pipeline("urn:ogc:def:coordinateOperation:EPSG::1304")
    expected_lat, expected_lon = registered.transform(lat, lon)
    assert to_crs84(lon, lat, "EPSG:4240") == (round(expected_lon, 7), round(expected_lat, 7))


@pytest.mark.parametrize("code", [24047, 24048])
def test_indian_1975_grids_go_through_the_same_operation(code: int) -> None:
    lon, lat = 101.5, 15.0
    to_grid = Transformer.from_crs(4240, code, always_xy=True)
    easting, northing = to_grid.transform(lon, lat)
    assert to_crs84(easting, northing, f"EPSG:{code}") == pytest.approx(
        to_crs84(lon, lat, "EPSG:4240"), abs=2e-7
    )


@pytest.mark.parametrize("code", [32647, 32648, 3857])
def test_wgs84_grids_come_back_to_the_same_degrees(code: int) -> None:
    x, y = Transformer.from_crs(4326, code, always_xy=True).transform(100.1234567, 19.7654321)
    assert to_crs84(x, y, str(code)) == pytest.approx((100.1234567, 19.7654321), abs=1.1e-7)


def test_degrees_stay_in_the_order_lon_lat_and_keep_seven_decimals() -> None:
    assert to_crs84(99.85983520522, 20.134735734608, "EPSG:4326") == (99.8598352, 20.1347357)


def test_arrays_give_the_same_as_single_pairs() -> None:
    xs, ys = [600_000.0, 610_000.0], [2_200_000.0, 2_210_000.0]
    lon, lat = to_crs84_arrays(xs, ys, "EPSG:24047")
    singles = [to_crs84(x, y, "EPSG:24047") for x, y in zip(xs, ys, strict=True)]
    assert list(zip(lon.tolist(), lat.tolist(), strict=True)) == singles


def test_pairs_beyond_the_system_become_nan_in_arrays_and_an_error_alone() -> None:
    lon, _ = to_crs84_arrays([600_000.0, 1e30], [2_200_000.0, 1e30], "EPSG:32647")
    assert np.isfinite(lon[0])
    assert np.isnan(lon[1])
    with pytest.raises(UsageError, match="crs_not_convertible"):
        to_crs84(1e30, 1e30, "EPSG:32647")


def test_geometries_lose_their_heights() -> None:
    line = shapely.LineString([(600_000, 2_200_000, 5), (600_100, 2_200_000, 5)])
    converted = geometry_to_crs84(line, "EPSG:32647")
    assert not converted.has_z
    assert converted.coords[0] == to_crs84(600_000, 2_200_000, "EPSG:32647")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("epsg:32647", "EPSG:32647"),
        ("24047", "EPSG:24047"),
        ("urn:ogc:def:crs:EPSG::4240", "EPSG:4240"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "OGC:CRS84"),
        ("http://www.opengis.net/def/crs/EPSG/0/32648", "EPSG:32648"),
        ("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "OGC:CRS84"),
    ],
)
def test_names_of_a_system_are_understood(text: str, name: str) -> None:
    assert parse_crs(text) == name


@pytest.mark.parametrize("text", ["EPSG:27700", "WGS 84", "", "EPSG:", "GEOGCS[...]"])
def test_other_systems_are_refused_with_the_accepted_ones(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_crs(text)
    assert caught.value.message_id == "import.crs_not_accepted"
    assert "EPSG:32647" in caught.value.params["accepted"]
