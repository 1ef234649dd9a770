# SPDX-License-Identifier: GPL-2.0-or-later
"""Batches of 1,000 new points in one transaction; what they leave behind is removed again."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import orjson
from sqlalchemy import delete, func, select

from geoapi.store import open_store
from geoapi.store.database import Transaction
from geoapi.store.tables import FEATURE_TABLES, change
from tools.bench.client import Request
from tools.bench.measuring import Case, Effort, Reading, measure
from tools.bench.multiplying import TABLE
from tools.bench.points import BANGKOK
from tools.bench.servers import Server
from tools.bench.sites import MANAGER, Prepared

FEATURES = 1_000
ROUNDS = 3
_ADDRESS = "/ogc/transactions"


def measure_batches(ours: Sequence[tuple[Prepared, Server]]) -> list[Reading]:
    """Insert 1,000 points at once, some times, in each of our stores."""
    with contextlib.ExitStack() as stack:
        for site, _ in ours:
            stack.enter_context(_kept_as_it_was(site))
        requests = {
            server.name: [_batch(site, number) for number in range(ROUNDS + 1)]
            for site, server in ours
        }
        case = Case("batch of 1,000, atomic", "batch", requests)
        effort = Effort(rounds=ROUNDS, least=1, seconds=0.0, most_seconds=0.0)
        return measure([case], [server for _, server in ours], effort)


def _batch(site: Prepared, number: int) -> Request:
    items = [_feature(number * FEATURES + index) for index in range(FEATURES)]
    action = {"action": "insert", "collection": "service-points", "items": items}
    body = orjson.dumps({"semantic": "atomic", "transaction": [action]})
    headers = {
        "Authorization": f"Bearer {site.token(MANAGER)}",
        "Content-Type": "application/json",
        "Prefer": "return=minimal",
    }
    return Request(_ADDRESS, headers, "POST", body)


def _feature(number: int) -> dict:
    lon, lat = BANGKOK
    place = [round(lon + number % 100 * 1e-3, 7), round(lat + number // 100 * 1e-3, 7)]
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "name_th": f"จุดทดสอบชุดที่ {number}",
            "name_en": f"Batch point {number}",
            "category": "post_office",
            "official_id": f"8{number:09d}",
        },
    }


@contextlib.contextmanager
def _kept_as_it_was(site: Prepared) -> Iterator[None]:
    """Remove afterwards every point and change that came meanwhile."""
    table, store = FEATURE_TABLES[TABLE], open_store(site.store, timeout_s=600)
    last_fid, last_seq = store.read(
        lambda connection: connection.execute(
            select(
                select(func.max(table.c.fid)).scalar_subquery(),
                select(func.max(change.c.seq)).scalar_subquery(),
            )
        ).one()
    )

    def remove(transaction: Transaction) -> None:
        transaction.connection.execute(delete(table).where(table.c.fid > last_fid))
        transaction.connection.execute(delete(change).where(change.c.seq > last_seq))

    try:
        yield
    finally:
        store.write(remove)
        store.close()
