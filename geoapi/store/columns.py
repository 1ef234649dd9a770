# SPDX-License-Identifier: GPL-2.0-or-later
"""Column types that mean the same in a GeoPackage and in PostgreSQL."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Dialect, Text, types
from sqlalchemy.dialects import postgresql

SRID_WGS84 = 4326


def instant_text(value: datetime) -> str:
    """Write an instant as a GeoPackage DATETIME, to the millisecond: text order is time order.

    >>> instant_text(datetime(2026, 11, 22, 5, 6, 7, tzinfo=UTC))
    '2026-11-22T05:06:07.000Z'
    """
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def geopackage_blob(geometry: BaseGeometry) -> bytes:
    """Wrap WKB in the GeoPackage binary header with an envelope for areas, none for points.

    Source: OGC 12-128r18, clause 2.1.3.
    """
    is_point = geometry.geom_type == "Point"
    flags = 0b00000001 if is_point else 0b00000011
    header = b"GP\x00" + struct.pack("<Bi", flags, SRID_WGS84)
    if not is_point:
        min_x, min_y, max_x, max_y = geometry.bounds
        header += struct.pack("<4d", min_x, max_x, min_y, max_y)
    return header + bytes(shapely.to_wkb(geometry, byte_order=1))


class _DatetimeText(types.UserDefinedType[str]):
    """Text in a column declared DATETIME, which is how a GeoPackage wants instants."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:  # noqa: ANN401 - signature of SQLAlchemy
        """Name the type as the GeoPackage does."""
        return "DATETIME"


class UtcInstant(types.TypeDecorator[datetime]):
    """Aware UTC datetime: ``timestamptz`` in PostgreSQL, RFC 3339 text in a GeoPackage."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> types.TypeEngine[Any]:
        """Choose the native type where there is one."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(types.DateTime(timezone=True))
        return dialect.type_descriptor(_DatetimeText())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Write; SQLAlchemy wants the driver's own value back."""
        if value is None or dialect.name == "postgresql":
            return value
        return instant_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002
        """Read back as an aware UTC datetime."""
        if value is None or isinstance(value, datetime):
            return value.astimezone(UTC) if value is not None else None
        return datetime.fromisoformat(value)


class Geometry(types.UserDefinedType[BaseGeometry]):
    """Geometry in CRS84 (lon, lat): PostGIS ``geometry`` or a GeoPackage blob."""

    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY") -> None:
        """Keep the OGC name of the geometry type."""
        self.kind = kind

    def get_col_spec(self, **_kw: Any) -> str:  # noqa: ANN401 - signature of SQLAlchemy
        """Name the type as the GeoPackage does; PostgreSQL sees the compiled variant."""
        return self.kind

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ANN401
        """Give PostGIS hexadecimal EWKB and SQLite a GeoPackage blob."""
        if dialect.name == "postgresql":
            return lambda g: None if g is None else _ewkb(g)
        return lambda g: None if g is None else geopackage_blob(g)


def _ewkb(geometry: BaseGeometry) -> str:
    return str(shapely.to_wkb(shapely.set_srid(geometry, SRID_WGS84), hex=True, include_srid=True))


class PostgisGeometry(types.UserDefinedType[BaseGeometry]):
    """The PostGIS side of :class:`Geometry`."""

    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY") -> None:
        """Keep the OGC name of the geometry type."""
        self.kind = kind

    def get_col_spec(self, **_kw: Any) -> str:  # noqa: ANN401 - signature of SQLAlchemy
        """Spell the typmod with the SRID."""
        return f"geometry({self.kind}, {SRID_WGS84})"

    def bind_processor(self, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - of SQLAlchemy
        """Give PostGIS hexadecimal EWKB."""
        return lambda g: None if g is None else _ewkb(g)


def geometry_column(kind: str) -> types.TypeEngine[BaseGeometry]:
    """Return the column type for one kind of geometry in both backends."""
    return Geometry(kind).with_variant(PostgisGeometry(kind), "postgresql")


# Code point order in both stores: SQLite compares bytes of UTF-8, PostgreSQL needs COLLATE "C".
SortText = Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
