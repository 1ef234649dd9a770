# SPDX-License-Identifier: GPL-2.0-or-later
"""Turn a document into a row of its feature table: flat columns, search text, finished GeoJSON."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Boolean

from geoapi.store.tables import FEATURE_TABLES
from geoapi.thai import name_sort_key, search_text
from geoapi.types import JsonObject


@dataclass(frozen=True)
class RowStamp:
    """What a row says of the write that made it.

    Attributes:
        view: ``published`` or ``working``.
        revision: number of the revision.
        created_at: when the item was created, UTC.
        updated_at: when this revision was written, UTC.
        scope_agency_id: agency whose subtree holds rights over it, '' for none.
        scope_area_code: area whose holders have rights over it, '' for none.
    """

    view: str
    revision: int
    created_at: datetime
    updated_at: datetime
    scope_agency_id: str = ""
    scope_area_code: str = ""


@dataclass(frozen=True)
class Row:
    """A row ready for the store.

    Attributes:
        values: flat columns.
        geometry: CRS84, or None.
    """

    values: dict[str, Any]
    geometry: BaseGeometry | None

    @property
    def feature(self) -> str:
        """Return the finished GeoJSON text."""
        return str(self.values["feature"])

    @property
    def etag(self) -> str:
        """Return the entity tag without quotes."""
        return str(self.values["etag"])


def build_row(
    table_name: str, document: JsonObject, stamp: RowStamp, extra: Mapping[str, Any] | None = None
) -> Row:
    """Build the row of a document.

    Args:
        table_name: key of ``FEATURE_TABLES``.
        document: GeoJSON Feature with its id, CRS84.
        stamp: view, revision, instants, scope.
        extra: further columns that are not properties.
    """
    properties = document["properties"]
    body = orjson.dumps(document)
    digest = hashlib.sha256(body).hexdigest()[:16]
    etag = f"{stamp.view[0]}{stamp.revision}-{digest}"
    feature = f'{body[:-1].decode()},"etag":"\\"{etag}\\""}}'
    name_th, name_en = _text(properties.get("name_th")), _text(properties.get("name_en"))
    values: dict[str, Any] = {
        **_own_columns(table_name, properties),
        "id": document["id"],
        **vars(stamp),
        "etag": etag,
        "feature": feature,
        "name_th": name_th,
        "name_en": name_en,
        "name_th_key": search_text(name_th),
        "name_en_key": search_text(name_en),
        "name_sort_th": name_sort_key(name_th or name_en),
        "name_sort_en": name_sort_key(name_en or name_th),
        "search": _search(properties),
        **(extra or {}),
    }
    geometry = document["geometry"]
    return Row(values, None if geometry is None else shapely.force_2d(shape(geometry)))


_COMMON = frozenset(
    {
        "fid", "id", "view", "revision", "etag", "feature", "geom", "min_x", "max_x", "min_y",
        "max_y", "created_at", "updated_at", "name_th", "name_en", "name_th_key", "name_en_key",
        "name_sort_th", "name_sort_en", "search", "scope_agency_id", "scope_area_code", "editors",
    }
)  # fmt: skip


def _own_columns(table_name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    """Take the collection's own filter columns from properties of the same name."""
    own: dict[str, Any] = {}
    for column in FEATURE_TABLES[table_name].columns:
        if column.name in _COMMON:
            continue
        value = properties.get(column.name)
        if isinstance(column.type, Boolean):
            own[column.name] = bool(value)
        elif isinstance(value, list):
            own[column.name] = " ".join(str(item) for item in value)
        else:
            own[column.name] = _text(value)
    return own


def _text(value: Any) -> str:  # noqa: ANN401 - any JSON
    return "" if value is None else str(value)


def _search(properties: Mapping[str, Any]) -> str:
    """Join names, codes and phones, the latter also as people dial them inside the country."""
    words = [
        _text(properties.get(name))
        for name in ("name_th", "name_en", "short_name", "official_id", "short_code", "code")
    ]
    for phone in properties.get("phones") or ():
        number = phone["number"]
        words.append(number)
        if number.startswith("+66"):
            words.append(f"0{number[3:]}")
    return search_text(*words)
