# SPDX-License-Identifier: GPL-2.0-or-later
"""Load the demonstration's drawn photos: three of the office to follow, one of others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from geoapi.demo.identity import demo_id
from geoapi.demo.photo_drawings import draw_photo
from geoapi.photos.files import has_files, store_files
from geoapi.photos.imaging import Prepared, prepare
from geoapi.photos.photos import derived
from geoapi.photos.rules import SHOWN, WAITING
from geoapi.record_writing import put
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject

_CAPTIONS: Mapping[str, tuple[str, str]] = {
    "entrance": ("ประตูหน้า มองจากถนน", "Front door, seen from the road"),
    "sign": ("หน้าสำนักงาน", "Before the office"),
    "counter": ("ชั้นล่าง", "On the ground floor"),
}
# Beside the office to follow; a district office has a picture in each district.
_WITH_ENTRANCE = frozenset({"district_office"})
_WITH_SIGN = frozenset({"provincial_hall", "municipality"})
_MOST = 30


@dataclass(frozen=True)
class DemoPhoto:
    """One drawn photo.

    Attributes:
        id: of the photo.
        point: document of its point.
        kind: code of the list ``photo_kind``.
    """

    id: str
    point: JsonObject
    kind: str

    def prepared(self) -> Prepared:
        """Return the drawn picture in all its sizes."""
        names = self.point["properties"]
        return _prepared(self.kind, names["name_th"], names.get("name_en") or "", self.point["id"])


@cache
def _prepared(kind: str, name_th: str, name_en: str, key: str) -> Prepared:
    # a drawing has no camera's day to compare with today
    return prepare(draw_photo(kind, name_th, name_en, key), None, date.min)


def plan_photos(
    points: list[JsonObject], story_id: str, states: Mapping[str, str]
) -> list[DemoPhoto]:
    """Choose which points have which photos; nothing is drawn yet."""
    chosen: list[DemoPhoto] = []
    for point in points:
        for kind in _kinds_of(point, story_id, states):
            photo_id = demo_id("photo", f"{point['id']}/{kind}")
            chosen.append(DemoPhoto(photo_id, point, kind))
    return chosen[:_MOST]


def _kinds_of(point: JsonObject, story_id: str, states: Mapping[str, str]) -> tuple[str, ...]:
    if point["id"] == story_id:
        return tuple(_CAPTIONS)
    category = point["properties"]["category"]
    if states.get(point["id"]) == "returned" or category in _WITH_ENTRANCE:
        return ("entrance",)
    return ("sign",) if category in _WITH_SIGN else ()


def with_photos(point: JsonObject, photos: list[DemoPhoto]) -> JsonObject:
    """Return a point's document that names its photos."""
    ids = [photo.id for photo in photos if photo.point["id"] == point["id"]]
    return {**point, "properties": {**point["properties"], "photos": ids}} if ids else point


def store_photo_files(data_dir: Path, photos: list[DemoPhoto]) -> None:
    """Draw and store what is not on the disk yet."""
    for photo in photos:
        if not has_files(data_dir, photo.id):
            store_files(data_dir, photo.id, photo.prepared().files)


def load_photos(
    transaction: Transaction,
    context: WriteContext,
    photos: list[DemoPhoto],
    states: Mapping[str, str],
) -> None:
    """Store the records of the photos beside points that are stored already."""
    for photo in photos:
        caption_th, caption_en = _CAPTIONS[photo.kind]
        feature = {
            "type": "Feature",
            "id": photo.id,
            "geometry": None,
            "properties": {
                "point_id": photo.point["id"],
                "kind": photo.kind,
                "caption_th": caption_th,
                "caption_en": caption_en,
                **derived(photo.id, photo.prepared()),
            },
        }
        kind = SHOWN if states.get(photo.point["id"]) == "verified" else WAITING
        put(transaction, context, kind, feature, "create")
