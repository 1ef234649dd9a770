# SPDX-License-Identifier: GPL-2.0-or-later
"""pygeoapi as a library: the object that holds it, and the routes that it answers for us.

pygeoapi makes the JSON documents in a thread; we complete them, answer with an entity tag, and
render pages from them.  Whatever pygeoapi refuses becomes one of our own errors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson
from anyio import to_thread
from pygeoapi.api import API, APIRequest, describe_collections, get_collection_schema
from pygeoapi.api import landing_page as pygeoapi_landing_page
from pygeoapi.api.itemtypes import get_collection_queryables
from starlette.requests import Request
from starlette.responses import Response

from geoapi import pygeoapi_fixes
from geoapi.collections import Collection, collection_by_id
from geoapi.errors import NotFoundError, ServicePointError, UsageError
from geoapi.messages import Language
from geoapi.ogc import host_documents, html_pages
from geoapi.ogc.conditional import is_not_modified
from geoapi.ogc.host_config import host_config
from geoapi.ogc.negotiation import JSON, finish, json_language, wanted_format
from geoapi.ogc.openapi_document import openapi_document
from geoapi.ogc.parameters import refuse_unknown
from geoapi.site import Site
from geoapi.types import JsonObject
from geoapi.web.rendering import request_viewer

_SCHEMA = "application/schema+json"
# (headers, status, body) as pygeoapi's functions return it.
type HostAnswer = tuple[dict[str, str], int, str | bytes]


class Host:
    """Holds pygeoapi's API object of a site.

    Args:
        site: the running site.
    """

    def __init__(self, site: Site) -> None:
        """Build everything; nothing is read or connected."""
        self.site = site
        self.reload()

    def reload(self) -> None:
        """Build both documents anew and put them in the place of the old ones at once."""
        document = openapi_document(self.site)
        self.documents: tuple[API, bytes] = (
            API(host_config(self.site.settings), document),
            orjson.dumps(document),
        )

    @property
    def api(self) -> API:
        """Return pygeoapi's object."""
        return self.documents[0]

    @property
    def openapi(self) -> bytes:
        """Return the OpenAPI document as JSON."""
        return self.documents[1]


def build_host(site: Site) -> Host:
    """Close pygeoapi's known defects and build the host of a site."""
    pygeoapi_fixes.apply()
    return Host(site)


@dataclass(frozen=True)
class _PlainRequest:
    """What pygeoapi looks at in a request: nothing that was not checked before."""

    scope: JsonObject
    query_params: dict[str, str]
    headers: dict[str, str] = field(default_factory=dict)


def ask(
    api: API, path: str, params: dict[str, str], function: Callable[..., HostAnswer], *names: str
) -> HostAnswer:
    """Call one of pygeoapi's functions, in the thread that we are in.

    Raises:
        NotFoundError, UsageError, ServicePointError: what pygeoapi refused.
    """
    plain = _PlainRequest({"path": path}, params)
    headers, status, body = function(api, APIRequest(plain, api.locales), *names)
    if status != HTTPStatus.OK:
        raise _refusal(int(status), body)
    return headers, status, body


def _refusal(status: int, body: str | bytes) -> ServicePointError:
    """Make our error of an answer that pygeoapi gave; its English words stay as the reason."""
    try:
        reason = str(orjson.loads(body).get("description", ""))[:200]
    except orjson.JSONDecodeError:
        reason = ""
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError("ogc_pages.not_found", reason=reason)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return UsageError("ogc_pages.refused", reason=reason)
    return ServicePointError("ogc_pages.host_failed", reason=reason)


@dataclass(frozen=True)
class _Kind:
    """One kind of document.

    Attributes:
        function: pygeoapi's function that makes it.
        complete: our function that completes it.
        template: shows it as a page.
        media_type: of its JSON.
    """

    function: Callable[..., HostAnswer]
    complete: Callable[[JsonObject, Language], JsonObject]
    template: str
    media_type: str = JSON


def _no_conformance(_api: API, _request: APIRequest) -> HostAnswer:
    """Leave pygeoapi's own list out: it is not true of us, and is made by importing all of it."""
    return {}, HTTPStatus.OK, "{}"


_LANDING = _Kind(pygeoapi_landing_page, host_documents.landing_document, "landing")
_CONFORMANCE = _Kind(_no_conformance, host_documents.conformance_document, "conformance")
_COLLECTIONS = _Kind(describe_collections, host_documents.collections_document, "collections")
_COLLECTION = _Kind(describe_collections, host_documents.collection_document, "collection")
_QUERYABLES = _Kind(
    get_collection_queryables, host_documents.queryables_document, "schema", _SCHEMA
)
_SCHEMAS = _Kind(get_collection_schema, host_documents.schema_document, "schema", _SCHEMA)


async def _answer(request: Request, kind: _Kind, collection: Collection | None = None) -> Response:
    refuse_unknown(request.query_params, ("f", "lang"))
    wanted = wanted_format(request)
    language = json_language(request)
    host = request_host(request)
    names = () if collection is None else (collection.id,)
    params = {"f": "json", "lang": language}  # pages are rendered from the JSON too
    _, _, body = await to_thread.run_sync(
        lambda: ask(host.api, request.url.path, params, kind.function, *names)
    )
    document = kind.complete(orjson.loads(body), language)
    if "collections" in document and request_viewer(request).is_anonymous:
        document = host_documents.without_restricted(document)
    if wanted == "html":
        return tagged(
            request,
            await html_pages.document_page(request, kind.template, document, collection),
        )
    response = Response(orjson.dumps(document), media_type=kind.media_type)
    response.headers["Content-Language"] = language
    return tagged(request, response)


def tagged(request: Request, response: Response) -> Response:
    """Add an entity tag made of the body, and answer 304 to who has it already."""
    etag = hashlib.sha256(bytes(response.body)).hexdigest()[:24]
    response.headers["ETag"] = f'"{etag}"'
    if is_not_modified(request, etag, None):
        kept = {
            name: value
            for name, value in response.headers.items()
            if name not in {"content-length", "content-type"}
        }
        response = Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return finish(request, response)


def request_host(request: Request) -> Host:
    """Return the host of the application."""
    host: Host = request.app.state.host
    return host


def _collection(request: Request) -> Collection:
    return collection_by_id(request.path_params["collection_id"])


async def landing_page(request: Request) -> Response:
    """Answer ``GET /``."""
    return await _answer(request, _LANDING)


async def conformance(request: Request) -> Response:
    """Answer ``GET /conformance``."""
    return await _answer(request, _CONFORMANCE)


async def collections(request: Request) -> Response:
    """Answer ``GET /collections``."""
    return await _answer(request, _COLLECTIONS)


async def collection(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}``."""
    return await _answer(request, _COLLECTION, _collection(request))


async def queryables(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/queryables``."""
    return await _answer(request, _QUERYABLES, _collection(request))


async def schema(request: Request) -> Response:
    """Answer ``GET /collections/{collection_id}/schema``."""
    return await _answer(request, _SCHEMAS, _collection(request))
