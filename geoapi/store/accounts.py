# SPDX-License-Identifier: GPL-2.0-or-later
"""Users and their grants: reads and writes, with the rights of whoever manages them inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    RowMapping,
    and_,
    delete,
    exists,
    false,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.database import Transaction
from geoapi.store.tables import (
    PUBLISHED,
    agency,
    agency_closure,
    area,
    role_grant,
    user_account,
)
from geoapi.types import Scope

NO_PASSWORD_PREFIX = "!"  # noqa: S105 - what stands where a hash would be


@dataclass(frozen=True)
class User:
    """A row of ``user_account``."""

    id: str
    username: str
    display_name: str
    password_hash: str = field(repr=False)
    must_change_password: bool
    language: str
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None
    revision: int


@dataclass(frozen=True)
class GrantRow:
    """A row of ``role_grant``."""

    id: str
    user_id: str
    role: str
    agency_id: str
    area_code: str
    valid_from: date | None
    valid_to: date | None
    granted_by: str
    created_at: datetime


@dataclass(frozen=True)
class ManagedBy:
    """Which users and grants a manager reaches.

    Attributes:
        everything: no limit at all: a system administrator, or the command line.
        scopes: else where the right holds.
        roles: else the roles that may be given and taken.
        today: day in Asia/Bangkok; grants that ended before bind nobody.
    """

    everything: bool
    scopes: tuple[Scope, ...]
    roles: frozenset[str]
    today: date


def _user(row: RowMapping) -> User:
    return User(**row)


def grants_inside(scopes: Sequence[Scope]) -> ColumnElement[bool]:
    """Build the condition that a grant reaches no further than one of the scopes."""
    alternatives: list[ColumnElement[bool]] = []
    for scope in scopes:
        parts: list[ColumnElement[bool]] = []
        if scope.agency_id:
            below = select(agency_closure.c.descendant_id).where(
                agency_closure.c.ancestor_id == scope.agency_id
            )
            held = role_grant.c.agency_id
            parts.append(or_(held == scope.agency_id, held.in_(below)))
        if scope.area_code:
            parts.append(role_grant.c.area_code.startswith(scope.area_code, autoescape=True))
        alternatives.append(and_(true(), *parts))
    return or_(false(), *alternatives)


def _is_seen(manager: ManagedBy) -> ColumnElement[bool]:
    return true() if manager.everything else grants_inside(manager.scopes)


def _is_given(manager: ManagedBy) -> ColumnElement[bool]:
    """Build the condition that a grant is one that the manager may give and take."""
    if manager.everything:
        return true()
    return and_(grants_inside(manager.scopes), role_grant.c.role.in_(sorted(manager.roles)))


def _user_is_seen(manager: ManagedBy) -> ColumnElement[bool]:
    if manager.everything:
        return true()
    own = role_grant.c.user_id == user_account.c.id
    return exists(select(role_grant.c.id).where(own, _is_seen(manager)))


def _user_is_managed(manager: ManagedBy) -> ColumnElement[bool]:
    """Build the condition that a user has no right beyond what the manager could give.

    Otherwise a reset password would hand the manager rights that are not the manager's to have.
    """
    if manager.everything:
        return true()
    own = role_grant.c.user_id == user_account.c.id
    counts = or_(role_grant.c.valid_to.is_(None), role_grant.c.valid_to >= manager.today)
    beyond = exists(select(role_grant.c.id).where(own, counts, not_(_is_given(manager))))
    return and_(_user_is_seen(manager), not_(beyond))


def user_by_id(connection: Connection, user_id: str, *, lock: bool = False) -> User | None:
    """Return a user; ``lock`` holds the row until the transaction ends."""
    statement = select(user_account).where(user_account.c.id == user_id)
    if lock:
        statement = statement.with_for_update()
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _user(row)


def user_by_name(connection: Connection, username: str) -> User | None:
    """Return the user of a normalised name."""
    statement = select(user_account).where(user_account.c.username == username)
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else _user(row)


def managed_user(
    connection: Connection, user_id: str, manager: ManagedBy, *, lock: bool = False
) -> tuple[User, bool] | None:
    """Return a user that the manager sees, and whether the manager may change it.

    Args:
        connection: inside a transaction when ``lock`` is set.
        user_id: id of the user.
        manager: who asks.
        lock: hold the row until the transaction ends (PostgreSQL; a GeoPackage has one writer).
    """
    if lock:
        # first the row, then the question: what a concurrent change did is then seen
        user_by_id(connection, user_id, lock=True)
    statement = select(user_account, _user_is_managed(manager).label("is_managed")).where(
        user_account.c.id == user_id, _user_is_seen(manager)
    )
    row = connection.execute(statement).mappings().one_or_none()
    if row is None:
        return None
    values = dict(row)
    is_managed = bool(values.pop("is_managed"))
    return User(**values), is_managed


def list_users(
    connection: Connection, manager: ManagedBy, *, words: str, after: str, limit: int
) -> list[User]:
    """Return users that the manager sees, by username.

    Args:
        connection: for reading.
        manager: who asks.
        words: part of a username or display name, '' for all.
        after: last username of the page before, '' for the first page.
        limit: how many at the most.
    """
    statement = (
        select(user_account)
        .where(_user_is_seen(manager), user_account.c.username > after)
        .order_by(user_account.c.username)
        .limit(limit)
    )
    if words:
        needle = words.casefold()
        statement = statement.where(
            or_(
                user_account.c.username.contains(needle, autoescape=True),
                func.lower(user_account.c.display_name).contains(needle, autoescape=True),
            )
        )
    return [_user(row) for row in connection.execute(statement).mappings()]


def grants_of(connection: Connection, user_ids: Sequence[str]) -> list[GrantRow]:
    """Return all grants of some users, whether they hold today or not."""
    statement = (
        select(role_grant)
        .where(role_grant.c.user_id.in_(list(user_ids)))
        .order_by(role_grant.c.created_at, role_grant.c.id)
    )
    return [GrantRow(**row) for row in connection.execute(statement).mappings()]


def seen_grants(
    connection: Connection, user_ids: Sequence[str], manager: ManagedBy
) -> list[tuple[GrantRow, bool]]:
    """Return the grants inside the manager's scope, and whether the manager may take each away."""
    statement = (
        select(role_grant, _is_given(manager).label("is_given"))
        .where(role_grant.c.user_id.in_(list(user_ids)), _is_seen(manager))
        .order_by(role_grant.c.created_at, role_grant.c.id)
    )
    found = []
    for row in connection.execute(statement).mappings():
        values = dict(row)
        is_given = bool(values.pop("is_given"))
        found.append((GrantRow(**values), is_given))
    return found


def insert_user(transaction: Transaction, values: dict[str, Any]) -> None:
    """Store a new user; the two instants are the transaction's."""
    transaction.connection.execute(
        insert(user_account).values(
            created_at=transaction.now, updated_at=transaction.now, revision=1, **values
        )
    )


def update_user(transaction: Transaction, user_id: str, **values: Any) -> None:  # noqa: ANN401
    """Change columns of a user whose row is held, and count its revision up."""
    transaction.connection.execute(
        update(user_account)
        .where(user_account.c.id == user_id)
        .values(updated_at=transaction.now, revision=user_account.c.revision + 1, **values)
    )


def insert_grant(transaction: Transaction, values: dict[str, Any]) -> None:
    """Store a new grant."""
    transaction.connection.execute(insert(role_grant).values(created_at=transaction.now, **values))


def grant_is_inside(transaction: Transaction, grant_id: str, manager: ManagedBy) -> bool:
    """Say whether the manager may give a grant that was just stored; else the caller rolls back.

    Asking about the stored row keeps one condition for giving, taking and seeing.
    """
    statement = select(role_grant.c.id).where(role_grant.c.id == grant_id, _is_given(manager))
    return transaction.connection.execute(statement).one_or_none() is not None


def delete_grant(
    transaction: Transaction, user_id: str, grant_id: str, manager: ManagedBy
) -> GrantRow | None:
    """Delete a grant that the manager may take away; None when there is no such grant."""
    chosen = and_(role_grant.c.id == grant_id, role_grant.c.user_id == user_id, _is_given(manager))
    row = transaction.connection.execute(select(role_grant).where(chosen)).mappings().one_or_none()
    if row is None:
        return None
    transaction.connection.execute(delete(role_grant).where(role_grant.c.id == grant_id))
    return GrantRow(**row)


def lock_lasting_admins(transaction: Transaction, today: date) -> frozenset[str]:
    """Return, and hold, the enabled users who can sign in as system administrator without end.

    The rows are held, so that two administrators can't take each other away at the same moment.
    """
    statement = (
        select(user_account.c.id)
        .join(role_grant, role_grant.c.user_id == user_account.c.id)
        .where(
            role_grant.c.role == "admin",
            role_grant.c.agency_id == "",
            role_grant.c.area_code == "",
            role_grant.c.valid_to.is_(None),
            or_(role_grant.c.valid_from.is_(None), role_grant.c.valid_from <= today),
            user_account.c.disabled_at.is_(None),
            user_account.c.password_hash != "",
            not_(user_account.c.password_hash.startswith(NO_PASSWORD_PREFIX)),
        )
        .order_by(user_account.c.id, role_grant.c.id)
        .with_for_update()
    )
    return frozenset(transaction.connection.execute(statement).scalars())


def resolve_agency(connection: Connection, id_or_code: str) -> str | None:
    """Return the id of an agency given by id or code."""
    statement = (
        select(agency.c.id)
        .where(agency.c["view"] == PUBLISHED)
        .where(or_(agency.c.id == id_or_code, agency.c.code == id_or_code))
        .limit(1)
    )
    found: str | None = connection.execute(statement).scalar_one_or_none()
    return found


def agency_names(connection: Connection, agency_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return {id: (Thai name, English name)} of agencies."""
    statement = select(agency.c.id, agency.c.name_th, agency.c.name_en).where(
        agency.c["view"] == PUBLISHED, agency.c.id.in_(list(agency_ids))
    )
    return {row.id: (row.name_th, row.name_en) for row in connection.execute(statement)}


def agencies_to_choose(
    connection: Connection, manager: ManagedBy, limit: int
) -> list[tuple[str, str, str, str]]:
    """Return (id, code, Thai name, English name) of agencies inside the manager's scope."""
    statement = (
        select(agency.c.id, agency.c.code, agency.c.name_th, agency.c.name_en)
        .where(agency.c["view"] == PUBLISHED)
        .order_by(agency.c.name_sort_th, agency.c.fid)
        .limit(limit)
    )
    tops = [scope.agency_id for scope in manager.scopes]
    if not manager.everything and "" not in tops:
        below = select(agency_closure.c.descendant_id).where(agency_closure.c.ancestor_id.in_(tops))
        statement = statement.where(or_(agency.c.id.in_(tops), agency.c.id.in_(below)))
    return [tuple(row) for row in connection.execute(statement)]


def area_is_known(connection: Connection, code: str) -> bool:
    """Say whether some area has the code or lies in it; True while no areas are imported."""
    any_area = connection.execute(select(area.c.code).limit(1)).one_or_none()
    if any_area is None:
        return True
    statement = select(area.c.code).where(area.c.code.startswith(code, autoescape=True)).limit(1)
    return connection.execute(statement).one_or_none() is not None
