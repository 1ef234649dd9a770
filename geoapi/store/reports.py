# SPDX-License-Identifier: GPL-2.0-or-later
"""Progress reports as they were made: stored once, sent once, received once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, exists, insert, not_, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from geoapi.store.database import Transaction
from geoapi.store.features import scope_condition
from geoapi.store.tables import progress_report, progress_report_part
from geoapi.types import Scope

# What nobody sent is a look at the numbers of one day.
UNSENT_KEPT_DAYS = 90
_COLUMNS = tuple(column for column in progress_report.c if column.name != "inputs")


@dataclass(frozen=True)
class StoredReport:
    """A report as it was made.

    Attributes:
        id: its id.
        made_at: when, UTC.
        made_by: id of the user; never shown.
        document: JSON text of :mod:`geoapi.progress_report_document`.
        province_code: the province it was sent to, '' until then.
        sent_at: None until it is sent.
        sent_by: id of the user, '' until then.
        received_at: None until somebody of the province confirms it.
        received_by: id of the user, '' until then.
    """

    id: str
    made_at: datetime
    made_by: str
    document: str
    province_code: str = ""
    sent_at: datetime | None = None
    sent_by: str = ""
    received_at: datetime | None = None
    received_by: str = ""


def put(
    transaction: Transaction, report: StoredReport, inputs: str, parts: Sequence[Scope]
) -> None:
    """Store a new report, and forget the maker's old ones that were never sent."""
    connection = transaction.connection
    oldest = transaction.now - timedelta(days=UNSENT_KEPT_DAYS)
    stale = select(progress_report.c.id).where(
        progress_report.c.made_by == report.made_by,
        progress_report.c.sent_at.is_(None),
        progress_report.c.made_at < oldest,
    )
    connection.execute(
        delete(progress_report_part).where(progress_report_part.c.report_id.in_(stale))
    )
    connection.execute(delete(progress_report).where(progress_report.c.id.in_(stale)))
    connection.execute(insert(progress_report).values(**vars(report), inputs=inputs))
    rows = [
        {
            "report_id": report.id, "number": number, "scope_agency_id": part.agency_id,
            "scope_area_code": part.area_code,
        }
        for number, part in enumerate(parts, 1)
    ]  # fmt: skip
    connection.execute(insert(progress_report_part), rows)


def _covers(scopes: Sequence[Scope]) -> ColumnElement[bool]:
    """Build the condition that every part of a report lies inside one of the scopes."""
    beyond = select(progress_report_part.c.number).where(
        progress_report_part.c.report_id == progress_report.c.id,
        not_(scope_condition(progress_report_part, scopes)),
    )
    return ~exists(beyond)


def _visible(user_id: str, scopes: Sequence[Scope]) -> ColumnElement[bool]:
    """Build the condition that a reader may see a report: what is not sent is its maker's."""
    return and_(
        or_(progress_report.c.made_by == user_id, progress_report.c.sent_at.is_not(None)),
        _covers(scopes),
    )


def get(
    connection: Connection, report_id: str, user_id: str, scopes: Sequence[Scope]
) -> StoredReport | None:
    """Return a report that a reader may see, or None."""
    statement = select(*_COLUMNS).where(
        progress_report.c.id == report_id, _visible(user_id, scopes)
    )
    row = connection.execute(statement).mappings().one_or_none()
    return None if row is None else StoredReport(**row)


def own(
    connection: Connection, user_id: str, scopes: Sequence[Scope], limit: int
) -> list[StoredReport]:
    """Return the reports that a user made, as far as the right still holds, the newest first."""
    statement = (
        select(*_COLUMNS)
        .where(progress_report.c.made_by == user_id, _covers(scopes))
        .order_by(progress_report.c.made_at.desc(), progress_report.c.id)
        .limit(limit)
    )
    return [StoredReport(**row) for row in connection.execute(statement).mappings()]


def sent(
    connection: Connection, user_id: str, scopes: Sequence[Scope], limit: int
) -> list[StoredReport]:
    """Return what others sent, inside the scopes: not received yet first, then the newest."""
    statement = (
        select(*_COLUMNS)
        .where(
            progress_report.c.sent_at.is_not(None),
            progress_report.c.made_by != user_id,
            _covers(scopes),
        )
        .order_by(
            progress_report.c.received_at.is_not(None),
            progress_report.c.sent_at.desc(),
            progress_report.c.id,
        )
        .limit(limit)
    )
    return [StoredReport(**row) for row in connection.execute(statement).mappings()]


def is_inside(connection: Connection, report_id: str, scopes: Sequence[Scope]) -> bool:
    """Say whether all that a report counts lies inside the scopes."""
    statement = select(progress_report.c.id).where(
        progress_report.c.id == report_id, _covers(scopes)
    )
    return connection.execute(statement).one_or_none() is not None


def mark_sent(transaction: Transaction, report_id: str, province_code: str, user_id: str) -> bool:
    """Note that a report was sent; False when it was sent before."""
    done = transaction.connection.execute(
        update(progress_report)
        .where(progress_report.c.id == report_id, progress_report.c.sent_at.is_(None))
        .values(province_code=province_code, sent_at=transaction.now, sent_by=user_id)
    )
    return done.rowcount > 0


def mark_received(transaction: Transaction, report_id: str, user_id: str) -> bool:
    """Note that a sent report was received; False when it was received before."""
    done = transaction.connection.execute(
        update(progress_report)
        .where(
            progress_report.c.id == report_id,
            progress_report.c.sent_at.is_not(None),
            progress_report.c.received_at.is_(None),
        )
        .values(received_at=transaction.now, received_by=user_id)
    )
    return done.rowcount > 0
