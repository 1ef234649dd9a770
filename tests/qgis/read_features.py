# SPDX-License-Identifier: GPL-2.0-or-later
"""Read a box of service points with QGIS's own OGC API provider and print them as JSON.

Usage: read_features.py OGC_ADDRESS MIN_LON MIN_LAT MAX_LON MAX_LAT, with QGIS's interpreter.
"""

from __future__ import annotations

import json
import os
import sys

from qgis.core import QgsApplication, QgsFeatureRequest, QgsRectangle, QgsVectorLayer


def main(address: str, box: list[float]) -> None:
    """Print one line of JSON."""
    layer = QgsVectorLayer(
        f"url='{address}' typename='service-points' pageSize='20'", "points", "OAPIF"
    )
    found = []
    for feature in layer.getFeatures(QgsFeatureRequest(QgsRectangle(*box))):
        place = feature.geometry().asPoint()
        # QGIS 3.22 gives the server's id as a column of its own
        found.append({"name_th": feature["name_th"], "lon": place.x(), "lat": place.y()})
    print(json.dumps({"valid": layer.isValid(), "features": found}), flush=True)


if __name__ == "__main__":
    application = QgsApplication([], False)
    application.initQgis()
    main(sys.argv[1], [float(number) for number in sys.argv[2:6]])
    # QGIS may fall over itself when it ends with a layer of this kind open
    os._exit(0)
