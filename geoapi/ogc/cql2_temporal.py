# SPDX-License-Identifier: GPL-2.0-or-later
"""The temporal functions of CQL2 as comparisons of where intervals begin and end.

An instant begins and ends at once.  An open end, ``'..'``, is before or behind everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from geoapi.errors import UsageError
from geoapi.ogc.cql2_values import (
    Reader,
    arguments,
    compare,
    day_bounds,
    day_of,
    read_day,
    read_expression,
    read_instant,
    read_property,
)
from geoapi.store.filter_model import (
    And,
    ComparisonOperator,
    Constant,
    Expression,
    Not,
    Predicate,
    Property,
    Value,
)

type _Side = Literal["a0", "a1", "b0", "b1"]  # where a and b begin (0) and end (1)
type _Domain = Literal["instant", "date"]
# Every function as comparisons that must all hold.  Source: OGC 21-065r2, temporal functions.
_RULES: MappingProxyType[str, tuple[tuple[_Side, ComparisonOperator, _Side], ...]] = (
    MappingProxyType(
        {
            "after": (("a0", ">", "b1"),),
            "before": (("a1", "<", "b0"),),
            "contains": (("a0", "<", "b0"), ("a1", ">", "b1")),
            "during": (("a0", ">", "b0"), ("a1", "<", "b1")),
            "equals": (("a0", "=", "b0"), ("a1", "=", "b1")),
            "finishedby": (("a0", "<", "b0"), ("a1", "=", "b1")),
            "finishes": (("a0", ">", "b0"), ("a1", "=", "b1")),
            "intersects": (("a0", "<=", "b1"), ("a1", ">=", "b0")),
            "meets": (("a1", "=", "b0"),),
            "metby": (("a0", "=", "b1"),),
            "overlappedby": (("a0", ">", "b0"), ("a0", "<", "b1"), ("a1", ">", "b1")),
            "overlaps": (("a0", "<", "b0"), ("a1", ">", "b0"), ("a1", "<", "b1")),
            "startedby": (("a0", "=", "b0"), ("a1", ">", "b1")),
            "starts": (("a0", "=", "b0"), ("a1", "<", "b1")),
        }
    )
)
TEMPORAL_FUNCTIONS = frozenset({f"t_{name}" for name in (*_RULES, "disjoint")})


@dataclass(frozen=True)
class _Span:
    """Where something begins and ends; None is an open end.

    Attributes:
        begins: first moment.
        ends: last moment.
        is_instant: one value that is compared as such, a day among them.
    """

    begins: Expression | None
    ends: Expression | None
    is_instant: bool


def read_temporal(reader: Reader, node: dict[str, Any], depth: int) -> Predicate:
    """Return the condition of a temporal function.

    Raises:
        UsageError: an argument is neither instant nor interval, or days and instants are mixed.
    """
    name = str(node["op"]).lower().removeprefix("t_")
    spans = [_span(reader, each, depth + 1) for each in arguments(node, 2, 2)]
    domain = _domain(spans, name)
    first, second = (_within(span, domain) for span in spans)
    if name == "disjoint":
        return Not(_all(_RULES["intersects"], first, second))
    if name == "equals" and first.is_instant and second.is_instant:
        name = "intersects"  # an instant equals the day in which it lies
    return _all(_RULES[name], first, second)


def _span(reader: Reader, node: Any, depth: int) -> _Span:  # noqa: ANN401 - any JSON
    if isinstance(node, dict) and "interval" in node:
        reader.enter(depth)
        ends = node["interval"]
        if not isinstance(ends, list) or len(ends) != 2:  # noqa: PLR2004 - begin and end
            raise UsageError("cql2.interval", found=str(ends)[:60])
        begins, ends = (_end(reader, each) for each in ends)
        _refuse_reversed(begins, ends)
        return _Span(begins, ends, is_instant=False)
    found = read_expression(reader, node, depth)
    if found.type not in ("instant", "date"):
        raise UsageError("cql2.not_temporal", found=str(node)[:60])
    return _Span(found, found, is_instant=True)


def _end(reader: Reader, node: Any) -> Expression | None:  # noqa: ANN401 - any JSON
    if node == "..":
        return None
    if isinstance(node, str):
        is_day = "T" not in node.upper()
        return Value(read_day(node), "date") if is_day else Value(read_instant(node), "instant")
    if isinstance(node, dict) and ("date" in node or "timestamp" in node):
        return read_expression(reader, node, 0)
    found = read_property(reader, node)
    if found.type not in ("instant", "date"):
        raise UsageError("cql2.not_temporal", found=found.name)
    return found


def _refuse_reversed(begins: Expression | None, ends: Expression | None) -> None:
    if isinstance(begins, Value) and isinstance(ends, Value):
        first, last = _moment(begins, is_end=False), _moment(ends, is_end=True)
        if compare(">", first, last) == Constant(True):
            raise UsageError("cql2.interval_reversed")


def _domain(spans: list[_Span], name: str) -> _Domain:
    """Say whether days or instants are compared: what the properties are decides."""
    types = {
        end.type for span in spans for end in (span.begins, span.ends) if isinstance(end, Property)
    }
    if len(types) > 1:
        raise UsageError("cql2.days_and_instants", name=f"T_{name.upper()}")
    return "date" if types == {"date"} else "instant"


def _within(span: _Span, domain: _Domain) -> _Span:
    if domain == "date":
        begins, ends = (_as_day(end) for end in (span.begins, span.ends))
        return _Span(begins, ends, span.is_instant)
    return _Span(
        _moment(span.begins, is_end=False), _moment(span.ends, is_end=True), span.is_instant
    )


def _as_day(end: Expression | None) -> Expression | None:
    return day_of(end) if isinstance(end, Value) and end.type == "instant" else end


def _moment[E: (Expression, Expression | None)](end: E, *, is_end: bool) -> E:
    """Return the first or the last moment of a day; anything else as it is."""
    if isinstance(end, Value) and end.type == "date":
        return day_bounds(str(end.value))[int(is_end)]
    return end


def _all(
    rules: tuple[tuple[_Side, ComparisonOperator, _Side], ...], first: _Span, second: _Span
) -> Predicate:
    ends = {"a0": first.begins, "a1": first.ends, "b0": second.begins, "b1": second.ends}
    parts = tuple(
        _ordered(sign, (left, ends[left]), (right, ends[right])) for left, sign, right in rules
    )
    return parts[0] if len(parts) == 1 else And(parts)


def _ordered(
    sign: ComparisonOperator,
    left: tuple[_Side, Expression | None],
    right: tuple[_Side, Expression | None],
) -> Predicate:
    if left[1] is not None and right[1] is not None:
        return compare(sign, left[1], right[1])
    # an open beginning is before everything, an open end behind it
    ranks = (
        Value(0.0 if end is not None else (-1.0 if side[1] == "0" else 1.0), "number")
        for side, end in (left, right)
    )
    return compare(sign, *ranks)
