"""Every mode and array type against values written down from the stated rules."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from neurolupa.images import UnreadableImage, image_size, open_image


def pixel(source: object, place: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    picture = open_image(source)
    assert picture.mode == "RGB"
    return picture.getpixel(place)


def grey(value: int) -> tuple[int, int, int]:
    return value, value, value


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 0), (128, 0), (129, 1), (257, 1), (32896, 128), (65535, 255)]
)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bit_grey_is_divided_by_257_and_rounded(encode, kind, value, expected):
    data = encode(np.array([[value, 65535]], dtype=np.uint16), kind)
    assert pixel(data) == grey(expected)
    assert pixel(np.array([[value]], dtype=np.uint16)) == grey(expected)


def test_big_endian_sixteen_bit_grey():
    assert pixel(np.array([[257 * 9]], dtype=">u2")) == grey(9)
    assert pixel(Image.frombytes("I;16B", (1, 1), bytes([9, 9]))) == grey(9)


def test_mode_i_is_sixteen_bit_or_refused():
    assert pixel(Image.new("I", (1, 1), 257 * 9)) == grey(9)
    for value in (-1, 65536):
        with pytest.raises(UnreadableImage, match=r"outside 0\.\.65535"):
            open_image(Image.new("I", (1, 1), value))


def test_greyscale_and_black_and_white(encode):
    assert pixel(encode(Image.new("L", (1, 1), 77))) == grey(77)
    assert pixel(encode(Image.new("1", (1, 1), 1))) == grey(255)


@pytest.mark.parametrize(("alpha", "expected"), [(0, (255, 255, 255)), (255, (10, 20, 30))])
def test_alpha_stands_over_white(encode, alpha, expected):
    assert pixel(encode(Image.new("RGBA", (1, 1), (10, 20, 30, alpha)))) == expected


def test_half_alpha_is_half_white(encode):
    # 0 * 128/255 + 255 * 127/255 = 127
    assert pixel(encode(Image.new("RGBA", (1, 1), (0, 0, 0, 128)))) == grey(127)
    assert pixel(encode(Image.new("LA", (1, 1), (0, 128)))) == grey(127)


def test_grey_with_alpha(encode):
    assert pixel(encode(Image.new("LA", (1, 1), (40, 255)))) == grey(40)
    assert pixel(encode(Image.new("LA", (1, 1), (40, 0)))) == grey(255)


@pytest.fixture
def palette() -> Image.Image:
    image = Image.new("P", (3, 1))
    image.putpalette([255, 0, 0, 0, 255, 0, 0, 0, 255])
    for column in range(3):
        image.putpixel((column, 0), column)
    return image


def test_palette(encode, palette):
    for kind in ("PNG", "GIF", "BMP", "TIFF"):
        data = encode(palette, kind)
        assert [pixel(data, (column, 0)) for column in range(3)] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]


@pytest.mark.parametrize("transparency", [1, bytes([255, 0, 255])])
def test_palette_with_a_transparent_colour(encode, palette, transparency):
    data = encode(palette, "PNG", transparency=transparency)
    assert [pixel(data, (column, 0)) for column in range(3)] == [(255, 0, 0), (255, 255, 255), (0, 0, 255)]


def test_rgb_with_a_transparent_colour(encode):
    data = encode(Image.new("RGB", (1, 1), (5, 6, 7)), "PNG", transparency=(5, 6, 7))
    assert pixel(data) == (255, 255, 255)


@pytest.mark.parametrize(
    ("inks", "expected"),
    [((0, 0, 0, 0), (255, 255, 255)), ((0, 0, 0, 255), (0, 0, 0)), ((255, 0, 0, 0), (0, 255, 255))],
)
@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk(encode, kind, inks, expected):
    found = pixel(encode(Image.new("CMYK", (8, 8), inks), kind))
    assert found == pytest.approx(expected, abs=2)


def test_other_colour_spaces():
    assert pixel(Image.new("YCbCr", (1, 1), (200, 128, 128))) == grey(200)
    assert pixel(Image.new("HSV", (1, 1), (0, 255, 255))) == (255, 0, 0)


def test_floating_point_pictures_are_0_to_1(encode):
    assert pixel(encode(Image.fromarray(np.array([[0.2]], dtype=np.float32)), "TIFF")) == grey(51)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floating_point_arrays(dtype):
    array = np.array([[[0, 0.2, 1]]], dtype=dtype)
    assert pixel(array) == (0, 51, 255)


@pytest.mark.parametrize("value", [-0.01, 1.01, np.nan, np.inf])
def test_floats_beyond_0_to_1_are_refused(value):
    with pytest.raises(UnreadableImage, match=r"outside 0\.\.1"):
        open_image(np.array([[0.5, value]]))


def test_arrays_of_every_shape():
    colour = np.array([1, 2, 3], dtype=np.uint8)
    assert pixel(colour[None, None]) == (1, 2, 3)
    assert pixel(np.array([[9]], dtype=np.uint8)) == grey(9)
    assert pixel(np.array([[[9]]], dtype=np.uint8)) == grey(9)
    assert pixel(np.array([[[1, 2, 3, 0]]], dtype=np.uint8)) == (255, 255, 255)
    assert pixel(np.array([[True]])) == grey(255)
    assert pixel(np.array([[200]], dtype=np.int64)) == grey(200)


def test_arrays_are_read_as_rows_and_columns_and_need_not_be_contiguous():
    array = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    assert pixel(array, (3, 1)) == (21, 22, 23)
    assert pixel(array[:, ::-1], (0, 1)) == (21, 22, 23)


@pytest.mark.parametrize("shape", [(3,), (3, 5, 5), (2, 2, 2), (1, 2, 3, 3), (0, 4), (4, 0, 3), ()])
def test_arrays_that_are_no_pictures(shape):
    with pytest.raises(UnreadableImage, match="an array of shape"):
        open_image(np.zeros(shape, dtype=np.uint8))


def test_array_types_and_values_that_are_no_pictures():
    for array in (np.array([["a"]]), np.array([[1j]]), np.array([[object()]])):
        with pytest.raises(UnreadableImage, match="an array of type"):
            open_image(array)
    with pytest.raises(UnreadableImage, match=r"int64 values outside 0\.\.255"):
        open_image(np.array([[256]]))


def test_size_of_arrays_and_pictures_without_opening_them(encode):
    assert image_size(np.zeros((5, 7, 3))) == (7, 5)
    assert image_size(Image.open(BytesIO(encode(Image.new("L", (7, 5)))))) == (7, 5)
    with pytest.raises(UnreadableImage, match="damaged"):
        image_size(np.zeros(3))
