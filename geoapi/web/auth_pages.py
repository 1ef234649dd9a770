# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages of whoever signs in: sign-in, sign-out, account, password, access tokens."""

from __future__ import annotations

from typing import Any, get_args

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from geoapi import access_tokens, accounts, profiles, sign_in
from geoapi.errors import (
    ConflictError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    Problem,
    ServicePointError,
    TooManyRequestsError,
)
from geoapi.identity import SignedIn, require_session
from geoapi.profiles import ProfileRow
from geoapi.rights import scopes
from geoapi.sign_in import NewSession
from geoapi.site import Site
from geoapi.store.accounts import User, user_by_id
from geoapi.types import Permission
from geoapi.web import csrf
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import actor_of, client_address, number_of, safe_next, see_other, show_form
from geoapi.web.point_view import show_phone
from geoapi.web.rendering import render, request_site, request_viewer

_LANGUAGE_COOKIE_S = 31_536_000
# What is said on the form itself; everything else is an error page.
_ON_FORM = (InvalidDocumentError, ConflictError, NotAuthenticatedError, TooManyRequestsError)


def routes() -> list[Route]:
    """Return the routes of these pages."""
    return [
        Route("/auth/login", login, methods=["GET", "POST"]),
        Route("/demo/login", demo_login, methods=["POST"]),
        Route("/auth/logout", logout, methods=["POST"]),
        Route("/auth/account", account, methods=["GET", "POST"]),
        Route("/auth/password", password, methods=["GET", "POST"]),
        Route("/auth/set-password", set_password, methods=["GET", "POST"]),
        Route("/auth/tokens", tokens, methods=["GET", "POST"]),
        Route("/auth/tokens/{token_id}/revoke", revoke_token, methods=["POST"]),
        Route("/auth/me", me, methods=["GET"]),
    ]


def _begin(request: Request, new: NewSession, path: str) -> Response:
    """Send the browser on with the cookie of a new session."""
    settings = request_site(request).settings
    response = see_other(path)
    response.set_cookie(
        csrf.session_cookie(settings),
        new.secret,
        max_age=int(settings.session_hours * 3600),
        path="/",
        secure=settings.is_secure,
        httponly=True,
        samesite="lax",
    )
    _forget(request, response, csrf.pre_session_cookie(settings))
    _remember_language(response, new.user.language)
    return response


def _forget(request: Request, response: Response, cookie: str) -> None:
    secure = request_site(request).settings.is_secure
    response.delete_cookie(cookie, path="/", secure=secure, httponly=True, samesite="lax")


def _remember_language(response: Response, language: str) -> None:
    response.set_cookie("lang", language, max_age=_LANGUAGE_COOKIE_S, samesite="lax", httponly=True)


async def login(request: Request) -> Response:
    """Show the sign-in form; begin a session."""
    site, viewer = request_site(request), request_viewer(request)
    if request.method != "POST":
        going = safe_next(request.query_params.get("next", ""))
        if not viewer.is_anonymous:
            return see_other(going)
        return show_form(request, "auth/login.html", {"username": "", "next": going})
    form = await checked_form(request)
    going = safe_next(form_text(form, "next"))
    attempt = sign_in.LoginTry(
        form_text(form, "username"),
        form_text(form, "password"),
        client_address(request),
        actor_of(request).request_id,
        viewer.credential_id,
    )
    try:
        new = await run_in_threadpool(sign_in.sign_in, site, attempt)
    except _ON_FORM as error:
        context = {"username": attempt.username, "next": going}
        return show_form(request, "auth/login.html", context, error)
    if new.user.must_change_password:
        going = "/auth/password"
    return _begin(request, new, going)


async def demo_login(request: Request) -> Response:
    """Begin a session as one of the demonstration's users."""
    site = request_site(request)
    form = await checked_form(request)
    new = await run_in_threadpool(
        sign_in.sign_in_demo, site, form_text(form, "username"), actor_of(request).request_id
    )
    return _begin(request, new, safe_next(form_text(form, "next")))


async def logout(request: Request) -> Response:
    """End the session; nothing to do when it had ended."""
    site = request_site(request)
    actor = actor_of(request)
    if not actor.viewer.is_anonymous:
        await checked_form(request)
        require_session(actor.viewer)
        await run_in_threadpool(sign_in.sign_out, site, actor)
    response = see_other("/")
    _forget(request, response, csrf.session_cookie(site.settings))
    return response


def _own_user(site: Site, user_id: str) -> User:
    user = site.store.read(lambda connection: user_by_id(connection, user_id))
    if user is None:
        raise NotFoundError("users.not_found")
    return user


async def account(request: Request) -> Response:
    """Show and change the own name, language and mobile phone."""
    site, actor = request_site(request), actor_of(request)
    if request.method != "POST" and actor.viewer.is_anonymous:
        return see_other("/auth/login?next=/auth/account")
    require_session(actor.viewer)
    user = await run_in_threadpool(_own_user, site, actor.viewer.user_id)
    profile = await run_in_threadpool(profiles.own_profile, site, actor.viewer)
    shown = account_context(user, profile)
    shown["saved"] = request.query_params.get("saved") == "1"
    if request.method != "POST":
        return show_form(request, "auth/account.html", shown)
    form = await checked_form(request)
    shown["saved"] = False
    if form_text(form, "action") == "phone":
        shown["mobile"] = form_text(form, "mobile")
        return await _confirm_phone(request, shown)
    return await _change_account(request, form, shown)


def account_context(user: User, profile: ProfileRow) -> dict[str, Any]:
    """Return what the page of the own account shows before anything is typed."""
    return {
        "user": user, "display_name": user.display_name, "language": user.language,
        "revision": user.revision,
        "mobile": show_phone(profile.phone, None, "en") if profile.phone else "",
        "confirmed_at": profile.confirmed_at,
    }  # fmt: skip


async def _confirm_phone(request: Request, shown: dict[str, Any]) -> Response:
    site, actor = request_site(request), actor_of(request)
    try:
        await run_in_threadpool(profiles.confirm_phone, site, actor, shown["mobile"])
    except _ON_FORM as error:
        return show_form(request, "auth/account.html", shown, error)
    return see_other("/auth/account?saved=1")


async def _change_account(request: Request, form: FormData, shown: dict[str, Any]) -> Response:
    """Change name and language."""
    site, actor = request_site(request), actor_of(request)
    display_name = form_text(form, "display_name")
    language, revision = form_text(form, "language"), number_of(form_text(form, "revision"))
    shown |= {"display_name": display_name, "language": language, "revision": revision}
    try:
        await run_in_threadpool(
            accounts.change_own_account, site, actor, revision, display_name, language
        )
    except _ON_FORM as error:
        return show_form(request, "auth/account.html", shown, error)
    response = see_other("/auth/account?saved=1")
    _remember_language(response, language)
    return response


async def password(request: Request) -> Response:
    """Show and handle the form that changes the own password."""
    site, actor = request_site(request), actor_of(request)
    if request.method != "POST" and actor.viewer.is_anonymous:
        return see_other("/auth/login?next=/auth/password")
    require_session(actor.viewer)
    signed_in: SignedIn = request.state.signed_in
    context = {
        "username": signed_in.username,
        "must_change": signed_in.must_change_password,
        "changed": request.query_params.get("changed") == "1",
    }
    if request.method != "POST":
        return show_form(request, "auth/password.html", context)
    form = await checked_form(request)
    change = sign_in.PasswordChange(
        form_text(form, "current_password"),
        form_text(form, "new_password"),
        form_text(form, "revoke_tokens") == "1",
        client_address(request),
    )
    try:
        _require_same(change.new, form_text(form, "repeated_password"))
        new = await run_in_threadpool(sign_in.change_password, site, actor, change)
    except _ON_FORM as error:
        return show_form(request, "auth/password.html", context | {"changed": False}, error)
    return _begin(request, new, "/auth/password?changed=1")


def _require_same(new: str, repeated: str) -> None:
    if new != repeated:
        differs = Problem("auth.passwords_differ", "/repeated_password")
        raise InvalidDocumentError("auth.password_refused", problems=(differs,))


async def set_password(request: Request) -> Response:
    """Show and handle the form behind a one-time link."""
    site, actor = request_site(request), actor_of(request)
    if request.method == "POST":
        form = await checked_form(request)
        token = form_text(form, "token")
    else:
        token = request.query_params.get("token", "")
    try:
        user = await run_in_threadpool(sign_in.user_of_link, site, token)
    except NotFoundError as error:
        return _link_over(request, error)
    context = {"username": user.username, "token": token}
    if request.method != "POST":
        response = show_form(request, "auth/set_password.html", context)
    else:
        new = form_text(form, "new_password")
        try:
            _require_same(new, form_text(form, "repeated_password"))
            begun = await run_in_threadpool(
                sign_in.set_password_by_link, site, token, new, actor.request_id
            )
        except NotFoundError as error:
            return _link_over(request, error)
        except _ON_FORM as error:
            response = show_form(request, "auth/set_password.html", context, error)
        else:
            return _begin(request, begun, "/auth/account")
    # the link must not travel on to other sites
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _link_over(request: Request, error: NotFoundError) -> Response:
    return render(request, "auth/refused.html", {"message_id": error.message_id}, 404)


async def tokens(request: Request) -> Response:
    """List the own tokens; make one and show it for the only time."""
    site, actor = request_site(request), actor_of(request)
    if request.method != "POST" and actor.viewer.is_anonymous:
        return see_other("/auth/login?next=/auth/tokens")
    require_session(actor.viewer)
    label, days, secret = "", str(min(90, site.settings.token_days)), ""
    failure: ServicePointError | None = None
    if request.method == "POST":
        form = await checked_form(request)
        label, days = form_text(form, "label"), form_text(form, "days").strip()
        life = int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else 0  # noqa: PLR2004
        try:
            secret = await run_in_threadpool(access_tokens.create_token, site, actor, label, life)
            label = ""
        except _ON_FORM as error:
            failure = error
    held = await run_in_threadpool(access_tokens.list_tokens, site, actor.viewer)
    signed_in: SignedIn = request.state.signed_in
    context = {
        "tokens": held, "label_text": label, "days": days, "secret": secret,
        "username": signed_in.username, "most_days": site.settings.token_days,
        "base_url": site.settings.base_url,
    }  # fmt: skip
    return show_form(request, "auth/tokens.html", context, failure)


async def revoke_token(request: Request) -> Response:
    """Revoke an own token."""
    actor = actor_of(request)
    require_session(actor.viewer)
    await checked_form(request)
    token_id = request.path_params["token_id"]
    await run_in_threadpool(access_tokens.revoke_token, request_site(request), actor, token_id)
    return see_other("/auth/tokens")


async def me(request: Request) -> Response:
    """Tell a program who it is signed in as, and where each permission holds."""
    viewer = request_viewer(request)
    signed_in: SignedIn | None = request.state.signed_in
    user = None
    if signed_in is not None:
        user = {
            "id": viewer.user_id,
            "username": signed_in.username,
            "display_name": viewer.display_name,
            "language": signed_in.language,
            "must_change_password": signed_in.must_change_password,
        }
    grants = [
        {
            "role": grant.role,
            "agency_id": grant.agency_id,
            "area_code": grant.area_code,
            "valid_from": grant.valid_from.isoformat() if grant.valid_from else None,
            "valid_to": grant.valid_to.isoformat() if grant.valid_to else None,
        }
        for grant in viewer.grants
    ]
    permissions = {
        permission: [vars(scope) for scope in scopes(viewer, permission)]
        for permission in get_args(Permission.__value__)
    }
    document = {
        "user": user,
        "via": viewer.via,
        "grants": grants,
        "permissions": {name: held for name, held in permissions.items() if held},
        "csrf_token": str(csrf.csrf_token(request)) if viewer.via == "session" else None,
    }
    return JSONResponse(document, headers={"Cache-Control": "no-store"})
