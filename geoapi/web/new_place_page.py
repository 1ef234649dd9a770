# SPDX-License-Identifier: GPL-2.0-or-later
"""Add a place: its name, kind and office; looked for among those that are there already."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geoapi import drafts, nearby, service_points
from geoapi.document import check
from geoapi.errors import ConflictError, ForbiddenError, InvalidDocumentError, Problem
from geoapi.messages import message
from geoapi.position_areas import areas_at
from geoapi.revisions import Item
from geoapi.rights import require
from geoapi.store import Transaction
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.draft_fields import form_of_draft, keep_from_form
from geoapi.web.map_symbols import grouped_categories
from geoapi.web.nearby_page import neighbour_rows, read_at
from geoapi.web.point_choices import agency_options, area_lists
from geoapi.web.point_desk import write_context
from geoapi.web.point_form import PointForm, field_of, form_from, form_of, shown, spelled_degrees
from geoapi.web.point_patch import LONGEST, patch_of
from geoapi.web.point_view import coordinates_of, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer

_AREAS = ("province_code", "district_code", "subdistrict_code")


@dataclass(frozen=True)
class NewPlace:
    """A place that is being added.

    Attributes:
        request: of the officer.
        id: that the point will have; its draft has it already.
        form: what was typed.
        problems: what is wrong with it.
        likely: points that it may be.
        seen: entity tag of the draft that the form holds.
        searched: part of an agency's name.
        notes: sentences above the form.
    """

    request: Request
    id: str
    form: PointForm
    problems: tuple[Problem, ...] = ()
    likely: tuple[nearby.Neighbour, ...] = ()
    seen: str = ""
    searched: str = ""
    notes: tuple[str, ...] = ()


def _empty(item_id: str) -> JsonObject:
    return {"type": "Feature", "id": item_id, "geometry": None, "properties": {"status": "open"}}


async def new_place(request: Request) -> Response:
    """Show the form of a new place, or add the place.

    Raises:
        ForbiddenError: the viewer adds no places.
    """
    if request.method == "POST":
        posted = await checked_form(request)
        return await run_in_threadpool(_post, request, posted)
    return await run_in_threadpool(_show, request)


def _show(request: Request) -> Response:
    require(request_viewer(request), "points.edit")
    item_id = _id_of(request.query_params.get("id", ""))
    if not item_id:
        query = dict(request.query_params) | {"id": str(uuid.uuid4())}
        return RedirectResponse(f"/my/points/new?{urlencode(query)}", 303)
    site, viewer = request_site(request), request_viewer(request)
    if point_data.visible_point(site, viewer, item_id) is not None:
        return RedirectResponse(f"/my/points/{item_id}", 303)
    draft = drafts.of_point(site, viewer, item_id)
    if draft is not None:
        at = show_date(draft.updated_at, request_language(request), time=True)
        note = message("drafts.resumed", request_language(request), {"at": at})
        form = form_of_draft(draft)
        return _page(NewPlace(request, item_id, form, seen=draft.etag, notes=(note,)))
    return _page(_begun(request, item_id))


def _id_of(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def _begun(request: Request, item_id: str) -> NewPlace:
    """Fill in what is known: the position of the address, the only office of the viewer."""
    form = form_of(_empty(item_id), "")
    known: dict[str, str] = {}
    place = read_at(request)
    if isinstance(place, tuple):
        known |= {"lon": spelled_degrees(place[0]), "lat": spelled_degrees(place[1])}
    if not known.get("agency_id"):
        options = agency_options(request, "")
        known |= {"agency_id": options[0]["code"]} if len(options) == 1 else {}
    form = replace(form, fields=form.fields | known)
    return NewPlace(request, item_id, form)


def _post(request: Request, posted: FormData) -> Response:
    require(request_viewer(request), "points.edit")
    action = form_text(posted, "action")
    new = NewPlace(
        request,
        _id_of(form_text(posted, "point_id")) or str(uuid.uuid4()),
        form_from(posted),
        seen=form_text(posted, "draft_seen"),
        searched=form_text(posted, "agency_q")[:100],
    )
    if action == "keep_draft":
        return _keep(new, posted)
    if action != "create":
        return _page(new)
    return _create(new, is_other=form_text(posted, "is_other") == "1")


def _keep(new: NewPlace, posted: FormData) -> Response:
    site, context = request_site(new.request), write_context(new.request)
    try:
        keep_from_form(site, context, new.id, posted, is_new=True)
    except ConflictError as error:
        known = drafts.of_point(site, context.viewer, new.id)
        seen = known.etag if known else ""
        return _page(replace(new, problems=(Problem(error.message_id),), seen=seen), 409)
    return RedirectResponse(f"/my/points/new?id={new.id}", 303)


def _create(new: NewPlace, *, is_other: bool) -> Response:
    """Add the place, unless something is wrong or it seems to be there already."""
    site, viewer = request_site(new.request), request_viewer(new.request)
    feature, problems = _document(new)
    if problems:
        return _page(replace(new, problems=problems), 422)
    if not is_other:
        properties = feature["properties"]
        likely = nearby.like_new(
            site, viewer, properties["name_th"], properties["category"], coordinates_of(feature)
        )
        if likely:
            return _page(replace(new, likely=tuple(likely)), 409)
    context = write_context(new.request)

    def forget(transaction: Transaction, item: Item | None) -> None:  # noqa: ARG001 - a receipt
        drafts.forget(transaction, context, new.id)

    try:
        service_points.create(site, replace(context, receipt=forget), feature)
    except ForbiddenError:
        return _page(replace(new, problems=(Problem("officers.new.outside", "/form/lat"),)), 403)
    except InvalidDocumentError as error:
        return _page(replace(new, problems=error.problems), 422)
    except ConflictError as error:
        problem = Problem(error.message_id, params=error.params)
        return _page(replace(new, problems=(problem,)), 409)
    return RedirectResponse(f"/my/points/{new.id}?done=created", 303)


def _document(new: NewPlace) -> tuple[JsonObject, tuple[Problem, ...]]:
    """Return the document of the new place, and what is wrong with what was typed."""
    patch = patch_of(new.form, {**_empty(new.id), "properties": {}})
    given = patch.members.get("properties", {})
    properties = {name: value for name, value in given.items() if value is not None}
    feature: JsonObject = {**_empty(new.id), "geometry": patch.members.get("geometry")}
    feature["properties"] = {"status": "open", **properties}
    problems = list(patch.problems)
    if not properties.get("category"):
        problems.append(Problem("officers.new.category", "/form/category"))
    if len(properties.get("name_th", "")) < 2:  # noqa: PLR2004 - as the schema has it
        problems.append(Problem("officers.new.name", "/form/name_th"))
    if problems:
        return feature, tuple(problems)
    if not any(properties.get(name) for name in _AREAS):
        feature["properties"] |= _area_codes(new, feature)
    try:
        check(feature)
    except InvalidDocumentError as error:
        return feature, error.problems
    return feature, ()


def _area_codes(new: NewPlace, feature: JsonObject) -> dict[str, str]:
    """Return where the place lies: by its position, else by its office, else by the viewer."""
    site, place = request_site(new.request), coordinates_of(feature)
    if place is not None:
        found = areas_at(site, place, {}).codes
        if found:
            return found
    agency = point_data.agency(site, feature["properties"].get("agency_id"))
    areas = agency["properties"] if agency else {}
    codes = {name: str(areas[name]) for name in _AREAS if areas.get(name)}
    if codes:
        return codes
    grants = request_viewer(new.request).grants
    code = next((grant.area_code for grant in grants if grant.area_code), "")
    return {name: code[:length] for name, length in zip(_AREAS, (2, 4, 6), strict=True)
            if len(code) >= length}  # fmt: skip


def _page(new: NewPlace, status: int = 200) -> Response:
    language, form = request_language(new.request), new.form
    listed = [
        {"field": field_of(p), "text": message(p.message_id, language, p.params)}
        for p in new.problems
    ]
    errors = {entry["field"]: entry["text"] for entry in listed if entry["field"]}
    context: dict[str, Any] = {
        "point_id": new.id,
        "form": shown(form, errors),
        "problems": listed,
        "notes": new.notes,
        "likely": neighbour_rows(new.request, list(new.likely)),
        "categories": grouped_categories(language),
        "areas": area_lists(new.request, form),
        "agencies": agency_options(new.request, form.fields["agency_id"], new.searched),
        "searched": {"agency_q": new.searched},
        "limits": LONGEST,
        "has_place": False,
        "draft": {"writer": secrets.token_hex(8), "seen": new.seen, "kept_at": ""},
    }
    return render(new.request, "my_new_place.html", context, status)
