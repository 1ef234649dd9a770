# SPDX-License-Identifier: GPL-2.0-or-later
"""pygeoapi's configuration, made from our settings and collections; and what we conform to."""

from __future__ import annotations

from collections.abc import Mapping

from geoapi.collections import COLLECTIONS, Collection
from geoapi.credits import license_of
from geoapi.messages import LANGUAGES, message
from geoapi.ogc.crs import CRS84
from geoapi.settings import Settings
from geoapi.types import JsonObject

PROVIDER = "geoapi.providers.features.FeaturesProvider"
# Thailand with its islands, degrees: west, south, east, north.
EXTENT = (97.3, 5.6, 105.7, 20.5)

_COMMON = "http://www.opengis.net/spec/ogcapi-common-{}/1.0/conf/{}".format
_FEATURES = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}".format
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{}".format
_TILES = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/{}".format
_PROCESSES = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/{}".format
# Everything that we declare, and nothing that a test of ours does not hold us to.  Part 4 was
# renamed while it was a draft: clients look for either name.
CONFORMANCE: tuple[str, ...] = (
    _COMMON("1", "core"),
    _COMMON("1", "landing-page"),
    _COMMON("1", "json"),
    _COMMON("1", "html"),
    _COMMON("1", "oas30"),
    _COMMON("2", "collections"),
    _FEATURES("1", "core"),
    _FEATURES("1", "geojson"),
    _FEATURES("1", "html"),
    _FEATURES("1", "oas30"),
    _FEATURES("2", "crs"),
    _FEATURES("3", "queryables"),
    _FEATURES("3", "queryables-query-parameters"),
    _FEATURES("3", "filter"),
    _FEATURES("3", "features-filter"),
    *map(
        _CQL2,
        (
            "cql2-text",
            "cql2-json",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "array-functions",
            "property-property",
            "arithmetic",
        ),
    ),
    _FEATURES("4", "create-replace-delete"),
    _FEATURES("4", "update"),
    _FEATURES("4", "features"),
    _FEATURES("4", "optimistic-locking-etags"),
    _FEATURES("4", "optimistic-locking-timestamps"),
    _COMMON("5", "create-replace-update-delete"),
    _COMMON("5", "create-replace-delete"),
    _COMMON("5", "update"),
    _COMMON("5", "optimistic-locking-etags"),
    _COMMON("5", "optimistic-locking-timestamps"),
    _COMMON("5", "return-resource-representation-in-response"),
    _COMMON("5", "handling"),
    _FEATURES("5", "schemas"),
    # a draft (OGC 26-018), experimental; its JSON class is not claimed: filters name ids alone
    _FEATURES("11", "transactions"),
    _FEATURES("11", "atomic-transactions"),
    _FEATURES("11", "batch-transactions"),
    _FEATURES("11", "features"),
    _TILES("core"),
    _TILES("tileset"),
    _TILES("tilesets-list"),
    _TILES("dataset-tilesets"),
    _TILES("geodata-tilesets"),
    _TILES("mvt"),
    "http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
    "http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
    _PROCESSES("core"),
    _PROCESSES("ogc-process-description"),
    _PROCESSES("json"),
    _PROCESSES("html"),
    _PROCESSES("oas30"),
    _PROCESSES("job-list"),
    _PROCESSES("dismiss"),
)


def host_config(
    settings: Settings, collections: Mapping[str, Collection] = COLLECTIONS
) -> JsonObject:
    """Return the configuration that ``pygeoapi.api.API`` takes; a new object each time.

    Args:
        settings: for the address and limits.
        collections: what is served.
    """
    base_url = settings.base_url
    return {
        "server": {
            "url": f"{base_url}/ogc",
            "encoding": "utf-8",
            "mimetype": "application/json; charset=UTF-8",
            "languages": list(LANGUAGES),
            "pretty_print": False,
            "gzip": False,
            "limits": {
                "default_items": settings.default_items,
                "max_items": settings.max_items,
                "on_exceed": "throttle",
            },
        },
        # every request is logged by our own middleware
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": _texts("ogc_pages.landing.title"),
                "description": _texts("ogc_pages.landing.description"),
                "keywords": {"th": [], "en": []},
                "keywords_type": "theme",
                "terms_of_service": f"{base_url}/help",
                "url": base_url,
            },
            "license": {"name": "", "url": settings.license_url},
            "provider": {"name": "", "url": base_url},
            "contact": {"name": ""},
        },
        "resources": {
            collection.id: _resource(collection, settings) for collection in collections.values()
        },
    }


def _texts(message_id: str) -> dict[str, str]:
    return {language: message(message_id, language) for language in LANGUAGES}


def _resource(collection: Collection, settings: Settings) -> JsonObject:
    return {
        "type": "collection",
        "title": {"th": collection.title_th, "en": collection.title_en},
        "description": {"th": collection.description_th, "en": collection.description_en},
        "keywords": {"th": [collection.title_th], "en": [collection.title_en]},
        "extents": {"spatial": {"bbox": list(EXTENT), "crs": CRS84}},
        "links": [
            {
                "rel": "license",
                "type": "text/html",
                "title": _texts("ogc_pages.link.license"),
                "href": license_of(collection, settings),
            }
        ],
        "providers": [
            {
                "type": "feature",
                "name": PROVIDER,
                "data": collection.id,
                "id_field": "id",
                "editable": bool(collection.verbs),
                "crs": [CRS84],
                # written out: with EPSG/0/4326 pygeoapi swaps the axes without a word
                "storage_crs": CRS84,
            }
        ],
    }
