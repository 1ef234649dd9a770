# SPDX-License-Identifier: GPL-2.0-or-later
"""Every table of the store, once, for both backends; docs/data-model.md explains each column.

A *feature table* keeps, beside flat indexed columns for filters and sorting, the finished GeoJSON
text of each feature, so that a read joins texts and renders nothing.  ``view`` tells published
rows (what the public sees) from working rows (what the holders of a right see); only service
points have both.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    text,
)

from geoapi.store.columns import SortText, UtcInstant
from geoapi.store.feature_tables import (
    LONG,
    METADATA,
    PUBLISHED,
    WORKING,
    feature_table,
    key_column,
)
from geoapi.store.job_tables import job, job_worker
from geoapi.store.record_tables import RECORD_TABLES, profile, upload
from geoapi.store.report_tables import progress_report, progress_report_part
from geoapi.store.tile_tables import tile_mark, tile_point

service_point = feature_table(
    "service_point",
    "POINT",
    key_column("category"),
    key_column("agency_id"),
    key_column("province_code"),
    key_column("district_code"),
    key_column("subdistrict_code"),
    key_column("postal_code"),
    key_column("state"),
    key_column("status"),
    key_column("official_id"),
    key_column("short_code"),
    key_column("parent_id"),
    Column("is_branch", Boolean, nullable=False, server_default="0"),
    # JSON list of the users who edited since the last verification: none of them may verify
    Column("editors", Text, nullable=False, server_default="[]"),
)
for _column in (
    "category",
    "district_code",
    "subdistrict_code",
    "agency_id",
    "official_id",
    "short_code",
    "parent_id",
    "state",
):
    Index(
        f"ix_service_point_{_column}",
        service_point.c["view"],
        service_point.c[_column],
        service_point.c["fid"],
    )
# a short code is printed on posters: it must mean one place for ever
_NAMED = "view = 'working' AND short_code <> ''"
Index(
    "uq_service_point_short_code",
    service_point.c.short_code,
    unique=True,
    sqlite_where=text(_NAMED),
    postgresql_where=text(_NAMED),
)
Index("ix_service_point_scope_area", service_point.c.scope_area_code)
Index("ix_service_point_scope_agency", service_point.c.scope_agency_id)

# all that a progress report reads of a point, and by (view, state, id) whether it is public
Index(
    "ix_service_point_progress",
    *(
        service_point.c[name]
        for name in (
            "view", "state", "id", "scope_area_code", "scope_agency_id", "province_code",
            "district_code",
        )
    ),
)  # fmt: skip

agency = feature_table(
    "agency",
    "POINT",
    key_column("code"),
    key_column("agency_type"),
    key_column("parent_id"),
    key_column("province_code"),
    key_column("district_code"),
)
Index("ix_agency_code", agency.c["view"], agency.c.code)

area = feature_table(
    "area",
    "MULTIPOLYGON",
    key_column("code"),
    key_column("level"),
    key_column("parent_code"),
    key_column("postal_codes"),
)
Index("ix_area_level", area.c["view"], area.c.level, area.c.fid)

# Every agency under itself and under each unit it answers to, by any path of the tree.
agency_closure = Table(
    "agency_closure",
    METADATA,
    Column("ancestor_id", SortText, primary_key=True),
    Column("descendant_id", SortText, primary_key=True),
)
Index("ix_agency_closure_descendant", agency_closure.c.descendant_id)

# Append-only: history, change feed, audit of writes and outbox at once; seq is in commit order.
change = Table(
    "change",
    METADATA,
    Column("seq", LONG, primary_key=True, autoincrement=True),
    Column("at", UtcInstant, nullable=False),
    Column("collection", SortText, nullable=False),
    Column("item_id", SortText, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("operation", Text, nullable=False),
    # what happened to the public item: '' nothing, 'upsert' or 'delete'
    Column("public_effect", SortText, nullable=False, server_default=""),
    Column("actor_id", SortText, nullable=False, server_default=""),
    Column("client", Text, nullable=False, server_default=""),
    Column("request_id", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    key_column("scope_agency_id"),
    key_column("scope_area_code"),
    Column("document", Text, nullable=True),
    Column("public_document", Text, nullable=True),
    sqlite_autoincrement=True,
)
Index("ix_change_item", change.c.collection, change.c.item_id, change.c.seq)
Index("ix_change_public", change.c.collection, change.c.public_effect, change.c.seq)

idempotency = Table(
    "idempotency",
    METADATA,
    Column("user_id", SortText, primary_key=True),
    Column("key", SortText, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcInstant, nullable=False, index=True),
)

user_account = Table(
    "user_account",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("username", SortText, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("password_hash", Text, nullable=False, server_default=""),
    Column("must_change_password", Boolean, nullable=False, server_default="0"),
    Column("language", Text, nullable=False, server_default="th"),
    Column("created_at", UtcInstant, nullable=False),
    Column("updated_at", UtcInstant, nullable=False),
    Column("disabled_at", UtcInstant, nullable=True),
    Column("revision", Integer, nullable=False, server_default="1"),
)

role_grant = Table(
    "role_grant",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("user_id", SortText, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("role", SortText, nullable=False),
    # '' means everywhere
    key_column("agency_id"),
    key_column("area_code"),
    Column("valid_from", Date, nullable=True),
    Column("valid_to", Date, nullable=True),
    Column("granted_by", SortText, nullable=False, server_default=""),
    Column("created_at", UtcInstant, nullable=False),
)

# Sessions of browsers and personal access tokens; only SHA-256 of the secret is kept.
credential = Table(
    "credential",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("user_id", SortText, ForeignKey("user_account.id"), nullable=False, index=True),
    Column("kind", SortText, nullable=False),
    Column("secret_hash", SortText, nullable=False, unique=True),
    Column("label", Text, nullable=False, server_default=""),
    Column("created_at", UtcInstant, nullable=False),
    Column("last_used_at", UtcInstant, nullable=True),
    Column("expires_at", UtcInstant, nullable=True),
    Column("revoked_at", UtcInstant, nullable=True),
    CheckConstraint("kind IN ('session', 'token')", name="kind"),
)

login_throttle = Table(
    "login_throttle",
    METADATA,
    Column("key", SortText, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("first_failure_at", UtcInstant, nullable=False),
    Column("locked_until", UtcInstant, nullable=True),
)

audit = Table(
    "audit",
    METADATA,
    Column("id", LONG, primary_key=True, autoincrement=True),
    Column("at", UtcInstant, nullable=False, index=True),
    Column("event", SortText, nullable=False),
    Column("outcome", SortText, nullable=False),
    Column("actor_id", SortText, nullable=False, server_default=""),
    Column("subject_id", SortText, nullable=False, server_default=""),
    Column("request_id", Text, nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default="{}"),
    sqlite_autoincrement=True,
)

holiday = Table(
    "holiday",
    METADATA,
    Column("date", Date, primary_key=True),
    Column("name_th", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("kind", Text, nullable=False),
)

import_run = Table(
    "import_run",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("kind", SortText, nullable=False),
    Column("source_sha256", Text, nullable=False),
    Column("started_at", UtcInstant, nullable=False),
    Column("finished_at", UtcInstant, nullable=True),
    Column("counts", Text, nullable=False, server_default="{}"),
)

# Rows of an import wait here until all are read; one transaction then merges them.
import_row = Table(
    "import_row",
    METADATA,
    Column("run_id", SortText, ForeignKey("import_run.id"), primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("key", SortText, nullable=False),
    Column("document", Text, nullable=False),
)

# What a source last said of an item: tells a change at the source from a correction by an officer.
import_base = Table(
    "import_base",
    METADATA,
    Column("kind", SortText, primary_key=True),
    Column("key", SortText, primary_key=True),
    Column("item_id", SortText, nullable=False),
    Column("document", Text, nullable=False),
)

site_meta = Table(
    "site_meta",
    METADATA,
    Column("key", SortText, primary_key=True),
    Column("value", Text, nullable=False),
)

FEATURE_TABLES: dict[str, Table] = {
    t.name: t for t in (service_point, agency, area, *RECORD_TABLES)
}

__all__ = [
    "FEATURE_TABLES",
    "METADATA",
    "PUBLISHED",
    "WORKING",
    "job",
    "job_worker",
    "profile",
    "progress_report",
    "progress_report_part",
    "tile_mark",
    "tile_point",
    "upload",
]
