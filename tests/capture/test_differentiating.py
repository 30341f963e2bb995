"""A frozen network as a function of its input, against plain autograd; rectifiers redirected by the rule."""

import pytest
import torch
from torch import nn

from neurolupa.capture import trace
from neurolupa.capture.differentiating import differentiable, narrowable, smallest_size
from neurolupa.capture.redirecting import redirecting
from neurolupa.errors import DataError


class Functional(nn.Module):
    """Every form of a rectifier, a shared module called twice, and a value changed in place afterwards."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.one, self.two = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 1)
        self.relu, self.head = nn.ReLU(inplace=True), nn.Linear(4, 5)

    def forward(self, x):
        x = self.relu(self.one(x))
        x = torch.relu(self.two(x)) + x
        x = self.relu(x)
        return self.head(x.mean((2, 3)))


@pytest.fixture
def model(as_model):
    return as_model(Functional())


def test_values_and_gradients_are_autograds(model, untouched):
    table = trace(model)
    early, late = table.find("one"), table.find("relu")
    pictures = torch.randn(3, 3, 7, 9, requires_grad=True)
    with untouched(model), differentiable(model, [early, late], output=True) as run:
        seen = run(pictures)
        wanted = (
            seen.values["one:0"][:, 1].sum() + seen.values["relu:1"][:, 2].max() + seen.output[:, 4].sum()
        )
        (found,) = torch.autograd.grad(wanted, pictures)
    again = pictures.detach().clone().requires_grad_()
    first = model.module.one(again)
    joined = first.relu()
    joined = model.module.two(joined).relu() + joined
    plain = first[:, 1].sum() + joined.relu()[:, 2].max() + model.module(again)[:, 4].sum()
    (expected,) = torch.autograd.grad(plain, again)
    torch.testing.assert_close(found, expected)


def test_it_ends_at_the_last_site_and_leaves_the_model_after_a_fault(model, untouched):
    calls = []
    model.module.head.register_forward_hook(lambda *_: calls.append(1))
    site = trace(model).find("two")
    calls.clear()
    with untouched(model):
        with differentiable(model, [site]) as run:
            run(torch.zeros(1, 3, 8, 8))
        assert not calls
        with pytest.raises(KeyError), differentiable(model, [site]) as run:
            run(torch.zeros(1, 3, 8, 8)).values["head:0"]
        with pytest.raises(DataError, match="float32 batch"), differentiable(model, [site]) as run:
            run(torch.zeros(1, 2, 8, 8))


def test_weights_get_no_gradient_and_lie_channels_last_inside(model):
    weight = model.module.one.weight
    with differentiable(model, [trace(model).find("one")]) as run:
        assert not weight.requires_grad
        assert weight.is_contiguous(memory_format=torch.channels_last)
        run(torch.zeros(1, 3, 8, 8, requires_grad=True)).values["one:0"].sum().backward()
    assert weight.requires_grad
    assert weight.grad is None


def test_single_units_of_the_last_convolution_are_what_they_are_among_all(model, untouched):
    site = trace(model).find("two")
    pictures = torch.randn(2, 3, 8, 9, requires_grad=True)
    with differentiable(model, [site]) as run:
        whole = run(pictures).values["two:0"][:, [3, 1]]
        (expected,) = torch.autograd.grad(whole.square().sum(), pictures)
    with untouched(model), differentiable(model, [site], only={"two:0": [3, 1]}) as run:
        narrow = run(pictures).values["two:0"]
        (found,) = torch.autograd.grad(narrow.square().sum(), pictures)
    torch.testing.assert_close(narrow, whole)
    torch.testing.assert_close(found, expected)
    with untouched(model), pytest.raises(IndexError), differentiable(model, [site], only={"two:0": [4]}):
        pass


def test_which_convolutions_can_be_narrowed(as_model):
    shared = nn.Conv2d(3, 3, 1)
    tied, twin = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)
    twin.weight = tied.weight
    grouped = nn.Conv2d(3, 3, 3, groups=3)
    net = as_model(nn.Sequential(nn.Conv2d(3, 3, 3), shared, nn.ReLU(), shared, grouped, tied, twin))
    table = trace(net)
    assert [narrowable(net, table.find(name)) for name in ("0", "1", "4", "5", "6", "2")] == [True] + 5 * [
        False
    ]


def test_the_smallest_size(as_model):
    net = as_model(nn.Sequential(nn.Conv2d(3, 2, 5, stride=2), nn.ReLU(), nn.Conv2d(2, 2, 3)), size=32)
    table = trace(net)
    assert smallest_size(net, [table.find("1")], 32) == 5
    assert smallest_size(net, [table.find("2")], 32) == 9
    assert smallest_size(net, [table.find("2")], 8) is None


# the rule, element by element, for a gradient of the loss: descent moves against it
def redirected_oracle(x, grad, upper):
    inside = [[0 < v < upper for v in row] for row in x]
    result = []
    for row, gradients, alive in zip(x, grad, inside, strict=True):
        passing = [g if a else 0.0 for g, a in zip(gradients, alive, strict=True)]
        if any(passing):
            result.append(passing)
            continue
        result.append([
            g if (v <= 0 and g < 0) or (v >= upper and g > 0) else p
            for v, g, p in zip(row, gradients, passing, strict=True)
        ])  # fmt: skip
    return result


@pytest.mark.parametrize(
    ("function", "upper"),
    [
        (torch.relu, float("inf")),
        (torch.relu_, float("inf")),
        (torch.Tensor.relu_, float("inf")),
        (nn.functional.relu, float("inf")),
        (nn.functional.relu6, 6.0),
    ],
)
def test_redirected_gradients_follow_the_rule(function, upper):
    x = [[-1.0, -2.0, -3.0], [-1.0, 4.0, 7.0], [-1.0, 7.0, 8.0], [-5.0, -5.0, 9.0]]
    grad = [[-1.0, 2.0, 0.0], [-3.0, 0.5, 1.0], [2.0, 1.0, -1.0], [1.0, 1.0, 0.0]]
    leaf = torch.tensor(x, requires_grad=True)
    given = leaf.clone()
    out = redirecting(function, (given,), {})
    assert out.tolist() == torch.tensor(x).clamp(0, upper).tolist()
    assert (out is given) == (function in (torch.relu_, torch.Tensor.relu_))
    out.backward(torch.tensor(grad))
    assert leaf.grad.tolist() == redirected_oracle(x, grad, upper)


def test_other_functions_run_as_they_are():
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    assert redirecting(torch.nn.functional.gelu, (x,), {}).equal(torch.nn.functional.gelu(x))
    assert redirecting(torch.relu, (x.detach(),), {}).tolist() == [0.0, 2.0]


def test_a_dead_unit_is_woken_only_when_redirected(as_model, untouched):
    conv = nn.Conv2d(3, 1, 1)
    nn.init.constant_(conv.weight, 1.0)
    nn.init.constant_(conv.bias, -9.0)
    for relu in (nn.ReLU(), nn.ReLU(inplace=True)):
        model = as_model(nn.Sequential(conv, relu, nn.Flatten()))
        slopes = []
        with untouched(model), differentiable(model, [trace(model).find("1")]) as run:
            for redirected in (False, True):
                pictures = torch.zeros(1, 3, 4, 4, requires_grad=True)
                loss = -run(pictures, redirected).values["1:0"].sum()
                slopes.append(torch.autograd.grad(loss, pictures)[0])
        assert not slopes[0].any()
        assert slopes[1].eq(-1).all()
