# SPDX-License-Identifier: GPL-2.0-or-later
"""The change feed of a collection and the history of an item, both from the change table."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.errors import NotFoundError, Problem, UsageError
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.items import items_url
from geoapi.ogc.negotiation import JSON, finish, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.point_history import places
from geoapi.readers import reader_of, require_reader
from geoapi.store import changes
from geoapi.store.changes import FeedQuery
from geoapi.types import Scope
from geoapi.web.rendering import request_site, request_viewer

DEFAULT_CHANGES = 1_000
MAX_CHANGES = 10_000
_MAX_SEQ = 2**53


async def get_changes(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/changes?since=``."""
    collection = collection_by_id(request.path_params["collection_id"])
    refuse_unknown(request.query_params, ("since", "limit", "f", "lang"))
    wanted_format(request, ("json",))
    since = _number(request, "since", 0, 0, _MAX_SEQ)
    limit = _number(request, "limit", DEFAULT_CHANGES, 1, MAX_CHANGES)
    query = FeedQuery(collection.id, since, limit, _held(request, collection))
    store = request_site(request).store
    rows = await to_thread.run_sync(
        lambda: store.read(lambda connection: changes.read_feed(connection, query))
    )
    last = rows[-1]["seq"] if rows else since
    address = items_url(request_site(request), collection).removesuffix("/items")
    following = f"{address}/changes?since={last}&limit={limit}"
    document = {
        "changes": [_entry(row) for row in rows],
        "since": since,
        "next": last,
        "hasMore": len(rows) == limit,
        "links": [
            {"rel": "next", "type": JSON, "href": following},
            {"rel": "collection", "type": JSON, "href": address},
        ],
    }
    return _json(request, document)


def _number(request: Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 16 or not low <= int(text) <= high:  # noqa: PLR2004
        params: dict[str, Any] = {"value": text[:40], "low": low, "high": high}
        problem = Problem("ogc.not_in_range", parameter=name, params=params)
        raise UsageError("ogc.invalid_parameters", problems=(problem,))
    return int(text)


def _held(request: Request, collection: Collection) -> tuple[Scope, ...]:
    require_reader(request_viewer(request), collection)
    return reader_of(request_viewer(request), collection).scopes


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """Show one change: insiders see every revision, the public what happened to the public item."""
    is_deleted = row["operation"] == "delete" or (
        not row["is_inside"] and row["public_effect"] == "delete"
    )
    entry: dict[str, Any] = {
        "seq": row["seq"],
        "at": row["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": "delete" if is_deleted else "upsert",
        "id": row["item_id"],
        "revision": row["revision"],
    }
    if row["is_inside"]:
        entry |= {
            "operation": row["operation"],
            "actor_id": row["actor_id"],
            "reason": row["reason"],
        }
    document = row["document"] if row["is_inside"] else row["public_document"]
    if document is not None:
        entry["feature"] = orjson.Fragment(document)
    return entry


async def get_history(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/items/{item_id}/history``, oldest first."""
    collection = collection_by_id(request.path_params["collection_id"])
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted_format(request, ("json",))
    item_id = request.path_params["item_id"]
    if "\0" in item_id:
        raise NotFoundError("ogc.item_not_found", id="")
    held = _held(request, collection)
    store = request_site(request).store
    rows = await to_thread.run_sync(
        lambda: store.read(
            lambda connection: changes.read_history(connection, collection.id, item_id, held)
        )
    )
    if not rows:
        raise NotFoundError("ogc.item_not_found", id=item_id[:80])
    item_url = f"{items_url(request_site(request), collection)}/{item_id}"
    revisions = [_entry(row) for row in rows]
    if collection.id == SERVICE_POINTS.id:
        revisions = [e | place for e, place in zip(revisions, places(rows), strict=True)]
    document = {
        "id": item_id,
        "revisions": revisions,
        "links": [{"rel": "latest-version", "type": "application/geo+json", "href": item_url}],
    }
    return _json(request, document)


def _json(request: Request, document: dict[str, Any]) -> Response:
    body = orjson.dumps(document)
    etag = hashlib.sha256(body).hexdigest()[:24]
    headers = {"ETag": f'"{etag}"'}
    if is_not_modified(request, etag, None):
        return finish(request, Response(status_code=304, headers=headers))
    return finish(request, Response(body, media_type=JSON, headers=headers))
