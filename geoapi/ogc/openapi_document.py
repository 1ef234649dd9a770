# SPDX-License-Identifier: GPL-2.0-or-later
"""Build the OpenAPI 3.0.3 document from the collections; it refers to nothing outside itself."""

from __future__ import annotations

from typing import Any

from geoapi import __version__
from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.ogc import openapi_parts as parts
from geoapi.ogc import openapi_processes, openapi_time_travel
from geoapi.ogc.negotiation import GEOPACKAGE, PARQUET
from geoapi.ogc.openapi_parts import both, header, parameter, problems
from geoapi.ogc.openapi_schemas import reference, schema_name, schemas, write_schema_name
from geoapi.ogc.openapi_tiles import tile_paths, tile_tag
from geoapi.ogc.openapi_transactions import (
    transaction_paths,
    transaction_schemas,
    transaction_tag,
)
from geoapi.record_collections import PHOTOS
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.types import JsonObject
from geoapi.web.csrf import session_cookie

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"
_GEOJSON, _JSON, _SCHEMA = "application/geo+json", "application/json", "application/schema+json"
_MERGE_PATCH = "application/merge-patch+json"
_SIGNED_IN: list[JsonObject] = [{"bearer": []}, {"basic": []}, {"cookie": []}]
_ANYBODY: list[JsonObject] = [{}, *_SIGNED_IN]


def openapi_document(site: Site) -> JsonObject:
    """Return the OpenAPI document of a site.

    Args:
        site: for its address and limits.
    """
    settings = site.settings
    return {
        "openapi": "3.0.3",
        "info": {
            "title": both("ogc_pages.landing.title"),
            "description": both("ogc_pages.landing.description"),
            "version": __version__,
            "license": {"name": "GPL-2.0-or-later"},
        },
        "servers": [{"url": f"{settings.base_url}/ogc"}],
        "tags": _tags(),
        "paths": _paths() | transaction_paths() | openapi_processes.paths(),
        "components": _components(settings),
    }


def _components(settings: Settings) -> JsonObject:
    return {
        "schemas": schemas()
        | openapi_time_travel.schemas()
        | transaction_schemas(settings)
        | openapi_processes.schemas(),
        "parameters": parts.parameters(settings)
        | openapi_time_travel.parameters()
        | openapi_processes.parameters(),
        "headers": parts.headers() | openapi_time_travel.headers(),
        "responses": parts.responses() | openapi_time_travel.responses(),
        "securitySchemes": parts.security_schemes(session_cookie(settings)),
    }


def _tags() -> list[JsonObject]:
    tags = [
        {"name": "capabilities", "description": both("ogc_pages.tag.capabilities")},
        transaction_tag(),
        tile_tag(),
        openapi_processes.tag(),
    ]
    return tags + [
        {"name": c.id, "description": f"{c.title_th} / {c.title_en}"} for c in COLLECTIONS.values()
    ]


def _paths() -> JsonObject:
    paths: JsonObject = {}
    for path, operation_id, schema, media_type in (
        ("/", "getLandingPage", "LandingPage", _JSON),
        ("/conformance", "getConformance", "Conformance", _JSON),
        ("/openapi", "getOpenApi", "JsonSchema", MEDIA_TYPE),
        ("/collections", "getCollections", "Collections", _JSON),
        ("/collections/{collectionId}", "getCollection", "Collection", _JSON),
        ("/collections/{collectionId}/queryables", "getQueryables", "JsonSchema", _SCHEMA),
        ("/collections/{collectionId}/schema", "getSchema", "JsonSchema", _SCHEMA),
    ):
        paths[path] = {"get": _document(path, operation_id, schema, media_type)}
    for collection in COLLECTIONS.values():
        paths |= _collection_paths(collection)
    return paths | tile_paths()


def _operation(
    operation_id: str,
    tag: str,
    answers: JsonObject,
    **more: Any,  # noqa: ANN401 - any JSON
) -> JsonObject:
    return {
        "operationId": operation_id,
        "tags": [tag],
        "summary": both(f"ogc_pages.operation.{operation_id}"),
        "security": _ANYBODY,
        "responses": answers,
    } | more


def _document(path: str, operation_id: str, schema: str, media_type: str) -> JsonObject:
    named = [parameter("collectionId")] if "{collectionId}" in path else []
    statuses = parts.READ if named else parts.ALWAYS
    shared = [parameter(name) for name in ("f", "lang", "ifNoneMatch")]
    answers = {
        "200": _ok(
            {media_type: reference(schema), "text/html": {"type": "string"}},
            "ETag",
            "Content-Language",
        ),
        "304": _NOT_MODIFIED,
    }
    return _operation(
        operation_id, "capabilities", answers | problems(statuses), parameters=named + shared
    )


_NOT_MODIFIED: JsonObject = {"$ref": "#/components/responses/NotModified"}


def _ok(content: JsonObject, *headers: str, status: int = 200) -> JsonObject:
    described: JsonObject = {"description": both(f"ogc_pages.status.{status}")}
    if content:
        described["content"] = {kind: {"schema": schema} for kind, schema in content.items()}
    return described | ({"headers": header(*headers)} if headers else {})


def _collection_paths(collection: Collection) -> JsonObject:
    items = f"/collections/{collection.id}/items"
    item = f"{items}/{{itemId}}"
    paths: JsonObject = {
        items: {"get": _get_items(collection), "options": _options(collection, "Items")},
        item: {"get": _get_item(collection), "options": _options(collection, "Item")},
    }
    if "POST" in collection.verbs:
        paths[items]["post"] = _create(collection)
    for verb, media_types, schema in (
        ("put", (_GEOJSON, _JSON), write_schema_name(collection)),
        ("patch", (_MERGE_PATCH, _JSON, _GEOJSON), "MergePatch"),
    ):
        if verb.upper() in collection.verbs:
            paths[item][verb] = _write(collection, verb, media_types, schema)
    if "DELETE" in collection.verbs:
        paths[item]["delete"] = _delete(collection)
    if collection.id == SERVICE_POINTS.id:
        paths[f"{item}/transitions"] = {"post": _take_action(collection)}
        paths[f"{item}/what-to-bring"] = {"get": _get_what_to_bring(collection)}
    if collection.has_history:
        openapi_time_travel.complete(paths, item, _own, collection)
        paths[f"{item}/history"] = {"get": _get_history(collection)}
        paths[f"/collections/{collection.id}/changes"] = {"get": _get_changes(collection)}
    return paths


def _own(
    collection: Collection,
    verb: str,
    name: str,
    answers: JsonObject,
    **more: Any,  # noqa: ANN401
) -> JsonObject:
    """Make an operation of one collection; its summary names the collection."""
    titles = f"{collection.title_th} / {collection.title_en}"
    return {
        "operationId": f"{verb}{schema_name(collection)}{name}",
        "tags": [collection.id],
        "summary": f"{titles}: {both(f'ogc_pages.operation.{verb}{name}')}",
        "security": _ANYBODY,
        "responses": answers,
    } | more


def _get_items(collection: Collection) -> JsonObject:
    shared = (
        "bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "after", "q",
        "filter", "filter-lang", "filter-crs", "fItems", "lang",
        "ifNoneMatch",
    )  # fmt: skip
    content = {
        _GEOJSON: reference(f"{schema_name(collection)}Page"),
        "text/html": {"type": "string"},
        "text/csv": {"type": "string"},
        GEOPACKAGE: {"type": "string", "format": "binary"},
        PARQUET: {"type": "string", "format": "binary"},
    }
    answers = {"200": _ok(content, "ETag", "Content-Crs"), "304": _NOT_MODIFIED}
    return _own(
        collection,
        "get",
        "Items",
        answers | problems(parts.READ),
        parameters=[parameter(name) for name in shared] + parts.own_parameters(collection),
    )


def _get_item(collection: Collection) -> JsonObject:
    content = {
        _GEOJSON: reference(f"{schema_name(collection)}Feature"),
        "text/html": {"type": "string"},
    }
    answers = {
        "200": _ok(content, "ETag", "Last-Modified", "Content-Crs"),
        "304": _NOT_MODIFIED,
    }
    names = ("itemId", "f", "lang", "crs", "ifNoneMatch")
    return _own(
        collection,
        "get",
        "Item",
        answers | problems(parts.READ),
        parameters=[parameter(name) for name in names],
    )


def _options(collection: Collection, name: str) -> JsonObject:
    accept = "Accept-Post" if name == "Items" else "Accept-Patch"
    described: JsonObject = {"200": _ok({}, "Allow", accept)}
    named = [parameter("itemId")] if name == "Item" else []
    return _own(collection, "options", name, described | problems(parts.READ), parameters=named)


def _body(schema: str, *media_types: str) -> JsonObject:
    return {
        "required": True,
        "content": {media_type: {"schema": reference(schema)} for media_type in media_types},
    }


_WRITE_PARAMETERS = ("lang", "prefer", "idempotencyKey", "contentCrs", "reason")
_CONDITIONS = ("ifMatch", "ifUnmodifiedSince")


_WRITTEN = ("ETag", "Last-Modified", "Preference-Applied")


def _written(schema: str, *statuses: int) -> JsonObject:
    """Return the answers of a successful write: with the feature, or with headers alone."""
    answers: JsonObject = {}
    for status in statuses:
        content = {} if status == 204 else {_GEOJSON: reference(schema)}  # noqa: PLR2004
        answers[str(status)] = _ok(content, *_WRITTEN, status=status)
    return answers


def _created() -> JsonObject:
    """Return the answer to a new item, which has a body only when that is preferred.

    OpenAPI can't say so: a content that is described is taken for one that is always there.
    """
    answer = _ok({}, *_WRITTEN, "Location", status=201)
    return {"201": answer | {"description": both("ogc_pages.status.201_item")}}


def _create(collection: Collection) -> JsonObject:
    if collection.id == PHOTOS.id:
        parameters, body = parts.photo_parameters(), parts.photo_body()
    else:
        parameters, body = [], _body(write_schema_name(collection), _GEOJSON, _JSON)
    return _own(
        collection,
        "create",
        "Item",
        _created() | problems(parts.CREATE),
        security=_SIGNED_IN,
        parameters=[parameter(name) for name in _WRITE_PARAMETERS] + parameters,
        requestBody=body,
    )


def _write(
    collection: Collection, verb: str, media_types: tuple[str, ...], schema: str
) -> JsonObject:
    names = ("itemId", *_CONDITIONS, *_WRITE_PARAMETERS)
    return _own(
        collection,
        {"put": "replace", "patch": "update"}[verb],
        "Item",
        _written(f"{schema_name(collection)}Feature", 200, 204) | problems(parts.WRITE),
        security=_SIGNED_IN,
        parameters=[parameter(name) for name in names],
        requestBody=_body(schema, *media_types),
    )


def _delete(collection: Collection) -> JsonObject:
    names = ("itemId", *_CONDITIONS, "lang", "prefer", "idempotencyKey", "reason")
    refusals = tuple(status for status in parts.WRITE if status not in {413, 415})
    return _own(
        collection,
        "delete",
        "Item",
        {"204": _ok({}, "Preference-Applied", status=204)} | problems(refusals),
        security=_SIGNED_IN,
        parameters=[parameter(name) for name in names],
    )


def _take_action(collection: Collection) -> JsonObject:
    names = ("itemId", *_CONDITIONS, "lang", "prefer", "idempotencyKey")
    return _own(
        collection,
        "take",
        "Action",
        _written(f"{schema_name(collection)}Feature", 200, 204) | problems(parts.WRITE),
        security=_SIGNED_IN,
        parameters=[parameter(name) for name in names],
        requestBody=_body("Transition", _JSON),
    )


def _get_history(collection: Collection) -> JsonObject:
    answers = {"200": _ok({_JSON: reference("History")}, "ETag"), "304": _NOT_MODIFIED}
    names = ("itemId", "fJson", "lang", "ifNoneMatch")
    return _own(
        collection,
        "get",
        "History",
        answers | problems(parts.READ),
        parameters=[parameter(name) for name in names],
    )


def _get_changes(collection: Collection) -> JsonObject:
    answers = {"200": _ok({_JSON: reference("Changes")}, "ETag"), "304": _NOT_MODIFIED}
    names = ("since", "limitChanges", "wait", "fJson", "lang", "ifNoneMatch")
    return _own(
        collection,
        "get",
        "Changes",
        answers | problems((*parts.READ, parts.GONE)),
        parameters=[parameter(name) for name in names],
    )


def _get_what_to_bring(collection: Collection) -> JsonObject:
    answers = {"200": _ok({_JSON: reference("WhatToBring")}, "ETag"), "304": _NOT_MODIFIED}
    names = ("itemId", "service", "fJson", "lang", "ifNoneMatch")
    return _own(
        collection,
        "get",
        "WhatToBring",
        answers | problems(parts.READ),
        parameters=[parameter(name) for name in names],
    )
