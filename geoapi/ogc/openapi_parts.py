# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters, headers, answers and security schemes that the operations share."""

from __future__ import annotations

from http import HTTPStatus

from geoapi.codes import code_list
from geoapi.collections import Collection
from geoapi.messages import message
from geoapi.ogc.crs import CRS84, SUPPORTED_URIS
from geoapi.ogc.download_files import FORMATS
from geoapi.ogc.openapi_filter import filter_parameters
from geoapi.ogc.openapi_schemas import code_labels, reference
from geoapi.ogc.parameters import MAX_OFFSET
from geoapi.problems import MEDIA_TYPE as PROBLEM
from geoapi.record_schemas import record_schema
from geoapi.settings import Settings
from geoapi.types import JsonObject
from geoapi.web.photo_work import FORM_TYPE, PICTURE_TYPES

# Any answer: a credential that does not count, an unknown parameter, a store that is away.
ALWAYS = (400, 401, 414, 429, 503)
READ = (*ALWAYS, 404)
GONE = 410
WRITE = (*ALWAYS, 403, 404, 409, 412, 413, 415, 422, 428)
CREATE = (*ALWAYS, 403, 404, 409, 413, 415, 422)


def both(message_id: str, **params: str) -> str:
    """Return a text in Thai and in English."""
    return f"{message(message_id, 'th', params)} / {message(message_id, 'en', params)}"


def parameter(name: str) -> JsonObject:
    """Return a reference to a shared parameter."""
    return {"$ref": f"#/components/parameters/{name}"}


# As Part 1 writes the definitions of bbox, datetime and limit.
_UNEXPLODED: JsonObject = {"style": "form", "explode": False}


def parameters(settings: Settings) -> JsonObject:
    """Return the shared parameters, {name: parameter}."""
    limit = {
        "type": "integer",
        "minimum": 1,
        "maximum": settings.max_items,
        "default": settings.default_items,
    }
    offset = {"type": "integer", "minimum": 0, "maximum": MAX_OFFSET, "default": 0}
    since = {"type": "string", "minLength": 1, "maxLength": 60, "default": "0"}
    wait = {"type": "integer", "minimum": 0, "maximum": 30, "default": 0}
    most_changes = {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 1000}
    text = {"type": "string"}
    return {
        "f": _query("f", _choice("json", "html")),
        "fItems": _query("f", _choice("json", "html", *FORMATS)),
        "fJson": _query("f", _choice("json")),
        "lang": _query("lang", _choice("th", "en")),
        "bbox": _bbox(),
        "datetime": _query("datetime", text, "2026-01-01T00:00:00Z/..") | _UNEXPLODED,
        "limit": _query("limit", limit) | _UNEXPLODED,
        "offset": _query("offset", offset),
        "after": _query("after", text),
        "q": _query("q", {"type": "string", "maxLength": 200}, "ห้วยชมภู"),
        "crs": _query("crs", _choice(*SUPPORTED_URIS)),
        "bbox-crs": _query("bbox-crs", _choice(*SUPPORTED_URIS)),
        **filter_parameters(),
        "since": _query("since", since, "now"),
        "wait": _query("wait", wait),
        "service": _query("service", text | {"minLength": 1, "maxLength": 80}, "id-card-new")
        | {"required": True},
        "limitChanges": _query("limit", most_changes),
        "collectionId": _path("collectionId", text),
        "itemId": _path("itemId", text),
        **_header_parameters(),
    }


def _header_parameters() -> JsonObject:
    return {
        "ifMatch": _header("If-Match", '"w3-0123456789abcdef"'),
        "ifUnmodifiedSince": _header("If-Unmodified-Since", "Sun, 22 Nov 2026 05:06:07 GMT"),
        "ifNoneMatch": _header("If-None-Match", '"p3-0123456789abcdef"'),
        "prefer": _header("Prefer", "return=representation"),
        "idempotencyKey": _header("Idempotency-Key", "5b0c0f0e-6a9b-4c2e-9d58-0d7f3f0f5a11"),
        "contentCrs": _header("Content-Crs", f"<{CRS84}>"),
        "reason": _header("Pakmud-Reason", "moved to the new building"),
    }


def _choice(*values: str) -> JsonObject:
    return {"type": "string", "enum": list(values)}


def _query(name: str, schema: JsonObject, example: str | None = None) -> JsonObject:
    described: JsonObject = {
        "name": name,
        "in": "query",
        "required": False,
        "description": both(f"ogc_pages.parameter.{name}"),
        "schema": schema,
    }
    return described if example is None else described | {"example": example}


def _bbox() -> JsonObject:
    schema = {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 4,
        "maxItems": 6,
        "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
    }
    example = [99.6, 19.7, 100.0, 20.1]
    return _query("bbox", schema) | _UNEXPLODED | {"example": example}


def _path(name: str, schema: JsonObject) -> JsonObject:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": both(f"ogc_pages.parameter.{name}"),
        "schema": schema,
    }


def _header(name: str, example: str) -> JsonObject:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": both(f"ogc_pages.parameter.{name}"),
        "schema": {"type": "string"},
        "example": example,
    }


def own_parameters(collection: Collection) -> list[JsonObject]:
    """Return the parameters of a collection's items: its queryables and its sort."""
    found = []
    for queryable in collection.queryables:
        # of a list, one member is given
        kind = "string" if queryable.type == "array" else queryable.type
        schema: JsonObject = {"type": kind}
        if queryable.format == "date":
            schema["format"] = "date"
        description = f"{queryable.title_th} / {queryable.title_en}"
        if queryable.codes:
            schema["enum"] = list(code_list(queryable.codes).codes)
            description += f"\n\n{code_labels(queryable.codes)}"
        found.append(
            {
                "name": queryable.name,
                "in": "query",
                "required": False,
                "description": description,
                "schema": schema,
            }
        )
    names = "|".join(sorted(collection.sortables))
    key = f"[+-]?({names})"
    pattern = f"^{key}(,{key}){{0,2}}$"
    sort = _query("sortby", {"type": "string", "pattern": pattern}, "-updated_at")
    return [*found, sort]


def headers() -> JsonObject:
    """Return the shared headers of answers."""
    return {
        name: {"schema": {"type": "string"}, "description": both(f"ogc_pages.header.{name}")}
        for name in (
            "ETag", "Last-Modified", "Location", "Content-Crs", "Preference-Applied", "Allow",
            "Accept-Post", "Accept-Patch", "Content-Language", "Retry-After",
        )
    }  # fmt: skip


def header(*names: str) -> JsonObject:
    """Return references to shared headers."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def responses() -> JsonObject:
    """Return the shared answers, {name: answer}: not modified, and each kind of problem."""
    found: JsonObject = {
        "NotModified": {
            "description": both("ogc_pages.status.304"),
            "headers": header("ETag"),
        }
    }
    for status in sorted({*READ, *WRITE, *CREATE, GONE}):
        described: JsonObject = {
            "description": both(f"ogc_pages.status.{status}"),
            "content": {PROBLEM: {"schema": reference("Problem")}},
        }
        # a browser gets the same as a page
        described["content"]["text/html"] = {"schema": {"type": "string"}}
        if status in {429, 503}:
            described["headers"] = header("Retry-After")
        found[problem_name(status)] = described
    return found


def problem_name(status: int) -> str:
    """Return the name of the shared answer of a status.

    >>> problem_name(412)
    'PreconditionFailed'
    """
    return HTTPStatus(status).phrase.replace(" ", "").replace("-", "")


def problems(statuses: tuple[int, ...]) -> JsonObject:
    """Return references to the answers of refusals, {status: reference}."""
    return {
        str(status): {"$ref": f"#/components/responses/{problem_name(status)}"}
        for status in statuses
    }


def security_schemes(cookie: str) -> JsonObject:
    """Return the ways to sign in.

    Args:
        cookie: name of the session's cookie.
    """
    say = "ogc_pages.security.{}".format
    return {
        "bearer": {"type": "http", "scheme": "bearer", "description": both(say("bearer"))},
        "basic": {"type": "http", "scheme": "basic", "description": both(say("basic"))},
        "cookie": {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": both(say("cookie")),
        },
    }


def _photo_members() -> JsonObject:
    declared = record_schema("photo")["properties"]
    names = ("point_id", "kind", "caption_th", "caption_en")
    return {
        name: {
            key: "string" if key == "type" else value
            for key, value in declared[name].items()
            if key in {"type", "format", "maxLength", "enum"}
        }
        for name in names
    }


def photo_parameters() -> list[JsonObject]:
    """Return what is said of a photo in the address when the body is the picture alone."""
    declared = record_schema("photo")["properties"]
    return [
        {
            "name": name,
            "in": "query",
            "schema": schema,
            "description": f"{declared[name]['x-title-th']} / {declared[name]['title']}",
        }
        for name, schema in _photo_members().items()
    ]


def photo_body() -> JsonObject:
    """Return the body that adds a photo: a picture, or a form with one."""
    binary = {"type": "string", "format": "binary"}
    form = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": binary, **_photo_members()},
    }
    content: JsonObject = {media_type: {"schema": binary} for media_type in PICTURE_TYPES}
    return {"required": True, "content": content | {FORM_TYPE: {"schema": form}}}
