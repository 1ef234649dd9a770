# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of passwords, one-time links and access tokens, on both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from geoapi import access_tokens, accounts, identity, sign_in
from geoapi.accounts import NewUser
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
)
from geoapi.managers import Actor
from geoapi.rights import Grant
from geoapi.site import Site
from geoapi.store import Store
from tests.contract.account_samples import (
    OTHER,
    PASSWORD,
    ROOT,
    Clock,
    actor,
    change,
    fresh,
    log_in,
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
        ("สวัสดีครับ2569", "auth.password_common"),
        ("ๆไำพะัๆไำพะั", "auth.password_common"),
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


def test_broken_links_are_refused(site: Site) -> None:
    for token in ("", ".", "x.1", "x.99999999999", "x.99999999999.y", "ก.ข.ค"):
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


def test_token_needs_a_name_and_a_life_within_the_limit(site: Site) -> None:
    make_user(site, "somchai")
    who = actor(site, "somchai")
    for label, days in (("", 30), ("x" * 81, 30), ("x", 0), ("x", 366)):
        with pytest.raises(InvalidDocumentError):
            access_tokens.create_token(site, who, label, days)


def test_a_session_secret_is_no_token(site: Site) -> None:
    make_user(site, "somchai")
    assert identity.look_up(site, "token", log_in(site, "somchai")) is None
