"""Each transform against SciPy or plain indexing, and samples that are changed independently."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from neurolupa.synthesis.streams import Streams
from neurolupa.synthesis.transforms import (
    Blur,
    Crop,
    Flip,
    Jitter,
    Noise,
    Pad,
    Rotate,
    Scale,
    blurred,
    resized,
    transformed,
    warped,
)

STEPS = [
    Pad(0.2),
    Pad(0.2, mirrored=True),
    Jitter(0.4),
    Scale(0.8, 1.2),
    Rotate(10),
    Flip(),
    Crop(0.5),
    Noise(0.1),
    Blur(1),
]
LIKE = torch.zeros((), dtype=torch.float64)


def pictures(count=1, height=9, width=12):
    torch.manual_seed(0)
    return torch.rand(count, 3, height, width, dtype=torch.float64)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_each_sample_is_changed_as_if_alone(step):
    given = pictures(3)
    together = transformed(given, [step], Streams.of([1, 2, 3], LIKE))
    for index in range(3):
        alone = transformed(given[index : index + 1], [step], Streams.of([index + 1], LIKE))
        torch.testing.assert_close(together[index], alone[0])
    same = transformed(given[:1].expand(3, -1, -1, -1), [step], Streams.of([1, 2, 3], LIKE))
    assert isinstance(step, Pad | Flip) or not same[0].equal(same[1])


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_gradients_flow_through(step):
    given = pictures().requires_grad_()
    transformed(given, [step], Streams.of([1], LIKE)).sum().backward()
    assert given.grad.any()


def test_jitter_moves_by_whole_pixels():
    given, seen = pictures(), set()
    for seed in range(40):
        moved = transformed(given, [Jitter(1 / 9)], Streams.of([seed], LIKE))
        inner = moved[0, :, 2:-2, 2:-2]
        for down in (-1, 0, 1):
            for across in (-1, 0, 1):
                part = given[0, :, 2 + down : 7 + down, 2 + across : 10 + across]
                if torch.allclose(inner, part, atol=1e-9):
                    seen.add((down, across))
    assert len(seen) == 9


def test_flip_is_a_mirror_every_second_time():
    given = pictures()
    found = [transformed(given, [Flip()], Streams.of([seed], LIKE)) for seed in range(40)]
    mirrored = [torch.allclose(one, given.flip(3), atol=1e-9) for one in found]
    assert all(m or torch.allclose(one, given, atol=1e-9) for m, one in zip(mirrored, found, strict=True))
    assert 8 < sum(mirrored) < 32


def test_a_quarter_turn_and_a_window():
    given = pictures(1, 8, 8)
    turn = torch.tensor([[[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]], dtype=torch.float64)
    torch.testing.assert_close(warped(given, turn), given.rot90(1, (2, 3)))
    half = torch.tensor([[[0.5, 0, 2], [0, 0.5, -2], [0, 0, 1]]], dtype=torch.float64)
    torch.testing.assert_close(warped(given, half, (4, 4)), given[:, :, :4, 4:])


def test_motions_in_a_row_are_their_product():
    turn, scale = Rotate(30), Scale(0.7, 0.7)
    once = transformed(pictures(1, 64, 64), [turn, scale], Streams.of([4], LIKE))
    streams = Streams.of([4], LIKE)
    both = turn.matrices((64, 64), streams)
    both = both @ scale.matrices((64, 64), streams)
    torch.testing.assert_close(once, warped(pictures(1, 64, 64), both))


def test_a_crop_stays_inside_and_narrows():
    ramp = torch.linspace(0, 1, 101, dtype=torch.float64).expand(1, 1, 101, 101)
    found = transformed(ramp.expand(50, -1, -1, -1), [Crop(0.2)], Streams.of(range(50), LIKE), (21, 21))
    assert float((found[:, 0, 0, -1] - found[:, 0, 0, 0]).std()) < 1e-9
    assert float((found[:, 0, 0, -1] - found[:, 0, 0, 0]).mean()) == pytest.approx(0.2, rel=0.06)
    assert found.min() < 0.1
    assert found.max() > 0.9
    assert Crop(0.5, last=0.1).at(0.5).share == pytest.approx(0.3)


def test_blur_is_scipys():
    given = pictures(2, 20, 20)
    reach = 6
    places = np.arange(-reach, reach + 1)
    kernels = np.stack([np.exp(-0.5 * (places / sigma) ** 2) for sigma in (1.0, 1.5)])
    kernels /= kernels.sum(1, keepdims=True)
    found = blurred(given, torch.from_numpy(kernels))
    for index, sigma in enumerate((1.0, 1.5)):
        wanted = gaussian_filter(given[index].numpy(), (0, sigma, sigma), mode="nearest", radius=reach)
        np.testing.assert_allclose(found[index], wanted, atol=1e-9)


def test_noise_and_pads_and_sizes():
    flat = torch.full((4, 3, 50, 50), 0.5, dtype=torch.float64)
    noisy = transformed(flat, [Noise(0.1)], Streams.of(range(4), LIKE))
    assert float((noisy - flat).std()) == pytest.approx(0.1, rel=0.05)
    padded = transformed(flat * 0, [Pad(0.06)], Streams.of(range(4), LIKE))
    assert padded.shape[-2:] == (56, 56)
    assert padded[0, 0, 0, 0] == 0.5
    assert resized(flat, (20, 30)).shape[-2:] == (20, 30)
    assert resized(flat, (50, 50)) is flat
