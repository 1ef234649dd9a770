# SPDX-License-Identifier: GPL-2.0-or-later
"""The version of a store's schema: look at it, refuse a wrong one, bring it up to date."""

from __future__ import annotations

from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from geoapi.errors import UsageError
from geoapi.store import postgis
from geoapi.store.database import Store, Transaction
from geoapi.store.driver_errors import translated_errors

SchemaState = Literal["empty", "current", "old", "newer"]


def _configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", "geoapi.store:migrations")
    return config


def newest_revision() -> str:
    """Return the revision that this program needs."""
    return str(ScriptDirectory.from_config(_configuration()).get_current_head())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def schema_state(store: Store) -> tuple[SchemaState, str]:
    """Say whether the store's schema is the program's, and which it is."""
    found = store.read(_revision)
    if found is None:
        return "empty", ""
    if found == newest_revision():
        return "current", found
    return ("old" if found in known_revisions() else "newer"), found


def known_revisions() -> frozenset[str]:
    """Return every revision that this program can start from."""
    scripts = ScriptDirectory.from_config(_configuration())
    return frozenset(script.revision for script in scripts.walk_revisions())


def require_current_schema(store: Store) -> None:
    """Refuse to go on with a schema that is not this program's.

    Raises:
        UsageError: the store is empty, older (``pakmud migrate``) or newer than the program.
    """
    state, found = schema_state(store)
    if state != "current":
        raise UsageError(
            f"store.schema_{state}",
            found=found,
            needed=newest_revision(),
            location=store.location,
        )


def migrate(store: Store) -> tuple[str, str]:
    """Bring the schema to the newest revision in one transaction; the caller backs up before.

    Returns:
        (revision before or '', revision after).

    Raises:
        UsageError: the schema is newer than the program.
    """
    prepare_server(store)
    state, found = schema_state(store)
    if state == "newer":
        raise UsageError(
            "store.schema_newer", found=found, needed=newest_revision(), location=store.location
        )

    store.write(upgrade)
    return found, newest_revision()


def prepare_server(store: Store) -> None:
    """Make and check what a schema needs of PostgreSQL; a GeoPackage needs nothing.

    Raises:
        UsageError: the server is too old, or knows no Thai letters.
    """
    if store.backend == "postgis":
        with translated_errors(), store.writing.begin() as connection:
            postgis.create_extensions(connection)
            postgis.check_server(connection)


def upgrade(transaction: Transaction, target: str = "head") -> None:
    """Bring the schema to a revision, as part of a transaction.

    Args:
        transaction: the write it belongs to.
        target: a revision of :func:`known_revisions`; ``head`` for the newest.
    """
    config = _configuration()
    config.attributes["connection"] = transaction.connection
    command.upgrade(config, target)
