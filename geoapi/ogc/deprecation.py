# SPDX-License-Identifier: GPL-2.0-or-later
"""What of the interface is on its way out: one table, and the headers that say so.

Source: RFC 9745 (Deprecation), RFC 8594 (Sunset); docs/api-policy.md says what we promise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from geoapi.ogc.conditional import http_date


@dataclass(frozen=True)
class Deprecated:
    """Something that clients should no longer use.

    Attributes:
        path: of a route, as ``geoapi.ogc.routes.RESOURCES`` has it.
        since: when it was deprecated, UTC.
        sunset: when it may stop to work, None while that is not decided.
        parameter: query parameter that it is about, '' for the whole route.
        values: pattern of the values that it is about.
        instead: what to use, in a sentence of docs/api-policy.md.
    """

    path: str
    since: datetime
    sunset: datetime | None = None
    parameter: str = ""
    values: str = ".*"
    instead: str = ""

    def is_used(self, parameters: Mapping[str, str]) -> bool:
        """Say whether a request of the route uses it."""
        if not self.parameter:
            return True
        value = parameters.get(self.parameter)
        return value is not None and re.fullmatch(self.values, value) is not None


DEPRECATED: tuple[Deprecated, ...] = (
    Deprecated(
        "/collections/{collection_id}/changes",
        since=datetime(2026, 11, 24, tzinfo=UTC),
        parameter="since",
        values=r"0*[1-9]\d*",
        instead="cursors as `next` gives them",
    ),
)


def of_route(path: str, table: tuple[Deprecated, ...] = DEPRECATED) -> tuple[Deprecated, ...]:
    """Return what is deprecated of a route; empty for nearly all."""
    return tuple(entry for entry in table if entry.path == path)


def headers(
    entries: tuple[Deprecated, ...], parameters: Mapping[str, str], base_url: str
) -> dict[str, str]:
    """Return the headers for a request, none when it uses nothing that is deprecated.

    Args:
        entries: of the route.
        parameters: of the request.
        base_url: of the site, whose description of the API says what to use instead.
    """
    used = [entry for entry in entries if entry.is_used(parameters)]
    if not used:
        return {}
    found = {
        "Deprecation": f"@{int(min(entry.since for entry in used).timestamp())}",
        "Link": f'<{base_url}/ogc/openapi?f=html>; rel="deprecation"; type="text/html"',
    }
    sunsets = [entry.sunset for entry in used if entry.sunset is not None]
    if sunsets:
        found["Sunset"] = http_date(min(sunsets))
        found["Link"] += f', <{base_url}/ogc/openapi?f=html>; rel="sunset"; type="text/html"'
    return found
