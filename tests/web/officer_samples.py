# SPDX-License-Identifier: GPL-2.0-or-later
"""Officers of the demonstration, and short ways through their edit form without scripts."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from tests.web.conftest import Watched, sign_in

OFFICER, EDITOR = "officer-maechan", "gis-chiangrai"
OFFICER_ID = str(uuid.uuid5(uuid.NAMESPACE_OID, f"pakmud-demo/{OFFICER}"))
PHONES = {
    "android": (360, "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/131.0 Mobile"),
    "ios": (390, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"),
}
# A page fits the phone, and what is touched is large enough.
FITS = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SMALL = """() => [...document.querySelectorAll(
  "main button, main select, main input, main a.button")]
  .filter((e) => e.offsetParent && !["checkbox", "radio", "hidden"].includes(e.type)
    && !e.closest(".maplibregl-ctrl-attrib, .sr") && !e.classList.contains("sr"))
  .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 90))"""


def edit(open_page: Callable[..., Watched], point_id: str, **how):
    watched = open_page(lang="en", scripts=False, **how)
    sign_in(watched, EDITOR)
    watched.goto(f"/my/points/{point_id}?lang=en")
    return watched.page


def review(page) -> None:
    page.get_by_role("button", name="Review before saving").last.click()


def save(page) -> None:
    review(page)
    page.get_by_role("button", name="Save as a draft").click()
