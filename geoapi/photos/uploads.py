# SPDX-License-Identifier: GPL-2.0-or-later
"""Uploads in pieces that survive broken connections and restarts (tus 1.0.0).

How much has come is what lies in the part file on the disk; the store only knows whose it is and
until when.  The photo gets the id of its upload, so that finishing twice makes one photo.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from geoapi.errors import (
    ConflictError,
    DataUnavailableError,
    NotFoundError,
    ServicePointError,
    TooLargeError,
    TooManyRequestsError,
    UsageError,
)
from geoapi.photos.imaging import MAX_BYTES
from geoapi.photos.photos import NewPhoto, add, check_said, require_place
from geoapi.revisions import WriteContext
from geoapi.rights import Viewer, require
from geoapi.site import Site
from geoapi.store import Transaction, uploads
from geoapi.store.uploads import UploadRow

MAX_OPEN = 500
MAX_OPEN_BYTES = 2_000_000_000
LIFE_TIME = timedelta(hours=24)
_FOLDER = "uploads"
_SAID = ("kind", "caption_th", "caption_en")


@dataclass(frozen=True)
class Progress:
    """How far an upload is.

    Attributes:
        row: what the store knows of it.
        offset: bytes that are on the disk for good.
    """

    row: UploadRow
    offset: int


def part_folder(data_dir: Path) -> Path:
    """Return the folder of the part files."""
    return data_dir / _FOLDER


def part_file(data_dir: Path, upload_id: str) -> Path:
    """Return where the bytes of an upload are collected."""
    return part_folder(data_dir) / f"{upload_id}.part"


def begin(site: Site, context: WriteContext, length: int, metadata: Mapping[str, str]) -> UploadRow:
    """Begin an upload.

    Args:
        site: with store and data folder.
        context: who.
        length: bytes of the whole file.
        metadata: ``point_id``, ``kind``, ``caption_th``, ``caption_en``.

    Raises:
        NotAuthenticatedError, ForbiddenError, NotFoundError, ConflictError: no photo can be added.
        InvalidDocumentError: a kind or caption that no photo can have.
        TooLargeError: longer than a photo may be.
        TooManyRequestsError: the user has too much under way.
    """
    require(context.viewer, "points.edit")
    if length > MAX_BYTES:
        raise TooLargeError("photos.too_many_bytes", limit_mb=MAX_BYTES // 1_000_000)
    if length == 0:
        raise UsageError("photos.empty")
    point_id = metadata.get("point_id", "").lower()
    require_place(site, context, point_id)
    said = {name: metadata[name] for name in _SAID if name in metadata}
    check_said(point_id, NewPhoto(b"", **said))
    now = site.clock()
    row = UploadRow(
        str(uuid4()), context.viewer.user_id, point_id, length, 0, said, now + LIFE_TIME
    )

    def write(transaction: Transaction) -> None:
        uploads.delete_expired(transaction)
        count, n_bytes = uploads.open_uploads(transaction.connection, row.user_id, now)
        if count >= MAX_OPEN or n_bytes + length > MAX_OPEN_BYTES:
            raise TooManyRequestsError("photos.too_much_open", limit=MAX_OPEN, retry_after_s=600)
        uploads.insert_upload(transaction, row)

    _make_part(site, row.id)
    site.store.write(write)
    return row


def _make_part(site: Site, upload_id: str) -> None:
    try:
        folder = part_folder(site.settings.data_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(part_file(site.settings.data_dir, upload_id),
                         os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))  # fmt: skip
    except OSError as error:
        raise DataUnavailableError("photos.not_stored") from error


def progress(site: Site, viewer: Viewer, upload_id: str) -> Progress:
    """Return how far an own upload is.

    Raises:
        NotAuthenticatedError, ForbiddenError: nobody who adds photos.
        NotFoundError: there is none, it is somebody else's, or its time is over.
    """
    require(viewer, "points.edit")
    row = None
    if "\0" not in upload_id:
        row = site.store.read(lambda c: uploads.find_upload(c, upload_id, viewer.user_id))
    if row is None or row.expires_at <= site.clock():
        raise NotFoundError("photos.no_upload")
    if row.is_done:
        return Progress(row, row.length)
    try:
        return Progress(row, part_file(site.settings.data_dir, row.id).stat().st_size)
    except FileNotFoundError as error:
        raise NotFoundError("photos.no_upload") from error


class Part:
    """The open part file of an upload, to which one request at a time appends."""

    def __init__(self, descriptor: int, room: int) -> None:
        """Keep the file.

        Args:
            descriptor: opened for appending.
            room: bytes that are still to come.
        """
        self._descriptor = descriptor
        self._room = room

    def append(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            TooLargeError: more than were announced.
            DataUnavailableError: the disk is full.
        """
        if len(piece) > self._room:
            raise TooLargeError("photos.more_than_announced")
        self._room -= len(piece)
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
        except OSError as error:
            raise DataUnavailableError("photos.not_stored") from error


@contextmanager
def appending(site: Site, current: Progress, offset: int) -> Iterator[Part]:
    """Open the part file at an offset; what was added is on the disk when the block ends.

    Raises:
        ConflictError: the offset is another one, or another request appends just now.
        NotFoundError: the upload was ended meanwhile.
    """
    path = part_file(site.settings.data_dir, current.row.id)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise NotFoundError("photos.no_upload") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError("photos.upload_busy") from error
        held = os.fstat(descriptor).st_size
        if held != offset:
            raise ConflictError("photos.wrong_offset", offset=held)
        try:
            yield Part(descriptor, current.row.length - held)
        finally:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def finish(site: Site, context: WriteContext, current: Progress) -> bool:
    """Make the photo of an upload that is complete; say whether it is stored now.

    A file that is no photo ends its upload, so that nobody sends it again in vain.

    Raises:
        TooLargeError, InvalidDocumentError: the file can't be taken.
        NotFoundError, ForbiddenError, ConflictError: the point can't be edited any more.
    """
    row = current.row
    if row.is_done:
        return True
    if current.offset < row.length:
        return False
    path = part_file(site.settings.data_dir, row.id)
    new = replace(NewPhoto(path, **row.metadata), id=row.id)
    try:
        add(site, context, row.point_id, new, lambda t: uploads.mark_done(t, row.id))
    except FileNotFoundError:
        return True  # a twin of this request was faster
    except DataUnavailableError:
        raise
    except ServicePointError:
        if progress(site, context.viewer, row.id).row.is_done:
            return True
        end(site, context.viewer, row.id)
        raise
    path.unlink(missing_ok=True)
    return True


def end(site: Site, viewer: Viewer, upload_id: str) -> None:
    """End an own upload and delete what has come of it; a photo that is stored stays.

    Raises:
        NotAuthenticatedError, ForbiddenError, NotFoundError: as :func:`progress`.
    """
    row = progress(site, viewer, upload_id).row
    site.store.write(lambda transaction: uploads.delete_upload(transaction, row.id))
    part_file(site.settings.data_dir, row.id).unlink(missing_ok=True)
