# SPDX-License-Identifier: GPL-2.0-or-later
"""Who manages which users: the limits of a manager, and the one frame of all changes.

A manager with the role ``agency_admin`` reaches users and grants inside the own scope alone; the
conditions stand in the statements of :mod:`geoapi.store.accounts`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from geoapi.errors import ConflictError, ForbiddenError, NotFoundError
from geoapi.rights import ROLE_PERMISSIONS, Viewer, require
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import accounts as rows
from geoapi.store.accounts import ManagedBy, User
from geoapi.store.audit import AuditEntry, record
from geoapi.types import Scope

BANGKOK = ZoneInfo("Asia/Bangkok")
# What an agency's administrator may give; supervisors and analysts are named from above.
AGENCY_ROLES = frozenset({"officer", "gis_officer", "agency_admin"})


@dataclass(frozen=True)
class Actor:
    """Who does something, and in which request."""

    viewer: Viewer
    request_id: str = ""


def today(now: datetime) -> date:
    """Return the day in Asia/Bangkok, by which grants hold."""
    return now.astimezone(BANGKOK).date()


def manager(viewer: Viewer, now: datetime) -> ManagedBy:
    """Return how far a viewer manages users.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer manages no users.
    """
    require(viewer, "users.manage")
    is_admin = viewer.via == "system" or any(
        grant.role == "admin" and not grant.agency_id and not grant.area_code
        for grant in viewer.grants
    )
    own = tuple(
        Scope(grant.agency_id, grant.area_code)
        for grant in viewer.grants
        if grant.role == "agency_admin"
    )
    return ManagedBy(is_admin, own, AGENCY_ROLES, today(now))


def roles_to_give(managed: ManagedBy) -> tuple[str, ...]:
    """Return the roles that a manager may give, in the order of the table of roles."""
    return tuple(r for r in ROLE_PERMISSIONS if managed.everything or r in managed.roles)


def changing(
    site: Site,
    actor: Actor,
    user_id: str,
    revision: int,
    change_it: Callable[[Transaction, ManagedBy, User], None],
    *,
    takes_away: bool = False,
) -> None:
    """Change a user whom the actor manages, in one transaction that holds the user's row.

    Raises:
        NotFoundError: no such user inside the actor's scope.
        ForbiddenError: the user also has rights that the actor could not give.
        ConflictError: the revision is no longer that, or no system administrator would remain.
    """
    managed = manager(actor.viewer, site.clock())

    def write(transaction: Transaction) -> None:
        before = rows.lock_lasting_admins(transaction, managed.today) if takes_away else frozenset()
        found = rows.managed_user(transaction.connection, user_id, managed, lock=True)
        if found is None:
            raise NotFoundError("users.not_found")
        user, is_managed = found
        if not is_managed:
            raise ForbiddenError("users.rights_beyond")
        require_revision(user, revision)
        change_it(transaction, managed, user)
        if before and not rows.lock_lasting_admins(transaction, managed.today):
            raise ConflictError("users.last_admin")

    site.store.write(write)


def require_revision(user: User, revision: int) -> None:
    """Refuse a change of a user that is no longer as it was seen.

    Raises:
        ConflictError: with the present revision.
    """
    if user.revision != revision:
        raise ConflictError("users.changed_meanwhile", revision=user.revision)


def record_change(transaction: Transaction, actor: Actor, event: str, subject_id: str) -> None:
    """Write a change of a user into the audit."""
    record(
        transaction,
        AuditEntry(event, "ok", actor.viewer.user_id, subject_id, actor.request_id),
    )
