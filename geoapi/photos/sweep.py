# SPDX-License-Identifier: GPL-2.0-or-later
"""Clear away what killed processes and ended uploads left, and find photos whose files are gone."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from geoapi.errors import DataUnavailableError
from geoapi.photos.files import has_files, settled_files
from geoapi.photos.uploads import part_folder
from geoapi.site import Site
from geoapi.store import Store, photos, uploads

LOG = logging.getLogger(__name__)

_SETTLED_S = 3600.0


@dataclass(frozen=True)
class Swept:
    """What a sweep did.

    Attributes:
        uploads: whose time was over.
        files: that belonged to nothing any more.
    """

    uploads: int
    files: int


def sweep(site: Site) -> Swept:
    """Forget expired uploads, delete files without a row."""
    expired = site.store.write(uploads.delete_expired)
    data_dir = site.settings.data_dir
    unused = [*orphan_files(site.store, data_dir), *_orphan_parts(site.store, data_dir)]
    deleted = sum(_delete(path) for path in unused)
    if expired or deleted:
        LOG.info("photos swept uploads=%d files=%d", expired, deleted)
    return Swept(expired, deleted)


def sweep_quietly(site: Site) -> None:
    """Sweep when the site starts; a store that can't be written now is no reason not to serve."""
    try:
        sweep(site)
    except DataUnavailableError as error:
        LOG.warning("photos not swept error=%s", error.message_id)


def orphan_files(store: Store, data_dir: Path) -> list[Path]:
    """Return the files of photos that no row knows."""
    found = settled_files(data_dir)
    ids = [photo_id for photo_id in found if photo_id]
    known = store.read(lambda connection: photos.known_ids(connection, ids))
    return [path for photo_id, paths in found.items() if photo_id not in known for path in paths]


def missing_files(store: Store, data_dir: Path) -> list[str]:
    """Return the ids of photos whose files are not all there."""
    ids: Iterable[str] = store.read(photos.all_ids)
    return [photo_id for photo_id in ids if not has_files(data_dir, photo_id)]


def _orphan_parts(store: Store, data_dir: Path) -> list[Path]:
    known = store.read(uploads.unfinished_uploads)
    before = time.time() - _SETTLED_S
    return [
        path
        for path in part_folder(data_dir).glob("*.part")
        if path.stem not in known and path.stat().st_mtime < before
    ]


def _delete(path: Path) -> bool:
    try:
        path.unlink()
    except OSError as error:
        LOG.warning("file not deleted error=%s", type(error).__name__)
        return False
    return True
