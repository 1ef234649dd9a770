# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold the place of the step "jobs"."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change nothing."""
