# SPDX-License-Identifier: GPL-2.0-or-later
"""Photos are read by content, within limits, and leave as JPEG without a word of the camera."""

import io
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from geoapi.errors import InvalidDocumentError, TooLargeError
from geoapi.photos.imaging import MAX_BYTES, SIZES, Prepared, distance_bits, prepare
from tests import photo_samples as samples

TODAY = date(2026, 11, 22)
POINT = (99.8325, 19.9105)
# Looked up once: hypothesis cuts and changes it.
BASES = [samples.jpeg(samples.picture(64, 48)), samples.png(), samples.webp(), samples.heic()]


def prepared(content: bytes) -> Prepared:
    return prepare(content, POINT, TODAY)


def reason(content: bytes) -> str:
    with pytest.raises(InvalidDocumentError) as caught:
        prepared(content)
    return caught.value.message_id


@pytest.mark.parametrize("kind", samples.carriers())
def test_nothing_of_the_camera_is_in_any_size(kind):
    content = samples.carriers()[kind]
    assert samples.MARKER in content or kind == "png"  # a PNG may compress its words
    made = prepared(content)
    assert set(made.files) == set(SIZES)
    for size, (side_px, _) in SIZES.items():
        image = samples.assert_clean(made.files[size])
        assert max(image.size) <= side_px


@pytest.mark.parametrize("kind", samples.carriers())
def test_keeps_day_and_distance_alone(kind):
    capture = prepared(samples.carriers()[kind]).capture
    assert capture.taken_on == date(2026, 11, 1)
    assert capture.distance_m == 0


def test_distance_is_rounded_to_ten_metres():
    content = samples.jpeg(tags=samples.exif((99.8325, 19.9205)))
    assert prepared(content).capture.distance_m == 1110  # 0.01 degrees of latitude are 1106.9 m


@pytest.mark.parametrize("place", [(0.0, 0.0), (99.8, 91.0), (190.0, 19.0)])
def test_ignores_a_position_that_cannot_be(place):
    assert prepared(samples.jpeg(tags=samples.exif(place))).capture.distance_m is None


@pytest.mark.parametrize(
    "taken", ["2026:11:23 00:00:00", "1999:01:01 00:00:00", "0000:00:00 00:00:00", "soon", ""]
)
def test_ignores_a_day_that_cannot_be(taken):
    assert prepared(samples.jpeg(tags=samples.exif(taken=taken))).capture.taken_on is None


class Fraction:
    """A fraction as it stands in a file, which Pillow would not write."""

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator, self.denominator = numerator, denominator

    def __float__(self) -> float:
        return self.numerator / self.denominator


@pytest.mark.parametrize(
    "value",
    [
        (Fraction(19, -1), Fraction(0, 1), Fraction(0, 1)),
        (Fraction(19, 0), Fraction(0, 0), Fraction(0, 0)),
        (-19.0, 0.0, 0.0), (float("nan"), 0.0, 0.0), (float("inf"), 0.0, 0.0), (19.0,), 19.0,
        "19", None, (None, None, None),
    ],
)  # fmt: skip
def test_ignores_angles_that_are_none(value):
    from PIL import ExifTags

    from geoapi.photos.capture import read_capture

    gps = {
        ExifTags.GPS.GPSLatitudeRef: "N", ExifTags.GPS.GPSLatitude: value,
        ExifTags.GPS.GPSLongitudeRef: "E", ExifTags.GPS.GPSLongitude: (99.0, 49.0, 57.0),
    }  # fmt: skip
    assert read_capture({ExifTags.IFD.GPSInfo: gps}, POINT, TODAY).distance_m is None
    gps[ExifTags.GPS.GPSLatitude] = (19.0, 54.0, 37.8)
    assert read_capture({ExifTags.IFD.GPSInfo: gps}, POINT, TODAY).distance_m == 0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_the_picture_as_it_was_held(orientation):
    image = Image.new("RGB", (400, 300), "white")
    image.paste("red", (0, 0, 200, 150))  # upper left
    made = prepared(samples.jpeg(image, samples.exif(orientation=orientation)))
    sideways = orientation >= 5
    assert (made.width_px, made.height_px) == ((300, 400) if sideways else (400, 300))
    thumb = Image.open(io.BytesIO(made.files["thumb"]))
    w, h = thumb.size
    corners = {
        (x, y): thumb.getpixel((w // 4 + x * w // 2, h // 4 + y * h // 2))
        for x in (0, 1)
        for y in (0, 1)
    }
    red = next(place for place, (r, g, _) in corners.items() if r > 180 and g < 90)
    # EXIF 2.3, table 6: where the file's upper left lies when looked at
    at = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    assert red == at[orientation]


@pytest.mark.parametrize("kind", samples.NO_PICTURES)
def test_refuses_what_is_no_photo(kind):
    assert reason(samples.NO_PICTURES[kind]) == "photos.unknown_type"


def test_refuses_an_empty_file():
    assert reason(b"") == "photos.empty"


@pytest.mark.parametrize(
    "bomb",
    [samples.png_header(30_000, 30_000), samples.png_header(10_000, 5_001),
     samples.jpeg_of_size(65_000, 65_000), samples.jpeg_of_size(10_000, 5_001)],
    ids=["png", "png-just-above", "jpeg", "jpeg-just-above"],
)  # fmt: skip
def test_refuses_a_bomb_by_its_header(bomb):
    assert reason(bomb) == "photos.too_many_pixels"


def test_refuses_a_bomb_without_memory():
    script = (
        "import resource, sys\n"
        "from datetime import date\n"
        "from geoapi.errors import InvalidDocumentError\n"
        "from geoapi.photos.imaging import prepare\n"
        "from tests.photo_samples import png_header\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: prepare(png_header(30000, 30000), None, date(2026, 1, 1))\n"
        "except InvalidDocumentError: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 20_000  # KiB


def test_refuses_more_bytes_than_allowed():
    with pytest.raises(TooLargeError):
        prepared(samples.jpeg() + b"\0" * MAX_BYTES)


def test_refuses_a_picture_of_a_few_pixels():
    assert reason(samples.jpeg(samples.picture(15, 600))) == "photos.too_few_pixels"


@pytest.mark.parametrize("kind", samples.carriers())
def test_refuses_half_a_file(kind):
    content = samples.carriers()[kind]
    assert reason(content[: len(content) // 2]) in {"photos.damaged", "photos.unknown_type"}


def test_takes_the_picture_out_of_a_polyglot():
    for content in prepared(samples.polyglot()).files.values():
        samples.assert_clean(content)
        assert b"index.html" not in content
        assert b"PK\x03\x04" not in content


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_draws_every_mode(mode):
    target = io.BytesIO()
    image = (
        Image.new("I;16", (300, 200), 40_000) if mode == "I;16" else samples.picture().convert(mode)
    )
    image.save(target, "JPEG" if mode == "CMYK" else "PNG")
    assert samples.assert_clean(prepared(target.getvalue()).files["full"]).mode == "RGB"


def test_puts_transparent_pictures_on_white():
    target = io.BytesIO()
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(target, "PNG")
    thumb = Image.open(io.BytesIO(prepared(target.getvalue()).files["thumb"]))
    assert thumb.getpixel((50, 50)) == (255, 255, 255)


def test_takes_the_first_picture_of_an_animation():
    target = io.BytesIO()
    frames = [samples.picture(seed=n) for n in range(3)]
    frames[0].save(target, "WEBP", save_all=True, append_images=frames[1:])
    alone = io.BytesIO()
    frames[0].save(alone, "WEBP")
    both = prepared(target.getvalue()).phash, prepared(alone.getvalue()).phash
    assert distance_bits(*both) <= 2


def test_the_same_scene_has_nearly_the_same_hash_and_another_has_not():
    one = prepared(samples.jpeg(samples.picture(seed=1))).phash
    again = prepared(samples.jpeg(samples.picture(seed=1).resize((640, 480)), quality=40)).phash
    other = prepared(samples.jpeg(samples.picture(seed=2))).phash
    assert len(one) == 16
    assert distance_bits(one, again) <= 4
    assert distance_bits(one, other) > 4


# Pillow complains of damaged tags; the server does not listen.
@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(BASES), st.data())
def test_any_damage_is_refused_or_cleaned(base, data):
    content = bytearray(base)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    try:
        made = prepared(bytes(content))
    except InvalidDocumentError:
        return
    for clean in made.files.values():
        samples.assert_clean(clean)


@pytest.mark.filterwarnings("ignore::UserWarning")
@settings(max_examples=100, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xff\xd8\xff\xe1", b"\x89PNG\r\n\x1a\n", b"RIFF"]),
)
def test_any_bytes_are_refused(tail, head):
    with pytest.raises(InvalidDocumentError):
        prepared(head + tail)
