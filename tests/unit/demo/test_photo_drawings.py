# SPDX-License-Identifier: GPL-2.0-or-later
"""The demonstration's photos: pictures of the right size, equal on every run, different by kind."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from geoapi.demo.photo_drawings import HEIGHT_PX, WIDTH_PX, draw_photo

NAMES = ("สำนักงานพัฒนาชุมชนอำเภอแม่จัน", "Mae Chan District Community Development Office")


@pytest.mark.parametrize("kind", ["entrance", "sign", "counter"])
def test_photo_is_a_picture_and_equal_on_every_run(kind: str):
    drawn = draw_photo(kind, *NAMES, "cdd_5707")
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, image.size) == ("JPEG", (WIDTH_PX, HEIGHT_PX))
        assert not image.getexif()
    assert drawn == draw_photo(kind, *NAMES, "cdd_5707")


def test_kinds_and_names_draw_different_pictures():
    made = {draw_photo(kind, *NAMES, "a") for kind in ("entrance", "sign", "counter")}
    made.add(draw_photo("sign", "ที่ว่าการอำเภอแม่สาย", "", "a"))
    assert len(made) == 4


def test_name_of_any_length_is_drawn():
    for name in ("", "ก", "ก" * 250, "คำ " * 80):
        assert draw_photo("entrance", name, "", "x")
