# SPDX-License-Identifier: GPL-2.0-or-later
"""Officers' pages: which address shows what; one point to edit, submit or review."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from geoapi import drafts
from geoapi.errors import ForbiddenError, NotFoundError
from geoapi.web import endings_form, history_pages
from geoapi.web.assigned_places import begin_place
from geoapi.web.csrf import checked_form
from geoapi.web.draft_pages import is_over, keep_draft, left_over, resumed
from geoapi.web.my_page import my_points
from geoapi.web.nearby_page import nearby_places
from geoapi.web.new_place_page import new_place
from geoapi.web.point_choices import area_options
from geoapi.web.point_desk import desk_of
from geoapi.web.point_edit import answer_post
from geoapi.web.point_form import form_of
from geoapi.web.point_form_page import FormAnswer, form_page
from geoapi.web.rendering import request_site, request_viewer


def routes() -> list[Route]:
    """Return the routes below ``/my``."""
    return [
        Route("/my", my_points, name="my"),
        Route("/my/areas", areas_list, name="my-areas"),
        Route("/my/assigned/{id}", begin_place, methods=["POST"]),
        Route("/my/nearby", nearby_places),
        Route("/my/points/new", new_place, methods=["GET", "POST"]),
        Route("/my/points/{id}/draft", keep_draft, methods=["PUT", "POST"]),
        Route("/my/points/{id}", show_point, name="my-point"),
        Route("/my/points/{id}", post_point, methods=["POST"]),
        *history_pages.routes(),
        *endings_form.routes(),
    ]


def areas_list(request: Request) -> Response:
    """Send the areas below one, for the lists of the edit form: [{code, label}]."""
    parent = request.query_params.get("parent", "")
    level = {2: "districts", 4: "subdistricts"}.get(len(parent))
    if level is None or not parent.isascii() or not parent.isdigit():
        return JSONResponse([])
    return JSONResponse(area_options(request, level, parent))


def show_point(request: Request) -> Response:
    """Show the edit form, with the viewer's draft when there is one, or what to decide.

    Raises:
        NotAuthenticatedError: nobody is signed in.
        NotFoundError: there is no such point, or the viewer may not know of it.
        ForbiddenError: the viewer may see it, but not work on it.
    """
    site, viewer = request_site(request), request_viewer(request)
    draft = drafts.of_point(site, viewer, request.path_params["id"])
    if request.query_params.get("draft") == "aside":  # look at the point itself
        draft = None
    try:
        desk = desk_of(request)
    except (NotFoundError, ForbiddenError) as error:
        if draft is None:
            raise
        return left_over(request, draft, error)
    if draft is None:
        return form_page(desk, FormAnswer(form_of(desk.current, desk.row.etag)))
    if not desk.may_edit and is_over(desk):
        return left_over(request, draft, None)
    if not desk.may_edit:
        return form_page(desk, FormAnswer(form_of(desk.current, desk.row.etag)))
    return resumed(desk, draft)


async def post_point(request: Request) -> Response:
    """Take what was posted from the form, the confirmation or the buttons of the workflow."""
    posted = await checked_form(request)
    return await run_in_threadpool(_answer, request, posted)


def _answer(request: Request, posted: FormData) -> Response:
    return answer_post(desk_of(request), posted)
