"""What a unit's variance goes with: against least squares and SciPy, planted units, and what chance gives."""

import numpy as np
import pytest
import torch
from scipy.stats import f_oneway
from torch import nn

import neurolupa as nl
from neurolupa.atlas import Atlas
from neurolupa.errors import DataError, UsageError
from neurolupa.synthesis.explaining import explained
from neurolupa.synthesis.levelling import LEVELS, codes_of, levels

PATCHES = "stimuli?target=shape&size=32&count=400&texture=solid&background=grey"


def one_hot(grouping):
    return np.array([[value == each for each in dict.fromkeys(grouping)] for value in grouping], float)


def adjusted(groupings, values):
    """By least squares with a constant and all dummies, the rank from the singular values."""
    design = np.hstack([np.ones((len(values), 1)), *map(one_hot, groupings)])
    _, _, rank, _ = np.linalg.lstsq(design, values, rcond=None)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    residual, total = (rest**2).sum(0), ((values - values.mean(0)) ** 2).sum(0)
    return 1 - (residual / (len(values) - rank)) / (total / (len(values) - 1))


def test_one_grouping_is_epsilon_squared_of_the_analysis_of_variance():
    """Kelley: epsilon^2 = (SS between - df between MS within) / SS total, from SciPy's F by hand."""
    draws = np.random.default_rng(0)
    grouping = draws.integers(0, 4, 60)
    values = draws.normal(size=(60, 3)) + grouping[:, None] * [0.0, 0.5, 2.0]
    found = explained([grouping.tolist()], values)
    f = f_oneway(*[values[grouping == each] for each in range(4)]).statistic
    np.testing.assert_allclose(found.share, (f - 1) * 3 / (f * 3 + 56), rtol=1e-10)
    assert (found.pictures, found.parameters) == (60, 3)


def test_several_groupings_are_one_linear_model_whose_rank_counts():
    draws = np.random.default_rng(1)
    first = draws.integers(0, 3, 80)
    second = np.where(first == 0, 9, draws.integers(0, 4, 80))  # its value 9 says no more than first
    values = draws.normal(size=(80, 2)) + (first == 1)[:, None] + (second == 2)[:, None] * [0.0, 2.0]
    found = explained([first.tolist(), second.tolist()], values)
    np.testing.assert_allclose(found.share, adjusted([first.tolist(), second.tolist()], values), rtol=1e-10)
    assert found.parameters == 5


def test_what_is_unrelated_has_nothing_on_average_and_its_p_values_are_even():
    draws = np.random.default_rng(2)
    found = explained([draws.integers(0, 10, 100).tolist()], draws.normal(size=(100, 2000)), shuffles=99)
    assert abs(found.share.mean()) < 0.005
    np.testing.assert_allclose(found.null.mean(), 0, atol=0.005)
    assert 0.04 < (found.p <= 0.05).mean() < 0.06
    assert 0.47 < (found.p <= 0.5).mean() < 0.53


def test_the_interval_holds_the_share_of_the_population():
    """Means that differ by a known amount: between / (between + within) = 0.5 / 1.5."""
    draws = np.random.default_rng(3)
    grouping = np.arange(400) % 4
    means = np.array([-1.0, 0.0, 0.0, 1.0])  # variance 0.5
    values = draws.normal(size=(400, 600)) + means[grouping][:, None]
    found = explained([grouping.tolist()], values, shuffles=1)
    held = (found.low <= 1 / 3) & (found.high >= 1 / 3)
    assert 0.92 < held.mean() < 0.98
    assert found.share.mean() == pytest.approx(1 / 3, abs=0.005)


def test_units_that_never_change_have_no_share_and_too_few_pictures_are_refused():
    values = np.stack([np.ones(20), np.arange(20) % 2], 1)
    found = explained([(np.arange(20) % 2).tolist()], values)
    assert np.isnan(found.share[0])
    assert np.isnan(found.p[0])
    assert found.share[1] == pytest.approx(1)
    with pytest.raises(DataError, match="too few"):
        explained([list(range(20))], values)
    with pytest.raises(DataError, match="too much alike"):
        explained([["same"] * 20], values)


def one(*shares, p=0.005):
    template = explained([[0, 1] * 10], np.random.default_rng(0).normal(size=(20, len(shares))), shuffles=1)
    return type(template)(np.array(shares), *[np.zeros(len(shares))] * 3, np.full(len(shares), p), 20, 1)


def test_the_rule():
    stimuli = one(0.8, 0.1, 0.5, 0.05, np.nan, 0.3, 0.09)
    labels = one(0.4, 0.3, 0.4, 0.08, np.nan, -0.02, 0.12)
    expected = ("LOW_LEVEL", "HIGH_LEVEL", "MIXED", "NEITHER", "NEITHER", "LOW_LEVEL", "MIXED")
    assert codes_of(stimuli, labels, 0.1, 2.0) == expected
    assert set(codes_of(one(0.8, 0.1, p=0.06), one(0.1, 0.8, p=0.06), 0.1, 2.0)) == {"NEITHER"}
    assert codes_of(one(0.3), one(0.5), 0.1, 1.5) == ("HIGH_LEVEL",)


class Planted(nn.Module):
    """Unit 0 red minus green, 1 nothing, 2 a code in one corner pixel that says the class of a photograph."""

    def __init__(self):
        super().__init__()
        self.conv, self.relu = nn.Conv2d(3, 3, 1), nn.ReLU()
        with torch.no_grad():
            self.conv.weight.zero_()
            self.conv.weight[0, :2, 0, 0] = torch.tensor([1.0, -1.0])
            self.conv.weight[2, 2] = 1.0
            self.conv.bias.zero_()

    def forward(self, x):
        mask = torch.zeros(3, 32, 32)
        mask[0], mask[2, 0, 0] = 1, 1
        return self.relu(self.conv(x) * mask)


def pictures_of_three_classes():
    """Noise, the same for every class but the blue of the corner."""
    draws = np.random.default_rng(0)
    labels = np.arange(90) % 3
    values = np.repeat(np.repeat(draws.integers(0, 256, (90, 4, 4, 3), np.uint8), 8, 1), 8, 2)
    values[:, 0, 0, 2] = labels * 100 + draws.integers(0, 20, 90)
    return nl.load_images(list(values), labels=labels.tolist(), classes=["a", "b", "c"])


@pytest.fixture(scope="module")
def atlases(tmp_path_factory):
    model = nl.load_model(Planted(), input_size=32, mean=0.0, std=1.0, device="cpu")
    folder = tmp_path_factory.mktemp("levels")
    stimuli = nl.scan(model, nl.load_images(PATCHES), ["relu"], folder / "stimuli", workers=1)
    return stimuli, nl.scan(model, pictures_of_three_classes(), ["relu"], folder / "labelled", workers=1)


def test_planted_units_have_their_level(atlases):
    found = levels(*atlases, "relu", value="max")
    assert found.codes == ("LOW_LEVEL", "NEITHER", "HIGH_LEVEL")
    assert found.strongest[0] == "hue"
    assert found.factors["hue"].share[0] > 0.8
    assert found.labels.share[2] > 0.9
    assert (found.stimuli.pictures, found.labels.pictures, found.source.classes) == (400, 90, 3)
    assert found.counts == {"LOW_LEVEL": 1, "MIXED": 0, "HIGH_LEVEL": 1, "NEITHER": 1}
    assert tuple(found.counts) == LEVELS


def test_the_numbers_are_those_of_least_squares_on_the_samples(atlases):
    stimuli, labelled = atlases
    found = levels(stimuli, labelled, "relu:0", [0])
    table = nl.load_images(PATCHES).table().iloc[stimuli.samples("relu").images]
    varied = ("shape", "hue", "scale", "position")
    values = stimuli.samples("relu").mean[:, :1].astype(np.float64)
    assert tuple(found.factors) == varied
    joint = adjusted([table[name].tolist() for name in varied], values)
    np.testing.assert_allclose(found.stimuli.share, joint, rtol=1e-9)
    np.testing.assert_allclose(
        found.factors["shape"].share, adjusted([table["shape"].tolist()], values), atol=1e-9
    )
    frame = found.to_frame()
    assert frame["unit"].tolist() == [0]
    assert frame.loc[0, "stimuli_n"] == frame.loc[0, "hue_n"] == 400
    assert levels(stimuli, labelled, "relu:0", [0]).to_frame().equals(frame)


def test_a_factor_counts_only_the_pictures_that_have_it(tmp_path):
    model = nl.load_model(Planted(), input_size=32, device="cpu")
    spec = "stimuli?target=shape&size=32&count=200&texture=solid,stripes"
    atlas = nl.scan(model, nl.load_images(spec), ["relu"], tmp_path / "a", workers=1)
    found = levels(atlas, atlas, "relu", 0, shuffles=9)
    striped = (nl.load_images(spec).table()["texture"] == "stripes").sum()
    assert found.factors["orientation"].pictures == striped < found.stimuli.pictures == 200


def test_unlabelled_pictures_are_left_out(atlases, monkeypatch):
    stimuli, labelled = atlases
    whole = levels(stimuli, labelled, "relu", 2, value="max")
    table = labelled.images
    table["label"] = table["label"].where(table["image"] >= 30, -1)
    monkeypatch.setattr(Atlas, "images", table)
    part = levels(stimuli, labelled, "relu", 2, value="max")
    assert (whole.labels.pictures, part.labels.pictures) == (90, 60)
    assert part.labels.share[0] > 0.9
    table["label"] = -1
    with pytest.raises(DataError, match="has 0 classes"):
        levels(stimuli, labelled, "relu", 2)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"site": "rleu"}, "nearest"),
        ({"units": [3]}, "its units are 0 to 2"),
        ({"units": []}, "no unit"),
        ({"value": "median"}, "unknown value of a unit"),
        ({"least": 0}, "least lies between"),
        ({"times": 1}, "times is above 1"),
        ({"shuffles": 0}, "shuffles"),
    ],
)
def test_what_cannot_be_is_said(atlases, choice, words):
    with pytest.raises(UsageError, match=words):
        levels(*atlases, **{"site": "relu", **choice})


def test_atlases_that_do_not_fit_are_refused(atlases, tmp_path):
    stimuli, labelled = atlases
    with pytest.raises(UsageError, match="has no factors"):
        levels(labelled, labelled, "relu")
    other = nl.load_model(nn.Sequential(nn.Conv2d(3, 3, 1), nn.ReLU()), input_size=32, device="cpu")
    elsewhere = nl.scan(other, pictures_of_three_classes(), ["1"], tmp_path / "x", workers=1)
    with pytest.raises(UsageError, match="other weights"):
        levels(stimuli, elsewhere, "relu")
