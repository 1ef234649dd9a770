# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters that choose items by their properties: filter, and one for each queryable (Part 3)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from geoapi.codes import code_list
from geoapi.collection_model import Collection, Queryable
from geoapi.errors import UsageError
from geoapi.ogc.cql2 import FILTER_LANGUAGES, FilterLanguage, read_filter
from geoapi.ogc.cql2_values import compare, read_day, read_instant
from geoapi.ogc.crs import CRS84, parse_crs
from geoapi.store.filter_model import And, Lists, Predicate, Property, Value

FILTER_PARAMETERS = frozenset({"filter", "filter-lang", "filter-crs"})
_MAX_VALUE_CHARACTERS = 200
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def parse_filter_language(text: str) -> FilterLanguage:
    """Return a language of filters.

    Raises:
        UsageError: it is not one of ours.
    """
    for language in FILTER_LANGUAGES:
        if text == language:
            return language
    raise UsageError("cql2.language", value=text[:40], known=", ".join(FILTER_LANGUAGES))


def parse_filter_crs(text: str) -> str:
    """Return the URI of the reference system of a filter's coordinates, however it is spelled.

    Raises:
        UsageError: it is not one of ours.
    """
    return parse_crs(text).uri


def filter_reader(
    collection: Collection, language: FilterLanguage, crs: str = CRS84
) -> Callable[[str], Predicate]:
    """Return the function that reads ``filter``.

    Args:
        collection: which is asked.
        language: of ``filter-lang``.
        crs: of ``filter-crs``.
    """
    return lambda text: read_filter(collection, text, language, crs)


def column_reader(queryable: Queryable) -> Callable[[str], str | bool]:
    """Return the function that reads the parameter of a plain column."""

    def read(text: str) -> str | bool:
        if queryable.type == "boolean":
            return _truth(text)
        _require_code(queryable, text)
        return _plain(text)

    return read


def predicate_reader(queryable: Queryable) -> Callable[[str], Predicate]:
    """Return the function that reads the parameter of any other queryable.

    A list has the value among its members; everything else equals it.
    """

    def read(text: str) -> Predicate:
        wanted = queryable.property
        if wanted.type == "array":
            _require_code(queryable, text)
            return Lists("contains", wanted, Value((_plain(text),), "array"))
        return compare("=", wanted, _value(queryable, wanted, text))

    return read


def _value(queryable: Queryable, wanted: Property, text: str) -> Value:
    if wanted.type == "boolean":
        return Value(_truth(text), "boolean")
    if wanted.type == "number":
        return Value(_number(text), "number")
    if wanted.type == "date" or (wanted.type == "instant" and _DAY.fullmatch(text)):
        return Value(read_day(text), "date")
    if wanted.type == "instant":
        return Value(read_instant(text), "instant")
    _require_code(queryable, text)
    return Value(_plain(text), "text")


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise UsageError("ogc.not_boolean", value=text[:80])
    return text == "true"


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError as error:
        raise UsageError("cql2.number", found=text[:40]) from error
    if not math.isfinite(number):
        raise UsageError("cql2.number", found=text[:40])
    return number


def _plain(text: str) -> str:
    if "\0" in text:
        raise UsageError("ogc.search_text", most=_MAX_VALUE_CHARACTERS)
    return text


def _require_code(queryable: Queryable, text: str) -> None:
    if queryable.codes and text not in code_list(queryable.codes).codes:
        known = ", ".join(code_list(queryable.codes).codes)
        raise UsageError("ogc.unknown_code", value=text[:80], known=known)


def all_of(predicates: list[Predicate]) -> Predicate | None:
    """Return one condition that asks for all of them, None when there is none."""
    if len(predicates) < 2:  # noqa: PLR2004 - nothing to join
        return predicates[0] if predicates else None
    return And(tuple(predicates))
