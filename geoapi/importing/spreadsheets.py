# SPDX-License-Identifier: GPL-2.0-or-later
"""Read one sheet of an XLSX workbook row by row."""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from geoapi.errors import UsageError
from geoapi.importing.rows import Row, Source
from geoapi.importing.text_files import clean_header

_BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, OSError)
_XLSX_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})


def read_spreadsheet(path: Path, layer: str | None) -> Source:
    """Open a sheet, the first one when ``layer`` names none.

    Raises:
        UsageError: broken file, no such sheet, empty sheet, repeated columns.
    """
    workbook = _open(path)
    if layer is not None and layer not in workbook.sheetnames:
        workbook.close()
        raise UsageError("import.no_such_layer", layer=layer, layers=", ".join(workbook.sheetnames))
    sheet = workbook[layer] if layer else workbook.worksheets[0]
    sheet.reset_dimensions()  # writers often declare a wrong size
    cells = _numbered(sheet.iter_rows(values_only=True))
    try:
        header = next(cells, None)
    except _BROKEN as err:
        raise UsageError("import.broken_file", path=path.name, format="XLSX") from err
    if header is None:
        workbook.close()
        raise UsageError("import.empty_file", path=path.name)
    columns = clean_header(["" if cell is None else str(cell) for cell in header[1]])
    return Source(
        columns=tuple(column for column in columns if column),
        rows=_rows(path, workbook, cells, columns),
        format="xlsx",
    )


def _open(path: Path) -> Any:  # noqa: ANN401 - openpyxl is published without types
    """Open the workbook without the library's remarks on styles and extensions."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(path, read_only=True, data_only=True)
    except _BROKEN as err:
        raise UsageError("import.broken_file", path=path.name, format="XLSX") from err


def _numbered(rows: Iterator[tuple[Any, ...]]) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """Give every row that is not blank with its number in the sheet."""
    for number, cells in enumerate(rows, 1):
        if any(_value(cell) is not None for cell in cells):
            yield number, cells


def _rows(
    path: Path,
    workbook: Any,  # noqa: ANN401 - openpyxl is published without types
    cells: Iterator[tuple[int, tuple[Any, ...]]],
    columns: list[str],
) -> Iterator[Row]:
    """Read the records below the header and close the workbook after the last."""
    try:
        for number, record in cells:
            values = {
                column: _value(cell)
                for column, cell in zip(columns, record, strict=False)
                if column
            }
            surplus = sum(1 for cell in record[len(columns) :] if _value(cell) is not None)
            yield Row(number, values, surplus=surplus)
    except _BROKEN as err:
        raise UsageError("import.broken_file", path=path.name, format="XLSX") from err
    finally:
        workbook.close()


def _value(cell: Any) -> Any:  # noqa: ANN401 - a cell holds any value
    """Give a cell's value; blanks and spreadsheet errors count as empty."""
    if isinstance(cell, str):
        cell = cell.strip()
        return None if cell in _XLSX_ERRORS else cell or None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date()
    return cell
