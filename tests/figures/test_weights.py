import numpy as np
import pytest

from neurolupa.errors import UsageError
from neurolupa.figures import kernels


def pictures(figure) -> list[np.ndarray]:
    return [np.asarray(axes.images[0].get_array()) for axes in figure.axes if axes.images]


def test_three_channels_are_colours_in_one_scale_with_grey_as_zero():
    weight = np.zeros((2, 3, 1, 2))
    weight[0, 0, 0, 0] = 4.0
    weight[1, 2, 0, 1] = -2.0
    first, second = pictures(kernels(weight, name="conv1"))
    np.testing.assert_allclose(first, [[[1, 0.5, 0.5], [0.5, 0.5, 0.5]]])
    np.testing.assert_allclose(second, [[[0.5, 0.5, 0.5], [0.5, 0.5, 0.25]]])


def test_deeper_kernels_show_lengths_and_say_why_they_have_no_colours():
    weight = np.zeros((1, 4, 1, 2))
    weight[0, :2, 0, 0] = 3.0, 4.0
    weight[0, 3, 0, 1] = -1.0
    figure = kernels(weight)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[5, 1]])
    assert figure.axes[0].images[0].get_clim() == (0, 5)
    assert "features, not colours" in figure.get_supxlabel()


def test_one_channel_keeps_its_signs():
    figure = kernels(np.array([[[[1.0, -2.0]]]]))
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[1, -2]])
    assert figure.axes[0].images[0].get_clim() == (-2, 2)


@pytest.mark.parametrize(("total", "units", "shown"), [(64, 16, 16), (5, 16, 5), (64, 3, 3), (64, 17, 17)])
def test_the_first_kernels_are_shown(total, units, shown):
    figure = kernels(np.ones((total, 3, 2, 2)), units=units)
    assert len(pictures(figure)) == shown
    assert f"units 0 to {shown - 1} of {total}" in figure.get_suptitle()


def test_a_tensor_that_wants_gradients_and_half_precision_is_welcome():
    import torch

    weight = torch.nn.Conv2d(1, 2, 3).bfloat16().weight
    assert weight.requires_grad
    np.testing.assert_allclose(pictures(kernels(weight))[1], weight[1, 0].detach().float().numpy())


@pytest.mark.parametrize(
    ("weight", "units"),
    [
        (np.ones((2, 3)), 16),
        (np.ones((2, 3, 1, 1)), 0),
        (np.ones((0, 3, 1, 1)), 16),
        ("an atlas", 16),
        (object(), 16),
        (None, 16),
        (np.ones((2, 3, 1, 1)), 1.5),
    ],
)
def test_what_is_no_kernel_is_refused(weight, units):
    with pytest.raises(UsageError, match=r"kernels need a weight|units must be"):
        kernels(weight, units=units)


def test_a_kernel_of_zeros_is_grey():
    np.testing.assert_allclose(pictures(kernels(np.zeros((1, 3, 2, 2))))[0], 0.5)
