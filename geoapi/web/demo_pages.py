# SPDX-License-Identifier: GPL-2.0-or-later
"""What only the demonstration shows: the story of one office, its users, and the reset."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from geoapi.demo import load
from geoapi.demo.users import build_users
from geoapi.errors import NotFoundError
from geoapi.messages import Language
from geoapi.site import Site
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.csrf import checked_form
from geoapi.web.point_view import point_url
from geoapi.web.rendering import request_site

STORY_KEY = "demo_story"


def routes() -> list[Route]:
    """Return the route of the reset, which answers 404 unless the site is a demonstration."""
    return [Route("/demo/reset", reset, methods=["POST"])]


def _require_demo(request: Request) -> None:
    if not request_site(request).settings.demo:
        raise NotFoundError("web.error.no_page", path=request.url.path)


def story_context(site: Site, language: Language) -> dict[str, Any]:
    """Return the story of one office and the users, for the start page."""
    story = point_data.site_value(site, STORY_KEY)
    users = [
        {"username": user["username"], "name": user[f"name_{language}"]} for user in build_users()
    ]
    return {"story": _story(site, story, language) if story else None, "demo_users": users}


def _story(site: Site, story: JsonObject, language: Language) -> dict[str, Any]:
    public = point_data.public_point(site, story["id"])
    right = story.get("right_coordinates") or [story.get("right_lon"), story.get("right_lat")]
    return {
        "name": story[f"name_{language}"],
        "problem": story.get(f"text_{language}") or story.get(f"problem_{language}") or "",
        "right_lon": f"{right[0]:.6f}",
        "right_lat": f"{right[1]:.6f}",
        "officer": story["officer"],
        "supervisor": story["supervisor"],
        "edit_url": f"/my/points/{story['id']}",
        "public_url": point_url(public) if public else "/",
    }


async def reset(request: Request) -> Response:
    """Put the demonstration's data back to its beginning."""
    _require_demo(request)
    await checked_form(request)
    await run_in_threadpool(load.reset, request_site(request))
    return RedirectResponse("/?reset=1", status_code=303)
