# SPDX-License-Identifier: GPL-2.0-or-later
"""Who may do what on the officers' pages: nearby places, new places, drafts."""

from __future__ import annotations

from tests.api.live_data import named_id

EDITORS_ANYWHERE = frozenset(
    {
        "officer_in", "gis_officer_in", "agency_admin_in",
        "officer_out", "gis_officer_out", "agency_admin_out",
    }
)  # fmt: skip
NEW = f"/my/points/new?id={named_id('a place to be')}"
DRAFT = f"/my/points/{named_id('a draft of somebody')}/draft"
# what is no draft is refused with 400 after the rights are looked at
NO_DRAFT = {"json": {"values": {}, "sequence": 0, "base": "", "etag": "", "writer": "", "seen": ""}}
