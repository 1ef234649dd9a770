# SPDX-License-Identifier: GPL-2.0-or-later
"""Draw a map as PNG for readers without WebGL or without scripts: areas, points, scale bar."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import shapely
from PIL import Image, ImageDraw
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geoapi.errors import Problem, UsageError
from geoapi.messages import Language, message
from geoapi.thai_fonts import thai_font, writes_thai
from geoapi.types import BBox, JsonObject, LonLat
from geoapi.web.map_symbols import symbols, top_category

MIN_SIDE_PX, MAX_WIDTH_PX, MAX_HEIGHT_PX = 100, 1600, 1200
_METRES_PER_DEGREE = 111_195.0  # of latitude, on the mean sphere
_OVERSAMPLING = 2
_SMALLEST_BOX_DEG = 0.002
_WATER, _LAND, _LINE, _INK = "#dfe9ee", "#fbfaf4", "#8b98a4", "#33414d"
_CHOSEN = "#a3161b"


@dataclass(frozen=True)
class Frame:
    """The box that is drawn and the picture's size.

    Attributes:
        bbox: CRS84 degrees; has the shape of the picture.
        width: pixels.
        height: pixels.
    """

    bbox: BBox
    width: int
    height: int

    def pixel(self, lon: float, lat: float, factor: int = 1) -> tuple[float, float]:
        """Return where a place lies, pixels from the upper left corner."""
        west, south, east, north = self.bbox
        x = (lon - west) / (east - west) * self.width
        y = (north - lat) / (north - south) * self.height
        return (x * factor, y * factor)

    @property
    def metres_per_pixel(self) -> float:
        """Return the scale in the middle of the picture."""
        west, south, east, north = self.bbox
        shrink = math.cos(math.radians((south + north) / 2))
        return (east - west) * shrink * _METRES_PER_DEGREE / self.width


@dataclass(frozen=True)
class DrawnThings:
    """What is on the map.

    Attributes:
        provinces: GeoJSON Features.
        districts: GeoJSON Features; their names are written.
        points: GeoJSON Features of service points.
        chosen: a place to stand out, None for none.
        old: where the chosen place was before, joined to it by a line; None for none.
    """

    provinces: Sequence[JsonObject]
    districts: Sequence[JsonObject]
    points: Sequence[JsonObject]
    chosen: LonLat | None = None
    old: LonLat | None = None


def make_frame(bbox: str, width: str, height: str) -> Frame:
    """Read the parameters of a drawn map; the box is widened to the picture's shape.

    Args:
        bbox: ``west,south,east,north`` in degrees.
        width: pixels, 100 to 1600.
        height: pixels, 100 to 1200.

    Raises:
        UsageError: a number is missing, out of range, or the box is empty.
    """
    try:
        numbers = [float(part) for part in bbox.split(",")]
        west, south, east, north = numbers
        size = (int(width), int(height))
    except ValueError as error:
        raise _refusal("bbox") from error
    if not all(math.isfinite(n) for n in numbers) or not (
        -180 <= west <= east <= 180 and -85 <= south <= north <= 85  # noqa: PLR2004 - degrees
    ):
        raise _refusal("bbox")
    if not (MIN_SIDE_PX <= size[0] <= MAX_WIDTH_PX and MIN_SIDE_PX <= size[1] <= MAX_HEIGHT_PX):
        raise _refusal("width")
    return fit_frame((west, south, east, north), *size)


def _refusal(parameter: str) -> UsageError:
    problem = Problem(
        "web.map.bad_parameters",
        parameter=parameter,
        params={"width": MAX_WIDTH_PX, "height": MAX_HEIGHT_PX},
    )
    return UsageError("web.map.bad_parameters", problems=(problem,), **problem.params)


def fit_frame(bbox: BBox, width: int, height: int) -> Frame:
    """Widen a box so that a degree north is as long on the picture as the same way east."""
    west, south, east, north = bbox
    lon, lat = (west + east) / 2, (south + north) / 2
    shrink = math.cos(math.radians(lat))
    span_y = max(north - south, _SMALLEST_BOX_DEG, (east - west) * shrink * height / width)
    span_x = span_y * width / height / shrink
    return Frame(
        (lon - span_x / 2, lat - span_y / 2, lon + span_x / 2, lat + span_y / 2), width, height
    )


def draw_map(frame: Frame, things: DrawnThings, language: Language) -> bytes:
    """Draw the map and return it as a PNG with a small palette."""
    big = Image.new("RGB", (frame.width * _OVERSAMPLING, frame.height * _OVERSAMPLING), _WATER)
    pen = ImageDraw.Draw(big)
    window = shapely.box(*frame.bbox)
    for area in things.provinces:
        _fill(pen, frame, _clipped(area, window), _LAND)
    for area in things.districts:
        _outline(pen, frame, _clipped(area, window), _LINE, 2)
    for area in things.provinces:
        _outline(pen, frame, _clipped(area, window), _INK, 4)
    image = big.resize((frame.width, frame.height), Image.Resampling.BOX)
    del pen, big
    image = _draw_points(image, frame, things)
    _write_names(image, frame, things.districts, language)
    _scale_bar(ImageDraw.Draw(image), frame, language)
    buffer = io.BytesIO()
    image.quantize(64, dither=Image.Dither.NONE).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _clipped(area: JsonObject, window: BaseGeometry) -> list[BaseGeometry]:
    """Return the polygons of an area inside the window, grown a little so that edges hide."""
    if not area.get("geometry"):
        return []
    geometry = shapely.make_valid(shape(area["geometry"]))
    west, south, east, north = window.bounds
    margin = (east - west) * 0.05
    inside = shapely.clip_by_rect(
        geometry, west - margin, south - margin, east + margin, north + margin
    )
    return [part for part in shapely.get_parts(inside) if part.geom_type == "Polygon"]


def _ring(frame: Frame, polygon: BaseGeometry) -> list[tuple[float, float]]:
    ring = shapely.get_exterior_ring(polygon)
    return [frame.pixel(x, y, _OVERSAMPLING) for x, y in shapely.get_coordinates(ring)]


def _fill(
    pen: ImageDraw.ImageDraw, frame: Frame, polygons: Sequence[BaseGeometry], color: str
) -> None:
    for polygon in polygons:
        pen.polygon(_ring(frame, polygon), fill=color)


def _outline(
    pen: ImageDraw.ImageDraw,
    frame: Frame,
    polygons: Sequence[BaseGeometry],
    color: str,
    width: int,
) -> None:
    for polygon in polygons:
        pen.line(_ring(frame, polygon), fill=color, width=width, joint="curve")


def _draw_points(image: Image.Image, frame: Frame, things: DrawnThings) -> Image.Image:
    """Draw symbols on a twice as large copy, so that their edges are smooth."""
    big = image.resize((frame.width * _OVERSAMPLING, frame.height * _OVERSAMPLING))
    pen = ImageDraw.Draw(big)
    radius = 6.0 * _OVERSAMPLING
    for point in things.points:
        if not point.get("geometry"):
            continue
        lon, lat = point["geometry"]["coordinates"][:2]
        symbol = symbols()[top_category(point["properties"]["category"])]
        x, y = frame.pixel(lon, lat, _OVERSAMPLING)
        for grown, color in ((1.35, "#ffffff"), (1.0, symbol.color)):
            size = radius * grown
            pen.polygon([(x + cx * size, y + cy * size) for cx, cy in symbol.corners], fill=color)
    if things.chosen is not None:
        x, y = frame.pixel(*things.chosen, _OVERSAMPLING)
        if things.old is not None:
            _draw_move(pen, frame.pixel(*things.old, _OVERSAMPLING), (x, y))
        _draw_drop(pen, x, y, 13.0 * _OVERSAMPLING)
    return big.resize((frame.width, frame.height), Image.Resampling.BOX)


def _draw_move(
    pen: ImageDraw.ImageDraw, old: tuple[float, float], new: tuple[float, float]
) -> None:
    """Draw the old place as a ring and the way to the new one as a line."""
    for color, width in (("#ffffff", 5), (_INK, 2)):
        pen.line([old, new], fill=color, width=width * _OVERSAMPLING)
    for color, radius in (("#ffffff", 11), (_INK, 9), ("#ffffff", 6)):
        size = radius * _OVERSAMPLING
        pen.ellipse((old[0] - size, old[1] - size, old[0] + size, old[1] + size), fill=color)


def _draw_drop(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    """Draw the drop of the chosen place, its tip on the place."""
    top = y - 2.4 * radius
    for grown, color in ((1.18, "#ffffff"), (1.0, _CHOSEN), (0.4, "#ffffff")):
        size = radius * grown
        pen.ellipse((x - size, top - size, x + size, top + size), fill=color)
        if grown >= 1:
            pen.polygon(
                [
                    (x - size * 0.92, top + size * 0.45),
                    (x, y),
                    (x + size * 0.92, top + size * 0.45),
                ],
                fill=color,
            )


def _write_names(
    image: Image.Image, frame: Frame, districts: Sequence[JsonObject], language: Language
) -> None:
    """Write the districts' names where they do not run into each other."""
    pen = ImageDraw.Draw(image)
    font = thai_font(15)
    window = shapely.box(*frame.bbox)
    column = "name_th" if language == "th" and writes_thai() else "name_en"
    taken: list[tuple[float, float, float, float]] = []
    for area in sorted(districts, key=lambda a: str(a["id"])):
        parts = _clipped(area, window)
        name = area["properties"].get(column)
        if not parts or not name:
            continue
        middle = shapely.point_on_surface(max(parts, key=shapely.area))
        x, y = frame.pixel(middle.x, middle.y)
        box = pen.textbbox((x, y), name, font=font, anchor="mm")
        if box[0] < 0 or box[2] > frame.width or any(_overlap(box, other) for other in taken):
            continue
        taken.append(box)
        pen.text(
            (x, y), name, font=font, anchor="mm", fill=_INK, stroke_width=2, stroke_fill="#fff"
        )


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def scale_length_m(frame: Frame) -> float:
    """Return a round length in metres of about a fifth of the picture's width."""
    wanted = frame.metres_per_pixel * frame.width / 5
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(power * step for step in (5, 2, 1) if power * step <= wanted)


def _scale_bar(pen: ImageDraw.ImageDraw, frame: Frame, language: Language) -> None:
    length_m = scale_length_m(frame)
    length_px = length_m / frame.metres_per_pixel
    if length_m >= 1000:  # noqa: PLR2004 - metres of a kilometre
        text = message("web.map.km", language, {"n": f"{length_m / 1000:g}"})
    else:
        text = message("web.map.m", language, {"n": f"{length_m:g}"})
    if language == "th" and not writes_thai():
        text = message("web.map.m", "en", {"n": f"{length_m:g}"})
    x, y = 12, frame.height - 12
    pen.rectangle((x - 6, y - 28, x + length_px + 6, y + 6), fill="#ffffff")
    pen.line([(x, y - 6), (x, y), (x + length_px, y), (x + length_px, y - 6)], fill=_INK, width=2)
    pen.text((x + length_px / 2, y - 15), text, font=thai_font(13), anchor="mm", fill=_INK)
