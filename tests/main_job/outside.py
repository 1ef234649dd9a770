# SPDX-License-Identifier: GPL-2.0-or-later
"""Map programs that look at a served site from outside."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.live import ROOT, LiveSite

QGIS_SCRIPT = ROOT / "tests/qgis/read_features.py"
_TIMEOUT_S = 120


def gdal_features(site: LiveSite, bbox: tuple[float, float, float, float], out: Path) -> list[dict]:
    """Return the service points that GDAL finds in a box (min lon, min lat, max lon, max lat)."""
    box = [str(number) for number in bbox]
    subprocess.run(
        ["ogr2ogr", "-f", "GeoJSON", str(out), f"OAPIF:{site.ogc}", "service-points",
         "-spat", *box, "-oo", "PAGE_SIZE=20"],
        check=True, timeout=_TIMEOUT_S, capture_output=True,
    )  # fmt: skip
    return json.loads(out.read_text(encoding="utf-8"))["features"]


def qgis_python() -> str | None:
    """Return the interpreter that has QGIS's modules, ``None`` where there is none."""
    own = ROOT / ".venv-qgis/bin/python"
    for python in (str(own), "/usr/bin/python3"):
        if Path(python).exists():
            tried = subprocess.run(
                [python, "-c", "import qgis.core"], capture_output=True, check=False
            )
            if tried.returncode == 0:
                return python
    return None


def qgis_features(
    site: LiveSite, python: str, bbox: tuple[float, float, float, float], profile: Path
) -> list[dict]:
    """Return the service points that QGIS finds in a box, as ``{"id", "lon", "lat", "name_th"}``.

    Args:
        site: that is served.
        python: from :func:`qgis_python`.
        bbox: min lon, min lat, max lon, max lat.
        profile: a folder for what QGIS writes.
    """
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(profile),
        "HOME": str(profile),
    }
    done = subprocess.run(
        [python, str(QGIS_SCRIPT), site.ogc, *(str(number) for number in bbox)],
        env=environment, timeout=_TIMEOUT_S, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise RuntimeError(f"QGIS read nothing: {done.stderr[-2000:]}")
    return json.loads(lines[-1])["features"]
