"""Mean maps of classes: sums that can be split anywhere, against the recorder, and noise called noise."""

import numpy as np
import pytest
from scipy import stats
from tests.capture.conftest import fingerprint
from tests.comparison.classes.conftest import Scanned

import neurolupa as nl
from neurolupa.comparison.classes import ClassMaps
from neurolupa.comparison.classes.maps import MapSums
from neurolupa.errors import DataError, UsageError


def compare(scanned: Scanned, **more):
    return nl.compare_classes(scanned.atlas, scanned.site, ["ring", "circle"], shuffles=9, **more)


@pytest.fixture(scope="module")
def found(scanned: Scanned):
    return compare(scanned, maps=[5, 3], model=scanned.model, images=scanned.images, batch_size=7)


def test_means_and_spreads_are_those_of_the_recorded_maps(scanned, found):
    maps = found.maps
    assert (maps.classes, maps.units, maps.skipped) == (("ring", "circle"), (5, 3), 0)
    for place, name in enumerate(maps.classes):
        recorded = scanned.of(name)[:, [5, 3]].astype(np.float64)
        assert maps.images[place].tolist() == [len(recorded)] * 2
        assert maps.mean[place] == pytest.approx(recorded.mean(0), abs=1e-5)
        assert maps.std[place] == pytest.approx(recorded.std(0, ddof=1), abs=1e-5)
        assert maps.of(5)[place] == pytest.approx(recorded.mean(0)[0], abs=1e-5)


def test_the_mean_of_a_mean_map_is_the_mean_of_the_tables(found):
    for place, each in enumerate(found.classes):
        assert found.maps.mean[place].mean((1, 2)) == pytest.approx(each.mean[[5, 3]], abs=1e-5)


def test_the_difference_is_welchs_at_every_position(scanned, found):
    got = found.maps.difference(3, "ring", "circle")
    one, two = (scanned.of(name)[:, 3].astype(np.float64) for name in ("ring", "circle"))
    expected = stats.ttest_ind(one, two, equal_var=False)
    assert got.difference == pytest.approx(one.mean(0) - two.mean(0), abs=1e-5)
    assert got.difference / got.error == pytest.approx(expected.statistic, abs=1e-3)
    assert (got.clear == (expected.pvalue <= 0.05 / one[0].size)).mean() > 0.99
    assert got.images == (len(one), len(two))


def test_of_few_pictures_clear_is_what_welchs_p_says():
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (7, 200, 2, 2)).astype(np.float32)
    values[:3] += 4
    labels = np.array([0, 0, 0, 1, 1, 1, 1])
    sums = MapSums.empty(2, 200, (2, 2)).update(values, labels)
    held = ClassMaps(("a", "b"), tuple(range(200)), sums.images, 0, *sums.compute())
    p = stats.ttest_ind(*np.split(values.astype(np.float64), [3]), equal_var=False).pvalue
    clear = np.stack([held.difference(unit, "a", "b").clear for unit in range(200)])
    assert 0.2 < clear.mean() < 0.8
    assert (clear == (p <= 0.05 / 4)).all()


def test_a_network_with_other_preprocessing_is_shown_what_was_scanned(scanned, found):
    other = nl.load_model("embedded", mean=0.1, std=0.9, device="cpu")
    again = compare(scanned, maps=[5, 3], model=other, images=scanned.images)
    assert np.allclose(again.maps.mean, found.maps.mean, atol=1e-5)


def test_network_and_images_are_found_by_what_the_atlas_says(scanned, found):
    again = compare(scanned, maps=[5, 3])
    assert np.allclose(again.maps.mean, found.maps.mean, atol=1e-5)


def test_true_takes_the_units_that_differ_most(scanned):
    maps = compare(scanned, maps=True, model=scanned.model, images=scanned.images)
    assert maps.maps.units == maps.strongest(16)


def test_the_network_is_left_as_found_and_every_block_is_told(scanned):
    before, told = fingerprint(scanned.model), []
    compare(
        scanned, maps=[0], model=scanned.model, images=scanned.images, batch_size=32,
        on_block=lambda *each: told.append(each),
    )  # fmt: skip
    assert fingerprint(scanned.model) == before
    total = len(scanned.of("ring")) + len(scanned.of("circle"))
    assert told == [(min(32 * block, total), total) for block in range(1, -(-total // 32) + 1)]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"maps": [99]}, "layer2.0.relu has no unit 99; its units are 0 to 31"),
        ({"maps": []}, "no unit was named"),
        ({"maps": 3}, "maps is True, False or numbers of units, not 3"),
        ({"maps": True, "images": "samples"}, "samples is not the image set that was scanned, stimuli"),
        ({"maps": True, "batch_size": 0}, "batch_size must be at least 1"),
    ],
)
def test_what_cannot_be_shown_again_is_refused(scanned, more, words):
    with pytest.raises(UsageError, match=words):
        compare(scanned, **more)


def test_another_network_is_refused(scanned):
    other = nl.load_model("squeezenet1_1", weights=None, input_size=32)
    with pytest.raises(UsageError, match="not the network that was scanned"):
        compare(scanned, maps=True, model=other)


def test_a_site_without_rows_and_columns_has_no_maps(scanned):
    with pytest.raises(UsageError, match="fc have one value a picture and no maps"):
        nl.compare_classes(scanned.atlas, "fc", ["ring", "star"], maps=True, shuffles=9)


def test_units_and_classes_without_maps_are_named(found):
    with pytest.raises(UsageError, match="unit with maps '4'; choose from: 3, 5"):
        found.maps.of(4)
    with pytest.raises(UsageError, match="unknown class 'star'"):
        found.maps.difference(3, "star", "ring")


def block(seed: int, size: int = 6) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    maps = (1000 + rng.normal(size=(size, 2, 3, 4))).astype(np.float32)
    maps[0, 1, 0, 0] = np.nan
    return maps, rng.integers(0, 3, size)


def test_sums_can_be_split_and_merged_anywhere():
    empty = MapSums.empty(3, 2, (3, 4))
    blocks = [block(seed) for seed in range(4)]
    whole = empty.update(*(np.concatenate(each) for each in zip(*blocks, strict=True)))
    one, two = empty.update(*blocks[0]).update(*blocks[1]), empty.update(*blocks[2]).update(*blocks[3])
    for other in (one.merge(two), two.merge(one), one.merge(two).merge(empty)):
        assert (other.images == whole.images).all()
        for got, expected in zip(other.compute(), whole.compute(), strict=True):
            assert np.allclose(got, expected, rtol=1e-9, atol=1e-7, equal_nan=True)
    assert empty.images.sum() == 0


def test_maps_that_are_not_finite_count_for_their_unit_alone():
    maps, labels = block(0)
    found = MapSums.empty(3, 2, (3, 4)).update(maps, labels)
    for label in range(3):
        for unit in range(2):
            held = [
                each for each in maps[labels == label, unit].astype(np.float64) if np.isfinite(each).all()
            ]
            assert found.images[label, unit] == len(held)
            if len(held) > 1:
                mean, std = (part[label, unit] for part in found.compute())
                assert mean == pytest.approx(np.mean(held, 0))
                assert std == pytest.approx(np.std(held, 0, ddof=1), abs=1e-5)
    assert found.images.sum() == 11


def test_of_maps_that_do_not_differ_hardly_any_has_a_clear_position():
    rng = np.random.default_rng(1)
    maps = rng.normal(size=(60, 300, 4, 4)).astype(np.float32)
    sums = MapSums.empty(2, 300, (4, 4)).update(maps, np.arange(60) % 2)
    held = ClassMaps(("a", "b"), tuple(range(300)), sums.images, 0, *sums.compute())
    wrong = [held.difference(unit, "a", "b").clear.any() for unit in range(300)]
    assert np.mean(wrong) <= 0.09


def test_pictures_that_cannot_be_read_are_counted(tmp_path):
    from PIL import Image

    for name in ("a", "b"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(3):
            shade = (40 * number, 90, 200 if name == "a" else 20)
            Image.new("RGB", (32, 32), shade).save(tmp_path / "photos" / name / f"{number}.png")
    model = nl.load_model("embedded", device="cpu")
    atlas = nl.scan(model, nl.load_images(f"folder:{tmp_path / 'photos'}"), "relu", tmp_path / "atlas")
    broken = tmp_path / "photos" / "a" / "1.png"
    broken.write_bytes(b"x" * broken.stat().st_size)
    found = nl.compare_classes(atlas, "relu", ["a", "b"], maps=[0], model=model, shuffles=9)
    assert found.maps.skipped == 1
    assert found.maps.images.ravel().tolist() == [2, 3]
    for each in (tmp_path / "photos").rglob("*.png"):
        each.write_bytes(b"x" * each.stat().st_size)
    with pytest.raises(DataError, match="none of the pictures of a, b in photos can be read"):
        nl.compare_classes(atlas, "relu", ["a", "b"], maps=[0], model=model, shuffles=9)
