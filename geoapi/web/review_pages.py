# SPDX-License-Identifier: GPL-2.0-or-later
"""The reviewer's pages: what waits, one point to decide, and on to the next.

They work without scripts; keys and a live map come on top.  The page of a point is the same
whether it is opened or fetched ahead, so that the browser can have the next one ready.
"""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from geoapi import review_queue, service_points
from geoapi.codes import code_list
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    PreconditionFailedError,
    UsageError,
)
from geoapi.messages import message
from geoapi.ogc import cursor
from geoapi.review_queue import WAITING, QueueEntry, QueueFilter
from geoapi.revisions import WriteContext, document_of, editors_of
from geoapi.rights import require
from geoapi.web import point_data
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import see_other
from geoapi.web.point_view import point_view, show_date
from geoapi.web.rendering import render, request_language, request_site, request_viewer
from geoapi.web.review_filter import address, choices, filter_parts, read_filter
from geoapi.web.review_view import ReviewCase, case_context, differences, quick_reasons

_DECISIONS = {"verify": "verified", "return": "returned"}
_NOTICES = ("verified", "returned", "skipped")
_FRESH_AHEAD_S = 60  # a page fetched ahead may be shown this long without asking again


def routes() -> list[Route]:
    """Return the routes of the queue and of one point."""
    return [
        Route("/review", queue, name="review"),
        Route("/review/{id}", show_case, name="review-point"),
        Route("/review/{id}", post_case, methods=["POST"]),
    ]


def queue(request: Request) -> Response:
    """Show what waits, filtered and counted."""
    site, viewer, wanted = request_site(request), request_viewer(request), read_filter(request)
    counts = review_queue.queue_counts(site, viewer)
    page = review_queue.queue_page(site, viewer, wanted, _cursor(request, wanted))
    language = request_language(request)
    first = review_queue.first_of(site, viewer, wanted)
    following = page.next_after
    after = cursor.encode(site.keys, _binding(wanted), following) if following else ""
    done = request.query_params.get("done", "")
    context = {
        "wanted": filter_parts(wanted),
        "is_filtered": wanted != QueueFilter(newest_first=wanted.newest_first),
        "choices": choices(request, counts),
        "counts": counts,
        "own": message("review.own_count", language, {"n": f"{counts.own:,}"})
        if counts.own
        else "",
        "matched": message("review.matched", language, {"n": f"{page.total:,}"}),
        "entries": entry_rows(request, page.entries, wanted),
        "start_url": address(f"/review/{first}", wanted) if first else "",
        "bulk_url": address("/review/bulk", wanted),
        "first_url": address("/review", wanted) if "after" in request.query_params else "",
        "next_url": address("/review", wanted, after=after) if after else "",
        "notice": message(f"review.notice.{done}", language) if done in _NOTICES else "",
        "came_from": _came_from(request),
    }
    return render(request, "review/queue.html", context)


def _binding(wanted: QueueFilter) -> str:
    return f"review|{filter_parts(wanted)}"


def _cursor(request: Request, wanted: QueueFilter) -> tuple[Any, ...] | None:
    """Read where the page begins; a cursor that does not fit begins at the front."""
    text = request.query_params.get("after", "")
    if not text:
        return None
    try:
        return cursor.decode(request_site(request).keys, _binding(wanted), text)
    except UsageError:
        return None


def entry_rows(
    request: Request, entries: list[QueueEntry], wanted: QueueFilter
) -> list[dict[str, Any]]:
    """Return the rows of a list of points that wait."""
    site, language = request_site(request), request_language(request)
    codes = (e.feature["properties"].get("district_code") or "" for e in entries)
    names = point_data.area_names(site, codes, language)
    return [
        point_view(entry.feature, language)
        | {
            "place": names.get(entry.feature["properties"].get("district_code") or "", ""),
            "review_url": address(f"/review/{entry.feature['id']}", wanted),
            "days": message("review.days", language, {"n": entry.days}),
            "since": show_date(entry.feature["properties"]["updated_at"], language),
            "is_own": entry.is_own,
            "etag": str(entry.feature.get("etag", "")).strip('"'),
        }
        for entry in entries
    ]


def _case(request: Request) -> ReviewCase:
    """Fetch a point inside the reviewer's scope.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        ForbiddenError: the viewer reviews nowhere, or not here.
        NotFoundError: there is no such point, or the viewer may not know of it.
    """
    site, viewer = request_site(request), request_viewer(request)
    require(viewer, "points.review")
    item_id = request.path_params["id"].replace("\0", "")
    row = point_data.working_row(site, viewer, "points.review", item_id)
    if row is None:
        service_points.get(site, viewer, item_id)
        raise ForbiddenError("auth.outside_scope")
    entries = review_queue.history(site, viewer, item_id)
    return ReviewCase(request, row, entries, viewer.user_id in editors_of(row))


def show_case(request: Request) -> Response:
    """Show a point to decide, or say that it does not wait any more."""
    case = _case(request)
    if case.row.state != WAITING:
        return _settled_page(case, 200)
    response = _case_page(case)
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        response.headers["Cache-Control"] = f"private, max-age={_FRESH_AHEAD_S}"
    return response


def _case_page(
    case: ReviewCase, status: int = 200, *, reason: str = "", error: str = ""
) -> Response:
    request = case.request
    wanted = read_filter(request)
    context = {
        **_way(case, wanted),
        **case_context(case, wanted),
        "since": [],
        "reason": reason,
        "error": error,
        "came_from": _came_from(request),
    }
    return render(request, "review/point.html", context, status)


def _way(case: ReviewCase, wanted: QueueFilter) -> dict[str, Any]:
    """Return the addresses of the queue and of the points before and after."""
    site, viewer = request_site(case.request), request_viewer(case.request)
    place = review_queue.place_of(site, viewer, case.row)
    following = review_queue.neighbour(site, viewer, wanted, place)
    former = review_queue.neighbour(site, viewer, wanted, place, before=True)
    return {
        "queue_url": address("/review", wanted),
        "post_url": address(f"/review/{case.id}", wanted),
        # whoever comes from here sees a link back; the address is the one to fetch ahead
        "next_url": address(f"/review/{following}", wanted, **{"from": case.id})
        if following
        else "",
        "end_url": address("/review", wanted, done="skipped"),
        "previous_url": address(f"/review/{former}", wanted) if former else "",
    }


def _came_from(request: Request) -> dict[str, str] | None:
    """Return name and address of the point that was decided or skipped just before."""
    site, viewer = request_site(request), request_viewer(request)
    item_id = request.query_params.get("from", "").replace("\0", "")
    row = point_data.working_row(site, viewer, "points.review", item_id) if item_id else None
    if row is None:
        return None
    name = point_data.name_of(document_of(row), request_language(request))
    return {"name": name, "url": f"/my/points/{row.id}"}


async def post_case(request: Request) -> Response:
    """Take a decision."""
    posted = await checked_form(request)
    return await run_in_threadpool(_answer, request, posted)


def _answer(request: Request, posted: FormData) -> Response:
    case = _case(request)
    action = form_text(posted, "action")
    reason = form_text(posted, "reason").replace("\0", "").strip()
    quick = form_text(posted, "quick")
    if quick in code_list("return_reason").codes and action not in _DECISIONS:
        words = {q["code"]: q["words"] for q in quick_reasons(request_language(request))}
        return _case_page(case, reason=_joined(reason, words[quick]))
    if action not in _DECISIONS:
        return _case_page(case, reason=reason)
    return _decide(case, action, reason, form_text(posted, "etag"))


def _joined(reason: str, words: str) -> str:
    """Add words to a reason, once."""
    if words in reason:
        return reason
    return f"{reason}; {words}" if reason else words


def _decide(case: ReviewCase, action: str, reason: str, etag: str) -> Response:
    request = case.request
    language = request_language(request)
    context = WriteContext(
        request_viewer(request),
        request_id=getattr(request.state, "request_id", ""),
        client="web",
        reason=reason,
        if_match=(etag,),
    )
    wanted = read_filter(request)
    way = _way(case, wanted)
    try:
        service_points.take_action(request_site(request), context, case.id, action)
    except InvalidDocumentError as error:
        sentence = message(error.message_id, language, error.params)
        return _case_page(case, 422, reason=reason, error=sentence)
    except PreconditionFailedError:
        return _too_late(request, reason, etag)
    except ConflictError as error:
        if error.message_id == "workflow.wrong_state":
            return _too_late(request, reason, etag)
        sentence = message(_conflict_words(error), language, error.params)
        return _case_page(case, 409, reason=reason, error=sentence)
    done = _DECISIONS[action]
    end_url = address("/review", wanted, done=done, **{"from": case.id})
    where = f"{way['next_url']}#{done}" if way["next_url"] else end_url
    if request.headers.get("accept") == "application/json":
        # a browser that is redirected after a post asks anew for the page that it has ready
        return JSONResponse({"location": where}, headers={"Cache-Control": "no-store"})
    return see_other(where)


def _conflict_words(error: ConflictError) -> str:
    return "review.own_edit" if error.message_id == "workflow.own_edit" else error.message_id


def _too_late(request: Request, reason: str, etag: str) -> Response:
    """Say that somebody else decided, or show what changed since the page was opened."""
    case = _case(request)
    if case.row.state != WAITING:
        return _settled_page(case, 409)
    before = review_queue.document_at(case.entries, etag)
    since = differences(request, before, document_of(case.row)) if before else []
    wanted = read_filter(request)
    context = {
        **_way(case, wanted),
        **case_context(case, wanted),
        "since": since,
        "reason": reason,
        "error": message("review.changed_since", request_language(request)),
        "came_from": None,
    }
    return render(request, "review/point.html", context, 412)


def _settled_page(case: ReviewCase, status: int) -> Response:
    """Say that a point was decided already, and lead on."""
    current = document_of(case.row)
    view = point_view(current, request_language(case.request))
    context = {
        **_way(case, read_filter(case.request)),
        "point": view,
        "is_late": status == 409,  # noqa: PLR2004 - the status of a conflict
    }
    return render(case.request, "review/settled.html", context, status)
