# SPDX-License-Identifier: GPL-2.0-or-later
"""For whom a job runs: the user with the rights of the moment it runs, not of when it was made."""

from __future__ import annotations

from sqlalchemy import Connection

from geoapi.errors import ForbiddenError
from geoapi.grants import grant_of
from geoapi.managers import today
from geoapi.rights import PUBLIC, ROLE_PERMISSIONS, Viewer
from geoapi.site import Site
from geoapi.store.accounts import grants_of, user_by_id


def viewer_of(site: Site, user_id: str) -> Viewer:
    """Return a user with the grants that hold today, nobody in particular for ''.

    Raises:
        ForbiddenError: the user is gone or disabled.
    """
    if not user_id:
        return PUBLIC
    day = today(site.clock())

    def read(connection: Connection) -> Viewer:
        user = user_by_id(connection, user_id)
        if user is None or user.disabled_at is not None:
            raise ForbiddenError("jobs.user_gone")
        grants = (grant_of(row) for row in grants_of(connection, [user_id]))
        held = tuple(g for g in grants if g.role in ROLE_PERMISSIONS and g.holds_on(day))
        return Viewer(user.id, user.display_name, held, via="token")

    return site.store.read(read)
