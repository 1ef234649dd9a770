# SPDX-License-Identifier: GPL-2.0-or-later
"""Services at points and the copies they ask for: badge, law, plans, visibility, in both stores."""

from __future__ import annotations

import uuid
from functools import partial

import pytest

from geoapi import records, service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
)
from geoapi.rights import PUBLIC, Grant
from geoapi.site import Site
from geoapi.store import changes
from tests.contract.point_samples import (
    GIS,
    OFFICER,
    REVIEWER,
    STRANGER,
    by,
    change,
    create,
    publish,
    published,
    refused,
    user,
)
from tests.contract.service_samples import (
    ADMIN,
    COPIES,
    HOUSE,
    ID_CARD,
    OFFERS,
    SERVICES,
    TASKS,
    agency,
    copy_row,
    declare,
    load_law,
    offer,
    public_rows,
    record,
    rows,
    said,
    service,
)


def test_a_service_that_is_offered_has_unknown_rows_with_the_guides_counts(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    made = {r["properties"]["document_type"]: r["properties"] for r in rows(site, COPIES)}
    assert made.keys() == {"id_card", "house_reg"}
    assert [made[k]["copy_class"] for k in ("id_card", "house_reg")] == ["unknown", "unknown"]
    assert [made[k]["guide_copies"] for k in ("id_card", "house_reg")] == [0, 1]
    assert made["id_card"]["district_code"] == "5701"
    assert made["id_card"]["declared_at"] is None
    assert said(site, point)["copy_badge"] == "unknown"


def test_badge_and_summary_follow_in_both_views_without_a_review(site: Site):
    point, moving = published(site), service(site)
    before = said(site, point, OFFICER)
    offer(site, point, moving)
    declare(site, point, "id_card", copy_class="not_required")
    assert said(site, point, PUBLIC)["copy_badge"] == "unknown"  # never hidden by a good neighbour
    declare(site, point, "house_reg", copy_class="office_copies_free")
    for viewer in (PUBLIC, OFFICER):
        now = said(site, point, viewer)
        assert now["copy_badge"] == "office_copies_free"
        assert [entry["code"] for entry in now["services"]] == ["s-1"]
        assert now["services"][0]["copy_badge"] == "office_copies_free"
        assert now["state"] == "verified"
    assert now["updated_by"] == before["updated_by"]
    history = site.store.read(lambda c: changes.read_history(c, "service-points", point.id, ()))
    assert {(e["operation"], e["public_effect"]) for e in history[-2:]} == {("derive", "upsert")}
    # whoever verified may go on reviewing: deriving made nobody an editor
    again = change(site, point, name_en="Huai Chomphu Hospital")
    assert again.feature["properties"]["copy_badge"] == "office_copies_free"


def test_a_derived_revision_goes_on_counting_and_changes_the_entity_tag(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    first = service_points.get(site, PUBLIC, point.id)
    declare(site, point, "id_card", copy_class="required", reason_th="ระบบล่ม")
    second = service_points.get(site, PUBLIC, point.id)
    assert second.revision == first.revision + 1
    assert second.etag != first.etag
    declare(site, point, "id_card", evidence="หนังสือเวียน")  # changes no badge
    assert service_points.get(site, PUBLIC, point.id).etag == second.etag


def test_rows_of_an_unpublished_point_are_not_public_and_follow_it(site: Site):
    point, moving = create(site), service(site)
    offer(site, point, moving)
    declare(site, point, "id_card", copy_class="required", reason_th="ยังไม่มีเครื่องอ่าน")
    assert public_rows(site, COPIES) == public_rows(site, OFFERS) == []
    publish(site, point)
    (shown,) = public_rows(site, COPIES, document_type="id_card")
    assert shown["properties"]["copy_class"] == "required"
    assert len(public_rows(site, OFFERS)) == 1
    assert {"declared_by", "updated_by", "evidence"}.isdisjoint(shown["properties"])
    assert said(site, point, PUBLIC)["copy_badge"] == "required"


def test_rows_go_with_their_point(site: Site):
    point, moving = create(site), service(site)
    offer(site, point, moving)
    service_points.delete(site, by(OFFICER), point.id)
    assert rows(site, COPIES) == rows(site, OFFERS) == []


def test_rows_move_with_their_point_to_other_rights(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    moved = {"properties": {"subdistrict_code": "570701", "district_code": "5707"}}
    service_points.update(site, by(GIS), point.id, moved)
    row = copy_row(site, point, "id_card")
    assert row["properties"]["district_code"] == "5707"
    inside = user("inside", Grant("officer", area_code="5707"))
    outside = user("outside", Grant("officer", area_code="5701"))
    patch = {"properties": {"copies": 1}}
    records.update(site, by(inside), COPIES, row["id"], patch)
    refused(ForbiddenError, partial(records.update, site, by(outside), COPIES, row["id"], patch))


def test_only_holders_of_the_points_right_declare(site: Site):
    point, moving, other = published(site), service(site), service(site, "s-2")
    offer(site, point, moving)
    row = copy_row(site, point, "id_card")
    patch = {"properties": {"copy_class": "not_required"}}
    for viewer, kind in (
        (PUBLIC, NotAuthenticatedError),
        (STRANGER, ForbiddenError),
        (REVIEWER, ForbiddenError),
    ):
        refused(kind, partial(records.update, site, by(viewer), COPIES, row["id"], patch))
        refused(kind, partial(offer, site, point, other, viewer))
    assert copy_row(site, point, "id_card")["properties"]["copy_class"] == "unknown"


def test_a_declaration_names_its_day_and_officers_see_by_whom(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    first = declare(site, point, "id_card", copy_class="not_required", verify_method="card_reader")
    assert first["declared_by"] == OFFICER.user_id
    (shown,) = public_rows(site, COPIES, document_type="id_card")
    assert shown["properties"]["declared_at"] == first["declared_at"]
    again = declare(site, point, "id_card", GIS, note_th="ไม่เปลี่ยนการแจ้ง")
    assert (again["declared_by"], again["declared_at"]) == ("officer", first["declared_at"])
    assert declare(site, point, "id_card", copy_class="unknown")["declared_at"] is None


@pytest.mark.parametrize(
    ("value", "message_id"),
    [
        ("2026-11-21", "copies.plan_in_past"),
        ("2570-03-31", "copies.plan_buddhist"),
        ("2017-12-31", "copies.plan_out_of_range"),
        ("2200-01-01", "copies.plan_out_of_range"),
        ("2027-02-30", "document.format"),
    ],
)
def test_plans_that_cannot_be_are_refused_in_clear_words(site: Site, value: str, message_id: str):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    error = refused(InvalidDocumentError, partial(declare, site, point, "id_card", plan_on=value))
    assert [(p.message_id, p.pointer) for p in error.problems] == [
        (message_id, "/properties/plan_on")
    ]
    if message_id == "copies.plan_buddhist":
        assert error.problems[0].params["wanted"] == "2027-03-31"


def test_a_plan_that_has_passed_may_stay(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    declare(site, point, "id_card", copy_class="required", reason_th="x", plan_on="2026-11-22")
    site.store.clock.now = site.store.clock.now.replace(year=2027)
    kept = declare(site, point, "id_card", reason_th="ยังไม่เสร็จ")
    assert kept["plan_on"] == "2026-11-22"


def test_a_charge_is_refused_where_the_law_of_the_agency_forbids_it(site: Site):
    load_law(site)
    office = agency(site, "district_office")
    point, moving = published(site, agency_id=office), service(site)
    offer(site, point, moving)
    error = refused(
        InvalidDocumentError,
        partial(
            declare, site, point, "id_card",
            copy_class="required", reason_th="x", is_charged=True, fee_baht=5,
        ),
    )  # fmt: skip
    (problem,) = error.problems
    assert problem.message_id == "copies.charge_forbidden"
    assert problem.params["code"] == "ncpo-21-2560"
    assert "21/2560" in problem.params["instrument"]


def test_a_charge_outside_every_instrument_is_reported_not_unlawful(site: Site):
    load_law(site)
    court = agency(site, "independent_body", "court")
    point, moving = published(site, agency_id=court), service(site)
    offer(site, point, moving)
    row = declare(
        site, point, "id_card", copy_class="required", reason_th="x", is_charged=True, fee_baht=5
    )
    assert row["charge_status"] == "reported"
    for wrong in ({"copy_class": "not_required"}, {"copy_class": "office_copies_free"}):
        error = refused(InvalidDocumentError, partial(declare, site, point, "id_card", **wrong))
        assert error.problems[0].message_id == "copies.charge_contradicts"
    error = refused(
        InvalidDocumentError, partial(declare, site, point, "id_card", is_charged=False)
    )
    assert error.problems[0].message_id == "copies.fee_without_charge"


def test_law_is_loaded_once_and_corrections_stay(site: Site):
    assert load_law(site) == 2
    assert load_law(site) == 0


def test_a_point_that_can_look_it_up_must_explain_why_it_asks(site: Site):
    readers = {"installed": 2, "working": 1}
    point = published(site, card_readers=readers, civil_registry_link="live")
    offer(site, point, service(site))
    asks = partial(declare, site, point, "id_card", copy_class="required")
    error = refused(InvalidDocumentError, asks)
    assert error.problems[0].message_id == "copies.explain_required"
    assert asks(reason_th="เครื่องอ่านเสียบ่อย")["copy_class"] == "required"


def test_rows_are_one_of_a_meaning_and_stay_what_they_are_about(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    refused(ConflictError, partial(offer, site, point, moving))
    twice = record(point_id=point.id, service_id=moving.id, document_type="id_card")
    refused(ConflictError, partial(records.create, site, by(OFFICER), COPIES, twice))
    row_id, patch = copy_row(site, point, "id_card")["id"], {"document_type": "photo"}
    changing = partial(records.update, site, by(OFFICER), COPIES, row_id, {"properties": patch})
    refused(InvalidDocumentError, changing)
    unknown = record(point_id=point.id, service_id=str(uuid.uuid4()))
    refused(InvalidDocumentError, partial(records.create, site, by(OFFICER), OFFERS, unknown))


def test_a_service_taken_back_counts_no_more(site: Site):
    point, one, two = published(site), service(site), service(site, "s-2", documents=[ID_CARD])
    offer(site, point, one)
    row = offer(site, point, two)
    mine = copy_row(site, point, "id_card", two)
    records.update(
        site, by(OFFICER), COPIES, mine["id"], {"properties": {"copy_class": "not_required"}}
    )
    assert said(site, point)["copy_badge"] == "unknown"
    first = rows(site, OFFERS, service_id=one.id)[0]
    patch = {"properties": {"is_offered": False}}
    records.update(site, by(OFFICER), OFFERS, first["id"], patch)
    assert said(site, point)["copy_badge"] == "not_required"
    records.delete(site, by(OFFICER), OFFERS, row.id)
    assert rows(site, COPIES, service_id=two.id) == []
    assert said(site, point)["services"] == []


def test_a_new_document_of_a_service_asks_every_point_that_offers_it(site: Site):
    point, moving = published(site), service(site, documents=[ID_CARD])
    offer(site, point, moving)
    declare(site, point, "id_card", copy_class="not_required")
    assert said(site, point)["copy_badge"] == "not_required"
    assert rows(site, TASKS) == []
    patch = {"properties": {"documents": [ID_CARD, HOUSE]}}
    records.update(site, by(ADMIN), SERVICES, moving.id, patch)
    assert copy_row(site, point, "house_reg")["properties"]["copy_class"] == "unknown"
    assert said(site, point)["copy_badge"] == "unknown"
    (task,) = rows(site, TASKS)
    assert (task["properties"]["kind"], task["properties"]["state"]) == ("declare_copies", "open")
    declare(site, point, "house_reg", copy_class="not_required")
    assert rows(site, TASKS)[0]["properties"]["state"] == "done"


def test_a_renamed_service_is_renamed_at_its_points_and_cannot_be_deleted(site: Site):
    point, moving = published(site), service(site)
    offer(site, point, moving)
    records.update(site, by(ADMIN), SERVICES, moving.id, {"properties": {"name_th": "ย้ายบ้าน"}})
    assert said(site, point, PUBLIC)["services"][0]["name_th"] == "ย้ายบ้าน"
    refused(ConflictError, partial(records.delete, site, by(ADMIN), SERVICES, moving.id))
    records.update(site, by(ADMIN), SERVICES, moving.id, {"properties": {"review_state": "draft"}})
    assert said(site, point, PUBLIC)["services"] == []


def test_services_belong_to_their_agency(site: Site):
    owner, other = agency(site, "department", "owner"), agency(site, "department", "other")
    manager = user("manager", Grant("agency_admin", agency_id=owner))
    mine = service(site, viewer=manager, agency_id=owner)
    refused(ForbiddenError, partial(service, site, "s-2", manager, agency_id=other))
    stranger = user("stranger", Grant("agency_admin", agency_id=other))
    patch = {"properties": {"name_th": "ของฉัน"}}
    refused(ForbiddenError, partial(records.update, site, by(stranger), SERVICES, mine.id, patch))
    refused(ForbiddenError, partial(service, site, "s-3", OFFICER))
    refused(ConflictError, partial(service, site, "s-1"))


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (
            {"steps": [{"no": 1, "name_th": "ก"}, {"no": 1, "name_th": "ข"}]},
            "/properties/steps/1/no",
        ),
        (
            {"fees": [{"item_th": "ก", "amount_baht": 5, "percent": 2}]},
            "/properties/fees/0/percent",
        ),
        ({"agency_id": str(uuid.UUID(int=1))}, "/properties/agency_id"),
        ({"audience": ["martian"]}, "/properties/audience/0"),
        ({"documents": [{"document_type": "id_card"}]}, "/properties/documents/0/name_th"),
    ],
)
def test_services_that_contradict_themselves_are_refused(site: Site, wrong: dict, pointer: str):
    error = refused(InvalidDocumentError, partial(service, site, **wrong))
    assert pointer in {problem.pointer for problem in error.problems}
