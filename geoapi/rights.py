# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what and where: the one table of roles, and what follows from a viewer's grants.

A grant is a role with a subtree of agencies, a subtree of areas and dates.  Rights become
:class:`~geoapi.types.Scope` values that the store puts inside its statements.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal

from geoapi.errors import ForbiddenError, NotAuthenticatedError
from geoapi.types import Permission, Scope

# Source: docs/architecture.md, roles.
ROLE_PERMISSIONS: MappingProxyType[str, frozenset[Permission]] = MappingProxyType(
    {
        "officer": frozenset({"points.read_working", "points.edit", "points.submit"}),
        "gis_officer": frozenset(
            {
                "points.read_working",
                "points.edit",
                "points.submit",
                "points.delete_published",
                "points.merge",
                "assignments.manage",
                "statistics.read",
                "reports.send",
            }
        ),
        "agency_admin": frozenset(
            {
                "points.read_working",
                "points.edit",
                "points.submit",
                "points.delete_published",
                "points.merge",
                "services.edit",
                "assignments.manage",
                "agencies.edit",
                "users.manage",
                "statistics.read",
                "reports.send",
            }
        ),
        "supervisor": frozenset(
            {
                "points.read_working",
                "points.review",
                "points.delete_published",
                "assignments.manage",
                "statistics.read",
                "reports.send",
                "reports.receive",
            }
        ),
        "planner": frozenset({"points.read_working", "statistics.read"}),
        "executive": frozenset({"statistics.read"}),
        "moderator": frozenset({"moderation"}),
        "admin": frozenset(
            {
                "points.read_working",
                "users.manage",
                "agencies.edit",
                "services.edit",
                "areas.edit",
                "audit.read",
            }
        ),
    }
)


@dataclass(frozen=True)
class Grant:
    """A role, and where and when it holds.

    Attributes:
        role: code of the list ``role``, except ``citizen``.
        agency_id: top of the subtree of agencies, '' for all.
        area_code: DOPA code of 2, 4 or 6 digits, '' for the whole country.
        valid_from: first day in Asia/Bangkok, None for always.
        valid_to: last day, None for always.
    """

    role: str
    agency_id: str = ""
    area_code: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Say whether the grant counts on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True)
class Viewer:
    """Whoever asks: nobody in particular, or a user with the grants that hold today.

    Attributes:
        user_id: '' for the public.
        display_name: shown to the user alone and to reviewers.
        grants: those that hold now.
        credential_id: session or token in use, '' for none.
        via: how the user signed in; only sessions need a CSRF token.
    """

    user_id: str = ""
    display_name: str = ""
    grants: tuple[Grant, ...] = ()
    credential_id: str = ""
    via: Literal["", "session", "token", "system"] = ""

    @property
    def is_anonymous(self) -> bool:
        """Say whether nobody is signed in."""
        return not self.user_id


PUBLIC = Viewer()
# The command line of whoever owns the files; it never comes from a request.
SYSTEM = Viewer(user_id="system", display_name="system", via="system")


def scopes(viewer: Viewer, permission: Permission) -> tuple[Scope, ...]:
    """Return where the viewer holds a permission; empty means nowhere."""
    if viewer.via == "system":
        return (Scope(),)
    return tuple(
        dict.fromkeys(
            Scope(grant.agency_id, grant.area_code)
            for grant in viewer.grants
            if permission in ROLE_PERMISSIONS[grant.role]
        )
    )


def has(viewer: Viewer, permission: Permission) -> bool:
    """Say whether the viewer holds a permission anywhere."""
    return bool(scopes(viewer, permission))


def require(viewer: Viewer, permission: Permission) -> tuple[Scope, ...]:
    """Return where the viewer holds a permission.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: signed in, but the permission is held nowhere.
    """
    held = scopes(viewer, permission)
    if held:
        return held
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    raise ForbiddenError("auth.not_allowed", permission=permission)
