# SPDX-License-Identifier: GPL-2.0-or-later
"""PostgreSQL + PostGIS: connections, and the objects that are PostgreSQL's alone."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, create_engine, make_url, text

from geoapi.errors import UsageError

# Ours alone, so that a site may share a database with other programs.
SCHEMA = "pakmud"


def engines(dsn: str, timeout_s: float) -> tuple[str, tuple[Engine, Engine]]:
    """Return the printable address and the engines for reading and writing.

    Args:
        dsn: ``postgresql://user:password@host/database``.
        timeout_s: statement timeout of the reading side; writes get twelve times as long.

    Raises:
        UsageError: the address can't be read.
    """
    try:
        url = make_url(dsn).set(drivername="postgresql+psycopg")
    except ValueError as error:
        raise UsageError("store.unknown_address", schemes="postgresql://, *.gpkg") from error
    milliseconds = int(timeout_s * 1000)
    options = _options(_session_settings())
    reading = create_engine(
        url,
        hide_parameters=True,  # values of a failed statement belong in no log
        isolation_level="AUTOCOMMIT",
        pool_size=8,
        max_overflow=4,
        pool_timeout=timeout_s,
        pool_reset_on_return=None,
        connect_args={
            "options": _options(reading_settings(timeout_s)),
            "connect_timeout": 5,
        },
    )
    writing = create_engine(
        url,
        hide_parameters=True,  # values of a failed statement belong in no log
        pool_size=4,
        max_overflow=4,
        pool_timeout=4 * timeout_s,
        pool_pre_ping=True,
        connect_args={
            "options": f"{options} -c statement_timeout={milliseconds * 12} "
            f"-c lock_timeout={milliseconds * 2}",
            "connect_timeout": 5,
        },
    )
    return url.render_as_string(hide_password=True), (reading, writing)


def _session_settings() -> dict[str, str]:
    return {"search_path": f"{SCHEMA},public", "jit": "off", "timezone": "UTC"}


def reading_settings(timeout_s: float) -> dict[str, str]:
    """Return the settings of a session that reads.

    Args:
        timeout_s: how long one statement may run.
    """
    return _session_settings() | {
        "statement_timeout": str(int(timeout_s * 1000)),
        "default_transaction_read_only": "on",
    }


def _options(settings: dict[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def check_server(connection: Connection) -> None:
    """Refuse a database in which Thai search could not work.

    Raises:
        UsageError: no PostGIS, not UTF-8, or a ctype of C, with which trigrams see no Thai.
    """
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    if encoding != "UTF8":
        raise UsageError("store.encoding_not_utf8", encoding=encoding)
    trigrams = connection.execute(text("SELECT cardinality(show_trgm('ปักหมุด'))")).scalar_one()
    if not trigrams:
        raise UsageError("store.ctype_without_thai")


def create_extensions(connection: Connection) -> None:
    """Create the schema and the extensions PostGIS and pg_trgm, in ``public``."""
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    for name in ("postgis", "pg_trgm"):
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA public"))


def run_script(connection: Connection, script: str) -> None:
    """Run the statements of a migration."""
    connection.exec_driver_sql(script)
