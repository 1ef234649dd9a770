# SPDX-License-Identifier: GPL-2.0-or-later
"""The one registry through which a provider learns which site is read, by whom, and for what.

pygeoapi hands its providers neither the user nor the request.  The handler of a request sets the
present reading; context variables survive the way into the thread in which pygeoapi runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from geoapi.errors import DataUnavailableError
from geoapi.rights import Viewer
from geoapi.site import Site
from geoapi.store.query import ItemQuery


@dataclass(frozen=True)
class Reading:
    """What one request reads.

    Attributes:
        site: the running site.
        viewer: who asks; decides the scopes of what is read by id.
        query: the checked query of an items request, None for anything else.
        next_href: address of the following page for the cursor values of the store.
    """

    site: Site
    viewer: Viewer
    query: ItemQuery | None = None
    next_href: Callable[[tuple[Any, ...]], str] | None = None


_PRESENT: ContextVar[Reading] = ContextVar("pakmud_reading")


@contextmanager
def reading(value: Reading) -> Iterator[None]:
    """Make a reading the present one for the time of a ``with`` block."""
    token = _PRESENT.set(value)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def present_reading() -> Reading:
    """Return the present reading.

    Raises:
        DataUnavailableError: a provider was called outside a request.
    """
    try:
        return _PRESENT.get()
    except LookupError as error:
        raise DataUnavailableError("ogc_pages.no_reading") from error
