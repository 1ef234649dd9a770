# SPDX-License-Identifier: GPL-2.0-or-later
"""The copy to the province: kept as made, sent once, received once; in both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from geoapi import reference_data, sent_reports
from geoapi.errors import ConflictError, ForbiddenError, NotAuthenticatedError, NotFoundError
from geoapi.managers import Actor
from geoapi.revisions import WriteContext
from geoapi.rights import PUBLIC, SYSTEM, Grant, Viewer
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.audit import EVENTS, read_audit
from geoapi.store.reports import UNSENT_KEPT_DAYS
from geoapi.store.tables import progress_report, progress_report_part
from tests.contract.point_samples import (
    Clock,
    agency,
    agency_id,
    emptied,
    put_agencies,
    refused,
    site_of,
    user,
)
from tests.contract.progress_samples import AREAS, area_document, fill

DISTRICT = user("district", Grant("supervisor", area_code="5707"))
PROVINCE = user("province", Grant("supervisor", area_code="57"))
SECOND = user("second", Grant("supervisor", area_code="57"))
ELSEWHERE = user("elsewhere", Grant("supervisor", area_code="50"))
OFFICE = user("office", Grant("agency_admin", agency_id(1), "57"))
EXECUTIVE = user("executive", Grant("executive", area_code="57"))


@pytest.fixture
def site(kept: Store, tmp_path: Path) -> Site:
    """A site with some places in two districts."""
    made = site_of(emptied(kept), tmp_path)
    put_agencies(made, agency(1), agency(2))
    areas = [area_document(code, parent) for code, parent in AREAS]
    made.store.write(lambda t: reference_data.put_areas(t, WriteContext(SYSTEM), areas))
    fill(made, [("draft", "", agency_id(n % 2 + 1), f"570{7 + n % 2}") for n in range(6)], [])
    return made


def make(site: Site, viewer: Viewer = DISTRICT, **inputs: str) -> str:
    return sent_reports.make(site, Actor(viewer), inputs)


def lists(site: Site, viewer: Viewer) -> tuple[list[str], list[str]]:
    own, sent = sent_reports.listed(site, viewer)
    return [made.id for made in own], [made.id for made in sent]


def sent(site: Site, viewer: Viewer = DISTRICT, **inputs: str) -> str:
    report_id = make(site, viewer, **inputs)
    sent_reports.send(site, Actor(viewer), report_id)
    return report_id


def test_r11_a_copy_goes_to_the_province_and_its_receipt_comes_back(site: Site):
    report_id = make(site)
    assert lists(site, DISTRICT) == ([report_id], [])
    assert lists(site, PROVINCE) == ([], [])
    assert sent_reports.show(site, DISTRICT, report_id).may_send
    sent_reports.send(site, Actor(DISTRICT), report_id)
    assert lists(site, PROVINCE) == ([], [report_id])
    found = sent_reports.show(site, PROVINCE, report_id)
    assert found.may_receive
    assert (found.province_code, found.report.total.places) == ("57", 3)
    sent_reports.receive(site, Actor(PROVINCE), report_id)
    for viewer in (DISTRICT, PROVINCE):
        found = sent_reports.show(site, viewer, report_id)
        assert found.received_at is not None
        assert (found.may_send, found.may_receive) == (False, False)
    audit = site.store.read(read_audit)
    assert [(row.event, row.actor_id, row.subject_id) for row in audit] == [
        ("report.receive", "province", report_id), ("report.send", "district", report_id),
        ("report.make", "district", report_id),
    ]  # fmt: skip
    assert {row.event for row in audit} <= set(EVENTS)


def test_what_was_sent_stays_as_it_was(site: Site):
    report_id = sent(site)
    before = sent_reports.show(site, PROVINCE, report_id).report
    fill(site, [], [])
    assert sent_reports.show(site, PROVINCE, report_id).report == before
    for column in ("document", "inputs", "made_by", "made_at", "id"):
        value = site.clock() if column == "made_at" else "{}"

        def change(t, name=column, new=value) -> None:
            t.connection.execute(update(progress_report).values({name: new}))

        refused(ConflictError, lambda change=change: site.store.write(change))
    assert sent_reports.show(site, PROVINCE, report_id).report == before


def test_nobody_sees_a_report_beyond_the_own_right(site: Site):
    report_id = sent(site, PROVINCE, province_code="57")
    for viewer in (DISTRICT, ELSEWHERE, OFFICE):
        assert lists(site, viewer) == ([], [])
        refused(NotFoundError, lambda v=viewer: sent_reports.show(site, v, report_id))
        action = refused(
            (NotFoundError, ForbiddenError),
            lambda v=viewer: sent_reports.receive(site, Actor(v), report_id),
        )
        assert action.message_id in ("progress.not_found", "auth.not_allowed")
    assert lists(site, EXECUTIVE)[1] == [report_id]
    for wrong in ("nobody", "a\0b"):
        refused(NotFoundError, lambda w=wrong: sent_reports.show(site, PROVINCE, w))
    refused(NotAuthenticatedError, lambda: sent_reports.listed(site, PUBLIC))


def test_every_part_must_be_inside_the_right(site: Site):
    two = user("two", Grant("supervisor", area_code="5707"), Grant("supervisor", area_code="5708"))
    report_id = sent(site, two)
    assert lists(site, two) == ([report_id], [])
    assert lists(site, DISTRICT) == ([], [])
    assert lists(site, PROVINCE) == ([], [report_id])
    lost = user("two", Grant("supervisor", area_code="5707"))
    assert lists(site, lost) == ([], [])


def test_what_is_not_sent_is_the_makers_alone(site: Site):
    report_id = make(site)
    for viewer in (PROVINCE, user("other", *DISTRICT.grants)):
        refused(NotFoundError, lambda v=viewer: sent_reports.show(site, v, report_id))
        refused(NotFoundError, lambda v=viewer: sent_reports.send(site, Actor(v), report_id))
    refused(ConflictError, lambda: sent_twice(site, report_id))


def sent_twice(site: Site, report_id: str) -> None:
    sent_reports.send(site, Actor(DISTRICT), report_id)
    sent_reports.send(site, Actor(DISTRICT), report_id)


def test_only_the_maker_with_the_right_sends(site: Site):
    report_id = make(site, EXECUTIVE)
    refused(ForbiddenError, lambda: sent_reports.send(site, Actor(EXECUTIVE), report_id))
    assert not sent_reports.show(site, EXECUTIVE, report_id).may_send
    of_district = sent(site)
    error = refused(ForbiddenError, lambda: sent_reports.send(site, Actor(PROVINCE), of_district))
    assert error.message_id == "progress.not_the_maker"


def test_only_a_supervisor_of_the_whole_province_receives_and_never_an_own_report(site: Site):
    report_id = sent(site)
    neighbour = user("neighbour", *DISTRICT.grants)
    error = refused(ForbiddenError, lambda: sent_reports.receive(site, Actor(neighbour), report_id))
    assert error.message_id == "progress.not_the_province"
    assert not sent_reports.show(site, neighbour, report_id).may_receive
    refused(ForbiddenError, lambda: sent_reports.receive(site, Actor(EXECUTIVE), report_id))
    own = sent(site, PROVINCE)
    error = refused(ForbiddenError, lambda: sent_reports.receive(site, Actor(PROVINCE), own))
    assert error.message_id == "progress.own_report"
    sent_reports.receive(site, Actor(SECOND), own)


def test_a_report_of_several_provinces_is_sent_to_none(site: Site):
    everywhere = user("everywhere", Grant("supervisor"))
    report_id = make(site, everywhere)
    assert not sent_reports.show(site, everywhere, report_id).may_send
    error = refused(ConflictError, lambda: sent_reports.send(site, Actor(everywhere), report_id))
    assert error.message_id == "progress.no_province"


def test_one_of_many_who_receive_at_once_is_the_one(site: Site):
    report_id = sent(site)
    people = [user(f"p{n}", *PROVINCE.grants) for n in range(6)]

    def receive(viewer: Viewer) -> bool:
        try:
            sent_reports.receive(site, Actor(viewer), report_id)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(receive, people)) == [False] * 5 + [True]


def test_what_was_never_sent_is_forgotten_and_what_was_sent_is_not(site: Site):
    clock = site.clock
    assert isinstance(clock, Clock)
    kept_id, dropped_id = sent(site), make(site)
    others = make(site, OFFICE)
    clock.step *= 86_400 * (UNSENT_KEPT_DAYS + 1)
    newest = make(site)
    assert set(lists(site, DISTRICT)[0]) == {kept_id, newest}
    assert lists(site, OFFICE)[0] == [others]
    with site.store.reading.connect() as connection:
        parts = connection.execute(
            select(func.count()).where(progress_report_part.c.report_id == dropped_id)
        )
        assert parts.scalar_one() == 0


def test_stored_reports_hold_no_person(site: Site):
    sent(site)
    with site.store.reading.connect() as connection:
        documents = connection.execute(select(progress_report.c.document)).scalars().all()
    assert documents
    for text in documents:
        assert "district" in text
        assert "somchai" not in text
        assert f'"{DISTRICT.user_id}"' not in text
