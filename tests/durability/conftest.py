# SPDX-License-Identifier: GPL-2.0-or-later
"""Fixtures of the tests that kill."""

from tests.live_fixtures import backend, new_site

__all__ = ["backend", "new_site"]
