"""What is computed from pictures, against the formulas, written-down pictures, and laws."""

from colorsys import hsv_to_rgb

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import correlate

from neurolupa.images import load_images
from neurolupa.images.stimuli import FACTORS
from neurolupa.probing.concepts import CONCEPTS, Property, View, view_of

MEASURES = {name: entry for name in CONCEPTS if isinstance(entry := CONCEPTS[name], Property)}
NUMBERS = [name for name, entry in MEASURES.items() if not entry.classes]
LUMINANCE = np.array([0.2125, 0.7154, 0.0721])


def value(name, pixels):
    return MEASURES[name].measure(View(np.asarray(pixels, np.uint8)))


def plain(*colour, side=6):
    return np.full((side, side, 3), np.asarray(colour).astype(np.uint8))


def grey(values):
    return np.repeat(np.asarray(values, np.uint8)[..., None], 3, 2)


def cieluv(pixels):
    """Hue in degrees and chroma (H, W), from the published formulas: sRGB to XYZ to u'v' to u*v*."""
    code = pixels / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.moveaxis(linear @ np.array(to_xyz).T, -1, 0)
    below = np.maximum(x + 15 * y + 3 * z, 1e-12)
    lightness = np.where(y > (6 / 29) ** 3, 116 * np.cbrt(y) - 16, (29 / 3) ** 3 * y)
    white = np.array([0.95047, 1.0, 1.08883]) @ [1, 15, 3]
    u = 13 * lightness * (4 * x / below - 4 * 0.95047 / white)
    v = 13 * lightness * (9 * y / below - 9 / white)
    return np.degrees(np.arctan2(v, u)) % 360, np.hypot(u, v)


def hue_by_formula(pixels):
    ends = {"red": 25, "orange": 65, "yellow": 105, "green": 163, "cyan": 208, "blue": 270, "violet": 293}
    sums = dict.fromkeys([*ends, "magenta"], 0.0)
    angles, chromas = cieluv(pixels)
    for angle, chroma in zip(angles.ravel(), chromas.ravel(), strict=True):
        if chroma >= 10:
            names = [name for name, end in ends.items() if angle < end]
            sums["red" if angle >= 345 else names[0] if names else "magenta"] += chroma
    return "grey" if (chromas >= 10).mean() < 0.02 else max(sums, key=sums.get)


def test_the_words_are_those_of_the_stimuli():
    assert MEASURES["dominant_hue"].classes == FACTORS["hue"]


@pytest.mark.parametrize(
    ("colour", "word"),
    [
        ((255, 0, 0), "red"), ((255, 165, 0), "orange"), ((255, 255, 0), "yellow"), ((0, 255, 0), "green"),
        ((0, 128, 0), "green"), ((0, 255, 255), "cyan"), ((0, 0, 255), "blue"), ((0, 0, 128), "blue"),
        ((135, 206, 235), "blue"), ((138, 43, 226), "violet"), ((255, 0, 255), "magenta"),
        ((128, 128, 128), "grey"), ((0, 0, 0), "grey"), ((255, 255, 255), "grey"),
    ],
)  # fmt: skip
def test_plain_pictures_have_the_hue_that_people_call_them_by(colour, word):
    assert value("dominant_hue", plain(*colour)) == word


def test_the_dominant_hue_is_that_of_the_formula(noise):
    draw = np.random.default_rng(1)
    tinted = [plain(*draw.integers(0, 256, 3)) // 2 + each[:6, :6] // 2 for each in noise for _ in range(6)]
    found = [value("dominant_hue", each) for each in tinted]
    assert found == [hue_by_formula(each) for each in tinted]
    assert len(set(found)) >= 5


def test_the_words_end_where_the_formula_says():
    wheel = [plain(*(255 * np.array(hsv_to_rgb(turn / 360, 0.8, 0.9))), side=1) for turn in range(360)]
    assert [value("dominant_hue", each) for each in wheel] == [hue_by_formula(each) for each in wheel]


def test_chroma_counts_and_not_only_pixels():
    """Two columns of strong red outweigh four of weak blue; one pixel in a hundred has no say."""
    half = plain(110, 110, 135)
    half[:, :2] = (255, 0, 0)
    assert value("dominant_hue", half) == "red"
    dotted = plain(128, 128, 128, side=10)
    dotted[0, 0] = (255, 0, 0)
    assert value("dominant_hue", dotted) == "grey"
    dotted[0, 1] = (255, 0, 0)
    assert value("dominant_hue", dotted) == "red"


def test_inks_of_the_stimuli_are_found_on_every_shape_and_texture():
    pictures = load_images("stimuli?target=hue&count=90")
    inked = pictures.table()["hue"]
    found = [MEASURES["dominant_hue"].measure(view_of(each.image)) for each in pictures]
    assert found == ["blue" if hue == "violet" else hue for hue in inked]


def test_brightness_of_a_plain_picture_is_its_luminance():
    for colour in ((255, 0, 0), (12, 200, 99), (255, 255, 255)):
        assert value("brightness", plain(*colour)) == pytest.approx(LUMINANCE @ colour / 255)
        assert value("contrast", plain(*colour)) == pytest.approx(0, abs=1e-12)


def test_contrast_goes_with_the_factor_and_not_with_an_offset():
    steps = np.random.default_rng(2).integers(0, 60, (9, 7))
    once, thrice, raised = (value("contrast", grey(each)) for each in (steps, 3 * steps, steps + 90))
    assert once == pytest.approx(steps.std() / 255)
    assert (thrice, raised) == pytest.approx((3 * once, once))


def test_edges_and_texture_are_those_of_the_formulas(noise):
    for pixels in noise:
        dimmed = pixels // 4
        luminance = dimmed @ LUMINANCE / 255
        kernel = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]]) / 4
        size = np.hypot(correlate(luminance, kernel), correlate(luminance, kernel.T)) / np.sqrt(2)
        windows = np.lib.stride_tricks.sliding_window_view(np.pad(luminance, 1, mode="symmetric"), (3, 3))
        assert 0 < value("edge_density", dimmed) == (size > 0.1).mean() < 1
        assert value("texture_energy", dimmed) == pytest.approx(windows.var((2, 3)).mean())


def test_one_step_has_edges_in_two_columns():
    step = np.zeros((10, 10))
    step[:, 5:] = 255
    assert value("edge_density", grey(step)) == pytest.approx(0.2)
    assert value("edge_density", plain(77, 3, 200)) == value("texture_energy", plain(77, 3, 200)) == 0


def test_orientations_of_gratings_are_those_that_they_were_made_with():
    gratings = load_images("gratings?orientations=12&frequencies=3&phases=2&size=48")
    names = np.array(["horizontal", "diagonal_up", "vertical", "diagonal_down"])
    degrees = gratings.table()["orientation"].to_numpy()
    found = [MEASURES["dominant_orientation"].measure(view_of(each.image)) for each in gratings]
    assert found == names[np.rint(degrees / 45).astype(int) % 4].tolist()


def coherence_by_formula(pixels):
    """From the eigenvalues of the summed structure tensor: (l1 - l2) / (l1 + l2)."""
    kernel = np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
    luminance = pixels @ LUMINANCE / 255
    slopes = [correlate(luminance, each).ravel() for each in (kernel, kernel.T)]
    low, high = np.linalg.eigvalsh(np.array(slopes) @ np.array(slopes).T)
    return (high - low) / (high + low)


def test_what_runs_every_way_has_no_orientation():
    assert value("dominant_orientation", plain(90, 20, 4)) is None
    draw = np.random.default_rng(3)
    isotropic = [draw.integers(0, 256, (12, 12, 3)) for _ in range(60)]
    coherent = [coherence_by_formula(each) >= 0.1 for each in isotropic]
    assert [value("dominant_orientation", each) is not None for each in isotropic] == coherent
    assert 5 < sum(coherent) < 55


@pytest.mark.parametrize("name", MEASURES)
def test_a_mirror_changes_nothing_but_diagonals(name, noise):
    swapped = {"diagonal_up": "diagonal_down", "diagonal_down": "diagonal_up"}
    for pixels in noise:
        once, mirrored = value(name, pixels), value(name, pixels[:, ::-1])
        if name in NUMBERS:
            assert mirrored == pytest.approx(once, rel=1e-9)
        else:
            assert mirrored == swapped.get(once, once)


def test_a_transposed_picture_has_its_bars_the_other_way():
    other = {"horizontal": "vertical", "vertical": "horizontal"}
    gratings = load_images("gratings?orientations=4&frequencies=2&phases=2")
    for picture in gratings:
        pixels = np.asarray(picture.image)
        once = value("dominant_orientation", pixels)
        assert value("dominant_orientation", pixels.swapaxes(0, 1)) == other.get(once, once)


@pytest.mark.parametrize("name", MEASURES)
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (300, 1), (2, 2)])
def test_pictures_of_any_size_have_a_value(name, shape):
    view = view_of(Image.fromarray(np.full((*shape, 3), 130, np.uint8)))
    found = MEASURES[name].measure(view)
    assert found is None if name == "dominant_orientation" else found == "grey" or 0 <= found <= 1


def test_large_pictures_are_reduced_and_keep_their_mean_and_proportions():
    pixels = np.random.default_rng(4).integers(0, 256, (400, 900, 3), dtype=np.uint8)
    small = view_of(Image.fromarray(pixels)).pixels
    assert small.shape == (85, 192, 3)
    assert small.mean((0, 1)) == pytest.approx(pixels.mean((0, 1)), abs=0.15)
    kept = pixels[:128, :128]
    np.testing.assert_array_equal(view_of(Image.fromarray(kept)).pixels, kept)
