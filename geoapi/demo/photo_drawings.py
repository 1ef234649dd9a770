# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw the demonstration's photos: an entrance, a sign or a counter, plainly no real place.

Every picture is drawn from the point's own key, so that it is the same on each run, and says that
it is synthetic.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from geoapi.demo.identity import NOTE_TH, fraction
from geoapi.thai_fonts import thai_font, writes_thai

WIDTH_PX, HEIGHT_PX = 1200, 900
_JPEG_QUALITY = 80
_SKIES = ("#bcd9ee", "#d8e6ef", "#a9cbe4")
_WALLS = ("#efe3c8", "#e6ead9", "#f1ddd2", "#dfe3ea")
_ROOFS = ("#9c4a35", "#4f6b52", "#5a5f73")
_INK, _WHITE, _GLASS, _WOOD, _GROUND = "#22303c", "#ffffff", "#7fa3b8", "#8a6844", "#b9b4a4"
_LONGEST_LINE = 48  # letters of a name in one line of a sign


def draw_photo(kind: str, name_th: str, name_en: str, key: str) -> bytes:
    """Draw one photo as JPEG.

    Args:
        kind: ``entrance``, ``sign`` or ``counter``; anything else is drawn as an entrance.
        name_th: Thai name of the office.
        name_en: English name, '' for none.
        key: of the point; colours follow from it.
    """
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), _chosen(_SKIES, f"sky/{key}"))
    pen = ImageDraw.Draw(image)
    names = (name_th, name_en) if writes_thai() else (name_en, "")
    painters: dict[str, Callable[[ImageDraw.ImageDraw, tuple[str, str], str], None]] = {
        "sign": _sign, "counter": _counter,
    }  # fmt: skip
    painters.get(kind, _entrance)(pen, names, key)
    note = NOTE_TH if writes_thai() else "Synthetic data"
    pen.rectangle((0, HEIGHT_PX - 46, WIDTH_PX, HEIGHT_PX), fill=_INK)
    pen.text((WIDTH_PX / 2, HEIGHT_PX - 23), note, font=thai_font(26), anchor="mm", fill=_WHITE)
    target = io.BytesIO()
    image.save(target, "JPEG", quality=_JPEG_QUALITY)
    return target.getvalue()


def _chosen(colours: tuple[str, ...], key: str) -> str:
    return colours[int(fraction(key) * len(colours))]


def _entrance(pen: ImageDraw.ImageDraw, names: tuple[str, str], key: str) -> None:
    """Draw a building with windows, steps, a door and its name above."""
    pen.rectangle((0, 700, WIDTH_PX, HEIGHT_PX), fill=_GROUND)
    pen.rectangle((120, 300, 1080, 740), fill=_chosen(_WALLS, f"wall/{key}"))
    pen.polygon([(80, 300), (600, 130), (1120, 300)], fill=_chosen(_ROOFS, f"roof/{key}"))
    for x in (180, 320, 790, 930):
        pen.rectangle((x, 440, x + 90, 590), fill=_GLASS, outline=_WHITE, width=6)
    pen.rectangle((510, 460, 690, 740), fill=_WOOD, outline=_WHITE, width=8)
    pen.line((600, 460, 600, 740), fill=_WHITE, width=6)
    for step in range(3):
        top = 740 + 18 * step
        pen.rectangle((470 - 20 * step, top, 730 + 20 * step, top + 18), fill="#cfcabb")
    _board(pen, names, (220, 320, 980, 420))


def _sign(pen: ImageDraw.ImageDraw, names: tuple[str, str], key: str) -> None:
    """Draw a sign on two posts before a hedge."""
    pen.rectangle((0, 620, WIDTH_PX, HEIGHT_PX), fill="#7f9a6a")
    for x in (260, 920):
        pen.rectangle((x, 420, x + 26, 790), fill=_chosen(_ROOFS, f"roof/{key}"))
    _board(pen, names, (150, 220, 1050, 520))


def _counter(pen: ImageDraw.ImageDraw, names: tuple[str, str], key: str) -> None:
    """Draw a counter with chairs in a room."""
    pen.rectangle((0, 0, WIDTH_PX, 640), fill=_chosen(_WALLS, f"wall/{key}"))
    pen.rectangle((0, 640, WIDTH_PX, HEIGHT_PX), fill="#cdd3d8")
    pen.rectangle((160, 450, 1040, 690), fill=_WOOD)
    pen.rectangle((140, 430, 1060, 465), fill=_INK)
    for number in range(1 + int(fraction(f"desks/{key}") * 3)):
        x = 240 + 260 * number
        pen.rectangle((x, 340, x + 130, 430), fill=_INK)
        pen.rectangle((x + 10, 350, x + 120, 415), fill=_GLASS)
    for x in range(180, 1040, 150):
        pen.rounded_rectangle((x, 740, x + 100, 830), 14, fill="#5b7f9d")
    _board(pen, names, (220, 90, 980, 260))


def _board(
    pen: ImageDraw.ImageDraw, names: tuple[str, str], box: tuple[int, int, int, int]
) -> None:
    """Write the names on a white board, as large as they fit."""
    pen.rectangle(box, fill=_WHITE, outline=_INK, width=5)
    left, top, right, bottom = box
    lines = [line for name in names for line in _wrapped(name)]
    if not lines:
        return
    height = (bottom - top - 20) / len(lines)
    for number, line in enumerate(lines):
        size = int(height * 0.62)
        while size > 12 and pen.textlength(line, thai_font(size)) > right - left - 30:  # noqa: PLR2004
            size -= 2
        middle = ((left + right) / 2, top + 10 + height * (number + 0.5))
        pen.text(middle, line, font=thai_font(size), anchor="mm", fill=_INK)


def _wrapped(name: str) -> list[str]:
    """Break a name into lines at its spaces."""
    lines: list[str] = []
    for word in name.split():
        if lines and len(lines[-1]) + len(word) < _LONGEST_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
