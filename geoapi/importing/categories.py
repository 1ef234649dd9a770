# SPDX-License-Identifier: GPL-2.0-or-later
"""Guess the category of a service point from its Thai name, by a table."""

from __future__ import annotations

import re

OTHER = "other"

# Pattern at the beginning of the name -> code of data/codes/category.json. The first that fits
# counts, so the longer name stands before the shorter. Typing errors of real lists are allowed for.
_TABLE = (
    (r"โรงพยาบาล\s*ส่งเส\S{0,6}ม\s*สุ|รพ\.?\s*สต|สถานีอนามัย|สอ\.", "health_promoting_hospital"),
    (r"ศูนย์บริการสาธารณสุข|ศูนย์สุขภาพชุมชน", "health_promoting_hospital"),
    (r"สำนักงานสาธารณสุข|สสจ\.|สสอ\.|กองสาธารณสุข", "public_health_office"),
    (r"โรง\s*พยาบาล|รพ\.|รพศ\.|รพท\.|รพช\.", "hospital"),
    (r"สำนักงานเขตพื้นที่การศึกษา|สพป\.|สพม\.|สำนักงานศึกษาธิการ", "education_area_office"),
    (r"ศูนย์ส่งเสริมการเรียนรู้|ศูนย์การเรียนรู้|กศน\.|สกร\.", "learning_centre"),
    (r"วิทยาลัย(?:เทคนิค|อาชีวศึกษา|การอาชีพ|สารพัดช่าง|เกษตร|เทคโนโลยี|พณิชยการ)", "vocational_college"),
    (r"มหาวิทยาลัย|สถาบันเทคโนโลยี|วิทยาลัย", "university"),
    (r"โรงเรียน|รร\.|อนุบาล|ศูนย์พัฒนาเด็กเล็ก|ศพด\.", "school"),
    (r"ศาลากลาง", "provincial_hall"),
    (r"(?:ที่ว่าการ|ที่ทำการปกครอง)(?:กิ่ง)?อำเภอ|สำนักงานเขต(?!พื้นที่)", "district_office"),
    (r"สำนักงานพัฒนาชุมชน|สพจ\.|สพอ\.|พช\.", "community_development_office"),
    (r"ศูนย์ดำรงธรรม|ศูนย์บริการร่วม|ศูนย์บริการประชาชน", "one_stop_service"),
    (r"ศูนย์ราชการ", "government_complex"),
    (r"(?:สำนักงาน|ที่ทำการ)?องค์การบริหารส่วนจังหวัด|อบจ\.?", "provincial_administrative_organization"),
    (
        r"(?:สำนักงาน|ที่ทำการ)?องค์การบริหารส่วนตำบล|อบต\.?|ที่ทำการ\s*อบต",
        "subdistrict_administrative_organization",
    ),
    (r"(?:สำนักงาน|ที่ทำการ)?\s*เทศบาล|ทต\.|ทม\.|ทน\.", "municipality"),
    (r"ที่ทำการ(?:กำนัน|ผู้ใหญ่บ้าน)", "subdistrict_headman_office"),
    (r"ด่านตรวจคนเข้าเมือง|ตรวจคนเข้าเมือง|ตม\.", "immigration_office"),
    (r"สถานีตำรวจ|สภ\.|สน\.|ตำรวจภูธร|ป้อมตำรวจ|กองบังคับการตำรวจ", "police_station"),
    (r"เรือนจำ|ทัณฑสถาน", "prison"),
    (r"(?:สำนักงาน)?อัยการ", "public_prosecutor_office"),
    (r"ศาล(?!า|เจ้า)", "court"),
    (r"สำนักงานที่ดิน", "land_office"),
    (r"สำนักงานสรรพากร", "revenue_office"),
    (r"(?:สำนักงาน|ด่าน)ศุลกากร", "customs_house"),
    (r"สำนักงานสรรพสามิต", "excise_office"),
    (r"สำนักงานจัดหางาน", "employment_office"),
    (r"สำนักงานประกันสังคม", "social_security_office"),
    (r"สำนักงานพาณิชย์", "commerce_office"),
    (r"สำนักงานเกษตร", "agriculture_office"),
    (r"สำนักงานปศุสัตว์|ด่านกักกันสัตว์", "livestock_office"),
    (r"สำนักงานขนส่ง", "land_transport_office"),
    (r"(?:ที่ทำการ)?ไปรษณีย์|ปณ\.", "post_office"),
    (r"(?:สำนักงาน)?การไฟฟ้า|กฟภ\.|กฟน\.|กฟอ\.|กฟจ\.", "electricity_office"),
    (r"(?:สำนักงาน)?การประปา|กปภ\.|กปน\.", "waterworks_office"),
    (r"ท่าอากาศยาน|สนามบิน", "airport"),
    (r"สำนักงานพัฒนาสังคม|พมจ\.|บ้านพักเด็ก", "social_development_office"),
    (r"สำนักงานวัฒนธรรม", "culture_office"),
    (r"หน่วยบริการเคลื่อนที่|รถบริการ|หน่วยเคลื่อนที่", "mobile_unit"),
    (r"ตู้บริการ|ตู้เอนกประสงค์|ตู้อเนกประสงค์", "kiosk"),
    (r"สำนักงาน.*อำเภอ", "district_agency_office"),
    (r"สำนักงาน.*จังหวัด", "provincial_office"),
)
_RULES = tuple((re.compile(pattern), code) for pattern, code in _TABLE)

_KIND_WORDS = {
    "hospital": "hospital",
    "health-station": "health_promoting_hospital",
    "school": "school",
    "townhall": "municipality",
    "police": "police_station",
    "post_office": "post_office",
}


def guess_category(name_th: str, kind: str = "") -> str | None:
    """Give the category that the name, or failing that the source's own word, points to.

    Args:
        name_th: canonical Thai name.
        kind: the source's word for the kind, such as ``health-station``.

    Returns:
        A code of ``data/codes/category.json``, ``None`` when nothing fits.

    >>> guess_category("โรงพยาบาลส่งเสริมสุขาพตำบลบ้านฮ่องแฮ่", "hospital")
    'health_promoting_hospital'
    >>> guess_category("ศาลาประชาคม") is None
    True
    """
    for pattern, code in _RULES:
        if pattern.match(name_th):
            return code
    return _KIND_WORDS.get(kind)
