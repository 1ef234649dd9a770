# SPDX-License-Identifier: GPL-2.0-or-later
"""A schema that is not the program's is refused in clear words, and migrating is all or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from sqlalchemy import text

from geoapi.errors import UsageError
from geoapi.messages import message
from geoapi.operation.serving import serve
from geoapi.settings import Settings
from geoapi.store import Store, open_store
from geoapi.store.copy import checksum, stored_tables
from geoapi.store.schema import migrate, newest_revision, require_current_schema, schema_state
from tests.contract.store_samples import fill


def refusal(action: Callable[[Store], object], store: Store) -> str:
    """Return the message id with which an action refuses a store."""
    with pytest.raises(UsageError) as caught:
        action(store)
    return caught.value.message_id


def set_revision(store: Store, revision: str) -> None:
    store.write(
        lambda t: t.connection.execute(
            text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
        )
    )


def test_newer_schema_is_refused(store: Store):
    set_revision(store, "9999")
    assert schema_state(store) == ("newer", "9999")
    assert refusal(require_current_schema, store) == "store.schema_newer"
    assert refusal(migrate, store) == "store.schema_newer"


def test_empty_store_is_refused(store_address: Callable[[str], str], backend: str):
    store = open_store(store_address(backend))
    assert refusal(require_current_schema, store) == "store.schema_empty"
    store.close()


def test_migrating_twice_changes_nothing(store: Store):
    fill(store)
    before = checksum(store)
    first, last = migrate(store)
    assert first == last
    assert checksum(store) == before


def test_migration_that_fails_leaves_no_table(store_address: Callable[[str], str], backend: str):
    store = open_store(store_address(backend))
    if backend == "geopackage":
        with closing(sqlite3.connect(store.location)) as other:
            other.execute("CREATE TABLE service_point_rtree (x INTEGER)")
    else:
        with store.writing.begin() as connection:
            connection.execute(text("CREATE SCHEMA pakmud"))
            connection.execute(text("CREATE VIEW pakmud.service_point AS SELECT 1 AS x"))
    with pytest.raises(Exception, match=r"already exists|service_point"):
        migrate(store)
    with store.reading.connect() as connection:
        assert stored_tables(connection) == []
    assert schema_state(store)[0] == "empty"
    store.close()


@pytest.mark.parametrize("revision", ["0000", "9999", None])
def test_serve_refuses_a_wrong_schema_in_clear_words(
    store_address: Callable[[str], str], tmp_path, revision: str | None
):
    address = store_address("geopackage")
    with closing(open_store(address)) as store:
        if revision is not None:
            migrate(store)
            set_revision(store, revision)
    with pytest.raises(UsageError) as caught:
        serve(Settings(store=address, data_dir=tmp_path / "var"))
    for language in ("th", "en"):
        sentence = message(caught.value.message_id, language, caught.value.params)
        assert address in sentence
        assert "{" not in sentence


def test_migrating_an_empty_store_reaches_the_newest_revision(
    store_address: Callable[[str], str], backend: str
):
    with closing(open_store(store_address(backend))) as store:
        assert migrate(store) == ("", newest_revision())
        assert schema_state(store) == ("current", newest_revision())
