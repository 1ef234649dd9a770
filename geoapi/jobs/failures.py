# SPDX-License-Identifier: GPL-2.0-or-later
"""From what a child says of a failure to an error of ours, and to the message of a job."""

from __future__ import annotations

from geoapi.errors import (
    ConflictError,
    DataUnavailableError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    Problem,
    ServicePointError,
    TooManyRequestsError,
    UsageError,
)
from geoapi.types import JsonObject

_CLASSES: dict[int, type[ServicePointError]] = {
    400: UsageError,
    401: NotAuthenticatedError,
    403: ForbiddenError,
    404: NotFoundError,
    409: ConflictError,
    422: InvalidDocumentError,
    429: TooManyRequestsError,
    503: DataUnavailableError,
}
_UNAVAILABLE = 503


def error_of(failed: JsonObject) -> ServicePointError:
    """Return the error that a failure stands for.

    Args:
        failed: {id, params, status, problems}.
    """
    kind = _CLASSES.get(failed.get("status", 0), ConflictError)
    problems = tuple(
        Problem(p["id"], p["pointer"], p["parameter"], p["params"])
        for p in failed.get("problems", ())
    )
    return kind(failed["id"], problems=problems, **failed.get("params", {}))


def is_passing(failed: JsonObject) -> bool:
    """Say whether the same work may succeed a little later."""
    return bool(failed.get("status") == _UNAVAILABLE)
