# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts: private, incomplete, never lost, gone with the save, on both stores."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from geoapi import drafts, records, service_points
from geoapi.drafts import Typed
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
)
from geoapi.record_kinds import KINDS
from geoapi.rights import PUBLIC, SYSTEM, Grant, Viewer
from geoapi.site import Site
from geoapi.store import changes
from geoapi.store.query import ItemQuery, read_page
from tests.contract.point_samples import (
    COLLEAGUE,
    GIS,
    OFFICER,
    REVIEWER,
    STRANGER,
    by,
    create,
    refused,
    user,
)

ADMIN = user("admin", Grant("admin"))
AGENCY_ADMIN = user("agency-admin", Grant("agency_admin"))
OTHERS = (PUBLIC, COLLEAGUE, STRANGER, GIS, REVIEWER, ADMIN, AGENCY_ADMIN, SYSTEM)
KIND = KINDS["drafts"]


def typed(**values: str) -> Typed:
    return Typed(values, base="[]", etag="w1-abc", writer="one", sequence=1)


def keep(site: Site, point_id: str, kept: Typed, viewer: Viewer = OFFICER) -> drafts.Draft:
    return drafts.save(site, by(viewer), point_id, kept)


def test_whatever_was_typed_is_kept_right_or_wrong(site: Site):
    point = create(site)
    keep(site, point.id, typed(name_th="", lat="ยี่สิบ", website="not a link"))
    found = drafts.of_point(site, OFFICER, point.id)
    assert found is not None
    assert found.typed.values == {"name_th": "", "lat": "ยี่สิบ", "website": "not a link"}
    assert (found.typed.base, found.typed.etag) == ("[]", "w1-abc")
    assert service_points.get(site, OFFICER, point.id).revision == point.revision


@pytest.mark.parametrize("viewer", OTHERS, ids=lambda v: v.user_id or "public")
def test_nobody_else_reads_a_draft(site: Site, viewer: Viewer):
    point = create(site)
    made = keep(site, point.id, typed(name_th="ลับ"))
    assert drafts.of_point(site, viewer, point.id) is None
    assert drafts.mine(site, viewer) == []
    with pytest.raises(NotFoundError):
        records.get(site, viewer, KIND, made.id)
    query = ItemQuery(KIND.collection.source, owner_id=viewer.user_id, limit=10)
    assert read_page(site.store, query).features == []
    assert site.store.read(lambda c: changes.read_history(c, "drafts", made.id, ())) == []


def test_two_users_have_drafts_of_one_point(site: Site):
    point = create(site)
    for viewer, name in ((OFFICER, "ของฉัน"), (COLLEAGUE, "ของเพื่อน")):
        keep(site, point.id, typed(name_th=name), viewer)
    names = [drafts.of_point(site, v, point.id).name for v in (OFFICER, COLLEAGUE)]
    assert names == ["ของฉัน", "ของเพื่อน"]


def test_save_that_comes_late_does_not_undo_a_newer_one(site: Site):
    point = create(site)
    keep(site, point.id, replace(typed(name_th="ใหม่"), sequence=7))
    for late in (6, 7):
        keep(site, point.id, replace(typed(name_th="เก่า"), sequence=late))
    assert drafts.of_point(site, OFFICER, point.id).name == "ใหม่"


def test_another_window_overwrites_only_what_it_has_seen(site: Site):
    point = create(site)
    first = keep(site, point.id, typed(name_th="เครื่องแรก"))
    other = replace(typed(name_th="เครื่องที่สอง"), writer="two")
    refused(ConflictError, lambda: keep(site, point.id, other))
    assert drafts.of_point(site, OFFICER, point.id).name == "เครื่องแรก"
    keep(site, point.id, replace(other, seen=first.etag))
    assert drafts.of_point(site, OFFICER, point.id).name == "เครื่องที่สอง"
    refused(ConflictError, lambda: keep(site, point.id, replace(typed(name_th="x"), sequence=2)))


def test_draft_thrown_away_is_had_back_once(site: Site):
    point = create(site)
    keep(site, point.id, typed(name_th="ทิ้ง"))
    assert drafts.discard(site, by(OFFICER), point.id)
    assert drafts.of_point(site, OFFICER, point.id) is None
    assert drafts.mine(site, OFFICER) == []
    assert not drafts.restore(site, by(COLLEAGUE), point.id)
    assert drafts.restore(site, by(OFFICER), point.id)
    assert drafts.of_point(site, OFFICER, point.id).name == "ทิ้ง"


def test_save_of_the_point_takes_the_draft_with_it_or_neither(site: Site):
    point = create(site)
    keep(site, point.id, typed(name_th="ร่าง"))

    def forget(transaction, item):
        drafts.forget(transaction, by(OFFICER), point.id)

    patch = {"properties": {"name_th": "ร่าง"}}
    wrong = {"properties": {"parent_id": point.id}}
    with pytest.raises(InvalidDocumentError):
        service_points.update(site, by(OFFICER, receipt=forget), point.id, wrong)
    assert drafts.of_point(site, OFFICER, point.id) is not None
    service_points.update(site, by(OFFICER, receipt=forget), point.id, patch)
    assert drafts.any_of_point(site, OFFICER, point.id) is None
    site.store.write(lambda t: drafts.forget(t, by(OFFICER), point.id))  # once more: nothing to do


def test_draft_outlives_its_point_and_goes_to_another(site: Site):
    old, new = create(site), create(site)
    keep(site, old.id, typed(name_th="ย้ายไป"))
    service_points.delete(site, by(OFFICER), old.id)
    assert drafts.of_point(site, OFFICER, old.id).name == "ย้ายไป"
    drafts.take_over(site, by(OFFICER), old.id, typed(name_th="ย้ายไป"), new.id)
    assert drafts.any_of_point(site, OFFICER, old.id) is None
    assert drafts.of_point(site, OFFICER, new.id).name == "ย้ายไป"


def test_draft_of_the_successor_is_not_overwritten(site: Site):
    old, new = create(site), create(site)
    for point in (old, new):
        keep(site, point.id, typed(name_th=point.id))
    refused(
        ConflictError,
        lambda: drafts.take_over(site, by(OFFICER), old.id, typed(name_th="x"), new.id),
    )
    assert drafts.of_point(site, OFFICER, old.id).name == old.id
    assert drafts.of_point(site, OFFICER, new.id).name == new.id


def test_place_that_does_not_exist_yet_has_a_draft(site: Site):
    point_id = str(uuid.uuid4())
    keep(site, point_id, replace(typed(name_th="ใหม่"), is_new=True))
    (found,) = drafts.mine(site, OFFICER)
    assert (found.point_id, found.typed.is_new) == (point_id, True)


def test_old_drafts_are_neither_shown_nor_kept(site: Site):
    point, other = create(site), create(site)
    keep(site, point.id, typed(name_th="เก่า"))
    clock = site.clock
    clock.now += timedelta(days=drafts.KEPT_DAYS - 1)
    keep(site, other.id, typed(name_th="ใหม่"))
    assert len(drafts.mine(site, OFFICER)) == 2
    clock.now += timedelta(days=2)
    assert [draft.name for draft in drafts.mine(site, OFFICER)] == ["ใหม่"]
    assert drafts.of_point(site, OFFICER, point.id) is None
    assert drafts.purge(site) == 1
    assert drafts.purge(site) == 0


def test_what_can_not_be_a_draft_is_refused_in_words(site: Site):
    point = create(site)
    refused(InvalidDocumentError, lambda: keep(site, point.id, typed(name_th="ก" * 200_000)))
    refused(InvalidDocumentError, lambda: keep(site, "no-uuid", typed(name_th="x")))
    refused(InvalidDocumentError, lambda: keep(site, point.id, typed(name_th="a\0b")))
    refused(NotAuthenticatedError, lambda: keep(site, point.id, typed(), PUBLIC))
    refused(ForbiddenError, lambda: keep(site, point.id, typed(), REVIEWER))


def test_user_has_a_limited_number_of_drafts(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(drafts, "MOST_DRAFTS", 2)
    for _ in range(2):
        keep(site, str(uuid.uuid4()), typed(name_th="x"))
    refused(InvalidDocumentError, lambda: keep(site, str(uuid.uuid4()), typed(name_th="x")))
    keep(site, str(uuid.uuid4()), typed(name_th="x"), COLLEAGUE)
