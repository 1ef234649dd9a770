# SPDX-License-Identifier: GPL-2.0-or-later
"""Read CSV and TSV files row by row, in whatever encoding and with whatever delimiter they have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from geoapi.errors import UsageError
from geoapi.importing.encodings import detect_file_encoding
from geoapi.importing.rows import Row, Source
from geoapi.thai import canonical_text

_DELIMITERS = (",", "\t", ";", "|")
_SAMPLE_CHARACTERS = 1 << 16
_SAMPLE_RECORDS = 20


def read_text_table(path: Path, encoding: str | None) -> Source:
    """Open a CSV or TSV file.

    Raises:
        UsageError: empty file, undecodable bytes, repeated columns.
    """
    found = detect_file_encoding(path, encoding)
    with path.open(encoding=found, newline="") as file:
        sample = file.read(_SAMPLE_CHARACTERS)
    delimiter = sniff_delimiter(sample)
    header = next(_records(io.StringIO(sample, newline=""), delimiter), None)
    if header is None:
        raise UsageError("import.empty_file", path=path.name)
    columns = clean_header(header[1])
    return Source(
        columns=tuple(column for column in columns if column),
        rows=_rows(path, found, delimiter, columns),
        format="tsv" if delimiter == "\t" else "csv",
        encoding=found,
    )


def sniff_delimiter(sample: str) -> str:
    r"""Choose the delimiter that cuts the first records into equally many cells.

    >>> sniff_delimiter("code\tname\n1\tก, ข\n"), sniff_delimiter("a;b,c;d\n1;2;3\n")
    ('\t', ';')
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        widths = _sample_widths(sample, delimiter)
        if not widths or widths[0] == 1:
            continue
        score = (widths.count(widths[0]) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample_widths(sample: str, delimiter: str) -> list[int]:
    """Count the cells of the first records, without the last one, which may be cut off."""
    widths: list[int] = []
    try:
        for _, cells in _records(io.StringIO(sample, newline=""), delimiter):
            widths.append(len(cells))
            if len(widths) > _SAMPLE_RECORDS:
                break
    except UsageError:
        return []
    return widths[:-1] if len(widths) > 2 else widths  # noqa: PLR2004 - header and one record


def clean_header(cells: list[str]) -> list[str]:
    """Canonicalise column names; ``""`` marks a column without a name, which is not read.

    Raises:
        UsageError: ``import.duplicate_column``.
    """
    columns = [canonical_text(cell) for cell in cells]
    for column in columns:
        if column and columns.count(column) > 1:
            raise UsageError("import.duplicate_column", column=column)
    if not any(columns):
        raise UsageError("import.no_header")
    return columns


def _records(file: io.TextIOBase, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give the number of the first line and the cells of every record that is not blank."""
    reader = csv.reader(file, delimiter=delimiter)
    first_line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield first_line, cells
            first_line = reader.line_num + 1
    except csv.Error as err:
        raise UsageError("import.broken_record", line=first_line, reason=str(err)) from err


def _rows(path: Path, encoding: str, delimiter: str, columns: list[str]) -> Iterator[Row]:
    """Read the records below the header."""
    with path.open(encoding=encoding, newline="") as file:
        records = _records(file, delimiter)
        next(records)
        for line, cells in records:
            values = {
                column: cell.strip() or None
                for column, cell in zip(columns, cells, strict=False)
                if column
            }
            surplus = sum(1 for cell in cells[len(columns) :] if cell.strip())
            yield Row(line, values, surplus=surplus)
