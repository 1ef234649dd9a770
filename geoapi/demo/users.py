# SPDX-License-Identifier: GPL-2.0-or-later
"""The users of the demonstration: one per role, named after the role and not after a person."""

from __future__ import annotations

from typing import Any

from geoapi.demo.agencies import agency_id
from geoapi.demo.identity import DEMO_PASSWORD, PROVINCE_CODE

_MAE_CHAN = "5707"

# username, Thai name, English name, then (role, agency key, area code) of each grant.
_USERS: tuple[tuple[str, str, str, tuple[tuple[str, str | None, str | None], ...]], ...] = (
    (
        "officer-maechan", "เจ้าหน้าที่ปักหมุด แม่จัน (สาธิต)", "Officer, Mae Chan (demo)",
        (("officer", f"cdd_{_MAE_CHAN}", _MAE_CHAN),),
    ),
    (
        "gis-chiangrai", "เจ้าหน้าที่ GIS จังหวัดเชียงราย (สาธิต)", "GIS officer, Chiang Rai (demo)",
        (("gis_officer", None, PROVINCE_CODE),),
    ),
    (
        "agency-cdd", "ผู้ดูแลหน่วยงาน กรมการพัฒนาชุมชน เชียงราย (สาธิต)",
        "Agency administrator, Community Development, Chiang Rai (demo)",
        (("agency_admin", "cdd", PROVINCE_CODE),),
    ),
    (
        "supervisor-maechan", "ผู้กำกับ อำเภอแม่จัน (สาธิต)",
        "Supervisor, Mae Chan District (demo)", (("supervisor", None, _MAE_CHAN),),
    ),
    (
        "supervisor-chiangrai", "ผู้กำกับ จังหวัดเชียงราย (สาธิต)",
        "Supervisor, Chiang Rai Province (demo)", (("supervisor", None, PROVINCE_CODE),),
    ),
    (
        "planner", "นักวิเคราะห์ จังหวัดเชียงราย (สาธิต)", "Planner, Chiang Rai (demo)",
        (("planner", None, PROVINCE_CODE),),
    ),
    (
        "executive", "ผู้บริหาร จังหวัดเชียงราย (สาธิต)", "Executive, Chiang Rai (demo)",
        (("executive", None, PROVINCE_CODE),),
    ),
    ("moderator", "ผู้กลั่นกรอง (สาธิต)", "Moderator (demo)", (("moderator", None, None),)),
    ("admin", "ผู้ดูแลระบบ (สาธิต)", "System administrator (demo)", (("admin", None, None),)),
)  # fmt: skip


def build_users() -> list[dict[str, Any]]:
    """Give the users with their grants; ``None`` in a grant means everywhere."""
    return [
        {
            "username": username,
            "password": DEMO_PASSWORD,
            "name_th": name_th,
            "name_en": name_en,
            "grants": [
                {
                    "role": role,
                    "agency_id": agency_id(agency) if agency else None,
                    "area_code": area_code,
                }
                for role, agency, area_code in grants
            ],
        }
        for username, name_th, name_en, grants in _USERS
    ]
