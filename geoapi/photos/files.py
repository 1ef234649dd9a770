# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of photos, below ``files`` of the data folder: whole or not there, seen by nobody else.

They are named by the photo's id, which is random, and never change.  What a backup holds is that
folder; parts of running uploads lie outside of it.
"""

from __future__ import annotations

import logging
import os
import re
import secrets
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from geoapi.errors import DataUnavailableError
from geoapi.photos.imaging import SIZES

LOG = logging.getLogger(__name__)

_FOLDER = Path("files") / "photos"
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAME = re.compile(rf"({_ID.pattern})-({'|'.join(SIZES)})\.jpg")
# Files younger than this may belong to a write that is not finished yet.
_SETTLED_S = 3600.0


def photo_file(data_dir: Path, photo_id: str, size: str) -> Path:
    """Return where a size of a photo is, whether it is there or not.

    Raises:
        ValueError: no id or no size; nothing of what a client says may name a path.
    """
    if not _ID.fullmatch(photo_id) or size not in SIZES:
        raise ValueError("no photo")
    return data_dir / _FOLDER / photo_id[:2] / f"{photo_id}-{size}.jpg"


def store_files(data_dir: Path, photo_id: str, contents: Mapping[str, bytes]) -> None:
    """Write the files of a photo to the disk for good.

    Args:
        data_dir: of the site.
        photo_id: new, lower case.
        contents: {size: JPEG}.

    Raises:
        DataUnavailableError: they could not be written; none is left.
    """
    try:
        folder = photo_file(data_dir, photo_id, "full").parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for size, content in contents.items():
            write_private(photo_file(data_dir, photo_id, size), content)
        sync_folder(folder)
        sync_folder(folder.parent)
    except OSError as error:
        remove_files(data_dir, (photo_id,))
        raise DataUnavailableError("photos.not_stored") from error


def write_private(path: Path, content: bytes) -> None:
    """Write a whole file or nothing, mode 0600, on the disk when this returns."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def sync_folder(folder: Path) -> None:
    """Put the names in a folder on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_files(data_dir: Path, photo_ids: Iterable[str]) -> None:
    """Delete the files of photos; what can't be deleted now, the next sweep will."""
    for photo_id in photo_ids:
        for size in SIZES:
            try:
                photo_file(data_dir, photo_id, size).unlink(missing_ok=True)
            except OSError as error:
                LOG.warning("photo file not deleted error=%s", type(error).__name__)


def has_files(data_dir: Path, photo_id: str) -> bool:
    """Say whether all sizes of a photo are there."""
    return all(photo_file(data_dir, photo_id, size).is_file() for size in SIZES)


def settled_files(data_dir: Path) -> dict[str, list[Path]]:
    """Return {photo id: its files}, without those that a running write may be making.

    Half-written files, which a killed process leaves, stand under ''.
    """
    found: dict[str, list[Path]] = {}
    before = time.time() - _SETTLED_S
    for path in (data_dir / _FOLDER).glob("??/*"):
        try:
            if path.stat().st_mtime > before:
                continue
        except FileNotFoundError:
            continue
        named = _NAME.fullmatch(path.name)
        found.setdefault(named[1] if named else "", []).append(path)
    return found
