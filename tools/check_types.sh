#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run mypy --strict on the code that is there.
# Usage: check_types.sh MYPY
set -euo pipefail
cd "$(dirname "$0")/.."
mypy=${1:?usage: $0 MYPY}
folders=()
for folder in geoapi processing; do
  # mypy refuses a folder without modules.
  if [ -n "$(find "$folder" -name '*.py' -print -quit 2>/dev/null)" ]; then
    folders+=("$folder")
  fi
done
exec "$mypy" "${folders[@]}"
