# SPDX-License-Identifier: GPL-2.0-or-later
"""Which areas and agencies a viewer can ask a progress report of."""

from __future__ import annotations

from geoapi.messages import Language
from geoapi.progress_report import PERMISSION
from geoapi.progress_report_words import area_words, name_of
from geoapi.rights import Viewer, require
from geoapi.site import Site
from geoapi.store import agencies, progress
from geoapi.store.progress import Named

_MOST_AGENCIES = 500
_PROVINCE_DIGITS = 2


def area_choices(site: Site, viewer: Viewer, language: Language) -> list[tuple[str, str]]:
    """Return (code, words) of provinces and districts inside the viewer's scopes.

    A province whose districts the viewer holds one by one is offered too: the report then counts
    those, and says so.
    """
    held = require(viewer, PERMISSION)
    districts = progress.districts_in(site.store, [scope.area_code for scope in held])
    codes = {district.code[:_PROVINCE_DIGITS] for district in districts}
    provinces = progress.areas(site.store, codes)
    listed = sorted([*provinces.values(), *districts], key=lambda area: area.code)
    return [(area.code, area_words(area, language)) for area in listed]


def agency_choices(site: Site, viewer: Viewer, language: Language) -> list[tuple[str, str]]:
    """Return (id, name) of agencies inside the viewer's scopes, by Thai name."""
    held = require(viewer, PERMISSION)
    found = site.store.read(lambda c: agencies.inside_scopes(c, held, "", _MOST_AGENCIES))
    return [(row[0], name_of(Named(row[0], row[1], row[2]), language)) for row in found]


def province_words(site: Site, code: str, language: Language) -> str:
    """Return the words of a province, '' for none."""
    if not code:
        return ""
    return area_words(progress.areas(site.store, [code]).get(code, Named(code)), language)
