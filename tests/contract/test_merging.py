# SPDX-License-Identifier: GPL-2.0-or-later
"""Merging what a source says with what officers did: three documents, member by member."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from geoapi import service_points
from geoapi.importing.merging import Outcome, apply_members, merge_service_points, three_way
from geoapi.revisions import WriteContext
from geoapi.rights import PUBLIC, SYSTEM
from geoapi.site import Site
from geoapi.store.copy import checksum
from geoapi.store.imports import StagedRow
from geoapi.types import JsonObject
from tests.contract.point_samples import (
    OFFICER,
    act,
    by,
    change,
    create,
    listed,
    point,
)

RAW = (99.8598352052254, 20.134735734608)  # more digits than are kept


def source(number: int = 1, position: Any = RAW, **properties: Any) -> StagedRow:
    """Return a row of a source, without codes that a mapping would find."""
    said = {"official_id": f"A{number}", "website": "https://a.example"} | properties
    return StagedRow(number, f"official_id:A{number}", point(position, **said))


def merge(site: Site, *rows: StagedRow, target: str = "verified") -> Outcome:
    context = WriteContext(SYSTEM, reason="import x.csv")
    return site.store.write(lambda t: merge_service_points(t, context, rows, target))


def only(site: Site) -> JsonObject:
    (feature,) = listed(site, SYSTEM)
    return feature


def without_runs(site: Site) -> dict[str, Any]:
    return {name: total for name, total in checksum(site.store).items() if name != "import_run"}


def test_the_same_source_again_changes_nothing_at_all(site: Site):
    rows = [source(n, status="open") for n in range(1, 6)] + [source(9, position=None)]
    assert merge(site, *rows).counts() == {
        "created": 6, "changed": 0, "unchanged": 0, "conflicts": 0,
    }  # fmt: skip
    before = without_runs(site)
    assert merge(site, *rows).counts() == {
        "created": 0, "changed": 0, "unchanged": 6, "conflicts": 0,
    }  # fmt: skip
    assert without_runs(site) == before


@pytest.mark.parametrize("state", ["draft", "submitted", "verified"])
def test_new_points_are_in_the_wanted_state_and_unplaced_ones_unpinned(site: Site, state: str):
    merge(site, source(1), source(2, position=None), target=state)
    states = {
        f["properties"]["official_id"]: f["properties"]["state"] for f in listed(site, SYSTEM)
    }
    assert states == {"A1": state, "A2": "unpinned"}
    assert len(listed(site, PUBLIC)) == (1 if state == "verified" else 0)


def test_an_officers_correction_survives_the_same_source_without_a_conflict(site: Site):
    merge(site, source())
    item_id = only(site)["id"]
    change(site, item_id, SYSTEM, name_th="ชื่อที่ถูก", status="closed", position=(99.9, 20.1))
    outcome = merge(site, source())
    assert outcome.counts() == {"created": 0, "changed": 0, "unchanged": 1, "conflicts": 0}
    said = only(site)
    assert said["properties"]["name_th"] == "ชื่อที่ถูก"
    assert said["properties"]["status"] == "closed"
    assert said["geometry"]["coordinates"] == [99.9, 20.1]


def test_a_change_at_the_source_is_taken_over_where_nobody_touched_the_member(site: Site):
    merge(site, source())
    item_id = only(site)["id"]
    change(site, item_id, SYSTEM, name_th="ชื่อที่ถูก")
    moved = source(position=(99.9, 20.2), website="https://b.example", postal_code="57110")
    outcome = merge(site, moved)
    ((row_number, changed_id, members),) = outcome.changed
    assert (row_number, changed_id) == (1, item_id)
    assert set(members) == {"geometry", "website", "postal_code"}
    assert members["website"] == ("https://a.example", "https://b.example")
    assert outcome.conflicts == []
    said = only(site)
    assert said["properties"]["name_th"] == "ชื่อที่ถูก"
    assert said["geometry"]["coordinates"] == [99.9, 20.2]


def test_where_both_changed_the_stores_value_stays_and_is_reported_once(site: Site):
    merge(site, source())
    item_id = only(site)["id"]
    change(site, item_id, SYSTEM, name_th="ชื่อของเรา")
    outcome = merge(site, source(name_th="ชื่อของต้นทาง"))
    (conflict,) = outcome.conflicts
    assert (conflict.row_number, conflict.item_id, conflict.member) == (1, item_id, "name_th")
    assert (conflict.ours, conflict.theirs) == ("ชื่อของเรา", "ชื่อของต้นทาง")
    assert only(site)["properties"]["name_th"] == "ชื่อของเรา"
    assert merge(site, source(name_th="ชื่อของต้นทาง")).conflicts == []
    same = merge(site, source(name_th="ชื่อของเรา"))
    assert (same.conflicts, same.changed) == ([], [])


def test_a_point_made_by_hand_is_found_by_its_official_id_and_only_filled_up(site: Site):
    item = create(site, OFFICER, official_id="A1", name_th="ทำด้วยมือ", position=None)
    outcome = merge(site, source(name_th="จากต้นทาง"))
    assert outcome.created == []
    assert [c.member for c in outcome.conflicts] == ["name_th"]
    said = only(site)
    assert (said["id"], said["properties"]["name_th"]) == (item.id, "ทำด้วยมือ")
    assert said["properties"]["website"] == "https://a.example"
    assert said["geometry"] is not None
    assert said["properties"]["state"] == "draft"


def test_a_change_at_the_source_makes_a_verified_point_a_draft_and_leaves_the_public_one(
    site: Site,
):
    merge(site, source())
    merge(site, source(name_th="ชื่อใหม่จากต้นทาง"), target="submitted")
    assert only(site)["properties"]["state"] == "draft"
    (public,) = listed(site, PUBLIC)
    assert public["properties"]["name_th"] == "โรงพยาบาลห้วยชมภู"
    merge(site, source(2), source(name_th="ชื่อที่สาม"))
    assert {f["properties"]["name_th"] for f in listed(site, PUBLIC)} == {"โรงพยาบาลห้วยชมภู"}


def test_a_published_point_whose_position_the_source_takes_back_stays_published(site: Site):
    merge(site, source())
    merge(site, source(position=None))
    assert only(site)["properties"]["state"] == "unpinned"
    (public,) = listed(site, PUBLIC)
    assert public["geometry"] is not None
    item = change(site, public["id"], SYSTEM, position=(99.86, 20.13), move_reason="วัดใหม่")
    assert act(site, item, "submit", SYSTEM).revision == 4


def test_a_deleted_point_is_not_brought_back_and_news_of_it_are_reported(site: Site):
    merge(site, source(1), source(2))
    (gone,) = [f["id"] for f in listed(site, SYSTEM, equals=(("official_id", "A1"),))]
    service_points.delete(site, by(SYSTEM), gone)
    assert merge(site, source(1), source(2)).counts()["unchanged"] == 2
    outcome = merge(site, source(1, name_th="ยังอยู่"), source(2))
    assert [(c.item_id, c.member, c.theirs) for c in outcome.conflicts] == [(gone, "id", "ยังอยู่")]
    assert [f["properties"]["official_id"] for f in listed(site, SYSTEM)] == ["A2"]


def test_a_point_made_anew_for_a_deleted_one_is_found_by_its_official_id(site: Site):
    merge(site, source())
    service_points.delete(site, by(SYSTEM), only(site)["id"])
    again = create(site, official_id="A1")
    merge(site, source(postal_code="57110"))
    assert only(site)["id"] == again.id
    assert only(site)["properties"]["postal_code"] == "57110"


def test_revisions_of_an_id_that_the_source_brings_go_on_after_a_deletion(site: Site):
    item = create(site, id="11111111-1111-4111-8111-111111111111")
    service_points.delete(site, by(OFFICER), item.id)
    row = source()
    merge(site, replace(row, document={**row.document, "id": item.id}))
    assert only(site)["properties"]["revision"] == 3


def test_imported_points_have_different_short_codes_and_a_history(site: Site):
    merge(site, *(source(n) for n in range(1, 60)))
    codes = [f["properties"]["short_code"] for f in listed(site, SYSTEM)]
    assert len(set(codes)) == 59
    assert all(code.isascii() for code in codes)
    first = listed(site, SYSTEM)[0]
    assert first["properties"]["updated_by"] == "system"


def test_members_are_put_into_a_copy():
    old = {"geometry": None, "properties": {"a": 1, "b": 2}}
    new = apply_members(old, {"a": 3, "geometry": {"type": "Point"}})
    assert new == {"geometry": {"type": "Point"}, "properties": {"a": 3, "b": 2}}
    assert old == {"geometry": None, "properties": {"a": 1, "b": 2}}


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "taken", "conflicts"),
    [
        (1, 1, 1, {}, {}), (1, 1, 2, {"a": 2}, {}), (1, 2, 1, {}, {}), (1, 2, 2, {}, {}),
        (1, 2, 3, {}, {"a": (2, 3)}), (1, None, 1, {}, {}), (None, None, 2, {"a": 2}, {}),
        (..., 1, 2, {}, {"a": (1, 2)}), (..., None, 2, {"a": 2}, {}), (..., 1, 1, {}, {}),
    ],
)  # fmt: skip
def test_three_way_table(base: Any, ours: Any, theirs: Any, taken: Any, conflicts: Any):
    def of(value: Any) -> JsonObject:
        return {"geometry": None, "properties": {"a": value}}

    said = None if base is ... else of(base)
    assert three_way(said, of(ours), of(theirs)) == (taken, conflicts)
