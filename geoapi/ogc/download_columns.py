# SPDX-License-Identifier: GPL-2.0-or-later
"""Columns of a downloaded file: which a reader gets, of which type, and their values.

They come from the schema of the collection and not from the items at hand, so that a file is
written while it is read and two files of a collection have the same columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson
import pyarrow as pa

from geoapi.collections import SERVICE_POINTS, Collection
from geoapi.document import public_names
from geoapi.messages import Language, message
from geoapi.providers.fields import RECORD_SCHEMAS, collection_fields
from geoapi.record_schemas import public_names as record_public_names
from geoapi.types import JsonObject

ColumnKind = Literal["text", "boolean", "integer", "number", "instant", "json"]
OTHER = "other_members"
"""Column of members that the schema does not name; only who sees working revisions has any."""


@dataclass(frozen=True)
class Column:
    """One column of a downloaded file.

    Attributes:
        name: of the property; ``id`` for the item's own.
        title_th: Thai title.
        title_en: English title.
        kind: type of its values; ``json`` is text with a list or an object.
    """

    name: str
    title_th: str
    title_en: str
    kind: ColumnKind = "text"

    def title(self, language: Language) -> str:
        """Return the title in a language."""
        return self.title_th if language == "th" else self.title_en


def columns_of(collection: Collection, *, is_insider: bool) -> list[Column]:
    """Return the columns of a collection: the id, then properties in the order of the schema.

    Args:
        collection: whose.
        is_insider: the reader sees working revisions, with members that are not public.
    """
    public = _public_names(collection)
    found = [_own("id", "ogc_pages.field.id")]
    found += [
        Column(name, part.get("x-title-th", name), part.get("x-title-en", name), _kind(part))
        for name, part in collection_fields(collection).items()
        if is_insider or name in public
    ]
    if is_insider:
        found.append(_own(OTHER, "downloads.other_members", "json"))
    return found


def _public_names(collection: Collection) -> frozenset[str]:
    """Return the properties that the public sees of a collection."""
    if collection.id == SERVICE_POINTS.id:
        return public_names()
    if collection.id in RECORD_SCHEMAS:
        return record_public_names(collection.table)
    return frozenset(collection_fields(collection))


def _own(name: str, message_id: str, kind: ColumnKind = "text") -> Column:
    return Column(name, message(message_id, "th"), message(message_id, "en"), kind)


def _kind(described: JsonObject) -> ColumnKind:
    declared = described.get("type", "string")
    types = set(declared if isinstance(declared, list) else [declared]) - {"null"}
    if types == {"string"}:
        # dates of a day stay text: a file would else give them a time
        return "instant" if described.get("format") == "date-time" else "text"
    single: dict[str, ColumnKind] = {
        "boolean": "boolean", "integer": "integer", "number": "number"
    }  # fmt: skip
    return single.get(next(iter(types)), "json") if len(types) == 1 else "json"


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()


def _instant(value: Any) -> datetime | None:  # noqa: ANN401 - any JSON
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _number(value: Any) -> float | None:  # noqa: ANN401 - any JSON
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _integer(value: Any) -> int | None:  # noqa: ANN401 - any JSON
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _boolean(value: Any) -> bool | None:  # noqa: ANN401 - any JSON
    return value if isinstance(value, bool) else None


_READERS: dict[ColumnKind, Callable[[Any], Any]] = {
    "text": _text, "json": _text, "boolean": _boolean, "integer": _integer, "number": _number,
    "instant": _instant,
}  # fmt: skip
_ARROW: dict[ColumnKind, pa.DataType] = {
    "text": pa.string(), "json": pa.string(), "boolean": pa.bool_(), "integer": pa.int64(),
    "number": pa.float64(), "instant": pa.timestamp("ms", "UTC"),
}  # fmt: skip


def raw_values(document: JsonObject, columns: Sequence[Column]) -> list[Any]:
    """Return the values of one feature as JSON has them, in the order of the columns."""
    properties = document["properties"]
    known = {column.name for column in columns}
    other = {name: value for name, value in properties.items() if name not in known} or None
    own = {"id": document["id"], OTHER: other}
    return [own.get(c.name) if c.name in own else properties.get(c.name) for c in columns]


def arrow_values(documents: Sequence[JsonObject], columns: Sequence[Column]) -> list[pa.Array]:
    """Return the columns of features, a value that is not of its type left empty."""
    rows = [raw_values(document, columns) for document in documents]
    return [
        pa.array([_READERS[column.kind](row[index]) for row in rows], _ARROW[column.kind])
        for index, column in enumerate(columns)
    ]


def arrow_fields(columns: Sequence[Column], language: Language) -> list[pa.Field]:
    """Return the fields of columns, with titles where GDAL and others look for them."""
    other: Language = "en" if language == "th" else "th"
    return [
        pa.field(
            column.name,
            _ARROW[column.kind],
            metadata={
                "GDAL:OGR:alternative_name": column.title(language),
                "GDAL:OGR:comment": column.title(other),
                "title_th": column.title_th,
                "title_en": column.title_en,
            },
        )
        for column in columns
    ]
