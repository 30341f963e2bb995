"""Input gradients on windows of the picture, against autograd on the whole picture."""

import pytest
import torch
from torch import nn

from neurolupa.capture import Place, input_gradient, input_gradients, trace
from neurolupa.capture.cropping import crops_of
from neurolupa.errors import DataError, UsageError

SIZE = 61


def strided():
    """Strides 2, 2 and 2 with padding, a pooling, and rectifiers that write in place."""
    torch.manual_seed(0)
    norm = nn.BatchNorm2d(6)
    norm.running_mean.uniform_(-1, 1)
    return nn.Sequential(
        nn.Conv2d(3, 6, 5, stride=2, padding=2),
        norm,
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
        nn.Conv2d(6, 6, 3, stride=2, padding=1),
        nn.ReLU(inplace=True),
    )


class Gated(nn.Module):
    """Squeeze and excitation: every position sees the whole picture."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.gate, self.last = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 3)

    def forward(self, x):
        x = self.conv(x)
        return self.last(x * torch.sigmoid(self.gate(x.mean((2, 3), keepdim=True))))


class Sized(nn.Module):
    """Local by its operations, but its values depend on the size of the picture."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x):
        return self.conv(x * (x.shape[-1] / SIZE))


class Fixed(Sized):
    """Takes pictures of one size."""

    def forward(self, x):
        if x.shape[-1] != SIZE:
            raise ValueError("wrong size")
        return self.conv(x)


class Reused(nn.Module):
    """One rectifier, called twice."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.relu = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.ReLU(inplace=True)

    def forward(self, x):
        return self.relu(self.second(self.relu(self.first(x))))


@pytest.fixture
def picture():
    return torch.randn(1, 3, SIZE, SIZE, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def sizes_seen():
    """The heights of what a network is given, noted while the context is open."""

    def watch(model):
        sizes = []
        hook = model.module.register_forward_pre_hook(lambda module, args: sizes.append(args[0].shape[-1]))
        return sizes, hook

    return watch


def oracle(module, layer, call, image, index):
    """The gradient by autograd, from a hook that copies the call's output while the network runs."""
    copies = []
    hook = module.get_submodule(layer).register_forward_hook(
        lambda m, a, output: copies.append(output.clone())
    )
    leaf = image.clone().requires_grad_()
    try:
        module(leaf.clone())
    finally:
        hook.remove()
    return torch.autograd.grad(copies[call][(0, *index)], leaf)[0][0]


def strongest(maps):
    """One position of each unit, its highest, so that no gradient is zero by chance."""
    return [(unit, *divmod(int(one.argmax()), one.shape[1])) for unit, one in enumerate(maps)]


@pytest.mark.parametrize("layer", ["0", "2", "3", "4", "5"])
def test_windows_give_the_gradient_of_the_whole_picture(as_model, untouched, picture, layer, sizes_seen):
    model = as_model(strided(), SIZE)
    site = trace(model).find(layer)
    with torch.no_grad():
        maps = model.module[: int(layer) + 1](picture.clone())[0]
    last = (site.height - 1, site.width - 1)
    corners = [(0, *last), (1, 0, 0), (2, last[0], 0), (3, 0, last[1]), (4, 3, 2)]
    indices = strongest(maps) + corners
    sizes, hook = sizes_seen(model)
    with untouched(model):
        found = input_gradients(model, picture, site, [Place(*index) for index in indices], maps)
    hook.remove()
    assert max(sizes) < SIZE  # nothing but windows was run
    expected = torch.stack([oracle(model.module, layer, 0, picture, index) for index in indices])
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    assert (expected != 0).flatten(1).any(1).sum() >= 6


@pytest.mark.parametrize(("network", "layer"), [(Gated, "last"), (Sized, "conv"), (Fixed, "conv")])
def test_where_a_window_is_not_enough_the_whole_picture_is_taken(
    as_model, untouched, picture, network, layer, sizes_seen
):
    model = as_model(network(), SIZE)
    site = trace(model)[-1]
    sizes, hook = sizes_seen(model)
    with untouched(model):
        found = input_gradient(model, picture, site, 1, (20, 30))
    hook.remove()
    assert sizes[-1] == SIZE
    leaf = picture.clone().requires_grad_()
    (expected,) = torch.autograd.grad(model.module(leaf)[0, 1, 20, 30], leaf)
    torch.testing.assert_close(found, expected[0], rtol=1e-5, atol=1e-7)
    assert found.abs().sum() > 0


def test_an_earlier_call_of_a_shared_layer(as_model, picture):
    model = as_model(Reused(), SIZE)
    for call in (0, 1):
        found = input_gradient(model, picture, f"relu:{call}", 2, (40, 11))
        torch.testing.assert_close(found, oracle(model.module, "relu", call, picture, (2, 40, 11)))


def test_a_unit_with_one_value(as_model, picture):
    torch.manual_seed(0)
    model = as_model(nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(12, 3)), SIZE)
    found = input_gradient(model, picture[0], "2", 1)
    torch.testing.assert_close(found, oracle(model.module, "2", 0, picture, (1,)))


def test_windows_lie_on_the_grid_and_end_where_the_picture_ends(as_model):
    model = as_model(strided(), SIZE)
    site = trace(model).find("5")
    # field: 5 + (3-1)*2 + (3-1)*4 = 17 pixels, 8 from one to the next, the first from -8
    found = crops_of(trace(model), site, [(0, 3), (4, 7)], (SIZE, SIZE))
    # 17 + 7 pixels hold any field; the columns reach the end, and 61 - 29 is on the grid of 8
    assert [(crop.height, crop.width) for crop in found] == [(24, 29), (24, 29)]
    assert (found[0].top, found[0].row) == (0, 0)
    assert (found[0].left, found[0].column) == (16, 1)  # its field begins at 3 * 8 - 8
    assert (found[1].top, found[1].row) == (24, 1)  # 4 * 8 - 8
    assert (found[1].left, found[1].column) == (32, 3)  # the last window of the grid


def test_what_has_no_gradient_is_said_in_one_line(as_model, picture, untouched):
    model = as_model(strided(), SIZE)
    with pytest.raises(UsageError, match="no unit 6 at 5; units are 0 to 5"):
        input_gradient(model, picture, "5", 6)
    with pytest.raises(UsageError, match="no column 8 at 5; columns are 0 to 7"):
        input_gradient(model, picture, "5", 0, (0, 8))
    with pytest.raises(UsageError, match="one picture, not of 2"):
        input_gradient(model, torch.cat([picture, picture]), "5", 0)

    class Cut(nn.Conv2d):
        def forward(self, x):
            return super().forward(x.detach())

    cut = as_model(nn.Sequential(Cut(3, 4, 3).requires_grad_(False)), SIZE)
    with untouched(cut), pytest.raises(DataError, match="no gradient can be had at 0:0"):
        input_gradient(cut, picture, "0", 0)


@pytest.mark.real
def test_windows_of_a_real_network(data):
    from neurolupa.models import load_model

    weights = data / "weights" / "resnet18-imagenet-trunk.pth"
    model = load_model("resnet18", weights=weights, allow_partial=True, device="cpu")
    image = torch.randn(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    places = [Place(17, 0, 27), Place(3, 14, 9), Place(99, 27, 27)]
    found = input_gradients(model, image, "layer2.0.conv1", places)
    for place, gradient in zip(places, found, strict=True):
        index = (place.unit, place.row, place.column)
        expected = oracle(model.module, "layer2.0.conv1", 0, image, index)
        torch.testing.assert_close(gradient, expected, rtol=1e-3, atol=1e-5 * float(expected.abs().max()))
