# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers of requests that carried an Idempotency-Key, kept beside what they did."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, insert, select

from geoapi.store.database import Transaction
from geoapi.store.tables import idempotency

# Offline queues of the field may send that late.
KEPT_DAYS = 7


@dataclass(frozen=True)
class StoredAnswer:
    """An answer to give again.

    Attributes:
        request_hash: SHA-256 of method, path and body.
        status: HTTP status.
        headers: of the answer.
        body: of the answer.
    """

    request_hash: str
    status: int
    headers: dict[str, str]
    body: str


def find(connection: Connection, user_id: str, key: str) -> StoredAnswer | None:
    """Return the answer given to a user's key, None when it is new."""
    row = connection.execute(
        select(idempotency).where(idempotency.c.user_id == user_id, idempotency.c.key == key)
    ).one_or_none()
    if row is None:
        return None
    return StoredAnswer(row.request_hash, row.status, json.loads(row.headers), row.body)


def put(transaction: Transaction, user_id: str, key: str, answer: StoredAnswer) -> None:
    """Keep an answer with the write that it tells of, and forget those that are too old."""
    oldest = transaction.now - timedelta(days=KEPT_DAYS)
    transaction.connection.execute(delete(idempotency).where(idempotency.c.created_at < oldest))
    transaction.connection.execute(
        insert(idempotency).values(
            user_id=user_id,
            key=key,
            request_hash=answer.request_hash,
            status=answer.status,
            headers=json.dumps(answer.headers),
            body=answer.body,
            created_at=transaction.now,
        )
    )
