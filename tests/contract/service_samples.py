# SPDX-License-Identifier: GPL-2.0-or-later
"""Services, copies and agencies for the contract suite."""

from __future__ import annotations

from typing import Any

from geoapi import legal_instruments, records, reference_data, service_points
from geoapi.record_kind import RecordKind
from geoapi.record_kinds import KINDS
from geoapi.revisions import Item, WriteContext
from geoapi.rights import SYSTEM, Grant, Viewer
from geoapi.site import Site
from geoapi.types import JsonObject
from tests.contract.point_samples import OFFICER, by, user

SERVICES, OFFERS, COPIES, TASKS = (
    KINDS[name] for name in ("services", "point-services", "copy-requirements", "tasks")
)
ADMIN = user("admin", Grant("admin"))
ID_CARD = {"document_type": "id_card", "name_th": "บัตรประจำตัวประชาชน", "originals": 1, "copies": 0}
HOUSE = {"document_type": "house_reg", "name_th": "ทะเบียนบ้าน", "originals": 1, "copies": 1}


def record(**properties: Any) -> JsonObject:
    return {"type": "Feature", "geometry": None, "properties": properties}


def service(site: Site, code: str = "s-1", viewer: Viewer = ADMIN, **more: Any) -> Item:
    defaults = {
        "name_th": f"บริการ {code}",
        "review_state": "published",
        "documents": [ID_CARD, HOUSE],
    }
    return records.create(site, by(viewer), SERVICES, record(code=code, **{**defaults, **more}))


def offer(site: Site, point: Item, of: Item, viewer: Viewer = OFFICER, **more: Any) -> Item:
    row = record(point_id=point.id, service_id=of.id, **more)
    return records.create(site, by(viewer), OFFERS, row)


def rows(site: Site, kind: RecordKind, **equals: Any) -> list[JsonObject]:
    return site.store.read(lambda c: records.documents(c, kind, **equals))


def public_rows(site: Site, kind: RecordKind, **equals: Any) -> list[JsonObject]:
    return site.store.read(lambda c: records.public_documents(c, kind, **equals))


def copy_row(site: Site, point: Item, document_type: str, of: Item | None = None) -> JsonObject:
    more = {} if of is None else {"service_id": of.id}
    (found,) = rows(site, COPIES, point_id=point.id, document_type=document_type, **more)
    return found


def declare(
    site: Site, point: Item, document_type: str, viewer: Viewer = OFFICER, **said: Any
) -> JsonObject:
    row = copy_row(site, point, document_type)
    patch = {"properties": said}
    return records.update(site, by(viewer), COPIES, row["id"], patch).feature["properties"]


def said(site: Site, point: Item, viewer: Viewer = SYSTEM) -> JsonObject:
    """Return the properties of a point as somebody sees it now."""
    return service_points.get(site, viewer, point.id).feature["properties"]


def agency(site: Site, agency_type: str, code: str = "office") -> str:
    """Store an agency of a type and return its id."""
    item_id = reference_data.agency_id_of_code(code)
    feature = {
        **record(code=code, name_th=f"หน่วยงาน {code}", agency_type=agency_type, parent_id=None),
        "id": item_id,
    }
    site.store.write(lambda t: reference_data.put_agencies(t, by(SYSTEM), [feature]))
    return item_id


def load_law(site: Site) -> int:
    context = WriteContext(viewer=SYSTEM)
    return site.store.write(lambda t: legal_instruments.load_seed(t, context))
