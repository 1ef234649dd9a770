# SPDX-License-Identifier: GPL-2.0-or-later
"""Names for the shapes that travel between modules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

# (min_lon, min_lat, max_lon, max_lat) in degrees, CRS84; min_lon > max_lon crosses 180 degrees.
type BBox = tuple[float, float, float, float]
# (longitude, latitude) in degrees, CRS84.
type LonLat = tuple[float, float]
# A parsed JSON object.
type JsonObject = dict[str, Any]

# What a role allows; geoapi/rights.py says which role holds which.
type Permission = Literal[
    "points.read_working",  # see working revisions
    "points.edit",  # create, change, delete what was never published
    "points.submit",
    "points.delete_published",
    "points.merge",  # join duplicates
    "points.review",  # verify and return, never an own edit
    "services.edit",  # the catalogue of services of the own agencies
    "assignments.manage",  # give places to officers, see who has which
    "agencies.edit",
    "areas.edit",
    "users.manage",  # users whose grants lie inside the own scope
    "audit.read",
    "statistics.read",
    "reports.send",  # a copy of a progress report to the province
    "reports.receive",  # confirm, for the province, that it came
    "moderation",
]


@dataclass(frozen=True)
class Scope:
    """Where a right holds: under an agency, inside an area; '' means everywhere.

    Attributes:
        agency_id: the top of a subtree of agencies.
        area_code: DOPA code of 2, 4 or 6 digits; holds for all codes that begin with it.
    """

    agency_id: str = ""
    area_code: str = ""
