# SPDX-License-Identifier: GPL-2.0-or-later
"""The audit of accounts: sign-ins, refusals, changes of users and rights; appended, never changed.

Details hold codes and ids alone: no names, no secrets, no addresses.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select

from geoapi.store.database import Transaction
from geoapi.store.tables import audit, user_account

# Each has words under ``audit.event.*``.
EVENTS = (
    "login",
    "logout",
    "request",
    "csrf",
    "password.change",
    "password.link",
    "password.set",
    "token.create",
    "token.revoke",
    "user.create",
    "user.change",
    "user.disable",
    "user.enable",
    "grant.add",
    "grant.remove",
    "report.make",
    "report.send",
    "report.receive",
)
Outcome = Literal["ok", "refused"]


@dataclass(frozen=True)
class AuditEntry:
    """One thing that happened.

    Attributes:
        event: one of ``EVENTS``.
        outcome: whether it was done.
        actor_id: the user who did it, '' when unknown.
        subject_id: the user, token or grant it was done to.
        request_id: found again in the log.
        detail: codes and ids.
    """

    event: str
    outcome: Outcome = "ok"
    actor_id: str = ""
    subject_id: str = ""
    request_id: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRow:
    """A stored entry, with the usernames of actor and subject as far as they are users."""

    id: int
    at: datetime
    event: str
    outcome: str
    actor_id: str
    subject_id: str
    request_id: str
    detail: str
    actor: str
    subject: str


def record(transaction: Transaction, entry: AuditEntry) -> None:
    """Append an entry; it is stored or not together with what it tells about."""
    values = vars(entry) | {"detail": json.dumps(dict(entry.detail), ensure_ascii=False)}
    transaction.connection.execute(insert(audit).values(at=transaction.now, **values))


def read_audit(
    connection: Connection, *, before: int | None = None, event: str = "", limit: int = 50
) -> list[AuditRow]:
    """Return entries, the newest first.

    Args:
        connection: for reading.
        before: id of the last entry of the page before; None for the newest.
        event: only this event, '' for all.
        limit: how many at the most.
    """
    actor, subject = user_account.alias("actor"), user_account.alias("subject")
    statement = (
        select(
            audit,
            actor.c.username.label("actor"),
            subject.c.username.label("subject"),
        )
        .outerjoin(actor, actor.c.id == audit.c.actor_id)
        .outerjoin(subject, subject.c.id == audit.c.subject_id)
        .order_by(audit.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(audit.c.id < before)
    if event:
        statement = statement.where(audit.c.event == event)
    rows = connection.execute(statement).mappings()
    return [
        AuditRow(**{**row, "actor": row["actor"] or "", "subject": row["subject"] or ""})
        for row in rows
    ]
