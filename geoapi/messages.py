# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentences for people, Thai and English, from ``data/messages/*.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

Language = Literal["th", "en"]
LANGUAGES: tuple[Language, ...] = ("th", "en")


def data_folder() -> Path:
    """Return the folder ``data``: inside the package when installed, beside it in a checkout."""
    inside = Path(str(resources.files("geoapi"))) / "data"
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / "data"


@cache
def _catalogue() -> Mapping[str, Mapping[str, str]]:
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted((data_folder() / "messages").glob("*.json")):
        texts.update(json.loads(path.read_text(encoding="utf-8")))
    return texts


class _Shown(dict[str, Any]):
    """Parameters of a sentence; one that is missing shows its own name instead of failing."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def message(message_id: str, language: Language, params: Mapping[str, Any] | None = None) -> str:
    """Return the sentence of a message id in a language; the id itself when there is none."""
    entry = _catalogue().get(message_id)
    if entry is None:
        return message_id
    return entry[language].format_map(_Shown(params or {}))


def known_message_ids() -> frozenset[str]:
    """Return every id that has sentences; a test compares them with those used in the code."""
    return frozenset(_catalogue())


def choose_language(wanted: str | None, accept_language: str | None) -> Language:
    """Choose the language of a reader: ``lang=`` first, then Accept-Language, then Thai.

    >>> choose_language("en", None), choose_language(None, "en-GB,en;q=0.9")
    ('en', 'en')
    >>> choose_language("", "")
    'th'
    """
    if wanted in LANGUAGES:
        return "th" if wanted == "th" else "en"
    best, best_quality = "th", 0.0
    for part in (accept_language or "").split(","):
        tag, _, rest = part.strip().partition(";")
        quality = _quality(rest)
        primary = tag.strip().lower().split("-")[0]
        if primary in LANGUAGES and quality > best_quality:
            best, best_quality = primary, quality
    return "th" if best == "th" else "en"


def _quality(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
