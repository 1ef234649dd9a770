# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve our own static files and the browser libraries that ``tools/web_assets.py`` copied."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from geoapi.errors import NotFoundError

STATIC_FOLDER = Path(__file__).parent / "static"
_A_YEAR_S = 31_536_000
_MEDIA_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css"}


def vendor_folder() -> Path:
    """Return the folder of the libraries: inside the package, or ``build`` of a checkout."""
    inside = Path(__file__).parent / "vendor"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "build" / "web_assets"


@cache
def _manifest() -> dict[str, dict[str, str | int]]:
    """Read what is there; the libraries do not change while the program runs."""
    try:
        text = (vendor_folder() / "manifest.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    manifest: dict[str, dict[str, str | int]] = json.loads(text)
    return manifest


def vendor_url(package: str) -> str:
    """Return the address of a library's folder with its version in it, '' when it is not there.

    What lies below such an address never changes, so browsers may keep it for good.
    """
    for name, entry in _manifest().items():
        if name.startswith(f"{package}/"):
            return f"/vendor/{package}@{entry['version']}"
    return ""


def vendor_file(request: Request) -> Response:
    """Send one file of a library; only what the manifest names.

    Raises:
        NotFoundError: no such library, version or file.
    """
    package, _, version = request.path_params["package"].partition("@")
    name = f"{package}/{request.path_params['file']}"
    entry = _manifest().get(name)
    if entry is None or version not in {"", str(entry["version"])}:
        raise NotFoundError("web.error.no_page", path=request.url.path)
    lasting = f"public, max-age={_A_YEAR_S}, immutable" if version else "public, no-cache"
    path = vendor_folder() / name
    return FileResponse(
        path,
        media_type=_MEDIA_TYPES.get(path.suffix, "text/plain"),
        headers={"Cache-Control": lasting},
    )


def vendor_routes() -> list[Route]:
    """Return the routes below ``/vendor``, with and without a version in the address."""
    return [Route("/vendor/{package}/{file}", vendor_file, name="vendor")]
