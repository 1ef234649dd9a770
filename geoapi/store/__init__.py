# SPDX-License-Identifier: GPL-2.0-or-later
"""The store: one face over a GeoPackage and PostgreSQL with PostGIS; all SQL lives here."""

from geoapi.store.database import Backend, Store, Transaction, open_store, utc_now
from geoapi.store.features import FeatureRow
from geoapi.types import Scope

__all__ = [
    "Backend",
    "FeatureRow",
    "Scope",
    "Store",
    "Transaction",
    "open_store",
    "utc_now",
]
