# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the text form of CQL2 (OGC 21-065r2, 1.0.0) into its JSON form, as plain data.

The grammar is LALR: the time it takes grows with the length of the text alone, whatever the text
is.  docs/adr/0007-cql2.md says why neither of the existing parsers serves.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from geoapi.errors import UsageError
from geoapi.types import JsonObject

# Characters of names, as the standard lists them; Thai is among them.
_FIRST = (
    ":_A-Za-zÀ-ÖØ-öø-˿Ͱ-ͽͿ-῾\\u200c-\\u200d\\u2070-\\u218f\\u2c00-\\u2fef\\u3001-\\ud7ff"
    "\\uf900-\\ufdcf\\ufdf0-\\ufffd"
)
_LATER = _FIRST + ".0-9\\u0300-\\u036f\\u203f-\\u2040"
_KEYWORDS = (
    "OR", "AND", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV",
)  # fmt: skip
_GEOMETRIES = (
    "POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
)  # fmt: skip
_GRAMMAR = r"""
?start: either
?either: every (OR every)*              -> either
?every: negated (AND negated)*          -> every
?negated: NOT negated                   -> negated
        | condition
?condition: sum
          | sum COMPARISON sum          -> comparison
          | sum LIKE sum                -> like
          | sum NOT LIKE sum            -> not_like
          | sum BETWEEN sum AND sum     -> between
          | sum NOT BETWEEN sum AND sum -> not_between
          | sum IN list                 -> among
          | sum NOT IN list             -> not_among
          | sum IS NULL                 -> null
          | sum IS NOT NULL             -> not_null
?sum: product ((PLUS | MINUS) product)*               -> chain
?product: power ((TIMES | OVER | REMAINDER | DIV) power)* -> chain
?power: signed
      | signed RAISED signed            -> raised
?signed: atom
       | PLUS signed                    -> same
       | MINUS signed                   -> minus
?atom: NUMBER                           -> number
     | STRING                           -> string
     | TRUE                             -> true
     | FALSE                            -> false
     | NAME                             -> name
     | QUOTED                           -> quoted
     | NAME list                        -> call
     | list                             -> grouped
     | geometry
list: "(" [either ("," either)*] ")"
?geometry: POINT "(" position ")"       -> point
         | LINESTRING positions         -> simple
         | POLYGON rings                -> simple
         | MULTIPOINT positions         -> simple
         | MULTIPOINT "(" "(" position ")" ("," "(" position ")")* ")" -> simple_points
         | MULTILINESTRING rings        -> simple
         | MULTIPOLYGON polygons        -> simple
         | GEOMETRYCOLLECTION "(" geometry ("," geometry)* ")" -> collected
polygons: "(" rings ("," rings)* ")"
rings: "(" positions ("," positions)* ")"
positions: "(" position ("," position)* ")"
position: coordinate coordinate coordinate?
coordinate: NUMBER                      -> number
          | MINUS NUMBER                -> minus_number
          | PLUS NUMBER                 -> plus_number
COMPARISON: "<=" | ">=" | "<>" | "=" | "<" | ">"
PLUS: "+"
MINUS: "-"
TIMES: "*"
OVER: "/"
REMAINDER: "%"
RAISED: "^"
STRING: /'(?:''|\\'|[^'])*'/
QUOTED: /"[^"]+"/
NUMBER: /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/
WHITE: /[\s\x85\xa0]+/
%ignore WHITE
"""


@v_args(inline=True)
class _ToJson(Transformer[Token, Any]):
    """Makes the JSON form while the text is read; nothing here can fail."""

    def either(self, *parts: Any) -> JsonObject:  # noqa: ANN401 - any JSON
        return parts[0] if len(parts) == 1 else _operation("or", *parts[::2])

    def every(self, *parts: Any) -> JsonObject:  # noqa: ANN401
        return parts[0] if len(parts) == 1 else _operation("and", *parts[::2])

    def negated(self, _word: Token, part: Any) -> JsonObject:  # noqa: ANN401
        return _operation("not", part)

    def comparison(self, left: Any, operator: Token, right: Any) -> JsonObject:  # noqa: ANN401
        return _operation(str(operator), left, right)

    def like(self, left: Any, _word: Token, right: Any) -> JsonObject:  # noqa: ANN401
        return _operation("like", left, right)

    def not_like(self, left: Any, _not: Token, _word: Token, right: Any) -> JsonObject:  # noqa: ANN401
        return _operation("not", _operation("like", left, right))

    def between(self, value: Any, _word: Token, low: Any, _and: Token, high: Any) -> JsonObject:  # noqa: ANN401
        return _operation("between", value, low, high)

    def not_between(self, value: Any, _not: Token, *rest: Any) -> JsonObject:  # noqa: ANN401
        return _operation("not", _operation("between", value, rest[1], rest[3]))

    def among(self, value: Any, _word: Token, options: list[Any]) -> JsonObject:  # noqa: ANN401
        return _operation("in", value, options)

    def not_among(self, value: Any, _not: Token, _word: Token, options: Any) -> JsonObject:  # noqa: ANN401
        return _operation("not", _operation("in", value, options))

    def null(self, value: Any, *_words: Token) -> JsonObject:  # noqa: ANN401
        return _operation("isNull", value)

    def not_null(self, value: Any, *_words: Token) -> JsonObject:  # noqa: ANN401
        return _operation("not", _operation("isNull", value))

    def chain(self, first: Any, *rest: Any) -> Any:  # noqa: ANN401
        for operator, operand in zip(rest[::2], rest[1::2], strict=True):
            first = _operation(str(operator).lower(), first, operand)
        return first

    def raised(self, base: Any, _sign: Token, exponent: Any) -> JsonObject:  # noqa: ANN401
        return _operation("^", base, exponent)

    def same(self, _sign: Token, value: Any) -> Any:  # noqa: ANN401
        return value

    def minus(self, _sign: Token, value: Any) -> Any:  # noqa: ANN401
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return -value if is_number else _operation("*", -1, value)

    def number(self, token: Token) -> float:
        return float(token) if len(token) > _LONGEST_WHOLE or not token.isdigit() else int(token)

    def minus_number(self, _sign: Token, token: Token) -> float:
        return -self.number(token)

    def plus_number(self, _sign: Token, token: Token) -> float:
        return self.number(token)

    def string(self, token: Token) -> str:
        return token[1:-1].replace("\\'", "'").replace("''", "'")

    def true(self, _word: Token) -> bool:
        return True

    def false(self, _word: Token) -> bool:
        return False

    def name(self, token: Token) -> JsonObject:
        return {"property": str(token)}

    def quoted(self, token: Token) -> JsonObject:
        return {"property": token[1:-1]}

    def list(self, *members: Any) -> Any:  # noqa: ANN401
        return [*members]

    def grouped(self, members: Any) -> Any:  # noqa: ANN401
        return members[0] if len(members) == 1 else members

    def call(self, name: Token, arguments: Any) -> JsonObject:  # noqa: ANN401
        lower = name.lower()
        if lower in ("date", "timestamp") and len(arguments) == 1:
            return {lower: arguments[0]}
        if lower in ("interval", "bbox"):
            return {lower: arguments}
        return _operation(lower, *arguments)

    def point(self, _word: Token, position: Any) -> JsonObject:  # noqa: ANN401
        return {"type": "Point", "coordinates": position}

    def simple(self, word: Token, coordinates: Any) -> JsonObject:  # noqa: ANN401
        return {"type": _TYPES[word.type], "coordinates": coordinates}

    def simple_points(self, word: Token, *positions: Any) -> JsonObject:  # noqa: ANN401
        return {"type": _TYPES[word.type], "coordinates": [*positions]}

    def collected(self, _word: Token, *geometries: Any) -> JsonObject:  # noqa: ANN401
        return {"type": "GeometryCollection", "geometries": [*geometries]}

    def polygons(self, *parts: Any) -> Any:  # noqa: ANN401
        return [*parts]

    rings = positions = position = polygons


_LONGEST_WHOLE = 15  # digits of a whole number that a floating point number keeps
_TYPES = {
    "LINESTRING": "LineString",
    "POLYGON": "Polygon",
    "MULTIPOINT": "MultiPoint",
    "MULTILINESTRING": "MultiLineString",
    "MULTIPOLYGON": "MultiPolygon",
}


def _operation(name: str, *arguments: Any) -> JsonObject:  # noqa: ANN401 - any JSON
    return {"op": name, "args": [*arguments]}


@cache
def _parser() -> Lark:
    """Build the parser when it is first needed; it keeps nothing between texts."""
    lines = [_GRAMMAR, f"NAME: /[{_FIRST}][{_LATER}]*/"]
    # a word is a keyword only where no letter follows, and a geometry only before a bracket
    lines += [f"{word}.2: /{word}(?![{_LATER}])/i" for word in _KEYWORDS]
    lines += [f"{word}.3: /{word}(\\s*Z)?(?=\\s*\\()/i" for word in _GEOMETRIES]
    return Lark("\n".join(lines), parser="lalr", transformer=_ToJson(), maybe_placeholders=False)


def text_to_json(text: str) -> Any:  # noqa: ANN401 - any JSON
    """Return the JSON form of a filter in text form.

    >>> text_to_json("name_th LIKE 'ศาล%' AND NOT is_branch")["op"]
    'and'

    Raises:
        UsageError: where the text stops being CQL2.
    """
    try:
        return _parser().parse(text)
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise UsageError("cql2.text_ends") from error
        raise _broken(text, error.token.start_pos or 0) from error
    except UnexpectedCharacters as error:
        position: Any = error.pos_in_stream  # a number, of which its types know nothing
        raise _broken(text, position) from error


def _broken(text: str, position: int) -> UsageError:
    found = text[position : position + 20]
    return UsageError("cql2.text_broken", position=position + 1, found=found)
