# SPDX-License-Identifier: GPL-2.0-or-later
"""Values of CQL2: read from its JSON form, with a type each, and compared by their types.

A day, DATE('2026-11-22'), is that whole day in Thailand, as it is in ``datetime=``: compared with
an instant it is all of its milliseconds, and an instant compared with a day is the day it lies in.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from geoapi.collection_model import Collection
from geoapi.errors import UsageError
from geoapi.store.filter_model import (
    And,
    Arithmetic,
    ArithmeticOperator,
    Comparison,
    ComparisonOperator,
    Constant,
    Expression,
    Fold,
    Folded,
    Or,
    Predicate,
    Property,
    Value,
)
from geoapi.store.text_folding import folded
from geoapi.types import JsonObject

BANGKOK = ZoneInfo("Asia/Bangkok")
LAST_MOMENT = time(23, 59, 59, 999_000)  # both stores keep milliseconds
MOST_NESTED, MOST_TERMS = 24, 500
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COMPARE = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, ">": operator.gt,
    "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
_MIRRORED: dict[ComparisonOperator, ComparisonOperator] = {
    "=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<=",
}  # fmt: skip
_ARITHMETIC: dict[str, ArithmeticOperator] = {
    "+": "+", "-": "-", "*": "*", "/": "/", "%": "%", "div": "div", "^": "^",
}  # fmt: skip
_FOLDS: dict[str, Fold] = {"casei": "casei", "accenti": "accenti"}
# Beyond these a number that is reckoned with could leave what a floating point number holds.
_LARGEST_TERM, _LARGEST_EXPONENT = 1e15, 8


@dataclass
class Reader:
    """A filter being read.

    Attributes:
        collection: which is asked.
        crs: of the coordinates in it.
        terms: how many parts were read so far.
    """

    collection: Collection
    crs: str
    terms: int = 0

    def enter(self, depth: int) -> None:
        """Count one more part.

        Raises:
            UsageError: there are too many, or they stand too deep in each other.
        """
        self.terms += 1
        if depth > MOST_NESTED:
            raise UsageError("cql2.too_deep", most=MOST_NESTED)
        if self.terms > MOST_TERMS:
            raise UsageError("cql2.too_many", most=MOST_TERMS)


def arguments(node: dict[str, Any], least: int, most: int) -> list[Any]:
    """Return the arguments of an operation.

    Raises:
        UsageError: there are too few or too many.
    """
    found = node.get("args")
    if not isinstance(found, list) or not least <= len(found) <= most:
        wanted = str(least) if least == most else f"{least}+"
        raise UsageError("cql2.arguments", name=str(node.get("op"))[:40], wanted=wanted)
    return found


def read_property(reader: Reader, node: Any) -> Property:  # noqa: ANN401 - any JSON
    """Return the property that a node names.

    Raises:
        UsageError: the collection has none of that name; the message names those it has.
    """
    name = node.get("property") if isinstance(node, dict) else None
    known = reader.collection.filter_properties
    if not isinstance(name, str) or name not in known:
        raise UsageError("cql2.unknown_property", name=str(name)[:80], known=", ".join(known))
    return known[name]


def read_expression(reader: Reader, node: Any, depth: int) -> Expression:  # noqa: ANN401
    """Return the value that a node stands for.

    Raises:
        UsageError: it is none.
    """
    reader.enter(depth)
    if isinstance(node, bool):
        return Value(node, "boolean")
    if isinstance(node, int | float):
        return Value(_number(node), "number")
    if isinstance(node, str):
        return Value(_text(node), "text")
    for member, read in _MEMBERS.items():
        if isinstance(node, dict) and member in node:
            return read(reader, node, depth)
    raise UsageError("cql2.no_value", found=str(node)[:60])


def _number(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UsageError("cql2.number", found=str(value)[:40])
    return number


def _text(text: str) -> str:
    if "\0" in text:
        raise UsageError("cql2.nul")
    return text


def read_day(text: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a day as ISO text.

    Raises:
        UsageError: the calendar has no such day.
    """
    try:
        if not isinstance(text, str) or not _DAY.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise UsageError("cql2.day", found=str(text)[:40]) from error


def read_instant(text: Any) -> datetime:  # noqa: ANN401 - any JSON
    """Return an instant, UTC, to the millisecond.

    Raises:
        UsageError: it is none, or has no time.
    """
    try:
        if not isinstance(text, str) or _DAY.fullmatch(text):
            raise ValueError(text)
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=UTC)
        instant = instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError("cql2.instant", found=str(text)[:40]) from error
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def day_bounds(day: str) -> tuple[Value, Value]:
    """Return the first and the last millisecond of a day in Thailand.

    Raises:
        UsageError: they are outside of the calendar.
    """
    found = date.fromisoformat(day)
    try:
        first, last = (
            datetime.combine(found, moment, BANGKOK).astimezone(UTC)
            for moment in (time.min, LAST_MOMENT)
        )
    except OverflowError as error:
        raise UsageError("cql2.day", found=day) from error
    return Value(first, "instant"), Value(last, "instant")


def day_of(value: Value) -> Value:
    """Return the day in Thailand in which an instant lies."""
    if not isinstance(value.value, datetime):
        raise TypeError(value)
    try:
        return Value(value.value.astimezone(BANGKOK).date().isoformat(), "date")
    except OverflowError as error:
        raise UsageError("cql2.instant", found=value.value.isoformat()) from error


def _operation(reader: Reader, node: dict[str, Any], depth: int) -> Expression:
    name = str(node["op"]).lower()
    if name in _FOLDS:
        (argument,) = (read_expression(reader, each, depth + 1) for each in arguments(node, 1, 1))
        if argument.type != "text":
            raise UsageError("cql2.not_text", name=name.upper())
        return fold(argument, _FOLDS[name])
    if name in _ARITHMETIC:
        left, right = (read_expression(reader, each, depth + 1) for each in arguments(node, 2, 2))
        return _reckoned(_ARITHMETIC[name], left, right)
    raise UsageError("cql2.unknown_function", name=str(node["op"])[:40])


def fold(argument: Expression, kind: Fold) -> Expression:
    """Return a text without case or accents; a literal at once."""
    if isinstance(argument, Value) and isinstance(argument.value, str):
        return Value(folded(argument.value, kind), "text")
    return Folded(argument, kind)


def _reckoned(sign: ArithmeticOperator, left: Expression, right: Expression) -> Expression:
    for side in (left, right):
        if side.type != "number":
            raise UsageError("cql2.not_number", operator=sign)
        is_literal = isinstance(side, Value)
        if is_literal and abs(_as_float(side)) > _LARGEST_TERM:
            raise UsageError("cql2.number", found=f"{_as_float(side):g}")
    if sign == "^":
        exponent = _as_float(right) if isinstance(right, Value) else -1.0
        if exponent not in range(_LARGEST_EXPONENT + 1):
            raise UsageError("cql2.exponent", most=_LARGEST_EXPONENT)
    return Arithmetic(sign, left, right)


def _as_float(value: Expression) -> float:
    if not isinstance(value, Value) or not isinstance(value.value, float):
        raise TypeError(value)
    return value.value


def compare(sign: ComparisonOperator, left: Expression, right: Expression) -> Predicate:
    """Return the comparison of two values.

    Raises:
        UsageError: their types differ, or have no such comparison.
    """
    if left.type == "date" and right.type == "instant":
        return compare(_MIRRORED[sign], right, left)
    if left.type == "instant" and right.type == "date":
        return _compare_with_day(sign, left, right)
    has_order = left.type != "boolean" or sign in ("=", "<>")
    if left.type != right.type or left.type in ("geometry", "array") or not has_order:
        raise UsageError("cql2.types_differ", operator=sign, left=_shown(left), right=_shown(right))
    if isinstance(left, Value) and isinstance(right, Value):
        return Constant(bool(_COMPARE[sign](left.value, right.value)))
    return Comparison(sign, left, right)


def _compare_with_day(sign: ComparisonOperator, left: Expression, right: Expression) -> Predicate:
    if isinstance(right, Value):
        first, last = day_bounds(str(right.value))
        if sign == "=":
            return And((compare(">=", left, first), compare("<=", left, last)))
        if sign == "<>":
            return Or((compare("<", left, first), compare(">", left, last)))
        return compare(sign, left, first if sign in ("<", ">=") else last)
    if isinstance(left, Value):
        return compare(sign, day_of(left), right)
    raise UsageError("cql2.types_differ", operator=sign, left=_shown(left), right=_shown(right))


def _shown(expression: Expression) -> str:
    if isinstance(expression, Property):
        return f"{expression.name} ({expression.type})"
    return expression.type


_MEMBERS: Mapping[str, Callable[[Reader, JsonObject, int], Expression]] = {
    "property": lambda reader, node, _depth: read_property(reader, node),
    "date": lambda _reader, node, _depth: Value(read_day(node["date"]), "date"),
    "timestamp": lambda _reader, node, _depth: Value(read_instant(node["timestamp"]), "instant"),
    "op": _operation,
}
