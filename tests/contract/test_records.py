# SPDX-License-Identifier: GPL-2.0-or-later
"""Records beside service points: rights, visibility, revisions, history, equal in both stores."""

from __future__ import annotations

import uuid
from dataclasses import replace

import orjson
import pytest

from geoapi import records
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    PreconditionFailedError,
    PreconditionRequiredError,
)
from geoapi.readers import reader_of
from geoapi.record_kind import RecordKind
from geoapi.record_kinds import KINDS
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.store import changes
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import JsonObject
from tests.contract.point_samples import (
    COLLEAGUE,
    OFFICER,
    REVIEWER,
    STRANGER,
    by,
    create,
    keep_user,
    published,
    user,
)

COPIES, DRAFTS, SERVICES = (KINDS[n] for n in ("copy-requirements", "drafts", "services"))
ASSIGNMENTS = KINDS["assignments"]
ADMIN = user("admin", Grant("admin"))
SERVICE = str(uuid.UUID(int=7))


def copy_of(point_id: str, **properties: object) -> JsonObject:
    defaults = {"point_id": point_id, "service_id": SERVICE, "document_type": "id_card"}
    return record(**{**defaults, "copy_class": "unknown", **properties})


def record(**properties: object) -> JsonObject:
    return {"type": "Feature", "geometry": None, "properties": properties}


@pytest.fixture
def catalogue(site: Site) -> None:
    """The service that the copies of these tests are about."""
    service = record(code="s-7", name_th="ย้ายที่อยู่") | {"id": SERVICE}
    records.create(site, by(ADMIN), SERVICES, service)


def seen(site: Site, viewer: Viewer, kind: RecordKind) -> list[JsonObject]:
    reader = reader_of(viewer, kind.collection)
    query = ItemQuery(kind.collection.source, limit=100, **vars(reader))
    return [orjson.loads(text)["properties"] for text in read_page(site.store, query).features]


@pytest.mark.usefixtures("catalogue")
def test_record_of_a_draft_is_seen_inside_the_scope_only(site: Site):
    point = create(site)
    made = records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    assert made.feature["properties"]["district_code"] == "5701"
    assert [len(seen(site, v, COPIES)) for v in (OFFICER, COLLEAGUE, REVIEWER)] == [1, 1, 1]
    for stranger in (PUBLIC, STRANGER):
        assert seen(site, stranger, COPIES) == []
        with pytest.raises(NotFoundError):
            records.get(site, stranger, COPIES, made.id)


@pytest.mark.usefixtures("catalogue")
def test_record_of_a_public_point_is_public_without_restricted_members(site: Site):
    point = published(site)
    made = records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    assert made.feature["properties"]["updated_by"] == OFFICER.user_id
    (shown,) = seen(site, PUBLIC, COPIES)
    assert shown["copy_class"] == "unknown"
    assert "updated_by" not in shown


@pytest.mark.usefixtures("catalogue")
def test_only_holders_of_the_right_write(site: Site):
    point = published(site)
    made = records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    patch = {"properties": {"copy_class": "required"}}
    with pytest.raises(NotAuthenticatedError):
        records.update(site, by(PUBLIC), COPIES, made.id, patch)
    for viewer in (STRANGER, REVIEWER):
        with pytest.raises(ForbiddenError):
            records.update(site, by(viewer), COPIES, made.id, patch)
        with pytest.raises(ForbiddenError):
            records.create(site, by(viewer), COPIES, copy_of(point.id, document_type="house_reg"))
    assert seen(site, PUBLIC, COPIES)[0]["copy_class"] == "unknown"
    assert len(seen(site, ADMIN, COPIES)) == 1


@pytest.mark.usefixtures("catalogue")
def test_write_needs_the_revision_that_was_seen(site: Site):
    point = published(site)
    made = records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    patch = {"properties": {"copy_class": "required"}}
    with pytest.raises(PreconditionRequiredError):
        records.update(site, by(OFFICER, if_match=None), COPIES, made.id, patch)
    records.update(site, by(OFFICER, if_match=(made.etag,)), COPIES, made.id, patch)
    with pytest.raises(PreconditionFailedError) as caught:
        records.update(site, by(OFFICER, if_match=(made.etag,)), COPIES, made.id, patch)
    assert caught.value.extra["current"]["properties"]["copy_class"] == "required"


@pytest.mark.usefixtures("catalogue")
def test_unknown_point_and_second_of_the_same_are_refused(site: Site):
    with pytest.raises(InvalidDocumentError):
        records.create(site, by(OFFICER), COPIES, copy_of(str(uuid.UUID(int=9))))
    point = published(site)
    records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    with pytest.raises(ConflictError):
        records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    assert len(seen(site, OFFICER, COPIES)) == 1


@pytest.mark.usefixtures("catalogue")
def test_history_and_tombstone_stay(site: Site):
    point = published(site)
    made = records.create(site, by(OFFICER), COPIES, copy_of(point.id))
    changed = records.update(
        site, by(OFFICER), COPIES, made.id, {"properties": {"copy_class": "not_required"}}
    )
    assert changed.revision == 2
    records.delete(site, by(OFFICER, reason="ไม่ใช้แล้ว"), COPIES, made.id)
    assert seen(site, OFFICER, COPIES) == seen(site, PUBLIC, COPIES) == []
    rows = site.store.read(lambda c: changes.read_history(c, "copy-requirements", made.id, ()))
    assert [(row["operation"], row["public_effect"]) for row in rows] == [
        ("create", "upsert"),
        ("update", "upsert"),
        ("delete", "delete"),
    ]
    again = copy_of(point.id) | {"id": made.id}
    assert records.create(site, by(OFFICER), COPIES, again).revision == 4


def test_draft_is_its_owners_alone(site: Site):
    point_id = str(uuid.uuid4())
    sent = record(point_id=point_id, fields={"name_th": ""}, owner_id=COLLEAGUE.user_id)
    made = records.create(site, by(OFFICER), DRAFTS, sent)
    assert made.feature["properties"]["owner_id"] == OFFICER.user_id
    assert len(seen(site, OFFICER, DRAFTS)) == 1
    everywhere = replace(ADMIN, grants=tuple(Grant(r) for r in ("admin", "supervisor", "officer")))
    for other in (COLLEAGUE, REVIEWER, everywhere, PUBLIC):
        assert seen(site, other, DRAFTS) == []
        with pytest.raises(NotFoundError):
            records.get(site, other, DRAFTS, made.id)
    with pytest.raises(NotFoundError):
        records.update(site, by(everywhere), DRAFTS, made.id, {"properties": {"fields": {}}})
    with pytest.raises(NotAuthenticatedError):
        records.create(site, by(PUBLIC), DRAFTS, sent)
    kept = site.store.read(lambda c: changes.read_history(c, "drafts", made.id, ()))
    assert kept == []


def test_assignment_is_seen_by_its_owner_and_by_who_assigns(site: Site):
    manager = user("manager", Grant("agency_admin", area_code="57"))
    elsewhere = user("elsewhere", Grant("agency_admin", area_code="50"))
    keep_user(site, OFFICER)
    place = {"name_th": "ที่ว่าการอำเภอแม่จัน", "province_code": "57"}
    sent = record(owner_id=OFFICER.user_id, state="assigned", **place)
    made = records.create(site, by(manager), ASSIGNMENTS, sent)
    for viewer in (manager, OFFICER):
        assert len(seen(site, viewer, ASSIGNMENTS)) == 1
    for viewer in (elsewhere, COLLEAGUE, PUBLIC, ADMIN):
        assert seen(site, viewer, ASSIGNMENTS) == []
    with pytest.raises(ForbiddenError):
        records.update(site, by(OFFICER), ASSIGNMENTS, made.id, {"properties": {"state": "x"}})
    with pytest.raises(ForbiddenError):
        records.create(site, by(elsewhere), ASSIGNMENTS, sent)


def test_read_only_members_are_the_servers(site: Site):
    with pytest.raises(InvalidDocumentError):
        records.create(
            site, by(ADMIN), SERVICES, record(code="a", name_th="ย้ายบ้าน", updated_by="me")
        )
    made = records.create(site, by(ADMIN), SERVICES, record(code="a", name_th="ย้ายบ้าน"))
    assert made.view == "published"
    (shown,) = seen(site, PUBLIC, SERVICES)
    assert shown["name_th"] == "ย้ายบ้าน"
    assert "updated_by" not in shown
