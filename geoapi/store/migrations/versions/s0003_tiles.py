# SPDX-License-Identifier: GPL-2.0-or-later
"""Add the ranks of published points on the map, and rank those that are there."""

from pathlib import Path

from alembic import op

from geoapi.store import geopackage, postgis, tile_marks, tile_ranks

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_SQL = Path(__file__).parents[1] / "sql"


def upgrade() -> None:
    """Add the ranks of published points on the map, and rank those that are there."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        script = (_SQL / "0003_postgis.sql").read_text(encoding="utf-8")
        postgis.run_script(connection, script)
    else:
        script = (_SQL / "0003_geopackage.sql").read_text(encoding="utf-8")
        geopackage.run_script(connection, script)
    tile_marks.renew(connection)
    # what is written here follows from the published rows alone, whatever they are
    tile_ranks.rebuild(connection)
