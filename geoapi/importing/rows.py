# SPDX-License-Identifier: GPL-2.0-or-later
"""What every reader gives and every mapping takes: rows, sources and problems of rows."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shapely.geometry.base import BaseGeometry

from geoapi.errors import Problem, UsageError


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file.

    Attributes:
        number: as the reader of the file counts: the line of a table whose first line is the
            header (2 is the first record), the ordinal from 1 of a feature in a layer.
        values: by column name; ``None`` where the cell is empty.
        geometry: in the source's CRS, ``None`` when there is none.
        surplus: cells beyond the last column; more than 0 means that the columns have shifted.
    """

    number: int
    values: Mapping[str, Any]
    geometry: BaseGeometry | None = None
    surplus: int = 0

    def text(self, column: str | None) -> str:
        """Give a cell as text without blanks around it, ``""`` when it is empty or absent.

        Whole numbers that a spreadsheet keeps as floating point lose their ``.0``.
        """
        value = self.values.get(column) if column else None
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return str(value).strip()


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: what is known before the first row, and the rows, once.

    Attributes:
        columns: in the file's order.
        rows: read while you iterate; a fault later in the file raises ``UsageError`` there.
        format: ``csv``, ``tsv``, ``xlsx``, ``gpkg``, ``geojson``, ``flatgeobuf``, ``geoparquet``
            or ``shapefile``.
        crs: ``EPSG:n`` or ``OGC:CRS84`` as the file declares it, WKT when it has no code,
            ``None`` when the file does not say.
        encoding: of the text, ``None`` where the format fixes it.
        total: number of rows when it is known without reading them, for progress.
    """

    columns: tuple[str, ...]
    rows: Iterator[Row]
    format: str
    crs: str | None = None
    encoding: str | None = None
    total: int | None = None

    def __iter__(self) -> Iterator[Row]:
        return self.rows


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one row: where, what it holds, and the message that says so.

    Attributes:
        row: the row's number, see ``Row.number``.
        field: column, or property of the draft when no column gave it.
        value: what stands there, as text; never of a field about a person.
        message_id: key in ``data/messages``.
        params: values for the message's placeholders, without ``row``, ``field`` and ``value``.
    """

    row: int
    field: str
    value: str
    message_id: str
    params: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def placeholders(self) -> dict[str, Any]:
        """Give everything that the message's placeholders can stand for."""
        return {**self.params, "row": self.row, "field": self.field, "value": self.value}


def row_problem(row: Row, field_name: str, problem: Problem) -> RowProblem:
    """Place a problem of a value in its row; ``value`` is taken from the problem's parameters."""
    params = dict(problem.params)
    value = str(params.pop("value", ""))
    return RowProblem(row.number, field_name, value, problem.message_id, params)


def require_columns(source: Source, needed: tuple[str, ...]) -> None:
    """Check that the source has all the columns.

    Raises:
        UsageError: ``import.missing_columns`` with the missing and the present ones.
    """
    missing = [column for column in needed if column not in source.columns]
    if missing:
        raise UsageError(
            "import.missing_columns",
            missing=", ".join(missing),
            columns=", ".join(source.columns) or "-",
        )
