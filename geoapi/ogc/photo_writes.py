# SPDX-License-Identifier: GPL-2.0-or-later
"""Create photos over the API: a picture as the body, or one file in a form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import collection_by_id
from geoapi.errors import Problem, UnsupportedMediaError, UsageError
from geoapi.ogc import writes
from geoapi.ogc.conditional import preferences
from geoapi.ogc.idempotency import read_key, request_hash, write_once
from geoapi.ogc.negotiation import finish
from geoapi.ogc.parameters import refuse_unknown
from geoapi.photos import photos
from geoapi.photos.photos import NewPhoto
from geoapi.photos.rules import WAITING
from geoapi.revisions import Item, Receipt, WriteContext
from geoapi.web.photo_work import (
    FORM_TYPE,
    PICTURE_TYPES,
    in_photo_thread,
    spooled,
    spooled_body,
)
from geoapi.web.rendering import request_site

_SAID = ("point_id", "kind", "caption_th", "caption_en")
_FILE = "file"


async def create_item(request: Request) -> Response:
    """Answer ``POST /collections/{collection_id}/items``: a photo brings a file, all else JSON."""
    if request.path_params["collection_id"] != WAITING.collection.id:
        return await writes.create_item(request)
    return await create_photo(request)


async def create_photo(request: Request) -> Response:
    """Answer ``POST /collections/photos/items``."""
    collection, site = collection_by_id(WAITING.collection.id), request_site(request)
    refuse_unknown(request.query_params, ("lang", *_SAID))
    writes.require_right(request, collection)
    key, context = read_key(request), writes.context_of(request)
    answer = writes.answer_with(site, collection, preferences(request), created=True)
    async with _received(request) as (path, said, digest):
        point_id = said.pop("point_id", "").strip().lower()
        if not point_id:
            problem = Problem("photos.point_id_needed", parameter="point_id")
            raise UsageError("photos.point_id_needed", problems=(problem,))
        new = NewPhoto(path, **said)
        fingerprint = request_hash(request, f"{point_id}{new.said}".encode() + digest)

        def work(receipt: Receipt | None) -> Item:
            written = WriteContext(**{**vars(context), "receipt": receipt})
            return photos.add(site, written, point_id, new)

        done = await in_photo_thread(
            request,
            partial(write_once, site, context.viewer, key, fingerprint, work, answer),
        )
    return finish(request, done.response())


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[tuple[Path, dict[str, str], bytes]]:
    """Put the picture on the disk; yield its path, what is said of it, and its SHA-256.

    Raises:
        UnsupportedMediaError: neither a picture nor a form.
    """
    header = request.headers.get("content-type", "")
    media_type = header.partition(";")[0].strip().lower()
    if media_type in PICTURE_TYPES:
        async with spooled_body(request) as (path, digest):
            yield path, _said(request.query_params), digest
    elif media_type == FORM_TYPE:
        async with request.form(max_files=1, max_fields=len(_SAID)) as form:
            upload = form.get(_FILE)
            if not isinstance(upload, UploadFile):
                problem = Problem("photos.no_file", parameter=_FILE)
                raise UsageError("photos.no_file", problems=(problem,))
            texts = {name: text for name, text in form.items() if isinstance(text, str)}
            async with spooled(upload) as (path, digest):
                yield path, _said(request.query_params) | _said(texts), digest
    else:
        known = ", ".join((*PICTURE_TYPES, FORM_TYPE))
        raise UnsupportedMediaError("ogc.content_type_unsupported", value=header[:80], known=known)


def _said(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in _SAID if name in given}
