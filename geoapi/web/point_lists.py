# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of points on pages: read the search from the address, give the template its rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request

from geoapi.codes import code_list
from geoapi.messages import message
from geoapi.web import point_data
from geoapi.web.point_data import PointList, PointSearch
from geoapi.web.point_view import point_view
from geoapi.web.rendering import request_language, request_site

_LONGEST_QUERY = 100


def read_search(request: Request) -> PointSearch:
    """Read a search from the page's address; what can't be read counts as not given."""
    given = request.query_params
    page = given.get("page", "1")
    return PointSearch(
        q=given.get("q", "").replace("\0", "").strip()[:_LONGEST_QUERY],
        category=given.get("category", "") if _is_code("category", given.get("category")) else "",
        state=given.get("state", "") if _is_code("state", given.get("state")) else "",
        page=min(int(page), 10_000) if page.isascii() and page.isdigit() and int(page) else 1,
        language=request_language(request),
    )


def _is_code(list_id: str, value: str | None) -> bool:
    return value in code_list(list_id).codes


def list_context(request: Request, found: PointList, search: PointSearch) -> dict[str, Any]:
    """Return what the templates of lists show: rows, count, and links to the pages beside."""
    site, language = request_site(request), search.language
    districts = point_data.area_names(
        site, (f["properties"].get("district_code") for f in found.features), language
    )
    rows = []
    for feature in found.features:
        row = point_view(feature, language)
        row["place"] = districts.get(feature["properties"].get("district_code") or "", "")
        rows.append(row)

    def page_url(number: int) -> str:
        kept = {"q": search.q, "category": search.category, "state": search.state}
        # an empty state that was asked for differs from none at all
        given = request.query_params
        query = {name: value for name, value in kept.items() if value or name in given}
        query["page"] = str(number)
        return f"{request.url.path}?{urlencode(query)}"

    known = found.total is not None
    return {
        "search": search,
        "points": rows,
        "matched": message(
            "web.list.matched" if known else "web.list.matched_many",
            language,
            {"n": f"{found.total:,}" if known else ""},
        ),
        "previous_url": page_url(search.page - 1) if search.page > 1 else "",
        "next_url": page_url(search.page + 1) if found.has_next else "",
    }
