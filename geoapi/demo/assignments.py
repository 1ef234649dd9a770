# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments of the demonstration: every state, one of them overdue, and one unfinished district.

Places that exist in no list are synthetic and say so in their note.
"""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

from geoapi import take_over
from geoapi.assignment_work import Order, assign_points, create
from geoapi.assignments import KIND
from geoapi.demo.agencies import agency_id
from geoapi.demo.identity import NOTE_TH
from geoapi.managers import today
from geoapi.record_writing import documents, put
from geoapi.revisions import TABLE, WriteContext
from geoapi.rights import SYSTEM
from geoapi.site import Site
from geoapi.store import Transaction, features
from geoapi.store.tables import WORKING
from geoapi.types import JsonObject, Scope

CAMPAIGN = "โครงการประเมินความพึงพอใจ (Citizen Feedback) และยกเลิกสำเนาเอกสาร (Zero Copy)"
# As in the letter of 2561 that began it all.
LETTER = "ชร 0019.4/ว 25621"
# The district that is still unfinished.
UNFINISHED = "5713"
_OFFICE, _DISTRICT = "cdd_5707", "5707"
_EVERYWHERE = (Scope(),)
_ENGLISH = {
    "ศูนย์เรียนรู้ชุมชนตำบลป่าซาง": "Pa Sang Community Learning Centre",
    "ศูนย์สาธิตการตลาดตำบลจันจว้า": "Chan Chwa Market Demonstration Centre",
    "ศูนย์ข้อมูลหมู่บ้านตำบลท่าข้าวเปลือก": "Tha Khao Plueak Village Data Centre",
    "หอประชุมชุมชนตำบลแม่คำ": "Mae Kham Community Hall",
    "ศูนย์บริการชุมชนตำบลศรีค้ำ": "Si Kham Community Service Centre",
    "ศาลาเอนกประสงค์ตำบลสันทราย": "San Sai Multi-purpose Hall",
}
_CONTEXT = WriteContext(viewer=SYSTEM, client="pakmud demo", reason="demonstration data")


def user_id(username: str) -> str:
    """Return the id of a user of the demonstration."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"pakmud-demo/{username}"))


def load(site: Site) -> None:
    """Write the assignments; users and points are there already."""
    day = today(site.clock())
    soon, past = ((day + timedelta(days=n)).isoformat() for n in (14, -5))
    site.store.write(lambda t: _write(t, soon, past))
    officer, gis = user_id("officer-maechan"), user_id("gis-chiangrai")
    order = Order(
        area_code=UNFINISHED, owner_id=gis, due_on=past, campaign=CAMPAIGN, letter_no=LETTER
    )
    assign_points(site, _CONTEXT, order)
    leaving = replace(_CONTEXT, reason="ผู้รับผิดชอบเดิมย้ายหน่วยงาน (สาธิต)")
    moved = _id_of(site, "หอประชุมชุมชนตำบลแม่คำ")
    take_over.hand_over(site, leaving, moved, officer)
    asking = replace(leaving, viewer=replace(SYSTEM, user_id=officer), reason="รับงานต่อ (สาธิต)")
    take_over.take_over(site, asking, _id_of(site, "ศูนย์บริการชุมชนตำบลศรีค้ำ"))


def _id_of(site: Site, name_th: str) -> str:
    (found,) = site.store.read(lambda c: documents(c, KIND, name_th=name_th))
    return str(found["id"])


def _write(transaction: Transaction, soon: str, past: str) -> None:
    officer, gis = user_id("officer-maechan"), user_id("gis-chiangrai")
    office = {"agency_id": agency_id(_OFFICE), "district_code": _DISTRICT, "note": NOTE_TH}
    new: list[JsonObject] = [
        {"name_th": "ศูนย์เรียนรู้ชุมชนตำบลป่าซาง", "owner_id": officer, "due_on": soon},
        {"name_th": "ศูนย์สาธิตการตลาดตำบลจันจว้า", "owner_id": officer, "due_on": past},
        {"name_th": "ศูนย์ข้อมูลหมู่บ้านตำบลท่าข้าวเปลือก", "due_on": soon},
        {"name_th": "หอประชุมชุมชนตำบลแม่คำ", "owner_id": gis, "due_on": soon},
        {"name_th": "ศูนย์บริการชุมชนตำบลศรีค้ำ", "owner_id": gis, "due_on": soon},
        {"name_th": "ศาลาเอนกประสงค์ตำบลสันทราย", "owner_id": officer, "due_on": soon},
    ]
    for properties in new:
        name_en = _ENGLISH[properties["name_th"]]
        _create(transaction, {**office, "category": "other", "name_en": name_en, **properties})
    for number in range(1, 5):
        place = {
            "name_th": f"ศูนย์บริการชุมชนแห่งที่ {number} (สาธิต)",
            "name_en": f"Community Service Centre {number} (demo)",
            "district_code": UNFINISHED,
            "category": "other",
            "note": NOTE_TH,
            "owner_id": gis,
            "due_on": past if number > 1 else soon,
        }
        _create(transaction, place)
    own = {"agency_id": agency_id(_OFFICE)}
    for state, limit in (("verified", 1), ("submitted", 3), ("returned", 2), ("draft", 1)):
        about = own if state == "verified" else {}
        owner = officer if state == "verified" else gis
        for point in _points(transaction, state, about)[:limit]:
            _create(transaction, {"point_id": point, "owner_id": owner, "due_on": soon})
    _cancel(transaction, "ศาลาเอนกประสงค์ตำบลสันทราย")


def _points(transaction: Transaction, state: str, about: JsonObject) -> list[str]:
    """Return the ids of points of a state inside the province, the oldest first."""
    wanted = {"state": state, "province_code": "57", **about}
    found = features.rows_where(transaction.connection, TABLE, WORKING, wanted)
    return [str(row.id) for row in found]


def _create(transaction: Transaction, properties: JsonObject) -> None:
    order = {"campaign": CAMPAIGN, "letter_no": LETTER}
    create(transaction, _CONTEXT, {**order, **properties}, _EVERYWHERE)


def _cancel(transaction: Transaction, name_th: str) -> None:
    (found,) = documents(transaction.connection, KIND, name_th=name_th)
    ended = {**found["properties"], "state": "cancelled"}
    put(transaction, _CONTEXT, KIND, {**found, "properties": ended}, "update")
