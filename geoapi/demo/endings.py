# SPDX-License-Identifier: GPL-2.0-or-later
"""Points of the demonstration whose life has ended: withdrawn, closed, moved and merged ones.

Each is a copy of an office at another place, so that there is something to look back at; the
offices themselves stay as they are.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from geoapi.demo.places import offset
from geoapi.demo.service_points import Feature, point_id


@dataclass(frozen=True)
class Ending:
    """How a life ends.

    Attributes:
        action: ``withdraw``, ``close``, ``move`` or ``merge``.
        reason_th: why, in Thai.
        reason_en: why, in English.
        successor_id: of the point that takes its place, '' for none.
    """

    action: str
    reason_th: str
    reason_en: str
    successor_id: str = ""


# key of the office, action, what the copy is called, where it stood (metres east, north), reasons
_ENDED = (
    (
        "cdd_5701", "move", (" (ที่ตั้งเดิม)", " (former place)"), (410.0, -260.0),
        ("ย้ายเข้าอาคารใหม่ในบริเวณที่ว่าการอำเภอ", "Moved into the new building of the district office"),
    ),
    (
        "post_5707", "close", (" (จุดบริการชั่วคราว)", " (temporary counter)"), (-180.0, 150.0),
        ("ปิดจุดบริการชั่วคราวหลังซ่อมอาคารเสร็จ", "Temporary counter closed after repairs"),
    ),
    (
        "rtp_5709", "merge", (" (หมุดซ้ำ)", " (second pin)"), (30.0, 12.0),
        ("ปักซ้ำสถานที่เดียวกัน", "The same place was marked twice"),
    ),
    (
        "doae_5704", "withdraw", (" (หมุดทดสอบ)", " (test pin)"), (900.0, 700.0),
        ("ปักทดสอบระหว่างอบรม", "Placed as a trial during training"),
    ),
)  # fmt: skip


def add_endings(features: dict[str, Feature]) -> dict[str, Ending]:
    """Add the points that will end, verified until then.

    Args:
        features: by key; copies are added.

    Returns:
        How the life of each added point ends, by its id.
    """
    endings = {}
    for key, action, (suffix_th, suffix_en), (east_m, north_m), reasons in _ENDED:
        original = features[key]
        former = copy.deepcopy(original)
        former["id"] = point_id(f"{key}/{action}")
        properties = former["properties"]
        properties["official_id"] = None
        properties["name_th"] += suffix_th
        properties["name_en"] = f"{properties['name_en']}{suffix_en}"
        properties.pop("demo_mistake", None)
        lon, lat = original["geometry"]["coordinates"]
        former["geometry"]["coordinates"] = list(offset((lon, lat), east_m, north_m))
        features[f"{key}/{action}"] = former
        successor = original["id"] if action in ("move", "merge") else ""
        endings[former["id"]] = Ending(action, *reasons, successor)
    return endings
