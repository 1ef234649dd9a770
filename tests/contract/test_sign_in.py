# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions, passwords, one-time links and the throttle, on both stores."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from geoapi import accounts, identity, sign_in, throttle
from geoapi.errors import (
    NotAuthenticatedError,
    NotFoundError,
    ServicePointError,
    TooManyRequestsError,
)
from geoapi.managers import Actor
from geoapi.passwords import verify_password
from geoapi.rights import Grant
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.tables import credential, login_throttle
from tests.contract.account_samples import (
    OTHER,
    PASSWORD,
    ROOT,
    START,
    Clock,
    fresh,
    log_in,
    make_site,
    make_user,
    viewer_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(store: Store, clock: Clock, tmp_path: Path) -> Site:
    return make_site(store, tmp_path, clock)


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
