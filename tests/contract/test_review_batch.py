# SPDX-License-Identifier: GPL-2.0-or-later
"""Verifying a batch on both stores: each point by itself, nothing half done, twice does no harm."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from geoapi import service_points
from geoapi.errors import ForbiddenError, InvalidDocumentError
from geoapi.messages import known_message_ids
from geoapi.review_batch import MOST_CHOICES, Choice, verify_batch
from geoapi.revisions import Item, WriteContext
from geoapi.rights import PUBLIC, SYSTEM, Grant
from geoapi.site import Site
from geoapi.store.copy import checksum
from tests.contract.point_samples import (
    COLLEAGUE,
    OFFICER,
    REVIEWER,
    act,
    change,
    create,
    refused,
    user,
)

CONTEXT = WriteContext(REVIEWER, reason="เทียบทะเบียนแล้ว")


def waiting(site: Site, count: int = 1) -> list[Item]:
    return [act(site, create(site), "submit") for _ in range(count)]


def chosen(*items: Item) -> list[Choice]:
    return [Choice(item.id, item.etag) for item in items]


def test_each_point_is_done_or_refused_by_itself(site: Site):
    good, edited, decided, own, outside = waiting(site, 5)
    change(site, edited, name_th="แก้ไขแล้ว")
    act(site, edited, "submit")
    act(site, decided, "return", REVIEWER, "ชื่อผิด")
    own = act(site, change(site, own, REVIEWER_WHO_EDITS, name_th="เอง"), "submit")
    results = verify_batch(
        site,
        WriteContext(REVIEWER_WHO_EDITS, reason="x"),
        [*chosen(good, edited, decided, own), Choice("no-such", "w1-0")],
    )
    assert [r.outcome for r in results] == ["verified", *["refused"] * 4]
    said = [r.problem.message_id for r in results if r.problem]
    assert said[:3] == ["review.bulk.changed", "review.bulk.changed", "review.own_edit"]
    assert set(said) <= known_message_ids()
    states = [service_points.get(site, SYSTEM, i.id).feature for i in (good, edited, own, outside)]
    assert [f["properties"]["state"] for f in states] == ["verified", *["submitted"] * 3]
    assert service_points.get(site, PUBLIC, good.id).view == "published"


REVIEWER_WHO_EDITS = user(
    "both", Grant("officer", area_code="57"), Grant("supervisor", area_code="57")
)


def test_the_same_batch_twice_changes_nothing_more(site: Site):
    items = waiting(site, 3)
    first = verify_batch(site, CONTEXT, chosen(*items))
    assert [r.outcome for r in first] == ["verified"] * 3
    before = checksum(site.store)
    again = verify_batch(site, CONTEXT, chosen(*items))
    assert [r.outcome for r in again] == ["already"] * 3
    assert checksum(site.store) == before
    other = user("second", Grant("supervisor", area_code="57"))
    theirs = verify_batch(site, WriteContext(other, reason="x"), chosen(*items))
    assert [r.outcome for r in theirs] == ["refused"] * 3


def test_a_double_click_at_the_same_moment_verifies_once(site: Site):
    items = waiting(site, 5)
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: verify_batch(site, CONTEXT, chosen(*items)), range(2)))
    for one, two in zip(*both, strict=True):
        assert sorted((one.outcome, two.outcome)) == ["already", "verified"]
    for item in items:
        assert service_points.get(site, SYSTEM, item.id).revision == item.revision + 1


def test_a_batch_needs_a_reason_points_and_the_right(site: Site):
    (item,) = waiting(site)
    before = checksum(site.store)
    too_many = [Choice(f"{n}", "w1-0") for n in range(MOST_CHOICES + 1)]
    for context, choices in (
        (WriteContext(REVIEWER, reason="  "), chosen(item)),
        (CONTEXT, []),
        (CONTEXT, too_many),
    ):
        refused(InvalidDocumentError, lambda c=context, k=choices: verify_batch(site, c, k))
    for viewer in (OFFICER, COLLEAGUE):
        context = WriteContext(viewer, reason="x")
        refused(ForbiddenError, lambda c=context: verify_batch(site, c, chosen(item)))
    assert checksum(site.store) == before


@pytest.mark.parametrize("area_code", ["50", "5707"])
def test_points_out_of_reach_are_refused_without_their_names(site: Site, area_code: str):
    (item,) = waiting(site)
    elsewhere = user("elsewhere", Grant("supervisor", area_code=area_code))
    (result,) = verify_batch(site, WriteContext(elsewhere, reason="x"), chosen(item))
    assert result.outcome == "refused"
    assert "name" not in result.problem.params
