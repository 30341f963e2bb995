"""There and back for every parameterisation, and what each promises of its pictures."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurolupa.synthesis.parameterisations import PARAMETERISATIONS, Canvas, Fourier, Maco, Pixel
from neurolupa.synthesis.prior import Prior, measure_prior, natural_prior
from neurolupa.synthesis.streams import Streams, seed_of

SIZES = [(8, 8), (7, 9), (9, 6), (5, 5), (1, 4)]


def prior_of(channels):
    rng = np.random.default_rng(channels)
    return Prior("p", 1, np.full(channels, 0.5), rng.normal(size=(channels, channels)) * 0.2,
                 rng.uniform(1, 30, (channels, 128, 65)))  # fmt: skip


def canvas(size, channels=3, prior=None):
    return Canvas(*size, prior or prior_of(channels), dtype=torch.float64)


@pytest.mark.parametrize("name", PARAMETERISATIONS.names())
@pytest.mark.parametrize("channels", [1, 3, 5])
@pytest.mark.parametrize("size", SIZES)
def test_every_entry_makes_pictures_that_gradients_reach(name, channels, size):
    made = PARAMETERISATIONS[name](canvas(size, channels))
    numbers = made.start(Streams.of([1, 2, 3], torch.zeros((), dtype=torch.float64))).requires_grad_()
    pictures = made.pictures(numbers)
    assert pictures.shape == (3, channels, *size)
    assert pictures.dtype == torch.float64
    assert bool(((pictures >= 0) & (pictures <= 1)).all())
    (slope,) = torch.autograd.grad(pictures[1].square().sum(), numbers)
    assert slope[1].any() or size == (1, 4)
    assert not slope[0].any()
    assert not slope[2].any()
    alone = made.start(Streams.of([2], torch.zeros((), dtype=torch.float64)))
    torch.testing.assert_close(made.pictures(alone)[0], pictures[1].detach())


@pytest.mark.parametrize("maker", [Pixel, Fourier])
@pytest.mark.parametrize("size", SIZES)
def test_pictures_come_back(maker, size):
    torch.manual_seed(1)
    wanted = torch.rand(2, 3, *size, dtype=torch.float64) * 0.9 + 0.05
    made = maker(canvas(size))
    torch.testing.assert_close(made.pictures(made.numbers(wanted)), wanted, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (6, 5), (5, 6)])
def test_maco_changes_no_magnitude(size):
    pale = replace(prior_of(3), colours=prior_of(3).colours / 10)  # no value near 0 or 1
    made = Maco(canvas(size, prior=pale))
    numbers = made.start(Streams.of([0], torch.zeros((), dtype=torch.float64)))
    found = torch.fft.rfft2(made.planes(numbers))[0].abs()
    torch.testing.assert_close(found, made.magnitudes, rtol=1e-6, atol=1e-6)
    again = made.numbers(made.pictures(numbers))
    torch.testing.assert_close(made.pictures(again), made.pictures(numbers), rtol=1e-6, atol=1e-6)


def test_fourier_colours_are_the_priors():
    """White numbers give pictures whose logits are correlated as the prior's colours are."""
    measured = natural_prior()
    made = Fourier(canvas((64, 64), prior=measured), spread=1.0, decay=0.0)
    numbers = made.start(Streams.of(range(20), torch.zeros((), dtype=torch.float64)))
    logits = made.pictures(numbers).logit().permute(1, 0, 2, 3).reshape(3, -1).numpy()
    wanted = np.cov(measured.colours @ np.random.default_rng(0).normal(size=(3, 200_000)))
    scale = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    np.testing.assert_allclose(np.corrcoef(logits), wanted / scale, atol=0.05)


def weights_of(sees, size=(32, 48)):
    """Frequencies in cycles a pixel and what Fourier weighs them with, the mean of the picture left out."""
    made = Fourier(replace(canvas(size), sees=sees))
    frequency = np.hypot(np.fft.fftfreq(size[0])[:, None], np.fft.rfftfreq(size[1])[None])
    weights = made.scale[..., 0].numpy()
    return frequency.ravel()[1:], weights.ravel()[1:], weights[0, 0]


def test_waves_longer_than_what_a_unit_sees_weigh_no_more_than_those_it_sees():
    frequency, weights, _ = weights_of(8.0)
    long = frequency <= 1 / 8
    assert np.ptp(weights[long]) == 0
    assert (weights[~long] < weights[long].max()).all()
    np.testing.assert_allclose(
        weights[~long] / weights[long].max(), (8 * frequency[~long]) ** -Fourier.decay, rtol=1e-9
    )


def test_who_sees_little_has_as_much_weight_in_all_and_the_same_for_the_mean():
    _, all_of_it, mean = weights_of(None)
    for sees in (1.0, 7.0, 30.0):
        _, some, same = weights_of(sees)
        assert same == mean
        assert np.square(some).sum() == pytest.approx(np.square(all_of_it).sum(), rel=1e-9)
        assert some[-1] >= all_of_it[-1]


def test_who_sees_all_of_a_picture_or_more_changes_nothing():
    for sees in (48.0, 435.0, np.inf):
        np.testing.assert_array_equal(weights_of(sees)[1], weights_of(None)[1])


def test_the_priors_spectrum_is_that_of_its_pictures():
    class Waves:
        name = "waves"

        def __len__(self):
            return 3

        def __getitem__(self, index):
            from types import SimpleNamespace

            from PIL import Image

            across = np.arange(256) * 2 * np.pi * 16 / 128
            plane = np.tile(np.rint(127.5 + 100 * np.sin(across + index)), (256, 1)).astype(np.uint8)
            return SimpleNamespace(image=Image.fromarray(plane))

    prior = measure_prior(Waves(), channels=1)
    assert prior.spectrum[0].argmax() == 16
    assert prior.colours[0, 0] == pytest.approx(100 / 255 / np.sqrt(2), rel=0.01)
    sizes = prior.magnitudes(64, 96)[0]
    assert sizes[0, 12] == sizes.max()  # 16 of 128 pixels is 12 of 96
    assert float(sizes[0, 0]) == 0


@pytest.mark.parametrize("size", [(8, 8), (7, 9), (9, 6), (64, 64), (33, 128), (192, 192)])
def test_maco_has_natural_contrast_at_any_size(size):
    """Every uncorrelated channel has variance 1: the pictures' colours vary together as the prior's do."""
    made = Maco(canvas(size, prior=natural_prior()))
    planes = made.planes(made.start(Streams.of([0, 1], torch.zeros((), dtype=torch.float64)))).numpy()
    np.testing.assert_allclose(planes.var((2, 3)), 1, rtol=1e-5)
    np.testing.assert_allclose(planes.mean((2, 3)), 0, atol=1e-9)


@pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1)])
def test_magnitudes_of_the_smallest_pictures_are_finite(size):
    sizes = natural_prior().magnitudes(*size)
    assert sizes.isfinite().all()
    assert not sizes[:, 0, 0].any()


def test_streams_do_not_depend_on_neighbours():
    several, alone = Streams.of([5, 6, 7]), Streams.of([6])
    assert several.uniform(0, 1, 4)[1].equal(alone.uniform(0, 1, 4)[0])
    assert several.copied(2).normal(3)[2:4].equal(alone.copied(2).normal(3))
    assert len({seed_of(0, "a", unit) for unit in range(100)}) == 100
