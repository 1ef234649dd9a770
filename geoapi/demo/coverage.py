# SPDX-License-Identifier: GPL-2.0-or-later
"""Make polygons that nearly meet into a coverage: no gaps, no overlaps, shared borders equal.

The published district polygons were simplified one by one, so that neighbours leave slivers of
some hectares between them or share them.
"""

from __future__ import annotations

import shapely

GRID_DEGREES = 1e-6
"""Six decimals, about 0.1 m."""


def clean_coverage(
    polygons: dict[str, shapely.Geometry], tolerance_degrees: float
) -> dict[str, shapely.Geometry]:
    """Mend and simplify polygons as one coverage.

    All borders are cut at their crossings; each face goes to the polygon that holds it, a shared
    face to the first of them by key, a gap to the neighbour with the longest border.

    Args:
        polygons: by key, CRS84.
        tolerance_degrees: as of ``shapely.coverage_simplify``.

    Returns:
        MultiPolygons by key, in order of key, with coordinates of six decimals.
    """
    keys = sorted(polygons)
    lines = [polygons[key].boundary for key in keys]
    noded = shapely.union_all(lines, grid_size=GRID_DEGREES)
    faces = list(shapely.get_parts(shapely.polygonize(shapely.get_parts(noded))))
    owners = _owners(faces, keys, polygons)
    merged = [
        shapely.coverage_union_all(
            [face for face, owner in zip(faces, owners, strict=True) if owner == key]
        )
        for key in keys
    ]
    simplified = shapely.coverage_simplify(merged, tolerance_degrees)
    rounded = shapely.set_precision(simplified, GRID_DEGREES, mode="pointwise")
    return {key: _multi(polygon) for key, polygon in zip(keys, rounded, strict=True)}


def union_of(polygons: list[shapely.Geometry]) -> shapely.Geometry:
    """Join the members of a coverage into one MultiPolygon."""
    return _multi(shapely.coverage_union_all(polygons))


def _owners(
    faces: list[shapely.Geometry], keys: list[str], polygons: dict[str, shapely.Geometry]
) -> list[str]:
    inside = [face.representative_point() for face in faces]
    found = [next((key for key in keys if polygons[key].covers(point)), None) for point in inside]
    while None in found:
        # A gap may border on other gaps only: those are filled in a later round.
        filled = [
            _longest_neighbour(face, faces, found) if owner is None else owner
            for face, owner in zip(faces, found, strict=True)
        ]
        if filled == found:
            break
        found = filled
    return [owner or "" for owner in found]


def _longest_neighbour(
    gap: shapely.Geometry, faces: list[shapely.Geometry], owners: list[str | None]
) -> str | None:
    shared_length: dict[str, float] = {}
    for face, owner in zip(faces, owners, strict=True):
        if owner is not None and face.intersects(gap):
            length = face.boundary.intersection(gap.boundary).length
            shared_length[owner] = shared_length.get(owner, 0.0) + length
    longest = max(shared_length.items(), key=lambda item: (item[1], item[0]), default=None)
    return longest[0] if longest else None


def _multi(geometry: shapely.Geometry) -> shapely.Geometry:
    parts = [part for part in shapely.get_parts(geometry) if part.geom_type == "Polygon"]
    # Outer rings run against the clock (RFC 7946), which normalize turns round.
    return shapely.orient_polygons(shapely.normalize(shapely.multipolygons(parts)))
