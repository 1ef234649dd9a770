# SPDX-License-Identifier: GPL-2.0-or-later
"""Duplicates merged: one is left, the others lead to it, and nothing of their history is lost."""

from __future__ import annotations

import itertools
import threading

from geoapi import endings, service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    PreconditionFailedError,
    ServicePointError,
)
from geoapi.rights import PUBLIC, Grant, Viewer
from geoapi.site import Site
from geoapi.transitions import Asked
from tests.contract.ending_samples import (
    GIS_ELSEWHERE,
    NOBODY,
    WHY,
    merge,
    move,
    now,
    operations,
    said,
    unchanged,
)
from tests.contract.point_samples import (
    GIS,
    OFFICER,
    REVIEWER,
    act,
    by,
    change,
    create,
    listed,
    publish,
    published,
    refused,
    user,
)


def test_f2_duplicates_are_merged_until_one_is_left_and_nothing_is_lost(site: Site):
    left = published(site, name_th="อบต. ที่ถูกต้อง")
    duplicates = [published(site), create(site), create(site, position=None)]
    act(site, duplicates[1], "submit")
    for item in duplicates:
        for viewer in (OFFICER, REVIEWER):
            unchanged(site, ForbiddenError, lambda i=item, v=viewer: merge(site, i, left, v))
        merged = merge(site, item, left)
        assert (said(merged)["state"], said(merged)["successor_id"]) == ("merged", left.id)
    assert [feature["id"] for feature in listed(site, PUBLIC)] == [left.id]
    for item in duplicates:
        found = endings.public_successor(site, said(item)["short_code"], "short_code")
        assert found is not None
        assert found["id"] == left.id
        assert operations(site, item)[-1] == "merge"
        assert operations(site, item)[0] == "create"
    assert operations(site, left) == ["create", "submit", "verify"]
    assert site.store.read(lambda c: endings.predecessors(c, left.id)) == sorted(
        (i.id for i in duplicates), key=[d.id for d in duplicates].index
    )


def test_a_chain_of_merges_is_followed_to_its_end(site: Site):
    chain = [published(site) for _ in range(4)]
    for item, following in itertools.pairwise(chain):
        merge(site, item, following)
    for item in chain[:-1]:
        found = endings.public_successor(site, item.id)
        assert found is not None
        assert found["id"] == chain[-1].id
    assert endings.public_successor(site, chain[-1].id) is None
    act(site, chain[-1], "withdraw", GIS, WHY)
    assert endings.public_successor(site, chain[0].id) is None


def test_successors_that_cannot_be(site: Site):
    item, other, ended = published(site), published(site), published(site)
    merge(site, ended, other)
    withdrawn = act(site, create(site), "withdraw", OFFICER, WHY)
    closed = act(site, published(site), "close", GIS, WHY)
    for successor, message_id in (
        (item.id, "workflow.successor_itself"),
        (NOBODY, "workflow.successor_unknown"),
        (ended.id, "workflow.successor_merged"),
        (withdrawn.id, "workflow.successor_ended"),
        (closed.id, "workflow.successor_ended"),
    ):
        for take in (merge, move):
            error = unchanged(
                site, InvalidDocumentError, lambda t=take, s=successor: t(site, item, s)
            )
            assert error.message_id == message_id
            assert error.problems[0].pointer == "/successor_id"
    for action in ("close", "withdraw"):
        error = unchanged(
            site,
            InvalidDocumentError,
            lambda a=action: act(site, item, a, GIS, WHY, Asked(other.id)),
        )
        assert error.message_id == "workflow.successor_not_wanted"
    # circular: what was merged into a point can't be its successor
    merge(site, item, other)
    error = unchanged(site, InvalidDocumentError, lambda: merge(site, other, item))
    assert error.message_id == "workflow.successor_merged"


def test_a_merge_needs_its_right_over_both_points(site: Site):
    here = create(site)
    there = create(site, user("x", Grant("officer")), subdistrict_code="500101")
    seen_elsewhere = user("y", Grant("gis_officer", area_code="57"), Grant("planner"))
    error = unchanged(site, ForbiddenError, lambda: merge(site, here, there, seen_elsewhere))
    assert error.message_id == "workflow.successor_outside_scope"
    error = unchanged(site, InvalidDocumentError, lambda: merge(site, here, there, GIS))
    assert error.message_id == "workflow.successor_unknown"
    refused(NotFoundError, lambda: merge(site, here, there, GIS_ELSEWHERE))
    both = user("z", Grant("gis_officer", area_code="57"), Grant("agency_admin", area_code="50"))
    merge(site, here, there, both)


def test_a_public_point_is_not_merged_into_one_that_nobody_sees(site: Site):
    item, hidden = published(site), create(site)
    error = unchanged(site, ConflictError, lambda: merge(site, item, hidden))
    assert error.message_id == "workflow.successor_not_public"
    publish(site, hidden)
    merge(site, item, hidden)


def test_branches_hang_under_the_successor_each_with_history(site: Site):
    main, left = published(site), published(site)
    public_branch = published(site, parent_id=main.id, is_branch=True)
    in_work = change(site, published(site, parent_id=main.id), name_th="กำลังแก้")
    draft_branch = create(site, parent_id=main.id)
    elsewhere = create(
        site, user("e", Grant("officer")), parent_id=main.id, subdistrict_code="500101"
    )
    branches = (public_branch, in_work, draft_branch, elsewhere)
    error = unchanged(site, ConflictError, lambda: merge(site, main, public_branch))
    assert error.message_id == "workflow.successor_is_branch"
    everywhere = user("all", Grant("planner"))
    before = {item.id: now(site, item, everywhere) for item in branches}
    merge(site, main, left)
    for item in branches:
        after = now(site, item, everywhere)
        assert after["parent_id"] == left.id
        assert after["state"] == before[item.id]["state"]
        assert after["name_th"] == before[item.id]["name_th"]
        assert after["revision"] == before[item.id]["revision"] + 1
        assert operations(site, item)[-1] == "rehang"
    for item in (public_branch, in_work):
        assert now(site, item, PUBLIC)["parent_id"] == left.id
        assert now(site, item, PUBLIC)["name_th"] == "โรงพยาบาลห้วยชมภู"
    refused(ConflictError, lambda: service_points.delete(site, by(GIS), left.id))


def test_an_edit_of_a_merged_point_hears_what_it_became(site: Site):
    item, middle = published(site), published(site)
    left = published(site, name_th="อบต. ที่เหลือ")
    draft = change(site, item, name_th="ร่างที่เปิดค้างไว้")
    merge(site, item, middle)
    merge(site, middle, left)
    stale = by(OFFICER, if_match=(draft.etag,))
    patch = {"properties": {"name_th": "แก้ต่อ"}}
    error = unchanged(
        site, ConflictError, lambda: service_points.update(site, stale, item.id, patch)
    )
    assert error.message_id == "workflow.merged_into"
    assert (error.params["name_th"], error.extra["successor"]["id"]) == ("อบต. ที่เหลือ", left.id)
    for action in ("submit", "discard", "withdraw", "merge", "restore"):
        asked = {"merge": Asked(left.id), "restore": Asked(revision=1)}.get(action)
        refused(ConflictError, lambda a=action, q=asked: act(site, item, a, GIS, WHY, q))


def test_a_merged_point_opens_again_with_its_history_and_without_successor(site: Site):
    item, left = published(site), published(site)
    merge(site, item, left)
    for viewer in (OFFICER, REVIEWER):
        unchanged(site, ForbiddenError, lambda v=viewer: act(site, item, "reopen", v, WHY))
    item = act(site, item, "reopen", GIS, WHY)
    assert (said(item)["state"], said(item)["successor_id"]) == ("draft", None)
    assert endings.public_successor(site, item.id) is None
    # whoever opened it again is one of its editors
    both = user("gis", Grant("supervisor", area_code="57"))
    act(site, item, "submit")
    error = refused(ConflictError, lambda: act(site, item, "verify", both))
    assert error.message_id == "workflow.own_edit"


def test_a_successor_cannot_be_deleted(site: Site):
    item, left = create(site), create(site)
    merge(site, item, left)
    error = unchanged(
        site, ConflictError, lambda: service_points.delete(site, by(OFFICER), left.id)
    )
    assert error.message_id == "workflow.is_successor"


def test_of_two_reviewers_at_once_one_wins_and_the_other_hears_of_it(site: Site):
    item = create(site)
    seen = act(site, item, "submit")
    second = user("second", Grant("supervisor", area_code="57"))
    errors: list[ServicePointError] = []
    start = threading.Barrier(2)

    def review(viewer: Viewer, action: str) -> None:
        context = by(viewer, reason=WHY, if_match=(seen.etag,))
        start.wait()
        try:
            service_points.take_action(site, context, item.id, action)
        except ServicePointError as error:
            errors.append(error)

    threads = [
        threading.Thread(target=review, args=arguments)
        for arguments in ((REVIEWER, "verify"), (second, "return"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in errors] == [PreconditionFailedError]
    assert now(site, item)["state"] in {"verified", "returned"}
    assert now(site, item)["revision"] == 3
