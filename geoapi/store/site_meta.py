# SPDX-License-Identifier: GPL-2.0-or-later
"""Small named values of a site, and emptying it for a new start of the demonstration."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from geoapi.store.database import Transaction
from geoapi.store.tables import (
    FEATURE_TABLES,
    agency_closure,
    change,
    holiday,
    idempotency,
    import_base,
    progress_report,
    progress_report_part,
    site_meta,
    tile_point,
    upload,
)
from geoapi.store.tile_marks import renew

# Tells one tree of agencies from another: rights over an agency reach what the tree says.
AGENCY_TREE = "agency_tree"


def get_meta(connection: Connection, key: str) -> str | None:
    """Return a named value, None when it was never set."""
    return connection.execute(
        select(site_meta.c.value).where(site_meta.c.key == key)
    ).scalar_one_or_none()


def put_meta(transaction: Transaction, key: str, value: str) -> None:
    """Set a named value."""
    connection = transaction.connection
    changed = connection.execute(
        update(site_meta).where(site_meta.c.key == key).values(value=value)
    )
    if changed.rowcount == 0:
        connection.execute(insert(site_meta).values(key=key, value=value))


def empty_demo(transaction: Transaction) -> None:
    """Delete everything but accounts, sessions and audit; only a demonstration does this."""
    tables = (
        *FEATURE_TABLES.values(),
        agency_closure,
        change,
        holiday,
        idempotency,
        import_base,
        tile_point,
        progress_report_part,
        progress_report,
        upload,
    )
    for table in tables:
        transaction.connection.execute(delete(table))
    renew(transaction.connection)
