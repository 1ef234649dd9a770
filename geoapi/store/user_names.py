# SPDX-License-Identifier: GPL-2.0-or-later
"""Names of users by their ids, for pages of people who work together; never for the public."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from geoapi.store.tables import user_account


def display_names(connection: Connection, user_ids: Iterable[str]) -> dict[str, str]:
    """Return {id: display name} of those ids that are users, disabled ones included."""
    statement = select(user_account.c.id, user_account.c.display_name).where(
        user_account.c.id.in_(sorted(set(user_ids)))
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
