# SPDX-License-Identifier: GPL-2.0-or-later
"""A backup holds the whole site and restores on another machine, into either backend."""

from __future__ import annotations

import json
import stat
import tarfile
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard
from sqlalchemy import insert, text

from geoapi.errors import ConflictError, DataUnavailableError, UsageError
from geoapi.keys import load_keys
from geoapi.messages import known_message_ids
from geoapi.operation.backup import (
    backup,
    last_backup_age_s,
    migrate_with_backup,
    prune,
    restore,
    sole_user,
    verify,
)
from geoapi.settings import Settings
from geoapi.store import Store, open_store
from geoapi.store.changes import append, last_seq
from geoapi.store.copy import checksum, count_rows
from geoapi.store.schema import newest_revision
from geoapi.store.tables import site_meta
from tests.contract.store_samples import change_entry, fill

NEW_MACHINE = [
    "geopackage",
    pytest.param("postgis", marks=pytest.mark.postgis),
]


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """Settings of a site with rows, keys and an uploaded file."""
    fill(store)
    made = Settings(data_dir=tmp_path / "var")
    load_keys(made.data_dir)
    photo = made.data_dir / "files" / "ab" / "รูปหน้าอาคาร.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"\xff\xd8" + bytes(range(256)) * 100)
    return made


def refused(error: pytest.ExceptionInfo[BaseException]) -> str:
    assert error.value.message_id in known_message_ids()
    return error.value.message_id


@pytest.mark.parametrize("other", NEW_MACHINE)
def test_backup_restores_on_another_machine(
    store: Store, settings: Settings, other: str, store_address: Callable[[str], str],
    tmp_path: Path,
):  # fmt: skip
    archive = backup(store, settings, tmp_path / "backups")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert sorted(p.name for p in archive.parent.iterdir()) == [archive.name]
    elsewhere = Settings(store=store_address(other), data_dir=tmp_path / "other" / "var")
    manifest = restore(archive, elsewhere)
    with_rows = open_store(elsewhere.store)
    assert checksum(with_rows) == checksum(store)
    assert manifest.rows == sum(rows for rows, _ in checksum(store).values())
    keys = elsewhere.data_dir / "keys.json"
    assert keys.read_bytes() == (settings.data_dir / "keys.json").read_bytes()
    assert stat.S_IMODE(keys.stat().st_mode) == 0o600
    name = "files/ab/รูปหน้าอาคาร.jpg"
    assert (elsewhere.data_dir / name).read_bytes() == (settings.data_dir / name).read_bytes()
    before = with_rows.read(last_seq)
    with_rows.write(lambda t: append(t, change_entry(50)))
    assert with_rows.read(last_seq) == before + 1
    with_rows.close()


def test_backup_while_writing_is_of_one_instant(store: Store, settings: Settings, tmp_path: Path):
    stop = threading.Event()

    def write_pairs() -> None:
        number = 0
        while not stop.is_set():
            number += 1

            def pair(transaction, number=number):
                append(transaction, change_entry(number))
                row = {"key": f"n{number}", "value": "x"}
                transaction.connection.execute(insert(site_meta), row)

            store.write(pair)

    writer = threading.Thread(target=write_pairs)
    writer.start()
    try:
        manifests = [verify(backup(store, settings, tmp_path / "b")) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    for manifest in manifests:
        # each write adds a row to both; the samples have three changes and one row
        assert manifest.tables["change"].rows - 3 == manifest.tables["site_meta"].rows - 1
    assert manifests[-1].tables["change"].rows > 3


def test_restore_refuses_a_store_with_rows_unless_told(
    store: Store, settings: Settings, store_address: Callable[[str], str], tmp_path: Path
):
    archive = backup(store, settings, tmp_path / "backups")
    target = Settings(store=store_address(store.backend), data_dir=tmp_path / "two")
    restore(archive, target)
    present = open_store(target.store)
    present.write(lambda t: append(t, change_entry(8)))
    changed = checksum(present)
    present.close()
    with pytest.raises(UsageError) as caught:
        restore(archive, target)
    assert refused(caught) == "operation.store_not_empty"
    present = open_store(target.store)
    assert checksum(present) == changed
    restore(archive, target, replace=True)
    assert checksum(present) == checksum(store)
    present.close()
    # what was replaced was saved first
    (saved,) = (target.data_dir / "backups").iterdir()
    assert verify(saved).tables["change"].rows == 4


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.999])
def test_cut_off_archive_is_refused_and_changes_nothing(
    open_new: Callable[[str], Store], store_address: Callable[[str], str], tmp_path: Path,
    cut: float,
):  # fmt: skip
    source = open_new("geopackage")
    fill(source)
    archive = backup(source, Settings(data_dir=tmp_path / "one"), tmp_path)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * cut)])
    target = Settings(store=store_address("geopackage"), data_dir=tmp_path / "two")
    for action in (lambda: verify(archive), lambda: restore(archive, target)):
        with pytest.raises(UsageError) as caught:
            action()
        assert refused(caught) == "store.archive_broken"
    assert not Path(target.store).exists()


def test_changed_member_is_refused(open_new: Callable[[str], Store], tmp_path: Path):
    source = open_new("geopackage")
    fill(source)
    archive = backup(source, Settings(data_dir=tmp_path / "one"), tmp_path)
    content = zstandard.ZstdDecompressor().decompressobj().decompress(archive.read_bytes())
    assert b'"somchai"' in content
    forged = content.replace(b'"somchai"', b'"Somchai"')
    archive.write_bytes(zstandard.ZstdCompressor().compress(forged))
    with pytest.raises(UsageError) as caught:
        verify(archive)
    assert refused(caught) == "store.archive_broken"
    changed = {"tables/user_account.jsonl", "tables/login_throttle.jsonl"}
    assert caught.value.params["member"] in changed


def test_member_that_points_outside_is_refused(tmp_path: Path):
    archive = tmp_path / "pakmud-x.tar.zst"
    manifest = {
        "format": "pakmud-archive-1", "created_at": "", "program": "", "schema": "",
        "backend": "geopackage", "tables": {}, "members": {"files/../../evil": "0"},
    }  # fmt: skip
    plain = tmp_path / "plain.tar"
    with tarfile.open(plain, "w") as tar:
        for name, content in (
            ("manifest.json", json.dumps(manifest).encode()),
            ("files/../../evil", b"x"),
        ):
            (tmp_path / "m").write_bytes(content)
            tar.add(tmp_path / "m", name)
    archive.write_bytes(zstandard.ZstdCompressor().compress(plain.read_bytes()))
    with pytest.raises(UsageError):
        restore(archive, Settings(store=str(tmp_path / "s.gpkg"), data_dir=tmp_path / "v" / "w"))
    assert not (tmp_path / "v" / "evil").exists()
    assert not (tmp_path / "evil").exists()


def test_file_that_is_no_archive_is_refused(tmp_path: Path):
    path = tmp_path / "x.tar.zst"
    path.write_text("ไม่ใช่")
    with pytest.raises(UsageError) as caught:
        verify(path)
    assert refused(caught) == "store.archive_broken"
    with pytest.raises(UsageError) as caught:
        verify(tmp_path / "missing.tar.zst")
    assert refused(caught) == "store.archive_unreadable"


def test_restore_refuses_while_the_site_is_served(open_new: Callable[[str], Store], tmp_path: Path):
    source = open_new("geopackage")
    settings = Settings(store=source.location, data_dir=tmp_path / "var")
    archive = backup(source, settings, tmp_path)
    with sole_user(settings), pytest.raises(ConflictError) as caught:
        restore(archive, settings)
    assert refused(caught) == "operation.already_serving"
    restore(archive, settings)


def test_restore_refuses_a_file_of_another_program(tmp_path: Path, open_new):
    import sqlite3
    from contextlib import closing

    archive = backup(open_new("geopackage"), Settings(data_dir=tmp_path / "v"), tmp_path)
    foreign = tmp_path / "foreign.gpkg"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE roads (x INTEGER)")
    content = foreign.read_bytes()
    with pytest.raises(UsageError) as caught:
        restore(archive, Settings(store=str(foreign), data_dir=tmp_path / "w"))
    assert refused(caught) == "store.foreign"
    assert foreign.read_bytes()[100:] == content[100:]


def test_age_of_the_last_backup(open_new: Callable[[str], Store], tmp_path: Path):
    store = open_new("geopackage")
    settings = Settings(data_dir=tmp_path / "var")
    assert last_backup_age_s(settings.data_dir, store.clock()) is None
    backup(store, settings, tmp_path / "b")
    later = store.clock() + timedelta(hours=30)
    assert last_backup_age_s(settings.data_dir, later) == pytest.approx(30 * 3600, abs=60)


def test_prune_keeps_the_newest(open_new: Callable[[str], Store], tmp_path: Path):
    store = open_new("geopackage")
    made = [backup(store, Settings(data_dir=tmp_path / "v"), tmp_path / "b") for _ in range(4)]
    other = tmp_path / "b" / "notes.txt"
    other.write_text("x")
    assert len(set(made)) == 4
    prune(tmp_path / "b", 2)
    assert sorted((tmp_path / "b").iterdir()) == sorted([*sorted(made)[2:], other])
    assert prune(tmp_path / "b", 2) == []


def test_folder_that_can_not_be_made_is_told(open_new: Callable[[str], Store], tmp_path: Path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataUnavailableError) as caught:
        backup(open_new("geopackage"), Settings(data_dir=tmp_path / "v"), tmp_path / "file" / "b")
    assert refused(caught) == "operation.backup_failed"


def test_old_schema_is_saved_before_it_is_migrated(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    # a store of an older program, whose tables are not those of this one
    store.write(lambda t: t.connection.execute(text("ALTER TABLE holiday DROP COLUMN kind")))
    monkeypatch.setattr("geoapi.operation.backup.schema_state", lambda _: ("old", "0000"))
    _, after, saved = migrate_with_backup(store, settings)
    assert after == newest_revision()
    manifest = verify(saved)
    assert manifest.tables["holiday"].columns == ("date", "name_en", "name_th")
    assert manifest.rows == count_rows(store)


def test_empty_store_is_migrated_without_a_backup(
    store_address: Callable[[str], str], backend: str, tmp_path: Path
):
    store = open_store(store_address(backend))
    settings = Settings(data_dir=tmp_path / "var")
    assert migrate_with_backup(store, settings) == ("", newest_revision(), None)
    assert migrate_with_backup(store, settings) == (newest_revision(), newest_revision(), None)
    assert not (settings.data_dir / "backups").exists()
    store.close()


def test_archive_of_another_schema_is_refused(
    open_new: Callable[[str], Store], store_address: Callable[[str], str], tmp_path: Path
):
    source = open_new("geopackage")
    source.write(
        lambda t: t.connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    )
    archive = backup(source, Settings(data_dir=tmp_path / "v"), tmp_path)
    with pytest.raises(UsageError) as caught:
        restore(archive, Settings(store=store_address("geopackage"), data_dir=tmp_path / "w"))
    assert refused(caught) == "operation.archive_schema"
