# SPDX-License-Identifier: GPL-2.0-or-later
"""Add services, copies, photos, assignments, drafts and tasks."""

from geoapi.store.migrations.scripts import run_scripts

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add services, copies, photos, assignments, drafts and tasks."""
    run_scripts(revision)
