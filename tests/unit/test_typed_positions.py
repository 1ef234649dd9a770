# SPDX-License-Identifier: GPL-2.0-or-later
"""Positions as people type and paste them."""

from __future__ import annotations

import pytest

from geoapi.errors import Problem
from geoapi.typed_positions import fault_of, read_degrees, read_position

HERE = (99.8325, 19.9105)


@pytest.mark.parametrize(
    "text",
    [
        "19.9105, 99.8325",
        "19.9105 99.8325",
        "(19.9105; 99.8325)",
        "๑๙.๙๑๐๕, ๙๙.๘๓๒๕",
        "19°54'37.8\"N 99°49'57\"E",
        "19° 54′ 37.8″ N, 99° 49′ 57″ E",
        "99°49'57\"E 19°54'37.8\"N",
        "19 54 37.8 N 99 49 57 E",
        "19°54.63' N 99°49.95' E",
        "https://www.google.com/maps/@19.9105,99.8325,17z",
        "https://www.google.com/maps/place/X/@19.8,99.7,17z/data=!3m1!4b1!4m5!3d19.9105!4d99.8325",
        "https://maps.google.com/?q=19.9105,99.8325",
        "https://www.google.com/maps/search/?api=1&query=19.9105%2C99.8325",
        "https://www.openstreetmap.org/#map=17/19.9105/99.8325",
        "https://www.openstreetmap.org/?mlat=19.9105&mlon=99.8325#map=12/19.8/99.7",
        "https://map.longdo.com/?lat=19.9105&long=99.8325&zoom=16",
        "https://map.longdo.com/main/p/A1?long=99.8325&lat=19.9105",
        "geo:19.9105,99.8325",
    ],
)
def test_reads_the_same_place_however_it_is_written(text: str):
    assert read_position(text) == pytest.approx(HERE, abs=1e-6)


@pytest.mark.parametrize(
    "text", ["47N 587135 2201793", "zone 47Q E 587135 N 2201793", "587135, 2201793 โซน 47"]
)
def test_reads_utm_of_zone_47(text: str):
    assert read_position(text) == pytest.approx(HERE, abs=2e-5)


def test_reads_utm_of_zone_48():
    # Ubon Ratchathani, from pyproj: EPSG:4326 104.86 15.23 -> EPSG:32648
    assert read_position("48P 484965 1683770") == pytest.approx((104.86, 15.23), abs=2e-5)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        ("587135 2201793", "officers.position.zone"),
        ("47N 587135 3201793", "officers.position.northing"),
        ("https://maps.app.goo.gl/AbCdEf", "officers.position.link"),
        ("19°75'00\"N 99°49'57\"E", "officers.position.minutes"),
    ],
)
def test_says_what_is_missing(text: str, message_id: str):
    found = read_position(text)
    assert isinstance(found, Problem)
    assert found.message_id == message_id


@pytest.mark.parametrize("text", ["", "19.9105", "nan, nan", "หน้าศาลากลาง", "1,2,3", "inf inf"])
def test_what_is_no_pair_is_none(text: str):
    assert read_position(text) is None


def test_single_degrees():
    assert read_degrees("19°54'37.8\"") == pytest.approx(19.9105)
    assert read_degrees("1e400") is None
    assert read_degrees("") is None


def test_f4_embassies_lie_abroad_and_others_do_not():
    tokyo = (139.72, 35.65)
    assert fault_of(tokyo, "embassy") is None
    assert fault_of(tokyo, "consulate") is None
    for category in ("district_office", "", "school"):
        fault = fault_of(tokyo, category)
        assert fault is not None
        assert fault.message_id == "web.form.outside"
    swapped = fault_of((19.9, 99.8), "embassy")
    assert swapped is not None
    assert swapped.message_id == "web.form.swapped"
    assert fault_of((200.0, 95.0), "embassy").message_id == "officers.position.earth"
