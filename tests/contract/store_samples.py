# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows of every table, with the values that two databases could understand differently."""

from __future__ import annotations

from datetime import UTC, date, datetime

import shapely
from sqlalchemy import insert

from geoapi.store import Store, Transaction
from geoapi.store.changes import ChangeEntry, append
from geoapi.store.copy import stored_tables
from geoapi.store.features import insert_rows, put_row
from geoapi.store.tables import METADATA

INSTANT = datetime(2026, 11, 22, 5, 6, 7, 89_000, tzinfo=UTC)
POLYGON = shapely.from_wkt(
    "MULTIPOLYGON(((99.1 19.1, 99.9 19.1, 99.9 20.123456789012345, 99.1 19.1)))"
)
FEATURE = {"revision": 1, "etag": '"1"', "created_at": INSTANT, "updated_at": INSTANT}


def point_row(number: int, name: str = "โรงพยาบาลห้วยชมภู") -> dict[str, object]:
    """Return the flat columns of one service point."""
    return FEATURE | {
        "id": f"00000000-0000-4000-8000-{number:012d}",
        "view": "published",
        "feature": f'{{"name_th": "{name}", "n": {number}}}',
        "name_th": name,
        "search": f"{name} 0 5315 0161",
        "is_branch": number % 2 == 1,
    }


def change_entry(number: int) -> ChangeEntry:
    """Return one entry of the change table."""
    return ChangeEntry(
        "service-points", f"id-{number}", 1, "create", "upsert", "u1", "test", "r1", "เหตุผล",
        "", "57", '{"a": 1}', None,
    )  # fmt: skip


def fill(store: Store) -> None:
    """Put rows into every table that the store has, whatever its schema."""

    def write(transaction: Transaction) -> None:
        present = {table.name for table in stored_tables(transaction.connection)}
        points = [
            (point_row(n), shapely.Point(99.8 + n / 7e4, 19.9 - n / 3e4) if n % 5 else None)
            for n in range(1200)
        ]
        insert_rows(transaction, "service_point", points)
        area = FEATURE | {"id": "57", "view": "published", "feature": "{}", "code": "57"}
        put_row(transaction, "area", area, POLYGON)
        agency = FEATURE | {"id": "a", "view": "working", "feature": "{}", "name_th": 'ฮ|\\"\t'}
        put_row(transaction, "agency", agency, None)
        for name, own in RECORD_COLUMNS.items():
            if name not in present:
                continue
            record = FEATURE | {"id": name, "view": "working", "feature": "{}"} | own
            put_row(transaction, name, record, shapely.Point(99.8, 19.9))
        for number in range(3):
            append(transaction, change_entry(number))
        for name in (name for name in OTHER_ROWS if name in present):
            row = OTHER_ROWS[name]
            transaction.connection.execute(insert(METADATA.tables[name]), row)
        if "tile_point" not in present:  # no program writes into an old schema
            transaction.public_rows.clear()

    store.write(write)


RECORD_COLUMNS: dict[str, dict[str, object]] = {
    "service": {"code": "s-1", "name_th": "ย้ายทะเบียนบ้าน"},
    "point_service": {"point_id": "p", "service_id": "s", "is_offered": True},
    "copy_requirement": {"point_id": "p", "service_id": "s", "document_type": "id_card"},
    "legal_instrument": {"code": "l-1"},
    "assignment": {"owner_id": "u1", "due_on": "2026-12-31"},
    "photo": {"point_id": "p", "phash": "ff00ff00ff00ff00"},
    "draft": {"owner_id": "u1", "point_id": "p"},
    "task": {"owner_id": "u1", "kind": "pin_place", "state": "open"},
}
OTHER_ROWS: dict[str, list[dict[str, object]]] = {
    "agency_closure": [{"ancestor_id": "a", "descendant_id": d} for d in ("b", "B", "ก", "_")],
    "idempotency": [
        {
            "user_id": "u1", "key": "k", "request_hash": "h", "status": 201, "headers": "{}",
            "body": "ñ\U0001f600", "created_at": INSTANT,
        }
    ],
    "user_account": [
        {
            "id": "u1", "username": "somchai", "display_name": "สมชาย", "created_at": INSTANT,
            "updated_at": INSTANT, "must_change_password": True,
        }
    ],
    "role_grant": [
        {
            "id": "g1", "user_id": "u1", "role": "officer", "created_at": INSTANT,
            "valid_from": date(2026, 1, 1),
        }
    ],
    "credential": [
        {
            "id": "c1", "user_id": "u1", "kind": "token", "secret_hash": "s",
            "created_at": INSTANT, "expires_at": INSTANT,
        }
    ],
    "login_throttle": [{"key": "somchai", "failures": 2, "first_failure_at": INSTANT}],
    "audit": [{"at": INSTANT, "event": "login", "outcome": "refused"}],
    "holiday": [{"date": date(2026, 12, 5), "name_th": "วันพ่อ", "name_en": "x", "kind": "public"}],
    "import_run": [
        {"id": "r1", "kind": "areas", "source_sha256": "0", "started_at": INSTANT}
    ],
    "import_row": [{"run_id": "r1", "row_number": 1, "key": "k", "document": "{}"}],
    "import_base": [{"kind": "areas", "key": "k", "item_id": "i", "document": "{}"}],
    "progress_report": [
        {
            "id": "pr1", "made_at": INSTANT, "made_by": "u1", "inputs": "{}",
            "document": '{"n": "ก"}', "province_code": "57", "sent_at": INSTANT, "sent_by": "u1",
        }
    ],
    "progress_report_part": [{"report_id": "pr1", "number": 1, "scope_area_code": "57"}],
    "site_meta": [{"key": "site_id", "value": "x"}],
    "profile": [{"user_id": "u1", "phone": "+66812345678", "updated_at": INSTANT}],
    "job": [
        {
            "id": "j1", "process_id": "echo", "user_id": "u1", "owner_key": "user:u1",
            "state": "running", "inputs": "{}", "attempt": 1, "worker_id": "w1",
            "created_at": INSTANT, "updated_at": INSTANT, "started_at": INSTANT,
        }
    ],
    "job_worker": [
        {"id": "w1", "slots": 2, "started_at": INSTANT, "seen_at": INSTANT},
    ],
    "upload": [
        {
            "id": "up1", "user_id": "u1", "point_id": "p", "length": 4_000_000, "received": 17,
            "created_at": INSTANT, "expires_at": INSTANT,
        }
    ],
}  # fmt: skip
