# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of whoever assigns places: lists with numbers, one assignment, new ones, hand-over."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import assignment_lists, assignment_work, records, take_over
from geoapi.assignment_work import Order
from geoapi.assignments import KIND
from geoapi.codes import code_list
from geoapi.errors import ConflictError, ForbiddenError, InvalidDocumentError, ServicePointError
from geoapi.managers import today
from geoapi.messages import message
from geoapi.rights import require
from geoapi.store.assignments import Wanted
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.assignment_view import (
    agency_names,
    context_of,
    shown_assignments,
    typed,
    typed_day,
)
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import see_other, show_form
from geoapi.web.map_symbols import grouped_categories
from geoapi.web.rendering import request_language, request_site, request_viewer

_PAGE = 50
_MOST_IN_CSV = 100_000
_STATES = tuple(code_list("assignment_state").codes)
_COUNTED = ("assigned", "accepted", "overdue", "pinned", "verified")
_ON_FORM = (InvalidDocumentError, ConflictError, ForbiddenError)
_NOTICES = ("saved", "handed_over", "declined", "cancelled", "assigned")
_NEW_FIELDS = (
    "what", "name_th", "district_code", "agency_id", "category", "owner_id", "due_on", "campaign",
    "letter_no", "note",
)  # fmt: skip
_CSV_COLUMNS = (
    "name_th", "name_en", "district_code", "state", "due_on", "days_late", "campaign",
    "letter_no", "point_id", "point_state", "agency_id",
)  # fmt: skip


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/assignments", assignments, methods=["GET"]),
        Route("/assignments.csv", as_csv, methods=["GET"]),
        Route("/assignments/new", new, methods=["GET", "POST"]),
        Route("/assignments/hand-over", hand_over, methods=["GET", "POST"]),
        Route("/assignments/{id}", one, methods=["GET", "POST"]),
    ]


def _wanted(request: Request, **more: Any) -> Wanted:  # noqa: ANN401 - fields of Wanted
    """Read the filter from the page's address; what can't be read counts as not given."""
    given = {n: v.replace("\0", "")[:64] for n, v in request.query_params.items()}
    state = given.get("state", "") if given.get("state") in _STATES else ""
    day = today(request_site(request).clock()).isoformat()
    return Wanted(
        states=(state,) if state and state != "overdue" else (),
        overdue_on=day if state == "overdue" else "",
        agency_id=given.get("agency", ""),
        area_code=given.get("district", ""),
        **more,
    )


def assignments(request: Request) -> Response:
    """List the assignments of the viewer's offices and districts, with numbers."""
    site, viewer = request_site(request), request_viewer(request)
    given = request.query_params
    number = given.get("page", "1")
    page = min(int(number), 10_000) if number.isascii() and number.isdigit() else 1
    page = max(page, 1)
    wanted = _wanted(request, limit=_PAGE, offset=(page - 1) * _PAGE)
    found = assignment_lists.managed(site, viewer, wanted)
    language = request_language(request)
    districts = point_data.area_names(site, found.districts, language)
    agencies = agency_names(site, found.agencies, language)
    kept = {n: given[n] for n in ("district", "agency", "state") if given.get(n)}
    done = given.get("done", "")

    def url(**changed: str) -> str:
        return f"/assignments?{urlencode({**kept, **changed})}"

    context = {
        "rows": shown_assignments(request, found.found),
        "total": found.total,
        "states": _STATES,
        "counted": _COUNTED,
        "filter": {n: given.get(n, "") for n in ("district", "agency", "state")},
        "districts": _numbers(found.districts, districts, "district"),
        "agencies": _numbers(found.agencies, agencies, "agency"),
        "csv_url": f"/assignments.csv?{urlencode(kept)}",
        "previous_url": url(page=str(page - 1)) if page > 1 else "",
        "next_url": url(page=str(page + 1)) if found.total > page * _PAGE else "",
        "notice": message(f"assignments.notice_{done}", language, {"n": given.get("n", "")[:6]})
        if done in _NOTICES
        else "",
    }
    return show_form(request, "assignments/list.html", context)


def _numbers(
    counted: dict[str, dict[str, int]], names: dict[str, str], field: str
) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            "name": names.get(code, code),
            "url": f"/assignments?{urlencode({field: code})}" if code else "",
            "numbers": [numbers.get(state, 0) for state in _COUNTED],
        }
        for code, numbers in counted.items()
    ]


def as_csv(request: Request) -> Response:
    """Send the filtered list as a table for spreadsheet programs."""
    site, viewer = request_site(request), request_viewer(request)
    found = assignment_lists.managed(site, viewer, _wanted(request, limit=_MOST_IN_CSV)).found
    names = agency_names(
        site, (v.properties.get("agency_id") for v in found), request_language(request)
    )
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", *_CSV_COLUMNS, "agency", "officer"])
    for view in found:
        shown = {**view.properties, "state": view.state, "days_late": view.days_late or ""}
        agency = names.get(view.properties.get("agency_id") or "", "")
        cells = [view.id, *(shown.get(n) or "" for n in _CSV_COLUMNS), agency, view.owner]
        writer.writerow([_safe(str(cell)) for cell in cells])
    headers = {
        "Content-Disposition": 'attachment; filename="assignments.csv"',
        "Cache-Control": "no-store",
    }
    return Response("\ufeff" + file.getvalue(), media_type="text/csv", headers=headers)


def _safe(cell: str) -> str:
    """Keep spreadsheet programs from taking a cell for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _choices(request: Request) -> dict[str, Any]:
    """Return what the forms offer: officers, offices, districts, categories."""
    site, viewer, language = (
        request_site(request), request_viewer(request), request_language(request),
    )  # fmt: skip
    offices = [
        (item_id, (name_en or name_th) if language == "en" else name_th)
        for item_id, _code, name_th, name_en in assignment_lists.offices(site, viewer)
    ]
    everybody = assignment_lists.officers(site, viewer)
    return {
        "officers": [(item_id, f"{name} ({username})") for item_id, username, name in everybody],
        "offices": offices,
        "districts": _districts(request),
        "categories": grouped_categories(language),
    }


def _districts(request: Request) -> list[tuple[str, str]]:
    """Return (code, name) of the districts where the viewer assigns."""
    site, language = request_site(request), request_language(request)
    held = require(request_viewer(request), "assignments.manage")
    codes = assignment_lists.district_codes(site)
    inside = [
        code
        for code in codes
        if any(code.startswith(s.area_code) or s.area_code.startswith(code) for s in held)
    ]
    names = point_data.area_names(site, inside, language)
    return sorted(((code, names.get(code, code)) for code in inside), key=lambda pair: pair[0])


async def new(request: Request) -> Response:
    """Show the form for new assignments; assign one place, or many points at once."""
    require(request_viewer(request), "assignments.manage")
    if request.method == "GET":
        return await run_in_threadpool(_new_form, request, {"what": "points"}, None)
    posted = await checked_form(request)
    return await run_in_threadpool(_assign, request, typed(posted, _NEW_FIELDS))


def _new_form(request: Request, given: dict[str, str], error: ServicePointError | None) -> Response:
    context = _choices(request) | {"typed": dict.fromkeys(_NEW_FIELDS, "") | given}
    return show_form(request, "assignments/new.html", context, error)


def _assign(request: Request, given: dict[str, str]) -> Response:
    site, context = request_site(request), context_of(request, given["note"])
    try:
        due_on = typed_day(given["due_on"], "due_on")
        if given["what"] == "place":
            records.create(site, context, KIND, _place(given, due_on))
            count = 1
        else:
            order = Order(
                given["agency_id"], given["district_code"], given["category"], given["owner_id"],
                due_on, given["campaign"], given["letter_no"], given["note"],
            )  # fmt: skip
            count = assignment_work.assign_points(site, context, order)
    except _ON_FORM as error:
        return _new_form(request, given, error)
    return see_other(f"/assignments?done=assigned&n={count}")


def _place(given: dict[str, str], due_on: str) -> JsonObject:
    names = (
        "name_th", "district_code", "agency_id", "category", "owner_id", "campaign", "letter_no",
        "note",
    )  # fmt: skip
    properties: JsonObject = {name: given[name] or None for name in names}
    properties |= {"state": "assigned", "due_on": due_on or None}
    return {"type": "Feature", "geometry": None, "properties": properties}


async def one(request: Request) -> Response:
    """Show an assignment; change it, hand it over, answer a request, cancel it."""
    require(request_viewer(request), "assignments.manage")
    if request.method == "GET":
        return await run_in_threadpool(_one_page, request, None)
    posted = await checked_form(request)
    return await run_in_threadpool(_change, request, posted)


def _one_page(request: Request, error: ServicePointError | None) -> Response:
    view = assignment_lists.one(
        request_site(request), request_viewer(request), request.path_params["id"]
    )
    done = request.query_params.get("done", "")
    (row,) = shown_assignments(request, [view])
    context = _choices(request) | {
        "row": row,
        "is_living": view.properties["state"] in assignment_lists.LIVING,
        "notice": message(f"assignments.notice_{done}", request_language(request), {"n": "1"})
        if done in _NOTICES
        else "",
    }
    return show_form(request, "assignments/one.html", context, error)


def _change(request: Request, posted: FormData) -> Response:
    site, item_id = request_site(request), request.path_params["id"]
    given = typed(posted, ("action", "reason", "due_on", "campaign", "letter_no", "note", "to"))
    context = context_of(request, given["reason"], form_text(posted, "etag"))
    assignment_lists.one(site, context.viewer, item_id)
    try:
        match given["action"]:
            case "save":
                texts = {n: given[n] or None for n in ("campaign", "letter_no", "note")}
                due = {"due_on": typed_day(given["due_on"], "due_on") or None}
                records.update(site, context, KIND, item_id, {"properties": texts | due})
                done = "saved"
            case "hand_over":
                item_id = take_over.hand_over(site, context, item_id, given["to"])
                done = "handed_over"
            case "accept" | "decline":
                accept = given["action"] == "accept"
                take_over.answer_request(site, context, item_id, accept=accept)
                done = "handed_over" if accept else "declined"
            case "cancel":
                patch = {"properties": {"state": "cancelled"}}
                records.update(site, context, KIND, item_id, patch)
                done = "cancelled"
            case _:
                return _one_page(request, None)
    except _ON_FORM as error:
        return _one_page(request, error)
    return see_other(f"/assignments/{item_id}?done={done}")


async def hand_over(request: Request) -> Response:
    """Give everything that one officer has to another."""
    require(request_viewer(request), "assignments.manage")
    if request.method == "GET":
        given = {"from": request.query_params.get("from", ""), "to": "", "reason": ""}
        return await run_in_threadpool(_hand_over_form, request, given, None)
    posted = await checked_form(request)
    return await run_in_threadpool(_hand_over, request, typed(posted, ("from", "to", "reason")))


def _hand_over_form(
    request: Request, given: dict[str, str], error: ServicePointError | None
) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    owners = assignment_lists.owners(site, viewer)
    context = _choices(request) | {"typed": given, "owners": owners}
    return show_form(request, "assignments/hand_over.html", context, error)


def _hand_over(request: Request, given: dict[str, str]) -> Response:
    context = context_of(request, given["reason"])
    try:
        count = take_over.hand_over_all(request_site(request), context, given["from"], given["to"])
    except _ON_FORM as error:
        return _hand_over_form(request, given, error)
    return see_other(f"/assignments?done=handed_over&n={count}")
