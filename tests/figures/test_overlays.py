from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image
from skimage.transform import resize

from neurolupa.errors import UsageError
from neurolupa.figures import overlays
from neurolupa.figures.overlays import MISSING, PALETTES, Scale, colour, overlay, painted, scale_of

GREY = Image.new("RGB", (8, 8), (100, 100, 100))


def pixels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture).astype(int)


def test_all_maps_share_one_scale_so_that_a_weak_map_stays_weak():
    strong, weak = np.full((2, 2), 10.0), np.full((2, 2), 1.0)
    scale = scale_of([strong, weak])
    assert (scale.low, scale.high) == (0, 10)
    np.testing.assert_allclose(scale.fractions(weak), 0.1, rtol=1e-6)


def test_signed_maps_run_as_far_either_way_and_are_pale_at_zero():
    scale = scale_of([[-1.0, 4.0]])
    assert (scale.low, scale.high, scale.signed) == (-4, 4, True)
    zero, one_way, other_way = colour([[0.0, -4.0, 4.0]], scale, "viridis")[0].astype(int)
    assert zero.min() > 230
    assert np.abs(one_way - other_way).max() > 80


def test_a_map_without_negative_values_can_be_asked_to_run_both_ways():
    assert scale_of([1.0, 2.0], signed=True) == Scale(-2.0, 2.0, True)


@pytest.mark.parametrize("noise", [0.0, 1e-7])
@pytest.mark.parametrize("palette", PALETTES)
def test_a_dead_map_is_flat_even_on_a_scale_of_its_own(noise, palette):
    dead = noise * np.arange(9.0).reshape(3, 3) / 9
    colours = colour(dead, scale_of(dead), palette).reshape(-1, 3)
    assert len(np.unique(colours, axis=0)) == 1


@pytest.mark.parametrize("palette", PALETTES)
def test_colours_are_those_of_matplotlib_and_missing_values_are_like_none_of_them(palette):
    values = np.linspace(0, 1, 256)[None]
    expected = np.round(255 * mpl.colormaps[palette](values[0])[:, :3])
    np.testing.assert_array_equal(colour(values, Scale(0.0, 1.0), palette)[0], expected)
    assert np.abs(expected - MISSING).sum(axis=1).min() > 90
    for odd in (np.nan, np.inf, -np.inf):
        assert tuple(colour([[odd, 0.5]], Scale(0.0, 1.0), palette)[0, 0]) == MISSING


def test_the_menu_begins_with_an_even_palette_and_ends_with_the_legacy_one():
    assert PALETTES[0] == "viridis"
    assert PALETTES[-1] == "jet"
    named = "jet hot viridis plasma magma inferno cividis turbo coolwarm YlOrRd"
    assert sorted(PALETTES) == sorted(named.split())
    assert {"jet"} == overlays.LEGACY


GREEN = Image.new("RGB", (5, 1), (0, 200, 0))
YELLOW, DARK = np.array([255, 255, 204]), np.array([128, 0, 38])  # the ends of YlOrRd


def test_a_silent_place_is_the_picture_and_the_opacity_is_whole_from_a_quarter_of_the_scale():
    values, scale = [[0.0, 0.5, 1.0, 2.0, 4.0]], Scale(0.0, 4.0)
    colours = colour(values, scale, "YlOrRd")[0].astype(int)
    shown = pixels(overlay(GREEN, values, scale, "YlOrRd", 0.6, at_least=5))[0]
    for place, share in enumerate((0.0, 0.3, 0.6, 0.6, 0.6)):
        expected = (1 - share) * np.array([0, 200, 0]) + share * colours[place]
        assert np.abs(shown[place] - expected).max() <= 1, (place, shown[place], expected)
    assert tuple(shown[0]) == (0, 200, 0)


def test_the_opacity_of_a_signed_map_grows_either_way_from_zero():
    values, scale = [[-4.0, -0.5, 0.0, 0.5, 4.0]], Scale(-4.0, 4.0, True)
    colours = colour(values, scale, "coolwarm")[0].astype(int)
    shown = pixels(overlay(GREEN, values, scale, "coolwarm", 1.0, at_least=5))[0]
    for place, share in enumerate((1.0, 0.5, 0.0, 0.5, 1.0)):
        expected = (1 - share) * np.array([0, 200, 0]) + share * colours[place]
        assert np.abs(shown[place] - expected).max() <= 2, (place, shown[place], expected)


@pytest.mark.parametrize("palette", PALETTES)
@pytest.mark.parametrize("scale", [Scale(0.0, 0.0), Scale(0.0, 3.0), Scale(-3.0, 3.0, True)])
def test_a_dead_map_leaves_the_picture_as_it_is(palette, scale):
    shown = overlay(GREY, np.zeros((2, 2)), scale, palette, 1.0, at_least=8)
    np.testing.assert_array_equal(pixels(shown), pixels(GREY))


def test_the_same_opacity_everywhere_can_be_asked_for():
    shown = pixels(overlay(GREEN, np.zeros((1, 1)), Scale(0.0, 1.0), "YlOrRd", 0.5, at_least=5, even=True))
    np.testing.assert_allclose(shown[0, 0], (YELLOW + np.array([0, 200, 0])) / 2, atol=1)
    strong = {"values": np.ones((1, 1)), "scale": Scale(0.0, 1.0), "palette": "YlOrRd"}
    both = [pixels(overlay(GREEN, **strong, at_least=5, even=even))[0, 0] for even in (True, False)]
    np.testing.assert_allclose(both, [(DARK + np.array([0, 200, 0])) / 2] * 2, atol=1)


@pytest.mark.parametrize(("opacity", "expected"), [(0.0, 100), (0.5, 178), (1.0, 255)])
def test_opacity_mixes_picture_and_map(opacity, expected):
    red = overlay(GREY, np.ones((1, 1)), Scale(0.0, 1.0), "hot", opacity, at_least=8)
    top = pixels(overlay(GREY, np.ones((1, 1)), Scale(0.0, 1.0), "YlOrRd", opacity, at_least=8))
    assert abs(pixels(red)[..., 0] - expected).max() <= 1
    np.testing.assert_allclose(top[0, 0], (1 - opacity) * 100 + opacity * DARK, atol=1)


def test_a_map_is_stretched_bilinearly_as_scikit_image_does():
    values = np.random.default_rng(0).random((3, 5))
    black = Image.new("RGB", (40, 24))
    shown = pixels(overlay(black, values, Scale(0.0, 1.0), "viridis", 1.0, at_least=24, even=True))
    stretched = resize(values, (24, 40), order=1, mode="edge", anti_aliasing=False)
    assert np.abs(shown - colour(stretched, Scale(0.0, 1.0))).max() <= 3


def test_a_small_picture_is_enlarged_with_square_pixels():
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (2, 3, 3), dtype=np.uint8))
    shown = overlay(picture, np.zeros((1, 1)), Scale(0.0, 1.0), opacity=0.0, at_least=8)
    np.testing.assert_array_equal(pixels(shown), pixels(picture).repeat(3, axis=0).repeat(3, axis=1))


def test_missing_values_are_opaque_and_stay_in_their_cell():
    values = np.array([[0.0, np.nan], [0.0, 0.0]])
    shown = pixels(overlay(GREY, values, Scale(0.0, 1.0), at_least=8))
    assert (shown[:4, 4:] == MISSING).all()
    rest = np.concatenate([shown[4:].reshape(-1, 3), shown[:4, :4].reshape(-1, 3)])
    np.testing.assert_array_equal(rest, np.full_like(rest, rest[0]))


def test_a_map_of_more_cells_than_pixels_is_averaged_and_a_wide_one_stays_wide():
    stripes = np.tile([0.0, 1.0], (8, 4))
    dark, light = (colour([[v]], Scale(0.0, 1.0))[0, 0].astype(int) for v in (0.0, 1.0))
    shrunk = pixels(painted(stripes, Scale(0.0, 1.0), side=4))
    assert np.abs(shrunk - (dark + light) / 2).max() <= 1
    assert painted(np.ones((2, 8)), Scale(0.0, 1.0), side=80).size == (80, 20)


def test_boxes_are_drawn_where_they_are_in_the_seen_picture_and_told_apart_without_colour():
    boxes = [(1, (10, 10, 40, 40)), (2, (50, 50, 90, 90))]
    before = Image.new("RGB", (200, 200), (90, 90, 90))
    after = pixels(overlays.outline(before, boxes, size=(100, 100)))
    assert (pixels(before) == 90).all(), "the picture given is left alone"
    assert (after[..., 0] == after[..., 1]).all()
    assert (after[..., 1] == after[..., 2]).all()
    whole, dashed = after[79, 40:78, 0], after[179, 120:178, 0]
    assert (whole == 255).all()
    assert 90 in dashed
    assert 255 in dashed
    assert (after[44:76, 44:76] == 90).all()


def test_a_box_at_the_edge_and_a_box_without_extent_are_drawn_inside():
    for box in ((0, 0, 10, 10), (9, 9, 10, 10), (5, 5, 5, 5)):
        assert overlays.outline(GREY, [(12, box)], size=(10, 10)).size == GREY.size


def test_tiles_are_evenly_spaced_and_captions_are_wrapped():
    black = Image.new("RGB", (20, 20))
    sheet = pixels(overlays.tiles([black] * 4, columns=2, gap=6))
    dark = np.flatnonzero((sheet == 0).all(axis=(2,)).any(axis=0))
    assert dark.tolist() == [*range(6, 26), *range(32, 52)]
    assert sheet.shape[:2] == (58, 58)
    long = overlays.tiles([black] * 2, ["a", "several words that cannot stand in one line"], columns=2)
    short = overlays.tiles([black] * 2, ["a", "b"], columns=2)
    assert long.width == short.width
    assert long.height > short.height


@pytest.mark.parametrize("paper", ["white", "#101010"])
def test_words_are_legible_on_light_and_dark_paper(paper):
    bar = pixels(overlays.colour_bar(Scale(0.0, 1.0), label="activation", paper=paper))
    words = bar[:14].reshape(-1, 3).sum(axis=1)
    assert words.max() - words.min() > 500


def test_the_colour_bar_of_a_signed_scale_has_its_palest_colour_in_the_middle():
    bar = pixels(overlays.colour_bar(Scale(-2.0, 2.0, True), width=201))[6]
    assert abs(bar.sum(axis=1).argmax() - 100) <= 1


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("unknown palette 'viridsi'; nearest: viridis", {"palette": "viridsi"}),
        ("opacity is a share from 0 to 1, not 2", {"opacity": 2}),
        ("opacity is a share", {"opacity": float("nan")}),
        ("a map has rows and columns", {"values": np.zeros(3)}),
        ("a map has rows and columns", {"values": np.zeros((0, 2))}),
    ],
)
def test_bad_values_are_refused_in_one_line(words, arguments):
    given = {"values": np.zeros((2, 2)), "scale": Scale(0.0, 1.0)} | arguments
    with pytest.raises(UsageError, match=words):
        overlay(GREY, **given)


def test_threads_get_the_same_pictures():
    rng = np.random.default_rng(0)
    maps = rng.random((16, 7, 7))
    draw = lambda values: overlays.tiles([overlay(GREY, values, Scale(0.0, 1.0))], ["unit 1"]).tobytes()  # noqa: E731
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(draw, maps)) == [draw(values) for values in maps]
