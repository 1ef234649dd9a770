# SPDX-License-Identifier: GPL-2.0-or-later
"""Users: list, make, change, disable, reset; every change with its audit entry."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection

from geoapi.errors import ConflictError, InvalidDocumentError, NotFoundError, Problem
from geoapi.grants import give
from geoapi.managers import Actor, changing, manager, record_change, require_revision
from geoapi.messages import LANGUAGES
from geoapi.passwords import is_usable, make_link_token, unusable_hash
from geoapi.rights import Grant, Viewer
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import accounts as rows
from geoapi.store.accounts import GrantRow, ManagedBy, User
from geoapi.store.credentials import revoke_all

SET_PASSWORD_PATH = "/auth/set-password"  # noqa: S105 - a path
PAGE_SIZE = 50
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,62}[a-z0-9]")
_LONGEST_NAME = 120


@dataclass(frozen=True)
class NewUser:
    """A user to be made; an agency's administrator must give a first grant with it."""

    username: str
    display_name: str
    language: str = "th"
    grant: Grant | None = None


@dataclass(frozen=True)
class UserView:
    """A user as a manager sees it.

    Attributes:
        user: the row.
        grants: (grant, whether the manager may take it away) inside the manager's scope.
        is_managed: whether the manager may change the user.
    """

    user: User
    grants: tuple[tuple[GrantRow, bool], ...]
    is_managed: bool


def normalise_username(text: str) -> str:
    """Return the one spelling of a username.

    >>> normalise_username(" Somchai.J ")
    'somchai.j'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


def has_password(user: User) -> bool:
    """Say whether a user has set a password."""
    return is_usable(user.password_hash)


def list_users(site: Site, viewer: Viewer, *, words: str = "", after: str = "") -> list[UserView]:
    """Return a page of users that the viewer sees, one more than ``PAGE_SIZE`` when there is more.

    Raises:
        ForbiddenError: the viewer manages no users.
    """
    managed = manager(viewer, site.clock())

    def read(connection: Connection) -> list[UserView]:
        users = rows.list_users(
            connection, managed, words=words.strip(), after=after, limit=PAGE_SIZE + 1
        )
        grants = rows.seen_grants(connection, [user.id for user in users], managed)
        return [
            UserView(user, tuple(g for g in grants if g[0].user_id == user.id), is_managed=False)
            for user in users
        ]

    return site.store.read(read)


def get_user(site: Site, viewer: Viewer, user_id: str) -> UserView:
    """Return a user that the viewer sees.

    Raises:
        NotFoundError: no such user inside the viewer's scope.
        ForbiddenError: the viewer manages no users.
    """
    managed = manager(viewer, site.clock())

    def read(connection: Connection) -> UserView:
        found = rows.managed_user(connection, user_id, managed)
        if found is None:
            raise NotFoundError("users.not_found")
        grants = rows.seen_grants(connection, [user_id], managed)
        return UserView(found[0], tuple(grants), found[1])

    return site.store.read(read)


def create_user(site: Site, actor: Actor, new: NewUser) -> tuple[str, str]:
    """Make a user without a password.

    Returns:
        (user id, path of the one-time link with which the user sets a password).

    Raises:
        InvalidDocumentError: name, language or grant are not as they must be.
        ConflictError: the username is taken.
        ForbiddenError: the grant reaches further than the actor's scope.
    """
    managed = manager(actor.viewer, site.clock())
    username = normalise_username(new.username)
    problems = [*_name_problems(new.display_name, new.language)]
    if not _USERNAME.fullmatch(username):
        problems.insert(0, Problem("users.username_invalid", "/username"))
    if new.grant is None and not managed.everything:
        problems.append(Problem("users.first_grant_needed", "/role"))
    if problems:
        raise InvalidDocumentError("users.invalid", problems=tuple(problems))
    user_id, password_hash = str(uuid.uuid4()), unusable_hash()

    def write(transaction: Transaction) -> None:
        if rows.user_by_name(transaction.connection, username) is not None:
            raise ConflictError("users.username_taken")
        rows.insert_user(
            transaction,
            {
                "id": user_id,
                "username": username,
                "display_name": new.display_name.strip(),
                "language": new.language,
                "password_hash": password_hash,
                "must_change_password": False,
            },
        )
        record_change(transaction, actor, "user.create", user_id)
        if new.grant is not None:
            give(transaction, actor, managed, user_id, new.grant)

    site.store.write(write)
    return user_id, link_path(site, user_id, password_hash)


def link_path(site: Site, user_id: str, password_hash: str) -> str:
    """Return the path, with its token, at which a user sets a password once."""
    token = make_link_token(site.keys, user_id, password_hash, site.clock())
    return f"{SET_PASSWORD_PATH}?token={token}"


def change_user(
    site: Site, actor: Actor, user_id: str, revision: int, change: tuple[str, str]
) -> None:
    """Change display name and language of a user.

    Args:
        site: the site.
        actor: who changes.
        user_id: whose.
        revision: of the user that the actor saw.
        change: (display name, language).

    Raises:
        InvalidDocumentError, NotFoundError, ForbiddenError, ConflictError: see `changing`.
    """
    display_name, language = change
    problems = _name_problems(display_name, language)
    if problems:
        raise InvalidDocumentError("users.invalid", problems=tuple(problems))

    def change_it(transaction: Transaction, _managed: ManagedBy, _user: User) -> None:
        rows.update_user(transaction, user_id, display_name=display_name.strip(), language=language)
        record_change(transaction, actor, "user.change", user_id)

    changing(site, actor, user_id, revision, change_it)


def change_own_account(
    site: Site, actor: Actor, revision: int, display_name: str, language: str
) -> None:
    """Change the own display name and language.

    Raises:
        InvalidDocumentError: the name or language is not as it must be.
        ConflictError: the account was changed meanwhile.
    """
    problems = _name_problems(display_name, language)
    if problems:
        raise InvalidDocumentError("users.invalid", problems=tuple(problems))
    user_id = actor.viewer.user_id

    def write(transaction: Transaction) -> None:
        user = rows.user_by_id(transaction.connection, user_id, lock=True)
        if user is None:
            raise NotFoundError("users.not_found")
        require_revision(user, revision)
        rows.update_user(transaction, user_id, display_name=display_name.strip(), language=language)
        record_change(transaction, actor, "user.change", user_id)

    site.store.write(write)


def set_disabled(site: Site, actor: Actor, user_id: str, revision: int, *, disabled: bool) -> None:
    """Disable a user, which ends all sessions and tokens, or enable again.

    Raises:
        ConflictError: changed meanwhile, oneself, or the last system administrator.
        NotFoundError, ForbiddenError: see `changing`.
    """

    def change_it(transaction: Transaction, _managed: ManagedBy, user: User) -> None:
        if disabled and user_id == actor.viewer.user_id:
            raise ConflictError("users.not_oneself")
        if (user.disabled_at is not None) == disabled:
            return
        rows.update_user(transaction, user_id, disabled_at=transaction.now if disabled else None)
        if disabled:
            revoke_all(transaction, user_id, ["session", "token"])
        record_change(transaction, actor, "user.disable" if disabled else "user.enable", user_id)

    changing(site, actor, user_id, revision, change_it, takes_away=disabled)


def reset_password(
    site: Site, actor: Actor, user_id: str, revision: int, *, revoke_tokens: bool
) -> str:
    """Take a user's password and sessions away and return the path of a one-time link.

    Older links end.  The link is valid once, for 72 hours.

    Raises:
        ConflictError: changed meanwhile, or the last system administrator.
        NotFoundError, ForbiddenError: see `changing`.
    """
    password_hash = unusable_hash()

    def change_it(transaction: Transaction, _managed: ManagedBy, _user: User) -> None:
        rows.update_user(
            transaction, user_id, password_hash=password_hash, must_change_password=False
        )
        revoke_all(transaction, user_id, ["session", "token"] if revoke_tokens else ["session"])
        record_change(transaction, actor, "password.link", user_id)

    changing(site, actor, user_id, revision, change_it, takes_away=True)
    return link_path(site, user_id, password_hash)


def _name_problems(display_name: str, language: str) -> list[Problem]:
    problems = []
    name = display_name.strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        params = {"maximum": _LONGEST_NAME}
        problems.append(Problem("users.display_name_invalid", "/display_name", params=params))
    if language not in LANGUAGES:
        problems.append(Problem("users.language_unknown", "/language"))
    return problems
