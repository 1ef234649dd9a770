# SPDX-License-Identifier: GPL-2.0-or-later
"""Add progress reports that were made, sent and received."""

from pathlib import Path

from alembic import op

from geoapi.store import geopackage, postgis

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add progress reports that were made, sent and received."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        script = (_SQL / "0005_postgis.sql").read_text(encoding="utf-8")
        postgis.run_script(connection, script)
        return
    script = (_SQL / "0005_geopackage.sql").read_text(encoding="utf-8")
    geopackage.run_script(connection, script)
