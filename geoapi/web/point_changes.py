# SPDX-License-Identifier: GPL-2.0-or-later
"""Say in words how two versions of a point differ, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from geoapi.codes import label
from geoapi.messages import Language, message
from geoapi.web import point_data
from geoapi.web.point_form import TEXT_FIELDS, Fields, PointForm
from geoapi.web.rendering import request_language, request_site

_CODED = {
    "category": "category",
    "status": "status",
    "position_basis": "position_basis",
    "position_method": "position_method",
}
_AREA_LEVELS = {
    "province_code": "provinces",
    "district_code": "districts",
    "subdistrict_code": "subdistricts",
}


@dataclass(frozen=True)
class Change:
    """One field that differs.

    Attributes:
        caption: of the field.
        before: in words, '' for empty.
        after: in words, '' for empty.
    """

    caption: str
    before: str
    after: str


def changes_between(request: Request, before: PointForm, after: PointForm) -> list[Change]:
    """Return the fields in which two versions differ, the place first."""
    language = request_language(request)
    found = []
    if _place(before) != _place(after):
        caption = message("web.field.position", language)
        found.append(Change(caption, _place(before), _place(after)))
    for name in TEXT_FIELDS:
        if before.fields[name] != after.fields[name]:
            caption = message(f"web.field.{name}", language)
            old, new = (_said(request, name, form.fields[name]) for form in (before, after))
            found.append(Change(caption, old, new))
    phones = [_phones(form.phones, language) for form in (before, after)]
    if phones[0] != phones[1]:
        found.append(Change(message("web.field.phones", language), *phones))
    if before.has_no_phone != after.has_no_phone:
        ticks = [_tick(form.has_no_phone, language) for form in (before, after)]
        found.append(Change(message("web.field.no_phone", language), *ticks))
    return found


def _place(form: PointForm) -> str:
    lat, lon = form.fields["lat"], form.fields["lon"]
    return f"{lat}, {lon}" if lat or lon else ""


def _said(request: Request, name: str, value: str) -> str:
    """Say a value in words: labels of codes, names of areas."""
    language = request_language(request)
    if not value:
        return ""
    if name in _CODED:
        return label(_CODED[name], value, language)
    if name in _AREA_LEVELS:
        return point_data.area_name(request_site(request), _AREA_LEVELS[name], value, language)
    return value


def _phones(phones: tuple[Fields, ...], language: Language) -> str:
    said = []
    for phone in phones:
        text = phone["number"]
        if phone["ext"]:
            text += " " + message("web.phone.ext", language, {"ext": phone["ext"]})
        kind = label("phone_kind", phone["kind"], language)
        said.append(f"{text} ({kind}{', ' + phone['label'] if phone['label'] else ''})")
    return "; ".join(said)


def _tick(value: bool, language: Language) -> str:
    return message("web.changes.yes" if value else "web.changes.no", language)
