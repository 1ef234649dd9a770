# SPDX-License-Identifier: GPL-2.0-or-later
"""Grants of users: give and take roles inside the manager's own scope."""

from __future__ import annotations

import re
import uuid

from geoapi.errors import ForbiddenError, InvalidDocumentError, NotFoundError, Problem
from geoapi.managers import Actor, changing
from geoapi.rights import ROLE_PERMISSIONS, Grant
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import accounts as rows
from geoapi.store.accounts import GrantRow, ManagedBy, User
from geoapi.store.audit import AuditEntry, record

_AREA_CODE = re.compile(r"\d{2}(\d{2}){0,2}", re.ASCII)


def grant_of(row: GrantRow) -> Grant:
    """Return what a stored grant gives."""
    return Grant(row.role, row.agency_id, row.area_code, row.valid_from, row.valid_to)


def add_grant(site: Site, actor: Actor, user_id: str, revision: int, grant: Grant) -> None:
    """Give a user a grant.

    Raises:
        InvalidDocumentError: the grant is not as it must be.
        ForbiddenError: it reaches further than the actor's scope.
        NotFoundError, ConflictError: see `changing`.
    """

    def change_it(transaction: Transaction, managed: ManagedBy, _user: User) -> None:
        give(transaction, actor, managed, user_id, grant)
        rows.update_user(transaction, user_id)

    changing(site, actor, user_id, revision, change_it)


def remove_grant(site: Site, actor: Actor, user_id: str, revision: int, grant_id: str) -> None:
    """Take a grant away.

    Raises:
        ConflictError: changed meanwhile, or the last system administrator.
        NotFoundError: no such grant inside the actor's scope.
        ForbiddenError: see `changing`.
    """

    def change_it(transaction: Transaction, managed: ManagedBy, _user: User) -> None:
        taken = rows.delete_grant(transaction, user_id, grant_id, managed)
        if taken is None:
            raise NotFoundError("users.grant_not_found")
        rows.update_user(transaction, user_id)
        _record_grant(transaction, actor, "grant.remove", user_id, grant_of(taken))

    changing(site, actor, user_id, revision, change_it, takes_away=True)


def give(
    transaction: Transaction, actor: Actor, managed: ManagedBy, user_id: str, grant: Grant
) -> None:
    """Store a grant for a user whose row is held or new.

    Raises:
        InvalidDocumentError: role, agency, area or dates are not as they must be.
        ForbiddenError: the grant reaches further than the manager's scope.
    """
    problems = _grant_problems(grant)
    agency_id = grant.agency_id
    if agency_id:
        found = rows.resolve_agency(transaction.connection, agency_id)
        agency_id = found or agency_id
        if found is None:
            problems.append(Problem("users.agency_unknown", "/agency_id"))
    if not problems and grant.area_code:
        known = rows.area_is_known(transaction.connection, grant.area_code)
        problems += [] if known else [Problem("users.area_unknown", "/area_code")]
    if problems:
        raise InvalidDocumentError("users.invalid", problems=tuple(problems))
    grant_id = str(uuid.uuid4())
    stored = Grant(grant.role, agency_id, grant.area_code, grant.valid_from, grant.valid_to)
    rows.insert_grant(
        transaction,
        {"id": grant_id, "user_id": user_id, "granted_by": actor.viewer.user_id, **vars(stored)},
    )
    if not rows.grant_is_inside(transaction, grant_id, managed):
        raise ForbiddenError("users.grant_beyond")
    _record_grant(transaction, actor, "grant.add", user_id, stored)


def _grant_problems(grant: Grant) -> list[Problem]:
    problems = []
    if grant.role not in ROLE_PERMISSIONS:
        problems.append(Problem("users.role_unknown", "/role"))
    if grant.role == "admin" and (grant.agency_id or grant.area_code):
        problems.append(Problem("users.admin_is_everywhere", "/role"))
    if grant.area_code and not _AREA_CODE.fullmatch(grant.area_code):
        problems.append(Problem("users.area_code_invalid", "/area_code"))
    if grant.valid_from and grant.valid_to and grant.valid_to < grant.valid_from:
        problems.append(Problem("users.dates_swapped", "/valid_to"))
    return problems


def _record_grant(
    transaction: Transaction, actor: Actor, event: str, user_id: str, grant: Grant
) -> None:
    detail = {key: str(value) for key, value in vars(grant).items() if value}
    entry = AuditEntry(event, "ok", actor.viewer.user_id, user_id, actor.request_id, detail)
    record(transaction, entry)
