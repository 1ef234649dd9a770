# SPDX-License-Identifier: GPL-2.0-or-later
"""The kind of each collection of records: what the API writes them by."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from geoapi import (
    assignments,
    copies,
    drafts,
    legal_instruments,
    point_offers,
    services,
    tasks,
)
from geoapi.photos import kind as photo_kind
from geoapi.record_kind import RecordKind

KINDS: Mapping[str, RecordKind] = MappingProxyType(
    {
        kind.collection.id: kind
        for kind in (
            services.KIND,
            point_offers.KIND,
            copies.KIND,
            legal_instruments.KIND,
            assignments.KIND,
            photo_kind.KIND,
            drafts.KIND,
            tasks.KIND,
        )
    }
)
