# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may write a service point where, what belongs to a write, and what a deletion leaves."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

from geoapi import service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    ServicePointError,
)
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, SYSTEM, Grant
from geoapi.site import Site
from geoapi.store import idempotency
from geoapi.store.copy import checksum
from geoapi.store.feed import FeedQuery, read_feed
from geoapi.store.idempotency import StoredAnswer
from tests.contract.point_samples import (
    COLLEAGUE,
    EVERYBODY,
    GIS,
    OFFICER,
    STRANGER,
    act,
    agency,
    agency_id,
    by,
    change,
    create,
    listed,
    point,
    published,
    put_agencies,
    refused,
    user,
)

ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
HIDDEN = ("updated_by", "move_reason", "raw_coordinates", "return_reason", "issue_counts")


def name_seen(site: Site, viewer: Any, item: Item) -> str:
    return service_points.get(site, viewer, item.id).feature["properties"]["name_th"]


# ------------------------------------------------------------------------------- rights


def test_writing_asks_for_a_sign_in_then_for_the_right_then_for_the_scope(site: Site):
    draft = create(site)
    shown = published(site)
    planner = user("planner", Grant("planner", area_code="57"))
    for item in (draft, shown):
        for write in (
            lambda viewer, item=item: change(site, item, viewer, name_th="ใหม่"),
            lambda viewer, item=item: act(site, item, "submit", viewer),
            lambda viewer, item=item: service_points.delete(site, by(viewer), item.id),
        ):
            refused(NotAuthenticatedError, lambda write=write: write(PUBLIC))
            assert refused(ForbiddenError, lambda write=write: write(planner)).params
    refused(NotFoundError, lambda: change(site, draft, STRANGER, name_th="ใหม่"))
    error = refused(ForbiddenError, lambda: change(site, shown, STRANGER, name_th="ใหม่"))
    assert error.message_id == "auth.outside_scope"
    refused(NotFoundError, lambda: change(site, OTHER_ID, OFFICER, name_th="ใหม่"))
    refused(NotAuthenticatedError, lambda: create(site, PUBLIC))
    refused(ForbiddenError, lambda: create(site, planner))


def test_rights_reach_down_the_tree_of_agencies_by_every_path(site: Site):
    put_agencies(site, agency(1), agency(2, 1), agency(3, 2), agency(4), agency(5, 4, 2))
    held = user("head", Grant("officer", agency_id(1)))
    for number in (1, 2, 3, 5):
        item = create(site, held, agency_id=agency_id(number))
        assert change(site, item, held, name_th="แก้ไขได้").revision == 2
    foreign = create(site, SYSTEM, agency_id=agency_id(4))
    refused(NotFoundError, lambda: change(site, foreign, held, name_th="ไม่ได้"))
    refused(ForbiddenError, lambda: create(site, held, agency_id=agency_id(4)))
    refused(ForbiddenError, lambda: create(site, held))
    below = user("below", Grant("officer", agency_id(3)))
    refused(ForbiddenError, lambda: create(site, below, agency_id=agency_id(2)))


def test_agency_and_area_of_one_grant_must_both_hold(site: Site):
    put_agencies(site, agency(1), agency(2))
    both = user("both", Grant("officer", agency_id(1), "5701"))
    create(site, both, agency_id=agency_id(1), subdistrict_code="570103")
    for wrong in (
        {"agency_id": agency_id(1), "subdistrict_code": "570201"},
        {"agency_id": agency_id(2), "subdistrict_code": "570101"},
        {"agency_id": agency_id(1), "subdistrict_code": ..., "province_code": "57"},
    ):
        refused(ForbiddenError, lambda wrong=wrong: create(site, both, **wrong))
    either = user("either", Grant("officer", agency_id(1)), Grant("officer", area_code="5701"))
    create(site, either, agency_id=agency_id(2), subdistrict_code="570101")


def test_a_code_is_not_inside_an_area_whose_digits_only_stand_further_on(site: Site):
    refused(ForbiddenError, lambda: create(site, OFFICER, subdistrict_code="105701"))


def test_a_write_out_of_the_scope_is_undone_completely(site: Site):
    item = published(site)
    before = checksum(site.store)
    stored: list[str] = []

    def receipt(transaction: Any, _item: Item | None) -> None:
        stored.append("called")
        idempotency.put(transaction, "officer", "key", StoredAnswer("h", 200, {}, "{}"))

    context = by(OFFICER, receipt=receipt)
    patch = {"properties": {"subdistrict_code": "500101", "district_code": "5001",
                            "province_code": "50"}}  # fmt: skip
    refused(ForbiddenError, lambda: service_points.update(site, context, item.id, patch))
    whole = point(subdistrict_code="500101")
    refused(ForbiddenError, lambda: service_points.replace(site, context, item.id, whole))
    refused(ForbiddenError, lambda: service_points.create(site, context, whole))
    assert len(stored) == 3
    assert checksum(site.store) == before


def test_a_grant_that_moves_the_point_into_the_scope_is_not_enough(site: Site):
    item = published(site)
    whole = point(subdistrict_code="500101")
    refused(ForbiddenError, lambda: service_points.replace(site, by(STRANGER), item.id, whole))


# ----------------------------------------------------------------------------- receipts


def test_receipt_and_write_are_stored_together_or_not_at_all(site: Site):
    def keep(transaction: Any, item: Item | None) -> None:
        body = "" if item is None else item.text
        idempotency.put(transaction, "officer", f"k{len(keys)}", StoredAnswer("h", 200, {}, body))
        keys.append(body)

    def fail(_transaction: Any, _item: Item | None) -> None:
        raise ConflictError("store.integrity")

    keys: list[str] = []
    item = service_points.create(site, by(OFFICER, receipt=keep), point())
    before = checksum(site.store)
    failing = by(OFFICER, receipt=fail)
    for write in (
        lambda: service_points.create(site, failing, point()),
        lambda: service_points.update(site, failing, item.id, {"properties": {"name_th": "ใหม่"}}),
        lambda: service_points.take_action(site, failing, item.id, "submit"),
        lambda: service_points.delete(site, failing, item.id),
    ):
        refused(ConflictError, write)
        assert checksum(site.store) == before
    service_points.delete(site, by(OFFICER, receipt=keep), item.id)
    assert [bool(body) for body in keys] == [True, False]
    answer = site.store.read(lambda c: idempotency.find(c, "officer", "k0"))
    assert answer is not None
    assert answer.body == item.text


def test_the_same_key_a_second_time_undoes_the_second_write(site: Site):
    def keep(transaction: Any, _item: Item | None) -> None:
        idempotency.put(transaction, "officer", "same", StoredAnswer("h", 201, {}, ""))

    service_points.create(site, by(OFFICER, receipt=keep), point())
    before = checksum(site.store)
    refused(ConflictError, lambda: service_points.create(site, by(OFFICER, receipt=keep), point()))
    assert checksum(site.store) == before


# -------------------------------------------------------------------------- relatives


def test_unknown_agency_and_main_place_are_refused_with_their_pointer(site: Site):
    for name, message_id in (("agency_id", "unknown_agency"), ("parent_id", "unknown_parent")):
        error = refused(
            InvalidDocumentError, lambda name=name: create(site, **{name: str(uuid.uuid4())})
        )
        assert [p.message_id for p in error.problems] == [f"document.{message_id}"]
        assert error.problems[0].pointer == f"/properties/{name}"


def test_main_places_never_form_a_circle(site: Site):
    a = create(site)
    b = create(site, parent_id=a.id)
    c = create(site, parent_id=b.id)
    for item in (a, b, c):
        error = refused(InvalidDocumentError, lambda item=item: change(site, a, parent_id=item.id))
        assert error.problems[0].message_id == "document.parent_circle"
    own = point(id=ID, parent_id=ID)
    refused(InvalidDocumentError, lambda: service_points.create(site, by(OFFICER), own))


def test_a_branch_and_the_deletion_of_its_main_place_never_both_succeed(site: Site):
    for _ in range(6):
        main = create(site)
        start, done = threading.Barrier(2), []

        def attempt(action: Callable[[], object], start=start, done=done) -> None:
            start.wait()
            try:
                action()
                done.append("done")
            except ServicePointError:
                done.append("refused")

        threads = [
            threading.Thread(target=attempt, args=(action,))
            for action in (
                lambda main=main: service_points.delete(site, by(OFFICER), main.id),
                lambda main=main: create(site, COLLEAGUE, parent_id=main.id),
            )
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(done) == ["done", "refused"]


def test_a_client_may_bring_its_own_id_once(site: Site):
    assert create(site, id=ID).id == ID
    error = refused(ConflictError, lambda: create(site, id=ID))
    assert error.message_id == "document.id_exists"
    different = {"id": OTHER_ID}
    refused(InvalidDocumentError, lambda: service_points.update(site, by(OFFICER), ID, different))


def test_two_creations_of_one_id_at_the_same_time_make_one_point(site: Site):
    results: list[str] = []

    def attempt() -> None:
        try:
            create(site, id=ID)
            results.append("done")
        except ConflictError:
            results.append("refused")

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["done", "refused", "refused", "refused"]
    assert len(listed(site, SYSTEM)) == 1


# ---------------------------------------------------------------------------- deletion


def test_a_draft_is_deleted_by_its_officer_and_leaves_a_tombstone_for_insiders(site: Site):
    item = create(site)
    service_points.delete(site, by(OFFICER, reason="ซ้ำ"), item.id)
    for viewer in EVERYBODY:
        assert listed(site, viewer) == []
    assert feed(site, PUBLIC) == []
    last = feed(site, OFFICER)[-1]
    assert (last["operation"], last["document"], last["revision"]) == ("delete", None, 2)
    assert (last["reason"], last["public_effect"]) == ("ซ้ำ", "")


def feed(site: Site, viewer: Any) -> list[dict[str, Any]]:
    held = service_points.scopes(viewer, "points.read_working")
    query = FeedQuery("service-points", 0, 1000, held)
    return site.store.read(lambda c: read_feed(c, query).rows)


def test_a_published_point_is_deleted_by_those_with_that_right_in_the_scope(site: Site):
    item = published(site)
    error = refused(ForbiddenError, lambda: service_points.delete(site, by(OFFICER), item.id))
    assert error.message_id == "workflow.delete_published"
    elsewhere = user(
        "other", Grant("officer", area_code="57"), Grant("gis_officer", area_code="50")
    )
    refused(ForbiddenError, lambda: service_points.delete(site, by(elsewhere), item.id))
    service_points.delete(site, by(GIS), item.id)
    for viewer in EVERYBODY:
        assert listed(site, viewer) == []
        refused(NotFoundError, lambda viewer=viewer: service_points.get(site, viewer, item.id))
    assert [row["public_effect"] for row in feed(site, PUBLIC)] == ["upsert", "delete"]
    assert all(row["public_document"] is None for row in feed(site, PUBLIC)[-1:])


def test_an_id_can_be_used_again_and_its_revisions_go_on(site: Site):
    first = published(site, id=ID)
    service_points.delete(site, by(GIS), ID)
    again = create(site, id=ID)
    assert again.revision == first.revision + 2
    code = again.feature["properties"]["short_code"]
    assert code == first.feature["properties"]["short_code"]
    assert len({row["revision"] for row in feed(site, SYSTEM)}) == len(feed(site, SYSTEM))
    assert listed(site, PUBLIC) == []


def test_a_main_place_with_branches_stays(site: Site):
    main = create(site)
    branch = create(site, parent_id=main.id)
    error = refused(ConflictError, lambda: service_points.delete(site, by(OFFICER), main.id))
    assert error.message_id == "document.has_branches"
    assert error.params["id"] == branch.id
    service_points.delete(site, by(OFFICER), branch.id)
    service_points.delete(site, by(OFFICER), main.id)
