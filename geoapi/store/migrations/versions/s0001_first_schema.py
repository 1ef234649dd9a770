# SPDX-License-Identifier: GPL-2.0-or-later
"""Create the first schema."""

from alembic import op

from geoapi.store import geopackage
from geoapi.store.migrations.scripts import run_scripts

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first schema."""
    if op.get_bind().dialect.name != "postgresql":
        geopackage.mark_as_geopackage(op.get_bind())
    run_scripts(revision)
