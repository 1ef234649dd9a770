# SPDX-License-Identifier: GPL-2.0-or-later
"""The reviewer's filter in addresses: read it, write it, and offer what it can be set to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from geoapi.codes import code_list, label
from geoapi.messages import message
from geoapi.review_queue import AGE_BANDS, QueueCounts, QueueFilter
from geoapi.web import point_data
from geoapi.web.rendering import request_language, request_site

_LONGEST_TEXT = 100
_LONGEST_CODE = 6


def read_filter(request: Request) -> QueueFilter:
    """Read the filter from the page's address; what can't be read counts as not given."""
    given = request.query_params

    def text(name: str) -> str:
        return given.get(name, "").replace("\0", "").strip()[:_LONGEST_TEXT]

    area, category, age = text("district"), text("category"), text("age")
    is_area = area.isascii() and area.isdigit() and len(area) <= _LONGEST_CODE
    return QueueFilter(
        area_code=area if is_area else "",
        agency_id=text("agency"),
        category=category if category in code_list("category").codes else "",
        age=age if age in AGE_BANDS else "",
        q=text("q"),
        newest_first=text("order") == "newest",
    )


def filter_query(wanted: QueueFilter, **more: str) -> str:
    """Write a filter as the query of an address, without a question mark; '' when it is empty.

    >>> filter_query(QueueFilter(area_code="5707", newest_first=True), done="verified")
    'district=5707&order=newest&done=verified'
    """
    parts = filter_parts(wanted) | more
    return urlencode({name: value for name, value in parts.items() if value})


def filter_parts(wanted: QueueFilter) -> dict[str, str]:
    """Return a filter as {parameter: text}, '' for what is not set."""
    return {
        "district": wanted.area_code,
        "agency": wanted.agency_id,
        "category": wanted.category,
        "age": wanted.age,
        "q": wanted.q,
        "order": "newest" if wanted.newest_first else "",
    }


def address(path: str, wanted: QueueFilter, **more: str) -> str:
    """Return a path with a filter as its query."""
    query = filter_query(wanted, **more)
    return f"{path}?{query}" if query else path


def choices(request: Request, counts: QueueCounts) -> dict[str, list[dict[str, Any]]]:
    """Return what each list of the filter offers: code, label and how many wait."""
    language = request_language(request)
    names = point_data.area_names(request_site(request), counts.by_district, language)
    unknown = message("review.no_district", language)
    return {
        "districts": [
            _choice(code, names.get(code, unknown), count)
            for code, count in counts.by_district.items()
            if code
        ],
        "ages": [
            _choice(band, message(f"review.age.{band}", language), count)
            for band, count in counts.by_age.items()
        ],
        "categories": [
            _choice(code, label("category", code, language), count)
            for code, count in counts.by_category.items()
        ],
        "agencies": [
            _choice(code, (name_th if language == "th" else name_en) or name_th, count)
            for code, (name_th, name_en, count) in counts.by_agency.items()
        ],
    }


def _choice(code: str, text: str, count: int) -> dict[str, Any]:
    return {"code": code, "label": text, "count": f"{count:,}"}
