# SPDX-License-Identifier: GPL-2.0-or-later
"""Resumable uploads of photos over HTTP: tus 1.0.0, core, creation, termination, expiration.

Source: https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

import base64
import binascii
from contextlib import ExitStack
from email.utils import format_datetime

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi.errors import PreconditionFailedError, UnsupportedMediaError, UsageError
from geoapi.photos import uploads
from geoapi.photos.imaging import MAX_BYTES
from geoapi.photos.uploads import Progress
from geoapi.rights import require
from geoapi.store.uploads import UploadRow
from geoapi.web.photo_work import in_photo_thread, photo_context
from geoapi.web.rendering import request_site, request_viewer

VERSION = "1.0.0"
_PATH = "/photos/uploads"
_EXTENSIONS = "creation,termination,expiration"
_PIECE_TYPE = "application/offset+octet-stream"
_KEYS = frozenset({"point_id", "kind", "caption_th", "caption_en"})
_MAX_METADATA = 4000
_FLUSH_BYTES = 1 << 20


def routes() -> list[Route]:
    """Return the addresses of uploads."""
    one = f"{_PATH}/{{upload_id}}"
    return [
        Route(_PATH, create, methods=["POST"], name="photo-uploads"),
        Route(_PATH, options, methods=["OPTIONS"]),
        Route(one, head, methods=["HEAD"], name="photo-upload"),
        Route(one, patch, methods=["PATCH"]),
        Route(one, delete, methods=["DELETE"]),
        Route(one, options, methods=["OPTIONS"]),
    ]


def _headers(row: UploadRow | None = None, **more: str) -> dict[str, str]:
    headers = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
    if row is not None:
        headers["Upload-Expires"] = format_datetime(row.expires_at, usegmt=True)
    return headers | {name.replace("_", "-"): value for name, value in more.items()}


def _check_version(request: Request) -> None:
    """Refuse another version of the protocol.

    Raises:
        PreconditionFailedError: as tus wants it.
    """
    if request.headers.get("tus-resumable") != VERSION:
        raise PreconditionFailedError("photos.tus_version", version=VERSION)


def options(_request: Request) -> Response:
    """Say what of the protocol is spoken here."""
    headers = _headers(Tus_Version=VERSION, Tus_Extension=_EXTENSIONS, Tus_Max_Size=str(MAX_BYTES))
    return Response(status_code=204, headers=headers)


def _length(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):  # noqa: PLR2004 - 64 bits
        raise UsageError("photos.header_number", header=name)
    return int(text)


def _metadata(request: Request) -> dict[str, str]:
    """Read Upload-Metadata: names and texts in Base64; those that we don't know are left out."""
    header = request.headers.get("upload-metadata", "")
    found: dict[str, str] = {}
    try:
        if len(header) > _MAX_METADATA:
            raise ValueError("too long")
        for pair in filter(None, header.split(",")):
            name, _, encoded = pair.strip().partition(" ")
            text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
            if name in _KEYS:
                found[name] = text
    except (binascii.Error, ValueError) as error:
        raise UsageError("photos.metadata") from error
    return found


async def create(request: Request) -> Response:
    """Begin an upload; rights, point and room are checked before a byte is sent."""
    require(request_viewer(request), "points.edit")
    _check_version(request)
    length, metadata = _length(request, "Upload-Length"), _metadata(request)
    site, context = request_site(request), photo_context(request)
    row = await to_thread.run_sync(uploads.begin, site, context, length, metadata)
    location = f"{site.settings.base_url}{_PATH}/{row.id}"
    return Response(status_code=201, headers=_headers(row, Location=location))


async def _current(request: Request) -> Progress:
    _check_right_and_version(request)
    return await to_thread.run_sync(
        uploads.progress,
        request_site(request),
        request_viewer(request),
        request.path_params["upload_id"],
    )


def _check_right_and_version(request: Request) -> None:
    require(request_viewer(request), "points.edit")
    _check_version(request)


async def head(request: Request) -> Response:
    """Say how much has come; what came whole before a crash becomes a photo now."""
    current = await _current(request)
    await _finish(request, current)
    headers = _headers(
        current.row,
        Upload_Offset=str(current.offset),
        Upload_Length=str(current.row.length),
    )
    return Response(status_code=200, headers=headers)


async def patch(request: Request) -> Response:
    """Take a piece; the last one makes the photo."""
    current = await _current(request)
    if request.headers.get("content-type", "").partition(";")[0].strip() != _PIECE_TYPE:
        raise UnsupportedMediaError("photos.piece_type", known=_PIECE_TYPE)
    offset = _length(request, "Upload-Offset")
    if not current.row.is_done:
        await _append(request, current, offset)
        current = await _current(request)
    await _finish(request, current)
    headers = _headers(current.row, Upload_Offset=str(current.offset))
    return Response(status_code=204, headers=headers)


async def _append(request: Request, current: Progress, offset: int) -> None:
    """Write what comes to the disk; what came before the connection broke is kept."""
    with ExitStack() as stack:
        opened = uploads.appending(request_site(request), current, offset)
        part = await to_thread.run_sync(stack.enter_context, opened)
        waiting = bytearray()
        try:
            async for piece in request.stream():
                waiting += piece
                if len(waiting) >= _FLUSH_BYTES:
                    await to_thread.run_sync(part.append, bytes(waiting))
                    waiting.clear()
        except ClientDisconnect:
            part.append(bytes(waiting))
            raise
        await to_thread.run_sync(part.append, bytes(waiting))
        await to_thread.run_sync(stack.close)


async def _finish(request: Request, current: Progress) -> None:
    site, context = request_site(request), photo_context(request)
    await in_photo_thread(request, lambda: uploads.finish(site, context, current))


async def delete(request: Request) -> Response:
    """End an upload; nothing of it stays."""
    current = await _current(request)
    site, viewer = request_site(request), request_viewer(request)
    await to_thread.run_sync(uploads.end, site, viewer, current.row.id)
    return Response(status_code=204, headers=_headers())
