# SPDX-License-Identifier: GPL-2.0-or-later
"""Open a file of any accepted format and give its rows one by one."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

from geoapi.errors import UsageError
from geoapi.importing.rows import Source
from geoapi.importing.spreadsheets import read_spreadsheet
from geoapi.importing.text_files import read_text_table
from geoapi.importing.vector_files import read_geoparquet, read_vector

FORMAT_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".gpkg": "gpkg",
    ".geojson": "geojson",
    ".json": "geojson",
    ".fgb": "flatgeobuf",
    ".parquet": "geoparquet",
    ".geoparquet": "geoparquet",
    ".shp": "shapefile",
    ".zip": "shapefile",
}
"""Format by the end of the file's name."""


def read_rows(path: Path | str, *, layer: str | None = None, encoding: str | None = None) -> Source:
    """Open a file and give what is known of it with an iterator over its rows.

    Tables are streamed; layers are read in batches. The rows can be iterated once.

    Args:
        path: CSV, TSV, XLSX, GeoPackage, GeoJSON, FlatGeobuf, GeoParquet or Shapefile (.shp, or
            .zip with one inside), told apart by the end of its name.
        layer: of a GeoPackage, or sheet of a workbook.
        encoding: of a table's or Shapefile's text; found by content when ``None``.

    Raises:
        UsageError: missing or empty file, unknown format, undecodable bytes (with the line),
            broken file, no such layer.
    """
    path = Path(path)
    if not path.is_file():
        raise UsageError("import.no_such_file", path=str(path))
    if path.stat().st_size == 0:
        raise UsageError("import.empty_file", path=path.name)
    file_format = FORMAT_BY_SUFFIX.get(path.suffix.lower())
    match file_format:
        case None:
            raise UsageError(
                "import.unknown_format",
                path=path.name,
                accepted=", ".join(sorted(FORMAT_BY_SUFFIX)),
            )
        case "csv":
            return read_text_table(path, encoding)
        case "xlsx":
            return read_spreadsheet(path, layer)
        case "geoparquet":
            return read_geoparquet(path)
        case "shapefile" if path.suffix.lower() == ".zip":
            return _read_zip(path, layer, encoding)
        case _:
            return read_vector(path, file_format, layer, encoding)


def with_declared_crs(source: Source, crs: str | None) -> Source:
    """Let the CRS that the user names stand over the one the file declares."""
    return replace(source, crs=crs) if crs else source


def _read_zip(path: Path, layer: str | None, encoding: str | None) -> Source:
    """Open the Shapefile in an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            shapes = [name for name in archive.namelist() if name.lower().endswith(".shp")]
    except (zipfile.BadZipFile, OSError) as err:
        raise UsageError("import.broken_file", path=path.name, format="ZIP") from err
    if not shapes:
        raise UsageError("import.zip_without_shapefile", path=path.name)
    return read_vector(path, "shapefile", layer, encoding)
