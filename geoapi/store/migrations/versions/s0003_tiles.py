# SPDX-License-Identifier: GPL-2.0-or-later
"""Keep the place of the step for tiles."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Do nothing."""
