# SPDX-License-Identifier: GPL-2.0-or-later
"""A checked filter as plain data: what :class:`~geoapi.store.item_query.ItemQuery` carries.

The trees are frozen, compare by value and can be hashed.  Whoever makes one has checked that the
properties may be asked and that the types of both sides agree; the store only spells it as SQL.

Three-valued logic: a condition on a value that is not there is neither true nor false, and the
item is not found, whether the condition stands under a NOT or not.  An empty text is no value.
Lists are the exception: one that is not there is an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

type ValueType = Literal["text", "number", "boolean", "date", "instant", "geometry", "array"]
type ComparisonOperator = Literal["=", "<>", "<", ">", "<=", ">="]
type Fold = Literal["casei", "accenti"]
type ArithmeticOperator = Literal["+", "-", "*", "/", "%", "div", "^"]
type SpatialOperator = Literal[
    "intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains"
]
type ArrayOperator = Literal["equals", "contains", "contained_by", "overlaps"]


@dataclass(frozen=True)
class Property:
    """A property of an item.

    Attributes:
        name: as clients know it.
        type: of its values.
        column: of the collection's table, '' when it is read from the stored feature.
        path: members below ``properties`` of the stored feature.
        member: for a list of objects, the member of each that counts; '' for a list of texts.
    """

    name: str
    type: ValueType
    column: str = ""
    path: tuple[str, ...] = ()
    member: str = ""


@dataclass(frozen=True)
class Value:
    """A literal.

    Attributes:
        value: text, number, truth, day as ISO text, UTC instant, WKB (CRS84) or list of texts.
        type: of the value.
    """

    value: str | float | bool | datetime | bytes | tuple[str, ...]
    type: ValueType


@dataclass(frozen=True)
class Folded:
    """A text without regard to letter case, or to accents."""

    argument: Expression
    fold: Fold
    type: ValueType = "text"


@dataclass(frozen=True)
class Arithmetic:
    """A number reckoned from two."""

    operator: ArithmeticOperator
    left: Expression
    right: Expression
    type: ValueType = "number"


type Expression = Property | Value | Folded | Arithmetic


@dataclass(frozen=True)
class Comparison:
    """Two values of one type, compared; texts in code point order."""

    operator: ComparisonOperator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Like:
    r"""A text that fits a pattern: ``%`` any characters, ``_`` one, ``\`` takes the next as is."""

    argument: Expression
    pattern: str


@dataclass(frozen=True)
class Among:
    """A value that equals one of several."""

    argument: Expression
    options: tuple[Expression, ...]


@dataclass(frozen=True)
class IsNull:
    """A property without a value."""

    argument: Property


@dataclass(frozen=True)
class Spatial:
    """Two geometries in a relation of OGC Simple Features."""

    operator: SpatialOperator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Lists:
    """Two lists, compared as sets."""

    operator: ArrayOperator
    left: Expression
    right: Expression


@dataclass(frozen=True)
class And:
    """All of them hold."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Or:
    """One of them holds."""

    parts: tuple[Predicate, ...]


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    part: Predicate


@dataclass(frozen=True)
class Constant:
    """Always, or never."""

    value: bool


type Leaf = Comparison | Like | Among | IsNull | Spatial | Lists
type Predicate = Leaf | And | Or | Not | Constant


def both(first: Predicate | None, second: Predicate | None) -> Predicate | None:
    """Return a condition that asks for both, either of which may be missing."""
    if first is None or second is None:
        return second if first is None else first
    return And((first, second))
