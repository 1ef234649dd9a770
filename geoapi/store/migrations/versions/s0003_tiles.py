# SPDX-License-Identifier: GPL-2.0-or-later
"""Add the ranks of published points on the map, and rank those that are there."""

from geoapi.store import tile_marks, tile_ranks
from geoapi.store.migrations.scripts import run_scripts

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the ranks of published points on the map, and rank those that are there."""
    connection = run_scripts(revision)
    tile_marks.renew(connection)
    # what is written here follows from the published rows alone, whatever they are
    tile_ranks.rebuild(connection)
