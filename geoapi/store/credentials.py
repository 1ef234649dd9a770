# SPDX-License-Identifier: GPL-2.0-or-later
"""Sessions, access tokens and the throttle of logins: only hashes of secrets are stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from geoapi.store.database import Transaction
from geoapi.store.tables import credential, login_throttle, user_account

Kind = Literal["session", "token"]


@dataclass(frozen=True)
class CredentialRow:
    """A row of ``credential`` without its secret's hash."""

    id: str
    user_id: str
    kind: Kind
    label: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True)
class Throttled:
    """A row of ``login_throttle``."""

    key: str
    failures: int
    first_failure_at: datetime
    locked_until: datetime | None


_SHOWN = [column for column in credential.columns if column.name != "secret_hash"]


def find(connection: Connection, kind: Kind, secret_hash: str) -> dict[str, Any] | None:
    """Return a credential with its user's columns (prefixed ``user_``), or None."""
    statement = (
        select(
            *_SHOWN,
            user_account.c.username.label("user_username"),
            user_account.c.display_name.label("user_display_name"),
            user_account.c.must_change_password.label("user_must_change_password"),
            user_account.c.language.label("user_language"),
            user_account.c.disabled_at.label("user_disabled_at"),
        )
        .join(user_account, user_account.c.id == credential.c.user_id)
        .where(credential.c.secret_hash == secret_hash, credential.c.kind == kind)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else dict(row)


def insert_credential(transaction: Transaction, values: dict[str, Any]) -> None:
    """Store a new credential."""
    transaction.connection.execute(insert(credential).values(created_at=transaction.now, **values))


def revoke(transaction: Transaction, credential_id: str, user_id: str, kind: Kind) -> bool:
    """Revoke a credential of a user; say whether it still counted."""
    done = transaction.connection.execute(
        update(credential)
        .where(
            credential.c.id == credential_id,
            credential.c.user_id == user_id,
            credential.c.kind == kind,
            credential.c.revoked_at.is_(None),
        )
        .values(revoked_at=transaction.now)
    )
    return done.rowcount > 0


def revoke_all(transaction: Transaction, user_id: str, kinds: Sequence[Kind]) -> int:
    """Revoke all credentials of some kinds of a user; return how many."""
    done = transaction.connection.execute(
        update(credential)
        .where(
            credential.c.user_id == user_id,
            credential.c.kind.in_(list(kinds)),
            credential.c.revoked_at.is_(None),
        )
        .values(revoked_at=transaction.now)
    )
    return done.rowcount


def touch(transaction: Transaction, credential_id: str, *, unless_after: datetime) -> None:
    """Note that a credential was used now, unless that was noted after an instant."""
    transaction.connection.execute(
        update(credential)
        .where(
            credential.c.id == credential_id,
            or_(credential.c.last_used_at.is_(None), credential.c.last_used_at <= unless_after),
        )
        .values(last_used_at=transaction.now)
    )


def tokens_of(connection: Connection, user_id: str, now: datetime) -> list[CredentialRow]:
    """Return the tokens of a user that still count, the newest first."""
    statement = (
        select(*_SHOWN)
        .where(
            credential.c.user_id == user_id,
            credential.c.kind == "token",
            credential.c.revoked_at.is_(None),
            credential.c.expires_at > now,
        )
        .order_by(credential.c.created_at.desc(), credential.c.id)
    )
    return [CredentialRow(**row) for row in connection.execute(statement).mappings()]


def purge_old_sessions(transaction: Transaction, user_id: str, before: datetime) -> None:
    """Delete sessions of a user that ended before an instant; tokens stay for the record."""
    transaction.connection.execute(
        delete(credential).where(
            credential.c.user_id == user_id,
            credential.c.kind == "session",
            credential.c.expires_at < before,
        )
    )


def hold_throttle(transaction: Transaction, keys: Sequence[str]) -> list[Throttled]:
    """Return the throttle's rows of some keys, made when absent, held until the end.

    Rows are taken in the order of their keys, so that two logins can't wait for each other.
    """
    dialect = postgresql if transaction.backend == "postgis" else sqlite
    rows = []
    for key in sorted(keys):
        transaction.connection.execute(
            dialect.insert(login_throttle)
            .values(key=key, failures=0, first_failure_at=transaction.now)
            .on_conflict_do_nothing(index_elements=[login_throttle.c.key])
        )
        row = (
            transaction.connection.execute(
                select(login_throttle).where(login_throttle.c.key == key).with_for_update()
            )
            .mappings()
            .one()
        )
        rows.append(Throttled(**row))
    return rows


def put_throttle(transaction: Transaction, row: Throttled) -> None:
    """Write a row that is held."""
    transaction.connection.execute(
        update(login_throttle)
        .where(login_throttle.c.key == row.key)
        .values(
            failures=row.failures,
            first_failure_at=row.first_failure_at,
            locked_until=row.locked_until,
        )
    )


def purge_throttle(transaction: Transaction, keep: timedelta) -> None:
    """Delete rows that no longer count for anything."""
    limit = transaction.now - keep
    transaction.connection.execute(
        delete(login_throttle).where(
            and_(
                login_throttle.c.first_failure_at < limit,
                or_(login_throttle.c.locked_until.is_(None), login_throttle.c.locked_until < limit),
            )
        )
    )
