# SPDX-License-Identifier: GPL-2.0-or-later
"""Render templates for a request: its language, its viewer and the words of both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from geoapi.codes import label
from geoapi.messages import Language, choose_language, message
from geoapi.rights import PUBLIC, Viewer, has
from geoapi.site import Site
from geoapi.web.csrf import csrf_token

_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the one Jinja2 environment; templates are compiled once a process."""
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Thai as it is: an escape is twice as long
    made.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False}
    return made


def request_language(request: Request) -> Language:
    """Return the language of a page: ``lang=``, then the chosen cookie, then Accept-Language."""
    wanted = request.query_params.get("lang") or request.cookies.get("lang")
    return choose_language(wanted, request.headers.get("accept-language"))


def request_viewer(request: Request) -> Viewer:
    """Return who asks."""
    viewer: Viewer = getattr(request.state, "viewer", PUBLIC)
    return viewer


def request_site(request: Request) -> Site:
    """Return the running site."""
    site: Site = request.app.state.site
    return site


def _other_language_url(request: Request, language: Language) -> str:
    other = "en" if language == "th" else "th"
    return str(request.url.include_query_params(lang=other).replace(scheme="", netloc=""))


def render_text(request: Request, template: str, context: Mapping[str, Any]) -> str:
    """Render a template with what every page needs.

    Available in templates: ``t(message_id, **params)``, ``lang``, ``viewer``, ``can(permission)``,
    ``csrf_token``, ``label(list_id, code)``, ``settings``, ``path``, ``other_language_url``.
    """
    language = request_language(request)
    viewer = request_viewer(request)
    site = request_site(request)

    def translate(message_id: str, **params: Any) -> str:  # noqa: ANN401
        return message(message_id, language, params)

    common: dict[str, Any] = {
        "t": translate,
        "lang": language,
        "viewer": viewer,
        "can": partial(has, viewer),
        "csrf_token": csrf_token(request),
        "label": lambda list_id, code: label(list_id, code, language),
        "settings": site.settings,
        "path": request.url.path,
        "other_language_url": _other_language_url(request, language),
        "Markup": Markup,
    }
    return environment().get_template(template).render(common | dict(context))


def render(
    request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> HTMLResponse:
    """Render a page; pages are never kept by shared caches, they depend on the viewer."""
    language = request_language(request)
    response = HTMLResponse(
        render_text(request, template, context or {}),
        status_code=status,
        headers={
            "Content-Language": language,
            "Cache-Control": "private, no-cache",
            "Vary": "Accept-Language, Cookie",
        },
    )
    if request.query_params.get("lang") in {"th", "en"}:
        response.set_cookie("lang", language, max_age=31_536_000, samesite="lax", httponly=True)
    return response
