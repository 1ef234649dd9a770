# SPDX-License-Identifier: GPL-2.0-or-later
"""Who sees which revision of a service point, who writes it where, what a deletion leaves."""

from __future__ import annotations

import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapi import document, revisions, service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    ServicePointError,
)
from geoapi.importing import merging
from geoapi.messages import known_message_ids
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, SYSTEM, Grant
from geoapi.site import Site
from geoapi.store import Store, changes, features, idempotency
from geoapi.store.changes import FeedQuery
from geoapi.store.copy import checksum
from geoapi.store.idempotency import StoredAnswer
from geoapi.types import BBox
from tests.contract.conftest import BACKENDS
from tests.contract.point_samples import (
    COLLEAGUE,
    EVERYBODY,
    EVERYWHERE,
    GIS,
    LAT,
    LON,
    OFFICER,
    REVIEWER,
    STRANGER,
    Clock,
    act,
    agency,
    agency_id,
    by,
    change,
    create,
    emptied,
    kept_store,
    listed,
    point,
    publish,
    published,
    put_agencies,
    site_of,
    user,
)

ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
HIDDEN = ("updated_by", "move_reason", "raw_coordinates", "return_reason", "issue_counts")


@pytest.fixture(scope="module", params=BACKENDS)
def kept(request: pytest.FixtureRequest) -> Iterator[Store]:
    """One store of each backend in turn for the whole file."""
    yield from kept_store(request)


@pytest.fixture
def site(kept: Store, tmp_path: Path) -> Site:
    return site_of(emptied(kept), tmp_path)


def refused(kind: type[ServicePointError], action: Callable[[], object]) -> ServicePointError:
    """Return the error of an action; its ids have their sentences."""
    with pytest.raises(kind) as caught:
        action()
    ids = {caught.value.message_id, *(p.message_id for p in caught.value.problems)}
    assert ids <= known_message_ids()
    return caught.value


def name_seen(site: Site, viewer: Any, item: Item) -> str:
    return service_points.get(site, viewer, item.id).feature["properties"]["name_th"]


# ---------------------------------------------------------------- published and working


def test_a_draft_is_unknown_to_the_public_and_to_officers_elsewhere(site: Site):
    item = create(site)
    for viewer in (PUBLIC, STRANGER):
        assert listed(site, viewer) == []
        error = refused(
            NotFoundError, lambda viewer=viewer: service_points.get(site, viewer, item.id)
        )
        assert error.message_id == "ogc.item_not_found"
    for viewer in (OFFICER, COLLEAGUE, REVIEWER, EVERYWHERE, SYSTEM):
        assert [f["id"] for f in listed(site, viewer)] == [item.id]


def test_edits_after_verification_are_seen_inside_the_scope_only(site: Site):
    item = published(site, name_th="ก่อนแก้ไข")
    change(site, item, name_th="หลังแก้ไข")
    for viewer in (OFFICER, COLLEAGUE, REVIEWER, GIS, EVERYWHERE, SYSTEM):
        assert name_seen(site, viewer, item) == "หลังแก้ไข"
        assert [f["properties"]["name_th"] for f in listed(site, viewer)] == ["หลังแก้ไข"]
    for viewer in (PUBLIC, STRANGER):
        assert name_seen(site, viewer, item) == "ก่อนแก้ไข"
        assert [f["properties"]["name_th"] for f in listed(site, viewer)] == ["ก่อนแก้ไข"]


def test_no_filter_search_box_or_sort_tells_the_public_of_a_working_value(site: Site):
    item = published(site, name_th="สถานีอนามัยเก่า", official_id="A1", name_en="Old place")
    other = published(site, name_th="โรงเรียนกลาง", official_id="M5", position=(LON + 1, LAT))
    change(
        site, item, name_th="อาคารลับ", name_en="Zz secret", official_id="Z9", status="closed",
        position=(LON + 0.3, LAT + 0.3), subdistrict_code="570201", district_code="5702",
        category="court", postal_code="57777", is_branch=True, parent_id=other.id,
        phones=[{"number": "+6653999888"}], move_reason="ย้าย",
    )  # fmt: skip
    there: BBox = (LON + 0.29, LAT + 0.29, LON + 0.31, LAT + 0.31)
    here: BBox = (LON - 0.01, LAT - 0.01, LON + 0.01, LAT + 0.01)
    working = [
        ("official_id", "Z9"), ("status", "closed"), ("subdistrict_code", "570201"),
        ("district_code", "5702"), ("category", "court"), ("postal_code", "57777"),
        ("is_branch", True), ("parent_id", other.id), ("state", "draft"), ("name_th", "อาคารลับ"),
    ]  # fmt: skip
    for viewer in (PUBLIC, STRANGER):
        for pair in working:
            assert listed(site, viewer, equals=(pair,)) == []
        for words in ("อาคารลับ", "secret", "zz", "อา", "z9", "+6653999888", "053999888"):
            assert listed(site, viewer, search=words) == []
        assert listed(site, viewer, bbox=there) == []
        assert [f["id"] for f in listed(site, viewer, bbox=here)] == [item.id]
        for column, wanted in (("official_id", [item.id, other.id]), ("name_sort_en", None)):
            ids = [f["id"] for f in listed(site, viewer, sort=((column, False),))]
            assert wanted is None or ids == wanted
            assert sorted(ids) == sorted([item.id, other.id])
        assert (
            listed(site, viewer, since=service_points.get(site, OFFICER, item.id).updated_at) == []
        )
    for pair in working:
        assert [f["id"] for f in listed(site, OFFICER, equals=(pair,))] == [item.id]
    assert [f["id"] for f in listed(site, OFFICER, search="อาคารลับ")] == [item.id]
    assert [f["id"] for f in listed(site, OFFICER, bbox=there)] == [item.id]


def test_restricted_and_unknown_members_never_reach_the_public(site: Site):
    secrets = {
        "raw_coordinates": "SECRET-raw", "move_reason": "SECRET-move", "own_notes": "SECRET-own",
        "phones": [{"number": "+6653150161", "owner": "SECRET-phone"}],
        "card_readers": {"installed": 2, "room": "SECRET-room"},
    }  # fmt: skip
    item = published(site, **secrets)
    act(site, change(site, item, **secrets, note_th="ใหม่"), "submit")
    act(site, item, "return", REVIEWER, "SECRET-return")
    feed = site.store.read(lambda c: changes.read_feed(c, FeedQuery("service-points", 0, 1000)))
    outside = [row["public_document"] for row in feed if not row["is_inside"]]
    seen = [service_points.get(site, PUBLIC, item.id).text, *outside]
    assert len(seen) == 2
    for text in seen:
        assert "SECRET" not in text
        assert not set(HIDDEN) & json.loads(text)["properties"].keys()
    properties = json.loads(seen[0])["properties"]
    assert properties["phones"] == [{"number": "+6653150161"}]
    assert properties["card_readers"] == {"installed": 2}
    assert service_points.get(site, OFFICER, item.id).feature["properties"]["own_notes"]


def test_unknown_members_survive_edits_unchanged(site: Site):
    own = {"own": {"nested": [1, 2.5, None, {"ก": "ข"}]}}
    item = create(site, **own)
    changed = change(site, item, name_th="ชื่อใหม่")
    assert changed.feature["properties"]["own"] == own["own"]


# --------------------------------------------------------- each point once, for everybody

AREAS = ("", "57", "5701", "570101", "50", "5001")
grants = st.lists(
    st.tuples(st.sampled_from(("officer", "supervisor", "planner", "executive")),
              st.sampled_from((0, 1, 2, 3)), st.sampled_from(AREAS)),
    max_size=3,
)  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(("publish", "move", "agency", "name")), st.integers(0, 3),
              st.sampled_from(("570101", "570202", "500101", "500202")), st.integers(1, 3)),
    max_size=8,
)  # fmt: skip


def run_steps(site: Site, todo: list[tuple[str, int, str, int]]) -> list[Item]:
    items = [
        create(site, SYSTEM, subdistrict_code=code)
        for code in ("570101", "570202", "500101", "500202")
    ]
    for kind, index, area, number in todo:
        item = items[index]
        if kind == "publish":
            if service_points.get(site, SYSTEM, item.id).feature["properties"]["state"] == "draft":
                act(site, item, "submit", SYSTEM)
                act(site, item, "verify", replace(SYSTEM, user_id="other"))
        elif kind == "move":
            change(site, item, SYSTEM, subdistrict_code=area, district_code=area[:4],
                   province_code=area[:2])  # fmt: skip
        elif kind == "agency":
            change(site, item, SYSTEM, agency_id=agency_id(number))
        else:
            change(site, item, SYSTEM, name_th=f"ชื่อ {number}")
    return items


@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(todo=steps, held=grants)
def test_every_viewer_sees_each_point_at_most_once_and_each_published_one_exactly_once(
    site: Site, todo: list[tuple[str, int, str, int]], held: list[tuple[str, int, str]]
):
    put_agencies(site, agency(1), agency(2, 1), agency(3, None, 1))
    mixed = user("mixed", *(Grant(r, agency_id(a) if a else "", area) for r, a, area in held))
    items = run_steps(site, todo)
    public = {f["id"] for f in listed(site, PUBLIC)}
    for viewer in (mixed, OFFICER, STRANGER, EVERYWHERE):
        times = Counter(f["id"] for f in listed(site, viewer))
        assert set(times.values()) <= {1}
        assert public <= set(times)
        for item in items:
            if item.id in times:
                assert service_points.get(site, viewer, item.id).id == item.id
    for item in items:
        service_points.delete(site, by(SYSTEM), item.id)
    assert listed(site, SYSTEM) == []


def test_a_published_point_that_moves_between_offices_stays_seen_once_by_both(site: Site):
    item = published(site)
    change(site, item, EVERYWHERE, subdistrict_code="500101", district_code="5001",
           province_code="50", name_th="ย้ายไปเชียงใหม่")  # fmt: skip
    assert [f["properties"]["name_th"] for f in listed(site, OFFICER)] == ["โรงพยาบาลห้วยชมภู"]
    assert [f["properties"]["name_th"] for f in listed(site, STRANGER)] == ["ย้ายไปเชียงใหม่"]


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
    return site.store.read(lambda c: changes.read_feed(c, query))


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


# -------------------------------------------------------------- the same in both stores


@pytest.mark.postgis
def test_both_stores_give_the_same_text_and_tags_for_the_same_writes(
    open_new: Callable[[str], Store], tmp_path: Path
):
    def story(backend: str) -> list[str]:
        site = site_of(open_new(backend), tmp_path / backend, Clock(step_ms=1))
        put_agencies(site, agency(1), agency(2, 1))
        context = by(OFFICER)
        said = [
            service_points.create(site, context, point(id=ID, name_en="Ā ß 'x' \"y\" \\ 😀")),
            service_points.create(site, context, point((0.1 + 99.2, 1e-7 + 19), id=OTHER_ID)),
            change(site, ID, accuracy_m=2.50, own=[1.0, 1e-7, None], agency_id=agency_id(2)),
        ]
        said.append(publish(site, said[0]))
        said.append(change(site, ID, position=(100.00000004, 20.00000006), move_reason="ก"))
        shown = [service_points.get(site, viewer, ID) for viewer in (PUBLIC, OFFICER)]
        texts = [f"{item.etag} {item.text} {item.updated_at} {item.view}" for item in said + shown]
        rows = site.store.read(
            lambda c: changes.read_feed(c, FeedQuery("service-points", 0, 99, SYSTEM_SCOPE))
        )
        return texts + [json.dumps(row, default=str) for row in rows]

    assert story("geopackage") == story("postgis")


SYSTEM_SCOPE = service_points.scopes(SYSTEM, "points.read_working")


def test_a_stored_text_is_the_document_with_its_tag(site: Site):
    item = create(site)
    assert item.feature["etag"] == f'"{item.etag}"'
    again = service_points.get(site, OFFICER, item.id)
    assert (again.text, again.etag, again.updated_at) == (item.text, item.etag, item.updated_at)


def test_json_that_no_store_can_keep_is_refused_before_it_is_tried(site: Site):
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    item = create(site)
    before = checksum(site.store)
    for own in (deep, "\0", "\ud800", {"a\0": 1}, float("nan"), float("inf"), 2**70):
        refused(InvalidDocumentError, lambda own=own: create(site, own=own))
        refused(InvalidDocumentError, lambda own=own: change(site, item, own=own))
    assert checksum(site.store) == before


def test_short_codes_of_two_points_differ_even_when_their_first_choice_is_the_same(
    site: Site, monkeypatch: pytest.MonkeyPatch
):
    def clumsy(item_id: str, attempt: int = 0) -> str:
        return f"CODE{attempt}"

    monkeypatch.setattr(revisions, "short_code", clumsy)
    codes = [create(site).feature["properties"]["short_code"] for _ in range(3)]
    assert codes == ["CODE0", "CODE1", "CODE2"]
    assert merging.short_code is not clumsy
    row = site.store.read(
        lambda c: features.id_with_value(c, "service_point", "short_code", "CODE2")
    )
    assert row is not None


def test_a_document_read_and_sent_back_whole_changes_nothing_but_the_revision(site: Site):
    item = published(site, phones=[{"number": "1111"}])
    again = service_points.replace(site, by(OFFICER), item.id, document_without_tag(item))
    server_set = {"revision", "updated_at", "updated_by", "state"}
    before, after = item.feature["properties"], again.feature["properties"]
    assert {k for k in after if after[k] != before.get(k)} == server_set
    assert after["verified_at"] == before["verified_at"]
    assert document.read_only_names() >= server_set


def document_without_tag(item: Item) -> dict[str, Any]:
    return {k: v for k, v in item.feature.items() if k != "etag"}
