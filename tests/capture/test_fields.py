"""Receptive fields are proved against gradients: what a position sees is where its gradient is not zero."""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from neurolupa.capture import ReceptiveField, record, trace
from neurolupa.capture.fields import Reach, adaptive_windows, cover, merge, resize_windows


def positive(net):
    """All weights positive, so that no gradient cancels and every ReLU is open on a positive image."""
    for parameter in net.parameters():
        nn.init.uniform_(parameter, 0.5, 1.0)
    return net


def seen(model, site, row, column):
    """The box (x0, y0, x1, y1) of input pixels that one position depends on, by autograd; None if on none."""
    image = torch.rand(1, 3, *model.preprocessing.input_size).add(0.5).requires_grad_()
    kept = {}
    module = dict(model.module.named_modules())[site.layer]
    handle = module.register_forward_hook(lambda m, a, out: kept.update(value=out))
    model.module(image)
    handle.remove()
    value = kept["value"].movedim(site.channel_axis, 1).reshape(1, site.units, site.height, site.width)
    (gradient,) = torch.autograd.grad(value[0, :, row, column].sum(), image)
    hit = gradient[0].abs().sum(0).nonzero()
    if not len(hit):
        return None
    (top, left), (bottom, right) = hit.amin(0).tolist(), hit.amax(0).tolist()
    return left, top, right + 1, bottom + 1


def clipped(box, size):
    """The part of a box inside the image; None where it lies in the padding."""
    left, top, right, bottom = max(box[0], 0), max(box[1], 0), min(box[2], size), min(box[3], size)
    return (left, top, right, bottom) if left < right and top < bottom else None


def positions(site):
    rows = sorted({0, 1, site.height // 2, site.height - 1} & set(range(site.height)))
    columns = sorted({0, 1, site.width // 2, site.width - 1} & set(range(site.width)))
    return itertools.product(rows, columns)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Conv2d(4, 4, 3, 2, 1), nn.Conv2d(4, 4, 3, padding=1))
        self.skip = nn.Conv2d(4, 4, 1, 2)

    def forward(self, x):
        return F.relu(self.main(x) + self.skip(x))


class Strided(nn.Module):
    """The parameter-free shortcut of the CIFAR networks: every second position, channels padded."""

    def forward(self, x):
        return F.pad(x[:, :, ::2, 1::2], (0, 0, 0, 0, 2, 2))


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.three = nn.Conv2d(3, 2, 1), nn.Conv2d(3, 2, (3, 5), padding=(1, 2))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x)], 1)


class Last(nn.Module):
    """A channels-last part between convolutions."""

    def __init__(self):
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(4), nn.Linear(4, 6)

    def forward(self, x):
        return self.linear(x.permute(0, 2, 3, 1) ** 2).permute(0, 3, 1, 2)


EXACT = {
    "plain": lambda: [nn.Conv2d(3, 4, 5, 2, 1), nn.ReLU(), nn.Conv2d(4, 4, 3, 1, 1), nn.MaxPool2d(2, 2)],
    "dilated": lambda: [nn.Conv2d(3, 4, 3, dilation=2), nn.Conv2d(4, 4, (1, 3), stride=(2, 1))],
    "same": lambda: [nn.Conv2d(3, 4, 4, padding="same"), nn.Conv2d(4, 4, 3, padding="valid")],
    "average": lambda: [nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, 2, 1), nn.Conv2d(4, 2, 2)],
    "residual": lambda: [nn.Conv2d(3, 4, 3, padding=1), Residual(), Residual()],
    "branches": lambda: [Branches(), nn.Conv2d(4, 2, 3, 2)],
    "strided": lambda: [nn.Conv2d(3, 4, 3, padding=1), Strided(), nn.Conv2d(8, 2, 3)],
    "channels last": lambda: [nn.Conv2d(3, 4, 3, 2), Last(), nn.Conv2d(6, 2, 3)],
    "global": lambda: [nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 2, 1), nn.Flatten()],
    "even bins": lambda: [nn.Conv2d(3, 4, 2, 2), nn.AdaptiveAvgPool2d((2, 1)), nn.Conv2d(4, 2, 1)],
    "flattened": lambda: [nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 14 * 14, 3)],
    "asymmetric padding": lambda: [nn.ZeroPad2d((2, 1, 0, 3)), nn.Conv2d(3, 4, 3, 2)],
    "shuffled": lambda: [nn.Conv2d(3, 4, 3, 2), nn.ChannelShuffle(2), nn.Conv2d(4, 2, 3)],
    "squeeze": lambda: [nn.Conv2d(3, 4, 3), Gate(), nn.Conv2d(4, 2, 1)],
}


class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Conv2d(4, 4, 1)

    def forward(self, x):
        return x * self.fc(x.mean((2, 3), keepdim=True))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize("name", EXACT)
def test_box_is_where_the_gradient_is(as_model, name):
    torch.manual_seed(0)
    model = as_model(positive(nn.Sequential(*EXACT[name]())), 16)
    sites = [site for site in trace(model) if not site.op and site.receptive_field]
    assert sites[-1].layer == str(len(model.module) - 1) or name == "shuffled"
    is_max = any(isinstance(module, nn.MaxPool2d) for module in model.module)
    for site in sites:
        if is_max and site.type == "MaxPool2d":
            continue  # only the winner has a gradient; test_max_pooling_by_hand covers the window
        for row, column in positions(site):
            assert clipped(site.box(row, column), 16) == seen(model, site, row, column), site.name


def test_max_pooling_by_hand(as_model):
    net = nn.Sequential(nn.Conv2d(3, 4, 7, 2, 3), nn.MaxPool2d(3, 2, 1), nn.MaxPool2d(2, dilation=2))
    conv, pool, dilated = (site.receptive_field for site in trace(as_model(net, 32)))
    assert (conv.size, conv.stride, conv.start) == ((7, 7), (2, 2), (-3, -3))
    assert (pool.size, pool.stride, pool.start) == ((11, 11), (4, 4), (-5, -5))
    assert (dilated.size, dilated.stride, dilated.start) == ((19, 19), (8, 8), (-5, -5))


CONSERVATIVE = {
    "uneven bins": lambda: [nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(5), nn.Conv2d(4, 2, 2)],
    "nearest": lambda: [nn.Conv2d(3, 4, 3, 2, 1), nn.Upsample(scale_factor=2), nn.Conv2d(4, 2, 3)],
    "bilinear": lambda: [nn.Conv2d(3, 4, 3, 2, 1), nn.Upsample(scale_factor=2, mode="bilinear")],
    "aligned": lambda: [nn.Conv2d(3, 4, 3, 2), nn.Upsample(13, mode="bilinear", align_corners=True)],
    "smaller": lambda: [nn.Conv2d(3, 4, 3), nn.Upsample(5, mode="bilinear"), nn.Conv2d(4, 2, 2)],
    "transposed": lambda: [nn.Conv2d(3, 4, 3, 2), nn.ConvTranspose2d(4, 4, 4, 2, 1), nn.Conv2d(4, 2, 3)],
    "transposed, dilated": lambda: [nn.Conv2d(3, 4, 3, 2), nn.ConvTranspose2d(4, 2, 3, 3, 1, dilation=2)],
    "reflected": lambda: [nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"), nn.Conv2d(4, 2, 3)],
    "group norm": lambda: [nn.Conv2d(3, 4, 3), nn.GroupNorm(2, 4), nn.Conv2d(4, 2, 3)],
}


@pytest.mark.parametrize("name", CONSERVATIVE)
def test_box_is_never_too_small(as_model, name):
    torch.manual_seed(0)
    model = as_model(positive(nn.Sequential(*CONSERVATIVE[name]())), 16)
    for site in trace(model):
        for row, column in itertools.product(range(site.height), range(site.width)):
            box, hit = site.box(row, column), seen(model, site, row, column)
            hit = hit or (box[0], box[1], box[0], box[1])
            assert all(mine <= its for mine, its in zip(box[:2], hit[:2], strict=True)), site.name
            assert all(mine >= its for mine, its in zip(box[2:], hit[2:], strict=True)), site.name


def test_doubling_is_regular_again():
    """Two neighbours share each source position: the covering window is one position and a half wider."""
    assert cover([(0, 1), (0, 1), (1, 2), (1, 2)]).step == pytest.approx(1 / 3)
    assert Reach(0, 4, 2).resample([(0, 1), (1, 2), (2, 3)]) == Reach(0, 4, 2)


def test_tokens_see_the_whole_image(as_model):
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch, self.norm = nn.Conv2d(3, 8, 4, 4), nn.LayerNorm(8)
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x):
            x = self.norm(self.patch(x).flatten(2).transpose(1, 2))
            return self.attention(x, x, x, need_weights=False)[0]

    table = trace(as_model(Tokens(), 16))
    assert table.find("patch").box(1, 2) == (8, 4, 12, 8)
    for name in ("norm", "attention"):
        site = table.find(name)
        assert (site.channel_axis, site.units, site.box(0, 0)) == (2, 8, (0, 0, 16, 16))


def test_unknown_operations_make_the_field_unknown(as_model):
    class Unknown(nn.Module):
        def forward(self, x):
            return torch.fft.rfft2(x).abs()

    table = trace(as_model(nn.Sequential(nn.Conv2d(3, 4, 3), Unknown(), nn.ReLU())))
    assert table.find("0").receptive_field is not None
    assert table.find("2").receptive_field is None
    assert table.find("2").box(0, 0) is None


intervals = st.lists(st.tuples(st.integers(-20, 20), st.integers(1, 9)), min_size=1, max_size=8)


@given(intervals)
@settings(max_examples=60, deadline=None)
def test_a_cover_holds_every_interval(pairs):
    wanted = [(low, low + size) for low, size in pairs]
    for (low, high), (left, right) in zip(wanted, cover(wanted).intervals(len(wanted)), strict=True):
        assert left <= low + 1e-9
        assert right >= high - 1e-9


reaches = st.builds(Reach, st.integers(-9, 9), st.integers(1, 9), st.integers(0, 4))


@given(st.lists(reaches, min_size=1, max_size=3), st.integers(1, 6))
@settings(max_examples=60, deadline=None)
def test_a_merged_reach_holds_every_part(parts, extent):
    merged = merge(parts, extent).intervals(extent)
    for part in parts:
        for (low, high), (left, right) in zip(part.intervals(extent), merged, strict=True):
            assert left <= low + 1e-9
            assert right >= high - 1e-9


@pytest.mark.parametrize(("extent", "bins"), [(7, 3), (4, 4), (1, 7), (13, 6)])
def test_adaptive_windows_are_torch_s(extent, bins):
    line = torch.arange(extent, dtype=torch.float64)[None]
    expected = [line[0, low:high].mean() for low, high in adaptive_windows(extent, bins)]
    assert torch.allclose(F.adaptive_avg_pool1d(line, bins)[0], torch.stack(expected))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact", "bilinear", "bicubic", "area"])
@pytest.mark.parametrize(("extent", "size"), [(4, 8), (5, 7), (9, 4), (8, 2)])
def test_resize_windows_hold_every_source(mode, extent, size):
    image = torch.rand(1, 1, extent, extent, dtype=torch.float64, requires_grad=True)
    resized = F.interpolate(image, size=(size, size), mode=mode)
    for i, (low, high) in enumerate(resize_windows(extent, size, mode, False)):
        (gradient,) = torch.autograd.grad(resized[0, 0, i, i], image, retain_graph=True)
        used = gradient[0, 0].nonzero()
        assert low <= used.min()
        assert used.max() < high


def test_field_of_the_whole_of_resnet18_is_435_pixels(as_model):
    import torchvision

    with torch.device("meta"):
        net = torchvision.models.resnet18(weights=None)
    field = trace(as_model(net.to_empty(device="cpu"), 64)).find("layer4").receptive_field
    assert (field.size, field.stride, field.start) == ((435, 435), (32, 32), (-217, -217))


def test_an_exemplar_s_patch_is_all_that_matters(as_model):
    """Pixels outside the box of a position may be anything: the value there stays the same."""
    torch.manual_seed(0)
    model = as_model(nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), nn.ReLU(), nn.Conv2d(4, 4, 3)), 16)
    site, image = trace(model).find("2"), torch.randn(3, 16, 16)
    x0, y0, x1, y1 = clipped(site.box(2, 3), 16)
    other = torch.randn(3, 16, 16)
    other[:, y0:y1, x0:x1] = image[:, y0:y1, x0:x1]
    left, right = (record(model, picture, "2")["2"][0, :, 2, 3] for picture in (image, other))
    assert torch.allclose(left, right)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=9), st.integers(1, 9))
@settings(max_examples=30, deadline=None)
def test_many_boxes_at_once_are_those_of_one_by_one(places, parts):
    field = ReceptiveField(size=(7 + 1 / parts, 5), stride=(8 / parts, 2), start=(-3 / parts, -2))
    assert field.boxes(np.array(places)).tolist() == [list(field.box(*place)) for place in places]
