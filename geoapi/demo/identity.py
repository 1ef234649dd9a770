# SPDX-License-Identifier: GPL-2.0-or-later
"""Names and numbers of the demonstration that are equal on every run and every machine.

Chance is taken from a hash of what it is for, not from a random generator: adding one office
moves no other.
"""

from __future__ import annotations

import hashlib
import uuid

PROVINCE_CODE = "57"
"""Chiang Rai เชียงราย, DOPA code."""

NOTE_TH = "ข้อมูลสมมติเพื่อการสาธิต"
NOTE_EN = "Synthetic data for demonstration"

DEMO_PASSWORD = "pakmud-demo"  # noqa: S105 - public on purpose, exists under `pakmud demo` only

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:pakmud:demo")


def demo_id(kind: str, key: str) -> str:
    """Give the UUID of one thing of the demonstration.

    Args:
        kind: what it is, such as ``service-point``.
        key: its key among its kind.

    >>> demo_id("agency", "cdd") == demo_id("agency", "cdd")
    True
    """
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{key}"))


def fraction(key: str) -> float:
    """Give a number in [0, 1) that looks random and is always the same for a key.

    >>> 0 <= fraction("x") < 1
    True
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
