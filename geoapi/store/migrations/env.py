# SPDX-License-Identifier: GPL-2.0-or-later
"""What Alembic runs for each command: it uses the connection that the caller handed over."""

from alembic import context

from geoapi.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
