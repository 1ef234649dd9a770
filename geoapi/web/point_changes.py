# SPDX-License-Identifier: GPL-2.0-or-later
"""Say in words how two versions of a point differ, field by field."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from geoapi.codes import label
from geoapi.messages import Language, message
from geoapi.web import point_data
from geoapi.web.point_form import TEXT_FIELDS, Fields, PointForm
from geoapi.web.rendering import request_language, request_site, request_viewer

_CODED = {
    "category": "category",
    "status": "status",
    "position_basis": "position_basis",
    "position_method": "position_method",
    "civil_registry_link": "civil_registry_link",
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
    names = []
    if _place(before) != _place(after):
        names.append("position")
    names += [name for name in TEXT_FIELDS if before.fields[name] != after.fields[name]]
    language = request_language(request)
    if _phones(before.phones, language) != _phones(after.phones, language):
        names.append("phones")
    if before.has_no_phone != after.has_no_phone:
        names.append("no_phone")
    return [field_change(request, name, before, after) for name in names]


def field_change(request: Request, name: str, before: PointForm, after: PointForm) -> Change:
    """Say one field of two versions in words; ``position`` is latitude and longitude."""
    language = request_language(request)
    said = [_field_said(request, name, form) for form in (before, after)]
    return Change(message(f"web.field.{name}", language), *said)


def _field_said(request: Request, name: str, form: PointForm) -> str:
    language = request_language(request)
    if name == "position":
        return _place(form)
    if name == "phones":
        return _phones(form.phones, language)
    if name == "no_phone":
        return _tick(form.has_no_phone, language)
    return _said(request, name, form.fields[name])


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
    if name == "agency_id":
        agency = point_data.agency(request_site(request), value)
        return point_data.name_of(agency, language) if agency else value
    if name == "parent_id":
        place = point_data.visible_point(request_site(request), request_viewer(request), value)
        return point_data.name_of(place, language) if place else value
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
