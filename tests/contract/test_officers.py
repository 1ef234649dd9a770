# SPDX-License-Identifier: GPL-2.0-or-later
"""What officers' pages ask of the store: places nearby, areas, agencies, the own phone."""

from __future__ import annotations

import pytest

from geoapi import nearby, profiles, reference_data
from geoapi.errors import InvalidDocumentError, NotAuthenticatedError
from geoapi.managers import Actor
from geoapi.position_areas import areas_at, taken_from_map
from geoapi.revisions import WriteContext
from geoapi.rights import PUBLIC, SYSTEM
from geoapi.site import Site
from geoapi.store import accounts
from geoapi.store.agencies import inside_scopes
from geoapi.types import JsonObject, Scope
from tests.contract.point_samples import (
    LAT,
    LON,
    OFFICER,
    STRANGER,
    agency,
    agency_id,
    create,
    put_agencies,
    refused,
    user,
)

METRE = 1 / 111_195


def square(code: str, level: str, west: float, parent: str = "") -> JsonObject:
    ring = [[west, 19], [west + 1, 19], [west + 1, 21], [west, 21], [west, 19]]
    return {
        "type": "Feature",
        "id": code,
        "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
        "properties": {
            "code": code, "level": level, "parent_code": parent, "name_th": f"พื้นที่ {code}",
            "name_en": None, "postal_codes": [],
        },
    }  # fmt: skip


def put_areas(site: Site, *areas: JsonObject) -> None:
    site.store.write(lambda t: reference_data.put_areas(t, WriteContext(SYSTEM), areas))


def test_r20_nearby_places_by_distance_and_right(site: Site):
    far = create(site, position=(LON, LAT + 300 * METRE))
    near = create(site, position=(LON, LAT + 40 * METRE))
    create(site, position=(LON, LAT + 6000 * METRE))
    create(site, position=None)
    found = nearby.near(site, OFFICER, (LON, LAT), 5000)
    assert [n.feature["id"] for n in found] == [near.id, far.id]
    assert [round(n.distance_m) for n in found] == [40, 300]
    assert [n.feature["id"] for n in nearby.near(site, OFFICER, (LON, LAT), 50)] == [near.id]
    # what is no public place yet is nobody else's business
    assert nearby.near(site, STRANGER, (LON, LAT), 5000) == []
    assert nearby.near(site, PUBLIC, (LON, LAT), 5000) == []


def test_places_of_a_subdistrict(site: Site):
    inside = create(site, position=None, subdistrict_code="570101")
    create(site, position=None, subdistrict_code="570102")
    found = nearby.within_area(site, OFFICER, "570101")
    assert [n.feature["id"] for n in found] == [inside.id]
    assert len(nearby.within_area(site, OFFICER, "5701")) == 2


def test_new_place_is_compared_with_those_there(site: Site):
    there = create(site, name_th="โรงพยาบาลห้วยชมภู")
    place = (LON, LAT + 100 * METRE)
    for name, category, where in (
        ("โรงพยาบาล  ห้วยชมภู", "school", None),
        ("อื่น", "hospital", place),
    ):
        like = nearby.like_new(site, OFFICER, name, category, where)
        expected = [] if name == "โรงพยาบาล  ห้วยชมภู" else [there.id]
        assert [n.feature["id"] for n in like] == expected
    same = nearby.like_new(site, OFFICER, " โรงพยาบาลห้วยชมภู ", "school", None)
    assert [n.feature["id"] for n in same] == [there.id]
    assert nearby.like_new(site, OFFICER, "อื่น", "school", place) == []


def test_areas_of_the_map_against_those_of_the_address(site: Site):
    put_areas(
        site,
        square("57", "province", 99), square("5701", "district", 99, "57"),
        square("5702", "district", 100, "57"),
    )  # fmt: skip
    address = {"province_code": "57", "district_code": "5702", "subdistrict_code": "570201"}
    found = areas_at(site, (99.5, 20.0), address)
    assert found.codes == {"province_code": "57", "district_code": "5701"}
    assert found.differing == ("district_code",)
    assert found.lacks_subdistricts
    taken = {"province_code": "57", "district_code": "5701", "subdistrict_code": ""}
    assert taken_from_map(address, found) == taken
    # on the line between two districts the one that the address names is right
    assert areas_at(site, (100.0, 20.0), address).differing == ()
    assert areas_at(site, (10.0, 50.0), address).codes == {}


def test_agencies_are_chosen_inside_the_own_scope(site: Site):
    put_agencies(site, agency(1), agency(2, 1), agency(3))

    def ids(scope: Scope, words: str = "") -> set[str]:
        rows = site.store.read(lambda c: inside_scopes(c, [scope], words, 10))
        return {row[0] for row in rows}

    assert ids(Scope(agency_id(1))) == {agency_id(1), agency_id(2)}
    assert ids(Scope()) == {agency_id(n) for n in (1, 2, 3)}
    assert ids(Scope(), "00003") == {agency_id(3)}
    assert site.store.read(lambda c: inside_scopes(c, [], "", 10)) == []


def test_r18_mobile_phone_is_confirmed_and_the_users_own(site: Site):
    values = {
        "id": "somchai", "username": "somchai", "display_name": "สมชาย", "language": "th",
        "password_hash": "!", "must_change_password": False,
    }  # fmt: skip
    site.store.write(lambda t: accounts.insert_user(t, values))
    somchai = user("somchai")
    assert profiles.own_profile(site, somchai).confirmed_at is None
    profiles.confirm_phone(site, Actor(somchai, ""), "๐๘๑ ๒๓๔ ๕๖๗๘")
    kept = profiles.own_profile(site, somchai)
    assert kept.phone == "+66812345678"
    assert kept.confirmed_at is not None
    assert profiles.own_profile(site, OFFICER).phone == ""
    for wrong in ("0 5377 1234", "12", "081 234 5678, 081 234 5679"):
        refused(
            InvalidDocumentError,
            lambda text=wrong: profiles.confirm_phone(site, Actor(somchai, ""), text),
        )
    with pytest.raises(NotAuthenticatedError):
        profiles.own_profile(site, PUBLIC)
    profiles.confirm_phone(site, Actor(somchai, ""), " ")
    assert profiles.own_profile(site, somchai).phone == ""
