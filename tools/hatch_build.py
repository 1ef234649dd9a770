# SPDX-License-Identifier: GPL-2.0-or-later
"""Build hook: put data, settings and web assets into the wheel under ``geoapi``.

An editable installation reads them where they lie in the checkout. (Plain ``force-include``
would copy them into site-packages there too, where they would grow old unseen.)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelContent(BuildHookInterface[Any]):
    """Names the folders that go into the wheel from outside the packages."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the folders, the browser libraries only where ``make setup`` has brought them.

        Args:
            version: ``standard``, or ``editable`` for a checkout.
            build_data: what hatchling reads after this hook.
        """
        if version == "editable":
            return
        build_data["force_include"] |= {"data": "geoapi/data", "config": "geoapi/config"}
        if (Path(self.root) / "build" / "web_assets" / "manifest.json").is_file():
            build_data["force_include"]["build/web_assets"] = "geoapi/web_assets"
