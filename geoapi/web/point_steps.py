# SPDX-License-Identifier: GPL-2.0-or-later
"""Take a step of the workflow from the buttons of a point's page."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from geoapi import transitions
from geoapi.errors import (
    ConflictError,
    InvalidDocumentError,
    PreconditionFailedError,
    Problem,
)
from geoapi.web.csrf import form_text
from geoapi.web.point_desk import Desk, write_context
from geoapi.web.point_form import form_of
from geoapi.web.point_form_page import FormAnswer, form_page
from geoapi.web.rendering import request_site

DONE = {"submit": "submitted", "verify": "verified", "return": "returned"}


def take_action(desk: Desk, posted: FormData, action: str) -> Response:
    """Take the step, or show the form with what stands against it."""
    reason = form_text(posted, "reason").replace("\0", "").strip()
    context = write_context(desk.request, form_text(posted, "etag"), reason)
    try:
        transitions.take_action(request_site(desk.request), context, desk.id, action)
    except InvalidDocumentError as error:
        found, status = error.problems, 422
    except PreconditionFailedError:
        found, status = (Problem("web.transition.changed"),), 412
    except ConflictError as error:
        found, status = (Problem(error.message_id, params=error.params),), 409
    else:
        return redirect(desk, DONE[action])
    form = form_of(desk.current, desk.row.etag)
    return form_page(desk, FormAnswer(form, found, status=status, reason=reason))


def redirect(desk: Desk, done: str) -> Response:
    """Send the browser back to the point's page, which says what was done."""
    return RedirectResponse(f"/my/points/{desk.id}?done={done}", status_code=303)
