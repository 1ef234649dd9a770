# SPDX-License-Identifier: GPL-2.0-or-later
"""Officers' pages: the points I may work on, and one point to edit, submit or review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from geoapi import document, service_points
from geoapi.codes import code_list
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    PreconditionFailedError,
    Problem,
)
from geoapi.messages import message
from geoapi.revisions import WriteContext, document_of
from geoapi.rights import has
from geoapi.store import FeatureRow
from geoapi.transitions import open_steps
from geoapi.types import JsonObject, Permission
from geoapi.web import endings_form, history_pages, point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.map_symbols import grouped_categories
from geoapi.web.map_view import MapWish, around, map_view
from geoapi.web.point_changes import Change, changes_between
from geoapi.web.point_form import (
    Patch,
    PointForm,
    field_of,
    form_from,
    form_of,
    hidden_fields,
    patch_of,
    rebased,
    shown,
)
from geoapi.web.point_lists import list_context, read_search
from geoapi.web.point_view import coordinates_of, point_url, point_view
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.workflow import EDITABLE_STATES

_STATES = (
    "unpinned", "draft", "submitted", "returned", "verified", "withdrawn", "closed", "moved",
    "merged",
)  # fmt: skip
_DONE = {"submit": "submitted", "verify": "verified", "return": "returned"}
_NOTICES = ("saved", "restored", *_DONE.values(), *endings_form.DONE.values())
_CHOICES = ("position_basis", "position_method", "status", "phone_kind")


def routes() -> list[Route]:
    """Return the routes below ``/my``."""
    return [
        Route("/my", my_points, name="my"),
        Route("/my/areas", areas_list, name="my-areas"),
        Route("/my/points/{id}", show_point, name="my-point"),
        Route("/my/points/{id}", post_point, methods=["POST"]),
        *history_pages.routes(),
        *endings_form.routes(),
    ]


@dataclass(frozen=True)
class Desk:
    """One point on somebody's desk.

    Attributes:
        request: who asks, and in which language.
        row: the working row.
        current: its document.
        may_edit: the viewer may change it.
        actions: steps of the workflow that the viewer may take now.
        why_not: sentence on a step that is closed to the viewer, '' for none.
    """

    request: Request
    row: FeatureRow
    current: JsonObject
    may_edit: bool
    actions: tuple[str, ...]
    why_not: str

    @property
    def id(self) -> str:
        """Return the point's id."""
        return str(self.row.id)


def my_points(request: Request) -> Response:
    """List the points that the viewer may edit or review.

    Raises:
        NotAuthenticatedError: nobody is signed in.
    """
    viewer = request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    is_reviewer = has(viewer, "points.review") and not has(viewer, "points.edit")
    search = read_search(request)
    if is_reviewer and "state" not in request.query_params:
        search = replace(search, state="submitted")
    permission: Permission = "points.review" if is_reviewer else "points.edit"
    found = point_data.working_points(request_site(request), viewer, permission, search)
    context = {"states": _STATES, "is_reviewer": is_reviewer}
    return render(request, "my.html", context | list_context(request, found, search))


def areas_list(request: Request) -> Response:
    """Send the areas below one, for the lists of the edit form: [{code, label}]."""
    parent = request.query_params.get("parent", "")
    level = {2: "districts", 4: "subdistricts"}.get(len(parent))
    if level is None or not parent.isascii() or not parent.isdigit():
        return JSONResponse([])
    return JSONResponse(_area_options(request, level, parent))


def _area_options(request: Request, level: str, parent: str) -> list[dict[str, str]]:
    language = request_language(request)
    return [
        {"code": area["properties"]["code"], "label": point_data.name_of(area, language)}
        for area in point_data.areas_under(request_site(request), level, parent)
    ]


def _desk(request: Request) -> Desk:
    """Fetch the point and what the viewer may do with it.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer may see it, but not work on it.
    """
    site, viewer = request_site(request), request_viewer(request)
    item_id = request.path_params["id"]
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    rows = {
        permission: point_data.working_row(site, viewer, permission, item_id)
        for permission in ("points.edit", "points.submit", "points.review")
    }
    row = next((found for found in rows.values() if found is not None), None)
    if row is None:
        service_points.get(site, viewer, item_id)
        raise ForbiddenError("auth.outside_scope")
    current = document_of(row)
    steps = open_steps(site, viewer, row)
    why_not = ""
    if steps.is_own_edit:
        why_not = message("web.transition.own_edit", request_language(request))
    may_edit = rows["points.edit"] is not None and row.state in EDITABLE_STATES
    return Desk(request, row, current, may_edit, steps.actions, why_not)


def show_point(request: Request) -> Response:
    """Show the edit form, or what a reviewer has to decide."""
    desk = _desk(request)
    return _form_page(desk, form_of(desk.current, desk.row.etag), ())


async def post_point(request: Request) -> Response:
    """Take what was posted from the form, the confirmation or the buttons of the workflow."""
    posted = await checked_form(request)
    return await run_in_threadpool(_answer, request, posted)


def _answer(request: Request, posted: FormData) -> Response:
    desk = _desk(request)
    action = form_text(posted, "action")
    if action in _DONE:
        return _take_action(desk, posted, action)
    form = form_from(posted)
    if action not in {"review", "save", "save_submit"}:
        return _form_page(desk, form, (), extra_rows=2 if action == "add_phone" else 1)
    return _answer_edit(desk, form, action)


def _answer_edit(desk: Desk, form: PointForm, action: str) -> Response:
    """Show an edit for confirmation, or save it."""
    if form.etag != desk.row.etag:
        return _conflict_page(desk, form)
    patch = patch_of(form, desk.current)
    problems = _problems(desk, patch, form)
    if problems:
        return _form_page(desk, form, problems, patch=patch, status=422)
    if action == "review" or not patch.members:
        return _confirm_page(desk, form, patch)
    return _save(desk, form, patch, submits=action == "save_submit")


def _problems(desk: Desk, patch: Patch, form: PointForm) -> tuple[Problem, ...]:
    """Return what is wrong with an edit before it is shown for confirmation."""
    if patch.problems:
        return patch.problems
    moved_m = _moved_m(desk, patch)
    if moved_m > service_points.MOVE_NEEDS_REASON_M and not form.fields["move_reason"]:
        params = {"moved_m": f"{moved_m:,.0f}"}
        return (Problem("web.form.move_reason", "/form/move_reason", params=params),)
    try:
        document.check(document.apply_merge_patch(desk.current, patch.members), desk.current)
    except InvalidDocumentError as error:
        return error.problems
    return ()


def _moved_m(desk: Desk, patch: Patch) -> float:
    """Return how far the point moves, in metres, from its public or else its present place."""
    place = coordinates_of(patch.members)
    public = point_data.public_point(request_site(desk.request), desk.id)
    before = coordinates_of(public or desk.current)
    if place is None or before is None:
        return 0.0
    return service_points.distance_m(before, place)


def _context(desk: Desk, etag: str, reason: str) -> WriteContext:
    return WriteContext(
        request_viewer(desk.request),
        request_id=getattr(desk.request.state, "request_id", ""),
        client="web",
        reason=reason,
        if_match=(etag,),
    )


def _save(desk: Desk, form: PointForm, patch: Patch, *, submits: bool) -> Response:
    site = request_site(desk.request)
    context = _context(desk, form.etag, form.fields["move_reason"])
    try:
        item = service_points.update(site, context, desk.id, patch.members)
    except PreconditionFailedError:
        return _conflict_page(_desk(desk.request), form)
    except InvalidDocumentError as error:
        return _form_page(desk, form, error.problems, patch=patch, status=422)
    except ConflictError as error:
        problem = Problem(error.message_id, params=error.params)
        return _form_page(desk, form, (problem,), status=409)
    if not submits:
        return _redirect(desk, "saved")
    try:
        service_points.take_action(site, _context(desk, item.etag, ""), desk.id, "submit")
    except InvalidDocumentError as error:
        fresh = _desk(desk.request)
        saved_form = form_of(fresh.current, fresh.row.etag)
        return _form_page(fresh, saved_form, error.problems, status=422)
    return _redirect(desk, "submitted")


def _take_action(desk: Desk, posted: FormData, action: str) -> Response:
    reason = form_text(posted, "reason").replace("\0", "").strip()
    context = _context(desk, form_text(posted, "etag"), reason)
    try:
        service_points.take_action(request_site(desk.request), context, desk.id, action)
    except InvalidDocumentError as error:
        found, status = error.problems, 422
    except PreconditionFailedError:
        found, status = (Problem("web.transition.changed"),), 412
    except ConflictError as error:
        found, status = (Problem(error.message_id, params=error.params),), 409
    else:
        return _redirect(desk, _DONE[action])
    form = form_of(desk.current, desk.row.etag)
    return _form_page(desk, form, found, status=status, reason=reason)


def _redirect(desk: Desk, done: str) -> Response:
    return RedirectResponse(f"/my/points/{desk.id}?done={done}", status_code=303)


def _form_page(  # noqa: PLR0913 - the one renderer of all answers that show the form
    desk: Desk,
    form: PointForm,
    problems: Sequence[Problem],
    *,
    patch: Patch | None = None,
    status: int = 200,
    extra_rows: int = 1,
    reason: str = "",
) -> Response:
    request, language = desk.request, request_language(desk.request)
    rows = patch.phone_rows if patch else ()
    listed = [
        {"field": field_of(p, rows), "text": message(p.message_id, language, p.params)}
        for p in problems
    ]
    errors = {entry["field"]: entry["text"] for entry in listed if entry["field"]}
    done = request.query_params.get("done", "")
    changes, public = _waiting_changes(desk)
    context = {
        "point": _point(desk, public),
        "form": shown(form, errors, extra_rows) | {"reason": reason},
        "problems": listed,
        "may_edit": desk.may_edit,
        "actions": desk.actions,
        "why_not": desk.why_not,
        "notice": message(f"web.notice.{done}", language)
        if done in _NOTICES and request.method == "GET"
        else "",
        "categories": grouped_categories(language),
        "choices": _choices(request),
        "areas": _area_lists(request, form),
        "changes": changes,
        "moved_m": "",
        "map": _map(desk, coordinates_of(desk.current), public),
    }
    return render(request, "my_point.html", context, status)


def _point(desk: Desk, public: JsonObject | None) -> dict[str, Any]:
    view = point_view(desk.current, request_language(desk.request))
    return view | {"public_url": "" if public is None else point_url(public)}


def _waiting_changes(desk: Desk) -> tuple[list[Change], JsonObject | None]:
    """Return how the working document differs from what the public sees."""
    public = point_data.public_point(request_site(desk.request), desk.id)
    empty: JsonObject = {"id": desk.id, "geometry": None, "properties": {}}
    before, after = form_of(public or empty, ""), form_of(desk.current, "")
    return changes_between(desk.request, before, after), public


def _choices(request: Request) -> dict[str, list[dict[str, str]]]:
    language = request_language(request)
    return {
        name: [{"code": c.code, "label": c.label(language)} for c in code_list(name).codes.values()]
        for name in _CHOICES
    }


def _area_lists(request: Request, form: PointForm) -> dict[str, list[dict[str, str]]]:
    province, district = form.fields["province_code"], form.fields["district_code"]
    return {
        "provinces": _area_options(request, "provinces", ""),
        "districts": _area_options(request, "districts", province) if province else [],
        "subdistricts": _area_options(request, "subdistricts", district) if district else [],
    }


def _map(
    desk: Desk, place: tuple[float, float] | None, public: JsonObject | None
) -> dict[str, Any]:
    name = point_view(desk.current, request_language(desk.request))["name"]
    old = coordinates_of(public) if public else None
    places = [p for p in (place, old) if p is not None]
    bbox = around(*places) if places else point_data.extent(request_site(desk.request))
    alt = message("web.map.alt_point", request_language(desk.request), {"name": name})
    moved = old if old != place else None
    return map_view(desk.request, MapWish(bbox, alt, place, moved, {"own": desk.id}))


def _confirm_page(desk: Desk, form: PointForm, patch: Patch) -> Response:
    before = form_of(desk.current, "")
    after = rebased(form, desk.current, form.etag)
    moved_m = _moved_m(desk, patch)
    place = coordinates_of(patch.members)
    context = {
        "point": _point(desk, None),
        "form": form.fields,
        "changes": changes_between(desk.request, before, after) if patch.members else [],
        "moved_m": f"{moved_m:,.0f}" if place is not None else "",
        "problems": [],
        "conflict": [],
        "kept": hidden_fields(form),
        "map": _map(desk, place, desk.current) if place is not None else None,
    }
    return render(desk.request, "my_point_review.html", context)


def _conflict_page(desk: Desk, form: PointForm) -> Response:
    """Show mine and theirs side by side; what was typed is kept and laid over the newer one."""
    mine = rebased(form, desk.current, desk.row.etag)
    theirs = form_of(desk.current, "")
    context = {
        "point": _point(desk, None),
        "form": form.fields,
        "changes": [],
        "moved_m": "",
        "problems": [],
        "conflict": changes_between(desk.request, theirs, form),
        "kept": hidden_fields(mine),
        "map": None,
    }
    return render(desk.request, "my_point_review.html", context, 412)
