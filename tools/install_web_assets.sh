#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bring the browser libraries from npm and copy what the pages need to build/web_assets.
# Without Node it says what is missing and succeeds: the pages then show drawn maps.
# Usage: install_web_assets.sh PYTHON
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:?usage: $0 PYTHON}

go_on_without() {
  cat >&2 <<TEXT
No web maps: $1.
  Maps are drawn by the server instead. For moving maps install Node.js 20 or newer with npm,
  then run make again.
ไม่มีแผนที่แบบเลื่อนได้: ระบบจะแสดงแผนที่ภาพแทน หากต้องการ ให้ติดตั้ง Node.js 20 ขึ้นไปพร้อม npm แล้วสั่ง make อีกครั้ง
TEXT
  exit 0
}

major=$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)
[ -n "$major" ] || go_on_without "Node.js is not installed"
[ "$major" -ge 20 ] || go_on_without "Node.js $major is too old"
command -v npm >/dev/null || go_on_without "npm is not installed"

# The libraries are only copied, so a package's wish for a newer Node.js is of no matter.
npm ci --no-progress --loglevel=error </dev/null || go_on_without "npm could not bring the libraries"
"$python" tools/web_assets.py
