# SPDX-License-Identifier: GPL-2.0-or-later
"""Read items: pages of a collection and single features, from texts finished at write."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.endings import public_successor, successor_link
from geoapi.errors import NotFoundError
from geoapi.ogc import cursor, html_pages
from geoapi.ogc.conditional import http_date, is_not_modified
from geoapi.ogc.crs import DEFAULT, Crs, transformed
from geoapi.ogc.download_files import FORMATS as FILE_FORMATS
from geoapi.ogc.downloads import get_download
from geoapi.ogc.negotiation import (
    CSV,
    GEOJSON,
    HTML,
    LINK_FORMAT,
    finish,
    wanted_format,
)
from geoapi.ogc.parameters import answer_crs, cursor_binding, items_query, refuse_unknown
from geoapi.ogc.time_travel import get_memento
from geoapi.readers import reader_of, require_reader
from geoapi.site import Site
from geoapi.store.counting import read_counted_page
from geoapi.store.query import ItemQuery, Page, StoredItem, read_item
from geoapi.web.rendering import request_site, request_viewer

_FORMATS = ("json", "html", *FILE_FORMATS)
# Formats of a page; the files of a whole collection are linked from its document.
_PAGE_FORMATS = ("json", "html", "csv")
_MEDIA_TYPES = {"json": GEOJSON, "html": HTML, "csv": CSV}


def items_url(site: Site, collection: Collection) -> str:
    """Return the address of a collection's items."""
    return f"{site.settings.base_url}/ogc/collections/{collection.id}/items"


async def get_items(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/items``."""
    site, viewer = request_site(request), request_viewer(request)
    collection = collection_by_id(request.path_params["collection_id"])
    require_reader(viewer, collection)
    representation = wanted_format(request, _FORMATS)
    query = items_query(site, collection, viewer, request.query_params)
    if representation in FILE_FORMATS:
        return await get_download(request, collection, query, representation)

    page, matched = await to_thread.run_sync(read_counted_page, site.store, site.counts, query)
    asked = Asked(site, collection, dict(request.query_params), query)
    token = "" if page.next_after is None else asked.token(page.next_after)
    links = page_links(asked, representation, token)
    if representation == "html":
        document = {
            "features": [orjson.loads(text) for text in page.features],
            "links": links,
            "numberMatched": matched,
            "numberReturned": len(page.features),
        }
        return finish(request, await html_pages.items_page(request, collection, document))
    crs = answer_crs(request.query_params)
    if crs is not DEFAULT:
        texts = await to_thread.run_sync(transformed, page.features, crs)
        page = replace(page, features=texts)
    body = page_body(page, matched, orjson.dumps(links).decode())
    etag = page_etag(body)
    headers = {"ETag": f'"{etag}"', "Content-Crs": crs.header}
    if is_not_modified(request, etag, None):
        return finish(request, Response(status_code=304, headers=headers))
    return finish(request, Response(body, media_type=GEOJSON, headers=headers))


def page_etag(body: bytes) -> str:
    """Return the entity tag of a page, without quotes."""
    return hashlib.sha256(body).hexdigest()[:24]


def page_body(page: Page, matched: int | None, links: str) -> bytes:
    """Join finished features into a FeatureCollection.

    Args:
        page: the features.
        matched: how many there are in all, None when that was not counted.
        links: JSON text of the list of links.

    There is no ``timeStamp``: without it the same items are the same bytes, and the entity tag
    is a strong one.
    """
    counts = "" if matched is None else f'"numberMatched":{matched},'
    return (
        f'{{"type":"FeatureCollection",{counts}"numberReturned":{len(page.features)},'
        f'"links":{links},"features":[{",".join(page.features)}]}}'
    ).encode()


@dataclass(frozen=True)
class Asked:
    """An items request after reading.

    Attributes:
        site: the running site.
        collection: which is asked.
        params: the query parameters as they came.
        query: what they say.
    """

    site: Site
    collection: Collection
    params: dict[str, str]
    query: ItemQuery

    def token(self, next_after: tuple[Any, ...]) -> str:
        """Return the cursor of the following page."""
        binding = cursor_binding(self.collection, self.params)
        return cursor.encode(self.site.keys, binding, next_after)


def page_links(asked: Asked, representation: str, token: str) -> list[dict[str, str]]:
    """Return the links of a page.

    Args:
        asked: the request.
        representation: in which the page is shown.
        token: cursor of the following page, '' on the last.
    """
    address, query = items_url(asked.site, asked.collection), asked.query

    def link(rel: str, media_type: str, **changed: Any) -> dict[str, str]:  # noqa: ANN401
        merged = {k: v for k, v in (asked.params | changed).items() if v is not None}
        target = f"{address}?{urlencode(merged, safe=',:')}" if merged else address
        return {"rel": rel, "type": media_type, "href": target}

    media_type = _MEDIA_TYPES[representation]
    links = [link("self", media_type)]
    links += [
        link("alternate", _MEDIA_TYPES[name], f=name)
        for name in _PAGE_FORMATS
        if name != representation
    ]
    if token:
        if "offset" in asked.params:  # some clients count themselves
            links.append(link("next", media_type, offset=query.offset + query.limit))
        else:
            links.append(link("next", media_type, after=token))
    if query.offset:
        links.append(link("prev", media_type, offset=max(0, query.offset - query.limit)))
    collection_url = address.removesuffix("/items")
    links.append({"rel": "collection", "type": "application/json", "href": collection_url})
    return links


async def get_item(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/items/{item_id}``."""
    site = request_site(request)
    collection = collection_by_id(request.path_params["collection_id"])
    if "datetime" in request.query_params and collection.has_history:
        return await get_memento(request)
    refuse_unknown(request.query_params, ("f", "lang", "crs"))
    representation = wanted_format(request, ("json", "html"))
    stored = await to_thread.run_sync(lambda: find_item(request, collection))
    if representation == "html":
        feature = orjson.loads(with_links(site, collection, stored.feature))
        return finish(request, await html_pages.item_page(request, collection, feature))
    crs = answer_crs(request.query_params)
    if crs is not DEFAULT:
        (text,) = await to_thread.run_sync(transformed, [stored.feature], crs)
        stored = replace(stored, feature=text, etag=stored.etag + crs.tag)
    headers = item_headers(stored, crs)
    if is_not_modified(request, stored.etag, stored.updated_at):
        return finish(request, Response(status_code=304, headers=headers))
    body = with_links(site, collection, stored.feature, request.path_params["item_id"])
    return finish(request, Response(body, media_type=GEOJSON, headers=headers))


def find_item(request: Request, collection: Collection) -> StoredItem:
    """Return the item of the path as the viewer may see it.

    Raises:
        NotFoundError: there is none, or the viewer may not know of it.
    """
    viewer = request_viewer(request)
    require_reader(viewer, collection)
    reader = reader_of(viewer, collection)
    item_id = request.path_params["item_id"]
    if "\0" in item_id:
        raise NotFoundError("ogc.item_not_found", id="")
    stored = read_item(
        request_site(request).store, collection.source, item_id, reader.scopes, reader.owner_id
    )
    if stored is None:
        raise _not_found(request_site(request), collection, item_id)
    return stored


def _not_found(site: Site, collection: Collection, item_id: str) -> NotFoundError:
    """Make the error of an item that is not there; a merged point says what it became."""
    if collection.id == SERVICE_POINTS.id:
        successor = public_successor(site, item_id)
        if successor is not None:
            link = successor_link(site, successor)
            known = {"name_th": link["name_th"], "short_code": link["short_code"]}
            return NotFoundError("ogc.item_merged", extra={"successor": link}, **known)
    return NotFoundError("ogc.item_not_found", id=item_id[:80])


def item_headers(stored: StoredItem, crs: Crs = DEFAULT) -> dict[str, str]:
    """Return the headers of one item."""
    return {
        "ETag": f'"{stored.etag}"',
        "Last-Modified": http_date(stored.updated_at),
        "Content-Crs": crs.header,
    }


def with_links(site: Site, collection: Collection, text: str, item_id: str = "") -> bytes:
    """Add the links of a single feature to its finished text.

    Args:
        site: the running site.
        collection: of the feature.
        text: GeoJSON.
        item_id: id of the feature; '' when it has to be read from the text.
    """
    links = item_links(site, collection, item_id or orjson.loads(text)["id"])
    return f'{text[:-1]},"links":{links}}}'.encode()


def item_links(site: Site, collection: Collection, item_id: str) -> str:
    """Return the links of a single feature as JSON text."""
    address = items_url(site, collection)
    own = f"{address}/{item_id}"
    links = [
        {"rel": "self", "type": GEOJSON, "href": own},
        {"rel": "alternate", "type": HTML, "href": f"{own}?f=html"},
        {
            "rel": "collection",
            "type": "application/json",
            "href": address.removesuffix("/items"),
        },
    ]
    if collection.has_history:
        links.append(
            {"rel": "version-history", "type": "application/json", "href": f"{own}/history"}
        )
        links.append({"rel": "timemap", "type": LINK_FORMAT, "href": f"{own}/timemap"})
    return orjson.dumps(links).decode()
