# SPDX-License-Identifier: GPL-2.0-or-later
"""Load the demonstration into an empty store, and set it back to its beginning."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from geoapi import reference_data, service_points
from geoapi.demo import assignments
from geoapi.demo.dataset import DemoDataset, build_demo_dataset
from geoapi.demo.load_photos import (
    DemoPhoto,
    load_photos,
    plan_photos,
    store_photo_files,
    with_photos,
)
from geoapi.demo.load_services import load_services, plan_services, today_of
from geoapi.errors import UsageError
from geoapi.importing.merging import merge_service_points
from geoapi.passwords import hash_password
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.site import Site
from geoapi.store import Transaction, accounts, imports
from geoapi.store.imports import StagedRow
from geoapi.store.site_meta import empty_demo, get_meta, put_meta
from geoapi.transitions import Asked, take_action
from geoapi.types import JsonObject

STORY_KEY = "demo_story"
_CONTEXT = WriteContext(viewer=SYSTEM, client="pakmud demo", reason="ข้อมูลสาธิต / demonstration data")
_REVIEWER = replace(SYSTEM, user_id="demo-reviewer")
# Returned points are loaded as submitted ones and then returned with the reviewer's words.
_LOADED_AS: Mapping[str, str] = {
    "verified": "verified",
    "submitted": "submitted",
    "returned": "submitted",
    "draft": "draft",
    "unpinned": "draft",
}


def is_loaded(site: Site) -> bool:
    """Say whether the store holds the demonstration."""
    return site.store.read(lambda connection: get_meta(connection, STORY_KEY)) is not None


def load(site: Site, dataset: DemoDataset | None = None) -> None:
    """Write the demonstration in one transaction, or nothing of it.

    Args:
        site: with an empty store.
        dataset: made anew when None.

    Raises:
        UsageError: a package that the data come from is missing, or this is no demonstration.
    """
    if not site.settings.demo:
        raise UsageError("demo.not_a_demo")
    data = dataset or build_demo_dataset()

    def write(transaction: Transaction) -> None:
        _write_users(transaction, data)
        _write_data(transaction, data)

    store_photo_files(site.settings.data_dir, _photos(data))
    site.store.write(write)
    _return_points(site, data)
    _end_points(site, data)
    assignments.load(site)


def reset(site: Site) -> None:
    """Set the demonstration back; who is signed in stays so.

    Raises:
        UsageError: this is no demonstration.
    """
    if not site.settings.demo:
        raise UsageError("demo.not_a_demo")
    data = build_demo_dataset()

    def write(transaction: Transaction) -> None:
        empty_demo(transaction)
        _write_data(transaction, data)

    store_photo_files(site.settings.data_dir, _photos(data))
    site.store.write(write)
    _return_points(site, data)
    _end_points(site, data)
    assignments.load(site)


def _photos(data: DemoDataset) -> list[DemoPhoto]:
    return plan_photos(data.service_points, data.story["id"], data.states)


def _write_users(transaction: Transaction, data: DemoDataset) -> None:
    # all share one password, so one hash will do: the demonstration is on loopback only
    password_hash = hash_password(data.users[0]["password"])
    for user in data.users:
        user_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"pakmud-demo/{user['username']}"))
        values = {
            "id": user_id,
            "username": user["username"],
            "display_name": user["name_th"],
            "language": "th",
            "password_hash": password_hash,
            "must_change_password": False,
        }
        accounts.insert_user(transaction, values)
        for number, grant in enumerate(user["grants"]):
            accounts.insert_grant(
                transaction,
                {
                    "id": str(uuid.uuid5(uuid.UUID(user_id), str(number))),
                    "user_id": user_id,
                    "role": grant["role"],
                    "agency_id": grant["agency_id"] or "",
                    "area_code": grant["area_code"] or "",
                },
            )


def _write_data(transaction: Transaction, data: DemoDataset) -> None:
    reference_data.put_areas(transaction, _CONTEXT, data.areas)
    reference_data.put_agencies(transaction, _CONTEXT, data.agencies)
    plan = plan_services(data.service_points, today_of(transaction))
    photos = _photos(data)
    rows = [
        StagedRow(number, f"demo:{feature['id']}", with_photos(plan.with_summary(feature), photos))
        for number, feature in enumerate(data.service_points, 1)
    ]
    for target in ("verified", "submitted", "draft"):
        chosen = [row for row in rows if _target(data, row.document) == target]
        merge_service_points(transaction, _CONTEXT, chosen, target)
    is_public = {item_id for item_id, state in data.states.items() if state == "verified"}
    points = {f["id"]: (f, f["id"] in is_public) for f in data.service_points}
    load_services(transaction, _CONTEXT, plan, points)
    load_photos(transaction, _CONTEXT, photos, data.states)
    for entry in data.holidays:
        values = {**entry, "date": date.fromisoformat(entry["date"])}
        imports.put_holiday(transaction, values)
    put_meta(transaction, STORY_KEY, json.dumps(data.story, ensure_ascii=False))


def _target(data: DemoDataset, feature: JsonObject) -> str:
    return _LOADED_AS[data.states.get(feature["id"], "verified")]


def _return_points(site: Site, data: DemoDataset) -> None:
    for item_id, words in data.reviews.items():
        reason = f"{words['th']} / {words['en']}"
        context = WriteContext(
            viewer=_REVIEWER, client="pakmud demo", reason=reason, if_match=("*",)
        )
        service_points.take_action(site, context, item_id, "return")


def _end_points(site: Site, data: DemoDataset) -> None:
    for item_id, ending in data.endings.items():
        context = WriteContext(
            viewer=_REVIEWER,
            client="pakmud demo",
            reason=f"{ending.reason_th} / {ending.reason_en}",
            if_match=("*",),
        )
        asked = Asked(successor_id=ending.successor_id)
        take_action(site, context, item_id, ending.action, asked)
