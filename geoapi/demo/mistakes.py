# SPDX-License-Identifier: GPL-2.0-or-later
"""Put the deliberate mistakes into the demonstration, and the states of the workflow.

Each mistake is marked with ``demo_mistake`` (kind and words in both languages), so that nobody
takes it for a fault of the product.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import shapely

from geoapi.demo.identity import fraction
from geoapi.demo.places import Ground, distance_m, offset, place_beyond_border
from geoapi.demo.service_points import Feature, point_id

STORY_KEY = "cdd_5707"
"""The community development office of Mae Chan, the office to follow."""

_STORY_DISTRICT = "5707"
_SWAPPED = ("rtp_5709", "post_5709")
_DUPLICATED_DISTRICT = "5705"
_UNPINNED = ("dole_5718", "doae_5715", "post_5713", "anuban_5717", "mobile_5711")
_RETURNED = {
    "post_5709": (
        "หมายเลขโทรศัพท์สลับกับสถานีตำรวจภูธรแม่สาย กรุณาตรวจสอบและแก้ไขก่อนส่งตรวจอีกครั้ง",
        "The phone number is swapped with that of Mae Sai Police Station. "
        "Please check and correct it before submitting again.",
    ),
    "moph_5704": (
        "พิกัดได้จากการแปลงที่อยู่ คลาดเคลื่อนประมาณ 150 เมตร กรุณาปักหมุดที่ประตูทางเข้าหลักของอาคาร",
        "The position was geocoded from the address and is off by about 150 m. "
        "Please place it at the main entrance of the building.",
    ),
    "doae_5712": (
        "ยังไม่มีชื่อภาษาอังกฤษ กรุณาสะกดตามป้ายหน้าสำนักงาน",
        "The English name is missing. Please spell it as on the sign of the office.",
    ),
}
_SETTLED = frozenset({"district_office", "provincial_hall", "hospital"})


@dataclass(frozen=True)
class Workflow:
    """Where each service point stands.

    Attributes:
        states: service point id to state.
        reviews: id of a returned point to the reviewer's words, ``th`` and ``en``.
        story: the office to follow, for the start page.
    """

    states: dict[str, str]
    reviews: dict[str, dict[str, str]]
    story: dict[str, Any]


def add_mistakes(features: dict[str, Feature], grounds: list[Ground]) -> Workflow:
    """Change the features in place so that there is something to find and to mend.

    Args:
        features: by key; a duplicate is added.
        grounds: one per district.
    """
    story = _move_story_office(features[STORY_KEY], grounds)
    _swap_phones(features)
    _add_duplicate(features)
    for key in _UNPINNED:
        _unpin(features[key])
    _spoil_returned(features)
    reviews = {point_id(key): {"th": th, "en": en} for key, (th, en) in _RETURNED.items()}
    states = {point_id(key): _state(key, feature) for key, feature in features.items()}
    return Workflow(states, reviews, story)


def _move_story_office(feature: Feature, grounds: list[Ground]) -> dict[str, Any]:
    home = next(ground for ground in grounds if ground.district.code == _STORY_DISTRICT)
    right = tuple(feature["geometry"]["coordinates"])
    town = shapely.Point(home.town)
    neighbour = min(
        (ground for ground in grounds if ground is not home),
        key=lambda ground: float(ground.polygon.distance(town)),
    )
    wrong = place_beyond_border(home, neighbour.polygon, depth_m=300.0)
    apart_m = round(distance_m((right[0], right[1]), wrong))
    apart_km = f"{apart_m / 1000:.1f}"
    feature["geometry"]["coordinates"] = list(wrong)
    where = neighbour.district
    words = {
        "th": f"หมุดอยู่ห่างจากสำนักงานจริง {apart_km} กม. และตกอยู่ในเขตอำเภอ{where.name_th} "
        f"ทั้งที่สำนักงานตั้งอยู่ในบริเวณที่ว่าการอำเภอแม่จัน",
        "en": f"The marker is {apart_km} km away from the office and lies in {where.name_en} "
        "District, although the office stands in the compound of Mae Chan District Office.",
    }
    _mark(feature, "wrong_district", words)
    properties = feature["properties"]
    return {
        "id": feature["id"],
        "name_th": properties["name_th"],
        "name_en": properties["name_en"],
        "problem_th": words["th"],
        "problem_en": words["en"],
        "wrong_coordinates": list(wrong),
        "right_coordinates": list(right),
        "distance_m": apart_m,
        "officer": "officer-maechan",
        "supervisor": "supervisor-maechan",
    }


def _swap_phones(features: dict[str, Feature]) -> None:
    first, second = (features[key] for key in _SWAPPED)
    phones = (first["properties"]["phones"], second["properties"]["phones"])
    second["properties"]["phones"], first["properties"]["phones"] = phones
    for feature, other in ((first, second), (second, first)):
        name = other["properties"]
        _mark(
            feature,
            "swapped_phone",
            {
                "th": f"หมายเลขโทรศัพท์เป็นของ{name['name_th']}",
                "en": f"The phone number is that of {name['name_en']}.",
            },
        )


def _add_duplicate(features: dict[str, Feature]) -> None:
    key, original = next(
        (key, feature)
        for key, feature in features.items()
        if key.startswith(f"hph_{_DUPLICATED_DISTRICT}")
    )
    double = copy.deepcopy(original)
    double["id"] = point_id(f"{key}/duplicate")
    properties = double["properties"]
    properties["official_id"] = None
    properties["name_th"] = properties["short_name"]
    lon, lat = original["geometry"]["coordinates"]
    double["geometry"]["coordinates"] = list(offset((lon, lat), 28.0, -21.0))
    words = {
        "th": "หมุดซ้ำ: สถานที่เดียวกันถูกปักสองหมุดด้วยชื่อเต็มและชื่อย่อ ห่างกัน 35 เมตร",
        "en": "Duplicate: one place was marked twice, by its full and its short name, 35 m apart.",
    }
    for feature in (original, double):
        _mark(feature, "duplicate", words)
    features[f"{key}/duplicate"] = double


def _unpin(feature: Feature) -> None:
    feature["geometry"] = None
    for name in ("position_basis", "position_method", "accuracy_m"):
        feature["properties"][name] = None


def _spoil_returned(features: dict[str, Feature]) -> None:
    features["doae_5712"]["properties"]["name_en"] = None
    features["moph_5704"]["properties"] |= {
        "position_basis": None,
        "position_method": "geocoded",
        "accuracy_m": 150.0,
    }
    for key in ("doae_5712", "moph_5704"):
        th, en = _RETURNED[key]
        _mark(features[key], "incomplete", {"th": th, "en": en})


def _mark(feature: Feature, kind: str, words: dict[str, str]) -> None:
    feature["properties"]["demo_mistake"] = {"kind": kind, **words}


def _state(key: str, feature: Feature) -> str:
    if feature["geometry"] is None:
        return "unpinned"
    if key in _RETURNED:
        return "returned"
    if key.endswith("/duplicate"):
        return "submitted"
    properties = feature["properties"]
    if "demo_mistake" in properties or properties["category"] in _SETTLED:
        return "verified"
    chance = fraction(f"state/{key}")
    if chance < 0.05:  # noqa: PLR2004 - shares of the two states
        return "submitted"
    return "draft" if chance < 0.07 else "verified"  # noqa: PLR2004
