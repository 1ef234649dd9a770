# SPDX-License-Identifier: GPL-2.0-or-later
"""Add progress reports that were made, sent and received."""

from geoapi.store.migrations.scripts import run_scripts

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add progress reports that were made, sent and received."""
    run_scripts(revision)
