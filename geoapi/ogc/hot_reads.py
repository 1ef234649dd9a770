# SPDX-License-Identifier: GPL-2.0-or-later
"""The short way for what is asked all the time: GeoJSON pages, single items, finished tiles.

Nine of ten requests are such reads, and most of their time would go into layers that have nothing
to say to them.  This outermost layer answers them with the same functions and statements, byte for
byte as the long way does (a test compares them).  Whatever is unusual - another format, a wrong
parameter, an item that is not there, a store that does not answer - goes the long way, which knows
what to say; so nothing here refuses anything.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from functools import lru_cache

import orjson
from anyio import to_thread
from starlette.datastructures import QueryParams
from starlette.types import ASGIApp, Receive, Scope, Send

from geoapi.collections import COLLECTIONS, Collection
from geoapi.errors import UsageError
from geoapi.identity import IdentityCache
from geoapi.ogc.hot_request import HotRequest, hot_request, known_viewer
from geoapi.ogc.hot_tiles import finished_tile, hot_tile, tile_route
from geoapi.ogc.items import Asked, item_headers, item_links, page_body, page_etag, page_links
from geoapi.ogc.negotiation import GEOJSON, VARY, cache_control
from geoapi.ogc.parameters import CRS84, items_query
from geoapi.operation.logs import REQUEST_ID
from geoapi.operation.metrics import metrics_of
from geoapi.readers import reader_of
from geoapi.rights import PUBLIC, Viewer
from geoapi.site import Site
from geoapi.store.async_reading import AsyncReader, NotAnsweredError
from geoapi.store.counting import counted_page_steps
from geoapi.store.known_tags import KnownTag
from geoapi.store.query import ItemQuery, Page, Reader, item_of, item_sql
from geoapi.tiles.build import TileAddress
from geoapi.tiles.service import TileSet
from geoapi.web.client_address import apply_forwarded, networks
from geoapi.web.client_limits import ClientLimits, is_heavy_read
from geoapi.web.compression import MIN_BYTES, THREAD_BYTES, compress, known_form
from geoapi.web.cors import EXPOSED_HEADERS, allowed_origin
from geoapi.web.middleware import Done, note_request, request_id_of
from geoapi.web.security_headers import security_headers

_MOST_PLANS = 2_048
_LONGEST_QUERY = 2_000
_ITEMS_ROUTE = "/ogc/collections/{collection_id}/items"
_ITEM_ROUTE = f"{_ITEMS_ROUTE}/{{item_id}}"
# Stands where the cursor of the following page comes; no address holds it.
_TOKEN = "{after}"  # noqa: S105 - not a secret
_PAGE_HEADERS = {"Content-Crs": f"<{CRS84}>"}
_PUBLIC = Reader()
type _Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class _Plan:
    """An items request as far as it is the same for everybody who asks it.

    Attributes:
        asked: the request, read for the public.
        following: JSON of the links before and after the cursor, where a page follows.
        last: JSON of the links of a last page.
    """

    asked: Asked
    following: tuple[str, str]
    last: str


@dataclass(frozen=True)
class _Answer:
    """What the store gave, before coding.

    Attributes:
        body: None when the client has it already.
        etag: of the plain form, without quotes.
        headers: beside those that every answer has.
    """

    body: bytes | None
    etag: str
    headers: dict[str, str]


class HotReads:
    """Answer plain reads of items; hand everything else on.

    Args:
        app: the application inside.
        site: the running site.
        cache: who was signed in within the last two seconds.
        reader: asks the store on the event loop.
        limits: what each client has asked for.
    """

    def __init__(
        self,
        app: ASGIApp,
        site: Site,
        cache: IdentityCache,
        reader: AsyncReader,
        limits: ClientLimits,
    ) -> None:
        """Prepare what is the same in every answer."""
        self.app, self.site, self.cache, self.reader = app, site, cache, reader
        self.limits, self._trusted = limits, networks(site.settings.trusted_proxies)
        self._plans: OrderedDict[tuple[str, bytes], _Plan] = OrderedDict()
        self._fixed: _Headers = [
            (name.lower().encode(), value.encode())
            for name, value in security_headers(site.settings).items()
        ]
        self._origins = site.settings.cors_origins
        origin = "" if "*" in self._origins else ", Origin"
        self._vary = f"{VARY}, Accept-Encoding{origin}"
        self._tile_vary = f"Accept-Encoding{origin}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        started = time.perf_counter()
        asked = hot_request(scope)
        if asked is not None:
            viewer = known_viewer(asked, self.site, self.cache)
            collection = COLLECTIONS.get(asked.collection_id)
            if viewer is not None and collection is not None and self._admits(scope, viewer):
                try:
                    answer = await self._read(asked, collection, viewer)
                except NotAnsweredError:
                    answer = None
                if answer is not None:
                    await self._send(scope, send, asked, answer, viewer, started)
                    return
        elif (tile := hot_tile(scope)) is not None and await self._sent_tile(
            scope, send, tile, started
        ):
            return
        await self.app(scope, receive, send)

    async def _sent_tile(
        self,
        scope: Scope,
        send: Send,
        tile: tuple[HotRequest, TileSet, TileAddress],
        started: float,
    ) -> bool:
        """Answer with a finished tile; False when there is none and nothing was sent."""
        asked, tile_set, address = tile
        viewer = known_viewer(asked, self.site, self.cache)
        if viewer is None:
            return False
        found = finished_tile(scope["app"].state.tiles, asked, tile_set, address)
        if found is None or not self._admits(scope, viewer):
            return False
        status, headers, body = found
        head = {"X-Request-Id": request_id_of(asked.request_id), "Vary": self._tile_vary, **headers}
        done = Done(tile_route(asked), status, len(body))
        await self._finish(scope, send, asked, (head, body, done), started)
        return True

    def _admits(self, scope: Scope, viewer: Viewer) -> bool:
        """Count the read; the long way says so when the client has had its share."""
        apply_forwarded(scope, self._trusted)
        return not is_heavy_read(scope) and self.limits.admits_read(scope, viewer.user_id)

    async def _read(
        self, asked: HotRequest, collection: Collection, viewer: Viewer
    ) -> _Answer | None:
        if collection.has_owners and viewer.is_anonymous:
            return None
        if asked.item_id:
            return await self._item(asked, collection, viewer)
        plan = self._plan(collection, asked.query_string)
        return None if plan is None else await self._page(plan, viewer, asked)

    def _plan(self, collection: Collection, query_string: bytes) -> _Plan | None:
        """Return what an items request says, None when the long way has to look at it."""
        key = (collection.id, query_string)
        plan = self._plans.get(key)
        if plan is None and len(query_string) <= _LONGEST_QUERY:
            plan = self._new_plan(collection, QueryParams(query_string.decode("latin-1")))
            if plan is not None:
                self._plans[key] = plan
                while len(self._plans) > _MOST_PLANS:
                    self._plans.popitem(last=False)
        return plan

    def _new_plan(self, collection: Collection, params: QueryParams) -> _Plan | None:
        if params.get("f", "json") not in ("json", "geojson") or "crs" in params:
            return None
        try:
            query = items_query(self.site, collection, PUBLIC, params)
        except UsageError:
            return None
        if self.site.store.backend == "geopackage" and not _is_quick(query):
            return None
        asked = Asked(self.site, collection, dict(params), query)
        last = orjson.dumps(page_links(asked, "json", "")).decode()
        linked = page_links(asked, "json", _TOKEN)
        before, _, behind = (
            orjson.dumps(linked).decode().replace("%7Bafter%7D", _TOKEN).partition(_TOKEN)
        )
        return _Plan(asked, (before, behind), last)

    async def _page(self, plan: _Plan, viewer: Viewer, asked: HotRequest) -> _Answer:
        query = plan.asked.query
        if not viewer.is_anonymous:
            query = _read_by(query, reader_of(viewer, plan.asked.collection))
        page, matched = await self._counted_page(query)
        before, behind = plan.following
        if page.next_after is None:
            links = plan.last
        elif behind:
            links = before + plan.asked.token(page.next_after) + behind
        else:
            links = before
        body = page_body(page, matched, links)
        etag = page_etag(body)
        is_known = asked.has_current(etag, None)
        return _Answer(None if is_known else body, etag, _PAGE_HEADERS)

    async def _counted_page(self, query: ItemQuery) -> tuple[Page, int | None]:
        steps = counted_page_steps(self.site.counts, query, self.site.store.backend)
        statement = next(steps)
        while True:
            rows = await self.reader.rows(*statement)
            try:
                statement = steps.send(rows)
            except StopIteration as done:
                read: tuple[Page, int | None] = done.value
                return read

    async def _item(
        self, asked: HotRequest, collection: Collection, viewer: Viewer
    ) -> _Answer | None:
        if asked.query_string:
            return None
        tags = self.site.tags
        if viewer is PUBLIC and asked.if_none_match:
            known = tags.get(collection.id, asked.item_id)
            if known is not None and asked.has_current(known.etag, None):
                return _Answer(None, known.etag, known.headers)
        reader = _PUBLIC if viewer is PUBLIC else reader_of(viewer, collection)
        moment = tags.moment
        sql = item_sql(collection.source, asked.item_id, reader, self.site.store.backend)
        stored = item_of(await self.reader.rows(*sql))
        if stored is None:
            return None
        headers = item_headers(stored)
        if viewer is PUBLIC:
            tags.keep(collection.id, asked.item_id, KnownTag(stored.etag, headers), moment)
        if asked.has_current(stored.etag, stored.updated_at):
            return _Answer(None, stored.etag, headers)
        links = item_links(self.site, collection, asked.item_id)
        body = f'{stored.feature[:-1]},"links":{links}}}'.encode()
        return _Answer(body, stored.etag, headers)

    async def _send(
        self,
        scope: Scope,
        send: Send,
        asked: HotRequest,
        answer: _Answer,
        viewer: Viewer,
        started: float,
    ) -> None:
        etag, status, body = f'"{answer.etag}"', 200, answer.body
        headers = {
            "X-Request-Id": request_id_of(asked.request_id),
            "Cache-Control": cache_control(is_public=viewer.is_anonymous),
            "Vary": self._vary,
            **answer.headers,
        }
        if body is None:
            status, body = 304, b""
            etag = known_form(etag, asked.coding, asked.if_none_match)
        else:
            headers["Content-Type"] = GEOJSON
            if asked.coding is not None and len(body) >= MIN_BYTES:
                etag = f'{etag[:-1]}-{asked.coding}"'
                headers["Content-Encoding"] = asked.coding
                body = (
                    compress(body, asked.coding)
                    if len(body) < THREAD_BYTES
                    else await to_thread.run_sync(compress, body, asked.coding)
                )
            headers["Content-Length"] = str(len(body))
        headers["ETag"] = etag
        done = Done(_ITEM_ROUTE if asked.item_id else _ITEMS_ROUTE, status, len(body))
        await self._finish(scope, send, asked, (headers, body, done), started)

    async def _finish(
        self,
        scope: Scope,
        send: Send,
        asked: HotRequest,
        answer: tuple[dict[str, str], bytes, Done],
        started: float,
    ) -> None:
        """Add the headers of every answer, send it, note it."""
        headers, body, done = answer
        if origin := allowed_origin(asked.origin, self._origins):
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Expose-Headers"] = EXPOSED_HEADERS
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        raw += self._fixed
        metrics_of(scope["app"]).short_reads.inc()
        await send({"type": "http.response.start", "status": done.status, "headers": raw})
        await send({"type": "http.response.body", "body": body})
        token = REQUEST_ID.set(headers["X-Request-Id"])
        note_request(scope, done, time.perf_counter() - started)
        REQUEST_ID.reset(token)


@lru_cache(maxsize=_MOST_PLANS)
def _read_by(query: ItemQuery, reader: Reader) -> ItemQuery:
    return replace(query, scopes=reader.scopes, owner_id=reader.owner_id)


def _is_quick(query: ItemQuery) -> bool:
    """Say whether a GeoPackage answers at once, so that nobody has to wait for the event loop."""
    return query.bbox is None and not query.search and not query.offset and query.filter is None
