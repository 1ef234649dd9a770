#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Run the suites, go on after a failure, and end with what was skipped and why.  What needs stores and
# what needs browsers and QGIS run side by side: each waits for the other's kind of work most of the time.
# Usage: run_tests.sh [fast]
set -uo pipefail
cd "$(dirname "$0")/.."
mode=${1:-all}
python=.venv/bin/python
reports=build/test_reports
rm -rf "$reports"
mkdir -p "$reports"
failures=$reports/failed.txt
: >"$failures"

step() { # name, command...
  local name=$1 code=0
  shift
  printf '\n== %s\n' "$name"
  "$@" </dev/null || code=$?
  # pytest says 5 where a folder holds no tests yet.
  if [ "$code" -ne 0 ] && { [ "$code" -ne 5 ] || [[ "$*" != *pytest* ]]; }; then
    echo "$name" >>"$failures"
  fi
}

# Bytecode caches of several interpreters stay apart by name; pytest's own cache does not.
suite() { # name, python, pytest's arguments...
  local name=$1 interpreter=$2
  shift 2
  step "$name" "$interpreter" -m pytest -q -o cache_dir="build/pytest_cache/$name" \
    --junitxml="$reports/$name.xml" "$@"
}

folders() { # those of the named folders that hold Python files
  for folder in "$@"; do
    if [ -n "$(find "$folder" -name '*.py' -print -quit 2>/dev/null)" ]; then echo "$folder"; fi
  done
}

folder_suite() { # names of folders under tests...
  local name folder
  for name in "$@"; do
    mapfile -t folder < <(folders "tests/$name")
    [ ${#folder[@]} -eq 0 ] || suite "$name" "$python" "${folder[@]}" -m "not soak and not bench"
  done
}

stores() {
  folder_suite contract api main_job durability
}

programs() {
  local folder
  folder_suite web interop card
  mapfile -t folder < <(folders tests/qgis)
  [ ${#folder[@]} -gt 0 ] || return 0
  export QT_QPA_PLATFORM=offscreen
  if [ -x .venv-qgis/bin/python ]; then
    # Where QGIS keeps its own `processing`; the desktop program puts it on the path itself.
    PYTHONPATH=/usr/share/qgis/python:/usr/share/qgis/python/plugins \
      suite qgis .venv-qgis/bin/python tests/qgis
  else
    echo "qgis: no .venv-qgis" >"$reports/not_run.txt"
  fi
  if [ -x build/qgis340/run ]; then
    step qgis340 build/qgis340/run .venv-qgis/bin/python -m pytest -q tests/qgis \
      -o cache_dir=build/pytest_cache/qgis340 --junitxml="$reports/qgis340.xml"
  fi
}

mapfile -t documented < <(folders geoapi processing)
no_services="not postgis and not browser and not qgis and not gdal and not soak and not bench"

if [ "$mode" = fast ]; then
  mapfile -t fast < <(folders tests/unit)
  suite unit "$python" "${fast[@]}" -m "$no_services"
else
  step lint bash -c '.venv/bin/ruff format --check . && .venv/bin/ruff check .'
  step types bash tools/check_types.sh .venv/bin/mypy
  suite unit "$python" tests/unit
  suite doctests "$python" --doctest-modules --ignore-glob='*/migrations/*' "${documented[@]}"
  stores >"$reports/stores.log" 2>&1 &
  side=$!
  programs
  wait "$side"
  cat "$reports/stores.log"
fi

mapfile -t failed <"$failures"
printf '\n== summary\n'
"$python" tools/summarise_tests.py "$reports" "${failed[@]}"
