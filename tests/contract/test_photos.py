# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos of a point: rights, what the public sees and when, files and rows that stay together."""

from __future__ import annotations

import io
import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from geoapi import records, service_points
from geoapi.errors import (
    ConflictError,
    ForbiddenError,
    InvalidDocumentError,
    NotAuthenticatedError,
    NotFoundError,
    PreconditionFailedError,
)
from geoapi.operation import backup
from geoapi.photos import files, photos, sweep
from geoapi.photos.imaging import SIZES
from geoapi.photos.kind import KIND
from geoapi.photos.photos import MAX_PHOTOS, NewPhoto
from geoapi.revisions import Item
from geoapi.rights import PUBLIC, SYSTEM, Viewer, scopes
from geoapi.site import Site, open_site
from geoapi.store.feed import FeedQuery, read_feed
from geoapi.types import JsonObject
from tests import photo_samples as samples
from tests.contract.point_samples import (
    COLLEAGUE,
    GIS,
    OFFICER,
    REVIEWER,
    STRANGER,
    act,
    by,
    change,
    create,
    listed,
    publish,
    published,
)

SMALL = samples.jpeg(samples.picture(320, 240))


def add(site: Site, point: Item, viewer: Viewer = OFFICER, **said: object) -> str:
    """Add a photo and return its id."""
    new = NewPhoto(SMALL, **{"kind": "entrance", **said})  # type: ignore[arg-type]
    return photos.add(site, by(viewer), point.id, new).id


def seen(site: Site, point: Item, viewer: Viewer = PUBLIC) -> list[str]:
    return [photo["id"] for photo in photos.listed(site, viewer, point.id)]


def stored(site: Site) -> set[str]:
    folder = site.settings.data_dir / "files" / "photos"
    return {path.name for path in folder.rglob("*") if path.is_file()}


def document(site: Site, point: Item, viewer: Viewer = OFFICER) -> JsonObject:
    return service_points.get(site, viewer, point.id).feature["properties"]


def patch(site: Site, photo_id: str, viewer: Viewer = OFFICER, **properties: object) -> Item:
    return records.update(site, by(viewer), KIND, photo_id, {"properties": properties})


def remove(site: Site, photo_id: str, viewer: Viewer = OFFICER) -> None:
    records.delete(site, by(viewer), KIND, photo_id)


def test_adding_is_an_edit_of_the_point(site: Site) -> None:
    point = published(site)
    photo_id = add(site, point, caption_th="ประตูหน้า")
    said = document(site, point)
    assert (said["state"], said["photos"]) == ("draft", [photo_id])
    assert said["revision"] == point.revision + 1
    photo = records.get(site, OFFICER, KIND, photo_id).feature["properties"]
    assert (photo["kind"], photo["caption_th"], photo["caption_en"]) == (
        "entrance",
        "ประตูหน้า",
        None,
    )
    assert (photo["exif_distance_m"], photo["taken_on"]) == (0, "2026-11-01")
    assert stored(site) == {f"{photo_id}-{size}.jpg" for size in SIZES}
    with pytest.raises(ConflictError):  # whoever added a photo does not verify the point
        act(site, act(site, point, "submit"), "verify", replace(REVIEWER, user_id=OFFICER.user_id))


def test_the_public_sees_a_photo_once_the_point_is_verified(site: Site) -> None:
    point = published(site)
    photo_id = add(site, point)
    assert seen(site, point) == []
    assert listed(site, PUBLIC)[0]["properties"].get("photos") in (None, [])
    with pytest.raises(NotFoundError):
        records.get(site, PUBLIC, KIND, photo_id)
    publish(site, point)
    assert seen(site, point) == [photo_id]
    assert listed(site, PUBLIC)[0]["properties"]["photos"] == [photo_id]
    shown = records.get(site, PUBLIC, KIND, photo_id).feature["properties"]
    assert not {"phash", "updated_by", "taken_on", "exif_distance_m"} & shown.keys()


def test_a_change_waits_for_the_next_verification(site: Site) -> None:
    point = create(site)
    photo_id = add(site, point, caption_th="ก่อน")
    publish(site, point)
    patch(site, photo_id, caption_th="หลัง", kind="sign")
    assert document(site, point)["state"] == "draft"

    def public() -> str:
        return str(records.get(site, PUBLIC, KIND, photo_id).feature["properties"]["caption_th"])

    assert public() == "ก่อน"
    publish(site, point)
    assert public() == "หลัง"


def test_f5_a_wrong_photo_can_be_deleted_and_is_gone_for_the_public_at_once(site: Site) -> None:
    point = create(site)
    wrong, right = add(site, point), add(site, point)
    publish(site, point)
    remove(site, wrong)
    assert seen(site, point) == [right]
    assert listed(site, PUBLIC)[0]["properties"]["photos"] == [right]
    said = document(site, point)
    assert (said["state"], said["photos"]) == ("verified", [right])
    assert stored(site) == {f"{right}-{size}.jpg" for size in SIZES}
    with pytest.raises(NotFoundError):
        records.get(site, OFFICER, KIND, wrong)
    last = _last_changes(site)
    assert [(c["operation"], c["public_effect"]) for c in last if c["item_id"] == wrong][-1] == (
        "delete", "delete",
    )  # fmt: skip
    of_point = [c for c in last if c["item_id"] == point.id][-1]
    assert (of_point["operation"], of_point["public_effect"]) == ("delete_photo", "upsert")


def _last_changes(site: Site) -> list[dict]:
    held = scopes(SYSTEM, "points.read_working")
    return [
        entry
        for collection in ("photos", "service-points")
        for entry in site.store.read(
            lambda c, name=collection: read_feed(c, FeedQuery(name, 0, 1000, held)).rows
        )
    ]


@pytest.mark.parametrize("state", ["draft", "submitted", "returned", "withdrawn"])
def test_f5_a_wrong_photo_can_be_deleted_in_every_state(site: Site, state: str) -> None:
    point = create(site)
    wrong = add(site, point)
    if state != "draft":
        act(site, point, "submit")
    if state == "returned":
        act(site, point, "return", REVIEWER, "เบลอ")
    if state == "withdrawn":
        act(site, point, "withdraw", reason="ซ้ำ")
    remove(site, wrong)
    said = document(site, point)
    assert said["photos"] == []
    assert said["state"] == ("draft" if state == "returned" else state)
    assert stored(site) == set()


def test_photos_of_a_withdrawn_point_are_not_public_until_it_is_verified_again(site: Site) -> None:
    point = create(site)
    photo_id = add(site, point)
    publish(site, point)
    act(site, point, "withdraw", GIS, "ซ้ำ")
    assert seen(site, point) == []
    assert seen(site, point, OFFICER) == [photo_id]
    with pytest.raises(NotFoundError):
        records.get(site, PUBLIC, KIND, photo_id)


def test_discarding_a_change_takes_back_its_photos(site: Site) -> None:
    point = create(site)
    first = add(site, point, caption_th="เดิม")
    publish(site, point)
    second = add(site, point)
    patch(site, first, caption_th="ใหม่")
    act(site, point, "discard")
    said = document(site, point)
    assert (said["state"], said["photos"]) == ("verified", [first])
    assert seen(site, point, OFFICER) == [first]
    kept = records.get(site, OFFICER, KIND, first).feature["properties"]
    assert kept["caption_th"] == "เดิม"
    assert f"{second}-full.jpg" not in stored(site)


def test_deleting_a_point_deletes_its_photos_and_their_files(site: Site) -> None:
    point = create(site)
    add(site, point)
    service_points.delete(site, by(OFFICER), point.id)
    assert stored(site) == set()


def test_a_point_that_moves_takes_its_photos_scope_along(site: Site) -> None:
    point = create(site)
    photo_id = add(site, point)
    change(site, point, subdistrict_code="570102")
    photo = records.get(site, OFFICER, KIND, photo_id).feature["properties"]
    assert photo["district_code"] == "5701"
    assert photo["revision"] == 2


def test_order_is_the_points_and_changes_by_steps(site: Site) -> None:
    point = create(site)
    one, two, three = (add(site, point) for _ in range(3))
    photos.move(site, by(OFFICER), point.id, three, -1)
    assert seen(site, point, OFFICER) == [one, three, two]
    photos.move(site, by(OFFICER), point.id, one, -1)
    assert seen(site, point, OFFICER) == [one, three, two]
    with pytest.raises(NotFoundError):
        photos.move(site, by(OFFICER), point.id, str(uuid.uuid4()), 1)


def test_strangers_and_the_public_add_and_delete_nothing(site: Site) -> None:
    point = published(site)
    photo_id = add(site, point)
    for viewer, error in ((STRANGER, ForbiddenError), (PUBLIC, NotAuthenticatedError)):
        with pytest.raises(error):
            add(site, point, viewer)
    with pytest.raises(NotFoundError):
        remove(site, photo_id, STRANGER)
    hidden = create(site)
    with pytest.raises(NotFoundError):
        add(site, hidden, STRANGER)
    assert len(stored(site)) == 3


def test_colleagues_add_side_by_side_and_none_is_lost(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    point = create(site)
    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda n: add(site, point, (OFFICER, COLLEAGUE)[n % 2]), range(12)))
    assert sorted(seen(site, point, OFFICER)) == sorted(made)
    assert len(stored(site)) == 36


def test_no_more_than_twenty(site: Site) -> None:
    point = create(site)
    tiny = samples.jpeg(samples.picture(32, 32))
    for _ in range(MAX_PHOTOS):
        photos.add(site, by(OFFICER), point.id, NewPhoto(tiny))
    with pytest.raises(ConflictError):
        photos.add(site, by(OFFICER), point.id, NewPhoto(tiny))
    assert len(stored(site)) == 60


@pytest.mark.parametrize(
    "said", [{"kind": "selfie"}, {"caption_th": "ก" * 251}, {"caption_en": "a\0b"}]
)
def test_refuses_words_that_no_photo_has(site: Site, said: dict[str, str]) -> None:
    point = create(site)
    with pytest.raises(InvalidDocumentError):
        add(site, point, **said)
    assert stored(site) == set()


def test_records_are_not_made_without_a_file_nor_moved_to_another_point(site: Site) -> None:
    point, other = create(site), create(site)
    feature = {
        "type": "Feature",
        "geometry": None,
        "properties": {"point_id": point.id, "kind": "sign"},
    }
    with pytest.raises(InvalidDocumentError):
        records.create(site, by(OFFICER), KIND, feature)
    photo_id = add(site, point)
    with pytest.raises(InvalidDocumentError):
        patch(site, photo_id, point_id=other.id)
    with pytest.raises(PreconditionFailedError):
        records.update(site, by(OFFICER, if_match=("old",)), KIND, photo_id, {})


def test_a_photo_whose_write_fails_leaves_no_file(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    point = create(site)

    def fail(_transaction: object) -> None:
        raise ConflictError("photos.not_found")

    with pytest.raises(ConflictError):
        photos.add(site, by(OFFICER), point.id, NewPhoto(SMALL), fail)
    assert stored(site) == set()
    assert document(site, point).get("photos") in (None, [])


def test_nearly_the_same_photo_of_another_point_is_told_inside_the_scope(site: Site) -> None:
    one, two = create(site), create(site)
    first = add(site, one)
    again = samples.jpeg(samples.picture(320, 240), quality=50)
    photos.add(site, by(OFFICER), two.id, NewPhoto(again))
    shown = photos.listed(site, REVIEWER, one.id)
    assert photos.alike(site, REVIEWER, shown) == {first: [two.id]}
    assert photos.alike(site, STRANGER, shown) == {}


def test_a_sweep_deletes_files_without_rows_and_finds_rows_without_files(site: Site) -> None:
    import os
    import time

    point = create(site)
    kept, lost = add(site, point), add(site, point)
    orphan = str(uuid.uuid4())
    data_dir = site.settings.data_dir
    files.store_files(data_dir, orphan, dict.fromkeys(SIZES, SMALL))
    old = time.time() - 7200
    for path in (data_dir / "files").rglob("*.jpg"):
        os.utime(path, (old, old))
    files.photo_file(data_dir, lost, "medium").unlink()
    assert sweep.missing_files(site.store, data_dir) == [lost]
    assert sweep.sweep(site).files == 3
    names = stored(site)
    assert {f"{kept}-{size}.jpg" for size in SIZES} <= names
    assert not any(name.startswith(orphan) for name in names)


def test_files_are_private_and_names_are_no_paths(site: Site) -> None:
    photo_id = add(site, create(site))
    path = files.photo_file(site.settings.data_dir, photo_id, "full")
    assert path.stat().st_mode & 0o777 == 0o600
    for bad in ("../../keys", photo_id.upper(), "", f"{photo_id}/.."):
        with pytest.raises(ValueError, match="photo"):
            files.photo_file(site.settings.data_dir, bad, "full")
    with pytest.raises(ValueError, match="photo"):
        files.photo_file(site.settings.data_dir, photo_id, "../x")


def test_a_backup_holds_the_photos_and_a_restore_brings_them_back(
    site: Site, tmp_path: Path
) -> None:
    point = create(site)
    photo_id = add(site, point)
    archive = backup.backup(site.store, site.settings, tmp_path / "backups")
    settings = replace(
        site.settings, store=str(tmp_path / "other.gpkg"), data_dir=tmp_path / "other"
    )
    backup.restore(archive, settings)
    again = open_site(settings)
    try:
        assert seen(again, point, OFFICER) == [photo_id]
        content = files.photo_file(settings.data_dir, photo_id, "full").read_bytes()
        assert Image.open(io.BytesIO(content)).size == (320, 240)
    finally:
        again.store.close()
