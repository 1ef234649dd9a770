# SPDX-License-Identifier: GPL-2.0-or-later
"""Thai text, digits and dates: one spelling to store, one to search and one to sort by.

Pure functions over strings; nothing here knows about places, stores or the web.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

BUDDHIST_ERA_OFFSET_YEARS = 543
"""พ.ศ. minus ค.ศ., for every date since 1 January 1941."""

_THAI_DIGITS = "๐๑๒๓๔๕๖๗๘๙"
_TO_ASCII = {ord(digit): str(value) for value, digit in enumerate(_THAI_DIGITS)}
_TO_THAI = {ord(str(value)): digit for value, digit in enumerate(_THAI_DIGITS)}

# Zero-width and directional characters, the byte order mark and the soft hyphen.
_INVISIBLE: dict[int, str | None] = dict.fromkeys(
    [0x00AD, 0x034F, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF]
)

_TONES = "\u0e48\u0e49\u0e4a\u0e4b"
_VOWEL_MARKS = "\u0e31\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0e3a\u0e47\u0e4d"
_CLOSING_MARKS = "\u0e4c\u0e4e"
_MARK_RUN = re.compile(f"[{_VOWEL_MARKS}{_TONES}{_CLOSING_MARKS}]{{2,}}")
_NIKHAHIT_AA = re.compile(f"\u0e4d([{_TONES}]?)\u0e32")
_TONE_NIKHAHIT_AA = re.compile(f"([{_TONES}])\u0e4d\u0e32")
_SARA_AM_TONE = re.compile(f"\u0e33([{_TONES}])")
_SPACES = re.compile(r"\s+")

_LEADING_VOWEL = re.compile("([\u0e40-\u0e44])([\u0e01-\u0e2e])")
# Marks that Thai dictionaries look at only when everything else is equal.
_SECOND_LEVEL = frozenset("\u0e47\u0e48\u0e49\u0e4a\u0e4b\u0e4c\u0e4d\u0e4e")
_LEVEL_SEPARATOR = "\t"  # below the blank, allowed in XML, never inside canonical text
_NO_MARK = "."

_MONTHS = (
    ("มกราคม", "ม.ค."),
    ("กุมภาพันธ์", "ก.พ."),
    ("มีนาคม", "มี.ค."),
    ("เมษายน", "เม.ย."),
    ("พฤษภาคม", "พ.ค."),
    ("มิถุนายน", "มิ.ย."),
    ("กรกฎาคม", "ก.ค."),
    ("สิงหาคม", "ส.ค."),
    ("กันยายน", "ก.ย."),
    ("ตุลาคม", "ต.ค."),
    ("พฤศจิกายน", "พ.ย."),
    ("ธันวาคม", "ธ.ค."),
)
_MONTH_NUMBER = {
    name.replace(".", ""): number for number, names in enumerate(_MONTHS, 1) for name in names
}
_ERA = r"(?:พ\.?\s*ศ\.?|ค\.?\s*ศ\.?)"
_WORD_DATE = re.compile(
    rf"(?:.*?\D)?(\d{{1,2}})\s*(?:เดือน)?\s*([ก-๎.]+?)\s*(?:({_ERA})\s*)?(\d{{4}}|\d{{2}})$"
)
_NUMBER_DATE = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4}|\d{2})$")
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ].*)?$")
_FIRST_BUDDHIST_YEAR = 2400  # no office's date is before ค.ศ. 1857 or after ค.ศ. 2399
_TWO_DIGIT_YEARS = 100


def to_ascii_digits(text: str) -> str:
    """Turn Thai digits into 0-9 and leave the rest.

    >>> to_ascii_digits("๐-๕๓๑๕-๐๑๖๑")
    '0-5315-0161'
    """
    return text.translate(_TO_ASCII)


def to_thai_digits(text: str) -> str:
    """Turn 0-9 into Thai digits and leave the rest.

    >>> to_thai_digits("18 กันยายน 2561")
    '๑๘ กันยายน ๒๕๖๑'
    """
    return text.translate(_TO_THAI)


def strip_invisible(text: str) -> str:
    r"""Drop zero-width characters and make every run of white space one blank.

    >>> strip_invisible("\ufeffเชียง\u200bราย\u00a0 57000 ")
    'เชียงราย 57000'
    """
    return _SPACES.sub(" ", text.translate(_INVISIBLE)).strip()


def canonical_text(text: str) -> str:
    r"""Spell Thai text one way: what looks the same becomes the same code points.

    Invisible characters go, blanks collapse, ``เเ`` becomes ``แ``, nikhahit and aa become sara am,
    marks over one letter stand in the order vowel, tone, closing mark, and of doubled or competing
    tone marks the last one typed stays. ``ฤา`` is never rewritten (บุฤาษี is right as it is).

    >>> canonical_text("เเม่สาย"), canonical_text("จันจว่้าใต้"), canonical_text("น\u0e4dาเชี่่ยว")
    ('แม่สาย', 'จันจว้าใต้', 'นำเชี่ยว')
    """
    text = unicodedata.normalize("NFC", strip_invisible(text))
    if text.isascii():
        return text
    text = _TONE_NIKHAHIT_AA.sub("\\1\u0e33", text)
    text = _NIKHAHIT_AA.sub("\\1\u0e33", text)
    text = _SARA_AM_TONE.sub("\\1\u0e33", text)
    text = text.replace("\u0e40\u0e40", "\u0e41")
    return _MARK_RUN.sub(_order_marks, text)


def _order_marks(run: re.Match[str]) -> str:
    """Put the marks over one letter in order, each at most once and one tone at most."""
    marks = run[0]
    vowels = "".join(dict.fromkeys(mark for mark in marks if mark in _VOWEL_MARKS))
    tones = [mark for mark in marks if mark in _TONES]
    closing = "".join(dict.fromkeys(mark for mark in marks if mark in _CLOSING_MARKS))
    return vowels + (tones[-1] if tones else "") + closing


def search_text(*parts: str | None) -> str:
    """Join the parts into the lower-cased canonical text that searches run over.

    Thai digits become 0-9, so that either finds the other. Use it on the query as well.

    >>> search_text("อบต.โป่งผา", None, "Pong Pha  SAO", "หมู่ ๗")
    'อบต.โป่งผา pong pha sao หมู่ 7'
    """
    joined = " ".join(part for part in parts if part)
    return to_ascii_digits(canonical_text(joined)).lower()


def name_sort_key(text: str) -> str:
    """Make a key whose plain code point order is the order of a Thai dictionary.

    A leading vowel counts after its consonant; tone marks, mai taikhu and thanthakhat decide only
    between names that are equal without them, from left to right; Latin letters are case-folded.
    The order is the same in Python, in SQLite's BINARY and in PostgreSQL's COLLATE "C".

    >>> sorted(["ฮอด", "เชียงราย", "ชลบุรี", "แม่จัน", "มหาสารคาม"], key=name_sort_key)
    ['ชลบุรี', 'เชียงราย', 'มหาสารคาม', 'แม่จัน', 'ฮอด']
    """
    folded = to_ascii_digits(canonical_text(text)).casefold()
    swapped = _LEADING_VOWEL.sub(r"\2\1", folded)
    letters: list[str] = []
    marks: list[str] = []
    for character in swapped:
        if character in _SECOND_LEVEL:
            marks.append(character)
        else:
            letters.append(character)
            marks.append(_NO_MARK)
    return "".join(letters) + _LEVEL_SEPARATOR + "".join(marks).rstrip(_NO_MARK)


def parse_thai_date(text: str) -> dt.date | None:
    """Read a date as Thai offices write it; ``None`` when it is not one.

    Thai or other digits, full or short month names, day/month/year, ISO. A year from 2400 on is
    of the Buddhist era, and so is one of two digits; ``ค.ศ.`` before it says otherwise.

    >>> parse_thai_date("๑๘ กันยายน ๒๕๖๑"), parse_thai_date("18 ก.ย. 61")
    (datetime.date(2018, 9, 18), datetime.date(2018, 9, 18))
    >>> parse_thai_date("18/09/2561"), parse_thai_date("๓๑ กุมภาพันธ์ ๒๕๖๑")
    (datetime.date(2018, 9, 18), None)
    """
    plain = to_ascii_digits(canonical_text(text))
    if match := _ISO_DATE.match(plain):
        return _date(match[1], int(match[2]), match[3], era=None)
    if match := _NUMBER_DATE.match(plain):
        return _date(match[3], int(match[2]), match[1], era=None)
    match = _WORD_DATE.match(plain)
    month = _MONTH_NUMBER.get(match[2].replace(".", "")) if match else None
    if match is None or month is None:
        return None
    return _date(match[4], month, match[1], era=match[3])


def _date(year_text: str, month: int, day_text: str, *, era: str | None) -> dt.date | None:
    """Build the date, or ``None`` when the calendar has no such day."""
    year = int(year_text)
    is_common_era = era is not None and era.startswith("ค")
    if len(year_text) < 4 and not is_common_era:  # noqa: PLR2004 - digits of a full year
        year += 2500
    if year >= _FIRST_BUDDHIST_YEAR and not is_common_era:
        year -= BUDDHIST_ERA_OFFSET_YEARS
    if year < _TWO_DIGIT_YEARS:
        return None
    try:
        return dt.date(year, month, int(day_text))
    except ValueError:
        return None


def format_thai_date(day: dt.date, *, short: bool = False, thai_digits: bool = False) -> str:
    """Write a date with its Thai month and Buddhist year.

    >>> format_thai_date(dt.date(2018, 9, 18), thai_digits=True)
    '๑๘ กันยายน ๒๕๖๑'
    >>> format_thai_date(dt.date(2018, 9, 18), short=True)
    '18 ก.ย. 2561'
    """
    month = _MONTHS[day.month - 1][1 if short else 0]
    text = f"{day.day} {month} {day.year + BUDDHIST_ERA_OFFSET_YEARS}"
    return to_thai_digits(text) if thai_digits else text
