# SPDX-License-Identifier: GPL-2.0-or-later
"""How a point's life ends and begins again: withdraw, close, move, reopen, restore."""

from __future__ import annotations

import json

import pytest

from geoapi import service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    ServicePointError,
)
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store import changes
from geoapi.store.feed import FeedQuery, read_feed
from geoapi.transitions import Asked
from tests.contract.ending_samples import (
    ADMIN,
    WHY,
    is_public,
    move,
    now,
    operations,
    said,
    unchanged,
)
from tests.contract.point_samples import (
    COLLEAGUE,
    GIS,
    LAT,
    LON,
    OFFICER,
    REVIEWER,
    STRANGER,
    act,
    by,
    change,
    create,
    publish,
    published,
    refused,
    user,
)

# ---------------------------------------------------------------- withdraw, discard


def test_an_officer_withdraws_what_was_never_published(site: Site):
    item = create(site)
    error = unchanged(site, InvalidDocumentError, lambda: act(site, item, "withdraw", OFFICER, " "))
    assert error.problems[0].pointer == "/reason"
    for viewer, kind in ((REVIEWER, ForbiddenError), (STRANGER, NotFoundError)):
        refused(kind, lambda v=viewer: act(site, item, "withdraw", v, WHY))
    refused(NotAuthenticatedError, lambda: act(site, item, "withdraw", PUBLIC, WHY))
    assert said(act(site, item, "withdraw", OFFICER, WHY))["state"] == "withdrawn"
    assert operations(site, item) == ["create", "withdraw"]
    refused(ConflictError, lambda: change(site, item, name_th="แก้หลังถอน"))


@pytest.mark.parametrize("viewer", [GIS, ADMIN, REVIEWER], ids=lambda v: v.user_id)
def test_a_published_point_is_withdrawn_by_the_few_and_leaves_the_public(
    site: Site, viewer: Viewer
):
    item = published(site)
    unchanged(site, ForbiddenError, lambda: act(site, item, "withdraw", OFFICER, WHY))
    act(site, item, "withdraw", viewer, WHY)
    assert not is_public(site, item)
    refused(NotFoundError, lambda: service_points.get(site, PUBLIC, item.id))
    assert now(site, item)["state"] == "withdrawn"
    feed = site.store.read(lambda c: read_feed(c, FeedQuery("service-points", 0, 100)).rows)
    assert [(row["public_effect"], row["public_document"]) for row in feed[-1:]] == [
        ("delete", None)
    ]


def test_what_was_once_public_is_not_deleted_or_withdrawn_by_an_officer_later(site: Site):
    item = published(site)
    act(site, item, "withdraw", GIS, WHY)
    for action in ("withdraw", "reopen"):
        refused(ServicePointError, lambda a=action: act(site, item, a, OFFICER, WHY))
    act(site, item, "reopen", GIS, WHY)
    refused(ForbiddenError, lambda: act(site, item, "withdraw", OFFICER, WHY))
    refused(ForbiddenError, lambda: service_points.delete(site, by(OFFICER), item.id))


def test_a_discarded_change_leaves_what_the_public_sees(site: Site):
    item = published(site, own_notes="ของเรา", raw_coordinates="19.9 N")
    seen = service_points.get(site, PUBLIC, item.id)
    change(site, item, name_th="ชื่อใหม่", own_notes="อื่น", raw_coordinates="x", position=(LON, 20))
    act(site, change(site, item, move_reason="ย้าย"), "submit")
    act(site, item, "return", REVIEWER, "ไม่จริง")
    for viewer in (REVIEWER,):
        refused(ForbiddenError, lambda v=viewer: act(site, item, "discard", v))
    item = act(site, item, "discard", COLLEAGUE)
    assert said(item)["state"] == "verified"
    assert said(item)["return_reason"] is None
    assert (said(item)["own_notes"], said(item)["raw_coordinates"]) == ("ของเรา", "19.9 N")
    assert item.feature["geometry"] == seen.feature["geometry"]
    again = service_points.get(site, PUBLIC, item.id)
    assert (again.etag, again.text) == (seen.etag, seen.text)
    # nobody edited it any more: whoever did may review the next change
    change(site, item, GIS, name_th="แก้อีก")
    act(site, item, "submit")
    double = user("officer", Grant("supervisor", area_code="57"))
    act(site, item, "verify", double)


def test_there_is_nothing_to_discard_before_a_verification_or_after_an_end(site: Site):
    item = create(site)
    error = unchanged(site, ConflictError, lambda: act(site, item, "discard"))
    assert error.message_id == "workflow.nothing_to_discard"
    publish(site, item)
    refused(ConflictError, lambda: act(site, item, "discard"))
    act(site, item, "close", GIS, WHY)
    act(site, item, "reopen", GIS, WHY)
    error = refused(ConflictError, lambda: act(site, item, "discard"))
    assert error.message_id == "workflow.nothing_to_discard"


# ---------------------------------------------------------------- close, move, reopen


def test_a_closed_point_says_so_in_public_until_it_is_verified_again(site: Site):
    item = published(site)
    unchanged(site, ForbiddenError, lambda: act(site, item, "close", OFFICER, WHY))
    act(site, item, "close", REVIEWER, WHY)
    public = now(site, item, PUBLIC)
    assert (public["status"], public["state"]) == ("closed", "closed")
    assert public["verified_at"] == said(item)["verified_at"]
    refused(ConflictError, lambda: change(site, item, name_th="แก้หลังปิด"))
    refused(ForbiddenError, lambda: act(site, item, "reopen", OFFICER, WHY))
    item = act(site, item, "reopen", GIS, WHY)
    assert (said(item)["state"], said(item)["status"]) == ("draft", "open")
    assert now(site, item, PUBLIC)["status"] == "closed"
    publish(site, item)
    assert now(site, item, PUBLIC)["status"] == "open"


def test_closing_and_moving_start_from_a_verified_point_alone(site: Site):
    there = published(site)
    draft, submitted = create(site), create(site)
    act(site, submitted, "submit")
    for item in (draft, submitted):
        refused(ConflictError, lambda i=item: act(site, i, "close", GIS, WHY))
        refused(ConflictError, lambda i=item: move(site, i, there))


def test_f6_an_office_that_moved_keeps_its_page_and_leads_to_the_new_one(site: Site):
    old = published(site, name_th="สำนักงานขนส่งเดิม")
    new = published(site, name_th="สำนักงานขนส่งใหม่", position=(LON + 0.1, LAT))
    unchanged(site, InvalidDocumentError, lambda: act(site, old, "move", GIS, WHY))
    for viewer in (OFFICER, COLLEAGUE):
        refused(ForbiddenError, lambda v=viewer: move(site, old, new, v))
    move(site, old, new, REVIEWER)
    public = now(site, old, PUBLIC)
    assert (public["status"], public["successor_id"]) == ("moved", new.id)
    assert is_public(site, old)
    assert is_public(site, new)
    # the old place stays in the history of the old point
    history = site.store.read(lambda c: changes.read_history(c, "service-points", old.id, ()))
    assert json.loads(history[0]["public_document"])["geometry"]["coordinates"] == [LON, LAT]
    item = act(site, old, "reopen", GIS, WHY)
    assert said(item)["successor_id"] is None


def test_an_office_that_moved_by_its_own_point_keeps_its_old_place_in_history(site: Site):
    item = published(site)
    change(site, item, position=(LON + 0.01, LAT), move_reason="ย้ายอาคาร")
    publish(site, item)
    history = site.store.read(lambda c: changes.read_history(c, "service-points", item.id, ()))
    places = [json.loads(row["public_document"])["geometry"]["coordinates"] for row in history]
    assert places == [[LON, LAT], [LON + 0.01, LAT]]


# ---------------------------------------------------------------- restore


def test_an_earlier_revision_is_restored_as_a_new_one(site: Site):
    item = published(site, own_notes="เดิม")
    change(site, item, name_th="ชื่อผิด", own_notes=None, position=(LON, LAT + 0.1))
    item = act(site, item, "restore", COLLEAGUE, "ย้อนกลับ", Asked(revision=1))
    restored = said(item)
    assert (restored["name_th"], restored["own_notes"]) == ("โรงพยาบาลห้วยชมภู", "เดิม")
    assert (restored["state"], restored["revision"]) == ("draft", 5)
    assert restored["verified_at"]
    assert item.feature["geometry"]["coordinates"] == [LON, LAT]
    assert operations(site, item)[-1] == "restore"
    assert now(site, item, PUBLIC)["revision"] == 3


def test_restoring_asks_for_a_revision_that_is_there_and_may_be_seen(site: Site):
    item = create(site, position=None)
    change(site, item, position=(LON, LAT))
    for asked, message_id in (
        (None, "workflow.revision_missing"),
        (Asked(revision=2), "workflow.unknown_revision"),
        (Asked(revision=99), "workflow.unknown_revision"),
    ):
        error = unchanged(
            site, InvalidDocumentError, lambda a=asked: act(site, item, "restore", asked=a)
        )
        assert error.message_id == message_id
    refused(ForbiddenError, lambda: act(site, item, "restore", REVIEWER, "", Asked(revision=1)))
    assert said(act(site, item, "restore", asked=Asked(revision=1)))["state"] == "unpinned"


def test_a_revision_from_elsewhere_stays_unseen(site: Site):
    everywhere = user("all", Grant("officer"))
    item = create(site, everywhere, subdistrict_code="500101")
    change(site, item, everywhere, subdistrict_code="570101", district_code="5701",
           province_code="57")  # fmt: skip
    change(site, item, name_th="แก้ในเขต")
    error = refused(
        InvalidDocumentError, lambda: act(site, item, "restore", asked=Asked(revision=1))
    )
    assert error.message_id == "workflow.unknown_revision"
    # and a revision may not carry the point out of reach
    refused(
        ServicePointError,
        lambda: act(site, item, "restore", OFFICER, "", Asked(revision=1)),
    )
    act(site, item, "restore", asked=Asked(revision=2))


def test_an_earlier_revision_whose_main_place_is_gone_is_refused(site: Site):
    main = create(site)
    item = create(site, parent_id=main.id)
    change(site, item, parent_id=None)
    service_points.delete(site, by(OFFICER), main.id)
    error = unchanged(
        site, InvalidDocumentError, lambda: act(site, item, "restore", asked=Asked(revision=1))
    )
    assert error.message_id == "document.unknown_parent"
