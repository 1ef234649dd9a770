# SPDX-License-Identifier: GPL-2.0-or-later
"""Write Mapbox Vector Tiles: a layer of features as bytes; layers joined are a tile.

Both stores use this one writer, so their tiles are the same bytes.  It writes what we need of the
format: points and polygons, values of text, whole numbers and truth.
Source: Mapbox Vector Tile specification 2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

EXTENT = 4096
POINT, POLYGON = 1, 3
_MOVE_TO, _LINE_TO, _CLOSE = 1, 2, 7
_ONE_BYTE = 0x80

type Value = str | int | bool
# Closed rings without the repeated last vertex, tile coordinates.
type Ring = Sequence[tuple[int, int]]


class Shape(NamedTuple):
    """A feature of a layer.

    Attributes:
        kind: :data:`POINT` or :data:`POLYGON`.
        commands: encoded geometry.
        values: one for each key of the layer; None and '' are left out.
    """

    kind: int
    commands: bytes
    values: Sequence[Value | None]


def _varint(number: int) -> bytes:
    if number < _ONE_BYTE:
        return bytes((number,))
    parts = bytearray()
    while number >= _ONE_BYTE:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


_SMALL = [_varint(number) for number in range(16_384)]


def _number(value: int) -> bytes:
    return _SMALL[value] if value < len(_SMALL) else _varint(value)


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _field(key: int, content: bytes) -> bytes:
    return bytes((key,)) + _number(len(content)) + content


def point_commands(x: int, y: int) -> bytes:
    """Encode one point in tile coordinates."""
    return b"\x09" + _number(_zigzag(x)) + _number(_zigzag(y))


def polygon_commands(rings: Iterable[Ring]) -> bytes:
    """Encode rings: outer ones clockwise on the screen (y down), holes after theirs, the other way.

    Args:
        rings: of one or more polygons, each of three vertices or more.
    """
    parts: list[bytes] = []
    x = y = 0
    for ring in rings:
        for place, (to_x, to_y) in enumerate(ring):
            if place == 0:
                parts.append(_number(1 << 3 | _MOVE_TO))
            elif place == 1:
                parts.append(_number((len(ring) - 1) << 3 | _LINE_TO))
            parts.append(_number(_zigzag(to_x - x)))
            parts.append(_number(_zigzag(to_y - y)))
            x, y = to_x, to_y
        parts.append(_number(1 << 3 | _CLOSE))
    return b"".join(parts)


def _encoded(value: Value) -> bytes:
    if value.__class__ is str:
        text = value.encode()
        return _field(0x22, b"\x0a" + _number(len(text)) + text)
    if value.__class__ is bool:
        return b"\x22\x02\x38\x01" if value else b"\x22\x02\x38\x00"
    return _field(0x22, b"\x28" + _number(int(value)))


def layer(name: str, keys: Sequence[str], shapes: Iterable[Shape]) -> bytes:
    """Encode a layer; nothing when it has no features.

    Args:
        name: of the layer.
        keys: names of the values, in the order of :attr:`Shape.values`.
        shapes: the features.
    """
    places: dict[Value, int] = {}
    place_of, small = places.setdefault, _SMALL
    prefixes = [_number(place) for place in range(len(keys))]
    features: list[bytes] = []
    for kind, commands, values in shapes:
        tags: list[bytes] = []
        for prefix, value in zip(prefixes, values, strict=True):
            if value is not None and value != "":
                # 1 and True are one key of a dict: no layer of ours has both
                tags += (prefix, _number(place_of(value, len(places))))
        packed = b"".join(tags)
        feature = b"\x12%b%b\x18%b\x22%b%b" % (
            small[len(packed)], packed, small[kind], _number(len(commands)), commands,
        )  # fmt: skip
        features += (b"\x12", _number(len(feature)), feature)
    if not features:
        return b""
    content = [_field(0x0A, name.encode()), *features]
    content += [_field(0x1A, key.encode()) for key in keys]
    content += [_encoded(value) for value in places]
    content.append(b"\x28" + _number(EXTENT) + b"\x78\x02")
    return _field(0x1A, b"".join(content))
