# SPDX-License-Identifier: GPL-2.0-or-later
"""A site, users and agencies for the tests of accounts, and a clock that stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from geoapi import accounts, grants, identity, sign_in
from geoapi.accounts import NewUser
from geoapi.errors import (
    ServicePointError,
)
from geoapi.keys import load_keys
from geoapi.managers import Actor
from geoapi.rights import SYSTEM, Grant, Viewer
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import Store
from geoapi.store.accounts import User, user_by_name
from geoapi.store.tables import agency, agency_closure

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


def make_site(store: Store, folder: Path, clock: Clock) -> Site:
    """A site around a store, with keys of its own and three tries to sign in."""
    store.clock = clock
    settings = Settings(data_dir=folder / "keys", login_attempts=3)
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


def change(site: Site, who: Actor, new: str = OTHER, *, revoke_tokens: bool = False) -> str:
    wanted = sign_in.PasswordChange(PASSWORD, new, revoke_tokens, "192.0.2.1")
    return sign_in.change_password(site, who, wanted).secret
