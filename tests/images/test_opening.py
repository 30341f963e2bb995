"""open_image: whatever comes in, an upright RGB picture or UnreadableImage with its reason."""

import os
import pickle
import stat
import struct
import time
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from neurolupa.errors import UsageError
from neurolupa.images import UnreadableImage, image_size, open_image
from neurolupa.images.opening import FORMATS

# The stored picture is A B C above D E F. The EXIF standard says for each orientation which visual edges the
# stored row 0 and column 0 are; from that the upright pictures were written down by hand.
UPRIGHT = {
    1: ["ABC", "DEF"],
    2: ["CBA", "FED"],
    3: ["FED", "CBA"],
    4: ["DEF", "ABC"],
    5: ["AD", "BE", "CF"],
    6: ["DA", "EB", "FC"],
    7: ["FC", "EB", "DA"],
    8: ["CF", "BE", "AD"],
}
SHADES = {"A": 0, "B": 50, "C": 100, "D": 150, "E": 200, "F": 250}
BLOCK = 16


def stored(orientation: int) -> tuple[Image.Image, Image.Exif]:
    letters = np.array([[SHADES[letter] for letter in row] for row in UPRIGHT[1]], dtype=np.uint8)
    grey = np.kron(letters, np.ones((BLOCK, BLOCK), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    return Image.fromarray(np.stack([grey] * 3, axis=2)), exif


def seen(picture: Image.Image) -> list[str]:
    centres = np.asarray(picture)[BLOCK // 2 :: BLOCK, BLOCK // 2 :: BLOCK, 0].astype(int)
    name = {shade: letter for letter, shade in SHADES.items()}
    return ["".join(name[round(value / 50) * 50] for value in row) for row in centres]


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_exif_orientation_makes_the_picture_upright(encode, kind, orientation):
    image, exif = stored(orientation)
    data = encode(image, kind, exif=exif)
    picture = open_image(data)
    assert seen(picture) == UPRIGHT[orientation]
    assert image_size(data) == picture.size
    assert seen(open_image(Image.open(BytesIO(data)))) == UPRIGHT[orientation]


def test_an_upright_picture_is_not_turned_again(encode):
    image, exif = stored(6)
    once = open_image(encode(image, "JPEG", exif=exif))
    assert np.array_equal(np.asarray(open_image(once)), np.asarray(once))


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_a_senseless_orientation_changes_nothing(encode, orientation):
    image, exif = stored(orientation)
    assert seen(open_image(encode(image, exif=exif))) == UPRIGHT[1]


def test_a_damaged_exif_block_does_not_cost_the_picture(encode):
    image, _ = stored(1)
    data = encode(image, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert seen(open_image(data)) == UPRIGHT[1]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_allowed_format_is_read_from_a_path_bytes_and_a_stream(encode, noise, tmp_path, kind):
    data = encode(noise, kind)
    path = tmp_path / "picture.dat"
    path.write_bytes(data)
    pictures = [open_image(source) for source in (path, str(path), data, BytesIO(data))]
    assert {(picture.mode, picture.size) for picture in pictures} == {("RGB", (64, 48))}
    if kind in ("PNG", "BMP", "TIFF", "PPM"):
        assert all(np.array_equal(np.asarray(picture), noise) for picture in pictures)


@pytest.mark.parametrize("kind", ["ICO", "JPEG2000", "TGA", "PDF", "ICNS"])
def test_other_formats_are_no_images(encode, kind):
    with pytest.raises(UnreadableImage) as caught:
        open_image(encode(Image.new("RGB", (32, 32)), kind))
    assert caught.value.reason == "not an image"


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_cut_file_is_truncated(encode, noise, kind, share):
    data = encode(noise, kind)
    with pytest.raises(UnreadableImage) as caught:
        open_image(data[: max(16, int(len(data) * share))])
    assert caught.value.reason == "truncated"


def test_a_damaged_file_is_told_from_a_cut_one(encode, noise):
    data = bytearray(encode(noise))
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    with pytest.raises(UnreadableImage) as caught:
        open_image(bytes(data))
    assert caught.value.reason == "damaged"


def test_a_damaged_webp_header_is_not_called_truncated(encode, noise):
    data = bytearray(encode(noise, "WEBP"))
    data[12:16] = b"ZZZZ"
    with pytest.raises(UnreadableImage) as caught:
        open_image(bytes(data))
    assert caught.value.reason == "damaged"


def huge_png(width: int, height: int) -> bytes:
    """A PNG whose header claims a size that its few bytes of pixels do not have."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(99)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(20000, 20000), (10001, 10000), (1, 100_000_001)])
def test_more_than_the_cap_is_refused_from_the_header(size):
    with pytest.raises(UnreadableImage) as caught:
        open_image(huge_png(*size))
    assert caught.value.reason == f"too large: {size[0]} x {size[1]} pixels"


def test_exactly_the_cap_is_decoded_and_the_cap_can_be_set(encode, noise):
    data = encode(noise)
    assert open_image(data, max_pixels=64 * 48).size == (64, 48)
    for source in (data, Image.open(BytesIO(data))):
        with pytest.raises(UnreadableImage, match="too large: 64 x 48 pixels"):
            open_image(source, max_pixels=64 * 48 - 1)


def test_at_the_default_cap_a_header_is_not_yet_too_large():
    with pytest.raises(UnreadableImage) as caught:
        open_image(huge_png(10000, 10000))
    assert caught.value.reason == "truncated"


def test_what_lies_on_disk_but_is_no_picture(tmp_path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.jpg").write_text("hello, I am a picture")
    os.mkfifo(tmp_path / "pipe.jpg")
    reasons = {
        "folder.png": "a directory",
        "empty.png": "empty file",
        "text.jpg": "not an image",
        "pipe.jpg": "not a regular file",
        "absent.png": "file not found",
        "text.jpg/inside.png": "file not found",
    }
    for name, reason in reasons.items():
        with pytest.raises(UnreadableImage) as caught:
            open_image(tmp_path / name)
        assert caught.value.reason == reason
        assert str(caught.value) == f"{Path(name).name}: {reason}"


def test_missing_permission(tmp_path, encode, noise, monkeypatch):
    path = tmp_path / "secret.png"
    path.write_bytes(encode(noise))
    path.chmod(0)

    def refuse(self, *args, **kwargs):  # root may read everything, so the system's answer is played
        raise PermissionError(13, "Permission denied", str(self))

    if os.access(path, os.R_OK):
        monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UnreadableImage) as caught:
        open_image(path)
    assert caught.value.reason == "no permission"
    path.chmod(stat.S_IRUSR)


def test_a_lying_extension_is_ignored(tmp_path, encode, noise):
    path = tmp_path / "picture.jpg"
    path.write_bytes(encode(noise))
    assert np.array_equal(np.asarray(open_image(path)), noise)


def test_the_first_frame_of_an_animation(encode):
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "lime", "blue")]
    for kind in ("GIF", "PNG", "TIFF", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        assert open_image(data).getpixel((2, 2)) == (255, 0, 0)


def test_one_pixel(encode):
    assert open_image(encode(Image.new("RGB", (1, 1), (1, 2, 3)))).getpixel((0, 0)) == (1, 2, 3)


def test_the_source_stays_as_it_was(noise):
    image = Image.fromarray(noise)
    picture = open_image(image)
    picture.putpixel((0, 0), (1, 2, 3))
    assert np.array_equal(np.asarray(image), noise)
    array = noise.copy()
    open_image(array).putpixel((0, 0), (1, 2, 3))
    assert np.array_equal(array, noise)


def test_a_lazily_opened_picture_may_be_asked_for_by_many_threads(encode, noise):
    image = Image.open(BytesIO(encode(noise)))
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(open_image, [image] * 32))
    assert all(np.array_equal(np.asarray(picture), noise) for picture in pictures)


def test_pictures_from_outside_are_copied_one_at_a_time():
    inside, most = [], []

    class Watched(Image.Image):
        def copy(self) -> Image.Image:
            inside.append(self)
            most.append(len(inside))
            time.sleep(0.002)
            inside.pop()
            return Image.new("RGB", (2, 2))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: open_image(Watched()), range(12)))
    assert most == [1] * 12


@pytest.mark.parametrize("source", [5, None, [1, 2], {"a": 1}])
def test_what_is_no_source_at_all_is_a_usage_error(source):
    with pytest.raises(UsageError, match="cannot open a"):
        open_image(source)


def test_the_error_survives_a_process_boundary():
    again = pickle.loads(pickle.dumps(UnreadableImage("truncated", "cat.jpg")))
    assert (str(again), again.reason, again.name) == ("cat.jpg: truncated", "truncated", "cat.jpg")


def outcome(data: bytes) -> str:
    """The mode of the picture or the reason why there is none; anything else is raised."""
    try:
        return open_image(data, max_pixels=10**6).mode
    except UnreadableImage as error:
        return error.reason


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(FORMATS)), seed=st.integers(0, 10**6), count=st.integers(1, 40))
def test_no_damage_raises_anything_else(encode, noise, kind, seed, count):
    data = bytearray(encode(noise[:12, :12], kind))
    chance = np.random.default_rng(seed)
    for place in chance.integers(0, len(data), count):
        data[place] = chance.integers(0, 256)
    assert outcome(bytes(data))


@settings(max_examples=100, deadline=None)
@given(
    start=st.sampled_from([b"", b"\xff\xd8\xff", b"BM", b"GIF89a", b"II*\0", b"P6 ", b"RIFF\1\0\0\0WEBP"]),
    rest=st.binary(),
)
def test_no_junk_raises_anything_else(start, rest):
    assert outcome(start + rest)
