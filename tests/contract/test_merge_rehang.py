# SPDX-License-Identifier: GPL-2.0-or-later
"""A merge moves branches in the view that names the merged point, and publishes nothing else."""

from __future__ import annotations

import threading

from geoapi import service_points
from geoapi.errors import InvalidDocumentError, ServicePointError
from geoapi.rights import PUBLIC
from geoapi.site import Site
from geoapi.store import changes
from geoapi.store.feed import FeedQuery, read_feed
from geoapi.transitions import Asked
from tests.contract.ending_samples import WHY, merge, now, operations
from tests.contract.point_samples import (
    GIS,
    OFFICER,
    act,
    by,
    change,
    create,
    point,
    published,
    refused,
)


def test_a_main_place_that_nobody_reviewed_is_not_published_by_a_merge(site: Site):
    main, left, own = published(site), published(site), published(site)
    alone = published(site)
    branch = published(site, parent_id=own.id)
    for item in (alone, branch):
        change(site, item, parent_id=main.id)
    seq = site.store.read(changes.last_seq)
    merge(site, main, left)
    for item, wanted in ((alone, None), (branch, own.id)):
        assert now(site, item)["parent_id"] == left.id
        assert now(site, item, PUBLIC).get("parent_id") == wanted
        assert operations(site, item)[-1] == "rehang"
    feed = site.store.read(lambda c: read_feed(c, FeedQuery("service-points", seq, 100)).rows)
    assert [row["item_id"] for row in feed] == [main.id]


def test_what_the_public_sees_hangs_under_the_successor_whatever_is_in_the_making(site: Site):
    main, left, other = published(site), published(site), published(site)
    alone = published(site, parent_id=main.id)
    moved = published(site, parent_id=main.id)
    change(site, alone, parent_id=None)
    change(site, moved, parent_id=other.id)
    merge(site, main, left)
    for item, wanted in ((alone, None), (moved, other.id)):
        assert now(site, item).get("parent_id") == wanted
        assert now(site, item, PUBLIC)["parent_id"] == left.id
        act(site, item, "discard")
        assert now(site, item)["parent_id"] == left.id


def test_a_successor_that_was_a_branch_in_public_is_not_its_own_main_place(site: Site):
    main = published(site)
    left = published(site, parent_id=main.id)
    change(site, left, parent_id=None)
    merge(site, main, left)
    assert now(site, left, PUBLIC).get("parent_id") is None
    assert now(site, left).get("parent_id") is None


def test_nothing_is_hung_under_a_merged_point(site: Site):
    main, left = published(site), published(site)
    item = create(site, parent_id=main.id)
    change(site, item, parent_id=None)
    merge(site, main, left)
    for attempt in (
        lambda: create(site, parent_id=main.id),
        lambda: change(site, item, parent_id=main.id),
    ):
        error = refused(InvalidDocumentError, attempt)
        assert error.problems[0].pointer == "/properties/parent_id"
        assert error.message_id == "document.parent_merged"
        assert error.params["successor_id"] == left.id


def _branch_beside_a_merge(site: Site, main_id: str, left_id: str) -> tuple[list[str], list[str]]:
    """Create a branch while its main place is merged; return (ids made, ids of refusals)."""
    made: list[str] = []
    refusals: list[str] = []
    start = threading.Barrier(2)

    def branch() -> None:
        start.wait()
        try:
            made.append(service_points.create(site, by(OFFICER), point(parent_id=main_id)).id)
        except ServicePointError as error:
            refusals.append(error.message_id)

    thread = threading.Thread(target=branch)
    thread.start()
    start.wait()
    asked = Asked(left_id)
    service_points.take_action(site, by(GIS, reason=WHY), main_id, "merge", asked)
    thread.join()
    return made, refusals


def test_a_branch_made_while_its_main_place_is_merged_ends_under_the_successor(site: Site):
    for _ in range(8):
        main, left = published(site), published(site)
        made, refusals = _branch_beside_a_merge(site, main.id, left.id)
        for item_id in made:
            found = service_points.get(site, OFFICER, item_id).feature["properties"]
            assert found["parent_id"] == left.id
        assert len(made) + len(refusals) == 1
        assert set(refusals) <= {"document.parent_merged"}
