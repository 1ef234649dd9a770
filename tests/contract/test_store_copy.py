# SPDX-License-Identifier: GPL-2.0-or-later
"""A site moves between the backends without loss, or not at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import delete, func, select, text, update

from geoapi.errors import DataUnavailableError, UsageError
from geoapi.store import Store
from geoapi.store.changes import append
from geoapi.store.copy import (
    checksum,
    copy_store,
    count_rows,
    put_table,
    snapshot,
    stored_tables,
    sum_table,
)
from geoapi.store.features import insert_rows
from geoapi.store.tables import METADATA, area, change, service_point
from tests.contract.store_samples import change_entry, fill, point_row

DIRECTIONS = [
    pytest.param("geopackage", "postgis", marks=pytest.mark.postgis),
    pytest.param("postgis", "geopackage", marks=pytest.mark.postgis),
    ("geopackage", "geopackage"),
]


def test_stored_tables_are_those_of_the_program(store):
    with store.reading.connect() as connection:
        found = {t.name: set(t.columns.keys()) for t in stored_tables(connection)}
        keys = {t.name: set(t.primary_key.columns.keys()) for t in stored_tables(connection)}
    # marks say what a cache of tiles may keep: a copy of the store begins with none
    ours = [t for t in METADATA.tables.values() if t.name != "tile_mark"]
    assert found == {t.name: set(t.columns.keys()) for t in ours}
    assert keys == {t.name: set(t.primary_key.columns.keys()) for t in ours}


def test_samples_fill_every_table(store):
    fill(store)
    assert [name for name, (rows, _) in checksum(store).items() if rows == 0] == []


@pytest.mark.parametrize(("origin", "target"), DIRECTIONS)
def test_copy_is_equal_in_every_column(open_new: Callable[[str], Store], origin: str, target: str):
    source, copy = open_new(origin), open_new(target)
    fill(source)
    seen: list[str] = []
    done = copy_store(source, copy, lambda table, _rows: seen.append(table))
    assert checksum(source) == checksum(copy) == done
    assert done["service_point"][0] == 1200
    assert set(seen) == set(METADATA.tables)


@pytest.mark.parametrize(("origin", "target"), DIRECTIONS)
def test_search_and_numbers_go_on_after_a_copy(
    open_new: Callable[[str], Store], origin: str, target: str
):
    source, copy = open_new(origin), open_new(target)
    fill(source)

    def drop_last(transaction):
        transaction.connection.execute(delete(service_point).where(service_point.c.fid > 1190))
        transaction.connection.execute(delete(change).where(change.c.seq == 3))

    source.write(drop_last)
    copy_store(source, copy)

    def add(transaction):
        insert_rows(transaction, "service_point", [(point_row(5000), None)])
        append(transaction, change_entry(9))

    copy.write(add)
    with copy.reading.connect() as connection:
        fid = connection.execute(
            select(service_point.c.fid).where(service_point.c.id.endswith("5000"))
        ).scalar_one()
        assert fid == 1201
        assert connection.execute(select(func.max(change.c.seq))).scalar_one() == 4
        if target == "geopackage":
            words = text("SELECT count(*) FROM service_point_fts WHERE search MATCH 'ห้วยชมภู'")
            boxes = text("SELECT count(*) FROM service_point_rtree")
            assert connection.execute(words).scalar_one() == 1191
            assert connection.execute(boxes).scalar_one() == 952


def test_copy_refuses_a_target_with_rows(open_new):
    source, copy = open_new("geopackage"), open_new("geopackage")
    fill(copy)
    before = checksum(copy)
    with pytest.raises(UsageError) as caught:
        copy_store(source, copy)
    assert caught.value.message_id == "store.target_not_empty"
    assert checksum(copy) == before


def test_copy_that_differs_leaves_nothing(open_new):
    source, copy = open_new("geopackage"), open_new("geopackage")
    fill(source)
    # a trigger that changes what is stored, as a database with a wrong encoding would
    copy.write(
        lambda t: t.connection.exec_driver_sql(
            "CREATE TRIGGER spoil AFTER INSERT ON holiday BEGIN UPDATE holiday SET kind = '?'; END"
        )
    )
    with pytest.raises(DataUnavailableError) as caught:
        copy_store(source, copy)
    assert caught.value.message_id == "store.copy_differs"
    assert caught.value.params["table"] == "holiday"
    assert count_rows(copy) == 0


def test_put_table_refuses_other_columns(store):
    with snapshot(store) as connection:
        wanted = sum_table(connection, next(iter(stored_tables(connection))))
        with pytest.raises(DataUnavailableError):
            put_table(connection, "no_such_table", wanted, ())


def test_checksum_sees_a_change_of_any_column(store):
    fill(store)
    before = checksum(store)
    store.write(lambda t: t.connection.execute(update(area).values(geom=None)))
    after = checksum(store)
    assert {name for name in before if before[name] != after[name]} == {"area"}


def test_snapshot_does_not_see_later_writes(store):
    fill(store)
    with snapshot(store) as connection:
        tables = {t.name: t for t in stored_tables(connection)}
        before = sum_table(connection, tables["change"])
        store.write(lambda t: append(t, change_entry(7)))
        assert sum_table(connection, tables["change"]).sha256 == before.sha256
    assert checksum(store)["change"] != (before.rows, before.sha256)
