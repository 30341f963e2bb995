"""A damaged picture is a picture of the size that its header tells, or one line."""

from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from neurolupa.images import UnreadableImage, image_size, open_image

from .effort import EFFORTS, fuzz, kept
from .ends import outcome
from .mutations import DAMAGES, damaged

MOST_PIXELS = 250_000
_SIDES = (9, 7)


@cache
def seeds() -> dict[str, bytes]:
    """Small pictures of every format and of the modes that are rare."""
    noise = np.random.default_rng(0)
    width, height = _SIDES
    rgb = Image.fromarray(noise.integers(0, 256, (height, width, 3), np.uint8))
    deep = Image.fromarray(noise.integers(0, 65536, (height, width), np.uint16))
    floats = Image.fromarray(noise.random((height, width), np.float32))
    turned = Image.Exif()
    turned[0x0112] = 6
    animated = {"save_all": True, "append_images": [rgb.rotate(180)]}
    transparent = rgb.convert("P")
    transparent.info["transparency"] = 3
    return {
        "png": _saved(rgb, "PNG"),
        "png-alpha": _saved(rgb.convert("RGBA"), "PNG"),
        "png-palette": _saved(transparent, "PNG"),
        "png-16-bit": _saved(deep, "PNG"),
        "png-turned": _saved(rgb, "PNG", exif=turned),
        "png-animated": _saved(rgb, "PNG", **animated),
        "jpeg": _saved(rgb, "JPEG"),
        "jpeg-progressive": _saved(rgb, "JPEG", progressive=True),
        "jpeg-cmyk": _saved(rgb.convert("CMYK"), "JPEG"),
        "jpeg-turned": _saved(rgb, "JPEG", exif=turned),
        "gif": _saved(rgb.convert("P"), "GIF"),
        "gif-animated": _saved(rgb, "GIF", **animated),
        "bmp": _saved(rgb, "BMP"),
        "bmp-bilevel": _saved(rgb.convert("1"), "BMP"),
        "tiff": _saved(rgb, "TIFF"),
        "tiff-lzw": _saved(rgb, "TIFF", compression="tiff_lzw"),
        "tiff-jpeg": _saved(rgb, "TIFF", compression="jpeg"),
        "tiff-16-bit": _saved(deep, "TIFF"),
        "tiff-float": _saved(floats, "TIFF"),
        "tiff-cmyk": _saved(rgb.convert("CMYK"), "TIFF"),
        "tiff-pages": _saved(rgb, "TIFF", **animated),
        "webp": _saved(rgb, "WEBP"),
        "webp-lossless": _saved(rgb.convert("RGBA"), "WEBP", lossless=True),
        "ppm": _saved(rgb, "PPM"),
        "pgm-16-bit": _saved(deep, "PPM"),
        "ppm-typed": b"P3\n2 2\n255\n" + b"1 2 3 " * 4,
    }


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


@st.composite
def damaged_pictures(draw: st.DrawFn) -> bytes:
    name, other = draw(st.tuples(*[st.sampled_from(sorted(seeds()))] * 2))
    return damaged(seeds()[name], draw(DAMAGES), seeds()[other])


def check(source: bytes | Path) -> None:
    picture, line = outcome(lambda: open_image(source, max_pixels=MOST_PIXELS))
    size, no_size = outcome(lambda: image_size(source))
    if line is None:
        assert (picture.mode, picture.size) == ("RGB", size)
        assert np.asarray(picture).dtype == np.uint8
        assert no_size is None, "a picture without a size"


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_bytes(effort: str) -> None:
    fuzz(effort, "pictures", damaged_pictures(), check, 0.75)


@pytest.mark.parametrize("effort", EFFORTS)
def test_damaged_files(effort: str, tmp_path: Path) -> None:
    path = tmp_path / "picture.dat"

    def written(data: bytes) -> None:
        path.write_bytes(data)
        check(path)

    fuzz(effort, "pictures", damaged_pictures(), written, 0.25)


@pytest.mark.parametrize("name", seeds())
def test_what_is_not_damaged_is_read(name: str) -> None:
    upright = _SIDES[::-1] if "turned" in name else _SIDES
    assert open_image(seeds()[name]).size == ((2, 2) if name == "ppm-typed" else upright)


@pytest.mark.parametrize("path", kept("pictures"))
def test_kept_inputs(path: Path) -> None:
    check(path)
    check(path.read_bytes())


def test_a_line_names_the_file_and_no_other_error_escapes(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    path.write_bytes(seeds()["png"][:40])
    with pytest.raises(UnreadableImage, match=r"^cut\.png: truncated$"):
        open_image(path)
