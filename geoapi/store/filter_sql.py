# SPDX-License-Identifier: GPL-2.0-or-later
"""Spell a checked filter as one SQL condition, for either store.

NOT is carried down to the single conditions, and each asks that its values are there; so both
stores agree on what is neither true nor false, and columns stay bare for their indexes.  Column
names and paths come from the definitions of the collections only, values are parameters.
"""

from __future__ import annotations

import json
import re
from typing import Any, Protocol

import shapely

from geoapi.store.database import Backend
from geoapi.store.filter_model import (
    Among,
    And,
    Arithmetic,
    Comparison,
    Constant,
    Expression,
    Folded,
    IsNull,
    Leaf,
    Like,
    Lists,
    Not,
    Or,
    Predicate,
    Property,
    Spatial,
    Value,
    ValueType,
)
from geoapi.store.text_folding import postgis_fold

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_ALWAYS, _NEVER = "1 = 1", "1 = 0"
# Columns of texts and days are '' where there is no value; all others are never empty.
_MAYBE_EMPTY: frozenset[ValueType] = frozenset({"text", "date"})
_POSTGIS_CASTS: dict[ValueType, str] = {
    "text": "::text",
    "number": "::float8",
    "boolean": "::boolean",
    "date": "::text",
    "instant": "::timestamptz",
}
_INSTANT_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$"
_DAY_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
# What a value in the stored document must be to count, as PostgreSQL's paths say it.
_POSTGIS_TESTS: dict[ValueType, str] = {
    "text": '@.type() == "string"',
    "number": '@.type() == "number"',
    "boolean": '@.type() == "boolean"',
    "date": f'@ like_regex "{_DAY_PATTERN}"',
    "instant": f'@ like_regex "{_INSTANT_PATTERN}"',
}
_SQLITE_TYPES: dict[ValueType, str] = {
    "text": "'text'",
    "number": "'integer', 'real'",
    "boolean": "'true', 'false'",
    "date": "'text'",
    "instant": "'text'",
}


class Statement(Protocol):
    """What a condition is written for: a statement that takes parameters."""

    backend: Backend
    table: str

    def bind(self, value: Any) -> str:  # noqa: ANN401 - any value a column takes
        """Add a parameter and return its spelling."""


def filter_condition(statement: Statement, predicate: Predicate, *, wanted: bool = True) -> str:
    """Return the condition that finds the items for which a predicate is true.

    Args:
        statement: gets the parameters.
        predicate: checked.
        wanted: False finds those for which it is false.
    """
    if isinstance(predicate, Not):
        return filter_condition(statement, predicate.part, wanted=not wanted)
    if isinstance(predicate, Constant):
        return _ALWAYS if predicate.value == wanted else _NEVER
    if isinstance(predicate, And | Or):
        parts = [filter_condition(statement, part, wanted=wanted) for part in predicate.parts]
        is_and = isinstance(predicate, And) == wanted
        return "(" + (" AND " if is_and else " OR ").join(parts) + ")"
    return _leaf(statement, predicate, wanted=wanted)


def _leaf(statement: Statement, leaf: Leaf, *, wanted: bool) -> str:
    if isinstance(leaf, IsNull):
        return _is_null(statement, leaf.argument, wanted=wanted)
    if isinstance(leaf, Lists):
        text = _lists(statement, leaf)
        return text if wanted else f"NOT {text}"
    if isinstance(leaf, Spatial):
        return _spatial(statement, leaf, wanted=wanted)
    if isinstance(leaf, Comparison):
        left, right = (expression_sql(statement, side) for side in (leaf.left, leaf.right))
        text = f"{left} {leaf.operator} {right}"
        sides: tuple[Expression, ...] = (leaf.left, leaf.right)
    elif isinstance(leaf, Like):
        text, sides = _like(statement, leaf), (leaf.argument,)
    else:
        options = ", ".join(expression_sql(statement, option) for option in leaf.options)
        text = f"{expression_sql(statement, leaf.argument)} IN ({options})"
        sides = (leaf.argument, *leaf.options)
    if not wanted:
        text = f"NOT ({text})"
    guards = [] if _never_finds_empty(leaf, wanted=wanted) else _guards(sides)
    return "(" + " AND ".join([text, *guards]) + ")"


def _never_finds_empty(leaf: Leaf, *, wanted: bool) -> bool:
    """Say whether a condition can't hold for an empty text anyway: keeps plans simple."""
    if not wanted:
        return False
    if isinstance(leaf, Comparison) and leaf.operator == "=":
        return any(isinstance(side, Value) and side.value != "" for side in (leaf.left, leaf.right))
    return isinstance(leaf, Among) and all(
        isinstance(option, Value) and option.value != "" for option in leaf.options
    )


def _guards(sides: tuple[Expression, ...]) -> list[str]:
    """Ask of every column that may be empty that it is not."""
    columns = [
        f"t.{found.column} <> ''"
        for side in sides
        for found in _properties(side)
        if found.column and found.type in _MAYBE_EMPTY
    ]
    return list(dict.fromkeys(columns))


def _properties(expression: Expression) -> list[Property]:
    if isinstance(expression, Property):
        return [expression]
    if isinstance(expression, Folded):
        return _properties(expression.argument)
    if isinstance(expression, Arithmetic):
        return _properties(expression.left) + _properties(expression.right)
    return []


def by_index_and_by_look(
    predicate: Predicate,
) -> tuple[Predicate | None, Predicate | None]:
    """Split a filter into what columns answer and what each stored document must be looked at for.

    Both must hold; either may be None.
    """
    parts = predicate.parts if isinstance(predicate, And) else (predicate,)
    looked = tuple(part for part in parts if _reads_documents(part))
    indexed = tuple(part for part in parts if part not in looked)
    return And(indexed) if indexed else None, And(looked) if looked else None


def _reads_documents(predicate: Predicate) -> bool:
    if isinstance(predicate, And | Or):
        return any(map(_reads_documents, predicate.parts))
    if isinstance(predicate, Not):
        return _reads_documents(predicate.part)
    if isinstance(predicate, Constant):
        return False
    sides: tuple[Expression, ...]
    if isinstance(predicate, Comparison | Spatial | Lists):
        sides = (predicate.left, predicate.right)
    elif isinstance(predicate, Among):
        sides = (predicate.argument, *predicate.options)
    else:
        sides = (predicate.argument,)
    return any(found.path for side in sides for found in _properties(side))


def expression_sql(statement: Statement, expression: Expression) -> str:
    """Spell a value: NULL, or '' for a column, where there is none."""
    if isinstance(expression, Value):
        spelled = statement.bind(expression.value)
        is_postgis = statement.backend == "postgis"
        return spelled + _POSTGIS_CASTS[expression.type] if is_postgis else spelled
    if isinstance(expression, Property):
        if expression.column:
            return _column(statement, expression)
        return _stored(statement.backend, expression)
    if isinstance(expression, Folded):
        inner = expression_sql(statement, expression.argument)
        if statement.backend == "postgis":
            return f'({postgis_fold(inner, expression.fold)}) COLLATE "C"'
        return f"pakmud_{expression.fold}({inner})"
    return _arithmetic(statement, expression)


def _column(statement: Statement, expression: Property) -> str:
    name = f"t.{_checked(expression.column)}"
    if expression.type == "number":
        return f"{name}::float8" if statement.backend == "postgis" else f"CAST({name} AS REAL)"
    return name


def _checked(name: str) -> str:
    """Return a name of a definition; the definitions are ours, a mistake in one is a defect."""
    if not _NAME.fullmatch(name):
        raise ValueError(name)
    return name


def _stored(backend: Backend, expression: Property) -> str:
    """Read a single value from the stored document; NULL where it is missing or of another type."""
    path = ".".join(["$.properties", *map(_checked, expression.path)])
    if backend == "geopackage":
        found = f"json_extract(t.feature, '{path}')"
        known = f"json_type(t.feature, '{path}') IN ({_SQLITE_TYPES[expression.type]})"
        if expression.type == "number":
            found = f"CAST({found} AS REAL)"
        elif expression.type != "boolean":
            found = f"NULLIF({found}, '')"
        return f"(CASE WHEN {known} THEN {found} END)"
    test = _POSTGIS_TESTS[expression.type]
    # strict: a list in the place of a value is no value; silent: neither is a missing member
    found = (
        f"(jsonb_path_query_first(t.feature::jsonb, 'strict {path} ? ({test})', '{{}}', true)"
        " #>> '{}')"
    )
    if expression.type in _MAYBE_EMPTY:
        return f"NULLIF({found}, '') COLLATE \"C\""
    return found + _POSTGIS_CASTS[expression.type]


def _is_null(statement: Statement, argument: Property, *, wanted: bool) -> str:
    word = "IS NULL" if wanted else "IS NOT NULL"
    if argument.type == "geometry":
        return f"t.geom {word}"
    if argument.type == "array":
        empty = Lists("equals", argument, Value((), "array"))
        text = _lists(statement, empty)
        return text if wanted else f"NOT {text}"
    if argument.column and argument.type in _MAYBE_EMPTY:
        return f"t.{argument.column} {'=' if wanted else '<>'} ''"
    return f"{expression_sql(statement, argument)} {word}"


def _like(statement: Statement, leaf: Like) -> str:
    argument = expression_sql(statement, leaf.argument)
    if statement.backend == "postgis":
        return f"{argument} LIKE {statement.bind(leaf.pattern)}::text ESCAPE '\\'"
    return f"{argument} GLOB {statement.bind(glob_of(leaf.pattern))}"


def glob_of(pattern: str) -> str:
    r"""Turn a LIKE pattern into one of GLOB, which minds letter case in SQLite.

    >>> glob_of("50\\% [a*b] _%")
    '50% [[]a[*]b] ?*'
    """
    parts: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character == "%":
            parts.append("*")
        elif character == "_":
            parts.append("?")
        else:
            plain = next(characters, "\\") if character == "\\" else character
            parts.append(f"[{plain}]" if plain in "*?[" else plain)
    return "".join(parts)


def _spatial(statement: Statement, leaf: Spatial, *, wanted: bool) -> str:
    """Ask the index for the boxes first, where it can help, then the shapes."""
    operator = leaf.operator
    if operator == "disjoint":
        operator, wanted = "intersects", not wanted
    left, right = (_geometry(statement, side) for side in (leaf.left, leaf.right))
    if statement.backend == "postgis":
        # the functions of PostGIS ask the index by themselves
        text = f"ST_{operator.title()}({left}, {right})"
        return text if wanted else f"NOT {text}"
    text = f"pakmud_relate('{operator}', {left}, {right})"
    if not wanted:
        return f"NOT {text}"
    literal = next((s for s in (leaf.left, leaf.right) if isinstance(s, Value)), None)
    if literal is None:
        return text
    return f"({_boxes(statement, literal)} AND {text})"


def _boxes(statement: Statement, literal: Value) -> str:
    """Test through the R-tree whether bounds touch those of a literal."""
    bounds = shapely.from_wkb(literal.value).bounds
    min_x, min_y, max_x, max_y = (statement.bind(float(bound)) for bound in bounds)
    return (
        f"t.fid IN (SELECT fid FROM {statement.table}_rtree WHERE min_x <= {max_x}"
        f" AND max_x >= {min_x} AND min_y <= {max_y} AND max_y >= {min_y})"
    )


def _geometry(statement: Statement, expression: Expression) -> str:
    if not isinstance(expression, Value):
        return "t.geom"
    spelled = statement.bind(expression.value)
    is_postgis = statement.backend == "postgis"
    return f"ST_GeomFromWKB({spelled}, 4326)" if is_postgis else spelled


def _lists(statement: Statement, leaf: Lists) -> str:
    left, right = (_list(statement, side) for side in (leaf.left, leaf.right))
    if statement.backend == "geopackage":
        return f"pakmud_lists('{leaf.operator}', {left}, {right})"
    if leaf.operator == "contains":
        return f"({left} @> {right})"
    if leaf.operator == "contained_by":
        return f"({left} <@ {right})"
    if leaf.operator == "equals":
        return f"({left} @> {right} AND {left} <@ {right})"
    return (
        f"EXISTS (SELECT 1 FROM jsonb_array_elements_text({left}) a"
        f" JOIN jsonb_array_elements_text({right}) b ON a.value = b.value)"
    )


def _list(statement: Statement, expression: Expression) -> str:
    """Spell a list of texts as JSON; an empty one where there is none."""
    is_postgis = statement.backend == "postgis"
    if isinstance(expression, Value):
        spelled = statement.bind(_json_list(expression.value))
        return f"{spelled}::jsonb" if is_postgis else spelled
    if not isinstance(expression, Property):
        raise TypeError(expression)
    path = ".".join(["$.properties", *map(_checked, expression.path)])
    if is_postgis:
        each = f"{path}[*].{_checked(expression.member)}" if expression.member else f"{path}[*]"
        test = '@.type() == "string"'
        return f"jsonb_path_query_array(t.feature::jsonb, '{each} ? ({test})')"
    is_list = f"json_type(t.feature, '{path}') = 'array'"
    if not expression.member:
        return f"(CASE WHEN {is_list} THEN json_extract(t.feature, '{path}') END)"
    return (
        f"(SELECT json_group_array(json_extract(e.value, '$.{_checked(expression.member)}'))"
        f" FROM json_each(t.feature, '{path}') e WHERE {is_list} AND e.type = 'object')"
    )


def _json_list(value: Any) -> str:  # noqa: ANN401 - of a checked Value: a tuple of texts
    return json.dumps(list(value), ensure_ascii=False)


def _arithmetic(statement: Statement, expression: Arithmetic) -> str:
    """Reckon with floating point numbers; a division by zero has no value."""
    left, right = (expression_sql(statement, s) for s in (expression.left, expression.right))
    operator = expression.operator
    truncate = "trunc" if statement.backend == "postgis" else "pakmud_truncate"
    if operator == "/":
        return f"({left} / NULLIF({right}, 0))"
    if operator == "div":
        return f"{truncate}({left} / NULLIF({right}, 0))"
    if operator == "%":
        return f"({left} - {right} * {truncate}({left} / NULLIF({right}, 0)))"
    if operator == "^":
        return f"{'power' if statement.backend == 'postgis' else 'pakmud_power'}({left}, {right})"
    return f"({left} {operator} {right})"
