# SPDX-License-Identifier: GPL-2.0-or-later
"""An item as it was: ``?datetime=`` on its address, its time map and its time gate.

Time is the time of the transaction: when the site learned something, not when it became true.
Sources: RFC 7089 (Memento), RFC 5829 (relations of versions), RFC 6690 (link format).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from anyio import to_thread
from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from geoapi.collections import SERVICE_POINTS, Collection, collection_by_id
from geoapi.endings import public_successor, successor_link
from geoapi.errors import GoneError, NotFoundError, Problem, UsageError
from geoapi.item_versions import Version, version_at, versions
from geoapi.ogc.conditional import http_date, is_not_modified, parse_http_date
from geoapi.ogc.crs import Crs, transformed
from geoapi.ogc.negotiation import GEOJSON, JSON, LINK_FORMAT, finish, wanted_format
from geoapi.ogc.parameters import answer_crs, item_instant, refuse_unknown
from geoapi.readers import reader_of, require_reader
from geoapi.revisions import instant
from geoapi.store import mementos
from geoapi.store.query import Reader
from geoapi.web.rendering import request_site, request_viewer

# An earlier revision never changes, but for an erasure of person data: that reaches every cache
# within a day.
_OLD_MAX_AGE_S = 86_400
_ITEM_PARAMETERS = ("datetime", "crs", "f", "lang")


@dataclass(frozen=True)
class _History:
    """The versions of one item, and its addresses.

    Attributes:
        own: address of the item.
        found: versions that the reader may see, oldest first.
        reader: who asks.
    """

    own: str
    found: list[Version]
    reader: Reader

    def href(self, version: Version) -> str:
        """Return the address of a version."""
        return f"{self.own}?datetime={instant(version.since)}"

    def neighbour(self, index: int, step: int) -> Version | None:
        """Return the version before or after one, leaving out times when there was none."""
        index += step
        while 0 <= index < len(self.found):
            if not self.found[index].is_gone:
                return self.found[index]
            index += step
        return None


async def _history(request: Request) -> _History:
    """Read the versions of the item of the path.

    Raises:
        NotFoundError: the reader can't know of any.
    """
    site, viewer = request_site(request), request_viewer(request)
    collection, item_id = _collection(request), request.path_params["item_id"]
    require_reader(viewer, collection)
    reader = reader_of(viewer, collection)

    def read(connection: Connection) -> list[mementos.Step]:
        return mementos.read_steps(connection, collection.id, item_id, reader)

    is_possible = collection.has_history and "\0" not in item_id
    steps = await to_thread.run_sync(site.store.read, read) if is_possible else []
    found = versions(steps)
    if not found:
        raise NotFoundError("ogc.item_not_found", id=item_id[:80].replace("\0", ""))
    own = f"{site.settings.base_url}/ogc/collections/{collection.id}/items/{item_id}"
    return _History(own, found, reader)


def _collection(request: Request) -> Collection:
    return collection_by_id(request.path_params["collection_id"])


async def get_memento(request: Request) -> Response:
    """Answer ``GET .../items/{item_id}?datetime=`` with the revision of that instant.

    Raises:
        UsageError: ``datetime`` is no instant.
        NotFoundError: there was no such item yet, or never.
        GoneError: it was deleted or withdrawn then; ``successor`` says what it became.
    """
    refuse_unknown(request.query_params, _ITEM_PARAMETERS)
    wanted_format(request, ("json",))
    when, crs = item_instant(request.query_params), answer_crs(request.query_params)
    history = await _history(request)
    index = version_at(history.found, when)
    if index is None:
        first = instant(history.found[0].since)
        extra = {"first": history.href(history.found[0])}
        raise NotFoundError("time_travel.before", extra=extra, first=first)
    version = history.found[index]
    text = await to_thread.run_sync(_document, request, history, version)
    if text is None:
        raise await to_thread.run_sync(_gone, request, version)
    body = _body(history, version, (text, crs))
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:24]}"',
        "Memento-Datetime": http_date(version.since),
        "Last-Modified": http_date(version.since),
        "Content-Crs": crs.header,
        "Link": _links(history, index),
    }
    if version.until is not None:
        who = "public" if request_viewer(request).is_anonymous else "private"
        headers["Cache-Control"] = f"{who}, max-age={_OLD_MAX_AGE_S}"
    if is_not_modified(request, headers["ETag"].strip('"'), None):
        return finish(request, Response(status_code=304, headers=headers))
    return finish(request, Response(body, media_type=GEOJSON, headers=headers))


def _document(request: Request, history: _History, version: Version) -> str | None:
    if version.is_gone:
        return None
    return request_site(request).store.read(
        lambda connection: mementos.read_document(
            connection, version.seq, history.reader, is_working=version.is_working
        )
    )


def _body(history: _History, version: Version, shown: tuple[str, Crs]) -> bytes:
    """Add links that stay true for ever to the document of a version."""
    text, crs = shown
    (text,) = transformed([text], crs)
    links = [
        {"rel": "self", "type": GEOJSON, "href": history.href(version)},
        {"rel": "original", "type": GEOJSON, "href": history.own},
        {"rel": "timemap", "type": LINK_FORMAT, "href": f"{history.own}/timemap"},
        {"rel": "collection", "type": JSON, "href": history.own.rpartition("/items/")[0]},
    ]
    return f'{text[:-1]},"links":{orjson.dumps(links).decode()}}}'.encode()


def _gone(request: Request, version: Version) -> GoneError:
    site, extra = request_site(request), {}
    if _collection(request).id == SERVICE_POINTS.id:
        successor = public_successor(site, request.path_params["item_id"])
        if successor is not None:
            extra = {"successor": successor_link(site, successor)}
    return GoneError("time_travel.gone", extra=extra, since=instant(version.since))


def _link(href: str, rel: str, **more: str) -> str:
    said = "".join(f'; {name}="{value}"' for name, value in more.items())
    return f'<{href}>; rel="{rel}"{said}'


def _memento_link(history: _History, version: Version, rel: str) -> str:
    return _link(history.href(version), rel, datetime=http_date(version.since))


def _fixed_links(history: _History) -> list[str]:
    return [
        _link(history.own, "original latest-version", type=GEOJSON),
        _link(f"{history.own}/timegate", "timegate"),
        _link(f"{history.own}/timemap", "timemap", type=LINK_FORMAT),
        _link(f"{history.own}/history", "version-history", type=JSON),
    ]


def _links(history: _History, index: int) -> str:
    """Return the header Link of a memento: the item, its maps, the versions beside it."""
    links = [*_fixed_links(history), _memento_link(history, history.found[index], "memento")]
    for step, rel in ((-1, "prev predecessor-version"), (1, "next successor-version")):
        beside = history.neighbour(index, step)
        if beside is not None:
            links.append(_memento_link(history, beside, f"{rel} memento"))
    return ", ".join(links)


async def get_timemap(request: Request) -> Response:
    """Answer ``GET .../items/{item_id}/timemap``: every version with its time."""
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted = wanted_format(request, ("link", "json"))
    history = await _history(request)
    if wanted == "json":
        body, media_type = orjson.dumps(_timemap_document(history)), JSON
    else:
        body, media_type = _timemap_links(history).encode(), LINK_FORMAT
    etag = hashlib.sha256(body).hexdigest()[:24]
    headers = {"ETag": f'"{etag}"'}
    if is_not_modified(request, etag, None):
        return finish(request, Response(status_code=304, headers=headers))
    return finish(request, Response(body, media_type=media_type, headers=headers))


def _shown(history: _History) -> list[Version]:
    return [version for version in history.found if not version.is_gone]


def _timemap_links(history: _History) -> str:
    shown = _shown(history)
    span = {"type": LINK_FORMAT}
    if shown:
        span |= {"from": http_date(shown[0].since), "until": http_date(shown[-1].since)}
    lines = [
        _link(history.own, "original"),
        _link(f"{history.own}/timegate", "timegate"),
        _link(f"{history.own}/timemap", "self timemap", **span),
    ]
    for index, version in enumerate(shown):
        rel = "memento"
        if index == len(shown) - 1:
            rel = f"last {rel}"
        lines.append(_memento_link(history, version, f"first {rel}" if index == 0 else rel))
    return ",\n".join(lines) + "\n"


def _timemap_document(history: _History) -> dict[str, Any]:
    return {
        "original": history.own,
        "timegate": f"{history.own}/timegate",
        "mementos": [
            {
                "href": history.href(version),
                "revision": version.revision,
                "from": instant(version.since),
                "until": None if version.until is None else instant(version.until),
            }
            for version in _shown(history)
        ],
        "links": [
            {"rel": "self", "type": JSON, "href": f"{history.own}/timemap?f=json"},
            {"rel": "alternate", "type": LINK_FORMAT, "href": f"{history.own}/timemap"},
            {"rel": "original", "type": GEOJSON, "href": history.own},
            {"rel": "version-history", "type": JSON, "href": f"{history.own}/history"},
        ],
    }


async def get_timegate(request: Request) -> Response:
    """Answer ``GET .../items/{item_id}/timegate``: lead to the version of Accept-Datetime.

    Raises:
        UsageError: Accept-Datetime is no HTTP date.
    """
    refuse_unknown(request.query_params, ("lang",))
    history = await _history(request)
    header = request.headers.get("accept-datetime")
    when = parse_http_date(header)
    if header is not None and when is None:
        problem = Problem("time_travel.http_date", parameter="Accept-Datetime")
        raise UsageError("time_travel.http_date", problems=(problem,))
    target = history.own
    if when is not None:
        # RFC 7089, 4.5.1: a time before the first leads to the first
        when = when.replace(microsecond=999_999)
        target = history.href(history.found[version_at(history.found, when) or 0])
    headers = {"Location": target, "Link": ", ".join(_fixed_links(history))}
    response = finish(request, Response(status_code=302, headers=headers))
    response.headers.add_vary_header("Accept-Datetime")
    return response
