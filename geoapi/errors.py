# SPDX-License-Identifier: GPL-2.0-or-later
"""The one error family: what the caller can mend, what is missing, what collides, what is down.

An error carries a message id of ``data/messages/*.json`` and parameters instead of a finished
sentence, so that the web, the command line and reports say it in Thai and in English.
Bad *data* is a list of :class:`Problem`, each with a JSON pointer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, and where.

    Attributes:
        message_id: key in ``data/messages``; says what is wrong and what to do.
        pointer: JSON pointer (RFC 6901) into the body, ``""`` for the whole of it.
        parameter: name of the query parameter or header when it is not in the body.
        params: values that fill the message's placeholders.
    """

    message_id: str
    pointer: str = ""
    parameter: str = ""
    params: dict[str, Any] = field(default_factory=dict)


class ServicePointError(Exception):
    """Base of every error that Pakmud raises on purpose.

    Args:
        message_id: key in ``data/messages``.
        problems: the single things that are wrong, for bodies and parameters.
        extra: further members of the problem document, such as the current feature.
        params: values that fill the message's placeholders.
    """

    def __init__(
        self,
        message_id: str,
        *,
        problems: tuple[Problem, ...] = (),
        extra: dict[str, Any] | None = None,
        **params: Any,  # noqa: ANN401 - placeholders take any printable value
    ) -> None:
        """Keep the parts; the sentence is made where the reader's language is known."""
        super().__init__(message_id)
        self.message_id = message_id
        self.problems = problems
        self.extra = extra or {}
        self.params = params

    def __str__(self) -> str:
        """Show the id and parameters, for logs; never person data, callers see to that."""
        return f"{self.message_id} {self.params}" if self.params else self.message_id


class UsageError(ServicePointError, ValueError):
    """The caller can mend it: a bad parameter, body, file or setting."""


class InvalidDocumentError(UsageError):
    """A well-formed document breaks its schema or a rule (422)."""


class NotAuthenticatedError(UsageError):
    """Nobody is signed in, or the token or session no longer counts (401)."""


class ForbiddenError(UsageError):
    """Signed in, but the roles held do not allow it (403)."""


class NotFoundError(ServicePointError, LookupError):
    """No such thing, or the caller may not know that it exists (404)."""


class GoneError(ServicePointError):
    """It was there, and is no longer: begin anew; ``extra`` says where (410)."""


class ConflictError(ServicePointError):
    """It collides with what is there: a state, a unique name, an idempotency key (409)."""


class PreconditionFailedError(ConflictError):
    """If-Match or If-Unmodified-Since no longer holds; carries the current feature (412)."""


class PreconditionRequiredError(UsageError):
    """A write without If-Match or If-Unmodified-Since (428)."""


class TooLargeError(UsageError):
    """The body or file is larger than the limit (413)."""


class UnsupportedMediaError(UsageError):
    """The media type of the body, or its CRS, is not one we read (415)."""


class NotAcceptableError(UsageError):
    """None of the wanted representations exists (406)."""


class TooManyRequestsError(UsageError):
    """Throttled; ``retry_after_s`` among the parameters says for how long (429)."""


class DataUnavailableError(ServicePointError):
    """We could not do the work now: disk full, file locked, database away, timeout (503)."""
