# SPDX-License-Identifier: GPL-2.0-or-later
"""Cursors of the feed: good for ever in one life of a store and for one view, refused elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from geoapi import records
from geoapi.assignments import KIND
from geoapi.change_feed import Following, follow, parse_cursor
from geoapi.collections import COLLECTIONS, SERVICE_POINTS
from geoapi.errors import GoneError
from geoapi.readers import reader_of
from geoapi.rights import PUBLIC, Grant, Viewer, scopes
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.copy import copy_store
from geoapi.store.feed import FeedQuery, read_feed
from tests.contract.point_samples import (
    GIS,
    OFFICER,
    agency,
    agency_id,
    by,
    change,
    create,
    emptied,
    keep_user,
    published,
    put_agencies,
    refused,
    site_of,
    user,
)
from tests.contract.test_assignments import MANAGER, assign

OF_AGENCY = user("of agency", Grant("officer", agency_id=agency_id(1)))


def read(site: Site, since: str, viewer: Viewer = PUBLIC, limit: int = 100) -> Following:
    reader = reader_of(viewer, SERVICE_POINTS)
    return follow(site, SERVICE_POINTS, reader, parse_cursor(since), limit)


def ids(found: Following) -> list[str]:
    return [row["item_id"] for row in found.rows]


def test_a_cursor_counts_in_a_copy_as_far_as_both_lives_are_one(
    site: Site, open_new: Callable[[str], Store], tmp_path: Path
):
    first = published(site)
    cursor = read(site, "0").next
    restored = open_new(site.store.backend)
    copy_store(site.store, restored)
    other = site_of(restored, tmp_path)
    published(site)
    later = read(site, "now").next
    # beyond the end of what was restored
    error = refused(GoneError, lambda: read(other, later))
    assert error.message_id == "feed.another_life"
    assert read(other, error.extra["next"]).rows == []
    # the same number, given to another change
    second = published(other)
    same_number = read(other, "now").next
    assert later.split(".")[1] == same_number.split(".")[1]
    assert refused(GoneError, lambda: read(other, later)).message_id == "feed.another_life"
    # what both lives have in common goes on
    assert ids(read(other, cursor)) == [second.id]
    assert ids(read(other, "0")) == [first.id, second.id]
    # emptied and filled anew: nothing but the beginning counts
    emptied(restored)
    assert refused(GoneError, lambda: read(other, cursor)).message_id == "feed.another_life"
    assert read(other, "0").rows == read(other, read(other, "now").next).rows == []


def test_a_cursor_of_other_rights_is_gone(site: Site):
    create(site)
    cursor = read(site, "now", OFFICER).next
    for viewer in (PUBLIC, GIS, user("officer", Grant("officer", area_code="5701"))):
        if reader_of(viewer, SERVICE_POINTS) == reader_of(OFFICER, SERVICE_POINTS):
            continue  # what they see is the same
        error = refused(GoneError, lambda v=viewer: read(site, cursor, v))
        assert error.message_id == "feed.other_rights"
        assert read(site, error.extra["next"], viewer).rows == []
    public = read(site, "now").next
    assert refused(GoneError, lambda: read(site, public, OFFICER)).message_id == "feed.other_rights"


def test_a_tree_of_agencies_that_changed_ends_the_cursors_of_agencies_only(site: Site):
    put_agencies(site, agency(1), agency(2))
    item = create(site, agency_id=agency_id(2))
    cursors = {v.user_id: read(site, "now", v).next for v in (OF_AGENCY, OFFICER, PUBLIC)}
    put_agencies(site, agency(3))
    put_agencies(site, agency(2, 1))
    error = refused(GoneError, lambda: read(site, cursors["of agency"], OF_AGENCY))
    assert error.message_id == "feed.other_rights"
    assert ids(read(site, "0", OF_AGENCY)) == [item.id]
    for viewer in (OFFICER, PUBLIC):
        assert read(site, cursors[viewer.user_id], viewer).rows == []


def test_a_bare_number_is_taken_as_long_as_there_are_so_many_changes(site: Site):
    published(site)
    last = published(site)
    rows = read(site, "0").rows
    assert ids(read(site, str(rows[0]["seq"]))) == [last.id]
    assert read(site, str(rows[-1]["seq"])).rows == []
    assert refused(GoneError, lambda: read(site, str(rows[-1]["seq"] + 1)))


def test_a_page_looks_at_a_bounded_number_of_rows_and_goes_on_behind_them(site: Site):
    for _ in range(5):
        create(site, subdistrict_code="500101", viewer=user("all", Grant("officer")))
    mine = create(site)
    query = FeedQuery("service-points", 0, 10, scopes(OFFICER, "points.read_working"), window=2)
    pages = []
    while True:
        page = site.store.read(lambda c, q=query: read_feed(c, q))
        pages.append([row["item_id"] for row in page.rows])
        if not page.has_more:
            break
        query = FeedQuery("service-points", page.next, 10, query.scopes, window=2)
    assert pages == [[], [], [mine.id], []]


def test_an_item_that_leaves_is_a_delete_or_what_the_public_sees(site: Site):
    draft, public = create(site), published(site)
    cursor = read(site, "now", OFFICER).next
    elsewhere = {"subdistrict_code": "500101", "district_code": "5001", "province_code": "50"}
    everywhere = user("all", Grant("officer"))
    for item in (draft, public):
        change(site, item, everywhere, **elsewhere, name_th="ลับ")
    gone, left = read(site, cursor, OFFICER).rows
    assert (gone["item_id"], gone["public_effect"], gone["revision"]) == (draft.id, "delete", 1)
    assert (left["item_id"], left["public_effect"], left["revision"]) == (public.id, "upsert", 3)
    assert "ลับ" not in str(gone["public_document"]) + str(left["public_document"])
    assert left["public_document"] == read(site, "0").rows[0]["public_document"]
    assert not gone["is_inside"]
    assert not left["is_inside"]
    # a second change out of sight is not told
    change(site, draft, everywhere, name_th="ลับกว่า")
    assert len(read(site, cursor, OFFICER).rows) == 2


def test_an_owner_follows_the_own_assignments_and_hears_when_they_go_to_somebody_else(site: Site):
    others = user("others", Grant("officer", area_code="57"))
    for person in (OFFICER, others, MANAGER):
        keep_user(site, person)
    assignments = COLLECTIONS["assignments"]

    def told(viewer: Viewer) -> list[tuple[str, bool]]:
        found = follow(site, assignments, reader_of(viewer, assignments), parse_cursor("0"), 100)
        return [(row["item_id"], bool(row["is_inside"])) for row in found.rows]

    point = create(site)
    made = assign(site, owner_id="officer", point_id=point.id)
    assert (told(OFFICER), told(others)) == ([(made.id, True)], [])
    records.update(site, by(MANAGER), KIND, made.id, {"properties": {"owner_id": "others"}})
    assert told(OFFICER) == [(made.id, True), (made.id, False)]
    assert told(others) == [(made.id, True)]
