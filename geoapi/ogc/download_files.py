# SPDX-License-Identifier: GPL-2.0-or-later
"""Write features into a file as they come, page by page: CSV, GeoPackage, GeoParquet.

Files keep x before y whatever the reference system says, as GeoPackage and GeoParquet want it.
Sources: OGC 12-128r18 (GeoPackage 1.3.1), GeoParquet 1.1.0.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyogrio.raw
import shapely
from pyarrow import parquet
from pyproj import CRS

from geoapi.collections import Collection
from geoapi.errors import ServicePointError
from geoapi.messages import LANGUAGES, Language
from geoapi.ogc.crs import DEFAULT, Crs, transform_documents
from geoapi.ogc.download_columns import Column, arrow_fields, arrow_values, raw_values
from geoapi.spreadsheet_text import BYTE_ORDER_MARK, cell
from geoapi.types import JsonObject

_GEOMETRY = "geometry"
# What QGIS 3.22 reads without a warning; GDAL would write a newer version.
_GEOPACKAGE_VERSION = "1.3"


@dataclass
class Download:
    """What is written, and what was seen of it on the way.

    Attributes:
        collection: whose items.
        columns: of the file.
        crs: of its coordinates.
        language: of its titles.
        credit: {"attribution_th", "attribution_en", "license"}.
        bounds: around what was written, x before y; empty at first.
        kinds: GeoJSON types of geometries that were written.
    """

    collection: Collection
    columns: list[Column]
    crs: Crs
    language: Language
    credit: dict[str, str]
    bounds: list[float] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)


type Pages = Iterator[Sequence[str]]


def _documents(download: Download, texts: Sequence[str]) -> list[JsonObject]:
    documents: list[JsonObject] = [orjson.loads(text) for text in texts]
    if download.crs is not DEFAULT:
        transform_documents(documents, download.crs, as_axes=False)
    return documents


# ----------------------------------------------------------------------------------- CSV


def write_csv(path: Path, pages: Pages, download: Download) -> None:
    """Write CSV: UTF-8 with the mark by which Excel knows it, places in two columns."""
    is_placed = download.collection.geometry == "Point"
    names = [column.name for column in download.columns]
    place = (["x", "y"] if download.crs.is_projected else ["lon", "lat"]) if is_placed else []
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(BYTE_ORDER_MARK)
        writer = csv.writer(file)
        writer.writerow([names[0], *place, *names[1:]])
        for texts in pages:
            for document in _documents(download, texts):
                first, *rest = (cell(v) for v in raw_values(document, download.columns))
                writer.writerow([first, *(_place(document) if place else ()), *rest])


def _place(document: JsonObject) -> list[Any]:
    geometry = document["geometry"]
    return ["", ""] if geometry is None else list(geometry["coordinates"][:2])


# ------------------------------------------------------------------- GeoPackage, Parquet


def _schema(download: Download) -> pa.Schema:
    fields = arrow_fields(download.columns, download.language)
    if download.collection.geometry:
        wkb = {"ARROW:extension:name": "geoarrow.wkb"}
        fields.append(pa.field(_GEOMETRY, pa.binary(), metadata=wkb))
    return pa.schema(fields)


def _batches(pages: Pages, download: Download, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    for texts in pages:
        documents = _documents(download, texts)
        arrays = arrow_values(documents, download.columns)
        if download.collection.geometry:
            arrays.append(_wkb(documents, download))
        yield pa.record_batch(arrays, schema=schema)


def _wkb(documents: Sequence[JsonObject], download: Download) -> pa.Array:
    """Return geometries as WKB, and note their types and bounds."""
    texts = [
        None if d["geometry"] is None else orjson.dumps(d["geometry"]).decode() for d in documents
    ]
    shapes = shapely.force_2d(shapely.from_geojson(np.array(texts, dtype=object)))
    if download.collection.geometry == "MultiPolygon":  # one type to a layer
        is_single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
        shapes[is_single] = [shapely.multipolygons([shape]) for shape in shapes[is_single]]
    download.kinds |= {shape.geom_type for shape in shapes if shape is not None}
    box = shapely.total_bounds(shapes).tolist()
    if np.isfinite(box).all():
        known = download.bounds or box
        download.bounds = [*map(min, known[:2], box[:2]), *map(max, known[2:], box[2:])]
    return pa.array(shapely.to_wkb(shapes), pa.binary())


def write_geopackage(path: Path, pages: Pages, download: Download) -> None:
    """Write a GeoPackage of one layer; GDAL takes the rows from us as a stream."""
    schema = _schema(download)
    failures: list[ServicePointError] = []
    batches = _noting(_batches(pages, download, schema), failures)
    try:
        _write_layer(path, pa.RecordBatchReader.from_batches(schema, batches), download)
    except (RuntimeError, ValueError, pa.ArrowException):  # whatever GDAL makes of it
        if failures:
            raise failures[0] from None
        raise


def _noting(
    batches: Iterator[pa.RecordBatch], failures: list[ServicePointError]
) -> Iterator[pa.RecordBatch]:
    """Keep an error of ours that goes through GDAL, which says it in words of its own."""
    try:
        yield from batches
    except ServicePointError as error:
        failures.append(error)
        raise


def _write_layer(path: Path, rows: pa.RecordBatchReader, download: Download) -> None:
    collection, language = download.collection, download.language
    has_places = bool(collection.geometry)
    authority = "EPSG:4326" if download.crs is DEFAULT else download.crs.authority
    credit = {f"{collection.id}.{name}": value for name, value in download.credit.items()}
    pyogrio.raw.write_arrow(
        rows,
        path,
        layer=collection.id.replace("-", "_"),
        driver="GPKG",
        geometry_name=_GEOMETRY if has_places else None,
        geometry_type=collection.geometry or None,
        crs=authority if has_places else None,
        dataset_metadata=credit,
        layer_metadata=download.credit,
        dataset_options={"VERSION": _GEOPACKAGE_VERSION},
        layer_options={
            "IDENTIFIER": collection.title(language),
            "DESCRIPTION": collection.description(language),
        },
    )


def write_parquet(path: Path, pages: Pages, download: Download) -> None:
    """Write GeoParquet 1.1, or plain Parquet where items have no place."""
    collection = download.collection
    said = {"collection": collection.id, **download.credit}
    said |= {f"title_{each}": collection.title(each) for each in LANGUAGES}
    schema = _schema(download)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in _batches(pages, download, schema):
            writer.write_batch(batch)
        if collection.geometry:
            said["geo"] = orjson.dumps(_geo(download)).decode()
        writer.add_key_value_metadata(said)


def _geo(download: Download) -> JsonObject:
    """Return the metadata that make a Parquet file a GeoParquet file."""
    column: JsonObject = {
        "encoding": "WKB",
        "geometry_types": sorted(download.kinds),
        "edges": "planar",
    }
    if download.bounds:
        column["bbox"] = download.bounds
    if download.crs is not DEFAULT:  # without it, it is CRS84
        column["crs"] = CRS.from_user_input(download.crs.authority).to_json_dict()
    return {"version": "1.1.0", "primary_column": _GEOMETRY, "columns": {_GEOMETRY: column}}


@dataclass(frozen=True)
class FileFormat:
    """A format that a collection is downloaded in.

    Attributes:
        media_type: of the answer.
        extension: of the file's name.
        write: the function that writes it.
    """

    media_type: str
    extension: str
    write: Callable[[Path, Pages, Download], None]


FORMATS: dict[str, FileFormat] = {
    "csv": FileFormat("text/csv; charset=utf-8", "csv", write_csv),
    "gpkg": FileFormat("application/geopackage+sqlite3", "gpkg", write_geopackage),
    "parquet": FileFormat("application/vnd.apache.parquet", "parquet", write_parquet),
}
