# SPDX-License-Identifier: GPL-2.0-or-later
"""Read the query parameters of an items request; every wrong one is named in one answer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from geoapi.collections import Collection
from geoapi.errors import Problem, UsageError
from geoapi.ogc import cursor
from geoapi.ogc.crs import CRS84, DEFAULT, Crs, box_to_crs84, parse_crs
from geoapi.ogc.filter_parameters import (
    FILTER_PARAMETERS,
    all_of,
    column_reader,
    filter_reader,
    parse_filter_crs,
    parse_filter_language,
    predicate_reader,
)
from geoapi.readers import reader_of
from geoapi.rights import Viewer
from geoapi.search_words import search_words
from geoapi.settings import Settings
from geoapi.site import Site
from geoapi.store.filter_model import Predicate
from geoapi.store.query import ItemQuery
from geoapi.types import BBox

MAX_OFFSET = 1_000_000
_BANGKOK = ZoneInfo("Asia/Bangkok")
_DATE_CHARACTERS = len("2026-11-22")
_LAST_MOMENT = time(23, 59, 59, 999_000)  # both stores keep milliseconds
_MAX_SORT_KEYS = 3
_MAX_SEARCH_CHARACTERS = 200
# Parameters of any items request beside the collection's own queryables.
ITEMS_PARAMETERS = frozenset(
    {"bbox", "bbox-crs", "crs", "datetime", "limit", "offset", "after", "q", "sortby", "f", "lang"}
    | FILTER_PARAMETERS
)


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """A parameter's value is wrong."""

    def __init__(self, message_id: str, **params: Any) -> None:  # noqa: ANN401
        super().__init__(message_id)
        self.message_id, self.params = message_id, params


def refuse_unknown(params: QueryParams, known: Iterable[str]) -> None:
    """Refuse query parameters that a resource does not have, and repeated ones.

    Raises:
        UsageError: with one problem a parameter.
    """
    names = sorted(set(known))
    problems = [
        Problem(
            "ogc.unknown_parameter",
            parameter=name,
            params={"name": name, "known": ", ".join(names)},
        )
        for name in dict.fromkeys(params.keys())
        if name not in names
    ]
    problems += [
        Problem("ogc.repeated_parameter", parameter=name, params={"name": name})
        for name in dict.fromkeys(params.keys())
        if len(params.getlist(name)) > 1
    ]
    if problems:
        raise UsageError("ogc.invalid_parameters", problems=tuple(problems))


@dataclass
class _Reading:
    """Parameters being read: every refusal is noted, the rest goes on."""

    params: QueryParams
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, parse: Callable[[str], Any], default: Any = None) -> Any:  # noqa: ANN401
        """Return a parsed parameter, or the default when it is absent or refused."""
        if name not in self.params:
            return default
        try:
            return parse(self.params[name])
        except (_Refused, UsageError) as refused:
            self.refuse(refused.message_id, name, **refused.params)
            return default

    def refuse(self, message_id: str, name: str, /, **params: Any) -> None:  # noqa: ANN401
        """Note a problem."""
        self.problems.append(Problem(message_id, parameter=name, params=params))


def items_query(
    site: Site, collection: Collection, viewer: Viewer, params: QueryParams
) -> ItemQuery:
    """Build the query of an items request.

    Args:
        site: for limits and the keys of cursors.
        collection: which is asked.
        viewer: who asks.
        params: as they came.

    Raises:
        UsageError: with one problem for each wrong parameter.
    """
    refuse_unknown(params, ITEMS_PARAMETERS | {q.name for q in collection.queryables})
    reading = _Reading(params)
    query = ItemQuery(
        source=collection.source,
        **vars(reader_of(viewer, collection)),
        **_filters(reading, collection),
        **_paging(reading, site, collection),
    )
    if reading.problems:
        raise UsageError("ogc.invalid_parameters", problems=tuple(reading.problems))
    return query


def _filters(reading: _Reading, collection: Collection) -> dict[str, Any]:
    """Read what chooses items."""
    bbox_crs = reading.read("bbox-crs", _crs, DEFAULT)
    reading.read("crs", _crs)
    since, until = reading.read("datetime", parse_datetime, (None, None))
    asked = [q for q in collection.queryables if q.name in reading.params]
    equals = tuple(
        (q.name, reading.read(q.name, column_reader(q), "")) for q in asked if q.is_plain_column
    )
    others = [reading.read(q.name, predicate_reader(q)) for q in asked if not q.is_plain_column]
    return {
        "bbox": reading.read("bbox", lambda text: parse_bbox(text, bbox_crs)),
        "since": since,
        "until": until,
        "equals": equals,
        "search": reading.read("q", _search, ""),
        "filter": all_of([part for part in (*others, _filter(reading, collection)) if part]),
    }


def _filter(reading: _Reading, collection: Collection) -> Predicate | None:
    """Read ``filter`` in its language and reference system."""
    language = reading.read("filter-lang", parse_filter_language, "cql2-text")
    crs = reading.read("filter-crs", parse_filter_crs, CRS84)
    found: Predicate | None = reading.read("filter", filter_reader(collection, language, crs))
    return found


def _paging(reading: _Reading, site: Site, collection: Collection) -> dict[str, Any]:
    """Read what orders items and cuts them into pages."""
    settings = site.settings
    sort = reading.read("sortby", lambda text: _sort(collection, text), ())
    after = reading.read("after", lambda text: _after(site, collection, reading.params, text))
    offset = reading.read("offset", lambda text: _integer(text, 0, MAX_OFFSET), 0)
    if after is not None and offset:
        reading.refuse("ogc.after_and_offset", "offset")
    if after is not None and len(after) != len(sort) + 1:
        reading.refuse("ogc.cursor_invalid", "after")
    return {
        "sort": sort,
        "after": after,
        "offset": offset,
        "limit": reading.read("limit", lambda t: _limit(settings, t), settings.default_items),
    }


def cursor_binding(collection: Collection, params: Mapping[str, str]) -> str:
    """Name collection, filter and sort; cursors count within the same binding only."""
    ignored = {"after", "offset", "limit", "f", "lang", "crs"}
    said = [f"{k}={v}" for k, v in params.items() if k not in ignored]
    return "&".join([collection.id, *sorted(said)])


def _after(site: Site, collection: Collection, params: QueryParams, text: str) -> tuple[Any, ...]:
    try:
        return cursor.decode(site.keys, cursor_binding(collection, params), text)
    except UsageError as error:
        raise _Refused(error.message_id) from error


def _integer(text: str, low: int, high: int) -> int:
    # isdecimal() also takes Thai digits, which int() reads: ๑๐ is as good as 10
    if not text.isdecimal() or len(text) > 12 or not low <= int(text) <= high:  # noqa: PLR2004
        raise _Refused("ogc.not_in_range", value=text[:40], low=low, high=high)
    return int(text)


def _limit(settings: Settings, text: str) -> int:
    if text.isdecimal() and (len(text) > 12 or int(text) > settings.max_items):  # noqa: PLR2004
        return settings.max_items  # Part 1 lets a server cut a limit that is too large
    return _integer(text, 1, settings.max_items)


def parse_bbox(text: str, crs: Crs = DEFAULT) -> BBox:
    """Read ``bbox``: four numbers, or six of which the heights are ignored.

    Args:
        text: in the order of the axes of its system.
        crs: the system that it is in.

    Returns:
        The box in CRS84, degrees.
    """
    parts = text.split(",")
    try:
        numbers = [float(part) for part in parts]
    except ValueError as error:
        raise _Refused("ogc.bbox_not_numbers", value=text[:80]) from error
    if len(numbers) == 6:  # noqa: PLR2004 - with heights
        numbers = [numbers[0], numbers[1], numbers[3], numbers[4]]
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)):  # noqa: PLR2004
        raise _Refused("ogc.bbox_not_numbers", value=text[:80])
    box = (numbers[0], numbers[1], numbers[2], numbers[3])
    try:
        min_lon, min_lat, max_lon, max_lat = box_to_crs84(box, crs)
    except UsageError as error:
        raise _Refused(error.message_id, **error.params) from error
    if abs(min_lat) > 90 or abs(max_lat) > 90:  # noqa: PLR2004 - the poles
        swapped = "crs.box_axes" if crs.has_lat_first else "ogc.bbox_swapped"
        raise _Refused(swapped, value=text[:80])
    if abs(min_lon) > 180 or abs(max_lon) > 180 or min_lat > max_lat:  # noqa: PLR2004
        raise _Refused("ogc.bbox_out_of_range", value=text[:80])
    return min_lon, min_lat, max_lon, max_lat


def parse_datetime(text: str) -> tuple[datetime | None, datetime | None]:
    """Read ``datetime``: an instant or an interval with ``..`` or nothing for an open end.

    A date without a time is that whole day in Thailand.
    """
    parts = text.split("/")
    if len(parts) == 1:
        return _instant(text), _instant(text, is_end=True)
    if len(parts) != 2:  # noqa: PLR2004 - an interval
        raise _Refused("ogc.datetime", value=text[:80])
    start, end = (
        None if part in ("", "..") else _instant(part, is_end=bool(index))
        for index, part in enumerate(parts)
    )
    if start is not None and end is not None and start > end:
        raise _Refused("ogc.datetime_reversed", value=text[:80])
    return start, end


def _instant(text: str, *, is_end: bool = False) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise _Refused("ogc.datetime", value=text[:80]) from error
    if len(text) == _DATE_CHARACTERS:
        time_of_day = _LAST_MOMENT if is_end else time.min
        instant = datetime.combine(instant, time_of_day, _BANGKOK)
    elif instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    try:
        return instant.astimezone(UTC)
    except OverflowError as error:
        raise _Refused("ogc.datetime", value=text[:80]) from error


def _crs(text: str) -> Crs:
    try:
        return parse_crs(text)
    except UsageError as error:
        raise _Refused(error.message_id, **error.params) from error


def answer_crs(params: QueryParams) -> Crs:
    """Return the system that an answer is wanted in, CRS84 when none is named.

    Raises:
        UsageError: ``crs`` names one that is not supported.
    """
    reading = _Reading(params)
    crs: Crs = reading.read("crs", _crs, DEFAULT)
    if reading.problems:
        raise UsageError("ogc.invalid_parameters", problems=tuple(reading.problems))
    return crs


def item_instant(params: QueryParams) -> datetime:
    """Return the instant that ``datetime`` of a single item names; a day means its last moment.

    Raises:
        UsageError: it is no instant, or an interval.
    """
    reading = _Reading(params)
    if "/" in params["datetime"]:
        reading.refuse("time_travel.interval", "datetime", value=params["datetime"][:80])
    _, until = reading.read("datetime", parse_datetime, (None, None))
    if reading.problems or until is None:
        raise UsageError("ogc.invalid_parameters", problems=tuple(reading.problems))
    instant: datetime = until
    return instant


def _sort(collection: Collection, text: str) -> tuple[tuple[str, bool], ...]:
    keys: list[tuple[str, bool]] = []
    for part in text.split(","):
        name = part.strip().lstrip("+-").strip()
        if name not in collection.sortables or len(keys) == _MAX_SORT_KEYS:
            raise _Refused(
                "ogc.not_sortable", value=name[:80], known=", ".join(collection.sortables)
            )
        keys.append((collection.sortables[name], part.strip().startswith("-")))
    return tuple(keys)


def _search(text: str) -> str:
    if "\0" in text or len(text) > _MAX_SEARCH_CHARACTERS:
        raise _Refused("ogc.search_text", most=_MAX_SEARCH_CHARACTERS)
    return search_words(text)


__all__ = [
    "CRS84",
    "ITEMS_PARAMETERS",
    "MAX_OFFSET",
    "answer_crs",
    "cursor_binding",
    "item_instant",
    "items_query",
    "parse_bbox",
    "parse_datetime",
    "refuse_unknown",
]
