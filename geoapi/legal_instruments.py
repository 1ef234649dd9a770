# SPDX-License-Identifier: GPL-2.0-or-later
"""Legal instruments as data: loaded from ``data/legal_instruments.json``, corrected like records.

What an instrument forbids is decided in :mod:`geoapi.charges`.
"""

from __future__ import annotations

import json
import uuid

from geoapi.errors import InvalidDocumentError, Problem
from geoapi.messages import data_folder
from geoapi.record_collections import LEGAL_INSTRUMENTS
from geoapi.record_kind import RecordKind
from geoapi.record_writing import documents, put
from geoapi.revisions import WriteContext
from geoapi.store import Transaction
from geoapi.types import JsonObject

_IDS = uuid.UUID("5b6c2f0e-58e0-5c55-9f60-3a5c7a4d2e44")


def instrument_id(code: str) -> str:
    """Return the id that an instrument of a code gets, the same on every site."""
    return str(uuid.uuid5(_IDS, code))


def seed() -> list[JsonObject]:
    """Return the instruments that come with the program, as GeoJSON Features."""
    path = data_folder() / "legal_instruments.json"
    listed = json.loads(path.read_text(encoding="utf-8"))["instruments"]
    return [
        {
            "type": "Feature",
            "id": instrument_id(properties["code"]),
            "geometry": None,
            "properties": properties,
        }
        for properties in listed
    ]


def load_seed(transaction: Transaction, context: WriteContext) -> int:
    """Store the instruments that are not there yet; what was corrected here stays.

    Returns:
        How many were new.
    """
    known = {d["properties"]["code"] for d in documents(transaction.connection, KIND)}
    new = [feature for feature in seed() if feature["properties"]["code"] not in known]
    for feature in new:
        put(transaction, context, KIND, feature, "import")
    return len(new)


def _complete(
    _transaction: Transaction,
    _context: WriteContext,
    feature: JsonObject,
    _before: JsonObject | None,
) -> JsonObject:
    first, last = (feature["properties"].get(name) for name in ("valid_from", "valid_to"))
    if first and last and last < first:
        problem = Problem("copies.validity_reversed", "/properties/valid_to")
        raise InvalidDocumentError("copies.validity_reversed", problems=(problem,))
    return feature


KIND = RecordKind(LEGAL_INSTRUMENTS, complete=_complete)
