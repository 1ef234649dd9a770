# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of finished tiles below ``cache/tiles`` of the data folder: compressed, private, bounded.

A file says up to which change it is true; who reads it compares that with the marks.  Files may be
deleted at any time.  Several processes may share the folder: a file is whole or not there.
"""

from __future__ import annotations

import logging
import os
import secrets
import struct
import threading
from dataclasses import dataclass
from pathlib import Path

LOG = logging.getLogger(__name__)

FOLDER = Path("cache") / "tiles"
_HEAD = struct.Struct(">4sq24s")
_MAGIC = b"PKT1"
# After so many new files the folder is looked through.
_SWEEP_EVERY = 500
_KEPT_SHARE = 0.8
_TEMPORARY = ".new"


@dataclass(frozen=True)
class StoredTile:
    """A finished tile.

    Attributes:
        seq: every change up to this number is in it.
        etag: entity tag of the uncompressed bytes, without quotes.
        packed: gzip; b'' for an empty tile.
    """

    seq: int
    etag: str
    packed: bytes


def read_file(path: Path) -> StoredTile | None:
    """Read a file; None when it is not there or not whole."""
    try:
        with path.open("rb", buffering=0) as file:
            content = file.read()
    except OSError:
        return None
    if len(content) < _HEAD.size:
        return None
    magic, seq, etag = _HEAD.unpack_from(content)
    return StoredTile(seq, etag.decode(), content[_HEAD.size :]) if magic == _MAGIC else None


def _make_private(folder: Path) -> None:
    """Make a folder and those above it, for ourselves alone."""
    if not folder.is_dir():
        _make_private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def write_file(path: Path, tile: StoredTile) -> None:
    """Write a file at once; a full or read-only disk costs speed and no answer."""
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_TEMPORARY}")
    try:
        _make_private(path.parent)
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(_HEAD.pack(_MAGIC, tile.seq, tile.etag.encode()) + tile.packed)
        temporary.replace(path)
    except OSError as error:
        LOG.warning("tile not kept error=%s", type(error).__name__)
        temporary.unlink(missing_ok=True)


class TileFolder:
    """The folder of a site.

    Args:
        data_dir: of the site.
        most_bytes: how much may lie there; 0 keeps nothing.
    """

    def __init__(self, data_dir: Path, most_bytes: int) -> None:
        """Keep where it is; nothing is made before the first tile."""
        self.root = data_dir / FOLDER
        self.most_bytes = most_bytes
        self._written = _SWEEP_EVERY  # look through it with the first new file
        self._sweeping = threading.Lock()

    def read(self, name: str) -> StoredTile | None:
        """Read the tile of a name; None when there is none."""
        return read_file(self.root / name) if self.most_bytes else None

    def write(self, name: str, tile: StoredTile) -> None:
        """Keep a tile under a name, and the folder within its bounds."""
        if not self.most_bytes:
            return
        write_file(self.root / name, tile)
        self._written += 1
        if self._written > _SWEEP_EVERY and self._sweeping.acquire(blocking=False):
            try:
                self._written = 0
                self.sweep(keep=name.partition("/")[0])
            finally:
                self._sweeping.release()

    def sweep(self, keep: str) -> int:
        """Delete what is of another database, then the oldest files of too many.

        Args:
            keep: folder of the present database.

        Returns:
            How many files went.
        """
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder, name)
                try:
                    status = path.stat()
                except OSError:  # another process was quicker
                    continue
                is_ours = path.relative_to(self.root).parts[0] == keep
                found.append((is_ours, status.st_mtime, status.st_size, path))
        total = sum(size for _, _, size, _ in found)
        wanted = self.most_bytes * _KEPT_SHARE if total > self.most_bytes else total
        gone = 0
        for is_ours, _, size, path in sorted(found):
            if is_ours and total <= wanted:
                break
            path.unlink(missing_ok=True)
            total -= size
            gone += 1
        return gone
