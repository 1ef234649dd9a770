# SPDX-License-Identifier: GPL-2.0-or-later
"""Run the SQL of a migration, which stands beside it once for each store."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import Connection

from geoapi.store import geopackage, postgis

_SQL = Path(__file__).parent / "sql"


def run_scripts(revision: str) -> Connection:
    """Run ``sql/{revision}_{store}.sql`` and return the connection of the migration."""
    connection = op.get_bind()
    is_server = connection.dialect.name == "postgresql"
    name = "postgis" if is_server else "geopackage"
    script = (_SQL / f"{revision}_{name}.sql").read_text(encoding="utf-8")
    (postgis if is_server else geopackage).run_script(connection, script)
    return connection
