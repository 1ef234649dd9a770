# SPDX-License-Identifier: GPL-2.0-or-later
"""What every feature table has: its columns, its indexes, and the metadata all tables belong to."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from geoapi.store.columns import SortText, UtcInstant, geometry_column

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in columns declared INTEGER, which are 64 bits there anyway.
LONG = BigInteger().with_variant(Integer, "sqlite")
PUBLISHED, WORKING = "published", "working"


def key_column(name: str) -> Column[str]:
    """Make a text column that filters and sorts: never NULL, so that keyset paging stays simple."""
    return Column(name, SortText, nullable=False, server_default="")


def _add_indexes(table: Table, *, has_names: bool) -> None:
    """Add the indexes that every feature table has; those of names only where there are names."""
    sorted_by = ["fid", "updated_at"]
    if has_names:
        sorted_by += ["name_sort_th", "name_sort_en"]
        for column in ("name_th_key", "name_en_key"):
            Index(f"ix_{table.name}_{column}", table.c["view"], table.c[column])
    for column in sorted_by:
        # ("view", "fid") carries plain paging; the rest end with fid, the tie-break of the cursor
        keys = ("view", column) if column == "fid" else ("view", column, "fid")
        Index(f"ix_{table.name}_{column}", *(table.c[key] for key in keys))


def feature_table(
    name: str, geometry_kind: str, *columns: Column[str] | Column[bool], has_names: bool = True
) -> Table:
    """Build a feature table: common columns first, then the collection's own.

    Args:
        name: singular table name.
        geometry_kind: OGC geometry type name of ``geom``.
        columns: the collection's own filter columns.
        has_names: items are sorted and searched by name.
    """
    table = Table(
        name,
        METADATA,
        Column("fid", Integer, primary_key=True, autoincrement=True),
        Column("id", SortText, nullable=False),
        Column("view", SortText, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("etag", Text, nullable=False),
        Column("feature", Text, nullable=False),
        Column("geom", geometry_column(geometry_kind), nullable=True),
        # bounds of geom in degrees: exact bbox tests, and what the triggers of the R-tree read
        Column("min_x", Double, nullable=True),
        Column("max_x", Double, nullable=True),
        Column("min_y", Double, nullable=True),
        Column("max_y", Double, nullable=True),
        Column("created_at", UtcInstant, nullable=False),
        Column("updated_at", UtcInstant, nullable=False),
        key_column("name_th"),
        key_column("name_en"),
        # canonical lower case, for words too short for trigrams
        key_column("name_th_key"),
        key_column("name_en_key"),
        # Thai dictionary order under plain code point comparison
        key_column("name_sort_th"),
        key_column("name_sort_en"),
        Column("search", Text, nullable=False, server_default=""),
        key_column("scope_agency_id"),
        key_column("scope_area_code"),
        *columns,
        UniqueConstraint("id", "view", name=f"uq_{name}_id_view"),
        CheckConstraint("view IN ('published', 'working')", name="view"),
        sqlite_autoincrement=True,
    )
    _add_indexes(table, has_names=has_names)
    return table
