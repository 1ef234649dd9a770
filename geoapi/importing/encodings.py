# SPDX-License-Identifier: GPL-2.0-or-later
"""Find the encoding of a Thai text by its content: UTF-8, UTF-16 with a mark, TIS-620, CP874.

TIS-620 and CP874 agree on every Thai letter; CP874 adds typographic signs. Any bytes in the upper
half decode as one of them, so the text must also be plausible Thai before it is believed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from geoapi.errors import UsageError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CP874_ONLY = re.compile(rb"[\x80\x85\x91-\x97\xa0]")
_CP874_UNDEFINED = re.compile(rb"[\x81-\x84\x86-\x90\x98-\x9f\xdb-\xde\xfc-\xff\x00]")
_HIGH_BYTES = re.compile(rb"[\x80-\xff]")
# A mark needs a consonant, vowel or mark before it; a leading vowel needs a consonant after it.
_ORPHAN_MARK = re.compile("(?:^|[^\u0e01-\u0e4e])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]")
_ORPHAN_VOWEL = re.compile("[\u0e40-\u0e44](?![\u0e01-\u0e2e])")
_THAI = re.compile("[\u0e01-\u0e5b]")
_MAX_ORPHANS_PER_LETTER = 0.02
# UTF-8 Thai that is read as CP874 shows one of these pairs for every letter.
_MISREAD_UTF8 = re.compile("เธ|เน")
_MAX_MISREAD_PER_LETTER = 0.15
_SAMPLE_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 16


def detect_file_encoding(path: Path, wanted: str | None = None) -> str:
    """Name the encoding of a text file; reads it once in pieces, never as a whole.

    Args:
        path: the file.
        wanted: the encoding that the user names; it is checked against the whole file.

    Returns:
        A codec name: ``utf-8``, ``utf-8-sig``, ``utf-16``, ``tis-620``, ``cp874`` or ``wanted``.

    Raises:
        UsageError: ``import.unknown_encoding`` or ``import.undecodable`` with the line.
    """
    if wanted is not None:
        try:
            codec = codecs.lookup(wanted).name
        except LookupError as err:
            raise UsageError("import.unknown_encoding", encoding=wanted) from err
        line = first_undecodable_line(_chunks(path), codec)
        if line is not None:
            raise UsageError("import.undecodable", line=line, encoding=wanted)
        return codec
    with path.open("rb") as file:
        head = file.read(4)
    marked = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    line = first_undecodable_line(_chunks(path), marked or "utf-8")
    if line is None:
        return marked or "utf-8"
    guess = None if marked else guess_thai_encoding(_chunks(path))
    if guess is None:
        raise UsageError("import.undecodable", line=line, encoding=marked or "utf-8")
    return guess


def guess_thai_encoding(pieces: Iterable[bytes]) -> str | None:
    """Say ``tis-620`` or ``cp874`` when the bytes read as Thai in it, else ``None``."""
    encoding = "tis-620"
    sample: list[bytes] = []
    for piece in pieces:
        if _CP874_UNDEFINED.search(piece):
            return None
        if _CP874_ONLY.search(piece):
            encoding = "cp874"
        if sum(map(len, sample)) < _SAMPLE_BYTES and _HIGH_BYTES.search(piece):
            sample.append(piece)
    return encoding if is_plausible_thai(b"".join(sample).decode("cp874")) else None


def is_plausible_thai(text: str) -> bool:
    """Tell written Thai from other bytes that happen to decode as Thai.

    >>> is_plausible_thai("โรงพยาบาลแม่จัน"), is_plausible_thai("โรงเรียน".encode().decode("latin1"))
    (True, False)
    """
    letters = len(_THAI.findall(text))
    if letters == 0:
        return False
    orphans = len(_ORPHAN_MARK.findall(text)) + len(_ORPHAN_VOWEL.findall(text))
    misread = len(_MISREAD_UTF8.findall(text))
    return orphans <= max(1, letters * _MAX_ORPHANS_PER_LETTER) and misread <= max(
        1, letters * _MAX_MISREAD_PER_LETTER
    )


def first_undecodable_line(pieces: Iterable[bytes], encoding: str) -> int | None:
    """Give the number from 1 of the first line that does not decode, ``None`` when all do."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for piece in chain(pieces, [b""]):
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as err:
            return line + bytes(err.object[: err.start]).count(b"\n")
        if "\x00" in text:
            return line + text[: text.index("\x00")].count("\n")
        line += text.count("\n")
    return None


def _chunks(path: Path) -> Iterator[bytes]:
    """Read a file in pieces that end at a line's end where there is one."""
    with path.open("rb") as file:
        while piece := file.read(_CHUNK_BYTES):
            yield piece + file.readline(_CHUNK_BYTES)
