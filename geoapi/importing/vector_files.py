# SPDX-License-Identifier: GPL-2.0-or-later
"""Read GeoPackage, GeoJSON, FlatGeobuf, Shapefile and GeoParquet in batches of features."""

from __future__ import annotations

import codecs
import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, GeometryError
from pyproj import CRS
from pyproj.exceptions import CRSError
from shapely.geometry.base import BaseGeometry

from geoapi.errors import UsageError
from geoapi.importing.dbf import shapefile_encoding
from geoapi.importing.rows import Row, Source
from geoapi.thai import canonical_text

_BATCH_ROWS = 2000
_CRS84 = "OGC:CRS84"
_OGR_ERRORS = (DataSourceError, DataLayerError, FeatureError, GeometryError)
_MAX_LONGITUDE, _MAX_LATITUDE = 180, 90
_CRS_MIN_CONFIDENCE = 70  # of 100, as pyproj counts; a WKT without a code must be this alike


def read_vector(path: Path, file_format: str, layer: str | None, encoding: str | None) -> Source:
    """Open a layer that GDAL reads.

    Raises:
        UsageError: broken file, no such layer, several layers and none named, a GeoJSON whose
            coordinates are not degrees.
    """
    layer = _choose_layer(path, layer)
    if file_format == "shapefile" and encoding is None:
        encoding = shapefile_encoding(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            info = pyogrio.read_info(path, layer=layer, encoding=encoding)
    except (*_OGR_ERRORS, LookupError) as err:
        raise UsageError("import.broken_file", path=path.name, format=file_format) from err
    if info["features"] == 0:
        raise UsageError("import.empty_file", path=path.name)
    rows = _features(_batches(path, layer, encoding), file_format, path.name)
    if file_format == "geojson":
        rows = _checked_degrees(rows)
    return Source(
        columns=tuple(canonical_text(str(name)) for name in info["fields"]),
        rows=rows,
        format=file_format,
        crs=_crs_name(info["crs"]) if info["crs"] else None,
        encoding=encoding,
        total=info["features"] if info["features"] > 0 else None,
    )


def read_geoparquet(path: Path) -> Source:
    """Open a GeoParquet file, or a plain Parquet table without geometry.

    Source: GeoParquet 1.1.0; only the WKB encoding is read.

    Raises:
        UsageError: broken or empty file, geometry in another encoding.
    """
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as err:
        raise UsageError("import.broken_file", path=path.name, format="GeoParquet") from err
    total = file.metadata.num_rows
    if total == 0:
        raise UsageError("import.empty_file", path=path.name)
    geo = _geo_metadata(file, path.name)
    primary = geo.get("primary_column", "")
    column = geo.get("columns", {}).get(primary, {})
    if geo and column.get("encoding") != "WKB":
        raise UsageError("import.parquet_encoding", encoding=str(column.get("encoding")))
    names = [name for name in file.schema_arrow.names if name != primary]
    crs = None
    if geo:
        declared = column.get("crs", _CRS84)
        crs = _crs_name(declared) if declared is not None else None
    return Source(
        columns=tuple(canonical_text(name) for name in names),
        rows=_features(_parquet_batches(file, primary), "geoparquet", path.name),
        format="geoparquet",
        crs=crs,
        total=total,
    )


def _geo_metadata(file: pq.ParquetFile, name: str) -> dict[str, Any]:
    """Give the ``geo`` member of the file's metadata, empty for a plain table."""
    raw = (file.schema_arrow.metadata or {}).get(b"geo")
    if raw is None:
        return {}
    try:
        geo: dict[str, Any] = json.loads(raw)
    except ValueError as err:
        raise UsageError("import.broken_file", path=name, format="GeoParquet") from err
    return geo


def _choose_layer(path: Path, layer: str | None) -> str:
    """Check the layer's name, or take the only one."""
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
    except _OGR_ERRORS as err:
        raise UsageError("import.broken_file", path=path.name, format=path.suffix) from err
    if not layers:
        raise UsageError("import.empty_file", path=path.name)
    if layer is None and len(layers) == 1:
        return layers[0]
    if layer is None:
        raise UsageError("import.choose_layer", layers=", ".join(layers))
    if layer not in layers:
        raise UsageError("import.no_such_layer", layer=layer, layers=", ".join(layers))
    return layer


def _crs_name(crs: str | dict[str, Any]) -> str:
    """Name a CRS by its authority code, or give its WKT when it has none."""
    try:
        parsed = CRS.from_user_input(crs)
    except CRSError:
        return str(crs)
    authority = parsed.to_authority(min_confidence=_CRS_MIN_CONFIDENCE)
    return ":".join(authority) if authority else str(parsed.to_wkt())


type _Batch = tuple[pa.RecordBatch, str]  # with the name of its geometry column, "" for none


def _batches(path: Path, layer: str, encoding: str | None) -> Iterator[_Batch]:
    """Read a layer in batches; GDAL's remarks on single features are the rows' problems."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        opened = pyogrio.raw.open_arrow(
            path, layer=layer, encoding=encoding, use_pyarrow=True, batch_size=_BATCH_ROWS
        )
        meta, reader = opened.__enter__()
    try:
        geometry = meta["geometry_name"] or "wkb_geometry"
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                batch = next(reader, None)
            if batch is None:
                return
            yield batch, geometry if geometry in batch.schema.names else ""
    finally:
        opened.__exit__(None, None, None)


def _parquet_batches(file: pq.ParquetFile, primary: str) -> Iterator[_Batch]:
    """Read a Parquet file in batches and close it after the last."""
    with file:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            yield batch, primary


def _features(batches: Iterator[_Batch], file_format: str, name: str) -> Iterator[Row]:
    """Turn batches into rows."""
    number = 0
    try:
        for batch, geometry_name in batches:
            columns = {
                canonical_text(field): _column(batch.column(field), number)
                for field in batch.schema.names
                if field != geometry_name
            }
            geometries: list[BaseGeometry | None] = [None] * batch.num_rows
            if geometry_name:
                raw = batch.column(geometry_name).to_pylist()
                geometries = list(shapely.from_wkb(raw, on_invalid="ignore"))
            for index in range(batch.num_rows):
                number += 1
                values = {column: cells[index] for column, cells in columns.items()}
                yield Row(number, values, geometries[index])
    except (*_OGR_ERRORS, pa.ArrowException, OSError) as err:
        raise UsageError("import.broken_after", path=name, format=file_format, row=number) from err


def _column(cells: pa.Array, rows_before: int) -> list[Any]:
    """Give a column's values; blanks and NaN count as empty, a cut last letter is dropped."""
    if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type):
        try:
            values = cells.to_pylist()
        except UnicodeDecodeError:
            binary = pa.large_binary() if pa.types.is_large_string(cells.type) else pa.binary()
            values = [
                _decode_cut(cell, rows_before + index)
                for index, cell in enumerate(cells.view(binary).to_pylist(), 1)
            ]
        return [(value.strip() or None) if value is not None else None for value in values]
    values = list(cells.to_pylist())
    if pa.types.is_floating(cells.type):
        return [None if value != value else value for value in values]  # noqa: PLR0124 - NaN
    return values


def _decode_cut(cell: bytes | None, row: int) -> str | None:
    """Decode UTF-8 that a fixed-width field may have cut inside its last letter."""
    if cell is None:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(cell)
    except UnicodeDecodeError as err:
        raise UsageError("import.undecodable_row", row=row, encoding="utf-8") from err


def _checked_degrees(rows: Iterator[Row]) -> Iterator[Row]:
    """Refuse a GeoJSON whose coordinates are metres: it has no member that would say so.

    Only the first feature with a geometry decides; a single stray point later is a row's problem.
    """
    undecided = True
    for row in rows:
        if undecided and row.geometry is not None and not row.geometry.is_empty:
            undecided = False
            west, south, east, north = row.geometry.bounds
            if max(abs(west), abs(east)) > _MAX_LONGITUDE or (
                max(abs(south), abs(north)) > _MAX_LONGITUDE
            ):
                raise UsageError("import.geojson_not_degrees", x=west, y=south)
        yield row
