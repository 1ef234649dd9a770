# SPDX-License-Identifier: GPL-2.0-or-later
"""From an error to an HTTP problem (RFC 9457) in Thai and English; one table for all routes."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from geoapi import errors
from geoapi.errors import Problem, ServicePointError
from geoapi.messages import Language, message

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class ProblemKind:
    """How an error class shows over HTTP.

    Attributes:
        status: HTTP status.
        ogc_code: the exception code that OGC clients know.
    """

    status: int
    ogc_code: str


# Most special first: the first class that fits is taken.
KINDS: tuple[tuple[type[ServicePointError], ProblemKind], ...] = (
    (errors.PreconditionFailedError, ProblemKind(412, "PreconditionFailed")),
    (errors.PreconditionRequiredError, ProblemKind(428, "PreconditionRequired")),
    (errors.InvalidDocumentError, ProblemKind(422, "InvalidDocument")),
    (errors.NotAuthenticatedError, ProblemKind(401, "NotAuthorized")),
    (errors.ForbiddenError, ProblemKind(403, "Forbidden")),
    (errors.TooLargeError, ProblemKind(413, "RequestTooLarge")),
    (errors.UnsupportedMediaError, ProblemKind(415, "UnsupportedMediaType")),
    (errors.NotAcceptableError, ProblemKind(406, "NotAcceptable")),
    (errors.TooManyRequestsError, ProblemKind(429, "TooManyRequests")),
    (errors.GoneError, ProblemKind(410, "Gone")),
    (errors.NotFoundError, ProblemKind(404, "NotFound")),
    (errors.ConflictError, ProblemKind(409, "Conflict")),
    (errors.UsageError, ProblemKind(400, "InvalidParameterValue")),
    (errors.DataUnavailableError, ProblemKind(503, "ServerBusy")),
)


def kind_of(error: ServicePointError) -> ProblemKind:
    """Return how an error shows over HTTP."""
    for error_class, kind in KINDS:
        if isinstance(error, error_class):
            return kind
    return ProblemKind(500, "NoApplicableCode")


def problem_document(
    error: ServicePointError, language: Language, request_id: str = ""
) -> dict[str, Any]:
    """Render an error as a problem document; ``detail`` in the reader's language, both beside it.

    Args:
        error: what went wrong.
        language: of the reader.
        request_id: found again in the log, '' when there is none.
    """
    kind = kind_of(error)
    detail = message(error.message_id, language, error.params)
    document: dict[str, Any] = {
        "type": f"urn:pakmud:problem:{error.message_id}",
        "title": HTTPStatus(kind.status).phrase,
        "status": kind.status,
        "code": kind.ogc_code,
        "detail": detail,
        "description": detail,
        "detail_th": message(error.message_id, "th", error.params),
        "detail_en": message(error.message_id, "en", error.params),
    }
    if error.problems:
        document["errors"] = [_single(problem, language) for problem in error.problems]
    if request_id:
        document["request_id"] = request_id
    return document | error.extra


def _single(problem: Problem, language: Language) -> dict[str, Any]:
    where = {"parameter": problem.parameter} if problem.parameter else {"pointer": problem.pointer}
    return {
        **where,
        "code": problem.message_id,
        "detail": message(problem.message_id, language, problem.params),
        "detail_th": message(problem.message_id, "th", problem.params),
        "detail_en": message(problem.message_id, "en", problem.params),
    }


def explain(error: ServicePointError, language: Language) -> str:
    """Say an error in plain lines, for the command line."""
    lines = [message(error.message_id, language, error.params)]
    lines += [
        f"  - {p.parameter or p.pointer or '/'}: {message(p.message_id, language, p.params)}"
        for p in error.problems
    ]
    return "\n".join(lines)
