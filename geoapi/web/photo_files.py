# SPDX-License-Identifier: GPL-2.0-or-later
"""Send the pictures of photos: small sizes to whoever may see the photo, the full one by right."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from geoapi.errors import NotFoundError
from geoapi.ogc.conditional import is_not_modified
from geoapi.photos.files import photo_file
from geoapi.photos.rules import WAITING
from geoapi.readers import reader_of
from geoapi.store.query import read_item
from geoapi.store.tables import WORKING
from geoapi.web.rendering import request_site, request_viewer

# A picture never changes, but a photo can be deleted: what is kept elsewhere must end some day.
_PUBLIC = "public, max-age=86400, immutable"
_PRIVATE = "private, no-cache"


def routes() -> list[Route]:
    """Return the addresses of the pictures."""
    return [Route("/photos/{photo_id}/{size}.jpg", picture, name="photo-picture")]


def picture(request: Request) -> Response:
    """Send a size of a photo.

    Raises:
        NotFoundError: there is none, or the viewer may not see it in this size.
    """
    site, viewer = request_site(request), request_viewer(request)
    photo_id, size = request.path_params["photo_id"], request.path_params["size"]
    missing = NotFoundError("photos.not_found")
    try:
        path = photo_file(site.settings.data_dir, photo_id, size)
    except ValueError as error:
        raise missing from error
    collection = WAITING.collection
    held = reader_of(viewer, collection).scopes
    stored = read_item(site.store, collection.source, photo_id, held)
    if stored is None or (size == "full" and stored.view != WORKING) or not path.is_file():
        raise missing
    etag = f"{photo_id}-{size}"
    headers = {
        "ETag": f'"{etag}"',
        "Cache-Control": _PRIVATE if stored.view == WORKING else _PUBLIC,
        "Content-Disposition": f'inline; filename="{photo_id}-{size}.jpg"',
        "Cross-Origin-Resource-Policy": "cross-origin",
        "Vary": "Authorization, Cookie",
    }
    if is_not_modified(request, etag, None):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, media_type="image/jpeg", headers=headers)
