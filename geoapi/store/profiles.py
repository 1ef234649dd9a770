# SPDX-License-Identifier: GPL-2.0-or-later
"""How colleagues reach a user: one row for each user, read for nobody but the user."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from geoapi.store.database import Transaction
from geoapi.store.tables import profile


@dataclass(frozen=True)
class ProfileRow:
    """A user's own profile.

    Attributes:
        phone: in E.164, '' for none.
        confirmed_at: when the user said last that it is right, UTC; None for never.
    """

    phone: str = ""
    confirmed_at: datetime | None = None


def read_profile(connection: Connection, user_id: str) -> ProfileRow:
    """Return a user's profile, an empty one when there is none."""
    row = connection.execute(
        select(profile.c.phone, profile.c.confirmed_at).where(profile.c.user_id == user_id)
    ).one_or_none()
    return ProfileRow() if row is None else ProfileRow(row.phone, row.confirmed_at)


def put_profile(transaction: Transaction, user_id: str, phone: str) -> None:
    """Store a phone that the user just confirmed; '' takes it away."""
    values = {
        "phone": phone,
        "confirmed_at": transaction.now if phone else None,
        "updated_at": transaction.now,
    }
    changed = transaction.connection.execute(
        update(profile).where(profile.c.user_id == user_id).values(**values)
    )
    if changed.rowcount == 0:
        transaction.connection.execute(insert(profile).values(user_id=user_id, **values))
