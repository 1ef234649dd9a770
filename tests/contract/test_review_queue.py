# SPDX-License-Identifier: GPL-2.0-or-later
"""The reviewer's queue on both stores: its order, filters, counts, rights and neighbours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from geoapi import review_queue
from geoapi.errors import ForbiddenError, NotAuthenticatedError
from geoapi.review_queue import AGE_BANDS, QueueFilter
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store import features
from geoapi.store.tables import WORKING
from tests.contract.point_samples import (
    LAT,
    LON,
    OFFICER,
    REVIEWER,
    START,
    STRANGER,
    act,
    agency,
    agency_id,
    change,
    create,
    put_agencies,
    refused,
    user,
)

BOTH = user("both", Grant("officer", area_code="57"), Grant("supervisor", area_code="57"))
DAY = timedelta(days=1)


def submitted(site: Site, viewer: Viewer = OFFICER, **properties: object) -> Item:
    return act(site, create(site, viewer, **properties), "submit", viewer)


def ids_of(site: Site, viewer: Viewer = REVIEWER, **parts: object) -> list[str]:
    page = review_queue.queue_page(site, viewer, QueueFilter(**parts))
    assert page.total == len(page.entries)
    return [entry.feature["id"] for entry in page.entries]


def row_of(site: Site, item: Item):
    return site.store.read(lambda c: features.get_row(c, "service_point", item.id, WORKING))


def test_oldest_submission_comes_first_and_decided_ones_leave(site: Site):
    first, second = create(site), create(site)
    waiting = [act(site, item, "submit").id for item in (second, first)]
    create(site)  # a draft does not wait
    assert ids_of(site) == waiting
    assert ids_of(site, newest_first=True) == waiting[::-1]
    act(site, second, "verify", REVIEWER)
    assert ids_of(site) == [first.id]
    change(site, first, name_th="แก้ไขหลังส่ง")
    assert ids_of(site) == []


def test_only_what_lies_in_the_scope_is_listed_and_counted(site: Site):
    inside = submitted(site, position=(LON, LAT))
    everywhere = user("country", Grant("officer"))
    submitted(site, everywhere, subdistrict_code="500101", position=(98.95, 18.75))
    assert ids_of(site) == [inside.id]
    assert review_queue.queue_counts(site, REVIEWER).total == 1
    north = user("north", Grant("supervisor", area_code="5707"))
    assert ids_of(site, north) == []
    assert len(ids_of(site, user("all", Grant("supervisor")))) == 2
    refused(ForbiddenError, lambda: ids_of(site, STRANGER))
    refused(NotAuthenticatedError, lambda: ids_of(site, PUBLIC))


def test_filters_by_district_category_agency_and_words(site: Site):
    put_agencies(site, agency(1), agency(2, 1), agency(3))
    a = submitted(site, subdistrict_code="570101", agency_id=agency_id(2), category="school")
    b = submitted(site, subdistrict_code="570701", agency_id=agency_id(3), name_th="ไปรษณีย์แม่จัน")
    assert ids_of(site, area_code="5701") == [a.id]
    assert ids_of(site, area_code="57") == [a.id, b.id]
    assert ids_of(site, category="school") == [a.id]
    assert ids_of(site, agency_id=agency_id(1)) == [a.id], "a unit stands for all below it"
    assert ids_of(site, q="แม่จัน") == [b.id]
    assert ids_of(site, q="แม่จัน", category="school") == []
    assert ids_of(site, agency_id="'; --") == []
    counts = review_queue.queue_counts(site, REVIEWER)
    assert counts.by_district == {"5701": 1, "5707": 1}
    assert counts.by_category == {"hospital": 1, "school": 1}
    assert {i: n for i, (_, _, n) in counts.by_agency.items()} == {
        agency_id(n): 1 for n in (1, 2, 3)
    }


def test_age_bands_leave_nobody_out_and_count_nobody_twice(site: Site):
    clock = site.store.clock
    for day in range(10):
        clock.now = START + DAY * day
        submitted(site)
    clock.now = START + DAY * 10 - timedelta(minutes=1)
    clock.step = timedelta()
    found = {band: ids_of(site, age=band) for band in AGE_BANDS}
    entries = review_queue.queue_page(site, REVIEWER, QueueFilter()).entries
    for band, (least, beyond) in AGE_BANDS.items():
        wanted = [
            e.feature["id"] for e in entries if least <= e.days and (not beyond or e.days < beyond)
        ]
        assert found[band] == wanted, band
    assert sum(map(len, found.values())) == 10
    assert review_queue.queue_counts(site, REVIEWER).by_age == {"0-2": 3, "3-7": 5, "8-": 2}
    assert ids_of(site, age="nonsense") == ids_of(site)


def test_own_edits_are_marked_counted_and_passed_over(site: Site):
    first, own, last = submitted(site), submitted(site, BOTH), submitted(site)
    page = review_queue.queue_page(site, BOTH, QueueFilter())
    assert [e.is_own for e in page.entries] == [False, True, False]
    assert review_queue.queue_counts(site, BOTH).own == 1
    assert review_queue.queue_counts(site, REVIEWER).own == 0
    place = review_queue.place_of(site, BOTH, row_of(site, first))
    assert review_queue.neighbour(site, BOTH, QueueFilter(), place) == last.id
    assert review_queue.neighbour(site, REVIEWER, QueueFilter(), place) == own.id
    assert review_queue.first_of(site, user("both", *BOTH.grants), QueueFilter()) == first.id


@pytest.mark.parametrize("newest_first", [False, True])
def test_the_next_one_is_found_from_a_point_that_was_decided_meanwhile(
    site: Site, newest_first: bool
):
    items = [submitted(site) for _ in range(4)]
    wanted = QueueFilter(newest_first=newest_first)
    order = items[::-1] if newest_first else items
    act(site, order[1], "verify", REVIEWER)
    place = review_queue.place_of(site, REVIEWER, row_of(site, order[1]))
    assert review_queue.neighbour(site, REVIEWER, wanted, place) == order[2].id
    assert review_queue.neighbour(site, REVIEWER, wanted, place, before=True) == order[0].id
    last = review_queue.place_of(site, REVIEWER, row_of(site, order[3]))
    assert review_queue.neighbour(site, REVIEWER, wanted, last) is None


def test_pages_follow_each_other_without_gaps(site: Site):
    ids = [submitted(site).id for _ in range(7)]
    seen, after = [], None
    while True:
        page = review_queue.queue_page(site, REVIEWER, QueueFilter(), after, limit=3)
        seen += [entry.feature["id"] for entry in page.entries]
        assert page.total == 7
        after = page.next_after
        if after is None:
            break
    assert seen == ids


def test_submission_names_the_instant_and_the_words(site: Site):
    item = act(site, create(site), "submit", reason="ตรวจกับป้ายแล้ว")
    entries = review_queue.history(site, REVIEWER, item.id)
    said = review_queue.submission_of(site, row_of(site, item), entries)
    assert said.words == "ตรวจกับป้ายแล้ว"
    assert said.at == datetime.fromisoformat(item.feature["properties"]["updated_at"])
    assert review_queue.document_at(entries, item.etag)["id"] == item.id
    assert review_queue.document_at(entries, "w9-0") is None
