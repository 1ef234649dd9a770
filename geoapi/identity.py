# SPDX-License-Identifier: GPL-2.0-or-later
"""Who a session's or token's secret stands for, and whether it still counts."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from geoapi.errors import (
    ConflictError,
    DataUnavailableError,
    ForbiddenError,
    NotAuthenticatedError,
)
from geoapi.grants import grant_of
from geoapi.managers import today
from geoapi.rights import ROLE_PERMISSIONS, Viewer
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store import credentials as rows
from geoapi.store.accounts import grants_of
from geoapi.store.credentials import CredentialRow, Kind

LOG = logging.getLogger(__name__)

# A revocation counts everywhere after so many seconds at the latest.
CACHE_LIFE_S = 2.0
_CACHE_SIZE = 4096
_TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    """Who a secret stands for, as it was when it was looked up.

    Attributes:
        viewer: the user with all grants, of whatever dates.
        row: the credential.
        username: for the own pages and HTTP Basic.
        language: of the user.
        disabled: whether the user is disabled.
        must_change_password: whether a session may do nothing else.
    """

    viewer: Viewer
    row: CredentialRow
    username: str
    language: str
    disabled: bool
    must_change_password: bool

    def viewer_at(self, now: datetime) -> Viewer:
        """Return the viewer with the grants that hold on the day of ``now``."""
        day = today(now)
        held = tuple(grant for grant in self.viewer.grants if grant.holds_on(day))
        if len(held) == len(self.viewer.grants):
            return self.viewer
        return replace(self.viewer, grants=held)

    def counts(self, now: datetime, settings: Settings) -> bool:
        """Say whether the credential is neither revoked nor over, and its user not disabled."""
        row = self.row
        if self.disabled or row.revoked_at is not None:
            return False
        if row.expires_at is None or row.expires_at <= now:
            return False
        if row.kind == "token":
            return True
        idle = timedelta(minutes=settings.session_idle_minutes)
        return now - (row.last_used_at or row.created_at) < idle

    def wants_touch(self, now: datetime) -> bool:
        """Say whether the use should be noted: once a minute is enough."""
        return self.row.last_used_at is None or now - self.row.last_used_at >= _TOUCH_EVERY


def hash_secret(secret: str) -> str:
    """Return what is stored of a secret; 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def require_session(viewer: Viewer) -> None:
    """Refuse what only somebody at a browser may do.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: signed in by a token.
    """
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    if viewer.via != "session":
        raise ForbiddenError("auth.session_needed")


def look_up(site: Site, kind: Kind, secret: str) -> SignedIn | None:
    """Return who a secret stands for, whether it still counts or not; None when nobody."""

    def read(connection: Connection) -> SignedIn | None:
        values = rows.find(connection, kind, hash_secret(secret))
        if values is None:
            return None
        username: str = values.pop("user_username")
        display_name: str = values.pop("user_display_name")
        language: str = values.pop("user_language")
        disabled = values.pop("user_disabled_at") is not None
        must_change: bool = values.pop("user_must_change_password")
        row = CredentialRow(**values)
        grants = tuple(
            grant_of(grant)
            for grant in grants_of(connection, [row.user_id])
            if grant.role in ROLE_PERMISSIONS
        )
        viewer = Viewer(row.user_id, display_name, grants, row.id, via=kind)
        return SignedIn(viewer, row, username, language, disabled, must_change)

    return site.store.read(read)


def touch(site: Site, signed_in: SignedIn) -> None:
    """Note that a credential was used; a request never fails because that could not be stored."""
    latest = site.clock() - _TOUCH_EVERY

    try:
        site.store.write(
            lambda transaction: rows.touch(transaction, signed_in.row.id, unless_after=latest)
        )
    except (ConflictError, DataUnavailableError) as error:
        LOG.warning("use of a credential not noted reason=%s", error.message_id)


class IdentityCache:
    """Remembers for two seconds who a secret stands for; bounded, of one process.

    Unknown secrets are not remembered: guesses must not push out those who are at work.

    Args:
        monotonic: seconds that never go back.
        size: how many at the most.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, size: int = _CACHE_SIZE
    ) -> None:
        """Begin empty."""
        self._monotonic = monotonic
        self._size = size
        self._entries: OrderedDict[tuple[Kind, str], tuple[float, SignedIn]] = OrderedDict()

    def get(self, kind: Kind, secret: str) -> SignedIn | None:
        """Return what is remembered and young enough."""
        entry = self._entries.get((kind, hash_secret(secret)))
        if entry is None or self._monotonic() - entry[0] >= CACHE_LIFE_S:
            return None
        return entry[1]

    def put(self, kind: Kind, secret: str, signed_in: SignedIn, asked_at: float) -> None:
        """Remember; ``asked_at`` is the moment before the store was asked."""
        key = (kind, hash_secret(secret))
        self._entries.pop(key, None)
        self._entries[key] = (asked_at, signed_in)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)

    def note_use(self, credential_id: str, used_at: datetime) -> None:
        """Remember that a use was noted, so that it is not noted again with each request."""
        for key, (asked_at, signed_in) in self._entries.items():
            if signed_in.row.id == credential_id:
                row = replace(signed_in.row, last_used_at=used_at)
                self._entries[key] = (asked_at, replace(signed_in, row=row))
                return

    def now(self) -> float:
        """Return the present moment for ``put``."""
        return self._monotonic()

    def clear(self) -> None:
        """Forget all, after something changed here."""
        self._entries.clear()
