#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Unpack the QGIS of Debian's backports beside the installed one: nothing is installed, no root.
# About 120 MB of downloads and 450 MB of disk. The mirror is the machine's own.
# Usage: qgis_side_by_side.sh DIR ; then: DIR/run PYTHON -m pytest tests/qgis
set -euo pipefail
dir=$(realpath -m "${1:?usage: $0 DIR}")

# shellcheck source=/dev/null
codename=$(. /etc/os-release && echo "${ID:-}-${VERSION_CODENAME:-}")
if [ "$codename" != debian-bookworm ]; then
  echo "QGIS side by side: only for Debian 12, this is $codename" >&2
  exit 1
fi

mirror_of_this_machine() {
  local one_line deb822
  deb822=$(cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true)
  one_line=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true)
  {
    # Stanzas that carry the release itself, not its security updates.
    awk 'BEGIN {RS=""; FS="\n"} /Suites:[^\n]*bookworm( |\n|$)/ {
      for (i = 1; i <= NF; i++) if ($i ~ /^URIs:/) { split($i, part, " "); print part[2] } }' \
      <<<"$deb822"
    awk '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i == "bookworm") print $(i - 1) }' \
      <<<"$one_line"
  } | head -n 1
}

mirror=$(mirror_of_this_machine)
if [ -z "$mirror" ]; then
  echo "QGIS side by side: found no Debian mirror in apt's sources" >&2
  exit 1
fi

rm -rf "$dir.new"
mkdir -p "$dir.new"/{apt/lists/partial,apt/cache,debs,root,site}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in bookworm bookworm-backports; do
  echo "deb [signed-by=$keyring] $mirror $suite main"
done > "$dir.new/sources.list"
cat > "$dir.new/apt.conf" <<CONF
Dir::State::lists "$dir.new/apt/lists";
Dir::Cache "$dir.new/apt/cache";
Dir::Etc::sourcelist "$dir.new/sources.list";
Dir::Etc::sourceparts "/dev/null";
Acquire::Retries "3";
APT::Sandbox::User "";
CONF
apt=(apt-get -q -c "$dir.new/apt.conf")
"${apt[@]}" update
cd "$dir.new/debs"
mapfile -t packages < <(
  "${apt[@]}" -t bookworm-backports install -s --no-install-recommends python3-qgis qgis |
    awk '/^Inst/ {print $2}'
)
"${apt[@]}" -t bookworm-backports download "${packages[@]}"
for deb in *.deb; do
  dpkg-deb -x "$deb" "$dir.new/root"
done
cd "$dir.new"
rm -rf debs apt

rm -rf "$dir"
mv "$dir.new" "$dir"
# PyQt5 of the system and the modules that only the newer QGIS brings live in one package.
cat > "$dir/site/sitecustomize.py" <<PYTHON
import PyQt5

PyQt5.__path__.append("$dir/root/usr/lib/python3/dist-packages/PyQt5")
PYTHON
cat > "$dir/run" <<RUN
#!/usr/bin/env bash
root=$dir/root
export LD_LIBRARY_PATH=\$root/usr/lib:\$root/usr/lib/$(uname -m)-linux-gnu
export QGIS_PREFIX_PATH=\$root/usr
export PYTHONPATH=$dir/site:\$root/usr/share/qgis/python:\$root/usr/share/qgis/python/plugins:\$root/usr/lib/python3/dist-packages\${PYTHONPATH:+:\$PYTHONPATH}
exec "\$@"
RUN
chmod +x "$dir/run"
echo "QGIS side by side: ready in ${dir##*/}"
