# SPDX-License-Identifier: GPL-2.0-or-later
"""Work on photos over HTTP: a few at a time, large bodies on their own addresses, on the disk."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio import to_thread
from starlette.datastructures import UploadFile
from starlette.requests import Request

from geoapi.photos.imaging import MAX_BYTES
from geoapi.revisions import WriteContext
from geoapi.settings import Settings
from geoapi.web.rendering import request_viewer

PHOTO_ITEMS = "/ogc/collections/photos/items"
# What a body is, its content says; the header only says that it is a picture.
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic", "image/heif")
FORM_TYPE = "multipart/form-data"
_MULTIPART_EXTRA = 100_000
_AT_A_TIME = 2
_MAX_CLIENT_CHARACTERS = 80


def body_limits(settings: Settings) -> dict[str, int]:
    """Return the addresses that take larger bodies than others, and how large."""
    return {
        "/my/points/*/photos": settings.max_photo_form_bytes,
        PHOTO_ITEMS: MAX_BYTES + _MULTIPART_EXTRA,
    }


async def in_photo_thread[T](request: Request, work: Callable[[], T]) -> T:
    """Do work on a photo in a thread; two at a time, so that everybody else finds threads free."""
    state: Any = request.app.state
    limiter = getattr(state, "photo_limiter", None)
    if limiter is None:
        limiter = state.photo_limiter = anyio.CapacityLimiter(_AT_A_TIME)
    return await to_thread.run_sync(work, limiter=limiter)


def photo_context(request: Request, **more: Any) -> WriteContext:  # noqa: ANN401
    """Return who writes a photo, in which request."""
    return WriteContext(
        viewer=request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client=request.headers.get("user-agent", "")[:_MAX_CLIENT_CHARACTERS],
        **more,
    )


@asynccontextmanager
async def spooled(upload: UploadFile) -> AsyncIterator[tuple[Path, bytes]]:
    """Put a file of a form on the disk while the block runs; yield its path and SHA-256."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="pakmud-photo-") as file:
        while piece := await upload.read(1 << 20):
            digest.update(piece)
            await to_thread.run_sync(file.write, piece)
        await to_thread.run_sync(file.flush)
        yield Path(file.name), digest.digest()


@asynccontextmanager
async def spooled_body(request: Request) -> AsyncIterator[tuple[Path, bytes]]:
    """Put a request's body on the disk while the block runs; yield its path and SHA-256."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(prefix="pakmud-photo-") as file:
        async for piece in request.stream():
            digest.update(piece)
            await to_thread.run_sync(file.write, piece)
        await to_thread.run_sync(file.flush)
        yield Path(file.name), digest.digest()
