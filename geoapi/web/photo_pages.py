# SPDX-License-Identifier: GPL-2.0-or-later
"""Officers' page of a point's photos: add, say what they show, order, delete; without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from geoapi import records, service_points
from geoapi.codes import code_list
from geoapi.errors import ForbiddenError, NotAuthenticatedError, NotFoundError, ServicePointError
from geoapi.messages import LANGUAGES, message
from geoapi.photos import photos
from geoapi.photos.imaging import MAX_BYTES
from geoapi.photos.kind import KIND
from geoapi.photos.photos import MAX_PHOTOS, NewPhoto
from geoapi.problems import kind_of
from geoapi.store import FeatureRow
from geoapi.types import JsonObject
from geoapi.web import point_data
from geoapi.web.assets import vendor_url
from geoapi.web.csrf import checked_form, form_text
from geoapi.web.forms import page, see_other
from geoapi.web.photo_view import photo_views
from geoapi.web.photo_work import in_photo_thread, photo_context, spooled
from geoapi.web.rendering import request_language, request_site, request_viewer
from geoapi.workflow import EDITABLE_STATES

_FILES = "photo"
_NOTICES = ("added", "changed", "deleted")
_STEPS = {"up": -1, "down": 1}
_MAX_NAME = 80


def routes() -> list[Route]:
    """Return the addresses of the page and of one photo on it."""
    path = "/my/points/{id}/photos"
    return [
        Route(path, show_photos, name="my-photos"),
        Route(path, post_photos, methods=["POST"]),
        Route(f"{path}/{{photo_id}}", post_photo, methods=["POST"], name="my-photo"),
    ]


@dataclass(frozen=True)
class Failure:
    """A file that could not be taken, and why, in both languages."""

    name: str
    reasons: tuple[tuple[str, str], ...]


def _row(request: Request) -> FeatureRow:
    """Return the point's row when the viewer may edit it.

    Raises:
        NotAuthenticatedError, NotFoundError, ForbiddenError.
    """
    site, viewer = request_site(request), request_viewer(request)
    if viewer.is_anonymous:
        raise NotAuthenticatedError("auth.sign_in_first")
    row = point_data.working_row(site, viewer, "points.edit", request.path_params["id"])
    if row is None:
        service_points.get(site, viewer, request.path_params["id"])
        raise ForbiddenError("auth.outside_scope")
    return row


def show_photos(request: Request) -> Response:
    """Show the photos of a point and the form for more."""
    return _page(request, _row(request), ())


def _page(
    request: Request,
    row: FeatureRow,
    failures: tuple[Failure, ...],
    n_added: int = 0,
    error: ServicePointError | None = None,
) -> Response:
    site, language = request_site(request), request_language(request)
    views = photo_views(site, request_viewer(request), row.id, language)
    notice = request.query_params.get("notice", "")
    state = row.state
    context: dict[str, Any] = {
        "point_id": row.id,
        "point_name": (row.name_en if language == "en" else row.name_th) or row.name_th,
        "photos": views,
        "etags": _etags(request, views),
        "kinds": code_list("photo_kind").codes.values(),
        "may_edit": state in EDITABLE_STATES,
        "room": max(0, MAX_PHOTOS - len(views)),
        "most": MAX_PHOTOS,
        "max_mb": MAX_BYTES // 1_000_000,
        "asked": request.query_params.get("delete", ""),
        "notice": message(f"photos.notice.{notice}", language) if notice in _NOTICES else "",
        "n_added": n_added,
        "failures": failures,
        "error": "" if error is None else message(error.message_id, language, error.params),
        "tus": vendor_url("tus-js-client"),
        "piece_bytes": site.settings.max_body_bytes,
    }
    status = 200
    if error is not None:
        status = kind_of(error).status
    elif failures and not n_added:
        status = 422
    return page(request, "my_photos.html", context, status)


def _etags(request: Request, views: list[dict[str, Any]]) -> dict[str, str]:
    site, viewer = request_site(request), request_viewer(request)
    return {view["id"]: records.get(site, viewer, KIND, view["id"]).etag for view in views}


async def post_photos(request: Request) -> Response:
    """Add the files of a form; those that can be taken are, the others are named with reasons."""
    row = await run_in_threadpool(_row, request)
    form = await checked_form(request, max_files=MAX_PHOTOS)
    failures: list[Failure] = []
    n_added = 0
    try:
        uploads = [file for file in form.getlist(_FILES) if isinstance(file, UploadFile)]
        uploads = [file for file in uploads if file.filename or file.size]
        for upload in uploads:
            failure = await _add(request, row.id, form, upload)
            if failure is None:
                n_added += 1
            else:
                failures.append(failure)
        if not uploads:
            failures.append(Failure("", _reasons(NotFoundError("photos.no_file"))))
    finally:
        await form.close()
    if not failures:
        return see_other(f"/my/points/{row.id}/photos?notice=added")
    return await run_in_threadpool(_page, request, row, tuple(failures), n_added)


async def _add(
    request: Request, point_id: str, form: FormData, upload: UploadFile
) -> Failure | None:
    said = {name: form_text(form, name) for name in ("kind", "caption_th", "caption_en")}
    site, context = request_site(request), photo_context(request)
    try:
        async with spooled(upload) as (path, _):
            new = NewPhoto(path, **said)
            await in_photo_thread(request, lambda: photos.add(site, context, point_id, new))
    except ServicePointError as error:
        return Failure((upload.filename or "")[:_MAX_NAME], _reasons(error))
    return None


def _reasons(error: ServicePointError) -> tuple[tuple[str, str], ...]:
    """Say an error in both languages: (language, sentence)."""
    found = error.problems
    if not found:
        return tuple((lang, message(error.message_id, lang, error.params)) for lang in LANGUAGES)
    return tuple(
        (lang, " ".join(message(p.message_id, lang, p.params) for p in found)) for lang in LANGUAGES
    )


async def post_photo(request: Request) -> Response:
    """Change, move or delete one photo, by the button that was pressed."""
    form = await checked_form(request)
    return await run_in_threadpool(_answer, request, form)


def _answer(request: Request, form: FormData) -> Response:
    row, photo_id = _row(request), request.path_params["photo_id"]
    action, here = form_text(form, "action"), f"/my/points/{row.id}/photos"
    _require_own(request, row, photo_id)
    try:
        if action in _STEPS:
            context = photo_context(request, if_match=("*",))
            photos.move(request_site(request), context, row.id, photo_id, _STEPS[action])
            return see_other(f"{here}#photo-{photo_id}")
        context = photo_context(request, if_match=(form_text(form, "etag"),))
        if action == "delete":
            records.delete(request_site(request), context, KIND, photo_id)
            return see_other(f"{here}?notice=deleted")
        if action == "save":
            records.update(request_site(request), context, KIND, photo_id, _patch(form))
            return see_other(f"{here}?notice=changed")
    except ServicePointError as error:
        return _page(request, _row(request), (), error=error)
    return see_other(here)


def _require_own(request: Request, row: FeatureRow, photo_id: str) -> None:
    """Refuse a photo of another point.

    Raises:
        NotFoundError: the point has no such photo.
    """
    held = photos.listed(request_site(request), request_viewer(request), row.id)
    if photo_id not in {photo["id"] for photo in held}:
        raise NotFoundError("photos.not_found")


def _patch(form: FormData) -> JsonObject:
    said = {name: form_text(form, name).strip() for name in ("caption_th", "caption_en")}
    properties = {name: text or None for name, text in said.items()}
    return {"properties": {**properties, "kind": form_text(form, "kind")}}
