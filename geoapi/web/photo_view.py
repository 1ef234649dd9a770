# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos as pages show them; ``partials/photos.html`` takes the list."""

from __future__ import annotations

from datetime import date
from typing import Any

from geoapi.codes import label
from geoapi.messages import Language
from geoapi.photos import photos
from geoapi.photos.imaging import SIZES
from geoapi.rights import Viewer, has
from geoapi.site import Site
from geoapi.thai import format_thai_date
from geoapi.types import JsonObject


def photo_views(
    site: Site, viewer: Viewer, point_id: str, language: Language
) -> list[dict[str, Any]]:
    """Return the photos of a point as the viewer may see them, in their order.

    Each has ``id``, ``kind``, ``kind_label``, ``caption``, ``caption_th``,
    ``caption_en``, ``thumb_url``, ``medium_url``, ``full_url`` ('' without the right), ``width``
    and ``height`` of the thumb in px, ``taken_on`` (written out) and ``exif_distance_m`` (both
    None for the public), and ``alike_point_ids``: other points with nearly the same photo, for
    reviewers.
    """
    found = photos.listed(site, viewer, point_id)
    alike = photos.alike(site, viewer, found) if has(viewer, "points.review") else {}
    return [_view(photo, language, alike.get(photo["id"], [])) for photo in found]


def _view(photo: JsonObject, language: Language, alike: list[str]) -> dict[str, Any]:
    said, photo_id = photo["properties"], photo["id"]
    captions = {lang: said.get(f"caption_{lang}") or "" for lang in ("th", "en")}
    kind_label = label("photo_kind", said["kind"], language)
    width_px, height_px = said["width_px"], said["height_px"]
    scale = min(1, SIZES["thumb"][0] / max(width_px, height_px))
    # the hash is among what only those see who may see the full size
    may_see_full = "phash" in said
    taken_on = said.get("taken_on")
    return {
        "id": photo_id,
        "kind": said["kind"],
        "kind_label": kind_label,
        "caption": captions[language] or captions["th" if language == "en" else "en"],
        "caption_th": captions["th"],
        "caption_en": captions["en"],
        "thumb_url": photos.photo_path(photo_id, "thumb"),
        "medium_url": photos.photo_path(photo_id, "medium"),
        "full_url": photos.photo_path(photo_id, "full") if may_see_full else "",
        "width": max(1, round(width_px * scale)),
        "height": max(1, round(height_px * scale)),
        "taken_on": None if taken_on is None else _day(date.fromisoformat(taken_on), language),
        "exif_distance_m": said.get("exif_distance_m"),
        "alike_point_ids": alike,
    }


def _day(day: date, language: Language) -> str:
    if language == "th":
        return format_thai_date(day, short=True)
    return f"{day.day} {day:%b %Y}"
