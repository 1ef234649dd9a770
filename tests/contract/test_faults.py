# SPDX-License-Identifier: GPL-2.0-or-later
"""What goes wrong around the store gives a clear error, loses nothing, and the next write works."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select, text

from geoapi.errors import ConflictError, DataUnavailableError, ServicePointError, UsageError
from geoapi.messages import known_message_ids
from geoapi.store import Store, Transaction, open_store
from geoapi.store.copy import checksum
from geoapi.store.features import insert_rows, put_row
from geoapi.store.schema import migrate, schema_state
from geoapi.store.tables import service_point
from tests.contract.store_samples import fill, point_row

BIG_ROWS = 3000


def refusal(action: Callable[[], object]) -> ServicePointError:
    """Return the error of an action, and see that it has its sentences."""
    with pytest.raises(ServicePointError) as caught:
        action()
    assert caught.value.message_id in known_message_ids()
    return caught.value


def add_points(store: Store, first: int, count: int) -> None:
    rows = [(point_row(n, "ก" * 300), None) for n in range(first, first + count)]
    store.write(lambda t: insert_rows(t, "service_point", rows))


def count_points(store: Store) -> int:
    return store.read(
        lambda c: c.execute(select(func.count()).select_from(service_point)).scalar_one()
    )


def on_writer(store: Store, pragma: str) -> object:
    """Set a pragma on the one connection that writes, outside a transaction."""
    with store.writing.connect() as connection:
        return connection.connection.driver_connection.execute(pragma).fetchone()


@contextmanager
def holding_the_file(path: Path) -> Iterator[None]:
    """Hold the write lock of a GeoPackage from another process."""
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        ["python3", "-c", script, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.communicate()


@pytest.fixture
def filled(open_new: Callable[[str], Store]) -> Store:
    """A GeoPackage with rows in every table."""
    store = open_new("geopackage")
    fill(store)
    return store


# ------------------------------------------------------------------------- disk full


def test_full_disk_stores_nothing_of_the_write_and_the_next_one_works(filled: Store):
    before = checksum(filled)
    on_writer(filled, "PRAGMA wal_checkpoint(TRUNCATE)")
    (pages,) = on_writer(filled, "PRAGMA page_count")
    on_writer(filled, f"PRAGMA max_page_count={pages + 5}")
    error = refusal(lambda: add_points(filled, 10_000, BIG_ROWS))
    assert isinstance(error, DataUnavailableError)
    assert error.message_id == "store.disk_full"
    assert checksum(filled) == before
    on_writer(filled, "PRAGMA max_page_count=1073741823")
    add_points(filled, 10_000, BIG_ROWS)
    assert count_points(filled) == 1200 + BIG_ROWS


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 6 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root only")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], check=False
    )
    if done.returncode != 0:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_really_full_disk_loses_nothing(small_disk: Path):
    store = open_store(small_disk / "site.gpkg")
    migrate(store)
    add_points(store, 0, 50)
    filler = small_disk / "filler"
    filler.write_bytes(b"")
    with filler.open("ab") as file:
        while True:
            try:
                file.write(b"\0" * 65536)
                file.flush()
            except OSError:
                break
    error = refusal(lambda: add_points(store, 100, BIG_ROWS))
    assert isinstance(error, DataUnavailableError)
    assert count_points(store) == 50
    filler.unlink()
    add_points(store, 100, 200)
    assert count_points(store) == 250
    store.close()
    with closing(sqlite3.connect(small_disk / "site.gpkg")) as reopened:
        assert reopened.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.postgis
def test_full_disk_of_postgresql_is_told_as_such(open_new: Callable[[str], Store]):
    store = open_new("postgis")
    add_points(store, 0, 5)

    def write(transaction: Transaction) -> None:
        put_row(transaction, "service_point", point_row(9), None)
        transaction.connection.execute(
            text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'disk_full'; END $$")
        )

    assert refusal(lambda: store.write(write)).message_id == "store.disk_full"
    assert count_points(store) == 5
    add_points(store, 20, 1)
    assert count_points(store) == 6


# ------------------------------------------------------------------------- locks


def test_file_locked_by_another_process_is_told_and_works_afterwards(filled: Store):
    on_writer(filled, "PRAGMA busy_timeout=50")
    with holding_the_file(Path(filled.location)):
        error = refusal(lambda: add_points(filled, 10_000, 1))
        assert isinstance(error, DataUnavailableError)
        assert error.message_id == "store.locked"
        assert count_points(filled) == 1200
    add_points(filled, 10_000, 1)
    assert count_points(filled) == 1201


@pytest.mark.postgis
def test_row_locked_by_another_session_is_told_and_works_afterwards(
    store_address: Callable[[str], str],
):
    address = store_address("postgis")
    store = open_store(address, timeout_s=0.2)
    migrate(store)
    add_points(store, 0, 1)
    with psycopg.connect(address) as other:
        other.execute("LOCK TABLE pakmud.service_point IN ACCESS EXCLUSIVE MODE")
        assert refusal(lambda: add_points(store, 5, 1)).message_id == "store.locked"
        assert refusal(lambda: count_points(store)).message_id == "store.timeout"
        other.rollback()
    add_points(store, 5, 1)
    assert count_points(store) == 2
    store.close()


@pytest.mark.postgis
def test_ended_sessions_of_postgresql_are_replaced(store_address: Callable[[str], str]):
    address = store_address("postgis")
    store = open_store(address)
    migrate(store)
    add_points(store, 0, 3)
    threads = [threading.Thread(target=count_points, args=(store,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statement = "SELECT count(*) AS n FROM pakmud.service_point"
    assert store.rows(statement, {}) == [(3,)]
    with psycopg.connect(address, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert store.rows(statement, {}) == [(3,)]
    assert count_points(store) == 3
    add_points(store, 5, 1)
    assert count_points(store) == 4
    store.close()


# ------------------------------------------------------------------------- defects of a write


def test_error_in_a_write_leaves_the_store_as_it_was_and_usable(store: Store):
    fill(store)
    before = checksum(store)

    def write(transaction: Transaction) -> None:
        put_row(transaction, "service_point", point_row(7000), None)
        raise KeyError("a defect")

    with pytest.raises(KeyError):
        store.write(write)
    assert checksum(store) == before
    add_points(store, 7000, 1)


def test_broken_constraint_is_a_conflict_and_the_store_stays_usable(store: Store):
    add_points(store, 0, 2)
    error = refusal(lambda: add_points(store, 1, 1))
    assert isinstance(error, ConflictError)
    add_points(store, 2, 1)
    assert count_points(store) == 3


def test_read_that_fails_does_not_harm_the_next(store: Store):
    add_points(store, 0, 2)

    def read(connection: object) -> None:
        connection.execute(select(service_point)).fetchone()
        raise KeyError("a defect")

    for _ in range(20):
        with pytest.raises(KeyError):
            store.read(read)
    add_points(store, 2, 1)
    assert count_points(store) == 3


def test_reading_connections_can_not_write(store: Store):
    statement = text("DELETE FROM site_meta")
    assert refusal(lambda: store.read(lambda c: c.execute(statement))).message_id == (
        "store.read_only"
    )


def test_long_read_ends_with_a_timeout(store_address: Callable[[str], str], backend: str):
    store = open_store(store_address(backend), timeout_s=0.2)
    migrate(store)
    endless = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)"
        " SELECT count(*) FROM n"
    )
    assert refusal(lambda: store.rows(endless, {})).message_id == "store.timeout"
    assert refusal(lambda: store.read(lambda c: c.execute(text(endless)))).message_id == (
        "store.timeout"
    )
    assert count_points(store) == 0
    store.close()


def test_closed_store_refuses_writes(open_new: Callable[[str], Store]):
    store = open_new("geopackage")
    store.close()
    assert refusal(lambda: add_points(store, 0, 1)).message_id == "store.closed"


# ------------------------------------------------------------------------- wrong files


def test_text_file_is_not_a_database(tmp_path: Path):
    path = tmp_path / "site.gpkg"
    path.write_text("ไม่ใช่ฐานข้อมูล " * 200)
    before = path.read_bytes()
    store = open_store(path)
    for action in (lambda: schema_state(store), lambda: migrate(store)):
        error = refusal(action)
        assert isinstance(error, DataUnavailableError)
        assert error.message_id == "store.not_a_database"
    store.close()
    assert path.read_bytes() == before


def test_damaged_file_is_told(filled: Store):
    path = Path(filled.location)
    filled.close()
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = os.urandom(len(content) // 2 - 4096)
    path.write_bytes(content)
    store = open_store(path)
    error = refusal(lambda: checksum(store))
    assert isinstance(error, DataUnavailableError)
    assert error.message_id == "store.damaged"
    store.close()


def test_missing_folder_is_told_and_not_made(tmp_path: Path):
    store = open_store(tmp_path / "nowhere" / "site.gpkg")
    for action in (lambda: schema_state(store), lambda: migrate(store)):
        assert refusal(action).message_id == "store.cannot_open"
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_read_only_file_is_told(filled: Store):
    path = Path(filled.location)
    filled.close()
    store = open_store(path)
    on_writer(store, "PRAGMA query_only=ON")
    assert refusal(lambda: add_points(store, 10_000, 1)).message_id == "store.read_only"
    on_writer(store, "PRAGMA query_only=OFF")
    add_points(store, 10_000, 1)
    store.close()


def test_read_only_disk_is_told(small_disk: Path):
    store = open_store(small_disk / "site.gpkg")
    migrate(store)
    add_points(store, 0, 5)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    store = open_store(small_disk / "site.gpkg")
    error = refusal(lambda: add_points(store, 10, 1))
    assert error.message_id in {"store.read_only", "store.cannot_open"}
    store.close()
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    store = open_store(small_disk / "site.gpkg")
    assert count_points(store) == 5
    store.close()


def test_file_is_for_its_owner_alone(filled: Store):
    path = Path(filled.location)
    for name in (path, path.with_name(path.name + "-wal")):
        assert stat.S_IMODE(name.stat().st_mode) == 0o600


def test_closing_an_unused_store_makes_no_file(tmp_path: Path):
    open_store(tmp_path / "site.gpkg").close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgis
def test_unreachable_server_is_told():
    store = open_store("postgresql://nobody:secret@127.0.0.1:1/none")
    error = refusal(lambda: schema_state(store))
    assert isinstance(error, DataUnavailableError)
    assert error.message_id == "store.unreachable"
    assert "secret" not in store.location
    store.close()


def test_unknown_address_is_refused():
    for address in ("mysql://x/y", "postgresql://x:notaport/db"):
        assert isinstance(refusal(lambda a=address: open_store(a)), UsageError)
