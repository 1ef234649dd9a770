# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a filter in CQL2 (OGC 21-065r2), text or JSON, into a checked tree for the store.

Whatever a client sends ends here: names are those of the collection's queryables, types agree,
sizes are limited.  What comes out is plain data that :mod:`geoapi.store.filter_sql` spells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import orjson

from geoapi.collection_model import Collection
from geoapi.errors import UsageError
from geoapi.ogc.cql2_geometry import SPATIAL_FUNCTIONS, read_spatial
from geoapi.ogc.cql2_temporal import TEMPORAL_FUNCTIONS, read_temporal
from geoapi.ogc.cql2_text import text_to_json
from geoapi.ogc.cql2_values import (
    MOST_NESTED,
    MOST_TERMS,
    Reader,
    arguments,
    compare,
    read_expression,
)
from geoapi.ogc.crs import CRS84
from geoapi.store.filter_model import (
    Among,
    And,
    ArrayOperator,
    ComparisonOperator,
    Constant,
    Expression,
    Fold,
    IsNull,
    Like,
    Lists,
    Not,
    Or,
    Predicate,
    Property,
    Value,
)
from geoapi.store.text_folding import folded
from geoapi.types import JsonObject

type FilterLanguage = Literal["cql2-text", "cql2-json"]
FILTER_LANGUAGES: tuple[FilterLanguage, ...] = ("cql2-text", "cql2-json")
MOST_CHARACTERS = 10_000
_MOST_PATTERN = 250
_COMPARISONS: dict[str, ComparisonOperator] = {
    "=": "=", "<>": "<>", "<": "<", ">": ">", "<=": "<=", ">=": ">=",
}  # fmt: skip
_LISTS: dict[str, ArrayOperator] = {
    "a_equals": "equals",
    "a_contains": "contains",
    "a_containedby": "contained_by",
    "a_overlaps": "overlaps",
}


def read_filter(
    collection: Collection, text: str, language: FilterLanguage = "cql2-text", crs: str = CRS84
) -> Predicate:
    """Return the checked tree of a filter.

    Args:
        collection: whose queryables it may name.
        text: as a client sent it.
        language: text or JSON form.
        crs: URI of the reference system of coordinates in it.

    Raises:
        UsageError: it is not CQL2, names what is not there, compares what does not compare, or
            is too large; the message says which and where.
    """
    if len(text) > MOST_CHARACTERS:
        raise UsageError("cql2.too_long", most=MOST_CHARACTERS)
    if "\0" in text:
        raise UsageError("cql2.nul")
    try:
        return read_predicate(Reader(collection, crs), parse(text, language), 0)
    except RecursionError as error:  # JSON that is deeper than Python can show
        raise UsageError("cql2.too_deep", most=MOST_NESTED) from error


def parse(text: str, language: FilterLanguage) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON form of a filter.

    Raises:
        UsageError: it can't be read.
    """
    if language == "cql2-text":
        return text_to_json(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError("cql2.json_broken", reason=str(error)[:120]) from error


def read_predicate(reader: Reader, node: Any, depth: int) -> Predicate:  # noqa: ANN401 - any JSON
    """Return the condition that a node stands for.

    Raises:
        UsageError: it is none.
    """
    reader.enter(depth)
    if isinstance(node, bool):
        return Constant(node)
    if isinstance(node, dict) and "property" in node:
        truth = read_expression(reader, node, depth)
        if truth.type == "boolean":
            return compare("=", truth, Value(True, "boolean"))
    if not isinstance(node, dict) or not isinstance(node.get("op"), str):
        raise UsageError("cql2.no_condition", found=str(node)[:60])
    return _operation(reader, node, depth)


def _operation(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    name = node["op"].lower()
    if name in ("and", "or"):
        parts = tuple(
            read_predicate(reader, part, depth + 1) for part in arguments(node, 1, MOST_TERMS)
        )
        return And(parts) if name == "and" else Or(parts)
    if name == "not":
        return Not(read_predicate(reader, arguments(node, 1, 1)[0], depth + 1))
    if name in _COMPARISONS:
        left, right = (read_expression(reader, each, depth + 1) for each in arguments(node, 2, 2))
        return compare(_COMPARISONS[name], left, right)
    special = _SPECIAL.get(name)
    if special is None:
        raise UsageError("cql2.unknown_function", name=str(node["op"])[:40])
    return special(reader, node, depth)


def _like(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    argument, pattern = arguments(node, 2, 2)
    value = read_expression(reader, argument, depth + 1)
    if value.type != "text":
        raise UsageError("cql2.not_text", name="LIKE")
    found = _pattern(reader, pattern, depth + 1)
    if isinstance(value, Value):
        raise UsageError("cql2.no_property", name="LIKE")
    return Like(value, found)


def _pattern(reader: Reader, node: Any, depth: int) -> str:  # noqa: ANN401 - any JSON
    reader.enter(depth)
    if isinstance(node, str):
        if len(node) > _MOST_PATTERN:
            raise UsageError("cql2.pattern", most=_MOST_PATTERN)
        if "\0" in node:
            raise UsageError("cql2.nul")
        # a last backslash takes nothing as it is, which databases refuse: it stands for itself
        ending = len(node) - len(node.rstrip("\\"))
        return node + "\\" if ending % 2 else node
    kinds: dict[str, Fold] = {"casei": "casei", "accenti": "accenti"}
    kind = kinds.get(str(node.get("op")).lower()) if isinstance(node, dict) else None
    if kind is None:
        raise UsageError("cql2.pattern", most=_MOST_PATTERN)
    return folded(_pattern(reader, arguments(node, 1, 1)[0], depth + 1), kind)


def _between(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    value, low, high = (read_expression(reader, e, depth + 1) for e in arguments(node, 3, 3))
    return And((compare(">=", value, low), compare("<=", value, high)))


def _among(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    argument, listed = arguments(node, 2, 2)
    if not isinstance(listed, list) or not listed:
        raise UsageError("cql2.list", name="IN")
    value = read_expression(reader, argument, depth + 1)
    options = tuple(read_expression(reader, each, depth + 1) for each in listed)
    parts = tuple(compare("=", value, option) for option in options)
    is_plain = not isinstance(value, Value) and all(
        isinstance(option, Value) and option.type == value.type for option in options
    )
    return Among(value, options) if is_plain else Or(parts)


def _is_null(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    (argument,) = arguments(node, 1, 1)
    found = read_expression(reader, argument, depth + 1)
    if not isinstance(found, Property):
        raise UsageError("cql2.no_property", name="IS NULL")
    return IsNull(found)


def _compare_lists(reader: Reader, node: JsonObject, depth: int) -> Predicate:
    operator = _LISTS[node["op"].lower()]
    left, right = (_list(reader, each, depth + 1, node["op"]) for each in arguments(node, 2, 2))
    if isinstance(left, Value) and isinstance(right, Value):
        raise UsageError("cql2.no_property", name=node["op"].upper())
    return Lists(operator, left, right)


def _list(reader: Reader, node: Any, depth: int, name: str) -> Expression:  # noqa: ANN401
    if isinstance(node, dict) and "property" in node:
        found = read_expression(reader, node, depth)
        if found.type != "array":
            raise UsageError("cql2.list", name=name.upper())
        return found
    # in the text form brackets around one member are brackets
    listed = node if isinstance(node, list) else [node]
    members = [read_expression(reader, member, depth) for member in listed]
    texts = tuple(m.value for m in members if isinstance(m, Value) and isinstance(m.value, str))
    if len(texts) != len(members) or any(member.type != "text" for member in members):
        raise UsageError("cql2.list", name=name.upper())
    return Value(texts, "array")


_SPECIAL: Mapping[str, Callable[[Reader, JsonObject, int], Predicate]] = {
    "like": _like,
    "between": _between,
    "in": _among,
    "isnull": _is_null,
    **dict.fromkeys(SPATIAL_FUNCTIONS, read_spatial),
    **dict.fromkeys(TEMPORAL_FUNCTIONS, read_temporal),
    **dict.fromkeys(_LISTS, _compare_lists),
}
