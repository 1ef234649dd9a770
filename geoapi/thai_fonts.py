# SPDX-License-Identifier: GPL-2.0-or-later
"""A font of the system that has Thai letters, for whatever is drawn: maps and demo pictures."""

from __future__ import annotations

from functools import cache

from PIL import ImageFont, features

# Fonts with Thai and Latin letters, the better first; looked up in the system's folders.
_FONTS = (
    "Sarabun-Regular.ttf", "NotoSansThai-Regular.ttf", "Laksaman.ttf", "Waree.ttf", "Garuda.ttf",
    "Loma.ttf", "Norasi.ttf", "DejaVuSans.ttf",
)  # fmt: skip


@cache
def thai_font(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Return a font of the system that has Thai letters; Pillow's own when there is none."""
    engine = ImageFont.Layout.RAQM if features.check("raqm") else ImageFont.Layout.BASIC
    for name in _FONTS:
        try:
            return ImageFont.truetype(name, size_px, layout_engine=engine)
        except OSError:
            continue
    return ImageFont.load_default(size_px)


def writes_thai() -> bool:
    """Say whether Thai can be written: a font that has it, and a library that shapes it."""
    font = thai_font(14)
    return bool(
        features.check("raqm")
        and isinstance(font, ImageFont.FreeTypeFont)
        and font.getname()[0] != "DejaVu Sans"
    )
