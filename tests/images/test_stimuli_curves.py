"""Gratings and hue patches, measured from their pixels; and the random numbers under the stimuli."""

import colorsys

import numpy as np
import pytest

from neurolupa.images import load_images
from neurolupa.images.stimuli import waves
from neurolupa.images.stimuli.hashing import key_of, permutations, uniform


def test_gratings_are_what_the_table_says():
    images = load_images("gratings?size=64&orientations=8&frequencies=3&phases=4&lowest=4")
    across = np.fft.fftfreq(512, 1 / 64)
    for index, row in images.table().iterrows():
        grey = np.asarray(images[index].image)[..., 0].astype(np.float64) - 128
        spectrum = np.fft.fft2(grey, (512, 512))
        down, right = np.unravel_index(np.argmax(np.abs(spectrum)), spectrum.shape)
        assert np.hypot(across[down], across[right]) == pytest.approx(row["frequency"], rel=0.03)
        turn = np.degrees(np.arctan2(across[right], across[down])) % 180
        apart = abs(turn - row["orientation"])
        assert min(apart, 180 - apart) < 2
        # The four pixels in the middle lie half a pixel to each side of the middle itself.
        turned = np.radians(row["orientation"])
        halves = np.pi * row["frequency"] / 64 * np.array([np.sin(turned), np.cos(turned)])
        expected = 127 * np.cos(np.radians(row["phase"])) * np.cos(halves).prod()
        assert grey[31:33, 31:33].mean() == pytest.approx(expected, abs=0.6)


def test_horizontal_bars_are_at_zero_degrees_and_turn_counter_clockwise():
    images = load_images("gratings?orientations=4&frequencies=1&phases=1&lowest=3&highest=3")
    flat, rising, upright, _ = (np.asarray(images[index].image)[..., 0].astype(float) for index in range(4))
    assert np.ptp(flat[16, 8:24]) < np.ptp(flat[8:24, 16])
    assert np.ptp(upright[8:24, 16]) < np.ptp(upright[16, 8:24])
    along = [rising[31 - place, place] for place in range(10, 22)]  # from the lower left to the upper right
    assert np.ptp(along) < 30 < np.ptp([rising[place, place] for place in range(10, 22)])


def test_gratings_are_crossed_evenly_and_end_in_grey():
    images = load_images("gratings")
    table = images.table()
    assert len(images) == 16 * 4 * 8
    assert set(table.groupby(["orientation", "frequency", "phase"]).size()) == {1}
    assert sorted(set(table["orientation"])) == [11.25 * step for step in range(16)]
    np.testing.assert_allclose(sorted(set(table["frequency"])), np.geomspace(2, 8, 4))
    assert images.factors == ("orientation", "frequency", "phase")
    picture = np.asarray(images[100].image)
    assert (picture[[0, 0, -1, -1], [0, -1, 0, -1]] == 128).all()
    assert (picture == picture[..., :1]).all()
    assert images.mask(0)[16, 16] == 1
    assert images.mask(0)[0, 0] == 0


def test_a_seed_shifts_the_phases_of_gratings_alone():
    plain, shifted = (load_images(f"gratings?seed={seed}").table() for seed in (0, 7))
    shift = shifted["phase"] - plain["phase"]
    assert 0 < shift[0] < 45
    assert np.allclose(shift, shift[0])
    assert plain.drop(columns="phase").equals(shifted.drop(columns="phase"))


def test_hue_patches_have_the_colour_of_their_row():
    images = load_images("hues?hues=12&saturation=0.5,1&value=1,0.25")
    assert len(images) == 48
    for index, row in images.table().iterrows():
        picture = np.asarray(images[index].image)
        assert (picture == picture[0, 0]).all()
        expected = 255 * np.array(colorsys.hsv_to_rgb(row["hue"] / 360, row["saturation"], row["value"]))
        assert np.abs(picture[0, 0] - expected).max() <= 0.5
        assert (images.mask(index) == 1).all()
    assert images.values("saturation") == (0.5, 1.0)


def test_the_mixer_is_splitmix64():
    """The published sequence of java.util.SplittableRandom's generator from state 0."""
    known = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    expected = [(word >> 11) * 2.0**-53 for word in known]
    assert uniform((3,)).tolist() == expected  # no keys: state 0
    assert waves.uniform(3, np.uint64(0)).tolist() == expected


def test_compiled_and_plain_random_numbers_agree():
    for keys in ((0, 0, 0), (3, 99, 1), (2**40, 7, 0)):
        assert waves.uniform(50, np.uint64(key_of(*keys))).tolist() == uniform((50,), *keys).tolist()


def test_random_numbers_are_uniform_and_keys_matter():
    draws = np.concatenate([uniform((100,), seed, number) for seed in range(10) for number in range(10)])
    assert np.abs(np.histogram(draws, 10, (0, 1))[0] - 1000).max() < 150
    assert len(set(draws.tolist())) == len(draws)


def test_permutations_take_every_order_equally_often():
    orders = permutations(6000, 3, 1)
    counts = np.unique(orders, axis=0, return_counts=True)[1]
    assert len(counts) == 6
    assert np.abs(counts - 1000).max() < 130
    assert np.array_equal(orders[:10], permutations(10, 3, 1))


def test_waves_are_averaged_over_every_pixel():
    drawn = waves.ground_waves(8, np.uint64(5), 1.0, 5.0)
    for height, width in ((12, 12), (9, 15)):
        field = np.zeros((height, width), dtype=np.float32)
        waves.add_waves(field, drawn, 2.0)
        down, right = np.mgrid[: height * 40, : width * 40]
        x, y = (right + 0.5) / (40 * width) - 0.5, (down + 0.5) / (40 * height) - 0.5
        fine = sum(2 * np.cos(2 * np.pi * (a * x + b * y) + phase) for a, b, phase in drawn)
        expected = fine.reshape(height, 40, width, 40).mean(axis=(1, 3))
        np.testing.assert_allclose(field, expected, atol=0.03)
