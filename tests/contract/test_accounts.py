# SPDX-License-Identifier: GPL-2.0-or-later
"""Users, grants and the audit, on both stores."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from geoapi import access_tokens, accounts, grants
from geoapi.accounts import NewUser
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
)
from geoapi.managers import Actor
from geoapi.rights import SYSTEM, Grant, Viewer
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.accounts import user_by_name
from geoapi.store.audit import read_audit
from geoapi.store.tables import audit
from tests.contract.account_samples import (
    OTHER,
    PASSWORD,
    ROOT,
    Clock,
    actor,
    change,
    fresh,
    log_in,
    make_agencies,
    make_site,
    make_user,
    refusal_codes,
    viewer_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(store: Store, clock: Clock, tmp_path: Path) -> Site:
    return make_site(store, tmp_path, clock)


def test_grant_holds_between_its_days_in_bangkok(site: Site, clock: Clock) -> None:
    user = make_user(site, "somchai")
    grant = Grant("officer", "", "57", date(2026, 11, 23), date(2026, 11, 23))
    grants.add_grant(site, ROOT, user.id, user.revision, grant)
    secret = access_tokens.create_token(site, actor(site, "somchai"), "QGIS", 30)
    held = {}
    for hour in (16, 17, 24 + 16, 24 + 17):  # Bangkok is seven hours ahead of UTC
        clock.now = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour)
        held[hour] = bool(viewer_of(site, secret, "token").grants)
    assert held == {16: False, 17: True, 40: True, 41: False}


def test_faulty_grants_are_refused(site: Site) -> None:
    user = make_user(site, "somchai", password="")
    faulty = {
        "users.role_unknown": Grant("king"),
        "users.admin_is_everywhere": Grant("admin", area_code="57"),
        "users.area_code_invalid": Grant("officer", area_code="๕๗"),
        "users.agency_unknown": Grant("officer", agency_id="nowhere"),
        "users.dates_swapped": Grant("officer", "", "", date(2026, 2, 2), date(2026, 2, 1)),
    }
    for reason, grant in faulty.items():
        with pytest.raises(InvalidDocumentError) as caught:
            grants.add_grant(site, ROOT, user.id, user.revision, grant)
        assert refusal_codes(caught.value) == {reason}
    assert accounts.get_user(site, SYSTEM, user.id).grants == ()


def test_agency_is_given_by_its_code_too(site: Site) -> None:
    make_agencies(site)
    user = make_user(site, "somchai", Grant("officer", "code-cr"), password="")
    stored = accounts.get_user(site, SYSTEM, user.id).grants
    assert [grant.agency_id for grant, _ in stored] == ["cr"]


@pytest.fixture
def office(site: Site) -> Actor:
    """The administrator of one province's office, and users inside and outside of it."""
    make_agencies(site)
    make_user(site, "chief", Grant("agency_admin", "cr", "57"))
    make_user(site, "inside", Grant("officer", "cr-maesai", "5709"), password="")
    make_user(site, "outside", Grant("officer", "cm", "50"), password="")
    make_user(site, "both", Grant("officer", "cr", "57"), Grant("planner"), password="")
    make_user(site, "watcher", Grant("supervisor", "cr", "57"), password="")
    return actor(site, "chief")


def test_agency_admin_sees_users_and_grants_of_the_own_scope_only(
    site: Site, office: Actor
) -> None:
    seen = {view.user.username: view for view in accounts.list_users(site, office.viewer)}
    assert set(seen) == {"chief", "inside", "both", "watcher"}
    assert [grant.role for grant, _ in seen["both"].grants] == ["officer"]
    with pytest.raises(NotFoundError):
        accounts.get_user(site, office.viewer, fresh(site, "outside").id)


def test_agency_admin_changes_nobody_who_has_rights_beyond(site: Site, office: Actor) -> None:
    for name in ("both", "watcher"):
        user = fresh(site, name)
        assert not accounts.get_user(site, office.viewer, user.id).is_managed
        with pytest.raises(ForbiddenError):
            accounts.reset_password(site, office, user.id, user.revision, revoke_tokens=False)
        with pytest.raises(ForbiddenError):
            accounts.set_disabled(site, office, user.id, user.revision, disabled=True)
    outside = fresh(site, "outside")
    with pytest.raises(NotFoundError):
        accounts.reset_password(site, office, outside.id, outside.revision, revoke_tokens=False)
    inside = fresh(site, "inside")
    accounts.reset_password(site, office, inside.id, inside.revision, revoke_tokens=False)


def test_agency_admin_gives_nothing_beyond_the_own_scope(site: Site, office: Actor) -> None:
    inside = fresh(site, "inside")
    beyond = [Grant("officer"), Grant("officer", "cr"), Grant("officer", "", "57")]
    beyond += [Grant("officer", "cm", "57"), Grant("officer", "cr", "50"), Grant("admin")]
    beyond += [
        Grant(role, "cr", "57") for role in ("supervisor", "planner", "moderator", "executive")
    ]
    for grant in beyond:
        with pytest.raises(ForbiddenError):
            grants.add_grant(site, office, inside.id, inside.revision, grant)
        with pytest.raises(ForbiddenError):
            accounts.create_user(site, office, NewUser("newcomer", "ใหม่", grant=grant))
    assert fresh(site, "inside").revision == inside.revision
    assert len(accounts.get_user(site, SYSTEM, inside.id).grants) == 1
    assert site.store.read(lambda c: user_by_name(c, "newcomer")) is None


def test_agency_admin_gives_and_takes_own_roles_inside_the_scope(site: Site, office: Actor) -> None:
    for role in ("officer", "gis_officer", "agency_admin"):
        name = role.replace("_", "-")
        user_id, _ = accounts.create_user(
            site, office, NewUser(name, "ใหม่", grant=Grant(role, "cr-maesai", "570901"))
        )
        held = accounts.get_user(site, office.viewer, user_id).grants
        assert [(grant.role, may_take) for grant, may_take in held] == [(role, True)]
        grants.remove_grant(site, office, user_id, 1, held[0][0].id)
        assert accounts.get_user(site, SYSTEM, user_id).grants == ()


def test_agency_admin_takes_no_grant_of_another_scope_away(site: Site, office: Actor) -> None:
    outside = fresh(site, "outside")
    grant_id = accounts.get_user(site, SYSTEM, outside.id).grants[0][0].id
    inside = fresh(site, "inside")
    for user in (outside, inside):
        with pytest.raises(NotFoundError):
            grants.remove_grant(site, office, user.id, user.revision, grant_id)


def test_agency_admin_must_give_a_first_role(site: Site, office: Actor) -> None:
    with pytest.raises(InvalidDocumentError) as caught:
        accounts.create_user(site, office, NewUser("newcomer", "ใหม่"))
    assert refusal_codes(caught.value) == {"users.first_grant_needed"}


def test_who_manages_no_users_is_refused(site: Site) -> None:
    make_user(site, "somchai", Grant("officer"), Grant("supervisor"), Grant("planner"))
    who = actor(site, "somchai")
    with pytest.raises(ForbiddenError):
        accounts.list_users(site, who.viewer)
    with pytest.raises(ForbiddenError):
        accounts.create_user(site, who, NewUser("newcomer", "ใหม่", grant=Grant("officer")))
    with pytest.raises(NotAuthenticatedError):
        accounts.list_users(site, Viewer())


def test_last_administrator_stays(site: Site) -> None:
    root = make_user(site, "root1", Grant("admin"))
    make_user(site, "unset", Grant("admin"), password="")
    make_user(site, "limited", Grant("admin", "", "", None, date(2030, 1, 1)))
    grant_id = accounts.get_user(site, SYSTEM, root.id).grants[0][0].id
    revision = fresh(site, "root1").revision
    for take_away in (
        lambda: accounts.set_disabled(site, ROOT, root.id, revision, disabled=True),
        lambda: grants.remove_grant(site, ROOT, root.id, revision, grant_id),
        lambda: accounts.reset_password(site, ROOT, root.id, revision, revoke_tokens=False),
    ):
        with pytest.raises(ConflictError) as caught:
            take_away()
        assert caught.value.message_id == "users.last_admin"
    make_user(site, "root2", Grant("admin"))
    accounts.set_disabled(site, ROOT, root.id, revision, disabled=True)


def test_two_administrators_cannot_take_each_other_away_at_once(site: Site) -> None:
    names = ["root1", "root2"]
    users = {name: make_user(site, name, Grant("admin")) for name in names}
    actors = {name: actor(site, name) for name in names}

    def attempt(pair: tuple[str, str]) -> bool:
        actor_name, target = pair
        user = users[target]
        try:
            accounts.set_disabled(site, actors[actor_name], user.id, user.revision, disabled=True)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(attempt, [("root1", "root2"), ("root2", "root1")]))
    assert sorted(done) == [False, True]


def test_nobody_disables_the_own_account(site: Site) -> None:
    user = make_user(site, "root1", Grant("admin"))
    make_user(site, "root2", Grant("admin"))
    who = actor(site, "root1")
    with pytest.raises(ConflictError) as caught:
        accounts.set_disabled(site, who, user.id, user.revision, disabled=True)
    assert caught.value.message_id == "users.not_oneself"


def test_disabled_user_is_out_at_once_and_old_secrets_do_not_come_back(site: Site) -> None:
    user = make_user(site, "somchai")
    secret = log_in(site, "somchai")
    accounts.set_disabled(site, ROOT, user.id, user.revision, disabled=True)
    assert viewer_of(site, secret).is_anonymous
    accounts.set_disabled(site, ROOT, user.id, fresh(site, "somchai").revision, disabled=False)
    assert viewer_of(site, secret).is_anonymous
    log_in(site, "somchai")


def test_change_of_an_older_revision_is_refused(site: Site) -> None:
    user = make_user(site, "somchai", password="")
    accounts.change_user(site, ROOT, user.id, user.revision, ("สมชาย", "th"))
    with pytest.raises(ConflictError) as caught:
        accounts.change_user(site, ROOT, user.id, user.revision, ("สมศรี", "th"))
    assert caught.value.message_id == "users.changed_meanwhile"
    assert fresh(site, "somchai").display_name == "สมชาย"


def test_username_is_taken_once(site: Site) -> None:
    make_user(site, "somchai", password="")
    with pytest.raises(ConflictError):
        accounts.create_user(site, ROOT, NewUser("SomChai", "อีกคน"))


def test_faulty_usernames_are_refused(site: Site) -> None:
    for name in ("", "ab", ".ab", "สมชาย", "a b c", "a" * 65, "a/b"):
        with pytest.raises(InvalidDocumentError) as caught:
            accounts.create_user(site, ROOT, NewUser(name, "ชื่อ"))
        assert refusal_codes(caught.value) == {"users.username_invalid"}


def test_users_are_found_by_part_of_a_name_and_paged(site: Site) -> None:
    for number in range(accounts.PAGE_SIZE + 2):
        accounts.create_user(site, ROOT, NewUser(f"user{number:03}", f"คนที่ {number}"))
    first = accounts.list_users(site, SYSTEM)
    assert len(first) == accounts.PAGE_SIZE + 1
    last = first[accounts.PAGE_SIZE - 1].user.username
    rest = accounts.list_users(site, SYSTEM, after=last)
    assert [view.user.username for view in rest] == ["user050", "user051"]
    found = accounts.list_users(site, SYSTEM, words="คนที่ 51")
    assert [view.user.username for view in found] == ["user051"]
    assert accounts.list_users(site, SYSTEM, words="%") == []


def test_audit_tells_what_happened_without_names_secrets_or_addresses(site: Site) -> None:
    make_user(site, "somchai", Grant("officer", area_code="57"))
    who = actor(site, "somchai")
    with pytest.raises(NotAuthenticatedError):
        log_in(site, "somchai", OTHER)
    token = access_tokens.create_token(site, who, "QGIS ที่สำนักงาน", 30)
    access_tokens.revoke_token(site, who, access_tokens.list_tokens(site, who.viewer)[0].id)
    change(site, who)
    entries = site.store.read(read_audit)
    assert [(entry.event, entry.outcome) for entry in reversed(entries)] == [
        ("user.create", "ok"),
        ("grant.add", "ok"),
        ("password.set", "ok"),
        ("login", "ok"),
        ("login", "refused"),
        ("token.create", "ok"),
        ("token.revoke", "ok"),
        ("password.change", "ok"),
    ]
    assert entries[0].actor == "somchai"
    stored = str(site.store.read(lambda c: c.execute(select(audit)).all()))
    for secret in ("สมชาย", "somchai", token, "192.0.2", PASSWORD, OTHER, "QGIS"):
        assert secret not in stored
    assert json.loads(entries[6].detail) == {"role": "officer", "area_code": "57"}
    older = site.store.read(lambda c: read_audit(c, before=entries[2].id, limit=2))
    assert [entry.id for entry in older] == [entries[3].id, entries[4].id]
    only = site.store.read(lambda c: read_audit(c, event="login"))
    assert len(only) == 2
