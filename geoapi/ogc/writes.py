# SPDX-License-Identifier: GPL-2.0-or-later
"""Write items: create, replace, update, delete and the actions of the workflow (OGC API Part 4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from geoapi import records, service_points
from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.errors import NotAuthenticatedError, NotFoundError
from geoapi.ogc.action_body import MAX_REASON_CHARACTERS, read_action
from geoapi.ogc.bodies import FEATURE_TYPES, PATCH_TYPES, read_object
from geoapi.ogc.conditional import (
    Preferences,
    entity_tags,
    http_date,
    if_unmodified_since,
    preferences,
)
from geoapi.ogc.crs import CRS84, without_crs
from geoapi.ogc.feature_bodies import check_feature, check_members, without_served_members
from geoapi.ogc.idempotency import Answer, read_key, request_hash, write_once
from geoapi.ogc.items import find_item, items_url, with_links
from geoapi.ogc.negotiation import GEOJSON, finish
from geoapi.ogc.parameters import refuse_unknown
from geoapi.record_collections import PHOTOS
from geoapi.record_kinds import KINDS
from geoapi.revisions import Item, Receipt, WriteContext
from geoapi.rights import Viewer, has, require
from geoapi.site import Site
from geoapi.transitions import take_action as take_step
from geoapi.web.photo_work import FORM_TYPE, PICTURE_TYPES
from geoapi.web.rendering import request_site, request_viewer
from geoapi.writers import writer_of

type _Work = Callable[[WriteContext], Item | None]

_MAX_CLIENT_CHARACTERS = 80
_READ_VERBS = "GET, HEAD, OPTIONS"
_ITEM_VERBS = {"PUT", "PATCH", "DELETE"}


def _writable(request: Request) -> Collection:
    """Return the collection of the path when it is written by the request's verb.

    Raises:
        HTTPException: 405 for a collection that nobody writes this way.
    """
    collection = collection_by_id(request.path_params["collection_id"])
    if request.method not in collection.verbs:
        here = {"POST"} if "item_id" not in request.path_params else _ITEM_VERBS
        allowed = [_READ_VERBS, *sorted(collection.verbs & here)]
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    return collection


def require_right(request: Request, collection: Collection) -> None:
    """Refuse whoever holds the right to write nowhere, before the body is looked at.

    Raises:
        NotAuthenticatedError, ForbiddenError.
    """
    viewer = request_viewer(request)
    if collection.edit_permission is not None:
        require(viewer, collection.edit_permission)
    elif viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")


def _reason_header(request: Request) -> str:
    """Return the header Pakmud-Reason; programs send its Thai as plain UTF-8."""
    said = request.headers.get("pakmud-reason", "")
    try:
        return said.encode("latin-1").decode("utf-8").replace("\0", "")
    except UnicodeDecodeError:
        return said


def context_of(request: Request, reason: str = "") -> WriteContext:
    """Return who writes, why and under which conditions, from the headers of a request."""
    said = reason or _reason_header(request)
    agent = request.headers.get("user-agent", "")
    return WriteContext(
        viewer=request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client=agent[:_MAX_CLIENT_CHARACTERS],
        reason=said[:MAX_REASON_CHARACTERS],
        if_match=without_crs(entity_tags(request.headers.get("if-match"), allow_weak=False)),
        if_unmodified_since=if_unmodified_since(request),
        is_strict=preferences(request).is_strict,
    )


async def write_and_answer(
    request: Request,
    context: WriteContext,
    body: bytes,
    work: _Work,
    answer: Callable[[Item | None], Answer],
) -> Response:
    """Do the work in a thread, once per Idempotency-Key."""
    key, fingerprint = read_key(request), request_hash(request, body)

    def with_receipt(receipt: Receipt | None) -> Item | None:
        return work(WriteContext(**{**vars(context), "receipt": receipt}))

    done = await to_thread.run_sync(
        partial(
            write_once,
            request_site(request),
            context.viewer,
            key,
            fingerprint,
            with_receipt,
            answer,
        )
    )
    return finish(request, done.response())


def answer_with(
    site: Site, collection: Collection, wanted: Preferences, *, created: bool = False
) -> Callable[[Item | None], Answer]:
    """Return the function that answers a write with its item, by the client's preference."""

    def answer(item: Item | None) -> Answer:
        applied = {"Preference-Applied": wanted.applied} if wanted.applied else {}
        if item is None:
            return Answer(204, applied)
        headers = {
            "ETag": f'"{item.etag}"',
            "Last-Modified": http_date(item.updated_at),
            **applied,
        }
        if created:
            headers["Location"] = f"{items_url(site, collection)}/{item.id}"
        if wanted.representation is not True:  # nothing is shown unless it is preferred
            return Answer(201 if created else 204, headers)
        headers |= {"Content-Type": GEOJSON, "Content-Crs": f"<{CRS84}>"}
        body = with_links(site, collection, item.text).decode()
        return Answer(201 if created else 200, headers, body)

    return answer


async def create_item(request: Request) -> Response:
    """Answer ``POST /collections/{collection_id}/items``."""
    collection, site = _writable(request), request_site(request)
    refuse_unknown(request.query_params, ("lang",))
    require_right(request, collection)
    body, feature = await read_object(request, FEATURE_TYPES)
    check_feature(collection, feature, is_strict=preferences(request).is_strict)
    context = context_of(request)
    answer = answer_with(site, collection, preferences(request), created=True)
    return await write_and_answer(
        request, context, body, lambda c: writer_of(collection).create(site, c, feature), answer
    )


async def replace_item(request: Request) -> Response:
    """Answer ``PUT /collections/{collection_id}/items/{item_id}``."""
    collection, site = _writable(request), request_site(request)
    refuse_unknown(request.query_params, ("lang",))
    require_right(request, collection)
    item_id = request.path_params["item_id"]
    body, feature = await read_object(request, FEATURE_TYPES)
    check_feature(collection, feature, is_strict=preferences(request).is_strict)
    own = without_served_members(feature)
    answer = answer_with(site, collection, preferences(request))
    return await write_and_answer(
        request,
        context_of(request),
        body,
        lambda c: writer_of(collection).replace(site, c, item_id, own),
        answer,
    )


async def update_item(request: Request) -> Response:
    """Answer ``PATCH /collections/{collection_id}/items/{item_id}`` with a JSON merge patch."""
    collection, site = _writable(request), request_site(request)
    refuse_unknown(request.query_params, ("lang",))
    require_right(request, collection)
    item_id = request.path_params["item_id"]
    body, patch = await read_object(request, PATCH_TYPES)
    check_members(collection, patch, is_strict=preferences(request).is_strict)
    own = without_served_members(patch)
    answer = answer_with(site, collection, preferences(request))
    return await write_and_answer(
        request,
        context_of(request),
        body,
        lambda c: writer_of(collection).update(site, c, item_id, own),
        answer,
    )


async def delete_item(request: Request) -> Response:
    """Answer ``DELETE /collections/{collection_id}/items/{item_id}``."""
    collection, site = _writable(request), request_site(request)
    refuse_unknown(request.query_params, ("lang",))
    item_id = request.path_params["item_id"]

    def work(context: WriteContext) -> None:
        writer_of(collection).delete(site, context, item_id)

    answer = answer_with(site, collection, preferences(request))
    return await write_and_answer(request, context_of(request), b"", work, answer)


async def take_action(request: Request) -> Response:
    """Answer ``POST .../items/{item_id}/transitions`` with an action, as ActionBody has it."""
    collection, site = _writable(request), request_site(request)
    if collection.id != SERVICE_POINTS.id:
        raise NotFoundError("ogc.item_not_found", id=request.path_params["item_id"][:80])
    refuse_unknown(request.query_params, ("lang",))
    item_id = request.path_params["item_id"]
    require(request_viewer(request), "points.read_working")
    body, document = await read_object(request, ("application/json",))
    asked = read_action(document)
    wanted = preferences(request)
    shown = Preferences(wanted.representation is not False, wanted.is_strict, wanted.applied)
    return await write_and_answer(
        request,
        context_of(request, asked.reason),
        body,
        lambda c: take_step(site, c, item_id, asked.action, asked.asked),
        answer_with(site, collection, shown),
    )


async def items_options(request: Request) -> Response:
    """Answer OPTIONS of a collection's items: POST is listed for those who may create."""
    collection = collection_by_id(request.path_params["collection_id"])
    viewer = request_viewer(request)
    allow, headers = _READ_VERBS, {}
    if "POST" in collection.verbs and _may_write(viewer, collection):
        allow += ", POST"
        accepted = (*PICTURE_TYPES, FORM_TYPE) if collection.id == PHOTOS.id else FEATURE_TYPES
        headers["Accept-Post"] = ", ".join(accepted)
    return finish(request, Response(status_code=200, headers={"Allow": allow, **headers}))


def _may_write(viewer: Viewer, collection: Collection) -> bool:
    if collection.edit_permission is None:
        return not viewer.is_anonymous
    return has(viewer, collection.edit_permission)


async def item_options(request: Request) -> Response:
    """Answer OPTIONS of an item: write verbs are listed for those who may write this one."""
    collection = collection_by_id(request.path_params["collection_id"])
    verbs = await to_thread.run_sync(lambda: _write_verbs(request, collection))
    headers = {"Allow": ", ".join((_READ_VERBS, *verbs))}
    if "PATCH" in verbs:
        headers["Accept-Patch"] = ", ".join(PATCH_TYPES)
    return finish(request, Response(status_code=200, headers=headers))


def _write_verbs(request: Request, collection: Collection) -> tuple[str, ...]:
    find_item(request, collection)
    site, viewer = request_site(request), request_viewer(request)
    if collection.id != SERVICE_POINTS.id:
        verbs = tuple(v for v in ("PUT", "PATCH", "DELETE") if v in collection.verbs)
        item_id = request.path_params["item_id"]
        return (
            verbs
            if verbs and records.may_write(site, viewer, KINDS[collection.id], item_id)
            else ()
        )
    return service_points.write_verbs(site, viewer, request.path_params["item_id"])
