# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditional requests and preferences: entity tags, HTTP dates, Prefer (RFC 9110, RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from starlette.requests import Request

from geoapi.errors import Problem, UsageError

_ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')


def entity_tags(header: str | None, *, allow_weak: bool) -> tuple[str, ...] | None:
    """Return the tags of If-Match or If-None-Match without quotes, ``("*",)`` for any.

    Args:
        header: as it came, None when absent.
        allow_weak: If-None-Match compares weakly, If-Match never does.

    >>> entity_tags('"a", W/"b"', allow_weak=False), entity_tags("*", allow_weak=True)
    (('a',), ('*',))
    """
    if header is None:
        return None
    if header.strip() == "*":
        return ("*",)
    # "*" in quotes is a tag that nothing has, not the star
    return tuple(
        match[2]
        for match in _ENTITY_TAG.finditer(header)
        if match[2] != "*" and (allow_weak or not match[1])
    )


@lru_cache(maxsize=4_096)
def http_date(instant: datetime) -> str:
    """Write an instant as an HTTP date, whole seconds.

    >>> http_date(datetime(2026, 11, 22, 5, 6, 7, tzinfo=UTC))
    'Sun, 22 Nov 2026 05:06:07 GMT'
    """
    return format_datetime(instant.astimezone(UTC), usegmt=True)


def parse_http_date(header: str | None) -> datetime | None:
    """Read an HTTP date; None when absent or unreadable, as RFC 9110 wants."""
    if header is None:
        return None
    try:
        instant = parsedate_to_datetime(header)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # years that no calendar has
        return None


def is_not_modified(request: Request, etag: str, updated_at: datetime | None) -> bool:
    """Say whether 304 answers a GET: If-None-Match first, If-Modified-Since only without it."""
    tags = entity_tags(request.headers.get("if-none-match"), allow_weak=True)
    if tags is not None:
        return "*" in tags or etag in tags
    since = parse_http_date(request.headers.get("if-modified-since"))
    return (
        since is not None and updated_at is not None and updated_at.replace(microsecond=0) <= since
    )


def if_unmodified_since(request: Request) -> datetime | None:
    """Read If-Unmodified-Since of a write; a date that can't be read must not be ignored there.

    Raises:
        UsageError: the header is no HTTP date.
    """
    header = request.headers.get("if-unmodified-since")
    instant = parse_http_date(header)
    if header is not None and instant is None:
        problem = Problem("ogc.http_date", parameter="If-Unmodified-Since")
        raise UsageError("ogc.http_date", problems=(problem,))
    return instant


@dataclass(frozen=True)
class Preferences:
    """What a client prefers.

    Attributes:
        representation: True for return=representation, False for return=minimal, None unsaid.
        is_strict: handling=strict.
        applied: value of Preference-Applied, '' when nothing was.
    """

    representation: bool | None = None
    is_strict: bool = False
    applied: str = ""


def preferences(request: Request) -> Preferences:
    """Read Prefer; preferences that we do not know are ignored."""
    wanted = {
        part.split(";")[0].strip().lower().replace('"', "").replace(" ", "")
        for header in request.headers.getlist("prefer")
        for part in header.split(",")
    }
    representation = None
    if "return=representation" in wanted:
        representation = True
    elif "return=minimal" in wanted:
        representation = False
    applied = [
        name
        for name in ("return=representation", "return=minimal", "handling=strict",
                     "handling=lenient")
        if name in wanted
    ]  # fmt: skip
    return Preferences(representation, "handling=strict" in wanted, ", ".join(applied))
