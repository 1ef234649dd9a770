#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Pin what pyproject.toml asks for, with hashes and without any index address.
# Usage: tools/lock_requirements.sh [uv's options, such as --upgrade]
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo .venv/bin/uv)

lock() { # output, python version, inputs and options...
  local output=$1 python=$2
  shift 2
  "$uv" pip compile --quiet --universal --python-version "$python" --generate-hashes \
    --custom-compile-command "tools/lock_requirements.sh" --no-emit-find-links \
    --no-sources "${extra[@]}" -o "$output" "$@"
}

extra=("$@")
lock requirements/server.txt 3.12 pyproject.toml --extra server
lock requirements/demo.txt 3.12 pyproject.toml --extra demo -c requirements/server.txt
lock requirements/dev.txt 3.12 pyproject.toml --extra dev \
  -c requirements/server.txt -c requirements/demo.txt
lock requirements/build.txt 3.12 requirements/build.in -c requirements/dev.txt
# Debian 12 gives QGIS Python 3.11.
lock requirements/qgis.txt 3.11 requirements/qgis.in
# An old suite with old pins of its own; it runs in an environment of its own.
lock requirements/ogctests.txt 3.12 requirements/ogctests.in
# The peers of make bench, as they are published.
lock requirements/peers_tipg.txt 3.12 requirements/peers_tipg.in
lock requirements/peers_pygeoapi.txt 3.12 requirements/peers_pygeoapi.in
