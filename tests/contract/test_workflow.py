# SPDX-License-Identifier: GPL-2.0-or-later
"""The life of a service point: who takes which step from which state, and what it leaves behind."""

from __future__ import annotations

from typing import Any

import pytest

from geoapi import service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
)
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, Grant
from geoapi.site import Site
from geoapi.store.copy import checksum
from tests.contract.point_samples import (
    COLLEAGUE,
    LAT,
    LON,
    OFFICER,
    REVIEWER,
    act,
    by,
    change,
    create,
    publish,
    published,
    refused,
    user,
)

M = 1 / 111_195  # degrees of latitude in a metre, on the sphere of the distance


def properties_of(item: Item) -> dict[str, Any]:
    return item.feature["properties"]


def double(name: str) -> Any:
    """Return somebody who edits and reviews."""
    return user(name, Grant("officer", area_code="57"), Grant("supervisor", area_code="57"))


def test_the_way_of_a_point_from_creation_to_publication(site: Site):
    item = create(site, position=None)
    assert properties_of(item)["state"] == "unpinned"
    item = change(site, item, position=(LON, LAT))
    assert properties_of(item)["state"] == "draft"
    item = act(site, item, "submit")
    assert properties_of(item)["state"] == "submitted"
    item = act(site, item, "verify", REVIEWER)
    said = properties_of(item)
    assert (said["state"], said["verified_at"]) == ("verified", said["updated_at"])
    assert service_points.get(site, PUBLIC, item.id).revision == item.revision == 4
    item = change(site, item, name_th="ชื่อใหม่")
    assert properties_of(item)["state"] == "draft"
    assert service_points.get(site, PUBLIC, item.id).revision == 4


def test_wrong_states_are_conflicts_that_name_the_right_ones(site: Site):
    item = create(site)
    for action in ("verify", "return"):
        error = refused(ConflictError, lambda a=action: act(site, item, a, REVIEWER, "เหตุ"))
        assert error.message_id == "workflow.wrong_state"
        assert (error.params["state"], error.params["wanted"]) == ("draft", "submitted")
    act(site, item, "submit")
    refused(ConflictError, lambda: act(site, item, "submit"))
    act(site, item, "verify", REVIEWER)
    for action in ("submit", "verify", "return"):
        viewer = OFFICER if action == "submit" else REVIEWER
        before = checksum(site.store)
        refused(ConflictError, lambda a=action, v=viewer: act(site, item, a, v, "เหตุ"))
        assert checksum(site.store) == before


def test_an_unknown_action_is_named_with_the_known_ones(site: Site):
    item = create(site)
    for action in ("", "publish", "Submit", "create"):
        error = refused(InvalidDocumentError, lambda a=action: act(site, item, a))
        assert error.problems[0].pointer == "/action"
        assert "submit, verify, return" in error.params["known"]


def test_submission_needs_a_position_and_says_where(site: Site):
    item = create(site, position=None)
    error = refused(InvalidDocumentError, lambda: act(site, item, "submit"))
    assert (error.message_id, error.problems[0].pointer) == (
        "workflow.position_missing",
        "/geometry",
    )


def test_steps_ask_for_their_right_in_the_scope(site: Site):
    item = create(site)
    refused(NotAuthenticatedError, lambda: act(site, item, "submit", PUBLIC))
    refused(ForbiddenError, lambda: act(site, item, "submit", REVIEWER))
    act(site, item, "submit")
    for viewer in (OFFICER, COLLEAGUE, user("gis", Grant("gis_officer", area_code="57"))):
        refused(ForbiddenError, lambda v=viewer: act(site, item, "verify", v))
    mixed = user("m", Grant("officer", area_code="57"), Grant("supervisor", area_code="50"))
    error = refused(ForbiddenError, lambda: act(site, item, "verify", mixed))
    assert error.message_id == "auth.outside_scope"


@pytest.mark.parametrize("action", ["verify", "return"])
def test_nobody_reviews_an_edit_of_their_own_also_after_others_edited(site: Site, action: str):
    first, second, third = double("first"), double("second"), double("third")
    item = create(site, first)
    change(site, item, second, name_th="โดยคนที่สอง")
    change(site, item, first, name_th="โดยคนแรกอีกครั้ง")
    act(site, item, "submit", OFFICER)
    before = checksum(site.store)
    for viewer in (first, second):
        error = refused(ConflictError, lambda v=viewer: act(site, item, action, v, "เหตุผล"))
        assert error.message_id == "workflow.own_edit"
    assert checksum(site.store) == before
    act(site, item, action, third, "เหตุผล")


def test_editors_are_remembered_over_a_return_and_forgotten_by_a_verification(site: Site):
    first, second = double("first"), double("second")
    item = create(site, first)
    act(site, item, "submit", first)
    act(site, item, "return", second, "ชื่อผิด")
    change(site, item, OFFICER, name_th="แก้แล้ว")
    act(site, item, "submit", OFFICER)
    refused(ConflictError, lambda: act(site, item, "verify", first))
    act(site, item, "verify", second)
    change(site, item, second, name_th="แก้อีก")
    act(site, item, "submit", second)
    refused(ConflictError, lambda: act(site, item, "verify", second))
    assert properties_of(act(site, item, "verify", first))["state"] == "verified"


def test_a_return_carries_its_reason_until_the_next_verification(site: Site):
    item = create(site)
    act(site, item, "submit")
    for reason in ("", "   "):
        error = refused(
            InvalidDocumentError, lambda r=reason: act(site, item, "return", REVIEWER, r)
        )
        assert error.problems[0].pointer == "/reason"
    item = act(site, item, "return", REVIEWER, "หมุดอยู่กลางแม่น้ำ")
    assert properties_of(item)["state"] == "returned"
    assert properties_of(item)["return_reason"] == "หมุดอยู่กลางแม่น้ำ"
    item = change(site, item, name_th="แก้แล้ว")
    assert properties_of(item)["return_reason"] == "หมุดอยู่กลางแม่น้ำ"
    item = publish(site, item)
    assert properties_of(item)["return_reason"] is None


def test_a_returned_point_can_be_submitted_as_it_is(site: Site):
    item = create(site)
    act(site, item, "submit")
    act(site, item, "return", REVIEWER, "โปรดยืนยัน")
    assert properties_of(act(site, item, "submit"))["state"] == "submitted"


@pytest.mark.parametrize(("metres", "needs_reason"), [(49.5, False), (50.5, True)])
def test_a_far_move_from_the_published_place_needs_a_reason(
    site: Site, metres: float, needs_reason: bool
):
    item = published(site)
    for part in (0.5, 1):  # in two steps: what counts is where the public sees it
        change(site, item, position=(LON, LAT + metres * M * part))
    if not needs_reason:
        assert properties_of(act(site, item, "submit"))["state"] == "submitted"
        return
    error = refused(InvalidDocumentError, lambda: act(site, item, "submit"))
    assert error.problems[0].pointer == "/properties/move_reason"
    change(site, item, move_reason="ย้ายอาคาร")
    act(site, item, "submit")
    item = act(site, item, "verify", REVIEWER)
    assert properties_of(item)["move_reason"] is None
    change(site, item, position=(LON, LAT))
    error = refused(InvalidDocumentError, lambda: act(site, item, "submit"))
    assert error.message_id == "workflow.move_reason_missing"


def test_a_move_of_a_point_that_was_never_published_needs_no_words(site: Site):
    item = create(site)
    change(site, item, position=(LON + 1, LAT))
    act(site, item, "submit")


def test_an_edit_takes_a_submitted_point_back_to_draft(site: Site):
    item = create(site)
    act(site, item, "submit")
    item = change(site, item, COLLEAGUE, name_th="ระหว่างตรวจ")
    assert properties_of(item)["state"] == "draft"
    refused(ConflictError, lambda: act(site, item, "verify", REVIEWER))


def test_a_state_sent_by_a_client_moves_nothing(site: Site):
    item = create(site)
    wrong = {"state": "verified", "verified_at": "2026-01-01T00:00:00Z", "revision": 99}
    wrong |= {"short_code": "AAAAAAA", "updated_by": "x"}
    for name, value in wrong.items():
        error = refused(InvalidDocumentError, lambda n=name, v=value: change(site, item, **{n: v}))
        assert [p.pointer for p in error.problems] == [f"/properties/{name}"]


def test_a_review_of_another_revision_than_the_one_read_is_refused(site: Site):
    item = create(site)
    seen = act(site, item, "submit")
    change(site, item, COLLEAGUE, name_th="เปลี่ยนทีหลัง")
    act(site, item, "submit")
    context = by(REVIEWER, if_match=(seen.etag,))
    refused(ConflictError, lambda: service_points.take_action(site, context, item.id, "verify"))
