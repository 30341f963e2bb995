"""Patches and matches of hand-made maps and kernels, against torch and slow formulas."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.capture import ReceptiveField, record, trace
from neurolupa.capture.convolutions import Convolution, convolution_of
from neurolupa.errors import UsageError
from neurolupa.inspection.kernels import convolution_at
from neurolupa.inspection.matching import match_at
from neurolupa.inspection.patches import detected_patches, patches_of
from neurolupa.models import load_model

PIXELS = ReceptiveField(size=(1, 1), stride=(1, 1), start=(0, 0))
PICTURE = np.arange(12 * 12 * 3, dtype=np.uint8).reshape(12, 12, 3)


def test_the_highest_positions_come_first():
    values = np.zeros((12, 12))
    values[2, 3], values[9, 9], values[5, 0], values[11, 11] = 4.0, 7.0, 5.0, 1.0
    patches = detected_patches(values, PICTURE, PIXELS, unit=8)
    assert [patch.position for patch in patches] == [(9, 9), (5, 0), (2, 3)]
    assert [(patch.rank, patch.value) for patch in patches] == [(1, 7.0), (2, 5.0), (3, 4.0)]
    assert patches[1].box == (0, 5, 1, 6)
    assert np.array_equal(patches[1].crop, PICTURE[5:6, 0:1])
    assert (patches.unit, patches.spaced_by, patches.spacing, patches.code) == (
        8,
        "receptive_field",
        (1, 1),
        None,
    )


def test_receptive_fields_do_not_overlap():
    field = ReceptiveField(size=(5, 3), stride=(2, 1), start=(-1, -1))  # 3 rows and 3 columns apart
    values = np.zeros((6, 12))
    values[0, 0], values[0, 2], values[2, 1], values[0, 3], values[3, 2] = 9.0, 8.0, 7.0, 6.0, 5.0
    patches = detected_patches(values, PICTURE, field)
    assert [patch.position for patch in patches] == [(0, 0), (0, 3), (3, 2)]
    assert patches.spacing == (3, 3)
    boxes = [patch.whole_box for patch in patches]
    for one in range(3):
        for other in range(one):
            (ax0, ay0, ax1, ay1), (bx0, by0, bx1, by1) = boxes[one], boxes[other]
            assert ax1 <= bx0 or bx1 <= ax0 or ay1 <= by0 or by1 <= ay0


def test_fields_that_just_touch_are_both_taken():
    field = ReceptiveField(size=(3, 3), stride=(1, 1), start=(-1, -1))
    for row, column in ((3, 6), (9, 6), (6, 3), (6, 9)):
        values = np.zeros((12, 12))
        values[6, 6], values[row, column] = 2.0, 1.0
        patches = detected_patches(values, PICTURE, field)
        assert (len(patches), patches.spaced_by) == (2, "receptive_field")
        near = (row + (row < 6) - (row > 6), column + (column < 6) - (column > 6))
        values[row, column], values[near] = 0.0, 1.0
        patches = detected_patches(values, PICTURE, field)
        assert (len(patches), patches.spaced_by, patches.spacing) == (2, "kernel", (2, 2))


def test_where_the_field_is_too_large_the_kernel_keeps_positions_apart():
    field = ReceptiveField(size=(99, 99), stride=(4, 4), start=(-45, -45))
    kernel = Convolution(np.ones((1, 1, 3, 3)))
    values = np.zeros((5, 5))
    values[0, 0], values[1, 1], values[0, 3], values[4, 4] = 5.0, 4.0, 3.0, 2.0
    patches = detected_patches(values, PICTURE, field, convolution=kernel)
    assert [patch.position for patch in patches] == [(0, 0), (0, 3), (4, 4)]
    assert (patches.spaced_by, patches.spacing) == ("kernel", (3, 3))
    assert {patch.box for patch in patches} == {(0, 0, 12, 12)}
    assert all(patch.clipped for patch in patches)


def test_only_what_fires_is_a_patch():
    values = np.full((3, 3), -1.0)
    values[1, 1], values[0, 0] = 2.0, 1e-6
    assert [patch.position for patch in detected_patches(values, PICTURE, PIXELS)] == [(1, 1)]
    ties = np.ones((4, 4))
    ties[3, 3] = 0.0
    found = detected_patches(ties, PICTURE, None, convolution=Convolution(np.ones((1, 1, 1, 1))))
    assert [patch.position for patch in found] == [(0, 0), (0, 2), (2, 0)]  # never neighbours


@pytest.mark.parametrize(
    ("values", "code"),
    [(np.zeros((3, 3)), "dead"), (np.ones((3, 3)), "constant"), (np.full((3, 3), np.nan), "not_finite")],
)
def test_maps_without_peaks_say_why(values, code):
    patches = detected_patches(values, PICTURE, PIXELS)
    assert (len(patches), patches.code, len(patches.to_frame())) == (0, code, 0)


def test_one_value_is_one_patch_of_the_whole_picture():
    field = ReceptiveField(size=(12, 12), stride=(0, 0), start=(0, 0))
    (patch,) = detected_patches(np.array([[2.5]]), PICTURE, field)
    assert (patch.value, patch.box, patch.clipped) == (2.5, (0, 0, 12, 12), False)


def test_without_a_receptive_field_there_is_no_crop():
    (patch, *_) = detected_patches(np.eye(3), PICTURE, None)
    assert (patch.box, patch.crop, patch.clipped) == (None, None, False)


def slow_cosine(a: np.ndarray, b: np.ndarray) -> float:
    return (
        sum(x * y for x, y in zip(a.ravel(), b.ravel(), strict=True))
        / math.dist(a.ravel(), 0 * a.ravel())
        / (math.dist(b.ravel(), 0 * b.ravel()))
    )


def test_a_kernel_found_again_in_its_input_matches_wholly():
    kernel = np.array([[[[1.0, -2.0], [0.5, 3.0]]]])
    inputs = np.random.default_rng(0).normal(size=(1, 8, 8))
    inputs[0, 3:5, 5:7] = 2 * kernel[0, 0]
    layer = Convolution(kernel, bias=np.array([0.25]))
    match, other = match_at(layer, 0, inputs, [(3, 5), (0, 0)])
    assert match.cosine == pytest.approx(1.0)
    assert match.p_value == pytest.approx(1 / 49)  # of 7 x 7 positions no other is as high
    assert match.positions == 48
    assert match.above_null
    assert match.computed == pytest.approx(2 * (1 + 4 + 0.25 + 9) + 0.25)
    assert other.cosine == pytest.approx(slow_cosine(kernel[0, 0], inputs[0, :2, :2]))


def test_the_null_is_what_all_other_positions_say():
    rng = np.random.default_rng(1)
    module = nn.Conv2d(4, 3, 3, stride=2, padding=1, dilation=1, groups=1).double()
    inputs = torch.from_numpy(rng.normal(size=(1, 4, 11, 9)))
    unit, place = 2, (3, 1)
    weight = module.weight[unit : unit + 1].detach()
    dots = nn.functional.conv2d(inputs, weight, stride=2, padding=1)[0, 0]
    squares = nn.functional.conv2d(inputs**2, torch.ones_like(weight), stride=2, padding=1)[0, 0]
    cosines = (dots / squares.sqrt() / weight.norm()).numpy()
    others = np.delete(cosines.ravel(), place[0] * cosines.shape[1] + place[1])
    (match,) = match_at(convolution_of(module), unit, inputs[0].numpy(), [place], draws=10**6)
    assert match.cosine == pytest.approx(cosines[place])
    assert match.null == pytest.approx(np.quantile(others, 0.95))
    assert match.p_value == pytest.approx((1 + (others >= cosines[place]).sum()) / (1 + len(others)))


def test_the_draw_is_seeded_and_bounded():
    layer = Convolution(np.ones((1, 1, 2, 2)))
    inputs = np.random.default_rng(2).normal(size=(1, 40, 40))
    matches = [match_at(layer, 0, inputs, [(4, 4)], draws=50, seed=seed)[0] for seed in (5, 5, 6)]
    assert all(match.positions in (49, 50) for match in matches)  # one less where it is drawn itself
    nulls = [match.null for match in matches]
    assert nulls[0] == nulls[1] != nulls[2]
    every = match_at(layer, 0, inputs, [(4, 4)], draws=10**6)[0]
    assert every.positions == 39 * 39 - 1


def test_blank_patches_match_nothing_and_blank_kernels_have_no_match():
    layer = Convolution(np.array([[[[1.0]]], [[[0.0]]]]), bias=np.array([3.0, 4.0]))
    inputs = np.zeros((1, 2, 2))
    inputs[0, 1, 1] = 5.0
    (blank,) = match_at(layer, 0, inputs, [(0, 0)])
    assert (blank.cosine, blank.computed, blank.above_null) == (0.0, 3.0, False)
    (zeros,) = match_at(layer, 1, inputs, [(1, 1)])
    assert math.isnan(zeros.cosine)
    assert math.isnan(zeros.p_value)
    assert zeros.computed == 4.0


def test_the_only_position_has_no_null():
    (match,) = match_at(Convolution(np.ones((1, 1, 2, 2))), 0, np.ones((1, 2, 2)), [(0, 0)])
    assert (match.positions, match.p_value, match.cosine) == (0, 1.0, pytest.approx(1.0))
    assert math.isnan(match.null)
    assert not match.above_null


def test_a_wrong_value_breaks_the_identity():
    layer = Convolution(np.ones((1, 1, 1, 1)))
    inputs = np.array([[[2.0, 3.0]]])
    good, bad = np.array([[2.0, 3.0]]), np.array([[2.01, 3.0]])
    assert match_at(layer, 0, inputs, [(0, 0)], output=good)[0].identity_holds is True
    assert match_at(layer, 0, inputs, [(0, 0)], output=bad)[0].identity_holds is False
    assert match_at(layer, 0, inputs, [(0, 0)])[0].identity_holds is None


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(3, 4, 3, padding=1, stride=2),
        nn.Conv2d(3, 6, 5, padding=2, groups=3, dilation=2),
        nn.Conv2d(3, 4, 3, padding="same", padding_mode="reflect"),
    ],
)
def test_the_identity_holds_in_a_real_pass(layer):
    torch.manual_seed(0)
    model = load_model(nn.Sequential(layer, nn.ReLU()), input_size=16)
    image = torch.randn(1, 3, 16, 16)
    maps = record(model, image, "0, 1")
    site = trace(model).find("0")
    patches = detected_patches(
        maps["1"][0, 1].numpy(),
        np.zeros((16, 16, 3), np.uint8),
        site.receptive_field,
        unit=1,
        convolution=convolution_at(model, site),
        inputs=image[0].numpy(),
        output=maps["0"][0, 1].numpy(),
    )
    assert len(patches) > 0
    assert patches.match_code is None
    assert all(patch.match.identity_holds for patch in patches)
    assert all(patch.match.computed == pytest.approx(patch.value, rel=1e-4) for patch in patches)
    frame = patches.to_frame()
    assert frame["cosine"].tolist() == [patch.match.cosine for patch in patches]
    assert frame["unit"].unique().tolist() == [1]


@pytest.mark.parametrize("groups", [1, 3])
@pytest.mark.parametrize("itself", [False, True])
def test_several_units_at_once_are_those_of_one_by_one(groups, itself):
    rng = np.random.default_rng(4)
    layer = convolution_of(nn.Conv2d(6, 9, 3, padding=1, groups=groups))
    inputs, maps = rng.normal(size=(6, 12, 12)), rng.normal(size=(9, 12, 12))
    given = {"convolution": layer, "inputs": inputs, "draws": 40, "seed": 7, "count": 2}
    found = patches_of({unit: maps[unit] for unit in (8, 0, 4, 1)}, PICTURE, PIXELS, itself=itself, **given)
    assert list(found) == [8, 0, 4, 1]
    for unit, patches in found.items():
        output = maps[unit] if itself else None
        alone = detected_patches(maps[unit], PICTURE, PIXELS, unit=unit, output=output, **given)
        assert (patches.unit, patches.seed) == (unit, 7)
        assert patches.to_frame().equals(alone.to_frame())
        kernel = layer.weight[unit].astype(np.float64)
        for patch in patches:
            under = layer.patches(inputs, unit, np.array([patch.position]))[0]
            assert patch.match.cosine == pytest.approx(slow_cosine(kernel, under))


def test_why_there_is_no_match():
    class Own(nn.Conv2d):
        def forward(self, batch):
            return super().forward(2 * batch)

    layer, inputs = Convolution(np.ones((1, 1, 1, 1))), np.ones((1, 3, 3))
    cases = {
        "no_convolution": {"convolution": layer},
        "other_positions": {"convolution": layer, "inputs": np.ones((1, 6, 6))},
        "own_forward": {"convolution": convolution_of(Own(1, 1, 1)), "inputs": inputs},
    }
    for code, given in cases.items():
        patches = detected_patches(np.eye(3), PICTURE, PIXELS, **given)
        assert patches.match_code == code
        assert {patch.match for patch in patches} == {None}
    assert detected_patches(np.eye(3), PICTURE, PIXELS, convolution=layer, inputs=inputs).match_code is None


def test_senseless_arguments():
    for values, seen, count in (
        (np.zeros(3), PICTURE, 3),
        (np.eye(3), PICTURE[0], 3),
        (np.eye(3), PICTURE, 0),
    ):
        with pytest.raises(UsageError):
            detected_patches(values, seen, PIXELS, count=count)
    with pytest.raises(UsageError, match="units are 0 to 0"):
        match_at(Convolution(np.ones((1, 1, 1, 1))), 1, np.ones((1, 3, 3)), [(0, 0)])
