# SPDX-License-Identifier: GPL-2.0-or-later
"""Create the first schema."""

from pathlib import Path

from alembic import op

from geoapi.store import geopackage, postgis

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Create the first schema."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        script = (_SQL / "0001_postgis.sql").read_text(encoding="utf-8")
        postgis.run_script(connection, script)
        return
    geopackage.mark_as_geopackage(connection)
    script = (_SQL / "0001_geopackage.sql").read_text(encoding="utf-8")
    geopackage.run_script(connection, script)
