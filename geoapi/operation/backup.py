# SPDX-License-Identifier: GPL-2.0-or-later
"""Back up a running site into one file, check the file, and restore it here or elsewhere."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from geoapi.errors import ConflictError, DataUnavailableError, UsageError
from geoapi.keys import FILE_NAME as KEYS_FILE
from geoapi.settings import Settings
from geoapi.store import Store, Transaction, open_store, utc_now
from geoapi.store.archive import (
    Manifest,
    Sources,
    load_archive,
    read_archive,
    sha256_of,
    write_archive,
)
from geoapi.store.copy import count_rows, delete_all
from geoapi.store.diagnosis import require_ours_or_empty
from geoapi.store.schema import (
    known_revisions,
    migrate,
    newest_revision,
    prepare_server,
    require_current_schema,
    schema_state,
    upgrade,
)

LAST_BACKUP = "last-backup.json"
FILES_FOLDER = "files"
BACKUPS_FOLDER = "backups"
_SUFFIX = ".tar.zst"
_PREFIX = "pakmud-"


@contextmanager
def _file_errors(message_id: str, path: Path) -> Iterator[None]:
    """Turn errors of the file system into ours, a full disk apart."""
    try:
        yield
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise DataUnavailableError("operation.no_room", path=str(path)) from error
        reason = error.strerror or type(error).__name__
        raise DataUnavailableError(message_id, path=str(path), reason=reason) from error


def backup(store: Store, settings: Settings, target_folder: Path) -> Path:
    """Write ``pakmud-YYYYMMDD-HHMMSS.tar.zst`` (UTC) of one instant; the site may go on serving.

    Args:
        store: open; of any schema, so that one can be saved before it is migrated.
        settings: say where keys and uploaded files are.
        target_folder: made when missing.

    Returns:
        The new file, mode 0600, on the disk for good.

    Raises:
        UsageError: there is no site in the store.
        DataUnavailableError: the store can't be read, or the file not be written.
    """
    if schema_state(store)[0] == "empty":
        raise UsageError("store.schema_empty", location=store.location)
    now = store.clock()
    with _file_errors("operation.backup_failed", target_folder):
        target_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=target_folder) as scratch:
            tables, partial = Path(scratch) / "tables", Path(scratch) / "archive"
            tables.mkdir()
            keys = settings.data_dir / KEYS_FILE
            sources = Sources(keys, settings.data_dir / FILES_FOLDER, tables)
            with os.fdopen(os.open(partial, os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
                manifest = write_archive(store, sources, file, now)
                file.flush()
                os.fsync(file.fileno())
            path = _put_in_place(partial, target_folder, now)
        _record(settings.data_dir, path, manifest)
    return path


def _put_in_place(partial: Path, folder: Path, now: datetime) -> Path:
    """Give the finished file its name, never that of another."""
    stem = now.astimezone(UTC).strftime(f"{_PREFIX}%Y%m%d-%H%M%S")
    for number in range(1, 1000):
        path = folder / f"{stem}{'' if number == 1 else f'-{number}'}{_SUFFIX}"
        try:
            path.hardlink_to(partial)
        except FileExistsError:
            continue
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return path
    raise DataUnavailableError("operation.backup_failed", path=str(folder), reason="names")


def _record(data_dir: Path, path: Path, manifest: Manifest) -> None:
    document = {
        "at": manifest.created_at,
        "file": str(path.resolve()),
        "sha256": sha256_of(path),
        "rows": manifest.rows,
    }
    _write_private(data_dir / LAST_BACKUP, json.dumps(document, indent=1).encode())


def _write_private(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, mode 0600."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(temporary, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def last_backup_age_s(data_dir: Path, now: datetime) -> float | None:
    """Return the age of the last backup in seconds, None when there is none to be read."""
    try:
        document = json.loads((data_dir / LAST_BACKUP).read_text(encoding="utf-8"))
        return (now - datetime.fromisoformat(document["at"])).total_seconds()
    except (OSError, ValueError, KeyError, TypeError):
        return None


def prune(folder: Path, keep: int) -> list[Path]:
    """Delete the oldest backups of a folder so that ``keep`` stay; return what was deleted."""
    found = sorted(folder.glob(f"{_PREFIX}*{_SUFFIX}"))
    old = found[:-keep] if keep > 0 else []
    with _file_errors("operation.backup_failed", folder):
        for path in old:
            path.unlink()
    return old


def verify(archive: Path) -> Manifest:
    """Check every member of a backup against its checksum.

    Raises:
        UsageError: damaged, cut off, or no backup of Pakmud.
    """
    return read_archive(archive)


@contextmanager
def sole_user(settings: Settings) -> Iterator[None]:
    """Hold the lock of a GeoPackage, which a serving process holds as well.

    Raises:
        ConflictError: another process serves or restores this GeoPackage.
    """
    if "://" in settings.store:
        yield
        return
    path = Path(settings.store + ".lock")
    with _file_errors("operation.lock_failed", path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError("operation.already_serving", path=settings.store) from error
        yield
    finally:
        os.close(descriptor)


def restore(
    archive: Path,
    settings: Settings,
    *,
    replace: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> Manifest:
    """Restore a backup of either backend into the store of the settings, with keys and files.

    Args:
        archive: a file of :func:`backup`.
        settings: name the store and the data folder.
        replace: delete what the store holds, after a backup of it into ``backups``.
        clock: gives the present instant.

    Raises:
        UsageError: the archive is damaged, of a newer schema, or of an older one and the store
            not new; the store is not empty.
        ConflictError: the site is being served.
        DataUnavailableError: the work could not be done; the store is as before.
    """
    scratch_parent = settings.data_dir
    with sole_user(settings), _file_errors("operation.restore_failed", scratch_parent):
        scratch_parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".restore-", dir=scratch_parent) as scratch:
            folder = Path(scratch)
            manifest = read_archive(archive, folder)
            if manifest.schema not in known_revisions():
                raise UsageError(
                    "operation.archive_schema",
                    found=manifest.schema,
                    needed=newest_revision(),
                    program=manifest.program,
                )
            with closing(open_store(settings.store, clock=clock)) as store:
                _fill(store, settings, manifest, folder, replace=replace)
            _restore_files(settings.data_dir, folder, clock())
    return manifest


def _fill(
    store: Store, settings: Settings, manifest: Manifest, folder: Path, *, replace: bool
) -> None:
    require_ours_or_empty(store)
    if schema_state(store)[0] == "empty":
        _fill_new(store, manifest, folder)
        return
    require_current_schema(store)
    if manifest.schema != newest_revision():
        raise UsageError(
            "operation.archive_schema",
            found=manifest.schema,
            needed=newest_revision(),
            program=manifest.program,
        )
    if rows := count_rows(store):
        if not replace:
            raise UsageError("operation.store_not_empty", location=store.location, rows=rows)
        backup(store, settings, settings.data_dir / BACKUPS_FOLDER)

    def write(transaction: Transaction) -> None:
        delete_all(transaction.connection)
        load_archive(transaction, manifest, folder)

    store.write(write)


def _fill_new(store: Store, manifest: Manifest, folder: Path) -> None:
    """Fill an empty store by the archive's schema, then bring it up to date: all or nothing."""
    prepare_server(store)

    def write(transaction: Transaction) -> None:
        upgrade(transaction, manifest.schema)
        delete_all(transaction.connection)
        load_archive(transaction, manifest, folder)
        upgrade(transaction)

    store.write(write)


def _restore_files(data_dir: Path, folder: Path, now: datetime) -> None:
    """Put keys and uploaded files in place; what was there is kept beside them."""
    stamp = now.astimezone(UTC).strftime("%Y%m%d-%H%M%S")
    for name in (KEYS_FILE, FILES_FOLDER):
        new, present = folder / name, data_dir / name
        if not new.exists():
            continue
        if present.exists():
            present.replace(data_dir / f"{name}.before-restore-{stamp}")
        shutil.move(new, present)


def migrate_with_backup(store: Store, settings: Settings) -> tuple[str, str, Path | None]:
    """Back up a store that holds something, then bring its schema up to date.

    Returns:
        (revision before or '', revision after, the backup or None when nothing was to be done).

    Raises:
        UsageError: the schema is newer than the program, or the file is not ours.
        DataUnavailableError: the backup or the migration failed; the store is as before.
    """
    require_ours_or_empty(store)
    state, found = schema_state(store)
    if state == "current":
        return found, found, None
    saved = None
    if state == "old":
        saved = backup(store, settings, settings.data_dir / BACKUPS_FOLDER)
    before, after = migrate(store)
    return before, after, saved
