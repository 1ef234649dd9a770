# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is sending which photo in pieces; the pieces are files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from geoapi.store.database import Transaction
from geoapi.store.record_tables import upload


@dataclass(frozen=True)
class UploadRow:
    """One upload.

    Attributes:
        id: also of the photo that becomes of it.
        user_id: whose it is.
        point_id: the service point.
        length: bytes of the whole file.
        received: equal to ``length`` once the photo is stored, 0 before.
        metadata: what the client says of the photo.
        expires_at: UTC.
    """

    id: str
    user_id: str
    point_id: str
    length: int
    received: int
    metadata: Mapping[str, str]
    expires_at: datetime

    @property
    def is_done(self) -> bool:
        """Say whether the photo is stored."""
        return self.received == self.length


def insert_upload(transaction: Transaction, row: UploadRow) -> None:
    """Store a new upload."""
    values = {**vars(row), "metadata": json.dumps(dict(row.metadata), ensure_ascii=False)}
    transaction.connection.execute(insert(upload).values(created_at=transaction.now, **values))


def find_upload(connection: Connection, upload_id: str, user_id: str) -> UploadRow | None:
    """Return an upload of a user, None when there is none or it is somebody else's."""
    columns = [upload.c[name] for name in UploadRow.__dataclass_fields__]
    row = connection.execute(
        select(*columns).where(upload.c.id == upload_id, upload.c.user_id == user_id)
    ).one_or_none()
    return (
        None
        if row is None
        else UploadRow(**{**row._asdict(), "metadata": json.loads(row.metadata)})
    )


def open_uploads(connection: Connection, user_id: str, now: datetime) -> tuple[int, int]:
    """Return how many uploads of a user are open, and the bytes that they announce together."""
    row = connection.execute(
        select(func.count(), func.coalesce(func.sum(upload.c.length), 0)).where(
            upload.c.user_id == user_id,
            upload.c.received != upload.c.length,
            upload.c.expires_at > now,
        )
    ).one()
    return int(row[0]), int(row[1])


def mark_done(transaction: Transaction, upload_id: str) -> None:
    """Note that the photo of an upload is stored."""
    transaction.connection.execute(
        update(upload).where(upload.c.id == upload_id).values(received=upload.c.length)
    )


def delete_upload(transaction: Transaction, upload_id: str) -> None:
    """Forget an upload."""
    transaction.connection.execute(delete(upload).where(upload.c.id == upload_id))


def delete_expired(transaction: Transaction) -> int:
    """Forget the uploads whose time is over; return how many."""
    done = transaction.connection.execute(
        delete(upload).where(upload.c.expires_at <= transaction.now)
    )
    return done.rowcount


def unfinished_uploads(connection: Connection) -> set[str]:
    """Return the ids of all uploads whose photo is not stored yet."""
    statement = select(upload.c.id).where(upload.c.received != upload.c.length)
    return {row[0] for row in connection.execute(statement)}
