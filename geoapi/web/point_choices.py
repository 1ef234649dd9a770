# SPDX-License-Identifier: GPL-2.0-or-later
"""The lists of the edit form: codes, areas, agencies of the own scope, main places."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from geoapi.codes import code_list
from geoapi.rights import scopes
from geoapi.search_words import search_words
from geoapi.store.agencies import inside_scopes
from geoapi.web import point_data
from geoapi.web.point_data import name_of
from geoapi.web.point_form import PointForm
from geoapi.web.rendering import request_language, request_site, request_viewer

CODED = ("position_basis", "position_method", "status", "phone_kind", "civil_registry_link")
MOST_AGENCIES = 50
MOST_PARENTS = 10

type Options = list[dict[str, str]]


def coded_choices(request: Request) -> dict[str, Options]:
    """Return the codes of each short list with their labels."""
    language = request_language(request)
    return {
        name: [{"code": c.code, "label": c.label(language)} for c in code_list(name).codes.values()]
        for name in CODED
    }


def area_options(request: Request, level: str, parent: str) -> Options:
    """Return the areas of a level below another one."""
    language = request_language(request)
    return [
        {"code": area["properties"]["code"], "label": name_of(area, language)}
        for area in point_data.areas_under(request_site(request), level, parent)
    ]


def area_lists(request: Request, form: PointForm) -> dict[str, Options]:
    """Return the provinces, and the districts and subdistricts below what the form says."""
    province, district = form.fields["province_code"], form.fields["district_code"]
    return {
        "provinces": area_options(request, "provinces", ""),
        "districts": area_options(request, "districts", province) if province else [],
        "subdistricts": area_options(request, "subdistricts", district) if district else [],
    }


def agency_options(request: Request, chosen: str, words: str = "") -> Options:
    """Return agencies of the viewer's own scope, and the chosen one wherever it is.

    Args:
        request: who asks.
        chosen: id of the agency that the form holds, '' for none.
        words: part of a name; '' lists all while they are few.
    """
    site, language = request_site(request), request_language(request)
    held = scopes(request_viewer(request), "points.edit")
    rows = site.store.read(
        lambda connection: inside_scopes(connection, held, search_words(words), MOST_AGENCIES + 1)
    )
    if not words and len(rows) > MOST_AGENCIES:
        rows = []  # too many for a list: look for one by its name
    options = {row[0]: _name(row[1], row[2], language) for row in rows[:MOST_AGENCIES]}
    if chosen and chosen not in options:
        agency = point_data.agency(site, chosen)
        options = {chosen: name_of(agency, language) if agency else chosen} | options
    return [{"code": code, "label": shown} for code, shown in options.items()]


def _name(name_th: str, name_en: str, language: str) -> str:
    first, second = (name_th, name_en) if language == "th" else (name_en, name_th)
    return first or second


def parent_options(request: Request, own_id: str, chosen: str, words: str = "") -> Options:
    """Return places that may be the main place: the chosen one, and those that a search finds."""
    site, viewer = request_site(request), request_viewer(request)
    found: dict[str, dict[str, Any]] = {}
    if chosen:
        feature = point_data.visible_point(site, viewer, chosen)
        found[chosen] = feature or {"properties": {"name_th": chosen}}
    if search_words(words):
        for feature in point_data.visible_points(site, viewer, words, MOST_PARENTS):
            found.setdefault(feature["id"], feature)
    found.pop(own_id, None)
    language = request_language(request)
    return [
        {"code": item_id, "label": _with_code(feature, name_of(feature, language))}
        for item_id, feature in found.items()
    ]


def _with_code(feature: dict[str, Any], name: str) -> str:
    code = feature["properties"].get("short_code")
    return f"{name} ({code})" if code else name
