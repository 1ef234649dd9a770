# SPDX-License-Identifier: GPL-2.0-or-later
"""The history of a point for those who work on it, and the way back to an earlier revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geoapi.codes import label
from geoapi.endings import predecessors
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    PreconditionFailedError,
    Problem,
)
from geoapi.messages import Language, message
from geoapi.point_history import HistoryEntry, moved_m, point_history
from geoapi.revisions import document_of
from geoapi.rights import SYSTEM
from geoapi.store import FeatureRow
from geoapi.transitions import Asked, open_steps, take_action
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.point_changes import Change, changes_between
from geoapi.web.point_form import TEXT_FIELDS, form_of
from geoapi.web.point_reach import page_context, working_point
from geoapi.web.point_view import point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.workflow import EDITABLE_STATES

PAGE_SIZE = 30
_MAX_REASON_CHARACTERS = 500
_MOST_DIGITS = 9
# Members that name another point; the edit form may have some of them itself.
_POINT_MEMBERS = tuple(n for n in ("parent_id", "successor_id") if n not in TEXT_FIELDS)


def routes() -> list[Route]:
    """Return the routes of histories."""
    return [
        Route("/my/points/{id}/history", show_history, name="my-history"),
        Route("/my/points/{id}/history/{revision}", show_revision, name="my-revision"),
        Route("/my/points/{id}/history/{revision}", post_revision, methods=["POST"]),
    ]


def show_history(request: Request) -> Response:
    """List who did what when, newest first: fields before and after, reason, metres moved."""
    site, viewer = request_site(request), request_viewer(request)
    row = working_point(request)
    entries = point_history(site, viewer, row.id)
    page = _number(request.query_params.get("page", ""), default=1)
    shown = entries[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    may_restore = "restore" in open_steps(site, viewer, row).actions
    context = {
        "point": point_view(document_of(row), request_language(request)),
        "entries": [_entry(request, entry, row, may_restore) for entry in shown],
        "page": page,
        "has_older": len(entries) > page * PAGE_SIZE,
        "merged_here": _merged_here(request, row),
        "successor": _named(request, document_of(row)["properties"].get("successor_id")),
    }
    return render(request, "my_history.html", context)


def _number(text: str, *, default: int) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return max(1, int(text)) if is_number else default


def _entry(
    request: Request, entry: HistoryEntry, row: FeatureRow, may_restore: bool
) -> dict[str, Any]:
    language = request_language(request)
    can_be_restored = may_restore and entry.feature is not None and entry.revision < row.revision
    return {
        "revision": entry.revision,
        "at": show_date(entry.at, language, time=True),
        "who": entry.actor or _nobody(entry, language),
        "operation": label("operation", entry.operation, language),
        "reason": entry.reason,
        "changes": _changes(request, entry.before, entry.feature),
        "moved_m": "" if entry.distance_m is None else f"{entry.distance_m:,.0f}",
        "is_current": entry.revision == row.revision,
        "restore_url": f"/my/points/{row.id}/history/{entry.revision}" if can_be_restored else "",
    }


def _nobody(entry: HistoryEntry, language: Language) -> str:
    is_system = entry.actor_id == SYSTEM.user_id
    return message("history.system" if is_system else "history.unknown_user", language)


def _changes(request: Request, before: JsonObject | None, after: JsonObject | None) -> list[Change]:
    """Return what differs between two revisions; nothing for the first and after a deletion."""
    if before is None or after is None:
        return []
    found = changes_between(request, form_of(before, ""), form_of(after, ""))
    for name in _POINT_MEMBERS:
        ids = [feature["properties"].get(name) for feature in (before, after)]
        if ids[0] != ids[1]:
            old, new = (_name_of(request, item_id) for item_id in ids)
            found.append(Change(message(f"history.{name}", request_language(request)), old, new))
    return found


def _name_of(request: Request, item_id: str | None) -> str:
    named = _named(request, item_id)
    return item_id or "" if named is None else str(named["name"])


def _named(request: Request, item_id: str | None) -> dict[str, Any] | None:
    """Return how to show another point, None when the viewer may not know of it."""
    if not item_id:
        return None
    site, viewer = request_site(request), request_viewer(request)
    row = point_data.working_row(site, viewer, "points.read_working", item_id)
    feature = document_of(row) if row else point_data.public_point(site, item_id)
    return None if feature is None else point_view(feature, request_language(request))


def _merged_here(request: Request, row: FeatureRow) -> list[dict[str, Any]]:
    """Return the points that were merged into this one or moved here, each with its history."""

    def look(connection: Connection) -> list[str]:
        return predecessors(connection, row.id)

    found = (_named(request, item_id) for item_id in request_site(request).store.read(look))
    return [named for named in found if named is not None]


@dataclass(frozen=True)
class _Chosen:
    """A revision that may be brought back."""

    row: FeatureRow
    entry: HistoryEntry


def _chosen(request: Request) -> _Chosen:
    """Return the revision of the path when the viewer may restore it.

    Raises:
        NotFoundError: the viewer sees no such earlier revision.
        ForbiddenError: the viewer may not edit the point.
        ConflictError: the point's life has ended, or the revision is the current one.
    """
    site, viewer = request_site(request), request_viewer(request)
    row = working_point(request)
    if point_data.working_row(site, viewer, "points.edit", row.id) is None:
        raise ForbiddenError("auth.outside_scope")
    if row.state not in EDITABLE_STATES:
        state = label("state", row.state, request_language(request))
        raise ConflictError("workflow.not_editable", state=state)
    revision = _number(request.path_params["revision"], default=0)
    entries = point_history(site, viewer, row.id)
    found = next((e for e in entries if e.revision == revision and e.feature is not None), None)
    if found is None:
        raise NotFoundError("workflow.unknown_revision", revision=revision)
    if revision == row.revision:
        raise ConflictError("history.is_current")
    return _Chosen(row, found)


def show_revision(request: Request) -> Response:
    """Show what would change if an earlier revision came back, and ask for confirmation."""
    chosen = _chosen(request)
    return _page(request, chosen, "", chosen.row.etag, (), 200)


async def post_revision(request: Request) -> Response:
    """Bring an earlier revision back as a new one."""
    posted = await checked_form(request)
    return await run_in_threadpool(_restore, request, posted)


def _restore(request: Request, posted: FormData) -> Response:
    chosen = _chosen(request)
    reason = form_text(posted, "reason").replace("\0", "").strip()[:_MAX_REASON_CHARACTERS]
    etag = form_text(posted, "etag")
    context = page_context(request, etag, reason)
    asked = Asked(revision=chosen.entry.revision)
    problems: tuple[Problem, ...]
    try:
        take_action(request_site(request), context, chosen.row.id, "restore", asked)
    except InvalidDocumentError as error:
        problems, status = error.problems, 422
    except PreconditionFailedError:
        problems, status, etag = (Problem("web.transition.changed"),), 412, chosen.row.etag
    except (ConflictError, ForbiddenError) as error:
        problems = (Problem(error.message_id, params=error.params),)
        status = 409 if isinstance(error, ConflictError) else 403
    else:
        return RedirectResponse(f"/my/points/{chosen.row.id}?done=restored", status_code=303)
    return _page(request, chosen, reason, etag, problems, status)


def _page(
    request: Request,
    chosen: _Chosen,
    reason: str,
    etag: str,
    problems: tuple[Problem, ...],
    status: int,
) -> Response:
    language, current = request_language(request), document_of(chosen.row)
    moved = moved_m(current, chosen.entry.feature)
    context = {
        "point": point_view(current, language),
        "revision": chosen.entry.revision,
        "at": show_date(chosen.entry.at, language, time=True),
        "changes": _changes(request, current, chosen.entry.feature),
        "moved_m": "" if moved is None else f"{moved:,.0f}",
        "form": {},
        "reason": reason,
        "etag": etag,
        "problems": [
            {"field": "", "text": message(p.message_id, language, p.params)} for p in problems
        ],
    }
    return render(request, "my_restore.html", context, status)
