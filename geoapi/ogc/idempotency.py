# SPDX-License-Identifier: GPL-2.0-or-later
"""Idempotency-Key: a write that is sent again is answered again, not done again.

The answer is stored in the transaction of the write, so that there is never one without the
other.  Source: draft-ietf-httpapi-idempotency-key-header-07.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from geoapi.errors import InvalidDocumentError, Problem, ServicePointError, UsageError
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store import Transaction, idempotency
from geoapi.store.idempotency import StoredAnswer

_MAX_KEY_CHARACTERS = 255


@dataclass(frozen=True)
class Answer:
    """What a write is answered with."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""

    def response(self) -> Response:
        """Make the HTTP response."""
        response = Response(self.body, self.status)
        response.headers.update(self.headers)
        return response


def read_key(request: Request) -> str:
    """Return the Idempotency-Key, '' when there is none.

    Raises:
        UsageError: it is too long or holds characters other than printable ASCII.
    """
    key = request.headers.get("idempotency-key", "")
    if len(key) > _MAX_KEY_CHARACTERS or not key.isascii() or (key and not key.isprintable()):
        problem = Problem("ogc.idempotency_key", parameter="Idempotency-Key")
        raise UsageError("ogc.idempotency_key", problems=(problem,))
    return key


def request_hash(request: Request, body: bytes) -> str:
    """Return the fingerprint that tells a repeated request from another one."""
    # the same numbers in another reference system are another request
    conditions = request.headers.get("if-match", "") + request.headers.get("content-crs", "")
    head = f"{request.method} {request.url.path} {conditions}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


def write_once[T](
    site: Site,
    viewer: Viewer,
    key: str,
    fingerprint: str,
    work: Callable[[Callable[[Transaction, T], None] | None], T],
    answer: Callable[[T], Answer],
) -> Answer:
    """Do a write, or give the answer again that it got before.

    Args:
        site: whose store keeps the answers.
        viewer: keys belong to a user.
        key: Idempotency-Key, '' to do the write in any case.
        fingerprint: from :func:`request_hash`.
        work: does the write and hands the receipt on to it.
        answer: makes the answer of what ``work`` returns; a pure function.

    Raises:
        InvalidDocumentError: the key was used for another request (422).
    """
    if not key:
        return answer(work(None))
    earlier = _earlier(site, viewer, key, fingerprint)
    if earlier is not None:
        return earlier

    def receipt(transaction: Transaction, result: T) -> None:
        made = answer(result)
        idempotency.put(
            transaction,
            viewer.user_id,
            key,
            StoredAnswer(fingerprint, made.status, made.headers, made.body),
        )

    try:
        return answer(work(receipt))
    except ServicePointError:
        # the same request may have been done by its twin while this one waited
        earlier = _earlier(site, viewer, key, fingerprint)
        if earlier is not None:
            return earlier
        raise


def _earlier(site: Site, viewer: Viewer, key: str, fingerprint: str) -> Answer | None:
    stored = site.store.read(lambda connection: idempotency.find(connection, viewer.user_id, key))
    if stored is None:
        return None
    if stored.request_hash != fingerprint:
        problem = Problem("ogc.idempotency_key_reused", parameter="Idempotency-Key")
        raise InvalidDocumentError("ogc.idempotency_key_reused", problems=(problem,))
    return Answer(stored.status, {**stored.headers, "Idempotency-Replayed": "true"}, stored.body)
