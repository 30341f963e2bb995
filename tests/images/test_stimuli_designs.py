"""Laws of the designs: counts, independence, order, and what a factor may be asked for."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy.stats.contingency import association

from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.images.stimuli import FACTORS, StimulusSet

TABLED = list(FACTORS)


def table(spec: str) -> pd.DataFrame:
    images = load_images(spec)
    assert isinstance(images, StimulusSet)
    return images.table()


def spread(counts: pd.Series) -> int:
    return int(counts.max() - counts.min())


@pytest.mark.parametrize("target", TABLED)
def test_every_value_of_the_target_is_equally_frequent(target):
    found = table(f"stimuli?target={target}&count=1440")
    counts = found[target].value_counts()
    assert spread(counts) == 0
    assert set(counts.index) == set(FACTORS[target])


@pytest.mark.parametrize("target", TABLED)
@pytest.mark.parametrize("seed", [0, 5])
def test_the_other_factors_are_balanced_within_every_value_of_the_target(target, seed):
    found = table(f"stimuli?target={target}&count=1440&seed={seed}")
    for other in TABLED:
        if other != target:
            shown = found.dropna(subset=[other])
            crossed = pd.crosstab(shown[target], shown[other])
            crossed = crossed[(crossed > 0).any(axis=1)]
            rest = 5 if other in ("orientation", "frequency") else 1  # one in each of the five textures
            assert (crossed.max(axis=1) - crossed.min(axis=1)).max() <= rest
            assert association(crossed.to_numpy()) < 0.05


def test_no_two_factors_go_together():
    """Chance alone makes Cramer's V about sqrt((r - 1)(c - 1) / n / (min(r, c) - 1)): 0.03 here."""
    found = table("stimuli?count=8000&seed=1")
    for first, second in combinations(TABLED, 2):
        both = found.dropna(subset=[first, second])
        crossed = pd.crosstab(both[first], both[second]).to_numpy()
        assert association(crossed) < 0.07, (first, second)


@pytest.mark.parametrize("spec", ["target=hue", "design=crossed&cross=shape,hue", "target=orientation"])
def test_a_longer_set_begins_with_the_shorter_one(spec):
    short, long = table(f"stimuli?{spec}&count=100"), table(f"stimuli?{spec}&count=731")
    pd.testing.assert_frame_equal(short, long.head(100))


def test_seeds_differ():
    first, second = (table(f"stimuli?count=90&seed={seed}") for seed in (0, 1))
    assert not first.equals(second)


def test_a_crossed_design_holds_every_combination_equally_often():
    found = table("stimuli?design=crossed&cross=hue,shape,position")
    assert len(found) == 8 * 9 * 9
    assert set(found.groupby(["shape", "hue", "position"]).size()) == {1}
    assert len(found.groupby(["shape", "hue", "position"])) == 648
    assert spread(found["background"].value_counts()) <= 1
    assert spread(found["scale"].value_counts()) <= 1
    twice = table("stimuli?design=crossed&cross=hue,shape,position&count=1296")
    assert set(twice.groupby(["shape", "hue", "position"]).size()) == {2}
    assert set(twice.groupby(["shape", "hue", "position", "background"]).size()) == {1}


def test_orientation_and_frequency_are_missing_exactly_on_solid_objects():
    found = table("stimuli?count=500")
    assert (found["orientation"].isna() == (found["texture"] == "solid")).all()
    assert (found["frequency"].isna() == (found["texture"] == "solid")).all()
    assert found.drop(columns=["orientation", "frequency"]).notna().all(axis=None)


@pytest.mark.parametrize(
    "spec", ["target=orientation", "target=frequency", "design=crossed&cross=frequency,hue"]
)
def test_where_each_picture_needs_an_orientation_no_object_is_solid(spec):
    found = table(f"stimuli?{spec}&count=100")
    assert "solid" not in set(found["texture"])
    assert found.notna().all(axis=None)


def test_columns_are_plain_values():
    found = table("stimuli?count=40")
    assert list(found.columns) == ["image", *FACTORS]
    assert found["image"].tolist() == list(range(40))
    assert found["orientation"].dtype == found["frequency"].dtype == np.float64
    assert all(type(value) is str for value in found["hue"])


def test_labels_are_the_target():
    images = load_images("stimuli?target=orientation&count=64")
    assert images.classes == ("0", "22.5", "45", "67.5", "90", "112.5", "135", "157.5")
    named = [float(images[index].class_name) for index in range(64)]
    assert named == images.table()["orientation"].tolist()


def test_factors_are_held_and_restricted():
    images = load_images("stimuli?count=60&shape=star,circle&hue=red&orientation=45,90.0&scale=large")
    found = images.table()
    assert images.values("shape") == images.classes == ("circle", "star")
    assert set(found["hue"]) == {"red"}
    assert set(found["orientation"].dropna()) == {45.0, 90.0}
    listed = load_images(
        "stimuli", count=60, shape=["star", "circle"], hue="red", orientation=[45, 90.0], scale="large"
    )
    assert listed.digest() == images.digest()


def test_a_subset_keeps_its_table_and_masks():
    images = load_images("stimuli?count=80&size=32")
    some = images.subset(classes="star", sample=5, seed=3)
    assert isinstance(some, StimulusSet)
    numbers = [int(some.id_of(index).partition("/")[2]) for index in range(5)]
    expected = images.table().iloc[numbers].reset_index(drop=True).drop(columns="image")
    pd.testing.assert_frame_equal(some.table().drop(columns="image"), expected)
    assert some.table()["image"].tolist() == list(range(5))
    assert np.array_equal(some.mask(2), images.mask(numbers[2]))
    assert load_images(some.spec).digest(verify=True) == some.digest(verify=True)


def test_the_digest_knows_what_the_pixels_depend_on():
    specs = (
        "stimuli",
        "stimuli?seed=1",
        "stimuli?size=32",
        "stimuli?texture=solid,dots",
        "gratings",
        "gratings?seed=1",
        "hues",
    )
    assert len({load_images(spec).digest() for spec in specs}) == len(specs)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("stimuli?target=colour", "unknown factor 'colour'; choose from: background, frequency, hue, orient"),
        ("stimuli?colour=red", "unknown option of stimuli 'colour'"),
        ("stimuli?hue=vermilion", "unknown hue 'vermilion'; choose from: red, orange, yellow, green"),
        ("stimuli?orientation=30", "unknown orientation '30'; choose from: 0, 22.5, 45"),
        ("stimuli?design=crosed&cross=hue", "unknown design 'crosed'; nearest: crossed"),
        ("stimuli?design=crossed", "needs the factors to cross, such as cross=shape,hue"),
        ("stimuli?cross=hue", "cross goes with design=crossed"),
        ("stimuli?design=crossed&cross=hue,shap", "factor 'shap'; choose from: background, .*, shape"),
        ("stimuli?design=crossed&cross=hue&count=3", "count=3 is less than the 9 combinations"),
        ("stimuli?target=orientation&texture=solid", "solid object has no orientation; choose texture from"),
        ("stimuli?size=0", "size=0 is not a whole number of at least 32"),
        ("stimuli?size=100000", "size=100000 is more than 4096"),
        ("stimuli?size=big", "size=big is not a whole number"),
        ("stimuli?count=0", "count=0 is not a whole number of at least 1"),
        ("stimuli?count=99999999", "count=99999999 is more than 1000000"),
        ("stimuli?seed=-1", "seed=-1 is not a whole number of at least 0"),
        ("stimuli:folder", "stimuli takes no path, and got 'folder'"),
        ("gratings?orientations=0", "orientations=0 is not a whole number of at least 1"),
        ("gratings?highest=30", "highest=30 is not between 2 and 16"),
        ("gratings?lowest=x", "lowest=x is not a number"),
        ("gratings?lowest=nan", "lowest=nan is not between"),
        ("gratings?lowest=9&highest=9", "4 frequencies need a highest above the lowest"),
        ("gratings?orientations=360&frequencies=64&phases=360", "8294400 gratings are more than 1000000"),
        ("hues?saturation=2", "saturation=2 is not between 0 and 1"),
        ("hues?value=", "is not of the form name=value"),
        ("hues?hues=0", "hues=0 is not a whole number of at least 1"),
    ],
)  # fmt: skip
def test_what_makes_no_sense(spec, message):
    with pytest.raises(UsageError, match=message) as caught:
        load_images(spec)
    assert "\n" not in str(caught.value)


def test_a_choice_that_leaves_nothing():
    with pytest.raises((UsageError, DataError)):
        load_images("stimuli?count=8&shape=star&classes=circle")
