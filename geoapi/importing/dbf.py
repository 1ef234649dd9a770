# SPDX-License-Identifier: GPL-2.0-or-later
"""Find the text encoding of a Shapefile: its .cpg when it has one, else the bytes of its .dbf.

Thai Shapefiles seldom carry a .cpg, and the language byte of the .dbf is mostly wrong.
Source: dBASE III+ table layout (32-byte header, 32-byte field descriptors, fixed-width records).
"""

from __future__ import annotations

import codecs
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from geoapi.errors import UsageError
from geoapi.importing.encodings import guess_thai_encoding

_HEADER = struct.Struct("<4xIHH20x")
_DESCRIPTOR_BYTES = 32
_FIELD_LENGTH_AT = 16
_FIELD_TYPE_AT = 11
_MAX_RECORDS = 20_000


def shapefile_encoding(path: Path) -> str | None:
    """Name the encoding to read the attributes in, ``None`` to leave it to the .cpg.

    Args:
        path: a .shp file or a .zip that holds one.

    Raises:
        UsageError: ``import.missing_sidecar`` without a .dbf, ``import.undecodable_attributes``.
    """
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if any(name.endswith(".cpg") for name in names):
                return None
            dbf = next((names[name] for name in names if name.endswith(".dbf")), None)
            if dbf is None:
                raise UsageError("import.missing_sidecar", path=path.name, sidecar=".dbf")
            with archive.open(dbf) as file:
                return _detect(file, path.name)
    siblings = {item.name.lower(): item for item in path.parent.glob(f"{_escape(path.stem)}.*")}
    if f"{path.stem}.cpg".lower() in siblings:
        return None
    sibling = siblings.get(f"{path.stem}.dbf".lower())
    if sibling is None:
        raise UsageError("import.missing_sidecar", path=path.name, sidecar=".dbf")
    with sibling.open("rb") as file:
        return _detect(file, path.name)


def _escape(stem: str) -> str:
    """Quote the characters that mean something in a file name pattern."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in stem)


def _detect(file: IO[bytes], name: str) -> str:
    """Try UTF-8, whose last letter a field may cut, then Thai bytes."""
    cells = list(_text_cells(file))
    if all(_is_utf8(cell) for cell in cells):
        return "UTF-8"
    guess = guess_thai_encoding(cell + b"\n" for cell in cells)
    if guess is None:
        raise UsageError("import.undecodable_attributes", path=name)
    return guess


def _is_utf8(cell: bytes) -> bool:
    """Tell whether the cell is UTF-8, allowing for an unfinished last letter."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(cell)
    except UnicodeDecodeError:
        return False
    return True


def _text_cells(file: IO[bytes]) -> Iterator[bytes]:
    """Give the non-empty cells of the character fields."""
    header = file.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return
    record_count, header_bytes, record_bytes = _HEADER.unpack(header)
    descriptors = file.read(max(0, header_bytes - _HEADER.size))
    fields: list[tuple[int, int]] = []
    offset = 1  # the deletion flag
    for start in range(0, len(descriptors) - _DESCRIPTOR_BYTES + 1, _DESCRIPTOR_BYTES):
        length = descriptors[start + _FIELD_LENGTH_AT]
        if descriptors[start + _FIELD_TYPE_AT : start + _FIELD_TYPE_AT + 1] == b"C":
            fields.append((offset, offset + length))
        offset += length
    for _ in range(min(record_count, _MAX_RECORDS)):
        record = file.read(record_bytes)
        for start, end in fields:
            if cell := record[start:end].strip(b" \x00"):
                yield cell
