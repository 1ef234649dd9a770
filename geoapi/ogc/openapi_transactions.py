# SPDX-License-Identifier: GPL-2.0-or-later
"""Describe ``POST /transactions`` in OpenAPI: the envelope of the draft, our additions, answers."""

from __future__ import annotations

from geoapi.collections import COLLECTIONS
from geoapi.ogc.action_body import MAX_REASON_CHARACTERS
from geoapi.ogc.openapi_parts import both, header, parameter, problems
from geoapi.ogc.openapi_schemas import reference
from geoapi.ogc.transaction_body import TRANSACTION_TYPES
from geoapi.settings import Settings
from geoapi.transactions import HTTP_VERBS, SEMANTICS, VERBS
from geoapi.types import JsonObject
from geoapi.workflow import TRANSITIONS

TAG = "transactions"
_TEXT: JsonObject = {"type": "string"}
_COUNT: JsonObject = {"type": "integer", "minimum": 0}
_SIGNED_IN: list[JsonObject] = [{"bearer": []}, {"basic": []}, {"cookie": []}]
_REFUSALS = (400, 401, 403, 404, 409, 412, 413, 415, 422, 428, 429, 503)
_LISTS = ("insertResults", "replaceResults", "updateResults", "deleteResults", "transitionResults")
_TOTALS = (
    "totalInserted", "totalReplaced", "totalUpdated", "totalDeleted", "totalTransitioned",
    "totalFailed",
)  # fmt: skip


def transaction_tag() -> JsonObject:
    """Return the heading of transactions."""
    return {"name": TAG, "description": both("transactions.api.tag")}


def transaction_paths() -> JsonObject:
    """Return the path of transactions."""
    names = ("lang", "prefer", "idempotencyKey", "contentCrs", "reason")
    content = {kind: {"schema": reference("Transaction")} for kind in TRANSACTION_TYPES}
    stored: JsonObject = {
        "description": both("transactions.api.stored"),
        "headers": header("Preference-Applied", "Content-Crs"),
        "content": {"application/json": {"schema": reference("TransactionAnswer")}},
    }
    operation = {
        "operationId": "postTransaction",
        "tags": [TAG],
        "summary": both("transactions.api.summary"),
        "description": both("transactions.api.description"),
        "security": _SIGNED_IN,
        "parameters": [parameter(name) for name in names],
        "requestBody": {"required": True, "content": content},
        "responses": {"200": stored} | problems(_REFUSALS),
    }
    return {"/transactions": {"post": operation}}


def transaction_schemas(settings: Settings) -> JsonObject:
    """Return the schemas of transactions, {name: schema}.

    Args:
        settings: for the limit.
    """
    actions = {f"{verb.capitalize()}Action": _action(verb) for verb in VERBS}
    mapping = {verb: f"#/components/schemas/{verb.capitalize()}Action" for verb in VERBS}
    listed: JsonObject = {
        "type": "array",
        "minItems": 1,
        "maxItems": settings.max_transaction_actions,
        "items": {
            "oneOf": [reference(name) for name in actions],
            "discriminator": {"propertyName": "action", "mapping": mapping},
        },
    }
    semantic = {"type": "string", "enum": list(SEMANTICS), "default": SEMANTICS[0]}
    envelope = _object(
        {
            "semantic": semantic | {"description": both("transactions.api.semantic")},
            "transaction": listed,
            **_words(),
        },
        "transaction",
    )
    return {
        "Transaction": envelope,
        **actions,
        "ItemFilter": _filter(),
        "TransactionResult": _result(),
        "TransactionException": _exception(),
        "TransactionAnswer": _answer(),
    }


def _object(properties: JsonObject, *required: str) -> JsonObject:
    named = {"required": list(required)} if required else {}
    return {"type": "object", **named, "properties": properties}


def _words() -> JsonObject:
    return {"id": {"type": "string", "maxLength": 200}, "title": _TEXT, "description": _TEXT}


def _action(verb: str) -> JsonObject:
    known = [
        c.id
        for c in COLLECTIONS.values()
        if (verb == "transition" and c.id == "service-points") or HTTP_VERBS.get(verb) in c.verbs
    ]
    properties: JsonObject = {
        "action": {"type": "string", "enum": [verb]},
        "collection": {"type": "string", "enum": known},
        "reason": {"type": "string", "maxLength": MAX_REASON_CHARACTERS},
        **_words(),
    }
    if verb == "insert":
        features = {"type": "array", "minItems": 1, "items": _feature()}
        return _closed(properties | {"items": features}, "action", "collection", "items")
    properties |= {
        "filter": reference("ItemFilter"),
        "filter-lang": {"type": "string", "enum": ["cql2-json"]},
        "filter-crs": _TEXT,
        "if-match": {"type": "string", "description": both("transactions.api.if_match")},
    }
    required = ["action", "collection", "filter", "if-match"]
    if verb == "replace":
        properties["feature"] = _feature()
        required.append("feature")
    elif verb == "update":
        properties |= {"patch": reference("MergePatch"), "properties": _changes()}
    elif verb == "transition":
        properties |= _step()
        required.append("transition")
    return _closed(properties, *required)


def _closed(properties: JsonObject, *required: str) -> JsonObject:
    return _object(properties, *required) | {"additionalProperties": False}


def _feature() -> JsonObject:
    """Return any feature: which members it may have says the schema of its collection."""
    properties: JsonObject = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"type": "string", "format": "uuid"},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object"},
    }
    return _object(properties, "type", "geometry", "properties")


def _changes() -> JsonObject:
    pair = _object({"name": _TEXT, "value": {}}, "name", "value")
    pairs = {"type": "array", "items": pair}
    names = {"type": "array", "items": _TEXT}
    return _closed({"add": pairs, "modify": pairs, "delete": names})


def _step() -> JsonObject:
    return {
        "transition": {"type": "string", "enum": list(TRANSITIONS)},
        "successor_id": {"type": "string", "format": "uuid"},
        "revision": {"type": "integer", "minimum": 1},
    }


def _filter() -> JsonObject:
    ids = {"type": "array", "minItems": 1, "items": _TEXT}
    args = {"type": "array", "minItems": 2, "maxItems": 2, "items": {"anyOf": [
        _object({"property": {"type": "string", "enum": ["id"]}}, "property"), _TEXT, ids,
    ]}}  # fmt: skip
    properties = {"op": {"type": "string", "enum": ["=", "in"]}, "args": args}
    return _object(properties, "op", "args") | {
        "description": both("transactions.api.filter"),
        "example": {
            "op": "=",
            "args": [{"property": "id"}, "11111111-1111-4111-8111-111111111111"],
        },
    }


def _place() -> JsonObject:
    return {
        "action": _COUNT, "item": _COUNT, "pointer": _TEXT, "id": _TEXT, "collection": _TEXT,
        "featureId": _TEXT, "status": {"type": "integer"},
    }  # fmt: skip


def _result() -> JsonObject:
    own: JsonObject = {
        "operation": {"type": "string", "enum": list(VERBS)},
        "location": {"type": "string", "format": "uri"},
        "etag": _TEXT,
        "revision": {"type": "integer"},
        "lastModified": _TEXT,
        "feature": {"type": "object"},
    }
    names = ("action", "item", "pointer", "collection", "featureId", "status", "operation")
    return _object(_place() | own, *names)


def _exception() -> JsonObject:
    own = _object(_place() | {"current": {"type": "object"}, "etag": _TEXT}, "action", "item")
    return {"allOf": [reference("Problem"), own]}


def _answer() -> JsonObject:
    addresses = {"type": "array", "items": {"type": "string", "format": "uri"}}
    properties: JsonObject = {
        "semantic": {"type": "string", "enum": list(SEMANTICS)},
        "summary": _object(dict.fromkeys(_TOTALS, _COUNT), *_TOTALS),
        **dict.fromkeys(_LISTS, addresses),
        "results": {"type": "array", "items": reference("TransactionResult")},
        "exceptions": {"type": "array", "items": reference("TransactionException")},
    }
    return _object(properties, "semantic", "summary")
