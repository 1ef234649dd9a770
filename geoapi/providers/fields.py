# SPDX-License-Identifier: GPL-2.0-or-later
"""The properties of a collection as JSON Schema, with titles and the labels of codes."""

from __future__ import annotations

from typing import Any

from geoapi.codes import code_list
from geoapi.collections import SERVICE_POINTS, Collection, Queryable
from geoapi.document import properties_schema, schema
from geoapi.messages import Language
from geoapi.types import JsonObject

_LOCAL_REFERENCE = "#/$defs/"


def collection_fields(collection: Collection) -> dict[str, JsonObject]:
    """Return {property: JSON Schema} with a Thai and an English title each.

    Every call gives new objects: pygeoapi writes into what it gets.
    """
    fields = {queryable.name: queryable_schema(queryable) for queryable in collection.queryables}
    if collection.id == SERVICE_POINTS.id:
        fields |= {
            name: _titled(resolved(declared), fields.get(name, {}))
            for name, declared in properties_schema().items()
        }
    return fields


def queryable_schema(queryable: Queryable) -> JsonObject:
    """Return the JSON Schema of a queryable, its codes in both languages."""
    described: JsonObject = {
        "title": queryable.title_en,
        "type": queryable.type,
        "x-title-th": queryable.title_th,
        "x-title-en": queryable.title_en,
    }
    if queryable.codes:
        described["x-codes"] = queryable.codes
        described["enum"] = list(code_list(queryable.codes).codes)
    return described


def resolved(declared: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a copy of a schema with the references into ``$defs`` written out."""
    if isinstance(declared, list):
        return [resolved(part) for part in declared]
    if not isinstance(declared, dict):
        return declared
    copied = {name: resolved(part) for name, part in declared.items()}
    reference = copied.pop("$ref", "")
    if reference.startswith(_LOCAL_REFERENCE):
        target = schema()["$defs"][reference.removeprefix(_LOCAL_REFERENCE)]
        copied = resolved(target) | copied
    return copied


def _titled(described: JsonObject, as_queryable: JsonObject) -> JsonObject:
    title_en = described.get("title") or as_queryable.get("title")
    if title_en is None:
        return described
    title_th = described.get("x-title-th") or as_queryable.get("x-title-th", title_en)
    return described | {"title": title_en, "x-title-en": title_en, "x-title-th": title_th}


def localised(described: JsonObject, language: Language) -> JsonObject:
    """Return a property's schema with its title in a language and its codes with labels.

    The labels stand in ``oneOf``, as JSON Schema 2020-12 annotates an enumeration.
    """
    shown = dict(described)
    title = shown.get(f"x-title-{language}")
    if title:
        shown["title"] = title
    if "x-codes" in shown:
        choices: list[JsonObject] = [
            {
                "const": code.code,
                "title": code.label(language),
                "x-title-th": code.th,
                "x-title-en": code.en,
            }
            for code in code_list(shown["x-codes"]).codes.values()
        ]
        if None in shown.get("enum", ()):
            choices.append({"const": None})
        shown["oneOf"] = choices
    return shown
