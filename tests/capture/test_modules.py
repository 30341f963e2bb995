"""Kinds of layers, told by their type or by their name."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from neurolupa.capture.modules import blocks_of, is_opaque, kind_of_module, paths_of
from neurolupa.capture.operations import NONLINEAR, is_site_call, operation_name, rectifies


def named(name):
    return type(name, (nn.Module,), {"forward": lambda self, x: x})()


@pytest.mark.parametrize(
    ("module", "kind"),
    [
        *((nn.ConvTranspose2d(1, 1, 2), "conv"), (torchvision.ops.DeformConv2d(1, 1, 1), "conv")),
        *((named("StdConv2d"), "conv"), (named("ConvHead"), "other"), (nn.LazyLinear(2), "linear")),
        *(
            (nn.RMSNorm(3), "norm"),
            (torchvision.ops.FrozenBatchNorm2d(3), "norm"),
            (named("LayerNorm2d"), "norm"),
        ),
        *((nn.LPPool2d(2, 2), "pool"), (nn.MaxUnpool2d(2), "other"), (named("MedianPool2d"), "pool")),
        *((nn.PReLU(), "relu"), (nn.Sigmoid(), "relu"), (named("HSwish"), "relu"), (nn.Softmax(1), "other")),
        *((nn.GLU(), "gate"), (nn.Dropout(), "other"), (nn.MultiheadAttention(4, 2), "other")),
        *((nn.Sequential(nn.ReLU()), "other"), (nn.Identity(), "other")),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_kind(module, kind):
    assert kind_of_module(module) == kind


@pytest.mark.parametrize("name", sorted(NONLINEAR - {"clamp", "threshold"}))
def test_every_functional_non_linearity_is_known_by_its_module_too(name):
    module = {type_.lower(): getattr(nn, type_) for type_ in dir(nn)}[name.replace("_", "")]
    assert kind_of_module(module()) == "relu"


@pytest.mark.parametrize("name", sorted(NONLINEAR - {"prelu"}))
def test_rectifying_is_what_gives_exact_zeros_for_all_negatives(name):
    """Checked against the functions themselves, with the arguments that make rectifiers of some."""
    args = {"hardtanh": (0.0, 6.0), "threshold": (0.0, 0.0), "clamp": (0.0,)}.get(name, ())
    function = getattr(F, name, None) or getattr(torch, name)
    values = function(torch.tensor([-9.0, -2.0, -0.5, -0.01]), *args)
    assert rectifies(name, (None, *args), {}) == bool(values.eq(0).all())


def test_clamps_and_thresholds_elsewhere_do_not_rectify():
    assert not rectifies("clamp", (None, -1), {})
    assert not rectifies("clamp", (None,), {"max": 6})
    assert not rectifies("threshold", (None, 0.0, 1.0), {})
    assert not rectifies("hardtanh", (None,), {})
    assert rectifies("hardtanh", (None,), {"min_val": 0})


def test_opaque_layers():
    assert is_opaque(nn.Dropout())
    assert is_opaque(named("Swish"))
    assert not is_opaque(named("Mine"))
    assert not is_opaque(nn.Sequential(nn.ReLU()))


def test_blocks_are_the_outermost_that_are_not_nearly_everything():
    def block():
        return named_with("Block", a=nn.Conv2d(1, 1, 1), b=nn.Sequential(nn.Conv2d(1, 1, 1)))

    def named_with(name, **children):
        module = named(name)
        for key, child in children.items():
            module.add_module(key, child)
        return module

    first, second, inner, small = block(), block(), block(), nn.Conv2d(1, 1, 1)
    outer = named_with("Outer", inner=inner)
    wrapper = named_with("Wrapper", body=nn.Sequential(first, second, outer), head=small)
    root = named_with("Root", wrapper=wrapper, act=nn.ReLU(), fc=nn.Linear(1, 1))
    assert blocks_of(root) == {first, second, outer}


def test_paths_are_the_first_names():
    shared = nn.ReLU()
    net = nn.ModuleDict({"b": nn.Sequential(shared), "a": shared})
    assert list(paths_of(net).values()) == ["", "b", "b.0"]


def test_names_of_operations():
    x = torch.zeros(1)
    forms = {
        "relu": (F.relu, F.relu_, torch.relu, torch.relu_, torch.Tensor.relu, torch.Tensor.relu_),
        "add": (torch.add, torch.Tensor.add, torch.Tensor.add_, torch.Tensor.__iadd__, torch.Tensor.__add__),
        "mul": (torch.mul, torch.multiply, torch.Tensor.mul_, torch.Tensor.__mul__),
        "cat": (torch.cat, torch.concat, torch.concatenate),
        "clamp": (torch.clamp, torch.clip, torch.Tensor.clamp_min_),
        "": (torch.Tensor.T.__get__, print, lambda: x),
    }
    for name, functions in forms.items():
        assert {operation_name(function) for function in functions} == {name}


def test_a_mean_is_a_pooling_only_over_height_and_width():
    x = torch.zeros(1, 2, 3, 3)
    for dim in ((2, 3), [-1, -2], (1, 2)):
        assert is_site_call("mean", (x, dim), {})
        assert is_site_call("mean", (x,), {"dim": dim, "keepdim": True})
    for dim in (1, (1,), (1, 3), (0, 2, 3), None):
        assert not is_site_call("mean", (x, dim), {})
    assert not is_site_call("mean", (x[0], (1, 2)), {})
