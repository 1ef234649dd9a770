# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments: rights, states that follow the point, starting, taking over; in both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from geoapi import assignment_lists, records, service_points, take_over, tasks
from geoapi.assignment_work import Order, assign_points, start
from geoapi.assignments import KIND, is_overdue
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    ServicePointError,
)
from geoapi.record_kinds import KINDS
from geoapi.record_writing import documents
from geoapi.revisions import Item, WriteContext
from geoapi.rights import Grant, Viewer
from geoapi.site import Site
from geoapi.store import accounts, changes
from geoapi.store.assignments import Wanted
from geoapi.transitions import take_action
from geoapi.types import JsonObject, Scope
from tests.contract.ending_samples import merge
from tests.contract.point_samples import (
    COLLEAGUE,
    LAT,
    LON,
    OFFICER,
    REVIEWER,
    STRANGER,
    act,
    agency,
    agency_id,
    by,
    create,
    keep_user,
    point,
    put_agencies,
    refused,
    user,
)

MANAGER = user("manager", Grant("agency_admin", area_code="57"))
ELSEWHERE = user("elsewhere", Grant("agency_admin", area_code="50"))
NARROW = user("narrow", Grant("supervisor", area_code="5707"))
PLACE = {"name_th": "สำนักงานพัฒนาชุมชนอำเภอแม่จัน", "district_code": "5707"}


@pytest.fixture
def office(site: Site) -> Site:
    """A site whose people are users with their grants."""
    for person in (OFFICER, COLLEAGUE, STRANGER, MANAGER):
        keep_user(site, person)
    return site


def assign(site: Site, viewer: Viewer = MANAGER, **properties: object) -> Item:
    feature = {
        "type": "Feature",
        "geometry": None,
        "properties": {"state": "assigned", **properties},
    }
    return records.create(site, by(viewer), KIND, feature)


def now(site: Site, item_id: str) -> JsonObject:
    (found,) = site.store.read(lambda c: documents(c, KIND, id=item_id))
    return found["properties"]


def open_tasks(site: Site, viewer: Viewer) -> list[tuple[str, str]]:
    own, office = assignment_lists.open_tasks(site, viewer)
    return [
        (whose, task["properties"]["kind"])
        for whose, found in (("own", own), ("office", office))
        for task in found
    ]


def set_place(site: Site, point_id: str, viewer: Viewer = OFFICER) -> None:
    geometry = {"type": "Point", "coordinates": [LON, LAT]}
    service_points.update(site, by(viewer), point_id, {"geometry": geometry})


def disable(site: Site, viewer: Viewer) -> None:
    site.store.write(lambda t: accounts.update_user(t, viewer.user_id, disabled_at=t.now))


def test_r23_officer_starts_the_assigned_place_and_finds_name_and_type_filled_in(office: Site):
    made = assign(office, owner_id="officer", category="hospital", due_on="2026-12-01", **PLACE)
    (waiting,) = assignment_lists.open_for(office, OFFICER, 10)
    assert (waiting.id, waiting.state) == (made.id, "assigned")
    point_id = start(office, by(OFFICER), made.id)
    started = service_points.get(office, OFFICER, point_id).feature
    assert started["geometry"] is None
    assert started["properties"]["name_th"] == PLACE["name_th"]
    assert started["properties"]["category"] == "hospital"
    assert started["properties"]["state"] == "unpinned"
    assert started["properties"]["updated_by"] == "officer"
    assert now(office, made.id)["state"] == "accepted"
    revision = now(office, made.id)["revision"]
    assert start(office, by(OFFICER), made.id) == point_id
    assert now(office, made.id)["revision"] == revision


def test_f1_one_account_has_many_places_and_no_account_is_shared(office: Site):
    for number in range(5):
        assign(office, owner_id="officer", name_th=f"จุดที่ {number}", district_code="5707")
    assign(office, owner_id="colleague", name_th="จุดของเพื่อน", district_code="5707")
    assert len(assignment_lists.open_for(office, OFFICER, 100)) == 5
    assert len(assignment_lists.open_for(office, COLLEAGUE, 100)) == 1
    point_ids = [
        start(office, by(OFFICER), view.id)
        for view in assignment_lists.open_for(office, OFFICER, 100)
    ]
    assert len(set(point_ids)) == 5
    authors = {
        service_points.get(office, OFFICER, i).feature["properties"]["updated_by"]
        for i in point_ids
    }
    assert authors == {"officer"}


def test_state_follows_the_point_in_the_same_transaction(office: Site):
    made = assign(office, owner_id="officer", **PLACE)
    assert open_tasks(office, OFFICER) == [("own", "pin_place")]
    point_id = start(office, by(OFFICER), made.id)
    set_place(office, point_id)
    take_action(office, by(OFFICER), point_id, "submit")
    assert now(office, made.id)["state"] == "pinned"
    assert open_tasks(office, OFFICER) == []
    reviewing = by(REVIEWER, reason="ย้ายไปหน้าประตู")
    take_action(office, reviewing, point_id, "return")
    assert now(office, made.id)["state"] == "accepted"
    assert open_tasks(office, OFFICER) == [("own", "correct_point")]
    own, _ = assignment_lists.open_tasks(office, OFFICER)
    assert own[0]["properties"]["note"] == "ย้ายไปหน้าประตู"
    take_action(office, by(OFFICER), point_id, "submit")
    assert open_tasks(office, OFFICER) == []
    take_action(office, by(REVIEWER), point_id, "verify")
    assert now(office, made.id)["state"] == "verified"
    assert assignment_lists.open_for(office, OFFICER, 10) == []


def test_a_deleted_point_leaves_the_place_to_be_started_again(office: Site):
    made = assign(office, owner_id="officer", **PLACE)
    point_id = start(office, by(OFFICER), made.id)
    service_points.delete(office, by(OFFICER), point_id)
    left = now(office, made.id)
    assert (left["point_id"], left["name_th"]) == (None, PLACE["name_th"])
    assert start(office, by(OFFICER), made.id) != point_id


def test_rights_stand_in_the_queries(office: Site):
    made = assign(office, owner_id="officer", **PLACE)
    for viewer in (ELSEWHERE, STRANGER, COLLEAGUE):
        with pytest.raises(NotFoundError):
            records.get(office, viewer, KIND, made.id)
        assert assignment_lists.open_for(office, viewer, 10) == []
    assert assignment_lists.managed(office, ELSEWHERE, Wanted()).total == 0
    assert assignment_lists.managed(office, NARROW, Wanted()).total == 1
    with pytest.raises(NotFoundError):
        assignment_lists.one(office, ELSEWHERE, made.id)
    with pytest.raises(ForbiddenError):
        assignment_lists.managed(office, OFFICER, Wanted())
    with pytest.raises(ForbiddenError):
        assign(office, ELSEWHERE, **{**PLACE, "name_th": "อื่น"})
    for step in (start, take_over.take_over):
        with pytest.raises(NotFoundError):
            step(office, by(STRANGER, reason="x"), made.id)
    with pytest.raises(ForbiddenError):
        start(office, by(COLLEAGUE), made.id)
    with pytest.raises(NotFoundError):
        take_over.hand_over(office, by(ELSEWHERE, reason="x"), made.id, "officer")


def test_an_office_reaches_its_own_assignments_only(office: Site):
    put_agencies(office, agency(1), agency(2))
    own = user("own", Grant("agency_admin", agency_id=agency_id(1)))
    other = user("other", Grant("agency_admin", agency_id=agency_id(2)))
    made = assign(office, own, agency_id=agency_id(1), **PLACE)
    assert records.get(office, own, KIND, made.id).id == made.id
    with pytest.raises(NotFoundError):
        records.get(office, other, KIND, made.id)
    with pytest.raises(ForbiddenError):
        assign(office, other, agency_id=agency_id(1), **{**PLACE, "name_th": "อื่น"})


def test_officers_who_may_not_edit_there_are_refused(office: Site):
    for name in ("stranger", "nobody"):
        refused(InvalidDocumentError, lambda n=name: assign(office, owner_id=n, **PLACE))
    disable(office, OFFICER)
    refused(InvalidDocumentError, lambda: assign(office, owner_id="officer", **PLACE))
    refused(InvalidDocumentError, lambda: assign(office))
    refused(InvalidDocumentError, lambda: assign(office, agency_id=agency_id(9), **PLACE))


def test_a_place_is_assigned_once(office: Site):
    made = create(office, position=None)
    first = assign(office, point_id=made.id)
    refused(ConflictError, lambda: assign(office, point_id=made.id))
    assign(office, **PLACE)
    refused(ConflictError, lambda: assign(office, **PLACE))
    patch = {"properties": {"state": "cancelled"}}
    records.update(office, by(MANAGER), KIND, first.id, patch)
    assert now(office, first.id)["state"] == "cancelled"
    assign(office, point_id=made.id)


def test_clients_do_not_choose_the_state(office: Site):
    made = create(office, position=None)
    item = assign(office, point_id=made.id, state="verified")
    assert now(office, item.id)["state"] == "assigned"


def test_overdue_is_by_the_day_in_bangkok():
    late = {"due_on": "2026-11-23", "state": "assigned"}
    assert is_overdue(late, date(2026, 11, 24))
    assert not is_overdue(late, date(2026, 11, 23))
    for state in ("pinned", "verified", "cancelled", "handed_over"):
        assert not is_overdue({**late, "state": state}, date(2026, 11, 24))


def test_own_list_is_by_due_day_with_the_overdue_first(office: Site):
    for name, due_on in (("ก", None), ("ข", "2027-01-01"), ("ค", "2026-11-01")):
        assign(office, owner_id="officer", name_th=name * 3, district_code="5707", due_on=due_on)
    found = assignment_lists.open_for(office, OFFICER, 10)
    assert [view.properties["name_th"][0] for view in found] == ["ค", "ข", "ก"]
    assert [view.state for view in found] == ["overdue", "assigned", "assigned"]
    assert found[0].days_late == 21
    numbers = assignment_lists.managed(office, MANAGER, Wanted(states=("assigned",)))
    assert numbers.districts == {"5707": {"assigned": 3, "overdue": 1}}
    late = Wanted(states=("assigned",), overdue_on="2026-11-22")
    assert assignment_lists.managed(office, MANAGER, late).total == 1


def test_points_of_an_order_are_assigned_and_not_twice(office: Site):
    for number in range(3):
        create(office, position=None, name_th=f"จุดที่ {number}")
    create(office, position=None, name_th="อำเภออื่น", subdistrict_code="570701")
    order = Order(area_code="5701", owner_id="officer", due_on="2026-12-31", campaign="โครงการ")
    assert assign_points(office, by(MANAGER), order) == 3
    assert assign_points(office, by(MANAGER), order) == 0
    assert len(assignment_lists.open_for(office, OFFICER, 10)) == 3
    assert assign_points(office, by(ELSEWHERE), Order()) == 0
    with pytest.raises(ForbiddenError):
        assign_points(office, by(OFFICER), order)


def test_f8_point_of_a_predecessor_who_left_is_taken_over_at_once(office: Site):
    predecessor = user("predecessor", Grant("officer", area_code="57"))
    keep_user(office, predecessor)
    made = service_points.create(office, by(predecessor), point())
    asked = by(OFFICER, reason="รับงานต่อ")
    assert take_over.take_over_point(office, asked, made.id) == "asked"
    (waiting,) = assignment_lists.of_office(office, OFFICER, 10)
    assert waiting.properties["requested_by"] == "officer"
    disable(office, predecessor)
    assert take_over.take_over(office, asked, waiting.id) == "taken"
    (own,) = assignment_lists.open_for(office, OFFICER, 10)
    assert own.properties["point_id"] == made.id
    assert own.properties["predecessor_id"] == waiting.id
    assert now(office, waiting.id)["state"] == "handed_over"
    assert now(office, waiting.id)["successor_id"] == own.id
    history = office.store.read(
        lambda c: changes.read_history(c, "assignments", waiting.id, (Scope(),))
    )
    assert history[-1]["reason"] == "รับงานต่อ"


def test_take_over_from_a_colleague_at_work_waits_for_an_answer(office: Site):
    made = assign(office, owner_id="officer", **PLACE)
    refused(InvalidDocumentError, lambda: take_over.take_over(office, by(COLLEAGUE), made.id))
    asking = by(COLLEAGUE, reason="ย้ายงาน")
    assert take_over.take_over(office, asking, made.id) == "asked"
    assert ("office", "confirm_takeover") in open_tasks(office, MANAGER)
    for viewer, error in ((OFFICER, ForbiddenError), (ELSEWHERE, NotFoundError)):
        with pytest.raises(error):
            take_over.answer_request(office, by(viewer), made.id, accept=True)
    take_over.answer_request(office, by(MANAGER), made.id, accept=False)
    assert now(office, made.id)["owner_id"] == "officer"
    refused(
        ConflictError,
        lambda: take_over.answer_request(office, by(MANAGER), made.id, accept=True),
    )
    take_over.take_over(office, asking, made.id)
    take_over.answer_request(office, by(MANAGER), made.id, accept=True)
    assert [v.properties["name_th"] for v in assignment_lists.open_for(office, COLLEAGUE, 9)] == [
        PLACE["name_th"]
    ]
    assert assignment_lists.open_for(office, OFFICER, 9) == []
    assert open_tasks(office, COLLEAGUE) == [("own", "pin_place")]


def test_two_officers_take_over_at_once_and_one_of_them_wins(office: Site):
    leaver = user("leaver", Grant("officer", area_code="57"))
    keep_user(office, leaver)
    made = assign(office, owner_id="leaver", **PLACE)
    disable(office, leaver)

    def take(viewer: Viewer) -> str:
        try:
            return take_over.take_over(office, by(viewer, reason="รับต่อ"), made.id)
        except ServicePointError as error:
            return error.message_id

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(take, (OFFICER, COLLEAGUE)))
    assert outcomes == ["assignments.taken_by_another", "taken"]
    held = [len(assignment_lists.open_for(office, v, 9)) for v in (OFFICER, COLLEAGUE)]
    assert sorted(held) == [0, 1]


def test_everything_of_one_officer_is_handed_to_another(office: Site):
    for number in range(3):
        assign(office, owner_id="officer", name_th=f"จุดที่ {number}", district_code="5707")
    reason = by(MANAGER, reason="ย้ายไปจังหวัดอื่น")
    assert take_over.hand_over_all(office, reason, "officer", "colleague") == 3
    assert len(assignment_lists.open_for(office, COLLEAGUE, 9)) == 3
    assert assignment_lists.open_for(office, OFFICER, 9) == []
    assert take_over.hand_over_all(office, by(ELSEWHERE, reason="x"), "colleague", "officer") == 0
    for wrong in ("colleague", "stranger"):
        refused(
            InvalidDocumentError,
            lambda to=wrong: take_over.hand_over_all(office, reason, "colleague", to),
        )
    assert len(assignment_lists.open_for(office, COLLEAGUE, 9)) == 3


def test_offices_tasks_are_seen_inside_the_scope_and_move_with_the_point(office: Site):
    made = create(office)

    def ask(transaction: object) -> str:
        context = WriteContext(OFFICER)
        return tasks.open_task(transaction, context, kind="declare_copies", point_id=made.id)

    first = office.store.write(ask)
    assert office.store.write(ask) == first
    assert open_tasks(office, COLLEAGUE) == [("office", "declare_copies")]
    assert open_tasks(office, STRANGER) == []
    kind = KINDS["tasks"]
    assert records.get(office, COLLEAGUE, kind, first).revision == 1
    with pytest.raises(NotFoundError):
        records.get(office, STRANGER, kind, first)
    everywhere = user("everywhere", Grant("officer"))
    codes = {"province_code": "50", "district_code": "5001", "subdistrict_code": "500101"}
    service_points.update(office, by(everywhere), made.id, {"properties": codes})
    assert open_tasks(office, STRANGER) == [("office", "declare_copies")]
    assert open_tasks(office, COLLEAGUE) == []
    office.store.write(
        lambda t: tasks.close_task(
            t, WriteContext(OFFICER), kind="declare_copies", point_id=made.id
        )
    )
    assert open_tasks(office, STRANGER) == []


def test_after_a_merge_an_assignment_goes_on_with_the_successor(office: Site):
    kept, duplicate = create(office), create(office, name_th="จุดซ้ำ")
    made = assign(office, point_id=duplicate.id, owner_id="officer")
    asked = tasks.Task("declare_copies", point_id=duplicate.id)
    office.store.write(lambda t: tasks.ask(t, WriteContext(OFFICER), asked))
    merge(office, duplicate, kept)
    followed = now(office, made.id)
    assert followed["point_id"] == kept.id
    assert followed["name_th"] == kept.feature["properties"]["name_th"]
    assert ("office", "declare_copies") not in open_tasks(office, OFFICER)
    second = create(office, name_th="จุดซ้ำอีก")
    other = assign(office, point_id=second.id, owner_id="officer")
    merge(office, second, kept)
    assert now(office, other.id)["state"] == "cancelled"
    assert now(office, made.id)["state"] == "assigned"


def test_a_withdrawn_point_is_shown_to_whoever_assigns(office: Site):
    made = create(office)
    item = assign(office, point_id=made.id, owner_id="officer")
    act(office, made, "withdraw", OFFICER, "ไม่มีจริง")
    (seen,) = assignment_lists.managed(office, MANAGER, Wanted()).found
    assert (seen.id, seen.properties["point_state"]) == (item.id, "withdrawn")


def test_who_may_not_assign_there_does_not_learn_what_is_assigned(office: Site):
    made = create(office)
    assign(office, point_id=made.id)
    assign(office, **PLACE)
    for taken in ({"point_id": made.id}, PLACE):
        with pytest.raises(ForbiddenError):
            assign(office, ELSEWHERE, **taken)
        refused(ConflictError, lambda t=taken: assign(office, **t))
