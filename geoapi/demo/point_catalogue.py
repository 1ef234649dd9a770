# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of service points: which offices the demonstration places where.

``{th}`` and ``{en}`` stand for the district's name, ``{town_th}`` and ``{town_en}`` for its
town's, ``{d}`` for its code. Names of provincial offices are real, their places, addresses and
phones are not.
"""

from __future__ import annotations

from typing import NamedTuple

OFFICE_HOURS = "Mo-Fr 08:30-16:30; PH off"
COUNTER_HOURS = "Mo-Fr 08:30-12:00,13:00-16:30; PH off"
POST_HOURS = "Mo-Fr 08:30-16:30; Sa 09:00-12:00; PH off"
SCHOOL_HOURS = "Mo-Fr 08:00-16:00; PH off; SH off"
ALWAYS = "24/7"

COURT, OUTSKIRTS, TOWN, EDGE = (20.0, 60.0), (700.0, 1600.0), (150.0, 700.0), (500.0, 1200.0)
"""Distances from the town centre in metres: district compound, outskirts, town, edge of town."""


class PointRow(NamedTuple):
    """One service point of the table.

    ``where_m`` is the least and greatest distance from the middle of its subdistrict; ``parent``
    the key of the main place it lies in; ``subdistrict`` its code, empty for the town's.
    """

    key: str
    category: str
    agency: str
    name_th: str
    name_en: str
    where_m: tuple[float, float] = TOWN
    hours: str = OFFICE_HOURS
    parent: str = ""
    subdistrict: str = ""


DISTRICT_AGENCIES: dict[str, tuple[str, tuple[float, float], str]] = {
    "dopa": ("district_office", COURT, COUNTER_HOURS),
    "cdd": ("community_development_office", COURT, OFFICE_HOURS),
    "moph": ("public_health_office", TOWN, OFFICE_HOURS),
    "doae": ("agriculture_office", TOWN, OFFICE_HOURS),
    "dole": ("learning_centre", TOWN, OFFICE_HOURS),
    "rtp": ("police_station", TOWN, ALWAYS),
    "hospital": ("hospital", EDGE, ALWAYS),
}
"""Category, distance and hours of the offices that are agencies of their own, by agency key."""

PER_DISTRICT = (
    PointRow(
        "post", "post_office", "thp", "ที่ทำการไปรษณีย์{town_th}", "{town_en} Post Office", TOWN,
        POST_HOURS,
    ),
    PointRow(
        "anuban", "school", "obec_57", "โรงเรียนอนุบาล{town_th}", "Anuban {town_en} School", EDGE,
        SCHOOL_HOURS,
    ),
)  # fmt: skip

BRANCHES: tuple[tuple[str, PointRow], ...] = (
    (
        "5702 5703 5704 5705 5707 5708 5709 5710 5711",
        PointRow(
            "land", "land_office", "dol_57", "สำนักงานที่ดินจังหวัดเชียงราย สาขา{th}",
            "Chiang Rai Provincial Land Office, {en} Branch", TOWN, COUNTER_HOURS,
        ),
    ),
    (
        "5703 5708 5709",
        PointRow("customs", "customs_house", "customs", "ด่านศุลกากร{th}", "{en} Customs House"),
    ),
    (
        "5703 5708 5709",
        PointRow(
            "immigration", "immigration_office", "rtp", "ด่านตรวจคนเข้าเมือง{th}",
            "{en} Immigration Checkpoint", TOWN, "Mo-Su 06:30-21:00",
        ),
    ),
    (
        "5704 5705 5707 5709",
        PointRow(
            "revenue", "revenue_office", "rd_57", "สำนักงานสรรพากรพื้นที่สาขา{th}",
            "{en} Area Revenue Branch Office",
        ),
    ),
    (
        "5704 5705 5707 5709",
        PointRow(
            "electricity", "electricity_office", "pea", "การไฟฟ้าส่วนภูมิภาคอำเภอ{th}",
            "Provincial Electricity Authority, {en} District",
        ),
    ),
    (
        "5704 5705 5709",
        PointRow(
            "water", "waterworks_office", "pwa", "การประปาส่วนภูมิภาคสาขา{th}",
            "Provincial Waterworks Authority, {en} Branch",
        ),
    ),
    (
        "5704 5709",
        PointRow(
            "transport", "land_transport_office", "dlt_57",
            "สำนักงานขนส่งจังหวัดเชียงราย สาขาอำเภอ{th}",
            "Chiang Rai Provincial Land Transport Office, {en} Branch", EDGE,
        ),
    ),
    (
        "5705 5710",
        PointRow(
            "livestock", "livestock_office", "dld_57", "สำนักงานปศุสัตว์อำเภอ{th}",
            "{en} District Livestock Office",
        ),
    ),
    (
        "5701 5705 5709",
        PointRow(
            "kiosk", "kiosk", "dga", "ตู้บริการอเนกประสงค์ภาครัฐ ที่ว่าการอำเภอ{th}",
            "Government Smart Kiosk at {en} District Office", COURT, "Mo-Su 08:00-20:00",
            "dopa_{d}",
        ),
    ),
    (
        "5711 5715",
        PointRow(
            "mobile", "mobile_unit", "dopa_{d}", "หน่วยบริการเคลื่อนที่อำเภอ{th}",
            "{en} District Mobile Service Unit", TOWN, "We 09:00-15:00; PH off", "dopa_{d}",
        ),
    ),
)  # fmt: skip
"""Offices that some districts have: codes of the districts and the row."""

PROVINCIAL_AGENCIES: dict[str, str] = {
    "cdd_57": "community_development_office",
    "dol_57": "land_office",
    "moph_57": "public_health_office",
    "moe_57": "provincial_office",
    "obec_57": "education_area_office",
    "dla_57": "provincial_office",
    "rd_57": "revenue_office",
    "excise_57": "excise_office",
    "dlt_57": "land_transport_office",
    "doe_57": "employment_office",
    "sso_57": "social_security_office",
    "doae_57": "agriculture_office",
    "dld_57": "livestock_office",
    "moc_57": "commerce_office",
    "msdhs_57": "social_development_office",
    "mcu_57": "culture_office",
    "pao_57": "provincial_administrative_organization",
}
"""Category of the provincial offices that have a counter of their own, by agency key."""

PROVINCIAL = (
    PointRow(
        "hall", "provincial_hall", "ops_moi_57", "ศาลากลางจังหวัดเชียงราย",
        "Chiang Rai Provincial Hall", TOWN, OFFICE_HOURS, "", "570114",
    ),
    PointRow(
        "complex", "government_complex", "ops_moi_57", "ศูนย์ราชการจังหวัดเชียงราย",
        "Chiang Rai Government Complex", TOWN, OFFICE_HOURS, "", "570114",
    ),
    PointRow(
        "damrongdhama", "one_stop_service", "ops_moi_57", "ศูนย์ดำรงธรรมจังหวัดเชียงราย",
        "Chiang Rai Provincial Damrongdhama Centre", TOWN, COUNTER_HOURS, "hall", "570114",
    ),
    PointRow(
        "court", "court", "coj", "ศาลจังหวัดเชียงราย", "Chiang Rai Provincial Court", OUTSKIRTS,
    ),
    PointRow(
        "prosecutor", "public_prosecutor_office", "oag", "สำนักงานอัยการจังหวัดเชียงราย",
        "Chiang Rai Provincial Public Prosecutor's Office", OUTSKIRTS,
    ),
    PointRow(
        "prison", "prison", "doc", "เรือนจำกลางเชียงราย", "Chiang Rai Central Prison", OUTSKIRTS,
        OFFICE_HOURS, "", "570120",
    ),
    PointRow(
        "airport", "airport", "aot", "ท่าอากาศยานแม่ฟ้าหลวง เชียงราย",
        "Mae Fah Luang-Chiang Rai International Airport", OUTSKIRTS, "Mo-Su 05:00-24:00", "",
        "570103",
    ),
    PointRow(
        "mfu", "university", "mhesi", "มหาวิทยาลัยแม่ฟ้าหลวง", "Mae Fah Luang University",
        OUTSKIRTS, OFFICE_HOURS, "", "570121",
    ),
    PointRow(
        "crru", "university", "mhesi", "มหาวิทยาลัยราชภัฏเชียงราย", "Chiang Rai Rajabhat University",
        OUTSKIRTS, OFFICE_HOURS, "", "570103",
    ),
    PointRow(
        "technical", "vocational_college", "ovec_57", "วิทยาลัยเทคนิคเชียงราย",
        "Chiang Rai Technical College", TOWN, SCHOOL_HOURS,
    ),
    PointRow(
        "pea", "electricity_office", "pea", "การไฟฟ้าส่วนภูมิภาคจังหวัดเชียงราย",
        "Provincial Electricity Authority, Chiang Rai", TOWN,
    ),
    PointRow(
        "pwa", "waterworks_office", "pwa", "การประปาส่วนภูมิภาคสาขาเชียงราย",
        "Provincial Waterworks Authority, Chiang Rai Branch", TOWN,
    ),
    PointRow(
        "redcross", "other", "", "สำนักงานเหล่ากาชาดจังหวัดเชียงราย",
        "Chiang Rai Provincial Red Cross Chapter", TOWN,
    ),
)  # fmt: skip
"""Further points of the provincial capital."""
