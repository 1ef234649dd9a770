# SPDX-License-Identifier: GPL-2.0-or-later
"""Drafts on pages: kept by a script, thrown away, had back, carried to a successor."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from geoapi import drafts
from geoapi.drafts import Draft, Typed
from geoapi.errors import NotFoundError, ServicePointError, UsageError
from geoapi.messages import message
from geoapi.problems import kind_of
from geoapi.revisions import document_of
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.draft_fields import form_of_draft, typed_from_json
from geoapi.web.point_changes import changes_between
from geoapi.web.point_desk import Desk, write_context
from geoapi.web.point_form import PointForm, form_of, rebased, touched
from geoapi.web.point_form_page import FormAnswer, conflict_page, form_page
from geoapi.web.point_merge import base_of, conflicts, followed
from geoapi.web.point_patch import patch_of
from geoapi.web.point_view import show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.workflow import EDITABLE_STATES


async def keep_draft(request: Request) -> Response:
    """Keep what the script sends (PUT), or take a button of a draft (POST)."""
    drafts.require_editor(request_viewer(request))
    if request.method == "POST":
        posted = await checked_form(request)
        return await run_in_threadpool(_button, request, posted)
    try:
        sent = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise UsageError("drafts.not_a_draft") from error
    return await run_in_threadpool(_keep, request, sent)


def _keep(request: Request, sent: Any) -> Response:  # noqa: ANN401 - any JSON
    """Answer {"at": time of day, "etag": of the draft}."""
    typed = typed_from_json(sent)
    site, context = request_site(request), write_context(request)
    draft = drafts.save(site, context, request.path_params["id"], typed)
    at = show_date(draft.updated_at, request_language(request), time=True).split()
    clock = next(part for part in at if ":" in part)
    headers = {"Cache-Control": "no-store"}
    return JSONResponse({"at": clock, "etag": draft.etag}, headers=headers)


def _button(request: Request, posted: FormData) -> Response:
    site, context = request_site(request), write_context(request)
    point_id, action = request.path_params["id"], form_text(posted, "action")
    if action == "discard":
        drafts.discard(site, context, point_id)
        return RedirectResponse(f"/my?discarded={point_id}", 303)
    if action == "restore":
        drafts.restore(site, context, point_id)
        known = drafts.of_point(site, context.viewer, point_id)
        is_new = known is not None and known.typed.is_new
        path = f"/my/points/new?id={point_id}" if is_new else f"/my/points/{point_id}"
        return RedirectResponse(path, 303)
    if action == "to_successor":
        return _to_successor(request, point_id)
    raise UsageError("drafts.unknown_action")


def _to_successor(request: Request, point_id: str) -> Response:
    """Carry what was typed to the point that the old one became part of."""
    site, context = request_site(request), write_context(request)
    draft = drafts.of_point(site, context.viewer, point_id)
    successor = _successor(request, point_id)
    row = successor and point_data.working_row(site, context.viewer, "points.edit", successor["id"])
    if draft is None or not successor or not row:
        raise NotFoundError("drafts.no_successor")
    laid = rebased(form_of_draft(draft), document_of(row), row.etag)
    values = dict(laid.fields)
    for index, phone in enumerate(laid.phones):
        values |= {f"phone-{index}-{part}": text for part, text in phone.items()}
    if laid.has_no_phone:
        values["no_phone"] = "1"
    typed = Typed(values, base=laid.base, etag=row.etag)
    drafts.take_over(site, context, point_id, typed, successor["id"])
    return RedirectResponse(f"/my/points/{successor['id']}", 303)


def _successor(request: Request, point_id: str) -> JsonObject | None:
    """Return the point that a merged or moved one names as its successor, as the viewer sees it."""
    site, viewer = request_site(request), request_viewer(request)
    point = point_data.visible_point(site, viewer, point_id)
    successor_id = (point or {"properties": {}})["properties"].get("successor_id")
    return point_data.visible_point(site, viewer, successor_id) if successor_id else None


def resumed(desk: Desk, draft: Draft) -> Response:
    """Open the form with a draft; a newer revision merges, the same fields are asked about."""
    site, language = request_site(desk.request), request_language(desk.request)
    form = form_of_draft(draft)
    notes = [message("drafts.resumed", language, {"at": _at(desk.request, draft)})]
    if form.etag != desk.row.etag:
        both = conflicts(form, desk.current)
        if both:
            return conflict_page(desk, form, both, draft.etag)
        others = followed(form, desk.current)
        form = rebased(form, desk.current, desk.row.etag)
        if not patch_of(form, desk.current).members and not patch_of(form, desk.current).problems:
            # all of it is saved already: a save of the page that came after the last one
            context = write_context(desk.request)
            site.store.write(lambda t: drafts.forget(t, context, desk.id))
            return form_page(desk, FormAnswer(form_of(desk.current, desk.row.etag)))
        if others:
            names = ", ".join(message(f"web.field.{name}", language) for name in others)
            notes.append(message("drafts.merged", language, {"fields": names}))
    return form_page(desk, FormAnswer(form, notes=notes, seen=draft.etag))


def _at(request: Request, draft: Draft) -> str:
    return show_date(draft.updated_at, request_language(request), time=True)


def left_over(request: Request, draft: Draft, error: ServicePointError | None) -> Response:
    """Show a draft whose point can't be edited any more: its texts, and where they can go.

    Args:
        request: of its owner.
        draft: the viewer's own.
        error: why the point can't be opened, None when only its state forbids edits.
    """
    language = request_language(request)
    form, point_id = form_of_draft(draft), draft.point_id
    point = point_data.visible_point(request_site(request), request_viewer(request), point_id)
    state = point["properties"].get("state") if point else ""
    successor = _successor(request, point_id)
    why = f"drafts.over.{state}" if state in {"withdrawn", "merged", "closed", "moved"} else ""
    context = {
        "title": draft.name or point_id,
        "why": message(why or "drafts.over.gone", language),
        "at": _at(request, draft),
        "changes": _typed_changes(request, form),
        "point_id": point_id,
        "successor": successor and {
            "id": successor["id"], "name": point_data.name_of(successor, language)
        },
    }  # fmt: skip
    status = 200 if error is None else kind_of(error).status
    return render(request, "my_draft_left.html", context, status)


def _typed_changes(request: Request, form: PointForm) -> list[Any]:
    """Return what was typed, field by field, against what the form was opened with."""
    empty = form_of({"id": "", "geometry": None, "properties": {}}, "")
    return changes_between(request, base_of(form) or empty, form) if touched(form) else []


def is_over(desk: Desk) -> bool:
    """Say whether the point's state allows no edits any more."""
    return desk.current["properties"]["state"] not in EDITABLE_STATES
