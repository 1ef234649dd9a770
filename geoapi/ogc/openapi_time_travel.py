# SPDX-License-Identifier: GPL-2.0-or-later
"""What the OpenAPI document says of an item at an instant, its time map and its time gate."""

from __future__ import annotations

from collections.abc import Callable

from geoapi.collections import Collection
from geoapi.messages import message
from geoapi.ogc.negotiation import JSON, LINK_FORMAT
from geoapi.ogc.openapi_parts import READ, header, parameter, problems
from geoapi.ogc.openapi_schemas import reference
from geoapi.problems import MEDIA_TYPE as PROBLEM
from geoapi.types import JsonObject

_GONE = {"410": {"$ref": "#/components/responses/Gone"}}
_NOT_MODIFIED = {"304": {"$ref": "#/components/responses/NotModified"}}


def _both(name: str) -> str:
    message_id = f"time_travel.{name}"
    return f"{message(message_id, 'th')} / {message(message_id, 'en')}"


def parameters() -> JsonObject:
    """Return the parameters of versions, {name: parameter}."""
    text: JsonObject = {"type": "string"}
    return {
        "datetimeItem": {
            "name": "datetime",
            "in": "query",
            "required": False,
            "description": _both("parameter"),
            "schema": text,
            "example": "2026-11-22T05:06:07Z",
        },
        "acceptDatetime": {
            "name": "Accept-Datetime",
            "in": "header",
            "required": False,
            "description": _both("accept_datetime"),
            "schema": text,
            "example": "Sun, 22 Nov 2026 05:06:07 GMT",
        },
        "fLink": {
            "name": "f",
            "in": "query",
            "required": False,
            "description": parameter_text("f"),
            "schema": {"type": "string", "enum": ["link", "json"]},
        },
    }


def parameter_text(name: str) -> str:
    """Return what a shared parameter is for, in both languages."""
    message_id = f"ogc_pages.parameter.{name}"
    return f"{message(message_id, 'th')} / {message(message_id, 'en')}"


def headers() -> JsonObject:
    """Return the headers of versions, {name: header}."""
    return {
        name: {"schema": {"type": "string"}, "description": _both(f"header_{text}")}
        for name, text in (("Memento-Datetime", "memento"), ("Link", "link"))
    }


def responses() -> JsonObject:
    """Return the answer of what is no longer there."""
    content = {PROBLEM: {"schema": reference("Problem")}, "text/html": {"schema": _TEXT}}
    return {"Gone": {"description": _both("status_410"), "content": content}}


_TEXT: JsonObject = {"type": "string"}


def schemas() -> JsonObject:
    """Return the schema of a time map."""
    instant: JsonObject = {"type": "string", "format": "date-time"}
    version = {
        "type": "object",
        "required": ["href", "revision", "from", "until"],
        "properties": {
            "href": _TEXT,
            "revision": {"type": "integer"},
            "from": instant,
            "until": instant | {"nullable": True},
        },
    }
    links = {"type": "array", "items": reference("Link")}
    return {
        "TimeMap": {
            "type": "object",
            "required": ["original", "timegate", "mementos", "links"],
            "properties": {
                "original": _TEXT,
                "timegate": _TEXT,
                "mementos": {"type": "array", "items": version},
                "links": links,
            },
        }
    }


def complete(
    paths: JsonObject, item: str, own: Callable[..., JsonObject], collection: Collection
) -> None:
    """Add ``datetime`` to the reading of an item, and the paths of its time map and time gate.

    Args:
        paths: of the OpenAPI document; changed in place.
        item: path of an item.
        own: makes an operation of one collection.
        collection: whose.
    """
    reading = paths[item]["get"]
    reading["parameters"].append(parameter("datetimeItem"))
    reading["responses"]["200"]["headers"] |= header("Memento-Datetime", "Link")
    reading["responses"] |= _GONE
    listed = {
        LINK_FORMAT: {"schema": _TEXT},
        JSON: {"schema": reference("TimeMap")},
    }
    shown: JsonObject = {
        "description": message("ogc_pages.status.200", "th")
        + " / "
        + message("ogc_pages.status.200", "en"),
        "content": listed,
        "headers": header("ETag"),
    }
    led = {"description": _both("status_302"), "headers": header("Location", "Link")}
    for name, answers, names in (
        ("TimeMap", {"200": shown} | _NOT_MODIFIED, ("itemId", "fLink", "lang", "ifNoneMatch")),
        ("TimeGate", {"302": led}, ("itemId", "acceptDatetime", "lang")),
    ):
        operation = own(
            collection,
            "get",
            name,
            answers | problems(READ),
            parameters=[parameter(each) for each in names],
        )
        titles = f"{collection.title_th} / {collection.title_en}"
        operation["summary"] = f"{titles}: {_both(f'get_{name.lower()}')}"
        paths[f"{item}/{name.lower()}"] = {"get": operation}
