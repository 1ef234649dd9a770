# SPDX-License-Identifier: GPL-2.0-or-later
"""The thin boundary to pygeoapi: a provider that reads through the same store functions as we do.

pygeoapi makes one object per request, so the constructor does no input or output.  Which site is
read and by whom comes from :mod:`geoapi.providers.reading`.
"""

from __future__ import annotations

from typing import Any

import orjson
from pygeoapi.provider.base import BaseProvider

from geoapi.collections import collection_by_id
from geoapi.errors import NotFoundError
from geoapi.providers.fields import collection_fields
from geoapi.providers.reading import Reading, present_reading
from geoapi.readers import reader_of
from geoapi.store.query import ItemQuery, Page, Reader, count_items, read_item, read_page
from geoapi.types import JsonObject


class FeaturesProvider(BaseProvider):  # type: ignore[misc] # pygeoapi has no types
    """Items of one collection; ``data`` of the definition is the collection's id."""

    def __init__(self, provider_def: JsonObject) -> None:
        """Keep the definition.

        Raises:
            NotFoundError: there is no such collection.
        """
        super().__init__(provider_def)
        self.collection = collection_by_id(self.data)

    @property
    def fields(self) -> dict[str, JsonObject]:
        """Return {property: JSON Schema}, made when it is first asked for."""
        if not self._fields:
            self._fields: dict[str, JsonObject] = self.get_fields()
        return self._fields

    def get_fields(self) -> dict[str, JsonObject]:
        """Return {property: JSON Schema}."""
        return collection_fields(self.collection)

    def query(self, offset: int = 0, limit: int = 10, **_asked: Any) -> JsonObject:  # noqa: ANN401
        """Return a page of items as a FeatureCollection.

        The handler has read filter, sort and cursor from the request already, with the same
        parser as our own routes; what pygeoapi makes of them is not used.

        Raises:
            DataUnavailableError: the statement took too long, or the store is away.
        """
        present = present_reading()
        query = present.query or ItemQuery(
            self.collection.source,
            offset=offset,
            limit=limit,
            **vars(self._reader(present)),
        )
        page = read_page(present.site.store, query)
        document: JsonObject = {
            "type": "FeatureCollection",
            "features": [orjson.loads(text) for text in page.features],
            "numberReturned": len(page.features),
            "links": _next_links(present, page),
        }
        matched = count_items(present.site.store, query)
        if matched is not None:
            document["numberMatched"] = matched
        return document

    def get(self, identifier: str, **_asked: Any) -> JsonObject:  # noqa: ANN401
        """Return one item.

        Raises:
            NotFoundError: there is none, or the viewer may not know of it.
            DataUnavailableError: the statement took too long, or the store is away.
        """
        present = present_reading()
        reader = self._reader(present)
        stored = read_item(
            present.site.store,
            self.collection.source,
            identifier,
            reader.scopes,
            reader.owner_id,
        )
        if stored is None:
            raise NotFoundError("ogc.item_not_found", id=identifier[:80])
        feature: JsonObject = orjson.loads(stored.feature)
        return feature

    def _reader(self, present: Reading) -> Reader:
        return reader_of(present.viewer, self.collection)


def _next_links(present: Reading, page: Page) -> list[JsonObject]:
    if page.next_after is None or present.next_href is None:
        return []
    href = present.next_href(page.next_after)
    return [{"rel": "next", "type": "application/geo+json", "href": href}]
