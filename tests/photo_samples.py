# SPDX-License-Identifier: GPL-2.0-or-later
"""Pictures for tests: with all that a camera writes, damaged, oversized, or no pictures at all."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pillow_heif
from PIL import ExifTags, Image, ImageCms, ImageDraw, PngImagePlugin

MARKER = b"SECRET-OF-THE-CAMERA"
"""Planted wherever a file can carry words; must stand in nothing that is served."""

Fraction = tuple[int, int]


def picture(width: int = 800, height: int = 600, seed: int = 1) -> Image.Image:
    """Draw a picture whose perceptual hash depends on the seed."""
    chance = random.Random(seed)
    image = Image.new("RGB", (width, height), tuple(chance.randrange(256) for _ in range(3)))
    pen = ImageDraw.Draw(image)
    for _ in range(40):
        x, y = chance.randrange(width), chance.randrange(height)
        box = (x, y, x + chance.randrange(1, width // 2), y + chance.randrange(1, height // 2))
        pen.rectangle(box, fill=tuple(chance.randrange(256) for _ in range(3)))
    return image


def exif(
    lon_lat: tuple[float, float] | None = (99.8325, 19.9105),
    taken: str = "2026:11:01 09:30:00",
    orientation: int | None = None,
) -> Image.Exif:
    """Make EXIF with position, time and words of the camera."""
    tags = Image.Exif()
    words = MARKER.decode()
    tags[ExifTags.Base.Make] = words
    tags[ExifTags.Base.Artist] = words
    tags[ExifTags.Base.ImageDescription] = words
    if orientation is not None:
        tags[ExifTags.Base.Orientation] = orientation
    block = tags.get_ifd(ExifTags.IFD.Exif)
    block[ExifTags.Base.DateTimeOriginal] = taken
    block[ExifTags.Base.UserComment] = MARKER
    if lon_lat is not None:
        gps = tags.get_ifd(ExifTags.IFD.GPSInfo)
        gps[ExifTags.GPS.GPSLongitudeRef] = "E" if lon_lat[0] >= 0 else "W"
        gps[ExifTags.GPS.GPSLongitude] = _angle(abs(lon_lat[0]))
        gps[ExifTags.GPS.GPSLatitudeRef] = "N" if lon_lat[1] >= 0 else "S"
        gps[ExifTags.GPS.GPSLatitude] = _angle(abs(lon_lat[1]))
    return tags


def _angle(degrees: float) -> tuple[float, float, float]:
    whole = int(degrees)
    minutes = int((degrees - whole) * 60)
    return (float(whole), float(minutes), round((degrees - whole - minutes / 60) * 3600, 4))


@cache
def _profile() -> bytes:
    """Make a valid colour profile with the marker at its end; once, it holds the time of making."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile += MARKER
    profile[0:4] = struct.pack(">I", len(profile))
    return bytes(profile)


def _xmp() -> bytes:
    return b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a>' + MARKER + b"</a></x:xmpmeta>"


def jpeg(image: Image.Image | None = None, tags: Image.Exif | None = None, **more: int) -> bytes:
    """Make a JPEG with EXIF, XMP, a profile, a comment and an IPTC block."""
    target = io.BytesIO()
    (image or picture()).save(
        target, "JPEG", exif=tags or exif(), xmp=_xmp(), icc_profile=_profile(),
        comment=MARKER, **{"quality": 90} | more,
    )  # fmt: skip
    content = target.getvalue()
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(MARKER)) + MARKER
    segment = b"\xff\xed" + struct.pack(">H", len(iptc) + 2) + iptc
    return content[:2] + segment + content[2:]


def plain_jpeg(n_bytes: int, seed: int) -> bytes:
    """Make a JPEG of about a number of bytes, as a phone's: 12 Mpx with noise, EXIF and GPS."""
    import numpy as np

    chance = np.random.default_rng(seed)
    base = np.asarray(picture(4000, 3000, seed), dtype=np.int16)
    noise = chance.integers(-9, 10, base.shape, dtype=np.int16)
    image = Image.fromarray(np.clip(base + noise, 0, 255).astype(np.uint8))
    for quality in (80, 88, 93, 96):
        content = jpeg(image, quality=quality)
        if len(content) >= n_bytes:
            return content
    return content + b"\0" * (n_bytes - len(content))


def png() -> bytes:
    """Make a PNG with texts of all three kinds, EXIF, XMP and a profile."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", MARKER.decode())
    info.add_text("Author", MARKER.decode(), zip=True)
    info.add_itxt("Title", MARKER.decode())
    info.add_itxt("XML:com.adobe.xmp", _xmp().decode())
    target = io.BytesIO()
    picture().save(target, "PNG", pnginfo=info, exif=exif(), icc_profile=_profile())
    return target.getvalue()


def webp() -> bytes:
    """Make a WebP with EXIF, XMP and a profile."""
    target = io.BytesIO()
    picture().save(target, "WEBP", exif=exif(), xmp=_xmp(), icc_profile=_profile())
    return target.getvalue()


def heic() -> bytes:
    """Make a HEIC with EXIF and XMP."""
    pillow_heif.register_heif_opener()
    target = io.BytesIO()
    picture().save(target, "HEIF", exif=exif().tobytes(), xmp=_xmp(), quality=60)
    return target.getvalue()


def carriers() -> dict[str, bytes]:
    """Return one picture of each format, full of words."""
    return {"jpeg": jpeg(), "png": png(), "webp": webp(), "heic": heic()}


def png_header(width: int, height: int, body: bytes = b"") -> bytes:
    """Make a PNG that claims a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + crc

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", body or zlib.compress(b"\0" * 1000))
    return b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b"")


def jpeg_of_size(width: int, height: int) -> bytes:
    """Make a JPEG whose header claims another size than it has."""
    content = bytearray(jpeg())
    place = content.rindex(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def polyglot() -> bytes:
    """Make a JPEG that is a ZIP with a page as well."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("index.html", b"<script>alert(1)</script>" + MARKER)
    return jpeg() + target.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00" + b"\x00" * 20
NO_PICTURES = {
    "pdf": PDF,
    "svg": SVG,
    "html": HTML,
    "gif": GIF,
    "text": b"hello",
    "zeros": b"\0" * 99,
}


def assert_clean(content: bytes) -> Image.Image:
    """Check that a JPEG holds a picture and nothing else; return the picture."""
    assert MARKER not in content
    assert content[:2] == b"\xff\xd8"
    assert content.endswith(b"\xff\xd9")
    assert all(marker in _PLAIN_SEGMENTS for marker in _segments(content))
    image = Image.open(io.BytesIO(content))
    image.load()
    assert image.format == "JPEG"
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & image.info.keys()
    return image


# APP0, quantisation, frames, Huffman tables, scan: no APP1 and on, no comment.
_PLAIN_SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA}


def _segments(content: bytes) -> list[int]:
    """Return the marker of each segment up to the scan."""
    found, place = [], 2
    while content[place] == 0xFF and (not found or found[-1] != 0xDA):
        found.append(content[place + 1])
        place += 2 + struct.unpack(">H", content[place + 2 : place + 4])[0]
    return found


def saved(folder: Path, name: str, content: bytes) -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(content)
    return path
