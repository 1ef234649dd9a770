# SPDX-License-Identifier: GPL-2.0-or-later
"""Take apart and normalise the telephone numbers that Thai offices write in one cell.

Source of the numbering: the national plan as libphonenumber 9.0.43 has it (fixed 02 + 7 digits and
032-039, 042-045, 052-056, 073-077 + 6; mobile 06, 08, 09 + 8; VoIP 060, 068; 1800 and 1900 + 6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from geoapi.errors import Problem
from geoapi.thai import canonical_text, to_ascii_digits

MAX_NUMBERS = 20
"""Numbers that one cell may give, as in the document's schema."""

_FIXED = re.compile(r"0(?:2\d{7}|(?:3[2-9]|4[2-5]|5[2-6]|7[3-7])\d{6})$")
_VOIP = re.compile(r"06[08]\d{7}$")
_MOBILE = re.compile(r"0[689]\d{8}$")
_TOLL = re.compile(r"1[89]00\d{6}$")
_SHORT = re.compile(r"1\d{2,3}$")
_FIXED_DIGITS, _MOBILE_DIGITS = 9, 10

_FAX = r"โทรสาร|แฟ็?ก[ซส]?์?|fax"
_PHONE_WORD = r"โทรศัพท์|โทร(?!สาร)\.?|tel(?:ephone)?\.?|เบอร์(?:โทร)?|หมายเลข"
_KIND_WORDS = (
    ("fax", re.compile(_FAX, re.I)),
    ("direct", re.compile(r"สายตรง|direct", re.I)),
    ("mobile", re.compile(r"มือถือ|mobile", re.I)),
    ("hotline", re.compile(r"สายด่วน|hotline", re.I)),
)
_BOTH_WORDS = re.compile(rf"(?:{_PHONE_WORD})\s*(?:/|และ|,)\s*(?:{_FAX})", re.I)
# A word that announces the next number starts a new part even without a comma before it.
_ANNOUNCEMENT = re.compile(
    rf"(?<=[\d)])\s+(?=(?:{_FAX}|{_PHONE_WORD}|มือถือ|สายด่วน|สายตรง)\s*[:.]?\s*[\d+(])", re.I
)
_SPLIT = re.compile(r"[,;/\n]|\s+หรือ\s*|\s+และ\s*")
_EXTENSION = re.compile(
    r"[\s(]*(?:ต่อ|กด|ext(?:ension)?\.?|x|#)\s*[:.]?\s*(\d[\d\s\-]*)\)?\s*(?:\(.*\))?$", re.I
)
_EXTENSION_ONLY = re.compile(r"\d{1,5}(?:-\d{1,5})?$")
_RANGE = re.compile(r"^(.*\d)\s*[-–]\s*(\d{1,4})\s*$")
_NOTHING = re.compile(r"[\s\-–.]*(?:ไม่มี(?:โทรศัพท์|เบอร์)?|n/?a|none)?[\s\-–.]*$", re.I)
_WORDS = re.compile(r"[A-Za-zก-ฮ][A-Za-zก-๎.\s]*")
_PERSON = re.compile(
    r"(?:คุณ|นาย|นาง|น\.ส\.|ดร\.|[พร]\.[ตจอ]\.[ตอทจ]\.|ผอ\.|mr\.?|mrs\.?|ms\.?)\s*\S"
)
_OFFICE = re.compile(
    r"(?:งาน|ฝ่าย|กลุ่ม|กอง|แผนก|ศูนย์|ห้อง|สำนัก|ส่วน|หน่วย|ประชาสัมพันธ์|ฉุกเฉิน|ทะเบียน|เวร|ER|OPD)"
)
_INTERNATIONAL = re.compile(r"(?:\+|00)(?=[1-9])")
_MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class _Part:
    """One piece of the cell: its digits part, extension, what kind its words name, label."""

    text: str
    ext: str | None
    kind: str | None
    label: str | None


def parse_phones(text: str) -> tuple[list[dict[str, str | None]], list[Problem]]:
    """Give every number of a cell in the document's form, and what could not be read.

    Args:
        text: as written: Thai digits, blanks, hyphens, +66, extensions (ต่อ, กด, ext., #),
            (โทรสาร), ranges such as 053640769-71, lists with commas, หรือ and slashes.

    Returns:
        Members of ``phones`` (number in E.164 or a short number, ext, kind, label) without
        repetitions, and a problem for every piece that is no Thai number. A number beside a
        person's name is refused, and the name is not repeated in the problem.

    >>> parse_phones("๐-๕๓๑๕-๐๑๖๑ ต่อ ๑๒")[0]
    [{'number': '+6653150161', 'ext': '12', 'kind': 'main', 'label': None}]
    >>> [phone["number"] for phone in parse_phones("053640769-71")[0]]
    ['+6653640769', '+6653640770', '+6653640771']
    """
    phones: list[dict[str, str | None]] = []
    problems: list[Problem] = []
    for part in _parts(text):
        if part.text in ("", "-"):
            continue
        if phones and part.kind is None and _continues_extension(part, phones[-1]):
            phones[-1]["ext"] = f"{phones[-1]['ext']},{part.text}"
            continue
        numbers, problem = _numbers_of(part, phones[-1]["number"] if phones else None)
        if problem is not None:
            problems.append(problem)
        for number in numbers:
            phone = _phone(number, part)
            if phone not in phones:
                phones.append(phone)
    if not phones and not problems and not _NOTHING.fullmatch(canonical_text(text)):
        problems.append(_problem("import.phone_no_digits", ""))
    if len(phones) > MAX_NUMBERS:
        problems.append(_problem("import.phone_too_many", "", count=len(phones)))
        del phones[MAX_NUMBERS:]
    return phones, problems


def _problem(message_id: str, value: str, **params: str | int) -> Problem:
    return Problem(message_id, parameter="phones", params={"value": value, **params})


def _parts(text: str) -> list[_Part]:
    """Cut the cell where a number ends and the next begins."""
    lines = [canonical_text(line) for line in text.splitlines()]
    plain = to_ascii_digits("\n".join(line for line in lines if line))
    if _NOTHING.fullmatch(plain):
        return []
    plain = _BOTH_WORDS.sub("โทร.", plain).replace("ถึง", "-")
    pieces = _SPLIT.split(_ANNOUNCEMENT.sub(",", plain))
    return [_part(piece.strip()) for piece in pieces if piece.strip()]


def _part(piece: str) -> _Part:
    """Peel extension, kind and label off a piece."""
    ext = None
    kind = next((code for code, words in _KIND_WORDS if words.search(piece)), None)
    if match := _EXTENSION.search(piece):
        ext = re.sub(r"\s+", "", match[1]).strip("-")
        piece = piece[: match.start()]
    label = None
    if _PERSON.search(piece):
        return _Part(piece, ext, "person", None)
    for _, words in _KIND_WORDS:
        piece = words.sub("", piece)
    piece = re.sub(_PHONE_WORD, "", piece, flags=re.I)
    for words_match in _WORDS.finditer(piece):
        if _OFFICE.match(words_match[0]):
            label = words_match[0].strip()[:_MAX_LABEL]
    digits = _WORDS.sub("", piece)
    return _Part(digits.strip(" .:()"), ext, kind, label)


def _continues_extension(part: _Part, previous: dict[str, str | None]) -> bool:
    """Tell whether a short piece after a comma is one more extension of the number before."""
    return previous["ext"] is not None and bool(_EXTENSION_ONLY.match(part.text))


def _national(text: str) -> str:
    """Give the digits as dialled inside Thailand; ``+`` stays before a foreign number."""
    compact = re.sub(r"[^\d+]", "", text)
    if match := _INTERNATIONAL.match(compact):
        rest = compact[match.end() :]
        return "0" + rest[2:].removeprefix("0") if rest.startswith("66") else "+" + rest
    if compact.startswith("66") and len(compact) in (_FIXED_DIGITS + 1, _MOBILE_DIGITS + 1):
        return "0" + compact[2:]
    return compact


def _is_number(digits: str) -> bool:
    return any(form.match(digits) for form in (_FIXED, _VOIP, _MOBILE, _TOLL, _SHORT))


def _numbers_of(part: _Part, previous: str | None) -> tuple[list[str], Problem | None]:
    """Read the numbers of a piece in national form."""
    if part.kind == "person":
        return [], _problem("import.phone_of_person", "")
    digits = _national(part.text)
    if _is_number(digits):
        if _is_placeholder(digits):
            return [], _problem("import.phone_placeholder", part.text)
        return [digits], None
    if match := _RANGE.match(part.text):
        first = _national(match[1])
        if _is_number(first) and not _SHORT.match(first):
            return _range(first, match[2], part.text)
    numbers = _separated_by_blanks(part.text) or _completed(digits, previous)
    return numbers, None if numbers else _refusal(digits, part.text)


def _is_placeholder(digits: str) -> bool:
    """Tell whether a full number is made up: all digits after the prefix are the same."""
    return len(digits) >= _FIXED_DIGITS and len(set(digits[2:])) == 1


def _range(first: str, last_digits: str, text: str) -> tuple[list[str], Problem | None]:
    """Give every number from the first to the one whose last digits are given."""
    start = int(first)
    end = int(first[: -len(last_digits)] + last_digits)
    if not start < end < start + MAX_NUMBERS:
        return [first], _problem("import.phone_range", text, first=first, last=last_digits)
    return [str(number).zfill(len(first)) for number in range(start, end + 1)], None


def _separated_by_blanks(text: str) -> list[str]:
    """Find several numbers with nothing but blanks between them; empty when one does not fit."""
    numbers: list[str] = []
    collected = ""
    for token in text.split():
        collected += token
        digits = _national(collected)
        if _is_number(digits) and not _SHORT.match(digits):
            numbers.append(digits)
            collected = ""
    return numbers if not collected and len(numbers) > 1 else []


def _completed(digits: str, previous: str | None) -> list[str]:
    """Complete a piece that repeats only the last digits of the number before it."""
    if previous is None or not previous.startswith("+66") or not digits.isdigit():
        return []
    national = "0" + previous[3:]
    if len(digits) in (1, 2) or len(digits) == len(national) - (2 if national[1] == "2" else 3):
        whole = national[: -len(digits)] + digits
        return [whole] if _is_number(whole) else []
    return []


def _refusal(digits: str, text: str) -> Problem:
    """Say what is wrong with a piece that is no Thai number."""
    if digits.startswith("+"):
        return _problem("import.phone_foreign", text)
    wanted = _MOBILE_DIGITS if re.match(r"0[689]", digits) else _FIXED_DIGITS
    if digits.startswith("0") and len(digits) == wanted:
        return _problem("import.phone_prefix", text, prefix=digits[:3])
    return _problem("import.phone_length", text, digits=len(digits))


def _phone(national: str, part: _Part) -> dict[str, str | None]:
    """Write a number as the document holds it."""
    if _SHORT.match(national):
        number, kind = national, "hotline"
    elif _TOLL.match(national):
        number, kind = "+66" + national, "hotline" if national.startswith("18") else "other"
    else:
        number, kind = "+66" + national[1:], "main"
        if _MOBILE.match(national):
            kind = "other" if _VOIP.match(national) else "mobile"
    if part.kind in ("fax", "direct") or (part.kind == "hotline" and kind == "main"):
        kind = part.kind
    return {"number": number, "ext": part.ext, "kind": kind, "label": part.label}
