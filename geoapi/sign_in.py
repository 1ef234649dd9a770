# SPDX-License-Identifier: GPL-2.0-or-later
"""Signing in: from a password or a one-time link to a session, and every change of a password."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

from geoapi import passwords, throttle
from geoapi.accounts import normalise_username
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    Problem,
)
from geoapi.identity import hash_secret, require_session
from geoapi.managers import Actor
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import accounts as user_rows
from geoapi.store import credentials as rows
from geoapi.store.accounts import User
from geoapi.store.audit import AuditEntry, record
from geoapi.store.credentials import Kind

_KEEP_SESSIONS = timedelta(days=30)


@dataclass(frozen=True)
class LoginTry:
    """What somebody typed on the sign-in page, and from where."""

    username: str
    password: str
    address: str
    request_id: str = ""
    old_credential_id: str = ""


@dataclass(frozen=True)
class NewSession:
    """A session just begun; ``secret`` is for the cookie alone and not stored."""

    secret: str
    user: User


@dataclass(frozen=True)
class PasswordChange:
    """What somebody typed to change the own password."""

    current: str
    new: str
    revoke_tokens: bool
    address: str


def sign_in(site: Site, login: LoginTry) -> NewSession:
    """Begin a session for a name and password.

    Raises:
        TooManyRequestsError: too many wrong tries of this name or network.
        NotAuthenticatedError: wrong name or password, or a disabled user: the same words.
    """
    username = normalise_username(login.username)
    keys = throttle.throttle_keys(site, username, login.address)
    throttle.count_try(site, keys)
    user = site.store.read(lambda c: user_rows.user_by_name(c, username))
    right = passwords.verify_password(user.password_hash if user else None, login.password)
    if user is None or not right or user.disabled_at is not None:
        subject = user.id if user else ""
        entry = AuditEntry("login", "refused", "", subject, login.request_id)
        site.store.write(lambda transaction: record(transaction, entry))
        raise NotAuthenticatedError("auth.wrong_login")
    rehashed = (
        passwords.hash_password(login.password)
        if passwords.needs_rehash(user.password_hash)
        else user.password_hash
    )

    def write(transaction: Transaction) -> NewSession:
        present = _unchanged(transaction, user)
        if rehashed != user.password_hash:
            user_rows.update_user(transaction, user.id, password_hash=rehashed)
        throttle.forgive(transaction, site, keys)
        if login.old_credential_id:
            rows.revoke(transaction, login.old_credential_id, user.id, "session")
        record(transaction, AuditEntry("login", "ok", user.id, user.id, login.request_id))
        rows.purge_old_sessions(transaction, user.id, transaction.now - _KEEP_SESSIONS)
        return _begin_session(site, transaction, present)

    return site.store.write(write)


def _unchanged(transaction: Transaction, seen: User) -> User:
    """Hold the user's row and refuse when password or standing changed since it was read."""
    user = user_rows.user_by_id(transaction.connection, seen.id, lock=True)
    if user is None or user.disabled_at is not None:
        raise NotAuthenticatedError("auth.wrong_login")
    if user.password_hash != seen.password_hash:
        raise ConflictError("auth.password_changed_meanwhile")
    return user


def _begin_session(site: Site, transaction: Transaction, user: User) -> NewSession:
    secret = secrets.token_urlsafe(32)
    life = timedelta(hours=site.settings.session_hours)
    rows.insert_credential(
        transaction,
        {
            "id": str(uuid.uuid4()),
            "user_id": user.id,
            "kind": "session",
            "secret_hash": hash_secret(secret),
            "last_used_at": transaction.now,
            "expires_at": transaction.now + life,
        },
    )
    return NewSession(secret, user)


def sign_in_demo(site: Site, username: str, request_id: str = "") -> NewSession:
    """Begin a session without a password; only in a demonstration, which is on loopback.

    Raises:
        NotFoundError: this is no demonstration, or there is no such user.
    """
    user = site.store.read(lambda c: user_rows.user_by_name(c, normalise_username(username)))
    if not site.settings.demo or user is None or user.disabled_at is not None:
        raise NotFoundError("users.not_found")

    def write(transaction: Transaction) -> NewSession:
        present = _unchanged(transaction, user)
        entry = AuditEntry("login", "ok", user.id, user.id, request_id, {"demo": True})
        record(transaction, entry)
        return _begin_session(site, transaction, present)

    return site.store.write(write)


def sign_out(site: Site, actor: Actor) -> None:
    """End the session in use."""
    viewer = actor.viewer

    def write(transaction: Transaction) -> None:
        if rows.revoke(transaction, viewer.credential_id, viewer.user_id, "session"):
            entry = AuditEntry("logout", "ok", viewer.user_id, viewer.user_id, actor.request_id)
            record(transaction, entry)

    site.store.write(write)


# --- passwords


def change_password(site: Site, actor: Actor, change: PasswordChange) -> NewSession:
    """Change the own password, end all sessions and begin a new one.

    Raises:
        TooManyRequestsError: too many wrong tries.
        InvalidDocumentError: the current password is wrong, or the new one is refused.
        ConflictError: the password was changed by somebody else at the same moment.
    """
    require_session(actor.viewer)
    user = site.store.read(lambda c: user_rows.user_by_id(c, actor.viewer.user_id))
    if user is None:
        raise NotFoundError("users.not_found")
    keys = throttle.throttle_keys(site, user.username, change.address)
    throttle.count_try(site, keys)
    if not passwords.verify_password(user.password_hash, change.current):
        entry = AuditEntry("password.change", "refused", user.id, user.id, actor.request_id)
        site.store.write(lambda transaction: record(transaction, entry))
        wrong = Problem("auth.current_password_wrong", "/current_password")
        raise InvalidDocumentError("auth.password_refused", problems=(wrong,))
    site.store.write(lambda transaction: throttle.forgive(transaction, site, keys))
    if passwords.normalise(change.new) == passwords.normalise(change.current):
        same = Problem("auth.password_same", "/new_password")
        raise InvalidDocumentError("auth.password_refused", problems=(same,))
    new_hash = _hash_new(change.new, user)

    def write(transaction: Transaction) -> NewSession:
        present = _unchanged(transaction, user)
        kinds: list[Kind] = ["session", "token"] if change.revoke_tokens else ["session"]
        _store_password(transaction, present, new_hash, kinds)
        detail = {"tokens_revoked": change.revoke_tokens}
        entry = AuditEntry("password.change", "ok", user.id, user.id, actor.request_id, detail)
        record(transaction, entry)
        return _begin_session(site, transaction, present)

    return site.store.write(write)


def set_password_by_link(site: Site, token: str, new: str, request_id: str = "") -> NewSession:
    """Set a password with a one-time link and begin a session.

    Raises:
        NotFoundError: the link was used, replaced, or its 72 hours are over.
        InvalidDocumentError: the password is refused; the link stays good.
    """
    user = user_of_link(site, token)
    new_hash = _hash_new(new, user)

    def write(transaction: Transaction) -> NewSession:
        present = user_rows.user_by_id(transaction.connection, user.id, lock=True)
        if present is None or present.password_hash != user.password_hash:
            raise NotFoundError("auth.link_over")
        if present.disabled_at is not None:
            raise NotFoundError("auth.link_over")
        _store_password(transaction, present, new_hash, ["session"])
        record(transaction, AuditEntry("password.set", "ok", user.id, user.id, request_id))
        return _begin_session(site, transaction, present)

    return site.store.write(write)


def user_of_link(site: Site, token: str) -> User:
    """Return the user whose password a link may set.

    Raises:
        NotFoundError: the link is wrong, used, replaced, or its 72 hours are over.
    """
    now = site.clock()
    user_id = passwords.user_of_link(token, now)
    user = site.store.read(lambda c: user_rows.user_by_id(c, user_id))
    if user is None or user.disabled_at is not None:
        raise NotFoundError("auth.link_over")
    passwords.check_link(site.keys, token, user.password_hash, now)
    return user


def set_password(site: Site, actor: Actor, username: str, new: str, *, must_change: bool) -> None:
    """Set a user's password from the command line; ends the user's sessions.

    Raises:
        NotFoundError: no such user.
        InvalidDocumentError: the password is refused.
    """
    if actor.viewer.via != "system":
        raise ForbiddenError("auth.not_allowed")
    name = normalise_username(username)
    user = site.store.read(lambda c: user_rows.user_by_name(c, name))
    if user is None:
        raise NotFoundError("users.not_found")
    new_hash = _hash_new(new, user)

    def write(transaction: Transaction) -> None:
        user_rows.update_user(
            transaction, user.id, password_hash=new_hash, must_change_password=must_change
        )
        rows.revoke_all(transaction, user.id, ["session"])
        entry = AuditEntry("password.set", "ok", actor.viewer.user_id, user.id, actor.request_id)
        record(transaction, entry)

    site.store.write(write)


def _hash_new(new: str, user: User) -> str:
    passwords.check_policy(new, user.username)
    return passwords.hash_password(new)


def _store_password(transaction: Transaction, user: User, new_hash: str, kinds: list[Kind]) -> None:
    user_rows.update_user(transaction, user.id, password_hash=new_hash, must_change_password=False)
    rows.revoke_all(transaction, user.id, kinds)
