# SPDX-License-Identifier: GPL-2.0-or-later
"""Answer what was posted from the edit form: show it again, confirm it, merge it, save it."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import FormData
from starlette.responses import Response

from geoapi import document, drafts, service_points, transitions
from geoapi.errors import (
    ConflictError,
    InvalidDocumentError,
    PreconditionFailedError,
    Problem,
)
from geoapi.managers import BANGKOK
from geoapi.position_areas import taken_from_map
from geoapi.revisions import Item, Receipt
from geoapi.store import Transaction
from geoapi.web.csrf import form_text
from geoapi.web.draft_fields import keep_from_form
from geoapi.web.opening_hours import made_hours
from geoapi.web.point_desk import Desk, desk_of, write_context
from geoapi.web.point_form import PointForm, form_from, form_of, rebased
from geoapi.web.point_form_page import (
    FormAnswer,
    confirm_page,
    conflict_page,
    form_page,
    found_areas,
    moved_m,
)
from geoapi.web.point_merge import Choice, conflicts, resolved
from geoapi.web.point_patch import Patch, patch_of
from geoapi.web.point_steps import DONE, redirect, take_action
from geoapi.web.point_view import coordinates_of
from geoapi.web.rendering import request_site

_CHOICE_PREFIX = "choice-"
_SAVING = frozenset({"review", "save", "save_submit"})


def answer_post(desk: Desk, posted: FormData) -> Response:
    """Answer a button of the form, of the confirmation, or of the workflow."""
    action = form_text(posted, "action")
    if action in DONE:
        return take_action(desk, posted, action)
    form = form_from(posted)
    if action == "resolve":
        form, action = _resolved(desk, form, posted), "review"
    if action in _SAVING:
        return _answer_edit(desk, form, action, form_text(posted, "draft_seen"))
    if action == "keep_draft":
        return _keep(desk, posted, form)
    return form_page(desk, _changed_form(desk, form, posted, action))


def _changed_form(desk: Desk, form: PointForm, posted: FormData, action: str) -> FormAnswer:
    """Show the form again after a button that helps to fill it; nothing is saved."""
    if action == "take_areas":
        fields = form.fields | taken_from_map(form.fields, found_areas(desk, form))
        form = replace(form, fields=fields)
    if action == "make_hours":
        hours = made_hours(
            form_text(posted, "hours_days"),
            form_text(posted, "hours_from"),
            form_text(posted, "hours_to"),
            without_holidays=form_text(posted, "hours_ph") == "1",
        )
        if not hours:
            problem = Problem("officers.hours.clock", "/form/opening_hours")
            return _as_answer(form, posted, problems=(problem,), status=422)
        form = replace(form, fields=form.fields | {"opening_hours": hours})
    return _as_answer(form, posted, extra_rows=2 if action == "add_phone" else 1)


def _as_answer(
    form: PointForm,
    posted: FormData,
    *,
    problems: tuple[Problem, ...] = (),
    status: int = 200,
    extra_rows: int = 1,
) -> FormAnswer:
    searched = {name: form_text(posted, name)[:100] for name in ("agency_q", "parent_q")}
    seen = form_text(posted, "draft_seen")
    return FormAnswer(
        form, problems, status=status, extra_rows=extra_rows, searched=searched, seen=seen
    )


def _keep(desk: Desk, posted: FormData, form: PointForm) -> Response:
    """Keep a draft by a button; another window's newer one is only replaced knowingly."""
    site = request_site(desk.request)
    context = write_context(desk.request)
    try:
        keep_from_form(site, context, desk.id, posted)
    except ConflictError as error:
        known = drafts.of_point(site, context.viewer, desk.id)
        answer = FormAnswer(
            form,
            (Problem(error.message_id),),
            status=409,
            seen=known.etag if known else "",
        )
        return form_page(desk, answer)
    return redirect(desk, "draft_kept")


def _resolved(desk: Desk, form: PointForm, posted: FormData) -> PointForm:
    """Take the officer's choice of each field that both sides had changed."""
    choices: dict[str, Choice] = {
        name: "theirs" if form_text(posted, _CHOICE_PREFIX + name) == "theirs" else "mine"
        for name in conflicts(form, desk.current)
        if form_text(posted, _CHOICE_PREFIX + name)
    }
    if len(choices) < len(conflicts(form, desk.current)):
        return form  # a field without a choice is asked for again
    return resolved(form, desk.current, desk.row.etag, choices)


def _answer_edit(
    desk: Desk, form: PointForm, action: str, seen: str, *, is_retry: bool = False
) -> Response:
    """Show an edit for confirmation, or save it; a newer revision merges field by field."""
    if form.etag != desk.row.etag:
        both = conflicts(form, desk.current)
        if both:
            return conflict_page(desk, form, both, seen)
        form = rebased(form, desk.current, desk.row.etag)
    today = request_site(desk.request).clock().astimezone(BANGKOK).date()
    patch = patch_of(form, desk.current, today)
    problems = _problems(desk, patch, form)
    if problems:
        return form_page(desk, FormAnswer(form, problems, patch=patch, status=422, seen=seen))
    if action == "review" or not patch.members:
        return confirm_page(desk, form, patch, seen)
    try:
        return _save(desk, form, patch, submits=action == "save_submit", seen=seen)
    except PreconditionFailedError:
        if is_retry:
            raise
        return _answer_edit(desk_of(desk.request), form, action, seen, is_retry=True)


def _problems(desk: Desk, patch: Patch, form: PointForm) -> tuple[Problem, ...]:
    """Return what is wrong with an edit before it is shown for confirmation."""
    if patch.problems:
        return patch.problems
    has_place = coordinates_of(desk.current) is not None
    if "geometry" in patch.members and has_place and not form.is_unlocked:
        return (Problem("officers.position.locked", "/form/unlock_position"),)
    metres = moved_m(desk, patch)
    if metres > transitions.MOVE_NEEDS_REASON_M and not form.fields["move_reason"]:
        params = {"moved_m": f"{metres:,.0f}"}
        return (Problem("web.form.move_reason", "/form/move_reason", params=params),)
    try:
        document.check(document.apply_merge_patch(desk.current, patch.members), desk.current)
    except InvalidDocumentError as error:
        return error.problems
    return ()


def forgetting(desk: Desk) -> Receipt:
    """Return what deletes the writer's draft in the transaction that saves the point."""
    context = write_context(desk.request)

    def forget(transaction: Transaction, item: Item | None) -> None:  # noqa: ARG001 - a receipt
        drafts.forget(transaction, context, desk.id)

    return forget


def _save(desk: Desk, form: PointForm, patch: Patch, *, submits: bool, seen: str) -> Response:
    site = request_site(desk.request)
    context = write_context(desk.request, form.etag, form.fields["move_reason"])
    context = replace(context, receipt=forgetting(desk))
    try:
        item = service_points.update(site, context, desk.id, patch.members)
    except InvalidDocumentError as error:
        answer = FormAnswer(form, error.problems, patch=patch, status=422, seen=seen)
        return form_page(desk, answer)
    except ConflictError as error:
        problem = Problem(error.message_id, params=error.params)
        return form_page(desk, FormAnswer(form, (problem,), status=409, seen=seen))
    if not submits:
        return redirect(desk, "saved")
    try:
        again = write_context(desk.request, item.etag)
        transitions.take_action(site, again, desk.id, "submit")
    except InvalidDocumentError as error:
        fresh = desk_of(desk.request)
        saved_form = form_of(fresh.current, fresh.row.etag)
        return form_page(fresh, FormAnswer(saved_form, error.problems, status=422))
    return redirect(desk, "submitted")
