# SPDX-License-Identifier: GPL-2.0-or-later
"""Property values in words: titles and labels of codes instead of names and codes."""

from __future__ import annotations

import re
from typing import Any

from geoapi.codes import label
from geoapi.collections import Collection, Queryable
from geoapi.messages import Language, message
from geoapi.providers.fields import collection_fields
from geoapi.types import JsonObject
from geoapi.web.point_data import name_of
from geoapi.web.point_view import show_date, show_phone

# What the table of items shows beside the name; more would not fit a phone.
_TABLE = (
    "category",
    "status",
    "state",
    "code",
    "agency_type",
    "parent_code",
    "district_code",
    "short_code",
)
_NAMES = {"name_th", "name_en"}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def table_columns(collection: Collection) -> list[Queryable]:
    """Return the queryables that the table of items shows."""
    by_name = {queryable.name: queryable for queryable in collection.queryables}
    return [by_name[name] for name in _TABLE if name in by_name]


def table_rows(
    collection: Collection, columns: list[Queryable], features: list[JsonObject], language: Language
) -> list[dict[str, Any]]:
    """Return the rows of the table of items: {name, url, cells}."""
    no_name = message("ogc_pages.items.no_name", language)
    return [
        {
            "name": name_of(feature, language) or no_name,
            "url": f"/ogc/collections/{collection.id}/items/{feature['id']}?f=html",
            "cells": [shown(feature["properties"].get(c.name), c.codes, language) for c in columns],
        }
        for feature in features
    ]


def shown_properties(
    collection: Collection, properties: JsonObject, language: Language
) -> list[dict[str, Any]]:
    """Return {title, value or values} of each property, in the order of the schema."""
    fields = collection_fields(collection)
    names = [name for name in fields if name in properties]
    names += [name for name in properties if name not in fields]
    rows = []
    for name in names:
        described, value = fields.get(name, {}), properties[name]
        if value is None or value in ("", [], {}):
            continue
        codes = described.get("x-codes", "")
        rows.append(
            {
                "title": described.get(f"x-title-{language}") or described.get("title") or name,
                "values": _lines(name, value, codes, language),
                "href": value if name == "website" else "",
                "language": name[-2:] if name in _NAMES else "",
            }
        )
    return rows


def schema_rows(document: JsonObject, language: Language) -> list[dict[str, Any]]:
    """Return what the page of a schema shows of each property."""
    required = document.get("required", ())
    return [
        {
            "name": name,
            "title": described.get("title", name),
            "type": _type_words(described),
            "is_required": name in required,
            "is_read_only": bool(described.get("readOnly")),
            "choices": [c for c in described.get("oneOf", ()) if c.get("const")],
            "count": message(
                "ogc_pages.schema.count", language, {"n": len(described.get("enum", ()))}
            ),
        }
        for name, described in document["properties"].items()
    ]


def _type_words(described: JsonObject) -> str:
    kinds: str | list[str] = described["type"] if "type" in described else described["format"]
    return kinds if isinstance(kinds, str) else ", ".join(k for k in kinds if k != "null")


def _lines(name: str, value: Any, codes: str, language: Language) -> list[str]:  # noqa: ANN401
    if name == "phones":
        return [_phone(phone, language) for phone in value]
    if isinstance(value, list):
        return [shown(part, codes, language) for part in value]
    if isinstance(value, dict):
        return [f"{key}: {shown(part, '', language)}" for key, part in value.items()]
    return [shown(value, codes, language)]


def _phone(phone: JsonObject, language: Language) -> str:
    kind = label("phone_kind", phone.get("kind") or "main", language)
    text = f"{kind}: {show_phone(phone['number'], phone.get('ext'), language)}"
    return f"{text} ({phone['label']})" if phone.get("label") else text


def shown(value: Any, codes: str, language: Language) -> str:  # noqa: ANN401 - any JSON
    """Return a single value in words.

    >>> shown(True, "", "en"), shown("open", "status", "en"), shown(None, "", "en")
    ('Yes', 'Open', 'Not given')
    """
    if value is None or value == "":
        return message("ogc_pages.value.none", language)
    if isinstance(value, bool):
        return message(f"ogc_pages.value.{'yes' if value else 'no'}", language)
    if isinstance(value, dict):
        return ", ".join(f"{k}: {shown(v, '', language)}" for k, v in value.items())
    if codes:
        return label(codes, str(value), language)
    if isinstance(value, str) and _INSTANT.match(value):
        return show_date(value, language, time=True)
    return str(value)
