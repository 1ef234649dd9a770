# SPDX-License-Identifier: GPL-2.0-or-later
"""Read an uploaded photo safely and draw it anew in three sizes, without anything it carried.

The content alone says what a file is.  Its header is judged before anything is decoded, one
picture is taken of files with several, and what leaves are plain JPEG files in sRGB: no EXIF,
XMP, IPTC, comment, profile or appended file survives being drawn anew.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import imagehash
import pillow_heif
from PIL import Image, ImageCms

from geoapi.errors import InvalidDocumentError, Problem, TooLargeError
from geoapi.photos.capture import TAG_ERRORS, Capture, exif_of, orientation_of, read_capture
from geoapi.types import LonLat

MAX_BYTES = 15_000_000
MAX_PIXELS = 50_000_000
# Its decoder holds several copies of a picture.
MAX_PIXELS_WEBP = 20_000_000
MIN_SIDE_PX = 16
# {size: (longest side in px, JPEG quality)}; largest first, each is made from the one before.
SIZES = {"full": (2560, 85), "medium": (1280, 80), "thumb": (320, 75)}
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
_DRAWN_MODES = frozenset({"RGB", "RGBA", "L", "CMYK"})
_STRIP_ROWS = 128
_MAX_PROFILE_BYTES = 1_000_000
# Two are decoded at a time in a process; of those that need several bytes a pixel, one.
_LARGE_PIXELS = 20_000_000
_GATE = threading.BoundedSemaphore(2)
_LARGE_GATE = threading.Lock()
_DECODING_ERRORS = (
    *TAG_ERRORS, EOFError, MemoryError, RuntimeError, Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)  # fmt: skip
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


@dataclass(frozen=True)
class Prepared:
    """A photo as it is kept.

    Attributes:
        files: {size: JPEG}, for each of ``SIZES``.
        width_px: of the size ``full``, as it is looked at.
        height_px: of the size ``full``.
        phash: perceptual hash of 64 bits, 16 hexadecimal digits.
        capture: what was kept of the camera's own data.
    """

    files: dict[str, bytes]
    width_px: int
    height_px: int
    phash: str
    capture: Capture


def prepare(source: bytes | Path, point: LonLat | None, today: date) -> Prepared:
    """Read a photo and draw it anew.

    Args:
        source: the file's content, or where it is.
        point: (lon, lat) of its service point in degrees, None when it has none yet.
        today: in Asia/Bangkok.

    Raises:
        TooLargeError: more than ``MAX_BYTES``.
        InvalidDocumentError: no JPEG, PNG, WebP or HEIF picture, too many pixels, or damaged.
    """
    n_bytes = len(source) if isinstance(source, bytes) else source.stat().st_size
    if n_bytes > MAX_BYTES:
        raise TooLargeError("photos.too_many_bytes", limit_mb=MAX_BYTES // 1_000_000)
    if n_bytes == 0:
        raise _refused("photos.empty")
    with ExitStack() as stack:
        file: BinaryIO
        if isinstance(source, bytes):
            file = io.BytesIO(source)
        else:
            file = stack.enter_context(source.open("rb"))
        return _prepare(stack, file, point, today)


def _prepare(stack: ExitStack, file: BinaryIO, point: LonLat | None, today: date) -> Prepared:
    stack.enter_context(_GATE)
    image = stack.enter_context(_opened(file))
    exif = exif_of(image)
    capture = read_capture(exif, point, today)
    if image.width * image.height > _LARGE_PIXELS:
        stack.enter_context(_LARGE_GATE)
    try:
        whole = _turned(_to_srgb(_shrunk(image)), orientation_of(exif))
    except _DECODING_ERRORS as error:
        raise _refused("photos.damaged") from error
    return _draw(whole, capture)


@cache
def _prepare_pillow() -> None:
    """Teach Pillow HEIF, the format of many phones, and not to complain of damaged tags."""
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    pillow_heif.register_heif_opener(thumbnails=False)


@contextmanager
def _opened(file: BinaryIO) -> Iterator[Image.Image]:
    """Open an image by its content and judge its header.

    Raises:
        InvalidDocumentError: not one of our formats, too large or too small.
    """
    _prepare_pillow()
    try:
        image = Image.open(file, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(MAX_PIXELS) from error
    except _DECODING_ERRORS as error:
        raise _refused("photos.unknown_type") from error
    with image:
        limit = MAX_PIXELS_WEBP if image.format == "WEBP" else MAX_PIXELS
        if image.width * image.height > limit:
            raise _too_many_pixels(limit)
        if min(image.size) < MIN_SIDE_PX:
            raise _refused("photos.too_few_pixels", limit_px=MIN_SIDE_PX)
        yield image


def _shrunk(image: Image.Image) -> Image.Image:
    """Decode, no larger than ``full``; large ones are never held twice."""
    side = SIZES["full"][0]
    if image.format in {"JPEG", "MPO"}:
        # the decoder itself leaves out what is not needed
        image.draft(None, (side, side))
    image.load()
    factor = max(1, max(image.size) // side)
    if factor > 1 or image.mode not in _DRAWN_MODES or "transparency" in image.info:
        image = _reduced(image, factor)
    image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=None)
    return image


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Return the image in a mode that can be drawn with, a whole number of times smaller.

    It is made in strips: converting or reducing a whole one would hold it a second time.
    """
    width, height = image.size
    reduced: Image.Image | None = None
    rows = _STRIP_ROWS * factor
    for top in range(0, height, rows):
        strip = _drawable(image.crop((0, top, width, min(top + rows, height)))).reduce(factor)
        if reduced is None:
            size = (strip.width, -(-height // factor))
            reduced = Image.new(strip.mode, size)
            reduced.info = {k: v for k, v in image.info.items() if k == "icc_profile"}
        reduced.paste(strip, (0, top // factor))
    return image if reduced is None else reduced


def _drawable(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits of grey
        return image.point(lambda value: value / 256).convert("L")
    if "transparency" in image.info or image.mode in {"PA", "RGBa", "La", "LA"}:
        return image.convert("RGBA")
    return image if image.mode in _DRAWN_MODES else image.convert("RGB")


def _to_srgb(image: Image.Image) -> Image.Image:
    """Return the colours as screens without management show them, on white where transparent."""
    profile = image.info.get("icc_profile")
    if image.mode == "RGBA":
        ground = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(ground, image).convert("RGB")
    if profile and len(profile) <= _MAX_PROFILE_BYTES and image.mode in {"RGB", "CMYK", "L"}:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            managed = ImageCms.profileToProfile(
                image, given, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, *TAG_ERRORS):
            managed = None  # a profile that can't be used says nothing
        image = image if managed is None else managed
    return image.convert("RGB")


def _turned(image: Image.Image, orientation: int) -> Image.Image:
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)


def _draw(image: Image.Image, capture: Capture) -> Prepared:
    files: dict[str, bytes] = {}
    width_px, height_px = image.size
    for size, (side_px, quality) in SIZES.items():
        image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
        # Pillow writes comments and more that it finds here
        image.info.clear()
        target = io.BytesIO()
        image.save(target, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=None)
        files[size] = target.getvalue()
    return Prepared(files, width_px, height_px, str(imagehash.phash(image)), capture)


def distance_bits(one: str, other: str) -> int:
    """Return in how many of 64 bits two perceptual hashes differ.

    >>> distance_bits("00000000000000ff", "00000000000000fe")
    1
    """
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _too_many_pixels(limit: int) -> InvalidDocumentError:
    return _refused("photos.too_many_pixels", limit_mpx=limit // 1_000_000)


def _refused(
    message_id: str,
    **params: Any,  # noqa: ANN401 - placeholders take any printable value
) -> InvalidDocumentError:
    problem = Problem(message_id, "/file", params=dict(params))
    return InvalidDocumentError(message_id, problems=(problem,), **params)
