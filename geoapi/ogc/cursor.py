# SPDX-License-Identifier: GPL-2.0-or-later
"""Signed cursors for ``next`` links: where a page ended, bound to its filter and sort."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

import orjson

from geoapi.errors import Problem, UsageError
from geoapi.keys import Keys

_PURPOSE = "cursor"


def encode(keys: Keys, binding: str, values: tuple[Any, ...]) -> str:
    """Make a cursor.

    Args:
        keys: the site's keys.
        binding: names filter and sort; the cursor counts with the same binding only.
        values: sort values and fid of the last item of the page.
    """
    payload = orjson.dumps([v.isoformat() if isinstance(v, datetime) else v for v in values])
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    return f"{text}.{keys.sign(_PURPOSE, _signed(binding, payload))}"


def decode(keys: Keys, binding: str, cursor: str) -> tuple[Any, ...]:
    """Read a cursor back.

    Raises:
        UsageError: it is not one of ours, or belongs to another filter or sort.
    """
    text, _, signature = cursor.partition(".")
    try:
        payload = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise _refusal() from error
    if not keys.verify(_PURPOSE, _signed(binding, payload), signature):
        raise _refusal()
    values: list[Any] = orjson.loads(payload)
    return tuple(values)


def _signed(binding: str, payload: bytes) -> bytes:
    """Join binding and payload so that no letter of one can be taken for one of the other."""
    return f"{len(binding)}:{binding}".encode() + payload


def _refusal() -> UsageError:
    problem = Problem("ogc.cursor_invalid", parameter="after")
    return UsageError("ogc.cursor_invalid", problems=(problem,))
