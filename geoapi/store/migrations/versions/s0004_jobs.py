# SPDX-License-Identifier: GPL-2.0-or-later
"""Add jobs and the workers that run them."""

from geoapi.store.migrations.scripts import run_scripts

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add jobs and the workers that run them."""
    run_scripts(revision)
