# SPDX-License-Identifier: GPL-2.0-or-later
"""Users, grants, sessions, tokens and the throttle, on both stores."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from geoapi import access_tokens, accounts, grants, identity, sign_in, throttle
from geoapi.accounts import NewUser
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    ServicePointError,
    TooManyRequestsError,
)
from geoapi.keys import load_keys
from geoapi.managers import Actor
from geoapi.passwords import verify_password
from geoapi.rights import SYSTEM, Grant, Viewer
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.accounts import User, user_by_name
from geoapi.store.audit import read_audit
from geoapi.store.tables import agency, agency_closure, audit, credential, login_throttle

ROOT = Actor(SYSTEM, "test")
PASSWORD = "ฝนตกที่แม่สาย 2569"
OTHER = "หมอกหนาที่ดอยตุง 41"
START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


class Clock:
    """An injected clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(store: Store, clock: Clock, tmp_path: Path) -> Site:
    store.clock = clock
    settings = Settings(data_dir=tmp_path / "keys", login_attempts=3)
    return Site(settings, store, load_keys(settings.data_dir), clock)


def make_user(site: Site, name: str, *held: Grant, password: str = PASSWORD) -> User:
    user_id, path = accounts.create_user(site, ROOT, NewUser(name, f"ชื่อ {name}"))
    for grant in held:
        revision = accounts.get_user(site, SYSTEM, user_id).user.revision
        grants.add_grant(site, ROOT, user_id, revision, grant)
    if password:
        sign_in.set_password_by_link(site, path.partition("token=")[2], password)
    return fresh(site, name)


def fresh(site: Site, name: str) -> User:
    user = site.store.read(lambda c: user_by_name(c, name))
    assert user is not None
    return user


def log_in(site: Site, name: str, password: str = PASSWORD, address: str = "192.0.2.1") -> str:
    attempt = sign_in.LoginTry(name, password, address)
    return sign_in.sign_in(site, attempt).secret


def viewer_of(site: Site, secret: str, kind: str = "session") -> Viewer:
    """The viewer as the middleware would make it; PUBLIC when it does not count."""
    found = identity.look_up(site, kind, secret)
    assert found is not None
    counts = found.counts(site.clock(), site.settings)
    return found.viewer_at(site.clock()) if counts else Viewer()


def actor(site: Site, name: str, password: str = PASSWORD) -> Actor:
    return Actor(viewer_of(site, log_in(site, name, password)), "test")


def make_agencies(site: Site) -> None:
    """A province's office with one office below it, and another province's office."""

    def write(transaction) -> None:
        for code in ("cr", "cr-maesai", "cm"):
            transaction.connection.execute(
                insert(agency).values(
                    id=code, view="published", revision=1, etag="x", feature="{}",
                    created_at=transaction.now, updated_at=transaction.now,
                    name_th=code, code=f"code-{code}",
                )
            )  # fmt: skip
        pairs = [("cr", "cr"), ("cr-maesai", "cr-maesai"), ("cm", "cm"), ("cr", "cr-maesai")]
        for above, below in pairs:
            transaction.connection.execute(
                insert(agency_closure).values(ancestor_id=above, descendant_id=below)
            )

    site.store.write(write)


def refusal_codes(error: ServicePointError) -> set[str]:
    return {problem.message_id for problem in error.problems}


# --- sign-in


def test_right_password_begins_a_session_and_only_its_hash_is_stored(site: Site) -> None:
    user = make_user(site, "somchai", Grant("officer"))
    secret = log_in(site, " SOMCHAI ")
    assert viewer_of(site, secret).user_id == user.id
    stored = site.store.read(lambda c: c.execute(select(credential)).all())
    assert secret not in str(stored)
    assert PASSWORD not in fresh(site, "somchai").password_hash


def test_unknown_user_disabled_user_and_wrong_password_are_refused_alike(site: Site) -> None:
    make_user(site, "somchai")
    gone = make_user(site, "gone")
    accounts.set_disabled(site, ROOT, gone.id, gone.revision, disabled=True)
    seen = set()
    for name, password in (("nobody", PASSWORD), ("gone", PASSWORD), ("somchai", OTHER)):
        with pytest.raises(NotAuthenticatedError) as caught:
            log_in(site, name, password, f"192.0.2.{len(name)}")
        seen.add((caught.value.message_id, str(caught.value.params)))
    assert seen == {("auth.wrong_login", "{}")}


def test_unknown_user_costs_a_full_argon2_run(monkeypatch: pytest.MonkeyPatch) -> None:
    from geoapi import passwords

    verified = []
    real = passwords._HASHER.verify

    class Spy:
        def verify(self, known: str, password: str) -> bool:
            verified.append(known.split("$")[1:4])
            return real(known, password)

        hash = staticmethod(passwords._HASHER.hash)

    known = passwords.hash_password(PASSWORD)
    monkeypatch.setattr(passwords, "_HASHER", Spy())
    assert passwords.verify_password(known, PASSWORD)
    assert not passwords.verify_password(None, PASSWORD)
    assert not passwords.verify_password("!unset", PASSWORD)
    assert len(verified) == 3
    assert verified[0] == verified[1] == verified[2]  # the same kind, version and cost


def test_hash_of_older_parameters_is_renewed_at_sign_in(site: Site) -> None:
    from argon2 import PasswordHasher

    from geoapi.passwords import normalise
    from geoapi.store.accounts import update_user

    user = make_user(site, "somchai")
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(normalise(PASSWORD))
    site.store.write(lambda t: update_user(t, user.id, password_hash=weak))
    log_in(site, "somchai")
    renewed = fresh(site, "somchai").password_hash
    assert renewed != weak
    assert verify_password(renewed, PASSWORD)


def test_session_ends_after_idle_time_and_after_its_absolute_time(site: Site, clock: Clock) -> None:
    make_user(site, "somchai")
    secret = log_in(site, "somchai")
    clock.forward(minutes=59)
    found = identity.look_up(site, "session", secret)
    assert found is not None
    identity.touch(site, found)
    clock.forward(minutes=59)
    assert not viewer_of(site, secret).is_anonymous
    clock.forward(minutes=2)
    assert viewer_of(site, secret).is_anonymous

    secret = log_in(site, "somchai")
    for _ in range(20):
        clock.forward(minutes=29)
        found = identity.look_up(site, "session", secret)
        assert found is not None
        identity.touch(site, found)
    assert not viewer_of(site, secret).is_anonymous
    clock.forward(minutes=21)
    assert viewer_of(site, secret).is_anonymous


def test_use_is_noted_once_a_minute(site: Site, clock: Clock) -> None:
    make_user(site, "somchai")
    secret = log_in(site, "somchai")

    def last_used() -> datetime | None:
        found = identity.look_up(site, "session", secret)
        assert found is not None
        if found.wants_touch(clock()):
            identity.touch(site, found)
        again = identity.look_up(site, "session", secret)
        return again.row.last_used_at if again else None

    clock.forward(seconds=59)
    assert last_used() == START
    clock.forward(seconds=2)
    assert last_used() == START + timedelta(seconds=61)


def test_sign_out_ends_the_session(site: Site) -> None:
    make_user(site, "somchai")
    secret = log_in(site, "somchai")
    sign_in.sign_out(site, Actor(viewer_of(site, secret)))
    assert viewer_of(site, secret).is_anonymous


def test_new_sign_in_ends_the_session_it_replaces(site: Site) -> None:
    make_user(site, "somchai")
    old = log_in(site, "somchai")
    attempt = sign_in.LoginTry(
        "somchai", PASSWORD, "", old_credential_id=viewer_of(site, old).credential_id
    )
    new = sign_in.sign_in(site, attempt).secret
    assert new != old
    assert viewer_of(site, old).is_anonymous


def test_demo_sign_in_is_refused_outside_a_demonstration(site: Site) -> None:
    make_user(site, "somchai")
    with pytest.raises(NotFoundError):
        sign_in.sign_in_demo(site, "somchai")
    demo = replace(site, settings=replace(site.settings, demo=True))
    assert not viewer_of(site, sign_in.sign_in_demo(demo, "somchai").secret).is_anonymous


# --- throttle


def test_name_waits_after_too_many_wrong_passwords_then_ever_longer(
    site: Site, clock: Clock
) -> None:
    make_user(site, "somchai")

    def attempt(address: int, password: str = OTHER) -> None:
        log_in(site, "somchai", password, f"198.51.100.{address}")

    for address in range(3):
        with pytest.raises(NotAuthenticatedError):
            attempt(address)
    with pytest.raises(TooManyRequestsError) as caught:
        attempt(9, PASSWORD)
    assert caught.value.params["retry_after_s"] == 30
    clock.forward(seconds=31)
    with pytest.raises(NotAuthenticatedError):
        attempt(10)
    with pytest.raises(TooManyRequestsError) as caught:
        attempt(11)
    assert caught.value.params["retry_after_s"] == 60
    clock.forward(seconds=61)
    attempt(12, PASSWORD)  # the right one is let in, and the name starts from nothing
    for address in range(20, 22):
        with pytest.raises(NotAuthenticatedError):
            attempt(address)
    attempt(23, PASSWORD)


def test_network_waits_whatever_the_name(site: Site, clock: Clock) -> None:
    make_user(site, "somchai")
    for number in range(3):
        with pytest.raises(NotAuthenticatedError):
            log_in(site, f"guess{number}", OTHER, f"2001:db8:1:2::{number + 1}")
    with pytest.raises(TooManyRequestsError):
        log_in(site, "somchai", PASSWORD, "2001:db8:1:2:ffff::1")
    log_in(site, "somchai", PASSWORD, "2001:db8:1:3::1")
    clock.forward(minutes=16)
    log_in(site, "somchai", PASSWORD, "2001:db8:1:2:ffff::1")


def test_wrong_tries_are_forgotten_after_a_quarter_of_an_hour(site: Site, clock: Clock) -> None:
    make_user(site, "somchai")
    for _ in range(4):
        for _ in range(2):
            with pytest.raises(NotAuthenticatedError):
                log_in(site, "somchai", OTHER)
        clock.forward(minutes=16)
    log_in(site, "somchai")


def test_tries_at_the_same_moment_gain_nothing(site: Site) -> None:
    make_user(site, "somchai")

    def attempt(number: int) -> str:
        try:
            log_in(site, "somchai", OTHER, f"203.0.113.{number}")
        except ServicePointError as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(8)))
    assert outcomes.count("NotAuthenticatedError") == 3
    assert outcomes.count("TooManyRequestsError") == 5


def test_throttle_keeps_neither_names_nor_addresses(site: Site, clock: Clock) -> None:
    today = throttle.throttle_keys(site, "somchai", "192.0.2.77")
    throttle.count_try(site, today)
    stored = str(site.store.read(lambda c: c.execute(select(login_throttle)).all()))
    assert "somchai" not in stored
    assert "192.0.2" not in stored
    clock.forward(days=1)
    tomorrow = throttle.throttle_keys(site, "somchai", "192.0.2.77")
    assert today[0] == tomorrow[0]
    assert today[1] != tomorrow[1]
    clock.forward(days=2)
    throttle.count_try(site, throttle.throttle_keys(site, "other", "192.0.2.78"))
    assert len(site.store.read(lambda c: c.execute(select(login_throttle)).all())) == 2


# --- passwords


def change(site: Site, who: Actor, new: str = OTHER, *, revoke_tokens: bool = False) -> str:
    wanted = sign_in.PasswordChange(PASSWORD, new, revoke_tokens, "192.0.2.1")
    return sign_in.change_password(site, who, wanted).secret


def test_password_change_ends_other_sessions_and_begins_a_new_one(site: Site) -> None:
    make_user(site, "somchai")
    here, elsewhere = log_in(site, "somchai"), log_in(site, "somchai")
    who = Actor(viewer_of(site, here))
    token = access_tokens.create_token(site, who, "QGIS", 30)
    new = change(site, who)
    assert viewer_of(site, here).is_anonymous
    assert viewer_of(site, elsewhere).is_anonymous
    assert not viewer_of(site, new).is_anonymous
    assert not viewer_of(site, token, "token").is_anonymous
    with pytest.raises(NotAuthenticatedError):
        log_in(site, "somchai", PASSWORD)
    log_in(site, "somchai", OTHER)


def test_password_change_revokes_tokens_when_asked(site: Site) -> None:
    make_user(site, "somchai")
    who = actor(site, "somchai")
    token = access_tokens.create_token(site, who, "QGIS", 30)
    change(site, who, revoke_tokens=True)
    assert viewer_of(site, token, "token").is_anonymous


def test_wrong_current_password_changes_nothing(site: Site) -> None:
    make_user(site, "somchai", password=OTHER)
    with pytest.raises(InvalidDocumentError) as caught:
        change(site, actor(site, "somchai", OTHER), "ทะเลสาบเชียงแสน 88")
    assert refusal_codes(caught.value) == {"auth.current_password_wrong"}
    log_in(site, "somchai", OTHER)


def test_of_two_password_changes_at_once_one_wins_and_one_is_told(site: Site) -> None:
    make_user(site, "somchai")
    who = actor(site, "somchai")
    wanted = ["ทะเลสาบเชียงแสน 88", "พระธาตุผาเงา 1347"]

    def attempt(new: str) -> str:
        try:
            change(site, who, new)
        except (ConflictError, InvalidDocumentError):
            return ""
        return new

    with ThreadPoolExecutor(2) as pool:
        outcomes = [new for new in pool.map(attempt, wanted) if new]
    assert len(outcomes) == 1
    log_in(site, "somchai", outcomes[0])


def test_sign_in_is_refused_when_the_password_changes_under_it(site: Site) -> None:
    make_user(site, "somchai")
    stale = fresh(site, "somchai")
    change(site, actor(site, "somchai"))
    with pytest.raises(ConflictError):
        site.store.write(lambda t: sign_in._unchanged(t, stale))


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("สั้นเกินไป", "auth.password_too_short"),
        ("x" * 257, "auth.password_too_long"),
        ("somchai.jaidee", "auth.password_is_username"),
        ("Somchai.Jaidee2569", "auth.password_is_username"),
        ("password12345!", "auth.password_common"),
        ("1234567890123", "auth.password_common"),
        ("ๆไำพะัีรนยบล", "auth.password_common"),
        ("ยฟหหไนพก/-ภถ", "auth.password_common"),
        ("aaaaaaaaaaaaaa", "auth.password_common"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(password: str, reason: str) -> None:
    from geoapi.passwords import check_policy

    with pytest.raises(InvalidDocumentError) as caught:
        check_policy(password, "somchai.jaidee")
    assert refusal_codes(caught.value) == {reason}


def test_a_long_phrase_without_digits_or_signs_is_accepted() -> None:
    from geoapi.passwords import check_policy

    check_policy("correct horse battery staple", "somchai")
    check_policy("ม้าถูกต้องแบตเตอรี่ลวดเย็บ", "somchai")


# --- one-time links


def test_link_sets_a_password_once(site: Site) -> None:
    _, path = accounts.create_user(site, ROOT, NewUser("somchai", "สมชาย"))
    token = path.partition("token=")[2]
    with pytest.raises(NotAuthenticatedError):
        log_in(site, "somchai")
    with pytest.raises(InvalidDocumentError):
        sign_in.set_password_by_link(site, token, "short")
    sign_in.set_password_by_link(site, token, PASSWORD)
    log_in(site, "somchai")
    with pytest.raises(NotFoundError):
        sign_in.set_password_by_link(site, token, OTHER)


def test_link_ends_after_72_hours_and_when_a_newer_one_is_made(site: Site, clock: Clock) -> None:
    user_id, path = accounts.create_user(site, ROOT, NewUser("somchai", "สมชาย"))
    first = path.partition("token=")[2]
    second = accounts.reset_password(site, ROOT, user_id, 1, revoke_tokens=False)
    second = second.partition("token=")[2]
    with pytest.raises(NotFoundError):
        sign_in.user_of_link(site, first)
    clock.forward(hours=71)
    assert sign_in.user_of_link(site, second).username == "somchai"
    clock.forward(hours=2)
    with pytest.raises(NotFoundError):
        sign_in.user_of_link(site, second)


@pytest.mark.parametrize("token", ["", ".", "x.1", "x.99999999999", "x.99999999999.y", "ก.ข.ค"])
def test_broken_links_are_refused(site: Site, token: str) -> None:
    with pytest.raises(NotFoundError):
        sign_in.set_password_by_link(site, token, PASSWORD)


def test_reset_ends_password_and_sessions(site: Site) -> None:
    user = make_user(site, "somchai")
    who = actor(site, "somchai")
    secret = log_in(site, "somchai")
    token = access_tokens.create_token(site, who, "QGIS", 30)
    accounts.reset_password(
        site, ROOT, user.id, fresh(site, "somchai").revision, revoke_tokens=True
    )
    assert viewer_of(site, secret).is_anonymous
    assert viewer_of(site, token, "token").is_anonymous
    with pytest.raises(NotAuthenticatedError):
        log_in(site, "somchai")


# --- tokens


def test_token_stands_for_its_user_until_revoked(site: Site) -> None:
    user = make_user(site, "somchai", Grant("officer", area_code="57"))
    who = actor(site, "somchai")
    secret = access_tokens.create_token(site, who, "QGIS", 30)
    seen = viewer_of(site, secret, "token")
    assert (seen.user_id, seen.via, seen.grants) == (
        user.id, "token", (Grant("officer", area_code="57"),)
    )  # fmt: skip
    held = access_tokens.list_tokens(site, who.viewer)
    assert [token.label for token in held] == ["QGIS"]
    access_tokens.revoke_token(site, who, held[0].id)
    assert viewer_of(site, secret, "token").is_anonymous
    assert access_tokens.list_tokens(site, who.viewer) == []
    with pytest.raises(NotFoundError):
        access_tokens.revoke_token(site, who, held[0].id)


def test_token_ends_by_itself(site: Site, clock: Clock) -> None:
    make_user(site, "somchai")
    secret = access_tokens.create_token(site, actor(site, "somchai"), "QGIS", 1)
    clock.forward(hours=23)
    assert not viewer_of(site, secret, "token").is_anonymous
    clock.forward(hours=1)
    assert viewer_of(site, secret, "token").is_anonymous


def test_nobody_revokes_or_lists_the_tokens_of_another(site: Site) -> None:
    make_user(site, "somchai")
    make_user(site, "malee")
    who, other = actor(site, "somchai"), actor(site, "malee")
    access_tokens.create_token(site, who, "QGIS", 30)
    token_id = access_tokens.list_tokens(site, who.viewer)[0].id
    assert access_tokens.list_tokens(site, other.viewer) == []
    with pytest.raises(NotFoundError):
        access_tokens.revoke_token(site, other, token_id)


def test_token_can_neither_make_tokens_nor_change_the_password(site: Site) -> None:
    make_user(site, "somchai")
    secret = access_tokens.create_token(site, actor(site, "somchai"), "QGIS", 30)
    by_token = Actor(viewer_of(site, secret, "token"))
    with pytest.raises(ForbiddenError):
        access_tokens.create_token(site, by_token, "more", 30)
    with pytest.raises(ForbiddenError):
        change(site, by_token)


@pytest.mark.parametrize(("label", "days"), [("", 30), ("x" * 81, 30), ("x", 0), ("x", 366)])
def test_token_needs_a_name_and_a_life_within_the_limit(site: Site, label: str, days: int) -> None:
    make_user(site, "somchai")
    with pytest.raises(InvalidDocumentError):
        access_tokens.create_token(site, actor(site, "somchai"), label, days)


def test_a_session_secret_is_no_token(site: Site) -> None:
    make_user(site, "somchai")
    assert identity.look_up(site, "token", log_in(site, "somchai")) is None


# --- grants


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


@pytest.mark.parametrize(
    ("grant", "reason"),
    [
        (Grant("king"), "users.role_unknown"),
        (Grant("admin", area_code="57"), "users.admin_is_everywhere"),
        (Grant("officer", area_code="5"), "users.area_code_invalid"),
        (Grant("officer", area_code="๕๗"), "users.area_code_invalid"),
        (Grant("officer", agency_id="nowhere"), "users.agency_unknown"),
        (
            Grant("officer", "", "", date(2026, 2, 2), date(2026, 2, 1)),
            "users.dates_swapped",
        ),
    ],
)
def test_faulty_grants_are_refused(site: Site, grant: Grant, reason: str) -> None:
    user = make_user(site, "somchai", password="")
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


@pytest.mark.parametrize(
    "grant",
    [
        Grant("officer"),
        Grant("officer", "cr"),
        Grant("officer", "", "57"),
        Grant("officer", "cm", "57"),
        Grant("officer", "cr", "50"),
        Grant("officer", "cr", "5"),
        Grant("supervisor", "cr", "57"),
        Grant("planner", "cr", "57"),
        Grant("moderator", "cr", "57"),
        Grant("executive", "cr", "57"),
        Grant("admin"),
    ],
)
def test_agency_admin_gives_nothing_beyond_the_own_scope(
    site: Site, office: Actor, grant: Grant
) -> None:
    inside = fresh(site, "inside")
    with pytest.raises((ForbiddenError, InvalidDocumentError)):
        grants.add_grant(site, office, inside.id, inside.revision, grant)
    with pytest.raises((ForbiddenError, InvalidDocumentError)):
        accounts.create_user(site, office, NewUser("newcomer", "ใหม่", grant=grant))
    assert fresh(site, "inside").revision == inside.revision
    assert len(accounts.get_user(site, SYSTEM, inside.id).grants) == 1
    assert site.store.read(lambda c: user_by_name(c, "newcomer")) is None


@pytest.mark.parametrize("role", ["officer", "gis_officer", "agency_admin"])
def test_agency_admin_gives_and_takes_own_roles_inside_the_scope(
    site: Site, office: Actor, role: str
) -> None:
    user_id, _ = accounts.create_user(
        site, office, NewUser("newcomer", "ใหม่", grant=Grant(role, "cr-maesai", "570901"))
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


# --- administrators, revisions, audit


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


@pytest.mark.parametrize("name", ["", "ab", ".ab", "สมชาย", "a b c", "a" * 65, "a/b"])
def test_faulty_usernames_are_refused(site: Site, name: str) -> None:
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
