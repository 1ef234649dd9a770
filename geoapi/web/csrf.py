# SPDX-License-Identifier: GPL-2.0-or-later
"""Forged requests: a token bound to the session, and a look at where the request comes from.

Before a session there is a signed cookie of its own, so that the sign-in form is protected too.
"""

from __future__ import annotations

import secrets
from typing import NoReturn
from urllib.parse import urlsplit

from starlette.datastructures import FormData, Headers
from starlette.requests import Request

from geoapi.errors import ForbiddenError
from geoapi.rights import PUBLIC, Viewer
from geoapi.settings import Settings
from geoapi.site import Site

FIELD = "csrf_token"
HEADER = "x-csrf-token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_TOKEN_PURPOSE = "csrf"  # noqa: S105 - names what is signed
_COOKIE_PURPOSE = "pre-session"
_MAX_FIELDS = 200


def session_cookie(settings: Settings) -> str:
    """Return the name of the session's cookie; with HTTPS one that no other host can set."""
    return "__Host-pakmud" if settings.is_secure else "pakmud_session"


def pre_session_cookie(settings: Settings) -> str:
    """Return the name of the cookie that stands in before there is a session."""
    return "__Host-pakmud_pre" if settings.is_secure else "pakmud_pre"


class LazyToken:
    """The token of a page, made when it is written into the page and not before.

    A page without a form then sets no cookie.
    """

    def __init__(self, request: Request) -> None:
        """Keep the request."""
        self._request = request

    def __bool__(self) -> bool:
        """Say whether there is a session to send tokens for: only then scripts are given one."""
        viewer: Viewer = getattr(self._request.state, "viewer", PUBLIC)
        return viewer.via == "session"

    def __str__(self) -> str:
        """Return the token."""
        return _token(self._request, _binding(self._request, make=True))

    def __html__(self) -> str:
        """Return the token; it holds no character that HTML minds."""
        return str(self)


def csrf_token(request: Request) -> LazyToken:
    """Return the token for the forms of a page; written out by ``str`` or a template."""
    return LazyToken(request)


def check_token(request: Request, token: str) -> None:
    """Refuse a token that is missing, wrong, or of another session.

    Raises:
        ForbiddenError: with words on what to do.
    """
    binding = _binding(request, make=False)
    site: Site = request.app.state.site
    if not token:
        refuse(request, "auth.csrf_missing")
    if not binding or not site.keys.verify(_TOKEN_PURPOSE, binding.encode(), token):
        refuse(request, "auth.csrf_wrong")
    request.state.csrf_pending = False


def refuse(request: Request, message_id: str) -> NoReturn:
    """Refuse a forged request; the audit hears of it.

    Raises:
        ForbiddenError: always.
    """
    request.state.csrf_refused = True
    raise ForbiddenError(message_id)


def check_origin(request: Request) -> None:
    """Refuse a request that a page of another site made.

    Raises:
        ForbiddenError: Sec-Fetch-Site, or else Origin, names another site.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        if fetch_site not in {"same-origin", "none"}:
            refuse(request, "auth.csrf_other_site")
        return
    origin = request.headers.get("origin")
    if origin is not None and not _is_own_origin(origin, request.headers, request.app.state.site):
        refuse(request, "auth.csrf_other_site")


def _is_own_origin(origin: str, headers: Headers, site: Site) -> bool:
    own = urlsplit(site.settings.base_url)
    if origin == f"{own.scheme}://{own.netloc}":
        return True
    # reached by another name, such as localhost; a foreign page can't choose the Host header
    given = urlsplit(origin)
    return given.scheme in {"http", "https"} and given.netloc == headers.get("host", "")


async def checked_form(
    request: Request, max_fields: int = _MAX_FIELDS, max_files: int = 0
) -> FormData:
    """Return the fields of a posted form after all checks; the only way to read a form.

    Args:
        request: with its body unread.
        max_fields: more are refused; pages with a row per record need more than others.
        max_files: how many files it may hold; they are spooled to the disk.

    Raises:
        ForbiddenError: the token is missing, wrong or of another session, or another site asked.
    """
    viewer: Viewer = getattr(request.state, "viewer", PUBLIC)
    form = await request.form(max_files=max_files, max_fields=max_fields)
    if viewer.via == "token":
        return form  # browsers do not send tokens by themselves
    try:
        check_origin(request)
        check_token(request, request.headers.get(HEADER) or form_text(form, FIELD))
    except ForbiddenError:
        await form.close()
        raise
    return form


def form_text(form: FormData, name: str) -> str:
    """Return a text field of a form, '' when it is not there."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _token(request: Request, binding: str) -> str:
    site: Site = request.app.state.site
    return site.keys.sign(_TOKEN_PURPOSE, binding.encode())


def _binding(request: Request, *, make: bool) -> str:
    """Return what the token is bound to: the session, or the cookie before it; '' for nothing."""
    viewer: Viewer = getattr(request.state, "viewer", PUBLIC)
    if viewer.via == "session":
        return f"session:{viewer.credential_id}"
    site: Site = request.app.state.site
    cookie = request.cookies.get(pre_session_cookie(site.settings), "")
    nonce, _, signature = cookie.partition(".")
    if nonce and site.keys.verify(_COOKIE_PURPOSE, nonce.encode(), signature):
        return f"pre:{nonce}"
    if not make:
        return ""
    nonce = getattr(request.state, "new_pre_session", "")
    if not nonce:
        nonce = secrets.token_urlsafe(24)
        # the authentication middleware sets the cookie
        request.state.new_pre_session = nonce
    return f"pre:{nonce}"


def pre_session_value(site: Site, nonce: str) -> str:
    """Return the value of the cookie for a nonce."""
    return f"{nonce}.{site.keys.sign(_COOKIE_PURPOSE, nonce.encode())}"
