#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Copy the browser libraries that Pakmud serves from node_modules to build/web_assets.

Needs nothing but the standard library. Run by ``make setup`` after ``npm ci``; writes
``manifest.json`` beside the files: what each is, its package and version, its hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NODE_MODULES = ROOT / "node_modules"
TARGET = ROOT / "build" / "web_assets"


@dataclass(frozen=True)
class Library:
    """One npm package and the files of it that the pages need.

    Attributes:
        package: its name on npm, and the folder the files go to.
        files: paths inside the package; they keep their base names.
        licences: licence and notice files inside the package.
    """

    package: str
    files: tuple[str, ...]
    licences: tuple[str, ...]


LIBRARIES = (
    Library(
        "maplibre-gl",
        # The worker is a file of its own, so that the pages' policy needs no blob: addresses.
        ("dist/maplibre-gl.mjs", "dist/maplibre-gl-worker.mjs", "dist/maplibre-gl.css"),
        ("LICENSE.txt",),
    ),
    Library(
        "swagger-ui-dist",
        ("swagger-ui-bundle.js", "swagger-ui.css"),
        ("LICENSE", "NOTICE", "swagger-ui-bundle.js.LICENSE.txt"),
    ),
    # For the examples: whoever uses another library sees how it reads us.
    Library("leaflet", ("dist/leaflet.js", "dist/leaflet.css"), ("LICENSE",)),
    Library("ol", ("dist/ol.js", "ol.css"), ("LICENSE.md",)),
    # Resumable uploads of photos.
    Library("tus-js-client", ("dist/tus.min.js",), ("LICENSE",)),
)


class MissingAssetError(FileNotFoundError):
    """A file is not in node_modules: ``npm ci`` has not run, or a package changed its layout."""


def describe(path: Path, package: str, version: str) -> dict[str, Any]:
    """Describe one copied file.

    Returns:
        package, version, size in bytes, ``sha256`` as hex, and ``integrity`` as pages write it.
    """
    content = path.read_bytes()
    digest = base64.b64encode(hashlib.sha384(content).digest()).decode()
    return {
        "package": package,
        "version": version,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "integrity": f"sha384-{digest}",
    }


def copy_library(library: Library, node_modules: Path, target: Path) -> dict[str, dict[str, Any]]:
    """Copy one library's files into ``target/<package>``.

    Returns:
        The manifest's entries by path below ``target``.

    Raises:
        MissingAssetError: a file of the library is not there.
    """
    source = node_modules / library.package
    try:
        version = json.loads((source / "package.json").read_text(encoding="utf-8"))["version"]
    except FileNotFoundError as err:
        raise MissingAssetError(f"{library.package} is not in node_modules: run npm ci") from err
    folder = target / library.package
    folder.mkdir(parents=True, exist_ok=True)
    entries = {}
    for name in library.files + library.licences:
        original = source / name
        if not original.is_file():
            raise MissingAssetError(f"{library.package} {version} has no file {name}")
        copy = folder / original.name
        shutil.copyfile(original, copy)
        entries[f"{library.package}/{copy.name}"] = describe(copy, library.package, version)
    return entries


def build(node_modules: Path = NODE_MODULES, target: Path = TARGET) -> dict[str, dict[str, Any]]:
    """Fill ``target`` anew and write its manifest.

    Args:
        node_modules: folder that ``npm ci`` filled.
        target: folder to write; what was in it goes away.

    Returns:
        The manifest: description by path below ``target``.

    Raises:
        MissingAssetError: a library or a file of it is not there.
    """
    # Filled beside and swapped in, so that a failure leaves the last good state.
    fresh = target.with_name(target.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    manifest: dict[str, dict[str, Any]] = {}
    for library in LIBRARIES:
        manifest |= copy_library(library, node_modules, fresh)
    text = json.dumps(manifest, indent=2, sort_keys=True) + "\n"
    (fresh / "manifest.json").write_text(text, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    fresh.rename(target)
    return manifest


def main() -> int:
    """Build the folder and say what is in it."""
    try:
        manifest = build()
    except MissingAssetError as err:
        print(f"web assets: {err}", file=sys.stderr)
        return 1
    size_kb = sum(entry["bytes"] for entry in manifest.values()) / 1024
    print(f"web assets: {len(manifest)} files, {size_kb:.0f} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
