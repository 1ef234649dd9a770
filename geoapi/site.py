# SPDX-License-Identifier: GPL-2.0-or-later
"""A running site: its settings, store and keys in one value that is handed down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from geoapi.keys import Keys, load_keys
from geoapi.photos.files import remove_files
from geoapi.settings import Settings
from geoapi.store import Store, open_store, utc_now
from geoapi.store.counting import Counts
from geoapi.store.known_tags import KnownTags


@dataclass(frozen=True)
class Site:
    """What every request and command works with.

    Attributes:
        settings: the checked settings.
        store: the open store.
        keys: secret keys for signatures.
        clock: gives the present instant, UTC.
        counts: how many items matched lately.
        tags: of items that were read a moment ago.
    """

    settings: Settings
    store: Store
    keys: Keys
    clock: Callable[[], datetime] = utc_now
    counts: Counts = field(init=False, repr=False, compare=False)
    tags: KnownTags = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Begin without memory, and let files of deleted photos follow their rows."""
        object.__setattr__(self, "counts", Counts(self.store))
        object.__setattr__(self, "tags", KnownTags(self.store))
        self.store.on_freed_photos = partial(remove_files, self.settings.data_dir)


def open_site(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Site:
    """Open the store and read the keys, which are made when there are none yet.

    Raises:
        UsageError: the store's address or the data folder can't be used.
    """
    store = open_store(settings.store, clock=clock, timeout_s=settings.statement_timeout_s)
    return Site(settings, store, load_keys(settings.data_dir), clock)
