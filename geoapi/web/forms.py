# SPDX-License-Identifier: GPL-2.0-or-later
"""Forms of pages without scripts: what was typed, what is wrong with it, where to go after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from geoapi.errors import NotFoundError, ServicePointError
from geoapi.managers import BANGKOK, Actor
from geoapi.messages import Language, message
from geoapi.problems import kind_of
from geoapi.thai import format_thai_date
from geoapi.web.rendering import render, request_language, request_viewer


def actor_of(request: Request) -> Actor:
    """Return who does something in a request."""
    return Actor(request_viewer(request), getattr(request.state, "request_id", ""))


def client_address(request: Request) -> str:
    """Return the client's address as the middleware found it, '' when there is none."""
    return request.client.host if request.client else ""


def safe_next(wanted: str, otherwise: str = "/") -> str:
    r"""Return a path to go on to, if it is one of this site and nothing else.

    >>> safe_next("/p/AB?lang=en"), safe_next("//evil.example"), safe_next("https://evil.example")
    ('/p/AB?lang=en', '/', '/')
    >>> safe_next("/\\evil.example"), safe_next("/\t/evil.example"), safe_next("")
    ('/', '/', '/')
    """
    # browsers read a backslash as a slash and leave out control characters
    if not wanted.startswith("/") or wanted.startswith("//") or "\\" in wanted:
        return otherwise
    if not wanted.isprintable() or " " in wanted:
        return otherwise
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return otherwise
    return otherwise if parts.scheme or parts.netloc else wanted


def see_other(path: str) -> RedirectResponse:
    """Return a redirect after a post; nobody keeps it."""
    return RedirectResponse(path, 303, {"Cache-Control": "no-store"})


def field_errors(request: Request, error: ServicePointError) -> dict[str, list[str]]:
    """Return {field: sentences} of an error, in the reader's language; '' is the whole form."""
    language = request_language(request)
    found: dict[str, list[str]] = {}
    for problem in error.problems:
        field = problem.parameter or problem.pointer.lstrip("/")
        sentence = message(problem.message_id, language, problem.params)
        found.setdefault(field, []).append(sentence)
    if not error.problems:
        found[""] = [message(error.message_id, language, error.params)]
    return found


def moment(instant: datetime, language: Language) -> str:
    """Write an instant as people in Thailand read it: day, Buddhist era in Thai, Bangkok time."""
    local = instant.astimezone(BANGKOK)
    if language == "th":
        return f"{format_thai_date(local.date(), short=True)} {local:%H:%M} น."
    return f"{local.day} {local:%b %Y, %H:%M}"


def page(
    request: Request, template: str, context: Mapping[str, Any], status: int = 200
) -> Response:
    """Show a page that nobody keeps; its template writes instants by ``moment(instant)``."""
    shown = partial(moment, language=request_language(request))
    response = render(request, template, {"moment": shown, **context}, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def show_form(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    error: ServicePointError | None = None,
) -> Response:
    """Show a form, again with what was typed and what is wrong when there is an error."""
    errors = {} if error is None else field_errors(request, error)
    status = 200 if error is None else kind_of(error).status
    response = page(request, template, {"errors": errors, **context}, status)
    wait_s = None if error is None else error.params.get("retry_after_s")
    if wait_s is not None:
        response.headers["Retry-After"] = str(math.ceil(wait_s))
    return response


def number_of(text: str, message_id: str = "users.not_found") -> int:
    """Read a number of a hidden field or address.

    Raises:
        NotFoundError: it is none; nobody typed that by mistake.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):  # noqa: PLR2004 - 64 bits
        raise NotFoundError(message_id)
    return int(text)
