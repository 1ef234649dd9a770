# SPDX-License-Identifier: GPL-2.0-or-later
"""Personal access tokens: made once, shown once, recognisable by prefix and checksum."""

from __future__ import annotations

import secrets
import uuid
import zlib
from datetime import timedelta

from geoapi.errors import ConflictError, InvalidDocumentError, NotFoundError, Problem
from geoapi.identity import hash_secret, require_session
from geoapi.managers import Actor
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store import Transaction
from geoapi.store import accounts as user_rows
from geoapi.store import credentials as rows
from geoapi.store.audit import AuditEntry, record
from geoapi.store.credentials import CredentialRow

TOKEN_PREFIX = "pakmud_"  # noqa: S105 - how secret scanners know our tokens
_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43  # 32 bytes in base 62
_CHECKSUM_LENGTH = 6  # 4 bytes in base 62
_MOST_TOKENS = 50
_LONGEST_LABEL = 80


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECKSUM_LENGTH)


def make_token() -> str:
    """Return a new token: prefix, 32 random bytes, checksum."""
    body = _base62(int.from_bytes(secrets.token_bytes(32)), _SECRET_LENGTH)
    return TOKEN_PREFIX + body + _checksum(body)


def is_token(text: str) -> bool:
    """Say whether a text can be a token by prefix, length, letters and checksum.

    >>> is_token(make_token()), is_token("pakmud_" + "0" * 49), is_token("pakmud_ก")
    (True, False, False)
    """
    body = text.removeprefix(TOKEN_PREFIX)
    if body == text or len(body) != _SECRET_LENGTH + _CHECKSUM_LENGTH:
        return False
    secret, checksum = body[:_SECRET_LENGTH], body[_SECRET_LENGTH:]
    return set(secret) <= set(_BASE62) and _checksum(secret) == checksum


def create_token(site: Site, actor: Actor, label: str, days: int) -> str:
    """Make a personal access token and return it, for the only time.

    Raises:
        ForbiddenError: asked for with a token.
        InvalidDocumentError: no label, or a life of less than a day or more than the site allows.
        ConflictError: the user has as many tokens as are allowed.
    """
    require_session(actor.viewer)
    return issue_token(site, actor, actor.viewer.user_id, (label, days))


def issue_token(site: Site, actor: Actor, user_id: str, wanted: tuple[str, int]) -> str:
    """Make a token for a user, as the command line and `create_token` do.

    Args:
        site: the site.
        actor: who makes it.
        user_id: for whom.
        wanted: (label, life in days).
    """
    label, days = wanted[0].strip(), wanted[1]
    problems = []
    if not label or len(label) > _LONGEST_LABEL or not label.isprintable():
        problems.append(Problem("auth.label_invalid", "/label", params={"maximum": _LONGEST_LABEL}))
    if not 1 <= days <= site.settings.token_days:
        problems.append(
            Problem("auth.days_invalid", "/days", params={"maximum": site.settings.token_days})
        )
    if problems:
        raise InvalidDocumentError("auth.token_refused", problems=tuple(problems))
    secret, token_id = make_token(), str(uuid.uuid4())

    def write(transaction: Transaction) -> None:
        user_rows.user_by_id(transaction.connection, user_id, lock=True)
        if len(rows.tokens_of(transaction.connection, user_id, transaction.now)) >= _MOST_TOKENS:
            raise ConflictError("auth.too_many_tokens", maximum=_MOST_TOKENS)
        rows.insert_credential(
            transaction,
            {
                "id": token_id,
                "user_id": user_id,
                "kind": "token",
                "secret_hash": hash_secret(secret),
                "label": label,
                "expires_at": transaction.now + timedelta(days=days),
            },
        )
        entry = AuditEntry(
            "token.create", "ok", actor.viewer.user_id, user_id, actor.request_id,
            {"token_id": token_id, "days": days},
        )  # fmt: skip
        record(transaction, entry)

    site.store.write(write)
    return secret


def list_tokens(site: Site, viewer: Viewer) -> list[CredentialRow]:
    """Return the own tokens that still count, the newest first."""
    return site.store.read(lambda c: rows.tokens_of(c, viewer.user_id, site.clock()))


def revoke_token(site: Site, actor: Actor, token_id: str) -> None:
    """Revoke an own token.

    Raises:
        NotFoundError: the user has no such token that still counts.
    """
    user_id = actor.viewer.user_id

    def write(transaction: Transaction) -> None:
        if not rows.revoke(transaction, token_id, user_id, "token"):
            raise NotFoundError("auth.token_not_found")
        entry = AuditEntry(
            "token.revoke", "ok", user_id, user_id, actor.request_id, {"token_id": token_id}
        )
        record(transaction, entry)

    site.store.write(write)
