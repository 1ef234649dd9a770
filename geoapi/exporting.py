# SPDX-License-Identifier: GPL-2.0-or-later
"""Write what the public may see of a collection into a file to hand on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio.raw
import shapely
from shapely.geometry import shape

from geoapi.collections import Collection
from geoapi.errors import UsageError
from geoapi.site import Site
from geoapi.store.query import ItemQuery, read_page
from geoapi.types import JsonObject

_PAGE_ITEMS = 1_000
_DRIVERS = {".gpkg": "GPKG", ".fgb": "FlatGeobuf"}
FORMATS = (".geojson", *_DRIVERS)


def export_collection(site: Site, collection: Collection, path: Path) -> int:
    """Write the published items of a collection; the file appears when it is whole.

    Args:
        site: whose items.
        collection: which.
        path: ``.geojson``, ``.gpkg`` or ``.fgb``; coordinates are CRS84.

    Returns:
        How many items were written.

    Raises:
        UsageError: another format, or the file exists already.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise UsageError("export.unknown_format", known=", ".join(FORMATS))
    if path.exists():
        raise UsageError("export.exists", path=str(path))
    part = path.with_name(f".{path.stem}.part{suffix}")
    part.unlink(missing_ok=True)
    try:
        if suffix == ".geojson":
            count = _write_geojson(_texts(site, collection), part)
        else:
            count = _write_layer(_texts(site, collection), part, collection, _DRIVERS[suffix])
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _texts(site: Site, collection: Collection) -> Iterator[str]:
    """Yield the finished texts of all published items, page by page."""
    query = ItemQuery(collection.source, limit=_PAGE_ITEMS)
    while True:
        page = read_page(site.store, query)
        yield from page.features
        if page.next_after is None:
            return
        query = replace(query, after=page.next_after)


def _write_geojson(texts: Iterator[str], path: Path) -> int:
    count = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[')
        for text in texts:
            file.write(("," if count else "") + "\n" + text)
            count += 1
        file.write("\n]}\n")
    return count


def _write_layer(texts: Iterator[str], path: Path, collection: Collection, driver: str) -> int:
    features: list[JsonObject] = [orjson.loads(text) for text in texts]
    names = sorted({name for feature in features for name in feature["properties"]} | {"id"})
    columns = [_column(features, name) for name in names]
    geometries = [shape(f["geometry"]) if f["geometry"] else None for f in features]
    pyogrio.raw.write(
        path,
        geometry=np.array([None if g is None else shapely.to_wkb(g) for g in geometries], object),
        field_data=columns,
        fields=np.array(names, object),
        geometry_type=collection.geometry or "Point",
        crs="EPSG:4326",
        driver=driver,
        layer=collection.id.replace("-", "_"),
        encoding="UTF-8",
    )
    return len(features)


def _column(features: list[JsonObject], name: str) -> Any:  # noqa: ANN401 - a numpy array
    """Return one property of all features as text; lists and objects as JSON."""
    values = [f["id"] if name == "id" else f["properties"].get(name) for f in features]
    return np.array([_text(value) for value in values], object)


def _text(value: Any) -> str | None:  # noqa: ANN401 - any JSON
    if value is None or isinstance(value, str):
        return value
    return orjson.dumps(value).decode()
