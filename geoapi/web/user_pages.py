# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of whoever manages users: users, grants, one-time links, and the audit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import accounts, grants, managers
from geoapi.accounts import NewUser, UserView
from geoapi.codes import label
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotFoundError,
    Problem,
    ServicePointError,
)
from geoapi.managers import Actor
from geoapi.messages import Language
from geoapi.rights import Grant, Viewer, require
from geoapi.site import Site
from geoapi.store import accounts as rows
from geoapi.store.audit import EVENTS, read_audit
from geoapi.thai import to_ascii_digits
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import actor_of, number_of, page, see_other, show_form
from geoapi.web.rendering import request_language, request_site, request_viewer

_MOST_AGENCIES = 500
_AUDIT_PAGE = 50
_ON_FORM = (InvalidDocumentError, ConflictError, ForbiddenError)
_GRANT_FIELDS = ("role", "agency_id", "area_code", "valid_from", "valid_to")


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/auth/users", users, methods=["GET"]),
        Route("/auth/users/new", new_user, methods=["GET", "POST"]),
        Route("/auth/users/{user_id}", user, methods=["GET", "POST"]),
        Route("/auth/users/{user_id}/grants", add_grant, methods=["POST"]),
        Route("/auth/users/{user_id}/grants/{grant_id}/remove", remove_grant, methods=["POST"]),
        Route("/auth/users/{user_id}/disable", disable, methods=["POST"]),
        Route("/auth/users/{user_id}/enable", enable, methods=["POST"]),
        Route("/auth/users/{user_id}/reset-password", reset_password, methods=["POST"]),
        Route("/auth/audit", audit, methods=["GET"]),
    ]


def _sign_in_first(request: Request) -> Response | None:
    """Send somebody who only looks, and is not signed in, to the sign-in form."""
    if request.method == "GET" and request_viewer(request).is_anonymous:
        return see_other(f"/auth/login?next={request.url.path}")
    return None


async def users(request: Request) -> Response:
    """List the users that the viewer sees."""
    if turned := _sign_in_first(request):
        return turned
    site, viewer = request_site(request), request_viewer(request)
    words, after = request.query_params.get("q", ""), request.query_params.get("after", "")

    def read() -> tuple[list[UserView], dict[str, tuple[str, str]]]:
        found = accounts.list_users(site, viewer, words=words, after=after)
        return found, _agency_names(site, found)

    found, agencies = await run_in_threadpool(read)
    shown = found[: accounts.PAGE_SIZE]
    context = {
        "users": shown, "q": words, "agencies": agencies,
        "next_after": shown[-1].user.username if len(found) > len(shown) else "",
    }  # fmt: skip
    return page(request, "users/list.html", context)


def _agency_names(site: Site, found: list[UserView]) -> dict[str, tuple[str, str]]:
    ids = sorted({grant.agency_id for view in found for grant, _ in view.grants} - {""})
    return site.store.read(lambda connection: rows.agency_names(connection, ids)) if ids else {}


def _choices(site: Site, viewer: Viewer, language: Language) -> dict[str, Any]:
    """Return what the form of a grant offers."""
    managed = managers.manager(viewer, site.clock())
    agencies = site.store.read(
        lambda connection: rows.agencies_to_choose(connection, managed, _MOST_AGENCIES)
    )
    return {
        "roles": [
            (role, label("role", role, language)) for role in managers.roles_to_give(managed)
        ],
        "agency_choices": agencies,
        "may_give_everywhere": managed.everything,
    }


async def new_user(request: Request) -> Response:
    """Show the form for a new user; make the user and show the one-time link."""
    if turned := _sign_in_first(request):
        return turned
    site, actor = request_site(request), actor_of(request)
    choices = await run_in_threadpool(_choices, site, actor.viewer, request_language(request))
    names = ("username", "display_name", "language", *_GRANT_FIELDS)
    if request.method != "POST":
        typed = dict.fromkeys(names, "") | {"language": "th"}
        return show_form(request, "users/new.html", choices | {"typed": typed})
    form = await checked_form(request)
    typed = {name: form_text(form, name) for name in names}
    try:
        grant = _typed_grant(form) if typed["role"] else None
        new = NewUser(typed["username"], typed["display_name"], typed["language"], grant)
        user_id, path = await run_in_threadpool(accounts.create_user, site, actor, new)
    except _ON_FORM as error:
        return show_form(request, "users/new.html", choices | {"typed": typed}, error)
    return await _show_link(request, user_id, path)


async def _show_link(request: Request, user_id: str, path: str) -> Response:
    site = request_site(request)
    username = await run_in_threadpool(_username, site, user_id)
    link = site.settings.base_url + path
    context = {"user_id": user_id, "username": username, "link": link}
    return show_form(request, "users/link.html", context)


def _username(site: Site, user_id: str) -> str:
    found = site.store.read(lambda connection: rows.user_by_id(connection, user_id))
    return found.username if found else ""


def _typed_grant(form: FormData) -> Grant:
    """Read a grant from a form.

    Raises:
        InvalidDocumentError: a date is none.
    """
    texts = {name: to_ascii_digits(form_text(form, name)).strip() for name in _GRANT_FIELDS}
    dates: dict[str, date | None] = {}
    problems = []
    for name in ("valid_from", "valid_to"):
        try:
            dates[name] = date.fromisoformat(texts[name]) if texts[name] else None
        except ValueError:
            problems.append(Problem("users.date_invalid", f"/{name}"))
    if problems:
        raise InvalidDocumentError("users.invalid", problems=tuple(problems))
    return Grant(
        texts["role"], texts["agency_id"], texts["area_code"],
        dates["valid_from"], dates["valid_to"],
    )  # fmt: skip


async def user(request: Request) -> Response:
    """Show a user with the grants in scope; change display name and language."""
    if turned := _sign_in_first(request):
        return turned
    if request.method != "POST":
        return await _show_user(request)
    site, actor = request_site(request), actor_of(request)
    managers.manager(actor.viewer, site.clock())
    form = await checked_form(request)
    names = (form_text(form, "display_name"), form_text(form, "language"))

    def change(user_id: str, revision: int) -> None:
        accounts.change_user(site, actor, user_id, revision, names)

    typed = {"display_name": names[0], "language": names[1]}
    return await _change(request, form, change, typed)


async def _show_user(
    request: Request,
    error: ServicePointError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    site, viewer = request_site(request), request_viewer(request)
    user_id = request.path_params["user_id"]

    def read() -> dict[str, Any]:
        view = accounts.get_user(site, viewer, user_id)
        return {
            "view": view,
            "agencies": _agency_names(site, [view]),
            "today": managers.today(site.clock()),
            "has_password": accounts.has_password(view.user),
            **_choices(site, viewer, request_language(request)),
        }

    context = await run_in_threadpool(read)
    shown: rows.User = context["view"].user
    values = dict.fromkeys(_GRANT_FIELDS, "") | {
        "display_name": shown.display_name,
        "language": shown.language,
    }
    context["typed"] = values | (typed or {})
    context["saved"] = error is None and request.query_params.get("saved") == "1"
    return show_form(request, "users/user.html", context, error)


async def _change(
    request: Request,
    form: FormData,
    change: Callable[[str, int], None],
    typed: dict[str, str] | None = None,
) -> Response:
    """Run a change of a user and show the page again, with what is wrong if anything is."""
    user_id = request.path_params["user_id"]
    revision = number_of(form_text(form, "revision"))
    try:
        await run_in_threadpool(change, user_id, revision)
    except _ON_FORM as error:
        return await _show_user(request, error, typed)
    return see_other(f"/auth/users/{user_id}?saved=1")


async def _checked(request: Request) -> tuple[Site, Actor, FormData]:
    """Return site, actor and form of a posted change by somebody who manages users."""
    site, actor = request_site(request), actor_of(request)
    managers.manager(actor.viewer, site.clock())
    return site, actor, await checked_form(request)


async def add_grant(request: Request) -> Response:
    """Give a grant."""
    site, actor, form = await _checked(request)

    def change(user_id: str, revision: int) -> None:
        grants.add_grant(site, actor, user_id, revision, _typed_grant(form))

    return await _change(request, form, change, {n: form_text(form, n) for n in _GRANT_FIELDS})


async def remove_grant(request: Request) -> Response:
    """Take a grant away."""
    site, actor, form = await _checked(request)
    grant_id = request.path_params["grant_id"]

    def change(user_id: str, revision: int) -> None:
        grants.remove_grant(site, actor, user_id, revision, grant_id)

    return await _change(request, form, change)


async def disable(request: Request) -> Response:
    """Disable a user."""
    site, actor, form = await _checked(request)

    def change(user_id: str, revision: int) -> None:
        accounts.set_disabled(site, actor, user_id, revision, disabled=True)

    return await _change(request, form, change)


async def enable(request: Request) -> Response:
    """Enable a user again."""
    site, actor, form = await _checked(request)

    def change(user_id: str, revision: int) -> None:
        accounts.set_disabled(site, actor, user_id, revision, disabled=False)

    return await _change(request, form, change)


async def reset_password(request: Request) -> Response:
    """Take the password away and show a one-time link to hand over."""
    site, actor, form = await _checked(request)
    user_id = request.path_params["user_id"]
    revision = number_of(form_text(form, "revision"))
    revoke_tokens = form_text(form, "revoke_tokens") == "1"

    def reset() -> str:
        return accounts.reset_password(site, actor, user_id, revision, revoke_tokens=revoke_tokens)

    try:
        path = await run_in_threadpool(reset)
    except _ON_FORM as error:
        return await _show_user(request, error)
    return await _show_link(request, user_id, path)


async def audit(request: Request) -> Response:
    """Show the audit to system administrators, the newest first."""
    if turned := _sign_in_first(request):
        return turned
    site, viewer = request_site(request), request_viewer(request)
    require(viewer, "audit.read")
    before_text = request.query_params.get("before", "")
    before = number_of(before_text, "audit.page_not_found") if before_text else None
    event = request.query_params.get("event", "")
    found = await run_in_threadpool(
        site.store.read,
        lambda connection: read_audit(
            connection, before=before, event=event, limit=_AUDIT_PAGE + 1
        ),
    )
    shown = found[:_AUDIT_PAGE]
    if before is not None and not found:
        raise NotFoundError("audit.page_not_found")
    context = {
        "entries": shown, "event": event, "events": EVENTS,
        "next_before": shown[-1].id if len(found) > len(shown) else None,
    }  # fmt: skip
    return page(request, "users/audit.html", context)
