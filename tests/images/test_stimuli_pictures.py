"""What is in the pictures is what the table says, measured from the pixels."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage.color import rgb2hsv, rgb2lab

from neurolupa.images import load_images
from neurolupa.images.stimuli import FACTORS, StimulusSet
from neurolupa.images.stimuli.painting import OFFSET, RADII

PLAIN = "background=grey&position=centre&scale=large"


def stimuli(spec: str) -> StimulusSet:
    images = load_images("stimuli?" + spec)
    assert isinstance(images, StimulusSet)
    return images


def pixels(images: StimulusSet, index: int) -> np.ndarray:
    return np.asarray(images[index].image).astype(np.float64)


def blurred(array: np.ndarray, factor: int) -> np.ndarray:
    height, width = (length // factor for length in array.shape[:2])
    return array.reshape(height, factor, width, factor, *array.shape[2:]).mean(axis=(1, 3))


def test_the_masks_say_scale_and_position():
    images = stimuli("design=crossed&cross=shape,scale,position")
    rows, columns = (np.mgrid[:64, :64] + 0.5) / 64
    for index, row in images.table().iterrows():
        mask = images.mask(index).astype(np.float64)
        assert mask.mean() == pytest.approx(np.pi * RADII[row["scale"]] ** 2, rel=1e-6)
        down, right = divmod(FACTORS["position"].index(row["position"]), 3)
        assert (mask * columns).sum() / mask.sum() == pytest.approx(0.5 + OFFSET * (right - 1), abs=2e-4)
        assert (mask * rows).sum() / mask.sum() == pytest.approx(0.5 + OFFSET * (down - 1), abs=2e-4)


@pytest.mark.parametrize("background", FACTORS["background"])
def test_the_mask_says_which_pixels_the_object_touches(background):
    """With one seed and all else held, two hues differ inside of the mask and nowhere else."""
    red, blue = (
        stimuli(f"count=20&target=texture&background={background}&hue={hue}") for hue in ("red", "blue")
    )
    for index in range(20):
        assert np.array_equal(red.mask(index), blue.mask(index))
        apart = (pixels(red, index) != pixels(blue, index)).any(axis=2)
        assert not apart[red.mask(index) == 0].any()
        assert apart[red.mask(index) > 0.1].all()


def test_the_edges_mix_object_and_ground_by_the_mask():
    images = stimuli(f"count=16&texture=solid&hue=grey&{PLAIN}")
    for index in range(16):
        expected = 128 + images.mask(index) * (171.1 - 128)
        assert np.abs(pixels(images, index)[..., 1] - expected).max() < 0.6


@pytest.mark.parametrize("texture", FACTORS["texture"])
def test_every_pixel_of_the_object_has_its_hue(texture):
    images = stimuli(f"target=hue&count=9&texture={texture}&{PLAIN}")
    names, angles = images.table()["hue"], {}
    for index, name in enumerate(names):
        picture, inside = pixels(images, index), images.mask(index) == 1
        lab = rgb2lab(picture[inside] / 255)
        bright = lab[lab[:, 0] > np.quantile(lab[:, 0], 0.9) - 0.1].mean(axis=0)
        if texture == "solid":
            assert bright[0] == pytest.approx(70, abs=0.4)
            assert np.hypot(*bright[1:]) == pytest.approx(0 if name == "grey" else 40, abs=0.6)
            angles[name] = np.degrees(np.arctan2(bright[2], bright[1])) % 360
        if name != "grey":
            hue = rgb2hsv(picture[inside] / 255)[:, 0]
            assert np.abs(np.exp(2j * np.pi * hue) - np.exp(2j * np.pi * hue).mean()).max() < 0.12
    if texture == "solid":
        found = [angles[name] for name in FACTORS["hue"][:-1]]
        np.testing.assert_allclose(found, 15 + 45 * np.arange(8), atol=1.0)


def test_a_texture_is_on_average_as_bright_as_the_ground():
    images = stimuli(
        f"target=texture&count=300&texture=stripes,checks,dots&hue=grey&frequency=14&shape=circle&{PLAIN}"
    )
    means = [pixels(images, index)[images.mask(index) == 1].mean() for index in range(300)]
    assert np.mean(means) == pytest.approx(128, abs=1.5)


def spectrum(images: StimulusSet, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Power, cycles per picture and direction of the bars in degrees, of what the object carries."""
    mask = images.mask(index)
    inside = pixels(images, index)[..., 1] - 128
    size = len(mask)
    power = np.abs(np.fft.fft2(inside * mask, (4 * size, 4 * size))) ** 2
    across = np.fft.fftfreq(4 * size, 1 / size)
    down, right = np.meshgrid(across, across, indexing="ij")
    return power, np.hypot(down, right), np.degrees(np.arctan2(right, down)) % 180


def test_stripes_have_their_orientation_and_frequency():
    images = stimuli(
        f"design=crossed&cross=orientation,frequency&texture=stripes&hue=grey&shape=circle&size=96&orientation=0,22.5,90,157.5&{PLAIN}"
    )
    for index, row in images.table().iterrows():
        power, cycles, turn = spectrum(images, index)
        power = np.where(cycles < 3, 0, power)
        peak = np.unravel_index(np.argmax(power), power.shape)
        assert cycles[peak] == pytest.approx(row["frequency"], rel=0.06)
        apart = abs(turn[peak] - row["orientation"])
        assert min(apart, 180 - apart) < 2.5


@pytest.mark.parametrize("texture", ["checks", "dots", "noise"])
def test_the_gradients_of_every_texture_tell_its_orientation(texture):
    """The axis of the structure tensor, averaged over pictures: bars run across the mean gradient."""
    images = stimuli(
        f"target=orientation&count=160&texture={texture}&hue=grey&shape=circle&size=96&frequency=11,14&{PLAIN}"
    )
    turns = images.table()["orientation"]
    sums = dict.fromkeys(FACTORS["orientation"], 0j)
    for index, turn in enumerate(turns):
        grey = pixels(images, index)[..., 1]
        down, right = np.gradient(grey)
        inside = images.mask(index) == 1
        sums[turn] += ((right - 1j * down)[inside] ** 2).sum()
    for turn, total in sums.items():
        apart = abs((np.degrees(np.angle(total)) / 2 - 90) % 180 - turn)
        assert min(apart, 180 - apart) < 8


@pytest.mark.parametrize("texture", ["dots", "noise"])
def test_a_higher_frequency_is_finer(texture):
    images = stimuli(f"target=frequency&count=40&texture={texture}&hue=grey&shape=square&size=64&{PLAIN}")
    mean = dict.fromkeys(FACTORS["frequency"], 0.0)
    for index, value in enumerate(images.table()["frequency"]):
        power, cycles, _ = spectrum(images, index)
        power = np.where((cycles > 3) & (cycles < 20), power, 0)
        mean[value] += float((power * cycles).sum() / power.sum()) / 10
    assert sorted(mean, key=mean.__getitem__) == list(FACTORS["frequency"])


def test_the_noise_of_the_ground_falls_as_one_over_f():
    """Amplitude 1 / f: the power of a ring of the spectrum, for each unit of area, falls as f^-2."""
    images = stimuli("count=60&size=128&background=noise")
    total = np.zeros((128, 128))
    spreads = []
    for index in range(60):
        ground = images._painter._ground(index).astype(np.float64)
        total += np.abs(np.fft.fft2((ground - 128) * np.outer(np.hanning(128), np.hanning(128)))) ** 2
        spreads.append(ground.std())
    cycles = np.hypot(*np.meshgrid(np.fft.fftfreq(128, 1 / 128), np.fft.fftfreq(128, 1 / 128)))
    rings = np.arange(3, 28)
    power = [total[(cycles >= ring - 0.5) & (cycles < ring + 0.5)].mean() for ring in rings]
    slope = np.polyfit(np.log(rings), np.log(power), 1)[0]
    assert slope == pytest.approx(-2, abs=0.15)
    assert np.mean(spreads) == pytest.approx(24, abs=1.5)


def test_a_picture_is_the_same_scene_at_every_resolution():
    coarse, fine = (stimuli(f"count=60&seed=4&size={size}") for size in (32, 128))
    for index, row in coarse.table().iterrows():
        np.testing.assert_allclose(blurred(fine.mask(index), 4), coarse.mask(index), atol=1e-3)
        apart = np.abs(blurred(pixels(fine, index), 4) - pixels(coarse, index))
        assert apart.mean() < 0.8
        assert apart.max() < (1.5 if (row["texture"], row["background"]) == ("solid", "grey") else 40)
    assert fine.table().equals(coarse.table())


def test_an_odd_side_is_the_same_scene_too():
    odd, fine = (stimuli(f"count=12&background=noise&size={size}") for size in (33, 99))
    for index in range(12):
        assert np.abs(blurred(fine._painter._ground(index), 3) - odd._painter._ground(index)).max() < 1e-3


def test_a_picture_does_not_depend_on_the_others_nor_on_threads():
    images = stimuli("count=40")
    expected = [images[index].image.tobytes() for index in range(40)]
    backwards = [images[index].image.tobytes() for index in reversed(range(40))]
    assert backwards[::-1] == expected
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda index: images[index].image.tobytes(), range(40))) == expected
    longer = stimuli("count=400")
    assert [longer[index].image.tobytes() for index in range(40)] == expected
    assert len(set(expected)) == 40
