# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of roles and what follows from grants."""

from __future__ import annotations

from datetime import date

import pytest

from geoapi.codes import code_list
from geoapi.errors import ForbiddenError, NotAuthenticatedError
from geoapi.rights import PUBLIC, ROLE_PERMISSIONS, SYSTEM, Grant, Viewer, has, require, scopes
from geoapi.types import Permission, Scope

PERMISSIONS: tuple[Permission, ...] = Permission.__value__.__args__


def test_the_table_has_the_roles_of_the_code_list_except_the_citizen():
    assert set(ROLE_PERMISSIONS) == set(code_list("role").codes) - {"citizen"}
    assert set().union(*ROLE_PERMISSIONS.values()) <= set(PERMISSIONS)


def test_no_role_both_edits_and_reviews():
    for held in ROLE_PERMISSIONS.values():
        assert not {"points.edit", "points.review"} <= held


def test_who_writes_points_also_sees_working_revisions():
    writing = {"points.edit", "points.submit", "points.review", "points.delete_published"}
    for held in ROLE_PERMISSIONS.values():
        assert not writing & held or "points.read_working" in held


@pytest.mark.parametrize(
    ("first", "last", "holds"),
    [
        (None, None, True), (date(2026, 11, 22), None, True), (date(2026, 11, 23), None, False),
        (None, date(2026, 11, 22), True), (None, date(2026, 11, 21), False),
        (date(2026, 11, 22), date(2026, 11, 22), True),
        (date(2026, 11, 23), date(2026, 11, 21), False),
    ],
)  # fmt: skip
def test_a_grant_holds_from_its_first_to_its_last_day(first, last, holds):
    grant = Grant("officer", valid_from=first, valid_to=last)
    assert grant.holds_on(date(2026, 11, 22)) is holds


def test_scopes_are_those_of_the_grants_with_the_right_each_once():
    grants = (Grant("officer", "a"), Grant("gis_officer", "a"), Grant("planner", "b", "57"))
    viewer = Viewer("u", grants=grants)
    assert scopes(viewer, "points.edit") == (Scope("a"),)
    assert scopes(viewer, "points.read_working") == (Scope("a"), Scope("b", "57"))
    assert scopes(viewer, "points.review") == ()


def test_nobody_holds_nothing_and_the_system_everything_everywhere():
    for permission in PERMISSIONS:
        assert not has(PUBLIC, permission)
        assert scopes(SYSTEM, permission) == (Scope(),)


def test_a_user_who_calls_himself_system_is_not_the_system():
    assert scopes(Viewer("system", via="session"), "points.edit") == ()


def test_a_missing_right_is_401_for_nobody_and_403_for_a_user():
    with pytest.raises(NotAuthenticatedError):
        require(PUBLIC, "points.edit")
    with pytest.raises(ForbiddenError) as caught:
        require(Viewer("u", grants=(Grant("executive"),)), "points.edit")
    assert caught.value.params == {"permission": "points.edit"}
