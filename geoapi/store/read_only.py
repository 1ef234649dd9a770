# SPDX-License-Identifier: GPL-2.0-or-later
"""A store that reads alone, for processes beside the one that writes."""

from __future__ import annotations

from collections.abc import Callable

from geoapi.errors import DataUnavailableError
from geoapi.store.database import Store, Transaction, open_store


class ReadOnlyStore(Store):
    """A store whose every write is refused."""

    def write[T](self, function: Callable[[Transaction], T]) -> T:  # noqa: ARG002 - of Store
        """Refuse.

        Raises:
            DataUnavailableError: always.
        """
        raise DataUnavailableError("jobs.store_is_read_only")


def open_read_only(location: str, *, timeout_s: float) -> Store:
    """Open a store for reading; nothing is created.

    Args:
        location: as for :func:`geoapi.store.open_store`.
        timeout_s: how long one reading statement may run.

    Raises:
        UsageError: the address names neither backend.
    """
    opened = open_store(location, timeout_s=timeout_s)
    engines = (opened.reading, opened.writing)
    return ReadOnlyStore(opened.backend, opened.location, engines, opened.clock)
