# SPDX-License-Identifier: GPL-2.0-or-later
"""Staged rows of imports, what each source said last, and the table of holidays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select, update

from geoapi.store.database import Transaction
from geoapi.store.tables import holiday, import_base, import_row, import_run
from geoapi.types import JsonObject


@dataclass(frozen=True)
class StagedRow:
    """A row of the source that was read and checked.

    Attributes:
        row_number: in the source.
        key: natural key, the same whenever the same thing is imported again.
        document: what the source says.
    """

    row_number: int
    key: str
    document: JsonObject


@dataclass(frozen=True)
class Base:
    """What a source said of an item when it was last imported."""

    item_id: str
    document: JsonObject


def begin_run(transaction: Transaction, run_id: str, kind: str, source_sha256: str) -> None:
    """Note that an import began, and drop what imports left that were killed before today."""
    yesterday = transaction.now - timedelta(days=1)
    stale = select(import_run.c.id).where(
        import_run.c.finished_at.is_(None), import_run.c.started_at < yesterday
    )
    transaction.connection.execute(delete(import_row).where(import_row.c.run_id.in_(stale)))
    transaction.connection.execute(
        delete(import_run).where(
            import_run.c.finished_at.is_(None), import_run.c.started_at < yesterday
        )
    )
    transaction.connection.execute(
        insert(import_run).values(
            id=run_id, kind=kind, source_sha256=source_sha256, started_at=transaction.now
        )
    )


def stage(transaction: Transaction, run_id: str, rows: Sequence[StagedRow]) -> None:
    """Keep rows until the merge."""
    transaction.connection.execute(
        insert(import_row),
        [
            {
                "run_id": run_id,
                "row_number": row.row_number,
                "key": row.key,
                "document": orjson.dumps(row.document).decode(),
            }
            for row in rows
        ],
    )


def staged(connection: Connection, run_id: str) -> Iterator[StagedRow]:
    """Yield the staged rows of a run in the order of the source."""
    statement = (
        select(import_row.c.row_number, import_row.c.key, import_row.c.document)
        .where(import_row.c.run_id == run_id)
        .order_by(import_row.c.row_number)
    )
    for number, key, document in connection.execute(statement):
        yield StagedRow(number, key, orjson.loads(document))


def end_run(transaction: Transaction, run_id: str, counts: dict[str, int] | None) -> None:
    """Drop the staged rows; note the counts, or forget a run that came to nothing."""
    connection = transaction.connection
    connection.execute(delete(import_row).where(import_row.c.run_id == run_id))
    if counts is None:
        connection.execute(delete(import_run).where(import_run.c.id == run_id))
        return
    connection.execute(
        update(import_run)
        .where(import_run.c.id == run_id)
        .values(finished_at=transaction.now, counts=json.dumps(counts))
    )


def bases(connection: Connection, kind: str) -> dict[str, Base]:
    """Return what was last imported of a kind, {natural key: base}."""
    rows = connection.execute(
        select(import_base.c.key, import_base.c.item_id, import_base.c.document).where(
            import_base.c.kind == kind
        )
    )
    return {key: Base(item_id, orjson.loads(document)) for key, item_id, document in rows}


def put_bases(transaction: Transaction, kind: str, said: dict[str, Base]) -> None:
    """Remember what the source says now."""
    if not said:
        return
    connection = transaction.connection
    known = set(
        connection.execute(select(import_base.c.key).where(import_base.c.kind == kind)).scalars()
    )
    for key in known & said.keys():
        base = said[key]
        connection.execute(
            update(import_base)
            .where(import_base.c.kind == kind, import_base.c.key == key)
            .values(item_id=base.item_id, document=orjson.dumps(base.document).decode())
        )
    new = [
        {
            "kind": kind,
            "key": key,
            "item_id": base.item_id,
            "document": orjson.dumps(base.document).decode(),
        }
        for key, base in said.items()
        if key not in known
    ]
    if new:
        connection.execute(insert(import_base), new)


def holidays(connection: Connection) -> dict[date, dict[str, Any]]:
    """Return all holidays by date."""
    rows = connection.execute(select(holiday).order_by(holiday.c.date)).mappings()
    return {row["date"]: dict(row) for row in rows}


def put_holiday(transaction: Transaction, values: dict[str, Any]) -> None:
    """Insert or overwrite a holiday."""
    connection = transaction.connection
    changed = connection.execute(
        update(holiday).where(holiday.c.date == values["date"]).values(**values)
    )
    if changed.rowcount == 0:
        connection.execute(insert(holiday).values(**values))
