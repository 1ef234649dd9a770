# SPDX-License-Identifier: GPL-2.0-or-later
"""The parameters of filters in the OpenAPI document."""

from __future__ import annotations

from geoapi.messages import message
from geoapi.ogc.cql2 import FILTER_LANGUAGES, MOST_CHARACTERS
from geoapi.ogc.crs import SUPPORTED_URIS
from geoapi.types import JsonObject


def filter_parameters() -> JsonObject:
    """Return the shared parameters of filters, {name: parameter}."""
    text = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS}
    return {
        "filter": _query("filter", text) | {"example": "category = 'hospital'"},
        "filter-lang": _query("filter-lang", {"type": "string", "enum": list(FILTER_LANGUAGES)}),
        "filter-crs": _query("filter-crs", {"type": "string", "enum": list(SUPPORTED_URIS)}),
    }


def _query(name: str, schema: JsonObject) -> JsonObject:
    text = " / ".join(message(f"ogc_pages.parameter.{name}", each) for each in ("th", "en"))
    return {"name": name, "in": "query", "required": False, "description": text, "schema": schema}
