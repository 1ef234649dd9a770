# SPDX-License-Identifier: GPL-2.0-or-later
"""The schemas of the OpenAPI document, from the document's JSON Schema and the collections.

OpenAPI 3.0.3 knows a dialect of its own: ``nullable`` instead of the type null, no ``const``, no
tuples; :func:`to_openapi30` translates.
"""

from __future__ import annotations

from typing import Any

from geoapi.codes import code_list
from geoapi.collections import COLLECTIONS, SERVICE_POINTS, Collection
from geoapi.document import schema as document_schema
from geoapi.providers.fields import collection_fields, resolved
from geoapi.record_schemas import feature_schema
from geoapi.types import JsonObject
from geoapi.workflow import TRANSITIONS

_UNKNOWN_TO_OPENAPI = {"prefixItems", "$schema", "$id", "$defs", "x-codes", "x-restricted"}


def reference(name: str) -> JsonObject:
    """Return a reference to a schema of this document."""
    return {"$ref": f"#/components/schemas/{name}"}


def schema_name(collection: Collection) -> str:
    """Return the name of a collection in schemas and operation ids.

    >>> schema_name(COLLECTIONS["service-points"])
    'ServicePoints'
    """
    return "".join(part.capitalize() for part in collection.id.split("-"))


def write_schema_name(collection: Collection) -> str:
    """Return the name of the schema of what clients send.

    >>> write_schema_name(COLLECTIONS["service-points"])
    'ServicePointWrite'
    """
    return f"{schema_name(collection).removesuffix('s')}Write"


def to_openapi30(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Translate a JSON Schema 2020-12 into the dialect of OpenAPI 3.0.3.

    >>> to_openapi30({"type": ["string", "null"], "enum": ["a", None]})
    {'type': 'string', 'enum': ['a', None], 'nullable': True}
    >>> to_openapi30({"const": "Point"}), to_openapi30({"type": ["integer", "null"]})
    ({'enum': ['Point'], 'type': 'string'}, {'type': 'integer', 'nullable': True})
    """
    if isinstance(node, list):
        return [to_openapi30(part) for part in node]
    if not isinstance(node, dict):
        return node
    translated = {
        name: to_openapi30(value) for name, value in node.items() if name not in _UNKNOWN_TO_OPENAPI
    }
    if "const" in translated:
        translated["enum"] = [translated.pop("const")]
        translated["type"] = "string"
    return _without_null(translated)


def _without_null(translated: JsonObject) -> JsonObject:
    """Say ``nullable`` where JSON Schema lists the type null."""
    kinds = translated.get("type")
    if isinstance(kinds, list):
        rest = [kind for kind in kinds if kind != "null"]
        if len(rest) == 1:
            translated["type"] = rest[0]
        else:
            del translated["type"]
            translated["anyOf"] = [_bare(kind) for kind in rest]
        if len(rest) != len(kinds):
            translated["nullable"] = True
    choices = translated.get("oneOf")
    if choices and {"type": "null"} in choices:
        (other,) = [choice for choice in choices if choice != {"type": "null"}]
        del translated["oneOf"]
        translated |= other | {"nullable": True}
    if translated.get("type") == "array":
        translated.setdefault("items", {})
    return translated


def _bare(kind: str) -> JsonObject:
    return {"type": kind, "items": {}} if kind == "array" else {"type": kind}


def schemas() -> JsonObject:
    """Return all schemas, {name: schema}."""
    found: JsonObject = {
        "Problem": _PROBLEM,
        "Link": _LINK,
        "LandingPage": _object({"title": _TEXT, "description": _TEXT, "links": _LINKS}, "links"),
        "Conformance": _object({"conformsTo": _list_of(_TEXT)}, "conformsTo"),
        "Collection": _COLLECTION,
        "Collections": _object(
            {"links": _LINKS, "collections": _list_of(reference("Collection"))},
            "links",
            "collections",
        ),
        "JsonSchema": {"type": "object", "description": "JSON Schema 2020-12"},
        "PointGeometry": _point(),
        "MultiPolygonGeometry": _MULTI_POLYGON,
        "MergePatch": _MERGE_PATCH,
        "Transition": _transition(),
        "Change": _CHANGE,
        "Changes": _CHANGES,
        "History": _HISTORY,
        "WhatToBring": _WHAT_TO_BRING,
    }
    for collection in COLLECTIONS.values():
        name = schema_name(collection)
        found[f"{name}Feature"] = _feature(collection)
        found[f"{name}Page"] = _page(name)
        if collection.verbs & {"POST", "PUT"}:
            found[write_schema_name(collection)] = _written_document(collection)
    return found


def code_labels(list_id: str) -> str:
    """Spell a code list for a description: one line a code, both labels."""
    return "\n".join(
        f"* `{code.code}` – {code.th} / {code.en}" for code in code_list(list_id).codes.values()
    )


def _object(properties: JsonObject, *required: str) -> JsonObject:
    return {"type": "object", "required": list(required), "properties": properties}


def _list_of(items: JsonObject) -> JsonObject:
    return {"type": "array", "items": items}


_TEXT: JsonObject = {"type": "string"}
_WHOLE: JsonObject = {"type": "integer", "minimum": 0}
_INSTANT: JsonObject = {"type": "string", "format": "date-time"}
_LINKS = _list_of(reference("Link"))
_LINK = _object(
    {"rel": _TEXT, "type": _TEXT, "title": _TEXT, "href": {"type": "string", "format": "uri"}},
    "rel",
    "href",
)
_PROBLEM = _object(
    {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": _TEXT,
        "detail": {"type": "string", "description": "In the reader's language."},
        "description": _TEXT,
        "detail_th": _TEXT,
        "detail_en": _TEXT,
        "request_id": _TEXT,
        "errors": _list_of(
            _object(
                {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Query parameter or header."},
                    "code": _TEXT,
                    "detail": _TEXT,
                    "detail_th": _TEXT,
                    "detail_en": _TEXT,
                },
                "code",
                "detail",
            )
        ),
        "current": {"type": "object", "description": "With 412: the feature as it is now."},
        "etag": {"type": "string", "description": "With 412: its entity tag."},
    },
    "type",
    "title",
    "status",
    "detail_th",
    "detail_en",
) | {"description": "RFC 9457", "additionalProperties": True}
_COLLECTION = _object(
    {
        "id": _TEXT,
        "title": _TEXT,
        "description": _TEXT,
        "attribution": _TEXT,
        "itemType": {"type": "string", "enum": ["feature"]},
        "extent": {"type": "object"},
        "crs": _list_of(_TEXT),
        "storageCrs": _TEXT,
        "keywords": _list_of(_TEXT),
        "links": _LINKS,
    },
    "id",
    "links",
) | {"additionalProperties": True}
_POSITION: JsonObject = {
    "type": "array",
    "minItems": 2,
    "maxItems": 3,
    "items": {"type": "number"},
}
_MULTI_POLYGON = _object(
    {
        "type": {"type": "string", "enum": ["MultiPolygon"]},
        "coordinates": _list_of(_list_of(_list_of(_POSITION))),
    },
    "type",
    "coordinates",
) | {"nullable": True}
_MERGE_PATCH: JsonObject = {
    "type": "object",
    "description": "JSON merge patch (RFC 7396): members named are changed, null removes one.",
    "properties": {
        "geometry": reference("PointGeometry"),
        "properties": {"type": "object", "additionalProperties": True},
    },
    "example": {"properties": {"phones": [{"number": "+6653150161", "kind": "main"}]}},
}
_CHANGE = _object(
    {
        "seq": _WHOLE,
        "at": _INSTANT,
        "type": {"type": "string", "enum": ["upsert", "delete"]},
        "id": _TEXT,
        "revision": _WHOLE,
        "operation": _TEXT,
        "actor_id": _TEXT,
        "reason": _TEXT,
        "feature": reference("ServicePointsFeature"),
    },
    "seq",
    "at",
    "type",
    "id",
    "revision",
)
_CHANGES = _object(
    {
        "changes": _list_of(reference("Change")),
        "since": _TEXT,
        "next": _TEXT,
        "hasMore": {"type": "boolean"},
        "links": _LINKS,
    },
    "changes",
    "next",
    "hasMore",
    "links",
)
_REVISION = {
    "allOf": [
        reference("Change"),
        {
            "type": "object",
            "properties": {
                "position": {
                    "type": "array",
                    "nullable": True,
                    "items": {"type": "number"},
                    "description": "Longitude and latitude at this revision, for insiders.",
                },
                "distance_m": {
                    "type": "number",
                    "nullable": True,
                    "description": "Metres from the position of the revision before, if it moved.",
                },
            },
        },
    ]
}
_HISTORY = _object(
    {"id": _TEXT, "revisions": _list_of(_REVISION), "links": _LINKS},
    "id",
    "revisions",
)


_ANYTHING: JsonObject = {"type": "object", "additionalProperties": True}
_WHAT_TO_BRING = _object(
    {
        "point": _ANYTHING,
        "service": _ANYTHING,
        "local": _ANYTHING,
        "copy_badge": _ANYTHING,
        "documents": _list_of(_ANYTHING),
        "fees": _list_of(_ANYTHING),
        "links": _LINKS,
    },
    "point",
    "service",
    "copy_badge",
    "documents",
    "fees",
)


def _transition() -> JsonObject:
    return _object(
        {
            "action": {"type": "string", "enum": list(TRANSITIONS)},
            "reason": {
                "type": "string",
                "maxLength": 500,
                "description": f"Needed for {_actions_with('needs_reason')}.",
            },
            "successor_id": {
                "type": "string",
                "format": "uuid",
                "description": "The point that takes its place; for"
                f" {_actions_with('needs_successor')} alone.",
            },
            "revision": {
                "type": "integer",
                "minimum": 1,
                "description": f"An earlier revision; for {_actions_with('needs_revision')} alone.",
            },
        },
        "action",
    ) | {"additionalProperties": False, "example": {"action": "submit"}}


def _actions_with(need: str) -> str:
    """Name the actions of the table that need something."""
    return ", ".join(name for name, step in TRANSITIONS.items() if getattr(step, need))


def _point() -> JsonObject:
    translated: JsonObject = to_openapi30(document_schema()["properties"]["geometry"])
    return translated


def _geometry(collection: Collection) -> JsonObject:
    if not collection.geometry:
        return {"type": "object", "nullable": True}
    return reference(f"{collection.geometry}Geometry")


def _properties(collection: Collection) -> JsonObject:
    fields = to_openapi30(collection_fields(collection))
    return {"type": "object", "properties": fields, "additionalProperties": True}


def _feature(collection: Collection) -> JsonObject:
    return _object(
        {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": _TEXT,
            "geometry": _geometry(collection),
            "properties": _properties(collection),
            "etag": {"type": "string", "description": "Value for If-Match."},
            "links": _LINKS,
        },
        "type",
        "id",
        "geometry",
        "properties",
    )


def _page(name: str) -> JsonObject:
    return _object(
        {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "numberMatched": _WHOLE | {"description": "Left out beyond 10,001."},
            "numberReturned": _WHOLE,
            "links": _LINKS,
            "features": _list_of(reference(f"{name}Feature")),
        },
        "type",
        "numberReturned",
        "links",
        "features",
    )


def _written_document(collection: Collection) -> JsonObject:
    if collection.id == SERVICE_POINTS.id:
        return _service_point()
    translated: JsonObject = to_openapi30(resolved(feature_schema(collection.table)))
    translated["properties"]["geometry"] = reference("PointGeometry")
    translated["additionalProperties"] = True
    return translated


def _service_point() -> JsonObject:
    """Return the document that clients send; what only the server sets is marked readOnly."""
    whole = resolved({k: v for k, v in document_schema().items() if k != "$defs"})
    translated: JsonObject = to_openapi30(whole)
    translated["properties"]["geometry"] = reference("PointGeometry")
    translated["additionalProperties"] = True
    translated["example"] = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [99.8253, 19.9072]},
        "properties": {"name_th": "ที่ว่าการอำเภอเมืองเชียงราย", "category": "district_office"},
    }
    return translated
