"""The feature maps and what is said of pictures, against the definitions and written-down pictures."""

import numpy as np
import pytest
from scipy.ndimage import correlate
from scipy.stats import t

from neurolupa.units.appearance import FEATURES, feature_maps, texture_profile

from .networks import SIDE, known, noise


def by_definition(pixels):
    """(6, H, W), position by position."""
    rgb = pixels / 255
    grey = rgb @ [0.2125, 0.7154, 0.0721]
    down = correlate(grey, np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 4, mode="reflect")
    across = correlate(grey, np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]) / 4, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(grey, 1, mode="symmetric"), (3, 3))
    steps = np.hypot(*np.gradient(grey))
    shapes = [np.hypot(down, across) / np.sqrt(2), windows.std((2, 3)), steps]
    return np.stack([*shapes, *np.moveaxis(rgb, -1, 0)])


def test_the_six_maps_are_those_of_the_definitions():
    (pixels,) = noise()
    np.testing.assert_allclose(feature_maps(pixels / 255), by_definition(pixels), atol=1e-9)


def test_a_flat_picture_has_no_edges_and_no_texture():
    assert not feature_maps(np.full((9, 9, 3), 0.7))[:3].round(12).any()


def profile(*pictures, unit=3):
    return texture_profile(known(), list(pictures), "1", unit)


def board(low, high, side=SIDE):
    """A chequered picture, one pixel a square."""
    fields = np.indices((side, side)).sum(0) % 2
    return np.where(fields[..., None], high, low).astype(np.uint8).repeat(3, 2)


@pytest.mark.parametrize(
    ("low", "high", "level"),
    [(0, 255, "rough"), (100, 160, "moderate"), (100, 130, "smooth"), (9, 9, "smooth")],
)
def test_texture_is_the_deviation_of_a_chequered_window(low, high, level):
    """Inside 3 x 3 fields 5 have one value and 4 the other: a deviation of sqrt(20) / 9 of the contrast."""
    found = profile(board(low, high)).texture
    inner = np.sqrt(20) / 9 * (high - low) / 255
    assert found.mean == pytest.approx(inner, rel=0.03)  # the mirrored border has 3 and 6
    assert found.level == level
    assert found.pictures == {level: 1}


@pytest.mark.parametrize(("step", "level"), [(1, "simple"), (2, "moderate"), (4, "complex")])
def test_complexity_is_the_share_of_edges(step, level):
    """A black to white border every 16 / step pixels: two columns of sqrt(1/2) each."""
    width = SIDE // (2 * step)
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[:, np.arange(SIDE) // width % 2 == 1] = 255
    borders = SIDE // width - 1
    found = profile(pixels).edges
    assert found.mean == pytest.approx(borders * 2 * np.sqrt(0.5) / SIDE)
    assert found.highest == pytest.approx(np.sqrt(0.5))
    expected = "complex" if found.mean > 0.15 else "moderate" if found.mean > 0.08 else "simple"
    assert found.level == expected


def test_colours_are_those_of_the_picture_and_the_highest_is_dominant():
    pixels = np.zeros((SIDE, SIDE, 3), np.uint8)
    pixels[..., 0] = 51
    pixels[: SIDE // 2, :, 1] = 204
    found = profile(pixels)
    red, green, blue = found.channels
    assert (red.mean, red.std, red.median, red.low, red.high) == pytest.approx((0.2, 0, 0.2, 0.2, 0.2))
    assert (green.mean, green.std, green.median) == pytest.approx((0.4, 0.4, 0.4))
    assert (green.low, green.high, blue.mean) == pytest.approx((0, 0.8, 0))
    assert found.dominant == "green"
    assert profile(board(0, 255)).dominant == "none"


def test_over_many_pictures_everything_is_over_all_pixels():
    pictures = noise(count=5)
    found = profile(*pictures)
    pixels = np.stack(pictures).reshape(-1, 3) / 255
    for channel, values in zip(found.channels, pixels.T, strict=True):
        expected = (values.mean(), values.std(), np.median(values), values.min(), values.max())
        assert (channel.mean, channel.std, channel.median, channel.low, channel.high) == pytest.approx(
            expected
        )
    maps = np.stack([by_definition(each) for each in pictures])
    for name in ("edges", "texture", "gradient"):
        values, shown = maps[:, FEATURES.index(name)], getattr(found, name)
        assert (shown.mean, shown.std, shown.highest) == pytest.approx(
            (values.mean(), values.std(), values.max())
        )
        means = values.mean((1, 2))
        interval = t.interval(0.95, 4, means.mean(), means.std(ddof=1) / np.sqrt(5))
        assert (shown.low, shown.high) == pytest.approx(interval)
    assert found.texture.mean_square == pytest.approx((maps[:, 1] ** 2).mean())
    assert sum(found.texture.pictures.values()) == 5
