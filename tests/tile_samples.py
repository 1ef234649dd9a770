# SPDX-License-Identifier: GPL-2.0-or-later
"""A second, plain way to rank points and to read vector tiles, to hold ours against."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geoapi.store.tile_grid import ALL_ZOOM, cell_shift


def plain_counts(points: Mapping[str, tuple[int, int]]) -> dict[str, dict[int, int]]:
    """Return {name: {zoom at which it is first in its cell: points in the cell}}.

    Args:
        points: {name: (cell, rank)}.
    """
    found: dict[str, dict[int, int]] = {name: {} for name in points}
    for zoom in range(ALL_ZOOM):
        cells: dict[int, list[str]] = {}
        for name, (cell, _) in points.items():
            cells.setdefault(cell >> cell_shift(zoom), []).append(name)
        for names in cells.values():
            found[min(names, key=lambda name: points[name][1])][zoom] = len(names)
    return found


def read_tile(body: bytes) -> dict[str, list[dict[str, Any]]]:
    """Decode a vector tile: {layer: [{"type", "rings" (lists of tile coordinates), properties}]}.

    Source: Mapbox Vector Tile specification 2.1.
    """
    return dict(_layer(value) for number, value in _fields(body) if number == 3)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data: bytes) -> list[tuple[int, Any]]:
    found, at = [], 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
        elif key & 7 == 2:
            length, at = _varint(data, at)
            value, at = data[at : at + length], at + length
            assert len(value) == length
        else:
            raise AssertionError(f"wire type {key & 7}")
        found.append((key >> 3, value))
    return found


def _packed(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _value(data: bytes) -> Any:
    ((number, value),) = _fields(data)
    return value.decode() if number == 1 else {5: int, 7: bool}[number](value)


def _layer(data: bytes) -> tuple[str, list[dict[str, Any]]]:
    fields = _fields(data)
    name = next(value.decode() for number, value in fields if number == 1)
    assert next(value for number, value in fields if number == 15) == 2
    keys = [value.decode() for number, value in fields if number == 3]
    values = [_value(value) for number, value in fields if number == 4]
    assert len(set(keys)) == len(keys)
    features = []
    for number, value in fields:
        if number == 2:
            own = dict(_fields(value))
            tags = _packed(own[2])
            pairs = zip(tags[::2], tags[1::2], strict=True)
            features.append(
                {
                    "type": own[3],
                    "rings": _rings(_packed(own[4])),
                    "properties": {keys[k]: values[v] for k, v in pairs},
                }
            )
    return name, features


def _rings(commands: list[int]) -> list[list[tuple[int, int]]]:
    rings: list[list[tuple[int, int]]] = []
    at = x = y = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            assert count == 1
            rings[-1].append(rings[-1][0])
            continue
        for _ in range(count):
            x += (commands[at] >> 1) ^ -(commands[at] & 1)
            y += (commands[at + 1] >> 1) ^ -(commands[at + 1] & 1)
            at += 2
            if command == 1:
                rings.append([])
            rings[-1].append((x, y))
    return rings
