# SPDX-License-Identifier: GPL-2.0-or-later
"""The change feed of a collection and the history of an item, both from the change table."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import Any

import anyio
import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.change_feed import Cursor, Following, follow, parse_cursor
from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.errors import GoneError, NotFoundError, Problem, UsageError
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.feed_watch import FeedWatch
from geoapi.ogc.items import items_url
from geoapi.ogc.negotiation import GEOJSON, JSON, finish, wanted_format
from geoapi.ogc.parameters import refuse_unknown
from geoapi.point_history import places
from geoapi.readers import reader_of, require_reader
from geoapi.store import changes
from geoapi.store.query import Reader
from geoapi.web.rendering import request_site, request_viewer

DEFAULT_CHANGES = 1_000
MAX_CHANGES = 10_000
LONGEST_WAIT_S = 30


async def get_changes(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/changes?since=``."""
    collection = collection_by_id(request.path_params["collection_id"])
    refuse_unknown(request.query_params, ("since", "limit", "wait", "f", "lang"))
    wanted_format(request, ("json",))
    text = request.query_params.get("since", "0")
    since = parse_cursor(text)
    limit = _number(request, "limit", DEFAULT_CHANGES, 1, MAX_CHANGES)
    wait_s = _number(request, "wait", 0, 0, LONGEST_WAIT_S)
    address = items_url(request_site(request), collection).removesuffix("/items")
    try:
        found = await _follow(request, collection, since, (limit, wait_s))
    except GoneError as error:
        error.extra = _full_sync(address, error.extra["next"])
        raise
    if found.rows:  # who hears of a change here must not be told that nothing changed
        request_site(request).tags.forget()
    following = f"{address}/changes?since={found.next}&limit={limit}"
    document = {
        "changes": [_entry(row) for row in found.rows],
        "since": text,
        "next": found.next,
        "hasMore": found.has_more,
        "links": [
            {"rel": "next", "type": JSON, "href": following},
            {"rel": "collection", "type": JSON, "href": address},
        ],
    }
    return _json(request, document)


async def _follow(
    request: Request, collection: Collection, since: Cursor | None, sizes: tuple[int, int]
) -> Following:
    """Read the feed; when there is nothing yet, wait for it as long as was asked."""
    limit, wait_s = sizes
    site, reader = request_site(request), _reader(request, collection)
    read = partial(follow, site, collection, reader, since, limit)
    if not wait_s or since is None:
        return await to_thread.run_sync(read)
    watch: FeedWatch = request.app.state.feed_watch
    ends_at = anyio.current_time() + wait_s
    while True:
        newest = await watch.newest()
        found = await to_thread.run_sync(read)
        if found.rows or found.has_more or not await watch.wait_beyond(newest, ends_at):
            return found


def _full_sync(address: str, cursor: str) -> dict[str, Any]:
    """Tell whoever has to begin anew how: read all items, then go on from this cursor."""
    following = f"{address}/changes?since={cursor}"
    return {
        "next": cursor,
        "links": [
            {"rel": "items", "type": GEOJSON, "href": f"{address}/items?limit=1000"},
            {"rel": "next", "type": JSON, "href": following},
        ],
    }


def _number(request: Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not text.isdecimal() or len(text) > 16 or not low <= int(text) <= high:  # noqa: PLR2004
        params: dict[str, Any] = {"value": text[:40], "low": low, "high": high}
        problem = Problem("ogc.not_in_range", parameter=name, params=params)
        raise UsageError("ogc.invalid_parameters", problems=(problem,))
    return int(text)


def _reader(request: Request, collection: Collection) -> Reader:
    require_reader(request_viewer(request), collection)
    return reader_of(request_viewer(request), collection)


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """Show one change: insiders see every revision, others what happened to the public item."""
    is_inside = row["is_inside"]
    is_deleted = row["operation"] == "delete" or (
        not is_inside and row["public_effect"] == "delete"
    )
    entry: dict[str, Any] = {
        "seq": row["seq"],
        "at": row["at"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "type": "delete" if is_deleted else "upsert",
        "id": row["item_id"],
        "revision": row["revision"],
    }
    if is_inside:
        entry |= {
            "operation": row["operation"],
            "actor_id": row["actor_id"],
            "reason": row["reason"],
        }
    document = row["document"] if is_inside else row["public_document"]
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
    reader = _reader(request, collection)
    store = request_site(request).store
    rows = await to_thread.run_sync(
        lambda: store.read(
            lambda connection: changes.read_history(
                connection, collection.id, item_id, reader.scopes, reader.owner_id
            )
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
