#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bring what `make test` needs beside Python packages: as root from Debian's packages, else it
# says what is missing. Makes .venv-qgis, and QGIS 3.40 beside the installed one on Debian 12.
# With REQUIRE_SERVICES=1 anything missing is an error.
set -euo pipefail
cd "$(dirname "$0")/.."
qgis_python=${QGIS_PYTHON:-/usr/bin/python3}
required=${REQUIRE_SERVICES:-0}

without() {
  if [ "$required" != 0 ]; then
    echo "required: $1" >&2
    exit 1
  fi
  echo "going on without: $1" >&2
}

bash tools/install_test_services.sh ||
  without "some test services (make test as root installs them)"

if ! "$qgis_python" -c 'import qgis.core' 2>/dev/null; then
  without "QGIS's Python modules (apt-get install python3-qgis)"
  exit 0
fi

stamp=.venv-qgis/stamp
if [ ! -e "$stamp" ] || [ requirements/qgis.txt -nt "$stamp" ]; then
  rm -rf .venv-qgis
  "$qgis_python" -m venv --system-site-packages .venv-qgis
  .venv-qgis/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
    -r requirements/qgis.txt
  touch "$stamp"
fi

version=$("$qgis_python" -c 'from qgis.core import Qgis; print(Qgis.QGIS_VERSION_INT)')
if [ "$version" -lt 34000 ] && [ ! -x build/qgis340/run ]; then
  mkdir -p build
  if ! bash tools/qgis_side_by_side.sh build/qgis340 >build/qgis340.log 2>&1; then
    tail -n 3 build/qgis340.log >&2
    without "QGIS 3.40 side by side (log: build/qgis340.log)"
  fi
fi
