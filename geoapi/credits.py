# SPDX-License-Identifier: GPL-2.0-or-later
"""Whom to credit for the items of a collection, and under which licence they may be used."""

from __future__ import annotations

from geoapi.collection_model import Collection
from geoapi.messages import Language, message
from geoapi.settings import Settings

# Names of licences whose addresses are known; others are shown by their address.
_LICENSE_NAMES = {
    "https://creativecommons.org/licenses/by/4.0/": "CC BY 4.0",
    "https://creativecommons.org/licenses/by-sa/4.0/": "CC BY-SA 4.0",
    "https://creativecommons.org/publicdomain/zero/1.0/": "CC0 1.0",
    "https://opendatacommons.org/licenses/odbl/1-0/": "ODbL 1.0",
}


def attribution_of(collection: Collection, language: Language) -> str:
    """Return whom to credit, in a language; the site's agencies when the collection names nobody.

    >>> from geoapi.collections import SERVICE_POINTS
    >>> attribution_of(SERVICE_POINTS, "en") != attribution_of(SERVICE_POINTS, "th")
    True
    """
    own = collection.attribution if language == "th" else collection.attribution_en
    return own or collection.attribution or message("ogc_pages.attribution", language)


def license_of(collection: Collection, settings: Settings) -> str:
    """Return the address of the licence: the collection's own, or that of the site."""
    return collection.license_url or settings.license_url


def license_name(address: str) -> str:
    """Return a short name of a licence, its address when it has none.

    >>> license_name("https://creativecommons.org/licenses/by/4.0/")
    'CC BY 4.0'
    """
    return _LICENSE_NAMES.get(address, address)


def license_link(collection: Collection, settings: Settings) -> str:
    """Return the header Link that names the licence."""
    return f'<{license_of(collection, settings)}>; rel="license"'
