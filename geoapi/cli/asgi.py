# SPDX-License-Identifier: GPL-2.0-or-later
"""The factory that uvicorn calls in each serving process; settings come from the environment."""

from __future__ import annotations

import os

from starlette.applications import Starlette

from geoapi.app import create_app
from geoapi.operation.logs import configure_logging
from geoapi.settings import load_settings
from geoapi.site import open_site


def application() -> Starlette:
    """Open the site and put its application together."""
    settings = load_settings(os.environ)
    configure_logging(settings)
    return create_app(open_site(settings))
