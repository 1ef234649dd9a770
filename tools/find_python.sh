#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Print the path of a Python >= 3.12 that can make virtual environments, or say what to install.
# Looks at $PYTHON, the PATH, pyenv and uv, in this order.
set -euo pipefail

works() { # Old shims of version managers answer by failing, so the candidate is tried.
  "$1" -c 'import ensurepip, ssl, sqlite3, sys, venv; sys.exit(sys.version_info < (3, 12))' \
    >/dev/null 2>&1
}

candidates() {
  if [ -n "${PYTHON:-}" ]; then
    command -v "$PYTHON" || true
  fi
  for name in python3.12 python3.13 python3.14 python3; do
    command -v "$name" || true
  done
  for version in 3.12 3.13 3.14; do
    for path in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/python3; do
      if [ -x "$path" ]; then echo "$path"; fi
    done
  done
  if command -v uv >/dev/null; then
    uv python find --no-python-downloads '>=3.12' 2>/dev/null || true
  fi
}

while read -r candidate; do
  if works "$candidate"; then
    "$candidate" -c 'import sys; print(sys.executable)'
    exit 0
  fi
done < <(candidates)

cat >&2 <<'TEXT'
Pakmud needs Python 3.12 or newer, with venv.  ปักหมุดต้องใช้ Python 3.12 ขึ้นไป พร้อม venv
  Debian 13, Ubuntu 24.04 or newer:  sudo apt-get install python3 python3-venv
  Debian 12 and others:              pyenv install 3.12     or     uv python install 3.12
Or name one:                         make PYTHON=/path/to/python3.12
TEXT
exit 1
