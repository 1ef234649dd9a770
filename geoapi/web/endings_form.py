# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of the steps that end a point's life or begin it again, each with its own confirmation.

Withdraw, close, move, merge, reopen, discard: the page says what follows, asks for the reason and
for the point that takes the place, by short code or id, and shows that point before it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geoapi import workflow
from geoapi.codes import label
from geoapi.endings import point_named
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    PreconditionFailedError,
    Problem,
)
from geoapi.messages import message
from geoapi.revisions import document_of
from geoapi.store import FeatureRow
from geoapi.transitions import Asked, open_steps, take_action
from geoapi.types import JsonObject
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.point_reach import page_context, working_point
from geoapi.web.point_view import point_view
from geoapi.web.rendering import render, request_language, request_site, request_viewer

# Steps with a page of their own; the others are buttons of the point's page.
ENDINGS = ("discard", "withdraw", "close", "move", "merge", "reopen")
# What the notice after each of them is called.
DONE = {
    "discard": "discarded", "withdraw": "withdrawn", "close": "closed", "move": "moved",
    "merge": "merged", "reopen": "reopened",
}  # fmt: skip
_MAX_REASON_CHARACTERS = 500


def routes() -> list[Route]:
    """Return the routes of the steps."""
    return [
        Route("/my/points/{id}/steps/{action}", show_step, name="my-step"),
        Route("/my/points/{id}/steps/{action}", post_step, methods=["POST"]),
    ]


@dataclass(frozen=True)
class _Filled:
    """What was typed.

    Attributes:
        reason: as typed.
        successor: short code or id as typed.
        etag: of the revision that the page showed.
        confirmed: id of the successor that was shown, '' for none.
    """

    reason: str = ""
    successor: str = ""
    etag: str = ""
    confirmed: str = ""


def _step_in_reach(request: Request) -> FeatureRow:
    """Return the point of the path when the step is open to the viewer.

    Raises:
        NotFoundError: no such step, or no such point.
        ForbiddenError: the step is for others.
        ConflictError: the point is in another state.
    """
    action = request.path_params["action"]
    if action not in ENDINGS:
        raise NotFoundError("steps.unknown")
    row = working_point(request)
    steps = open_steps(request_site(request), request_viewer(request), row)
    if action in steps.actions:
        return row
    step = workflow.TRANSITIONS[action]
    if row.state in step.sources:
        if action == "discard":
            raise ConflictError("workflow.nothing_to_discard")
        raise ForbiddenError("auth.outside_scope")
    raise ConflictError(
        "workflow.wrong_state",
        action=label("operation", action, request_language(request)),
        state=label("state", row.state, request_language(request)),
        wanted=", ".join(
            label("state", state, request_language(request)) for state in sorted(step.sources)
        ),
    )


def show_step(request: Request) -> Response:
    """Show what a step does and ask for what it needs."""
    row = _step_in_reach(request)
    return _page(request, row, _Filled(etag=row.etag))


async def post_step(request: Request) -> Response:
    """Take what was typed; a successor is shown once before it counts."""
    posted = await checked_form(request)
    return await run_in_threadpool(_answer, request, posted)


def _answer(request: Request, posted: FormData) -> Response:
    row = _step_in_reach(request)
    filled = _Filled(
        form_text(posted, "reason").replace("\0", "").strip()[:_MAX_REASON_CHARACTERS],
        form_text(posted, "successor").replace("\0", "").strip(),
        form_text(posted, "etag"),
        form_text(posted, "confirmed"),
    )
    step = workflow.TRANSITIONS[request.path_params["action"]]
    successor, problems = None, []
    if step.needs_reason and not filled.reason:
        problems.append(Problem("workflow.reason_missing", "/reason"))
    if step.needs_successor:
        successor = point_named(request_site(request), request_viewer(request), filled.successor)
        if successor is None:
            missing = "successor_unknown" if filled.successor else "successor_missing"
            problems.append(Problem(f"workflow.{missing}", "/successor_id"))
    if problems:
        return _page(request, row, filled, problems, 422)
    if successor is not None and filled.confirmed != successor["id"]:
        return _page(request, row, filled, successor=successor)
    return _take(request, row, filled, "" if successor is None else successor["id"])


def _take(request: Request, row: FeatureRow, filled: _Filled, successor_id: str) -> Response:
    action = request.path_params["action"]
    context = page_context(request, filled.etag, filled.reason)
    try:
        take_action(request_site(request), context, row.id, action, Asked(successor_id))
    except InvalidDocumentError as error:
        return _page(request, row, filled, error.problems, 422)
    except PreconditionFailedError:
        return _page(request, row, filled, [Problem("web.transition.changed")], 412)
    except (ConflictError, ForbiddenError) as error:
        status = 409 if isinstance(error, ConflictError) else 403
        return _page(request, row, filled, [Problem(error.message_id, params=error.params)], status)
    return RedirectResponse(f"/my/points/{row.id}?done={DONE[action]}", status_code=303)


def _page(
    request: Request,
    row: FeatureRow,
    filled: _Filled,
    problems: Sequence[Problem] = (),
    status: int = 200,
    successor: JsonObject | None = None,
) -> Response:
    language, action = request_language(request), request.path_params["action"]
    fields = {"/reason": "reason", "/successor_id": "successor"}
    listed = [
        {
            "field": fields.get(problem.pointer, ""),
            "text": message(problem.message_id, language, problem.params),
        }
        for problem in problems
    ]
    step = workflow.TRANSITIONS[action]
    context: dict[str, Any] = {
        "point": point_view(document_of(row), language),
        "action": action,
        "heading": message(f"steps.{action}.heading", language),
        "explanation": message(f"steps.{action}.text", language),
        "step": step,
        "form": filled,
        # after "somebody was faster" the page shows what is there now
        "etag": row.etag if status == 412 else filled.etag,  # noqa: PLR2004 - HTTP
        "problems": listed,
        "errors": {"reason": "", "successor": ""}
        | {entry["field"]: entry["text"] for entry in listed if entry["field"]},
        "successor": None if successor is None else point_view(successor, language),
    }
    return render(request, "my_step.html", context, status)
