"""The values at the sites: right, at the right moment, and nothing left behind."""

import threading
from collections import defaultdict

import pytest
import torch
import torch.nn.functional as F
import torchvision
from tests.capture.watching import watch
from torch import nn

from neurolupa.capture import Site, observe, trace
from neurolupa.errors import DataError, UsageError


@pytest.fixture(scope="module")
def resnet18(as_model):
    """ResNet-18 whose norms have statistics of their own: no two sites are equal by accident."""
    torch.manual_seed(0)
    net = torchvision.models.resnet18(weights=None)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.uniform_(-0.5, 0.5)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    return as_model(net, 32)


@pytest.fixture
def batch():
    return torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def oracle(monkeypatch, model, images, functions):
    """Every call of every module cloned in a hook, and the given torch functions replaced by cloning ones."""
    calls, current = defaultdict(list), [""]
    handles = []

    def patched(name, original):
        def function(*args, **kwargs):
            output = original(*args, **kwargs)
            calls[f"{current[-1]}/{name}"].append(output.clone())
            return output

        return function

    for path, module in model.module.named_modules():
        if path:
            handles.append(module.register_forward_pre_hook(lambda m, a, path=path: current.append(path)))
            handles.append(
                module.register_forward_hook(
                    lambda m, a, out, path=path: (calls[path].append(out.clone()), current.pop())[:0] or None
                )
            )
    with monkeypatch.context() as patch, torch.no_grad():
        for owner, attribute, name in functions:
            patch.setattr(owner, attribute, patched(name, getattr(owner, attribute)))
        model.module(images)
    for handle in handles:
        handle.remove()
    return {f"{path}:{i}": value for path, values in calls.items() for i, value in enumerate(values)}


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


def test_every_site_of_resnet18_is_the_slow_oracle_s(monkeypatch, resnet18, batch):
    functions = [(torch.Tensor, "__iadd__", "add"), (torch, "flatten", "flatten")]
    expected = oracle(monkeypatch, resnet18, batch, functions)
    assert len(expected) == 84
    assert same(watch(resnet18, "kind:all", batch), expected)


def test_every_site_of_squeezenet_is_the_slow_oracle_s(monkeypatch, as_model, batch):
    torch.manual_seed(0)
    model = as_model(torchvision.models.squeezenet1_1(weights=None), 32)
    expected = oracle(monkeypatch, model, batch, [(torch, "cat", "cat"), (torch, "flatten", "flatten")])
    assert len(expected) == 76
    assert same(watch(model, "kind:all", batch), expected)


def block_by_hand(net, images):
    """The first block of ResNet-18 from its formula; every value is a new tensor."""

    def conv(x, layer):
        return F.conv2d(x, layer.weight, stride=layer.stride, padding=layer.padding)

    def norm(x, layer):
        return F.batch_norm(x, layer.running_mean, layer.running_var, layer.weight, layer.bias, eps=layer.eps)

    block = net.layer1[0]
    stem = norm(conv(images, net.conv1), net.bn1)
    x = F.max_pool2d(stem.clamp(min=0), 3, 2, 1)
    first = norm(conv(x, block.conv1), block.bn1)
    second = norm(conv(first.clamp(min=0), block.conv2), block.bn2)
    return {
        "bn1:0": stem,
        "relu:0": stem.clamp(min=0),
        "layer1.0.bn1:0": first,
        "layer1.0.relu:0": first.clamp(min=0),
        "layer1.0.bn2:0": second,
        "layer1.0/add:0": second + x,
        "layer1.0.relu:1": (second + x).clamp(min=0),
        "layer1.0:0": (second + x).clamp(min=0),
    }


@pytest.mark.parametrize("also", ["", ",layer4", ",kind:relu-calls", ",layer2.0/add"])
def test_first_block_by_hand_whatever_else_is_asked(resnet18, batch, also):
    """bn1 stands before an in-place ReLU, bn2 before `+=`, and it must not matter what else is asked."""
    with torch.no_grad():
        expected = block_by_hand(resnet18.module, batch)
    values = watch(resnet18, ",".join(expected) + also, batch)
    for address, value in expected.items():
        assert torch.equal(values[address], value), address
    assert not torch.equal(values["layer1.0.bn1:0"], values["layer1.0.relu:0"])
    assert not torch.equal(values["layer1.0.bn2:0"], values["layer1.0/add:0"])


class FunctionalResNet(nn.Module):
    """Residual blocks in a loop over a list; every ReLU is a function, some of them in place."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, padding=1)
        self.convs = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))
        self.fc = nn.Linear(4, 5)

    def forward(self, x):
        x = F.relu(self.stem(x), inplace=True)
        for conv in self.convs:
            out = conv(x)
            out += x
            x = out.relu_()
        return self.fc(x.mean((2, 3)))


def test_functional_relus_by_hand(as_model):
    model = as_model(FunctionalResNet())
    images = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        x = model.module.stem(images).clamp(min=0)
        expected = {"/relu:0": x}
        for i, conv in enumerate(model.module.convs):
            expected[f"/add:{i}"] = conv(x) + x
            expected[f"/relu:{i + 1}"] = x = expected[f"/add:{i}"].clamp(min=0)
    assert same(watch(model, list(expected), images), expected)
    assert list(watch(model, "kind:relu", images)) == ["/relu:3"]


def test_calls_are_counted_anew_for_each_batch(as_model):
    model = as_model(FunctionalResNet())
    one, two = torch.randn(2, 1, 3, 8, 8)
    assert same(watch(model, "kind:relu-calls", one, two), watch(model, "kind:relu-calls", two))


def test_observed_output_is_bit_equal(resnet18, batch):
    with torch.no_grad():
        expected = resnet18.module(batch)
    assert torch.equal(watch(resnet18, "kind:all", batch)["fc:0"], expected)
    with torch.no_grad():
        assert torch.equal(resnet18.module(batch), expected)


class Mixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm, self.drop = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Dropout()
        self.frozen = nn.Conv2d(4, 2, 1).requires_grad_(False)

    def forward(self, x):
        return self.frozen(self.drop(F.relu(self.norm(self.conv(x)))) * torch.rand(()))


@pytest.fixture
def busy_model(as_model):
    """A model in the middle of training: partly frozen, with gradients, a user's hook, channels last."""
    net = Mixed().to(memory_format=torch.channels_last)
    model = as_model(net)
    net.train()
    net.norm.eval()
    net(torch.randn(2, 3, 8, 8)).sum().backward()
    net.conv.register_forward_hook(lambda module, args, output: None)
    return model


@pytest.mark.parametrize("selection", ["norm", "kind:all", "/relu"])
def test_the_model_is_left_as_found(busy_model, untouched, selection):
    table = trace(busy_model)
    with untouched(busy_model), observe(busy_model, table.select(selection), lambda s, v: v.sum()) as run:
        run(torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)))


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("selection", ["norm", "kind:all"])
def test_the_model_is_left_as_found_after_a_fault(busy_model, untouched, selection, fault):
    table = trace(busy_model)

    def fail(site, value):
        raise fault

    with (
        untouched(busy_model),
        pytest.raises(fault),
        observe(busy_model, table.select(selection), fail) as run,
    ):
        run(torch.zeros(2, 3, 8, 8))


def test_the_network_is_evaluated(busy_model):
    """Dropout does nothing and the norm uses its own statistics, although the model was training."""
    images = torch.randn(2, 3, 8, 8)
    values = watch(busy_model, "norm, drop", images)
    assert torch.equal(values["drop:0"], values["norm:0"].clamp(min=0))


def watched_layers(net):
    return [
        name for name, module in net.named_modules() if module._forward_hooks or module._forward_pre_hooks
    ]


def test_only_what_is_asked_is_hooked(resnet18):
    """A scan of layers alone pays for nothing else; an operation needs to know where the pass is."""
    table, net = trace(resnet18), resnet18.module
    with observe(resnet18, table.select("layer1.0.relu, fc"), lambda site, value: None):
        assert watched_layers(net) == ["layer1.0.relu", "fc"]
    with observe(resnet18, table.select("layer1.0/add"), lambda site, value: None):
        assert len(watched_layers(net)) == len(list(net.modules())) - 1
    assert watched_layers(net) == []


def test_other_threads_are_not_watched(as_model):
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    model, seen = as_model(net), []
    with observe(model, trace(model).select("kind:all"), lambda site, value: seen.append(site.name)) as run:
        thread = threading.Thread(target=net, args=(torch.zeros(1, 3, 8, 8),))
        thread.start()
        thread.join()
        assert seen == []
        run(torch.zeros(1, 3, 8, 8))
    assert seen == ["0", "1"]


def test_another_thread_in_the_middle_of_a_run_is_not_watched(as_model):
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Flatten())
    model, sizes = as_model(net), []

    def elsewhere(site, value):
        sizes.append(len(value))
        thread = threading.Thread(target=lambda: net(torch.zeros(5, 3, 8, 8)))
        thread.start()
        thread.join()

    with observe(model, trace(model).select("kind:all"), elsewhere) as run:
        run(torch.zeros(2, 3, 8, 8))
    assert sizes == [2, 2, 2]


def test_what_the_callback_runs_is_not_watched(as_model):
    """The callback uses the network's own ReLU layer and relu function; the counters must not move."""
    model = as_model(FunctionalResNet())
    values = []

    def callback(site, value):
        model.module.stem(torch.zeros(1, 3, 8, 8))
        values.append((site.address, torch.equal(value, F.relu(value.clone()))))

    with observe(model, trace(model).select("kind:relu-calls"), callback) as run:
        run(torch.randn(1, 3, 8, 8))
    assert values == [(f"/relu:{i}", True) for i in range(4)]


def test_the_network_may_be_used_between_the_runs(as_model):
    model, seen = as_model(FunctionalResNet()), []
    with observe(model, trace(model).select("/relu:1"), lambda site, value: seen.append(len(value))) as run:
        run(torch.zeros(1, 3, 8, 8))
        model.module(torch.zeros(2, 3, 8, 8))
        run(torch.zeros(3, 3, 8, 8))
    assert seen == [1, 3]


class Turning(nn.Module):
    """Takes another way for bright images."""

    def __init__(self):
        super().__init__()
        self.dark, self.bright = nn.Conv2d(3, 4, 1), nn.Conv2d(3, 4, 1)

    def forward(self, x):
        return self.bright(x) if x.mean() > 5 else self.dark(x)


def test_a_site_that_is_not_reached_is_named(as_model, untouched):
    model = as_model(Turning())
    table = trace(model)
    with (
        untouched(model),
        pytest.raises(DataError, match=r"did not reach dark:0"),
        observe(model, table.select("dark"), lambda site, value: None) as run,
    ):
        run(torch.full((1, 3, 8, 8), 9.0))


def test_a_batch_that_cannot_run_names_its_shape(as_model):
    model = as_model(FunctionalResNet())
    with (
        pytest.raises(DataError, match=r"cannot run on a float32 batch of shape \(2, 1, 8, 8\)"),
        observe(model, trace(model).select("fc"), lambda site, value: None) as run,
    ):
        run(torch.zeros(2, 1, 8, 8))


def test_no_site_and_a_foreign_site_are_refused(as_model):
    model = as_model(FunctionalResNet())
    with pytest.raises(UsageError, match="no site"), observe(model, [], print):
        pass
    with (
        pytest.raises(UsageError, match="unknown layer 'stim'; nearest: stem"),
        observe(model, [Site("stim")], print),
    ):
        pass


class Odd(nn.Module):
    """Returns a tuple and hands a pair through a layer."""

    def __init__(self):
        super().__init__()
        self.conv, self.one = nn.Conv2d(3, 4, 1), nn.Identity()

    def forward(self, x):
        x = self.conv(x)
        return self.one((x, "text"))[0], {"features": x}


@pytest.mark.parametrize("selection", ["conv", "one", "kind:all"])
def test_a_network_that_returns_a_tuple_can_be_observed(as_model, selection):
    model, images = as_model(Odd()), torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        expected = model.module.conv(images)
    for value in watch(model, selection, images).values():
        assert torch.equal(value, expected)


def test_hooks_of_the_user_that_replace_an_output_are_respected(as_model):
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU())
    net[0].register_forward_hook(lambda module, args, output: output * 0 + 3)
    values = watch(as_model(net), "0, 1", torch.zeros(1, 3, 8, 8))
    assert values["0:0"].eq(3).all()
    assert values["1:0"].eq(3).all()


def test_a_layer_that_fails_and_is_caught_keeps_later_addresses(as_model):
    class Recovering(nn.Module):
        def __init__(self):
            super().__init__()
            self.wide, self.narrow = nn.Sequential(nn.Conv2d(5, 4, 3)), nn.Conv2d(3, 4, 3)

        def forward(self, x):
            try:
                x = self.wide(x)
            except RuntimeError:
                x = self.narrow(x)
            return F.relu(x)

    model = as_model(Recovering())
    assert list(watch(model, "kind:all", torch.zeros(1, 3, 8, 8))) == ["narrow:0", "/relu:0"]
