# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos of a service point: add, list, order, find those that look alike.

Caption and kind are changed, and photos deleted, as records of the collection ``photos``; each of
these is an edit of the point as well (:mod:`geoapi.photos.kind`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from geoapi.errors import ConflictError, NotFoundError
from geoapi.managers import today
from geoapi.photos.files import remove_files, store_files
from geoapi.photos.imaging import Prepared, distance_bits, prepare
from geoapi.photos.kind import edit_point, require_editable
from geoapi.photos.rules import WAITING, photo_ids
from geoapi.point_access import row_to_write, stored_item
from geoapi.point_records import point_row
from geoapi.preconditions import check_preconditions
from geoapi.record_schemas import check_record
from geoapi.record_writing import documents, main_row, public_documents, put
from geoapi.revisions import COLLECTION, TABLE, Item, WriteContext, document_of
from geoapi.rights import Viewer, require, scopes
from geoapi.site import Site
from geoapi.store import FeatureRow, Transaction, features, photos
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject, LonLat, Scope

MAX_PHOTOS = 20
# Perceptual hashes of 64 bits that differ in no more bits show the same scene.
ALIKE_BITS = 4


@dataclass(frozen=True)
class NewPhoto:
    """A photo to be added.

    Attributes:
        source: the file's content, or where it is; nobody needs it afterwards.
        kind: code of the list ``photo_kind``.
        caption_th: Thai words below it, '' for none.
        caption_en: English words below it, '' for none.
        id: of the new photo.
    """

    source: bytes | Path
    kind: str = "other"
    caption_th: str = ""
    caption_en: str = ""
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def said(self) -> JsonObject:
        """Return what a client says of it, as members of its record."""
        captions = {"caption_th": self.caption_th.strip(), "caption_en": self.caption_en.strip()}
        return {"kind": self.kind, **{name: text or None for name, text in captions.items()}}


def require_place(site: Site, context: WriteContext, point_id: str) -> tuple[Scope, ...]:
    """Return where the viewer may edit, if a photo can be added to a point.

    Raises:
        NotAuthenticatedError, ForbiddenError, NotFoundError: by what the viewer may see and do.
        ConflictError: the point is no longer edited, or has as many photos as it may have.
    """
    held = require(context.viewer, "points.edit")
    row = row_to_write(site, context, point_id, held)
    require_editable(row)
    _require_room(document_of(row))
    return held


def _require_room(point: JsonObject) -> None:
    if len(photo_ids(point)) >= MAX_PHOTOS:
        raise ConflictError("photos.too_many", limit=MAX_PHOTOS)


def check_said(point_id: str, new: NewPhoto) -> None:
    """Refuse a kind or caption that no photo can have.

    Raises:
        InvalidDocumentError: each problem with its pointer.
    """
    check_record(WAITING.collection.table, _feature(point_id, new), {"properties": _own(point_id)})


def _own(point_id: str) -> JsonObject:
    return {"point_id": point_id}


def _feature(point_id: str, new: NewPhoto) -> JsonObject:
    properties = {**_own(point_id), **new.said}
    return {"type": "Feature", "id": new.id, "geometry": None, "properties": properties}


def add(
    site: Site,
    context: WriteContext,
    point_id: str,
    new: NewPhoto,
    also: Callable[[Transaction], None] | None = None,
) -> Item:
    """Add a photo to a point: its files, its record and the revision of the point, or nothing.

    Args:
        site: with store and data folder.
        context: who and why; no precondition, photos are added side by side.
        point_id: of the point.
        new: the photo.
        also: written in the same transaction.

    Returns:
        The record of the photo.

    Raises:
        TooLargeError, InvalidDocumentError: the file, kind or caption can't be taken.
        ConflictError: as :func:`require_place`.
        DataUnavailableError: it could not be stored.
    """
    held = require_place(site, context, point_id)
    check_said(point_id, new)
    place = site.store.read(lambda c: _place(point_row(c, point_id)))
    prepared = prepare(new.source, place, today(site.clock()))
    feature = _feature(point_id, new)
    feature["properties"] |= derived(new.id, prepared)

    def write(transaction: Transaction) -> Item:
        row = _locked(transaction, point_id, held)
        if main_row(transaction.connection, WAITING, new.id) is not None:
            raise ConflictError("document.id_exists", id=new.id)
        require_editable(row)
        _require_room(document_of(row))
        ids = [*photo_ids(document_of(row)), new.id]
        item = put(transaction, context, WAITING, feature, "create")
        edit_point(transaction, context, row, ids, "add_photo")
        if also is not None:
            also(transaction)
        if context.receipt is not None:
            context.receipt(transaction, item)
        return item

    store_files(site.settings.data_dir, new.id, prepared.files)
    is_stored = False
    try:
        item = site.store.write(write)
        is_stored = True
    finally:
        if not is_stored and not _is_known(site, new.id):
            remove_files(site.settings.data_dir, (new.id,))
    return item


def _is_known(site: Site, photo_id: str) -> bool:
    """Say whether a photo is stored after all; its files stay when nobody can tell."""
    return bool(site.store.read(lambda c: main_row(c, WAITING, photo_id)))


def _place(row: FeatureRow | None) -> LonLat | None:
    geometry = None if row is None else document_of(row)["geometry"]
    if geometry is None:
        return None
    lon, lat = geometry["coordinates"][:2]
    return lon, lat


def derived(photo_id: str, prepared: Prepared) -> JsonObject:
    """Return the members of a record that follow from the picture itself."""
    taken_on = prepared.capture.taken_on
    return {
        "width_px": prepared.width_px,
        "height_px": prepared.height_px,
        "thumb_path": photo_path(photo_id, "thumb"),
        "medium_path": photo_path(photo_id, "medium"),
        "phash": prepared.phash,
        "taken_on": None if taken_on is None else taken_on.isoformat(),
        "exif_distance_m": prepared.capture.distance_m,
    }


def photo_path(photo_id: str, size: str) -> str:
    """Return the path at which a size of a photo is served."""
    return f"/photos/{photo_id}/{size}.jpg"


def _locked(transaction: Transaction, point_id: str, held: tuple[Scope, ...]) -> FeatureRow:
    row = features.get_row(transaction.connection, TABLE, point_id, WORKING, scopes=held, lock=True)
    if row is None:
        raise NotFoundError("ogc.item_not_found", id=point_id)
    return row


def move(site: Site, context: WriteContext, point_id: str, photo_id: str, step: int) -> None:
    """Move a photo among those of its point.

    Args:
        site: with store.
        context: who; If-Match names the revision of the point.
        point_id: of the point.
        photo_id: of the photo.
        step: -1 towards the beginning, 1 towards the end; at an end nothing happens.

    Raises:
        NotFoundError: the point has no such photo.
        ConflictError, PreconditionFailedError: the point is no longer edited, or was meanwhile.
    """
    held = require(context.viewer, "points.edit")
    seen = row_to_write(site, context, point_id, held)
    check_preconditions(site, context, COLLECTION, seen)

    def write(transaction: Transaction) -> None:
        row = _locked(transaction, point_id, held)
        require_editable(row)
        ids = photo_ids(document_of(row))
        if photo_id not in ids:
            raise NotFoundError("photos.not_found")
        place = ids.index(photo_id)
        if 0 <= place + step < len(ids):
            ids.insert(place + step, ids.pop(place))
            edit_point(transaction, context, row, ids, "change_photo")

    site.store.write(write)


def listed(site: Site, viewer: Viewer, point_id: str) -> list[JsonObject]:
    """Return the photos of a point as the viewer may see them, in their order.

    Whoever sees the working revision sees its photos, everybody else those that are public.
    """
    stored = stored_item(site, viewer, point_id)
    if stored is None:
        return []
    point = Item(
        point_id, stored.feature, stored.etag, stored.revision, stored.updated_at, stored.view
    ).feature
    read = documents if stored.view == WORKING else public_documents
    found = site.store.read(lambda c: read(c, WAITING, point_id=point_id))
    by_id = {photo["id"]: photo for photo in found}
    return [by_id[photo_id] for photo_id in photo_ids(point) if photo_id in by_id]


def alike(site: Site, viewer: Viewer, of: Iterable[JsonObject]) -> dict[str, list[str]]:
    """Return {photo id: ids of other points with nearly the same photo}, for reviewers.

    Only points over which the viewer may see working revisions are named.

    Args:
        site: with store.
        viewer: the reviewer.
        of: documents of photos with their ``phash``.
    """
    asked = [photo for photo in of if photo["properties"].get("phash")]
    held = scopes(viewer, "points.read_working")
    if not asked or not held:
        return {}
    others = site.store.read(lambda connection: photos.hashes(connection, held))
    found: dict[str, list[str]] = {}
    for photo in asked:
        own, phash = photo["properties"]["point_id"], photo["properties"]["phash"]
        points = [
            other.point_id
            for other in others
            if other.point_id != own and distance_bits(other.phash, phash) <= ALIKE_BITS
        ]
        if points:
            found[photo["id"]] = list(dict.fromkeys(points))
    return found
