# SPDX-License-Identifier: GPL-2.0-or-later
"""Words of citizen guides and the codes they mean: documents, channels, types of service."""

from __future__ import annotations

import re

# Pattern anywhere in the Thai or English name of a document -> code of ``document_type``; the
# first that fits is taken, so that a power of attorney with an identity card is the former.
_DOCUMENTS = (
    (r"มอบอำนาจ|power of attorney", "power_of_attorney"),
    (r"เปลี่ยนชื่อ|เปลี่ยนนามสกุล|เปลี่ยนชื่อตัว|ชื่อสกุล|change of (?:sur)?name", "name_change"),
    (r"ยินยอม|consent", "other"),
    (r"บัตร(?:ประจำตัว)?ประชาชน|identity card|\bid card", "id_card"),
    (r"ทะเบียนบ้าน|house registration|ท\.?ร\.?\s*1[34]", "house_reg"),
    (r"ทะเบียนสมรส|ทะเบียนหย่า|ใบสำคัญการ(?:สมรส|หย่า)|marriage|divorce", "marriage"),
    (r"สูติบัตร|ใบเกิด|รับรองการเกิด|birth", "birth"),
    (r"มรณบัตร|ใบมรณ|รับรองการตาย|death", "death"),
    (r"หนังสือเดินทาง|passport", "passport"),
    (r"รับรอง(?:การจดทะเบียน)?นิติบุคคล|นิติบุคคล|juristic|company registration", "juristic_cert"),
    (r"โฉนด|น\.?ส\.?\s*[34]|หนังสือรับรองการทำประโยชน์|title deed|กรรมสิทธิ์ห้องชุด", "land_deed"),
    (r"รูปถ่าย|ภาพถ่าย|photo", "photo"),
)
_CHANNELS = (
    (r"ด้วยตนเอง|เคาน์เตอร์|เคาเตอร์|ณ (?:สำนักงาน|หน่วยงาน|ที่ว่าการ)|counter|in person", "counter"),
    (r"ไปรษณีย์|\bpost\b|mail\b", "post"),
    (r"แอป|application|\bapp\b", "mobile_app"),
    (r"ไลน์|\bline\b|แชต|chat", "line_chat"),
    (r"โทรศัพท์|สายด่วน|call|phone", "voice"),
    (r"ตู้|kiosk", "kiosk"),
    (r"เคลื่อนที่|mobile unit", "mobile_unit"),
    (r"เว็บ|ออนไลน์|อินเทอร์เน็ต|จองคิว|https?:|www\.|\be-|online|web", "website"),
)
_CATEGORIES = (
    (r"ร้องเรียน|ร้องทุกข์|แจ้งเหตุ|แจ้งความ|complaint", "complaint"),
    (r"จดทะเบียน|ขึ้นทะเบียน|จดแจ้ง|แจ้ง|registration", "registration"),
    (r"อนุญาต|อนุมัติ|permit|licen[cs]e", "permit"),
    (r"รับรอง|คัดสำเนา|คัดและรับรอง|certificate|extract", "certificate"),
    (r"สวัสดิการ|สิทธิ|เบี้ย|ช่วยเหลือ|benefit|welfare", "benefit"),
    (r"ชำระ|ภาษี|payment|tax", "payment"),
)
_AUDIENCES = (
    (r"ประชาชน|บุคคลธรรมดา|citizen", "citizen"),
    (r"นิติบุคคล|ภาคธุรกิจ|juristic|business", "juristic"),
    (r"ต่างด้าว|ต่างชาติ|foreign", "foreigner"),
)


def document_type_of(name: str) -> str:
    """Give the type of a document by its name.

    >>> document_type_of("บัตรประจำตัวประชาชน"), document_type_of("หนังสือยินยอมคู่สมรส")
    ('id_card', 'other')
    >>> document_type_of("โฉนดที่ดินหนังสือรับรองการทำประโยชน์")
    'land_deed'
    """
    return _first(_DOCUMENTS, name) or "other"


def channels_of(words: list[str]) -> list[str]:
    """Give the channels that some words mean, each once, in the order of the words.

    >>> channels_of(["ติดต่อด้วยตนเอง ณ หน่วยงาน", "e-QLands (จองคิวล่วงหน้า)"])
    ['counter', 'website']
    """
    return list(dict.fromkeys(_first(_CHANNELS, word) or "other" for word in words if word))


def audiences_of(words: list[str]) -> list[str]:
    """Give the audiences that some words mean; words that mean none are left out."""
    return list(dict.fromkeys(code for word in words if (code := _first(_AUDIENCES, word))))


def category_of(word: str) -> str | None:
    """Give the type of a service by the guide's word for it, ``None`` when there is no word.

    >>> category_of("จดทะเบียน"), category_of(""), category_of("อะไรสักอย่าง")
    ('registration', None, 'other')
    """
    return (_first(_CATEGORIES, word) or "other") if word else None


def _first(table: tuple[tuple[str, str], ...], words: str) -> str | None:
    return next((code for form, code in table if re.search(form, words, re.IGNORECASE)), None)
