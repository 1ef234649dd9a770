# SPDX-License-Identifier: GPL-2.0-or-later
"""Read citizen guides: services of a JSON file, or of a table with one row per document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from geoapi.errors import UsageError
from geoapi.importing.encodings import detect_file_encoding
from geoapi.importing.guide_mapping import GuideMapping
from geoapi.importing.readers import read_rows
from geoapi.importing.rows import Row

_MAX_BYTES = 64 * 1024 * 1024  # all services of the country are some ten megabytes


@dataclass(frozen=True)
class RawService:
    """One service as the file has it.

    Attributes:
        number: ordinal from 1 in JSON; line of its first row in a table.
        values: members or columns; lists of a table's rows stand under the mapping's names.
    """

    number: int
    values: Any


def read_guide(path: Path, mapping: GuideMapping, encoding: str | None = None) -> list[RawService]:
    """Read all services of a file.

    Raises:
        UsageError: missing, empty, too large, undecodable or broken; no services in it.
    """
    if not path.is_file():
        raise UsageError("import.no_such_file", path=str(path))
    if path.stat().st_size == 0:
        raise UsageError("import.empty_file", path=path.name)
    if path.stat().st_size > _MAX_BYTES:
        raise UsageError("services.import.too_large", path=path.name, most=_MAX_BYTES >> 20)
    if mapping.format == "json":
        found = _from_json(path, mapping, encoding)
    else:
        found = list(_from_table(path, mapping, encoding))
    if not found:
        raise UsageError("services.import.no_services", path=path.name)
    return found


def _from_json(path: Path, mapping: GuideMapping, encoding: str | None) -> list[RawService]:
    text = path.read_text(encoding=detect_file_encoding(path, encoding))
    try:
        content = orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise UsageError("import.broken_file", path=path.name, format="JSON") from error
    if isinstance(content, dict) and isinstance(content.get(mapping.records), list):
        content = content[mapping.records]
    services = content if isinstance(content, list) else [content]
    return [RawService(number, values) for number, values in enumerate(services, 1)]


def _from_table(path: Path, mapping: GuideMapping, encoding: str | None) -> Iterator[RawService]:
    """Put the rows of one service together: those with the same code, or else the same name."""
    source = read_rows(path, encoding=encoding)
    name_column, code_column = mapping.service["name_th"], mapping.service.get("code")
    if name_column not in source.columns:
        raise UsageError(
            "import.missing_columns", missing=name_column, columns=", ".join(source.columns) or "-"
        )
    rows_by_key: dict[str, list[Row]] = {}
    for row in source:
        key = row.text(code_column) or row.text(name_column)
        rows_by_key.setdefault(key, []).append(row)
    for rows in rows_by_key.values():
        yield RawService(rows[0].number, _joined(rows, mapping))


def _joined(rows: list[Row], mapping: GuideMapping) -> dict[str, Any]:
    values: dict[str, Any] = dict(rows[0].values)
    for name, members in mapping.lists.items():
        if name == "documents":
            column = members["name_th"]
            values[members["from"]] = [dict(row.values) for row in rows if row.text(column)]
        else:
            number = next((m for m in ("minutes", "amount") if m in members), "")
            values[members["from"]] = _cell_list(
                rows[0].text(members["from"]), members.get(number, "number")
            )
    return values


def _cell_list(cell: str, number: str) -> list[dict[str, str]]:
    """Read ``name|number; name|number`` from a cell.

    >>> _cell_list("พิจารณา|110; ลงนาม", "minutes")
    [{'name': 'พิจารณา', 'minutes': '110'}, {'name': 'ลงนาม'}]
    """
    found = []
    for part in cell.split(";"):
        name, _, value = (piece.strip() for piece in part.partition("|"))
        if name:
            found.append({"name": name, number: value} if value else {"name": name})
    return found
