# SPDX-License-Identifier: GPL-2.0-or-later
"""Add services, copies, photos, assignments, drafts and tasks."""

from pathlib import Path

from alembic import op

from geoapi.store import geopackage, postgis

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add services, copies, photos, assignments, drafts and tasks."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        script = (_SQL / "0002_postgis.sql").read_text(encoding="utf-8")
        postgis.run_script(connection, script)
        return
    script = (_SQL / "0002_geopackage.sql").read_text(encoding="utf-8")
    geopackage.run_script(connection, script)
