# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of services: thirty that district and provincial offices commonly give.

Written from general knowledge in our own words, not copied from any guide and not checked against
one: every service is marked so. ``documents`` names keys of ``DOCUMENTS``.
"""

from __future__ import annotations

from typing import NamedTuple

NOTE_TH = "เรียบเรียงจากความรู้ทั่วไปเพื่อการสาธิต ยังไม่ได้ตรวจกับคู่มือสำหรับประชาชน"
NOTE_EN = "Written from general knowledge for demonstration; not checked against the citizen guide."


class DocumentRow(NamedTuple):
    """One document: its type in ``document_type.json``, names, issuer, condition, copies."""

    document_type: str
    name_th: str
    name_en: str
    issuer: str = ""
    condition_th: str = ""
    condition_en: str = ""
    copies: int = 0
    originals: int = 1


class ServiceRow(NamedTuple):
    """One service: ``steps`` are pairs of name and minutes, ``fees`` of name and baht."""

    code: str
    agency: str
    name_th: str
    name_en: str
    life_event: str
    category: str
    offered_by: tuple[str, ...]
    documents: tuple[str, ...]
    steps: tuple[tuple[str, str, int], ...]
    fees: tuple[tuple[str, str, float], ...] = ()
    days: int = 0


DOCUMENTS: dict[str, DocumentRow] = {
    "id": DocumentRow("id_card", "บัตรประจำตัวประชาชน", "Identity card", "กรมการปกครอง"),
    "id_copy": DocumentRow(
        "id_card", "บัตรประจำตัวประชาชน", "Identity card", "กรมการปกครอง", copies=1
    ),
    "ids": DocumentRow(
        "id_card", "บัตรประจำตัวประชาชนของทั้งสองฝ่าย", "Identity cards of both parties",
        "กรมการปกครอง", originals=2,
    ),
    "house": DocumentRow("house_reg", "ทะเบียนบ้าน", "House registration", "กรมการปกครอง"),
    "house_copy": DocumentRow(
        "house_reg", "ทะเบียนบ้าน", "House registration", "กรมการปกครอง", copies=1
    ),
    "name": DocumentRow(
        "name_change", "ใบสำคัญการเปลี่ยนชื่อหรือชื่อสกุล", "Certificate of a change of name",
        "กรมการปกครอง", "ถ้าเคยเปลี่ยนชื่อ", "If the name was changed",
    ),
    "birth_letter": DocumentRow(
        "other", "หนังสือรับรองการเกิด (ท.ร. 1/1)", "Certificate of birth by the hospital",
        "โรงพยาบาล", "ถ้าเกิดในโรงพยาบาล", "If born in a hospital",
    ),
    "death_letter": DocumentRow(
        "other", "หนังสือรับรองการตาย (ท.ร. 4/1)", "Certificate of death by the hospital",
        "โรงพยาบาล", "ถ้าเสียชีวิตในโรงพยาบาล", "If the death was in a hospital",
    ),
    "birth": DocumentRow("birth", "สูติบัตร", "Birth certificate", "สำนักทะเบียน"),
    "death": DocumentRow(
        "death", "มรณบัตรของเจ้าของเดิม", "Death certificate of the former owner", "สำนักทะเบียน",
        "กรณีรับมรดก", "If inherited", copies=1,
    ),
    "marriage": DocumentRow(
        "marriage", "ทะเบียนสมรสหรือทะเบียนหย่า", "Marriage or divorce registration",
        "สำนักทะเบียน", "ถ้ามีคู่สมรสหรือเคยสมรส", "If married or once married", copies=1,
    ),
    "passport": DocumentRow(
        "passport", "หนังสือเดินทาง", "Passport", "", "สำหรับคนต่างด้าว", "For foreigners"
    ),
    "juristic": DocumentRow(
        "juristic_cert", "หนังสือรับรองนิติบุคคล", "Certificate of a juristic person",
        "กรมพัฒนาธุรกิจการค้า", "กรณีนิติบุคคล", "For juristic persons", copies=1,
    ),
    "deed": DocumentRow("land_deed", "โฉนดที่ดิน", "Title deed", "กรมที่ดิน"),
    "deed_copy": DocumentRow(
        "land_deed", "เอกสารสิทธิในที่ดิน", "Title of the land", "กรมที่ดิน", copies=1
    ),
    "attorney": DocumentRow(
        "power_of_attorney", "หนังสือมอบอำนาจพร้อมสำเนาบัตรของผู้มอบ",
        "Power of attorney with a copy of the principal's card", "",
        "ถ้าให้ผู้อื่นทำแทน", "If somebody acts for you", copies=1,
    ),
    "photo": DocumentRow("photo", "รูปถ่าย 1 นิ้ว", "Photograph, 1 inch", originals=2),
    "consent": DocumentRow(
        "other", "หนังสือยินยอมของคู่สมรส", "Consent of the spouse", "", "ถ้ามีคู่สมรส", "If married"
    ),
    "vehicle_book": DocumentRow(
        "other", "สมุดคู่มือจดทะเบียนรถ", "Registration book of the vehicle", "กรมการขนส่งทางบก"
    ),
    "medical": DocumentRow(
        "other", "ใบรับรองแพทย์ไม่เกิน 1 เดือน", "Medical certificate, not older than a month",
        "สถานพยาบาล",
    ),
    "insurance": DocumentRow(
        "other", "หลักฐานการประกันภัยภาคบังคับ", "Compulsory motor insurance", "บริษัทประกันภัย"
    ),
    "bank": DocumentRow(
        "other", "สมุดบัญชีเงินฝาก", "Bank book", "ธนาคาร", "ถ้ารับเงินผ่านบัญชี",
        "If paid into an account", copies=1,
    ),
    "business_plan": DocumentRow(
        "other", "แผนธุรกิจหรือแบบคำขอ", "Business plan or application form"
    ),
    "building_plan": DocumentRow(
        "other", "แบบแปลนและรายการคำนวณ", "Plans and calculations", "ผู้ออกแบบ", copies=4
    ),
    "employer": DocumentRow(
        "other", "หนังสือรับรองการออกจากงาน", "Letter on leaving the employment", "นายจ้าง"
    ),
    "case": DocumentRow("other", "หมายเลขคดี", "Number of the case", "ศาล"),
}  # fmt: skip

_DISTRICT = ("district_office",)
_TOWN = ("municipality",)
_LOCAL = ("municipality", "subdistrict_administrative_organization")
_CHECK = ("ตรวจเอกสารและรับคำขอ", "Documents are checked")
_SIGN = ("ลงนามและรับเอกสาร", "Signing and handing over")
_SHORT = ((*_CHECK, 10), (*_SIGN, 5))
_LONG = ((*_CHECK, 20), ("พิจารณา", "Examination", 60), (*_SIGN, 20))

SERVICES: tuple[ServiceRow, ...] = (
    ServiceRow(
        "id-card-new", "dopa", "ขอมีบัตรประจำตัวประชาชนครั้งแรก", "First identity card",
        "identity", "registration", (*_DISTRICT, *_TOWN), ("house", "birth"), _SHORT,
    ),
    ServiceRow(
        "id-card-renew", "dopa", "ขอมีบัตรประชาชนใหม่เมื่อหายหรือหมดอายุ",
        "New identity card when lost or expired", "identity", "registration",
        (*_DISTRICT, *_TOWN), ("house", "name"), _SHORT,
        (("บัตรหายหรือชำรุด", "Lost or damaged", 100),),
    ),
    ServiceRow(
        "house-move-in", "dopa", "แจ้งย้ายเข้าทะเบียนบ้าน", "Moving into a house registration",
        "home", "registration", (*_DISTRICT, *_TOWN), ("id", "house", "attorney"), _SHORT,
    ),
    ServiceRow(
        "house-move-out", "dopa", "แจ้งย้ายออกจากทะเบียนบ้าน", "Moving out of a house registration",
        "home", "registration", (*_DISTRICT, *_TOWN), ("id", "house", "attorney"), _SHORT,
    ),
    ServiceRow(
        "house-extract", "dopa", "คัดและรับรองรายการทะเบียนราษฎร",
        "Certified extract of the civil registration", "identity", "certificate",
        (*_DISTRICT, *_TOWN, "kiosk"), ("id",), _SHORT, (("ฉบับละ", "Each", 10),),
    ),
    ServiceRow(
        "house-number", "dopa", "ขอเลขที่บ้าน", "House number", "home", "registration",
        _DISTRICT, ("id_copy", "house_copy", "deed_copy", "attorney"), _LONG,
    ),
    ServiceRow(
        "birth", "dopa", "แจ้งการเกิด", "Registration of a birth", "birth", "registration",
        (*_DISTRICT, *_TOWN), ("birth_letter", "id", "house"), _SHORT,
    ),
    ServiceRow(
        "death", "dopa", "แจ้งการตาย", "Registration of a death", "death", "registration",
        (*_DISTRICT, *_TOWN), ("death_letter", "id", "house"), _SHORT,
    ),
    ServiceRow(
        "marriage", "dopa", "จดทะเบียนสมรส", "Registration of a marriage", "family",
        "registration", _DISTRICT, ("ids", "house", "passport"), _SHORT,
        (("ที่สำนักทะเบียน", "At the registry", 0),),
    ),
    ServiceRow(
        "divorce", "dopa", "จดทะเบียนหย่า", "Registration of a divorce", "family",
        "registration", _DISTRICT, ("ids", "marriage", "house"), _SHORT,
    ),
    ServiceRow(
        "name-change", "dopa", "เปลี่ยนชื่อตัวหรือชื่อสกุล", "Change of a name", "identity",
        "registration", _DISTRICT, ("id", "house", "name"), _SHORT,
        (("ใบสำคัญ", "Certificate", 50),),
    ),
    ServiceRow(
        "otop", "cdd_57", "ลงทะเบียนผู้ผลิตผู้ประกอบการ OTOP", "Registration of OTOP producers",
        "business", "registration", ("community_development_office",),
        ("id_copy", "house_copy", "photo"), _LONG, (), 30,
    ),
    ServiceRow(
        "women-fund", "cdd_57", "ขอรับการสนับสนุนกองทุนพัฒนาบทบาทสตรี",
        "Support by the fund for the role of women", "work", "benefit",
        ("community_development_office",), ("id_copy", "house_copy", "business_plan"), _LONG,
        (), 60,
    ),
    ServiceRow(
        "land-transfer", "dol_57", "จดทะเบียนโอนที่ดิน (ขาย ให้ มรดก)",
        "Transfer of land (sale, gift, inheritance)", "home", "registration", ("land_office",),
        ("deed", "ids", "house_copy", "consent", "marriage", "death", "attorney"), _LONG,
        (("ค่าคำขอต่อแปลง", "Application, each plot", 5),),
    ),
    ServiceRow(
        "land-mortgage", "dol_57", "จดทะเบียนจำนองที่ดิน", "Mortgage of land", "home",
        "registration", ("land_office",), ("deed", "ids", "house_copy", "consent"), _LONG,
        (("ค่าคำขอต่อแปลง", "Application, each plot", 5),),
    ),
    ServiceRow(
        "land-survey", "dol_57", "ขอรังวัดสอบเขตที่ดิน", "Survey of boundaries", "home", "permit",
        ("land_office",), ("deed", "id_copy", "house_copy", "attorney"), _LONG, (), 60,
    ),
    ServiceRow(
        "vehicle-tax", "dlt", "ชำระภาษีรถประจำปี", "Yearly vehicle tax", "transport", "payment",
        ("land_transport_office", "post_office"), ("vehicle_book", "insurance"), _SHORT,
    ),
    ServiceRow(
        "driving-licence", "dlt_57", "ขอใบอนุญาตขับรถยนต์", "Driving licence for cars",
        "transport", "permit", ("land_transport_office",), ("id", "medical"), _LONG,
        (("ใบอนุญาตชั่วคราว", "Temporary licence", 205),), 1,
    ),
    ServiceRow(
        "vehicle-transfer", "dlt_57", "โอนกรรมสิทธิ์รถ", "Transfer of a vehicle", "transport",
        "registration", ("land_transport_office",),
        ("vehicle_book", "ids", "house_copy", "attorney"), _LONG, (("ค่าโอน", "Transfer", 100),),
    ),
    ServiceRow(
        "sso-unemployment", "sso", "ขอรับประโยชน์ทดแทนกรณีว่างงาน", "Unemployment benefit",
        "work", "benefit", ("social_security_office", "employment_office"),
        ("id_copy", "employer", "bank"), _SHORT,
    ),
    ServiceRow(
        "sso-child", "sso", "ขอรับเงินสงเคราะห์บุตร", "Child allowance", "birth", "benefit",
        ("social_security_office",), ("id_copy", "birth", "bank", "marriage"), _SHORT,
    ),
    ServiceRow(
        "tax-id", "rd", "ขอมีเลขประจำตัวผู้เสียภาษี", "Tax number", "tax", "registration",
        ("revenue_office",), ("id", "juristic", "attorney"), _SHORT,
    ),
    ServiceRow(
        "vat", "rd", "จดทะเบียนภาษีมูลค่าเพิ่ม", "Registration for value added tax", "tax",
        "registration", ("revenue_office",), ("id_copy", "house_copy", "juristic"), _LONG,
    ),
    ServiceRow(
        "company", "moc_57", "จดทะเบียนนิติบุคคล", "Registration of a company", "business",
        "registration", ("commerce_office",), ("id_copy", "attorney"), _LONG, (), 1,
    ),
    ServiceRow(
        "farmer", "doae", "ขึ้นทะเบียนเกษตรกร", "Registration of farmers", "farming",
        "registration", ("agriculture_office",), ("id_copy", "house_copy", "deed_copy"), _SHORT,
    ),
    ServiceRow(
        "old-age", "dla_57", "ลงทะเบียนรับเบี้ยยังชีพผู้สูงอายุ", "Old-age allowance", "welfare",
        "benefit", _LOCAL, ("id_copy", "house_copy", "bank"), _SHORT,
    ),
    ServiceRow(
        "building", "dla_57", "ขออนุญาตก่อสร้างอาคาร", "Building permit", "home", "permit", _LOCAL,
        ("id_copy", "house_copy", "deed_copy", "building_plan"), _LONG,
        (("ใบอนุญาต", "Permit", 20),), 45,
    ),
    ServiceRow(
        "power-meter", "pea", "ขอใช้ไฟฟ้าใหม่", "New electricity meter", "home", "permit",
        ("electricity_office",), ("id_copy", "house_copy"), _LONG, (), 5,
    ),
    ServiceRow(
        "water-meter", "pwa", "ขอติดตั้งประปาใหม่", "New water meter", "home", "permit",
        ("waterworks_office",), ("id_copy", "house_copy"), _LONG, (), 7,
    ),
    ServiceRow(
        "police-lost", "rtp", "แจ้งเอกสารหาย", "Report of lost documents", "justice", "complaint",
        ("police_station",), ("id",), ((*_CHECK, 15),), (("ไม่มีค่าธรรมเนียม", "Free", 0),),
    ),
    ServiceRow(
        "court-copy", "coj", "ขอคัดถ่ายคำพิพากษา", "Copy of a judgment", "justice", "certificate",
        ("court",), ("id_copy", "case"), _SHORT,
    ),
)  # fmt: skip
