# SPDX-License-Identifier: GPL-2.0-or-later
"""GeoPackage: connections, the tables the standard asks for, and read-only views for GIS software.

Source: OGC GeoPackage 1.3.1 (OGC 12-128r18).  The views are all that GIS software is shown; the
tables behind them stay unregistered, so that an edit by hand can't bypass history and rights.
"""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import QueuePool, StaticPool

from geoapi.store.tables import FEATURE_TABLES

APPLICATION_ID = 0x47504B47  # "GPKG"
USER_VERSION = 10301
_BUSY_TIMEOUT_MS = 10_000
# Ticks of SQLite's virtual machine between two looks at the clock: about 0.2 ms.
_PROGRESS_STEPS = 10_000
_ENVELOPE_BYTES = (0, 32, 48, 48, 64)
_HEADER_BYTES = 8

# view: (table, condition, geometry type or None, title)
VIEWS: dict[str, tuple[str, str, str | None, str]] = {
    "service_points": (
        "service_point", "view = 'published'", "POINT", "จุดบริการภาครัฐ / Service points",
    ),
    "service_points_working": (
        "service_point", "view = 'working'", "POINT", "ฉบับกำลังแก้ไข / Working revisions",
    ),
    "provinces": ("area", "level = 'province'", "MULTIPOLYGON", "จังหวัด / Provinces"),
    "districts": ("area", "level = 'district'", "MULTIPOLYGON", "อำเภอ/เขต / Districts"),
    "subdistricts": ("area", "level = 'subdistrict'", "MULTIPOLYGON", "ตำบล/แขวง / Subdistricts"),
    "agencies": ("agency", "view = 'published'", None, "หน่วยงาน / Agencies"),
}
_HIDDEN_COLUMNS = {
    "view", "feature", "etag", "search", "name_sort_th", "name_sort_en", "name_th_key",
    "name_en_key", "scope_agency_id",
    "scope_area_code", "editors", "min_x", "max_x", "min_y", "max_y", "geom", "fid",
}  # fmt: skip

_WGS84_WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,'
    'AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,'
    'AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],'
    'AUTHORITY["EPSG","4326"]]'
)

_STANDARD_TABLES = """
CREATE TABLE gpkg_spatial_ref_sys (
  srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (
  table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '',
  last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
  min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER,
  CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
  CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id));
CREATE TABLE gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL,
  scope TEXT NOT NULL, CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name))
"""


def engines(path: Path, timeout_s: float) -> tuple[Engine, Engine]:
    """Return the engines for reading (a pool, query-only) and writing (one connection).

    Args:
        path: the file; its folder must exist.
        timeout_s: how long one reading statement may run.
    """
    reading = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, read_only=True, timeout_s=timeout_s),
        poolclass=QueuePool,
        hide_parameters=True,
        pool_size=8,
        max_overflow=8,
        pool_reset_on_return=None,
        isolation_level="AUTOCOMMIT",
    )
    writing = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, read_only=False, timeout_s=0),
        poolclass=StaticPool,
        hide_parameters=True,
    )

    @event.listens_for(writing, "begin")
    def _begin(connection: Connection) -> None:
        # the lock is taken at once, not at the first write, so that no upgrade can fail half way
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return reading, writing


class _Connection(sqlite3.Connection):
    """A connection that knows when its present statement has to end."""

    deadline: float = 0.0
    timeout_s: float = 0.0


def _connect(path: Path, *, read_only: bool, timeout_s: float) -> sqlite3.Connection:
    """Open one connection with the pragmas that make a commit durable."""
    if not path.exists():
        # an empty file of our own mode: SQLite would create it readable by everybody
        try:
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise sqlite3.OperationalError("unable to open database file") from error
    connection = sqlite3.connect(
        path,
        timeout=_BUSY_TIMEOUT_MS / 1000,
        isolation_level=None,
        check_same_thread=False,
        factory=_Connection,
    )
    try:
        _prepare(connection, read_only=read_only, timeout_s=timeout_s)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(connection: _Connection, *, read_only: bool, timeout_s: float) -> None:
    connection.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.create_function(
        "pakmud_intersects_box", 5, _intersects_box, deterministic=True
    )
    if read_only:
        connection.execute("PRAGMA query_only=ON")
        connection.timeout_s = timeout_s
        connection.set_progress_handler(
            lambda: connection.deadline and time.monotonic() > connection.deadline,
            _PROGRESS_STEPS,
        )
    else:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")


def start_deadline(driver: Any) -> None:  # noqa: ANN401 - the driver's own type
    """Give the next statement of a reading connection its time."""
    driver.deadline = time.monotonic() + driver.timeout_s


def wkb_of(blob: bytes) -> bytes:
    """Return the WKB inside a GeoPackage geometry."""
    return blob[_HEADER_BYTES + _ENVELOPE_BYTES[(blob[3] >> 1) & 0b111] :]


def _intersects_box(
    blob: bytes | None, min_x: float, min_y: float, max_x: float, max_y: float
) -> bool:
    """Say whether a GeoPackage geometry touches a box; the twin of PostGIS ST_Intersects."""
    if blob is None:
        return False
    geometry = shapely.from_wkb(wkb_of(blob))
    return bool(shapely.intersects(geometry, shapely.box(min_x, min_y, max_x, max_y)))


def checkpoint(engine: Engine) -> None:
    """Fold the write-ahead log into the file, so that a copy of the one file is the whole."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def create_standard_tables(connection: Connection) -> None:
    """Create what the GeoPackage standard asks for, and mark the file as one."""
    connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version={USER_VERSION}")
    for statement in _STANDARD_TABLES.split(";"):
        connection.exec_driver_sql(statement)
    systems = (
        ("Undefined Cartesian SRS", -1, "NONE", -1, "undefined"),
        ("Undefined geographic SRS", 0, "NONE", 0, "undefined"),
        ("WGS 84 geodetic", 4326, "EPSG", 4326, _WGS84_WKT),
    )
    for name, srs_id, organization, code, definition in systems:
        connection.exec_driver_sql(
            "INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, '')",
            (name, srs_id, organization, code, definition),
        )


def create_views(connection: Connection) -> None:
    """Create and register the read-only views."""
    for name, (table, condition, kind, title) in VIEWS.items():
        columns = [c.name for c in FEATURE_TABLES[table].columns if c.name not in _HIDDEN_COLUMNS]
        shown = ["fid", *(["geom"] if kind else []), *columns]
        connection.execute(
            text(f"CREATE VIEW {name} AS SELECT {', '.join(shown)} FROM {table} WHERE {condition}")
        )
        connection.exec_driver_sql(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id,"
            " min_x, min_y, max_x, max_y) VALUES (?, ?, ?, 4326, 97.3, 5.6, 105.7, 20.5)",
            (name, "features" if kind else "attributes", title),
        )
        if kind:
            connection.exec_driver_sql(
                "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, 4326, 0, 0)", (name, kind)
            )


def create_indexes(connection: Connection) -> None:
    """Create R-tree and trigram index of each feature table, kept up by triggers."""
    for name in FEATURE_TABLES:
        for statement in _index_statements(name):
            connection.exec_driver_sql(statement)


def _index_statements(name: str) -> list[str]:
    tree, words = f"{name}_rtree", f"{name}_fts"
    add_box = (
        f"INSERT INTO {tree} SELECT new.fid, new.min_x, new.max_x, new.min_y, new.max_y"
        " WHERE new.min_x IS NOT NULL;"
    )
    drop_box = f"DELETE FROM {tree} WHERE fid = old.fid;"
    add_words = f"INSERT INTO {words}(rowid, search) VALUES (new.fid, new.search);"
    drop_words = f"INSERT INTO {words}({words}, rowid, search) VALUES ('delete', old.fid, old.search);"
    return [
        f"CREATE VIRTUAL TABLE {tree} USING rtree(fid, min_x, max_x, min_y, max_y)",
        f"CREATE VIRTUAL TABLE {words} USING fts5(search, content='{name}', content_rowid='fid',"
        " tokenize='trigram')",
        f"CREATE TRIGGER {name}_ai AFTER INSERT ON {name} BEGIN {add_box} {add_words} END",
        f"CREATE TRIGGER {name}_ad AFTER DELETE ON {name} BEGIN {drop_box} {drop_words} END",
        f"CREATE TRIGGER {name}_au_box AFTER UPDATE OF min_x, max_x, min_y, max_y ON {name}"
        " WHEN (old.min_x, old.max_x, old.min_y, old.max_y)"
        " IS NOT (new.min_x, new.max_x, new.min_y, new.max_y)"
        f" BEGIN {drop_box} {add_box} END",
        f"CREATE TRIGGER {name}_au_words AFTER UPDATE OF search ON {name}"
        f" WHEN old.search <> new.search BEGIN {drop_words} {add_words} END",
    ]
