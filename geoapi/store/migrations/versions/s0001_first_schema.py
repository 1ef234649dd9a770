# SPDX-License-Identifier: GPL-2.0-or-later
"""Create the first schema."""

from alembic import op

from geoapi.store import geopackage, postgis
from geoapi.store.tables import METADATA

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first schema."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        METADATA.create_all(connection)
        postgis.create_indexes(connection)
    else:
        geopackage.create_standard_tables(connection)
        METADATA.create_all(connection)
        geopackage.create_indexes(connection)
        geopackage.create_views(connection)
