# SPDX-License-Identifier: GPL-2.0-or-later
"""Headers that keep a browser from doing more with our pages than we mean."""

from __future__ import annotations

from geoapi.settings import Settings
from geoapi.web.basemaps import basemap_origins

_HSTS_SECONDS = 31_536_000


def security_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of every response; they depend on the settings alone.

    No script but our own files runs.  MapLibre starts its worker from a blob and draws icons from
    data addresses; tiles come from the basemaps of the settings and from nowhere else.

    Raises:
        UsageError: the list of basemaps can't be read.
    """
    tiles = "".join(f" {origin}" for origin in basemap_origins(settings.basemaps))
    policy = {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob:{tiles}",
        "connect-src": f"'self'{tiles}",
        "worker-src": "'self' blob:",
        "font-src": "'self'",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    if settings.is_secure:
        headers["Strict-Transport-Security"] = f"max-age={_HSTS_SECONDS}"
    return headers
