# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables beside service points: services and copies, photos, assignments, drafts, tasks.

Each but the last two is a feature table, so that the one way of reading items serves them all.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from geoapi.store.columns import SortText, UtcInstant
from geoapi.store.feature_tables import METADATA, feature_table, key_column


def _record_table(name: str, *columns: Column[str] | Column[bool], has_names: bool = True) -> Table:
    """Build a feature table with an index on each of its own columns and on its scope."""
    table = feature_table(name, "POINT", *columns, has_names=has_names)
    for column in columns:
        if column.name != "is_offered":
            Index(f"ix_{name}_{column.name}", table.c["view"], table.c[column.name], table.c["fid"])
    Index(f"ix_{name}_scope_area", table.c.scope_area_code)
    Index(f"ix_{name}_scope_agency", table.c.scope_agency_id)
    return table


def _keys(*names: str) -> list[Column[str]]:
    return [key_column(name) for name in names]


_AREAS = ("province_code", "district_code")

service = _record_table(
    "service", *_keys("code", "agency_id", "audience", "life_event", "review_state")
)
point_service = _record_table(
    "point_service",
    *_keys("point_id", "service_id", *_AREAS, "subdistrict_code"),
    Column("is_offered", Boolean, nullable=False, server_default="0"),
    has_names=False,
)
copy_requirement = _record_table(
    "copy_requirement",
    *_keys("point_id", "service_id", "document_type", "copy_class", "plan_on"),
    *_keys(*_AREAS, "subdistrict_code"),
    has_names=False,
)
legal_instrument = _record_table("legal_instrument", *_keys("code", "instrument_type"))
assignment = _record_table(
    "assignment",
    *_keys("owner_id", "point_id", "agency_id", "state", "due_on", "campaign", *_AREAS),
)
photo = _record_table("photo", *_keys("point_id", "kind", "phash", *_AREAS), has_names=False)
draft = _record_table("draft", *_keys("owner_id", "point_id"), has_names=False)
task = _record_table(
    "task",
    *_keys("owner_id", "point_id", "service_id", "kind", "state", "due_on", *_AREAS),
    has_names=False,
)


def _unique(table: Table, view: str, *names: str) -> None:
    """Let no two items of a view agree in the named columns."""
    condition = text(f"view = '{view}'")
    Index(
        f"uq_{table.name}_{names[-1]}",
        *(table.c[name] for name in names),
        unique=True,
        sqlite_where=condition,
        postgresql_where=condition,
    )


_unique(service, "published", "code")
_unique(legal_instrument, "published", "code")
_unique(point_service, "working", "point_id", "service_id")
_unique(copy_requirement, "working", "point_id", "service_id", "document_type")
_unique(draft, "working", "owner_id", "point_id")

# Resumable uploads of photos; the bytes are in files, this is who sends what for which point.
upload = Table(
    "upload",
    METADATA,
    Column("id", SortText, primary_key=True),
    Column("user_id", SortText, nullable=False, index=True),
    Column("point_id", SortText, nullable=False),
    Column("length", Integer, nullable=False),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("metadata", Text, nullable=False, server_default="{}"),
    Column("created_at", UtcInstant, nullable=False),
    Column("expires_at", UtcInstant, nullable=False, index=True),
)

# How colleagues reach a user; in no answer but the user's own.
profile = Table(
    "profile",
    METADATA,
    Column("user_id", SortText, ForeignKey("user_account.id"), primary_key=True),
    Column("phone", Text, nullable=False, server_default=""),
    Column("confirmed_at", UtcInstant, nullable=True),
    Column("updated_at", UtcInstant, nullable=False),
)

RECORD_TABLES = (
    service,
    point_service,
    copy_requirement,
    legal_instrument,
    assignment,
    photo,
    draft,
    task,
)
