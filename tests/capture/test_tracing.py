"""Every call of a network is a site: counts, names, order, kinds."""

from collections import Counter

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from neurolupa.capture import trace
from neurolupa.errors import DataError


def network(name):
    """An untrained network of torchvision, its tensors constant: drawing them would take most of the time."""
    options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    on = "cpu" if name.startswith("regnet") else "meta"  # a RegNet reads tensors while it is built
    with torch.device(on):
        net = torchvision.models.get_model(name, weights=None, **options)
    net = net.to_empty(device="cpu") if on == "meta" else net
    for tensor in (*net.parameters(), *net.buffers()):
        tensor.detach().fill_(0.01 if tensor.is_floating_point() else 0)
    return net


@pytest.fixture(scope="module")
def resnet18(as_model):
    return as_model(network("resnet18"), 64)


@pytest.fixture(scope="module")
def squeezenet(as_model):
    return as_model(network("squeezenet1_1"), 64)


class Functional(nn.Module):
    """A residual network whose every non-linearity, sum and pooling is a function."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 4, 3, padding=1)
        self.blocks = nn.ModuleList(nn.ModuleDict({"conv": nn.Conv2d(4, 4, 3, padding=1)}) for _ in range(2))
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        for block in self.blocks:
            x = F.relu(block["conv"](x) + x)
        x = F.adaptive_avg_pool2d(x, 1)
        return self.fc(torch.flatten(x, 1))


class Rootless(nn.Module):
    """A network without any module: its two layers are functions of its own parameters."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(2, 3, 3, 3))

    def forward(self, x):
        return torch.relu(F.conv2d(x, self.weight)).mean((2, 3))


class Forms(nn.Module):
    """The same operations in every form that people write."""

    def forward(self, x):
        a = F.relu(x)
        b = torch.relu(x)
        c = x.relu()
        d = F.relu(x.clone(), inplace=True)
        e = torch.relu_(x.clone()).relu_()
        a += b
        a = a + c
        a = torch.add(a, d)
        a = a.add(e)
        a.add_(x)
        return torch.concat([a * b, a.mul(c)], 1) + 1


def test_resnet18_has_84_sites(resnet18):
    table = trace(resnet18)
    assert Counter(site.op for site in table) == {"": 75, "add": 8, "flatten": 1}
    assert len(table) == 84


def test_kinds_of_resnet18(resnet18):
    table = trace(resnet18)
    counts = {
        kind: len(table.select(f"kind:{kind}")) for kind in ("relu", "relu-calls", "block", "conv", "norm")
    }
    assert counts == {"relu": 9, "relu-calls": 17, "block": 8, "conv": 20, "norm": 20}
    assert [site.name for site in table.select("kind:block")] == [
        f"layer{i}.{j}" for i in range(1, 5) for j in (0, 1)
    ]


def test_squeezenet_has_76_sites(squeezenet):
    table = trace(squeezenet)
    assert len(table) == 76
    assert Counter(site.kind for site in table if site.op) == {"cat": 8, "other": 1}
    assert len(table.select("kind:block")) == 8


def test_order_is_the_forward_order(resnet18):
    table = trace(resnet18)
    assert [site.order for site in table] == list(range(84))
    assert [site.address for site in table[4:12]] == [
        *("layer1.0.conv1:0", "layer1.0.bn1:0", "layer1.0.relu:0", "layer1.0.conv2:0", "layer1.0.bn2:0"),
        *("layer1.0/add:0", "layer1.0.relu:1", "layer1.0:0"),
    ]


def test_site_of_a_reused_relu(resnet18):
    first, last = trace(resnet18).find("layer1.0.relu:0"), trace(resnet18).find("layer1.0.relu")
    assert (first.name, last.name, last.address) == ("layer1.0.relu:0", "layer1.0.relu", "layer1.0.relu:1")
    assert (first.calls, last.calls, last.type, last.shape) == (2, 2, "ReLU", (64, 16, 16))


def test_functional_network(as_model):
    table = trace(as_model(Functional()))
    assert [site.name for site in table] == [
        *("conv1", "/relu:0", "blocks.0.conv", "/add:0", "/relu:1", "blocks.1.conv", "/add", "/relu"),
        *("/adaptive_avg_pool2d", "/flatten", "fc"),
    ]
    assert [site.address for site in table.select("kind:relu")] == ["/relu:2"]
    assert table.find("/relu").type == "F.relu"


def test_network_without_modules(as_model):
    table = trace(as_model(Rootless()))
    assert [(site.address, site.kind, site.shape) for site in table] == [
        ("/conv2d:0", "conv", (2, 6, 6)),
        ("/relu:0", "relu", (2, 6, 6)),
        ("/mean:0", "pool", (2,)),
    ]


def test_every_form_of_an_operation_has_one_name(as_model):
    counts = Counter(site.op for site in trace(as_model(Forms())))
    assert counts == {"relu": 6, "add": 5, "mul": 2, "cat": 1}


def test_a_shared_module_has_its_first_name(as_model):
    shared = nn.ReLU()
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 3, 1), shared), nn.Conv2d(3, 3, 1), shared, shared)
    table = trace(as_model(net))
    assert [site.address for site in table if site.kind == "relu"] == ["0.1:0", "0.1:1", "0.1:2"]


class Swish(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(x)


class Own(nn.Module):
    """A leaf of somebody's own, with a non-linearity inside."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return F.gelu(x) * self.scale


def test_inside_of_an_activation_is_no_site_but_inside_of_ones_own_leaf_is(as_model):
    table = trace(as_model(nn.Sequential(nn.ReLU6(), Swish(), Own())))
    assert [(site.address, site.kind) for site in table] == [
        *(("0:0", "relu"), ("1:0", "relu"), ("2/gelu:0", "relu"), ("2/mul:0", "mul"), ("2:0", "other")),
    ]


def test_gates_are_told_from_non_linearities(as_model):
    class Gated(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 1)
            self.act = nn.SiLU()
            self.excite = torchvision.ops.SqueezeExcitation(4, 2)
            self.gate, self.value = nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1)
            self.swiglu = nn.SiLU()

        def forward(self, x):
            x = self.excite(self.act(self.conv(x)))
            return self.swiglu(self.gate(x)) * self.value(x)

    kinds = {site.name: site.kind for site in trace(as_model(Gated()))}
    assert {
        name: kinds[name] for name in ("act", "excite.activation", "excite.scale_activation", "swiglu")
    } == {
        "act": "relu",
        "excite.activation": "relu",
        "excite.scale_activation": "gate",
        "swiglu": "gate",
    }


def test_where_zeros_mean_silence(as_model):
    net = nn.Sequential(
        *(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(), nn.Conv2d(4, 4, 1)),
        *(nn.ReLU6(), nn.LeakyReLU(), nn.Threshold(0, 0), nn.Hardswish(), nn.Threshold(1, 2)),
        *(nn.Hardtanh(0, 1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 2)),
    )
    rectified = [site.name for site in trace(as_model(net)) if site.rectified]
    assert rectified == ["1", "2", "3", "5", "7", "10", "12", "13"]


class ConstantBranch(nn.Module):
    """A small network on a table of its own makes a bias; only the last layer sees the image."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.ones(1, 3, 8, 8))
        self.mlp = nn.Conv2d(3, 3, 1)
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x):
        return self.conv(x + F.relu(self.mlp(self.table)))


def test_what_is_not_computed_from_the_image_is_no_site(as_model):
    assert [site.name for site in trace(as_model(ConstantBranch()))] == ["/add", "conv"]


class Awkward(nn.Module):
    """Layers that return a pair, a list of one, a dict of one; the root returns a dict."""

    def __init__(self):
        super().__init__()
        self.pair, self.one, self.named, self.flat = (nn.Identity() for _ in range(4))

    def forward(self, x):
        self.pair((x, x))
        self.one([x, None])
        self.named({"out": x, "size": 3})
        self.flat(x.flatten())
        return {"logits": x}


def test_what_has_no_single_tensor_per_image_is_left_out(as_model):
    assert [site.name for site in trace(as_model(Awkward()))] == ["one", "named"]


def test_a_bare_name_is_the_last_call_that_can_be_captured(as_model):
    class LastIsAPair(nn.Module):
        def __init__(self):
            super().__init__()
            self.same = nn.Identity()

        def forward(self, x):
            return self.same((self.same(x), x))[0]

    assert [site.name for site in trace(as_model(LastIsAPair()))] == ["same"]


def test_weights_that_are_computed_are_no_sites(as_model):
    net = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 2, 3)), nn.ReLU())
    table = trace(as_model(net))
    assert [(site.name, site.kind, site.parameters) for site in table] == [
        ("0", "conv", 2 + 2 + 2 * 27),
        ("1", "relu", 0),
    ]


FAMILIES = {
    "alexnet": {"conv": 5, "linear": 3, "relu": 7, "norm": 0, "block": 0},
    "vgg11_bn": {"conv": 8, "linear": 3, "relu": 10, "norm": 8, "block": 0},
    "googlenet": {"conv": 57, "linear": 1, "relu": 57, "norm": 57},
    "densenet121": {"conv": 120, "linear": 1, "relu": 121, "norm": 121, "block": 4},
    "efficientnet_b0": {"conv": 81, "linear": 1, "relu": 49, "norm": 49, "gate": 16, "block": 16},
    "mobilenet_v3_small": {"conv": 52, "linear": 2, "relu": 33, "norm": 34, "gate": 9, "block": 11},
    "regnet_y_400mf": {"norm": 53, "linear": 1, "gate": 16, "block": 16},
    "inception_v3": {"conv": 94, "linear": 1, "relu": 94, "norm": 94},
    "convnext_tiny": {"conv": 22, "linear": 37, "relu": 18, "norm": 23, "block": 18},
    "swin_t": {"conv": 1, "relu": 12, "norm": 29},
    "vit_b_32": {"conv": 1, "relu": 12, "norm": 25, "block": 12},
}
SIZES = {"inception_v3": 75, "vit_b_32": 224, "vgg11_bn": 32}


@pytest.mark.parametrize("name", FAMILIES)
def test_families_of_torchvision(as_model, name):
    """The counts are the architecture's own: layers of each type, one gate per squeeze-and-excitation."""
    table = trace(as_model(network(name), SIZES.get(name, 64)))
    kinds = Counter(site.kind for site in table)
    assert {kind: kinds[kind] for kind in FAMILIES[name]} == FAMILIES[name]
    assert all(site.units * site.height * site.width == torch.Size(site.shape).numel() for site in table)
    assert all(site.receptive_field for site in table if site.kind in ("conv", "relu"))


def test_channels_last_networks(as_model):
    axes = {site.name: site.channel_axis for site in trace(as_model(network("convnext_tiny"), 32))}
    block = [f"features.1.0.block.{i}" for i in range(7)]
    assert [axes[name] for name in block] == [1, 3, 3, 3, 3, 3, 1]
    assert axes["features.1.0"] == 1
    assert axes["classifier.0"] == 1
    swin = {site.name: site for site in trace(as_model(network("swin_t"), 32))}
    assert {swin[name].channel_axis for name in ("features.0.1", "features.1.0", "features.2", "norm")} == {3}
    assert swin["permute"].channel_axis == 1
    assert swin["features.2"].units == 192


def test_timm_networks(as_model):
    timm = pytest.importorskip("timm")
    convnext = trace(as_model(timm.create_model("convnext_atto", pretrained=False), 64))
    assert convnext.find("stages.0.blocks.0.mlp.fc1").channel_axis in (1, 3)
    effnet = trace(as_model(timm.create_model("efficientnet_lite0", pretrained=False), 64))
    assert effnet.find("bn1.act").kind == "relu"
    assert effnet.find("bn1/batch_norm").kind == "norm"
    assert effnet.resolve("conv_stem", "relu").site.name == "bn1.act"


def test_the_table_is_made_once(resnet18):
    assert trace(resnet18) is trace(resnet18)


def test_the_network_is_left_as_found(as_model, untouched):
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout(), nn.ReLU(inplace=True))
    model = as_model(net)
    net.train()
    net[1].eval()
    with untouched(model):
        trace(model)


def test_a_torchscript_network_is_refused(as_model):
    with pytest.warns(match="deprecated"):
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 4, 3)))
    with pytest.raises(DataError, match="TorchScript network hides its inner calls"):
        trace(as_model(scripted))


def test_a_torchscript_part_is_passed_over(as_model):
    with pytest.warns(match="deprecated"):
        scripted = torch.jit.script(nn.Sequential(nn.Conv2d(3, 3, 3), nn.ReLU()))
    table = trace(as_model(nn.Sequential(nn.Conv2d(3, 3, 3), scripted, nn.ReLU())))
    assert [site.name for site in table] == ["0", "2"]
    assert table.find("2").receptive_field is None


def test_a_compiled_part_is_refused(as_model):
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3)), nn.ReLU())
    net[0]._compiled_call_impl = net[0]._call_impl  # what net[0].compile() sets, without loading the compiler
    with pytest.raises(DataError, match="0 is compiled, which hides its inner calls"):
        trace(as_model(net))


@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_lazy_layers_are_refused(as_model):
    with pytest.raises(DataError, match="run it once"):
        trace(as_model(nn.Sequential(nn.LazyConv2d(4, 3))))


def test_a_network_that_cannot_run_names_the_shape(as_model, untouched):
    model = as_model(nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(7, 2)))
    with untouched(model), pytest.raises(DataError, match=r"batch of shape \(1, 3, 8, 8\)"):
        trace(model)


def test_a_network_that_needs_a_batch_says_so(as_model):
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3, track_running_stats=False))
    with pytest.raises(DataError, match="needs batch statistics"):
        trace(as_model(net))


def test_a_network_that_computes_nothing_has_no_sites(as_model):
    with pytest.raises(DataError, match="no layer or operation of Identity"):
        trace(as_model(nn.Identity()))


def test_a_network_of_one_layer_has_the_site_of_its_operation(as_model):
    assert [site.address for site in trace(as_model(nn.Conv2d(3, 4, 3)))] == ["/conv2d:0"]


def test_a_layer_that_fails_and_is_caught_leaves_the_places_right(as_model):
    class Recovering(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide = nn.Sequential(nn.Conv2d(5, 4, 3))
            self.narrow = nn.Conv2d(3, 4, 3)

        def forward(self, x):
            try:
                return F.relu(self.wide(x))
            except RuntimeError:
                return F.relu(self.narrow(x))

    assert [site.address for site in trace(as_model(Recovering()))] == ["narrow:0", "/relu:0"]
