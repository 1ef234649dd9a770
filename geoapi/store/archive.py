# SPDX-License-Identifier: GPL-2.0-or-later
"""One portable file with a whole site: every row as lines of JSON, keys and files, with checksums.

The format is the same for both backends, so that a backup of one can be restored into the other::

    manifest.json          versions, and rows, sha256, columns and last number of each table
    tables/<table>.jsonl   a line for each row, see geoapi.store.copy
    keys.json              the site's secret keys
    files/...              uploaded files

all in a tar compressed with zstd.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import zstandard
from alembic.runtime.migration import MigrationContext

from geoapi import __version__
from geoapi.errors import UsageError
from geoapi.store.columns import instant_text
from geoapi.store.copy import (
    TableSum,
    last_number,
    lines_of,
    put_table,
    snapshot,
    stored_tables,
)
from geoapi.store.database import Store, Transaction

FORMAT = "pakmud-archive-1"
MANIFEST = "manifest.json"
_ZSTD_LEVEL = 6
_CHUNK_BYTES = 1 << 20
_MEMBER_NAME = re.compile(r"(tables/[a-z_0-9]+\.jsonl|keys\.json|files/.+)")


@dataclass(frozen=True)
class Manifest:
    """What an archive holds.

    Attributes:
        created_at: instant of the snapshot, RFC 3339.
        program: version of Pakmud that wrote it.
        schema: revision of the store's schema.
        backend: which backend it was taken from.
        tables: what each table held, parents before children.
        members: {name in the archive: sha256}.
    """

    created_at: str
    program: str
    schema: str
    backend: str
    tables: Mapping[str, TableSum]
    members: Mapping[str, str]
    format: str = FORMAT

    @property
    def rows(self) -> int:
        """Return the number of rows of all tables."""
        return sum(table.rows for table in self.tables.values())


def _dump_tables(store: Store, folder: Path) -> tuple[dict[str, TableSum], str]:
    """Write a file for each table as of one instant; return what they hold and the revision."""
    sums: dict[str, TableSum] = {}
    with snapshot(store) as connection:
        revision = MigrationContext.configure(connection).get_current_revision() or ""
        for table in stored_tables(connection):
            digest, rows = hashlib.sha256(), 0
            with (folder / f"{table.name}.jsonl").open("wb") as file:
                for line in lines_of(connection, table):
                    digest.update(line)
                    file.write(line)
                    rows += 1
            columns = tuple(column.name for column in table.columns)
            number = last_number(connection, table)
            sums[table.name] = TableSum(rows, digest.hexdigest(), columns, number)
    return sums, revision


def sha256_of(path: Path) -> str:
    """Return the checksum of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass(frozen=True)
class Sources:
    """What goes into an archive beside the tables.

    Attributes:
        keys: file of the secret keys; may be missing.
        files: folder of uploaded files; may be missing.
        scratch: empty folder for the tables on their way, private to the caller.
    """

    keys: Path
    files: Path
    scratch: Path


def write_archive(store: Store, sources: Sources, target: BinaryIO, now: datetime) -> Manifest:
    """Write a site into an open file; it works while the site serves.

    Raises:
        DataUnavailableError: the store can't be read.
        OSError: a file can't be read or written.
    """
    sums, revision = _dump_tables(store, sources.scratch)
    members = {f"tables/{name}.jsonl": sources.scratch / f"{name}.jsonl" for name in sums}
    if sources.keys.exists():
        members["keys.json"] = sources.keys
    for path in sorted(sources.files.rglob("*")):
        if path.is_file() and not path.is_symlink():
            members[f"files/{path.relative_to(sources.files).as_posix()}"] = path
    manifest = Manifest(
        instant_text(now), __version__, revision, store.backend, sums,
        {name: sha256_of(path) for name, path in members.items()},
    )  # fmt: skip
    compressor = zstandard.ZstdCompressor(level=_ZSTD_LEVEL)
    with (
        compressor.stream_writer(target, closefd=False) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, MANIFEST, io.BytesIO(_manifest_text(manifest)), now)
        for name, path in members.items():
            with path.open("rb") as file:
                _add(tar, name, file, now)
    return manifest


def _add(tar: tarfile.TarFile, name: str, file: BinaryIO, now: datetime) -> None:
    info = tarfile.TarInfo(name)
    info.size = file.seek(0, io.SEEK_END)
    file.seek(0)
    info.mode, info.mtime = 0o600, int(now.timestamp())
    tar.addfile(info, file)


def _manifest_text(manifest: Manifest) -> bytes:
    return json.dumps(asdict(manifest), indent=1).encode()


def _parse_manifest(content: bytes, path: Path) -> Manifest:
    try:
        values: dict[str, Any] = json.loads(content)
        if values["format"] != FORMAT:
            raise UsageError("store.archive_unknown", path=str(path), format=values["format"])
        tables = {
            name: TableSum(**(table | {"columns": tuple(table["columns"])}))
            for name, table in values["tables"].items()
        }
        return Manifest(**(values | {"tables": tables}))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError("store.archive_broken", path=str(path), member=MANIFEST) from error


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    """Open an archive for reading from front to back.

    Raises:
        UsageError: it can't be read, or is damaged or cut off.
    """
    try:
        with (
            path.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as unpacked,
            tarfile.open(fileobj=unpacked, mode="r|") as tar,
        ):
            yield tar
    except OSError as error:
        raise UsageError("store.archive_unreadable", path=str(path)) from error
    except (zstandard.ZstdError, tarfile.TarError, EOFError) as error:
        raise UsageError("store.archive_broken", path=str(path), member="") from error


def read_archive(path: Path, folder: Path | None = None) -> Manifest:
    """Check every member of an archive against its checksum, and unpack it when asked.

    Args:
        path: the archive.
        folder: where to unpack, or None to check only; its files are of mode 0600.

    Raises:
        UsageError: it is not an archive, damaged, cut off, or of an unknown format.
        OSError: the folder can't be written.
    """
    with _opened(path) as tar:
        first = tar.next()
        content = tar.extractfile(first) if first is not None and first.isfile() else None
        if first is None or first.name != MANIFEST or content is None:
            raise UsageError("store.archive_broken", path=str(path), member=MANIFEST)
        manifest = _parse_manifest(content.read(), path)
        missing = dict(manifest.members)
        while (member := tar.next()) is not None:
            content = tar.extractfile(member) if member.isfile() else None
            wanted = missing.pop(member.name, None)
            if wanted is None or content is None or not _is_safe(member.name):
                raise UsageError("store.archive_broken", path=str(path), member=member.name)
            if _unpack(content, folder / member.name if folder else None) != wanted:
                raise UsageError("store.archive_broken", path=str(path), member=member.name)
    if missing:
        raise UsageError("store.archive_broken", path=str(path), member=next(iter(missing)))
    return manifest


def _is_safe(name: str) -> bool:
    return _MEMBER_NAME.fullmatch(name) is not None and ".." not in name.split("/")


def _unpack(content: Any, target: Path | None) -> str:  # noqa: ANN401 - tarfile's reader
    """Read a member to its end, into a file when one is named; return its sha256."""
    digest = hashlib.sha256()
    if target is not None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = target.open("wb") if target is not None else None
    try:
        if target is not None:
            target.chmod(0o600)
        while chunk := content.read(_CHUNK_BYTES):
            digest.update(chunk)
            if file is not None:
                file.write(chunk)
    finally:
        if file is not None:
            file.close()
    return digest.hexdigest()


def load_archive(transaction: Transaction, manifest: Manifest, folder: Path) -> None:
    """Fill the empty tables of a store from an unpacked archive and compare them.

    Raises:
        DataUnavailableError: a table differs afterwards; the transaction has to be rolled back.
    """
    connection = transaction.connection
    for name, wanted in manifest.tables.items():
        with (folder / "tables" / f"{name}.jsonl").open("rb") as lines:
            put_table(connection, name, wanted, lines)
