# SPDX-License-Identifier: GPL-2.0-or-later
"""Points that wait for review, put into a running demonstration."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import replace
from typing import Any

from geoapi import service_points
from geoapi.importing.merging import merge_service_points
from geoapi.revisions import WriteContext
from geoapi.rights import SYSTEM
from geoapi.store import Transaction
from geoapi.store.imports import StagedRow
from geoapi.types import JsonObject
from tests.web.conftest import Demo

# Mae Chan's middle, and a step in degrees that keeps points of a batch apart: about 220 m
LON, LAT, STEP = 99.78, 20.10, 0.002
REVIEWER = "supervisor-chiangrai"
# Each batch has places of its own, 44 m from those of others: neighbours would count as doubles.
BATCHES = itertools.count()
ASIDE = 0.0004
COLLEAGUE = replace(SYSTEM, user_id="tests-reviewer")


def waiting(demo: Demo, word: str, count: int, **properties: Any) -> list[str]:
    """Put new points into the queue; all have ``word`` in their names. Returns their ids."""
    documents = [_document(word, number, properties) for number in range(count)]
    up, right = divmod(next(BATCHES), 5)
    for document in documents:
        lon, lat = document["geometry"]["coordinates"]
        document["geometry"]["coordinates"] = [lon + right * ASIDE, lat + up * ASIDE]
    context = WriteContext(SYSTEM, client="tests", reason="tests")

    def write(transaction: Transaction) -> None:
        rows = [StagedRow(n, f"tests:{d['id']}", d) for n, d in enumerate(documents, 1)]
        merge_service_points(transaction, context, rows, "submitted")

    demo.site.store.write(write)
    return [document["id"] for document in documents]


def decide(demo: Demo, item_id: str, action: str) -> None:
    """Take a step as somebody who did not edit."""
    context = WriteContext(COLLEAGUE, reason="x", if_match=("*",))
    service_points.take_action(demo.site, context, item_id, action)


def _document(word: str, number: int, properties: dict[str, Any]) -> JsonObject:
    place = [LON + STEP * (number % 10), LAT + STEP * (number // 10)]
    return {
        "type": "Feature",
        "id": str(uuid.uuid4()),
        "geometry": {"type": "Point", "coordinates": place},
        "properties": {
            "name_th": f"ศูนย์{word} ที่ {number + 1}",
            "name_en": f"Centre {word} {number + 1}",
            "category": "school",
            "subdistrict_code": "570701",
            "phones": [{"number": "+6653150161", "kind": "main"}],
            **properties,
        },
    }
