#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Install the programs that the tests use from Debian's packages: PostgreSQL with PostGIS, GDAL,
# Chromium, QGIS, Xvfb and Thai fonts. Asks apt only when something is missing.
set -euo pipefail

packages=(
  python3-venv          # for the environment of QGIS's own interpreter
  gdal-bin
  chromium
  qgis python3-qgis
  xvfb xauth
  fonts-thai-tlwg libthai0
)

installed() {
  dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

missing() {
  for package in "${packages[@]}"; do
    installed "$package" || echo "$package"
  done
  # The tests are made for PostgreSQL 15; newer systems bring a newer one.
  if ! compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; then
    echo postgis-server
  fi
}

if ! command -v apt-get >/dev/null; then
  echo "test services: this system has no apt-get; install them by hand:" >&2
  echo "  PostgreSQL with PostGIS, ${packages[*]}" >&2
  exit 1
fi
mapfile -t wanted < <(missing)
if [ ${#wanted[@]} -eq 0 ]; then
  exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
  echo "test services: not root, so not installed: ${wanted[*]}" >&2
  exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt=(apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3)
"${apt[@]}" update
for index in "${!wanted[@]}"; do
  if [ "${wanted[$index]}" = postgis-server ]; then
    if apt-cache show postgresql-15-postgis-3 >/dev/null 2>&1; then
      wanted[index]=postgresql-15-postgis-3
    else
      wanted[index]=postgresql-postgis
    fi
  fi
done
echo "test services: installing ${wanted[*]}"
"${apt[@]}" install -y --no-install-recommends "${wanted[@]}"
