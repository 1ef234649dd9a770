# SPDX-License-Identifier: GPL-2.0-or-later
"""Agencies and areas: the tree by every path, and imports that change only what changed."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from geoapi import reference_data
from geoapi.errors import ForbiddenError
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM, Grant
from geoapi.site import Site
from geoapi.store.copy import checksum
from geoapi.store.feed import FeedQuery, read_feed
from geoapi.store.tables import agency_closure
from tests.contract.point_samples import (
    agency,
    agency_id,
    create,
    put_agencies,
    user,
)


def above(site: Site, number: int) -> set[str]:
    """Return the ids that an agency answers to, itself among them."""
    column = agency_closure.c.ancestor_id
    wanted = select(column).where(agency_closure.c.descendant_id == agency_id(number))
    return set(site.store.read(lambda c: c.execute(wanted).scalars().all()))


def ids(*numbers: int) -> set[str]:
    return {agency_id(number) for number in numbers}


def test_an_agency_lies_under_every_unit_it_answers_to_and_under_itself(site: Site):
    put_agencies(site, agency(1), agency(2, 1), agency(3, 2), agency(4), agency(5, 3, 4))
    assert above(site, 5) == ids(1, 2, 3, 4, 5)
    assert above(site, 3) == ids(1, 2, 3)
    assert above(site, 4) == ids(4)


def test_the_order_of_the_documents_does_not_matter(site: Site):
    put_agencies(site, agency(5, 3, 4), agency(3, 2), agency(4), agency(2, 1), agency(1))
    assert above(site, 5) == ids(1, 2, 3, 4, 5)


def test_a_circle_of_superiors_makes_everybody_in_it_equal(site: Site):
    put_agencies(site, agency(1, 3), agency(2, 1), agency(3, 2), agency(4, 4))
    assert above(site, 1) == above(site, 2) == above(site, 3) == ids(1, 2, 3)
    assert above(site, 4) == ids(4)


def test_an_agency_that_moves_takes_its_subtree_along(site: Site):
    put_agencies(site, agency(1), agency(2), agency(3, 1), agency(4, 3))
    head = user("head", Grant("officer", agency_id(1)))
    create(site, head, agency_id=agency_id(4))
    put_agencies(site, agency(3, 2))
    assert above(site, 4) == ids(2, 3, 4)
    with pytest.raises(ForbiddenError):
        create(site, head, agency_id=agency_id(4))


def test_the_same_agencies_again_change_nothing_at_all(site: Site):
    documents = [agency(1), agency(2, 1, 1)]
    assert put_agencies(site, *documents) == {"created": 2, "changed": 0, "unchanged": 0}
    before = checksum(site.store)
    assert put_agencies(site, *documents) == {"created": 0, "changed": 0, "unchanged": 2}
    assert checksum(site.store) == before


def test_each_change_of_an_agency_is_a_revision_in_its_feed(site: Site):
    put_agencies(site, agency(1))
    renamed = agency(1)
    renamed["properties"]["name_th"] = "ชื่อใหม่"
    assert put_agencies(site, renamed)["changed"] == 1
    rows = site.store.read(lambda c: read_feed(c, FeedQuery("agencies", 0, 9)).rows)
    said = [(row["revision"], row["public_effect"]) for row in rows]
    assert said == [(1, "upsert"), (2, "upsert")]


def test_agency_ids_are_the_same_on_every_site():
    assert agency_id(15003) == "583237e7-2c14-5242-9254-4dc93f5ad038"
    assert len({agency_id(number) for number in range(100)}) == 100


def test_areas_go_to_the_collection_of_their_level(site: Site):
    def area(code: str, level: str) -> dict[str, object]:
        ring = [[99.0, 19.0], [100.0, 19.0], [100.0, 20.0], [99.0, 19.0]]
        return {
            "type": "Feature", "id": code,
            "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]},
            "properties": {
                "code": code, "level": level, "name_th": f"พื้นที่ {code}", "name_en": None,
                "parent_code": code[:-2] or None, "postal_codes": ["57000", "57100"],
            },
        }  # fmt: skip

    documents = [area("57", "province"), area("5701", "district"), area("570101", "subdistrict")]
    context = WriteContext(SYSTEM)
    counts = site.store.write(lambda t: reference_data.put_areas(t, context, documents))
    assert counts == {"created": 3, "changed": 0, "unchanged": 0}
    for collection in ("provinces", "districts", "subdistricts"):
        query = FeedQuery(collection, 0, 9)
        assert len(site.store.read(lambda c, q=query: read_feed(c, q).rows)) == 1
    before = checksum(site.store)
    site.store.write(lambda t: reference_data.put_areas(t, context, documents))
    assert checksum(site.store) == before
