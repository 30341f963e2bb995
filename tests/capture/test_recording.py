"""Values and gradients in memory."""

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn

from neurolupa.capture import record, trace
from neurolupa.errors import DataError, UsageError


class Small(nn.Module):
    """conv, norm, in-place ReLU, residual sum in place, pooled, linear."""

    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.conv2 = nn.Conv2d(4, 4, 3, padding=1)
        self.relu, self.fc = nn.ReLU(inplace=True), nn.Linear(4, 5)

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        y = self.conv2(x)
        y += x
        return self.fc(self.relu(y).mean((2, 3)))


@pytest.fixture
def model(as_model):
    torch.manual_seed(0)
    net = Small()
    net.bn1.running_mean.uniform_(-1, 1)
    return as_model(net.double())


@pytest.fixture
def images():
    return torch.randn(3, 3, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def by_hand(net, images):
    """Every value as a tensor of its own, nothing in place."""
    values = {"conv1": net.conv1(images)}
    values["bn1"] = net.bn1(values["conv1"])
    values["relu:0"] = values["bn1"].clamp(min=0)
    values["conv2"] = net.conv2(values["relu:0"])
    values["/add"] = values["conv2"] + values["relu:0"]
    values["relu"] = values["/add"].clamp(min=0)
    values["/mean"] = values["relu"].mean((2, 3))
    values["fc"] = net.fc(values["/mean"])
    return values


def test_values_by_hand(model, images):
    with torch.no_grad():
        expected = by_hand(model.module, images)
    recording = record(model, images, "kind:all")
    assert list(recording) == list(expected)
    assert all(torch.equal(recording[name], expected[name]) for name in expected)
    assert [site.name for site in recording.sites] == list(expected)
    assert recording.gradients == {}
    assert recording.targets == ()


@pytest.mark.parametrize("target", [None, 2, [4, 0, 1]])
def test_gradients_by_hand(model, images, target):
    values = by_hand(model.module, images)
    logits = values["fc"]
    targets = logits.argmax(1).tolist() if target is None else [2] * 3 if target == 2 else target
    chosen = sum(logits[i, targets[i]] for i in range(3))
    expected = dict(zip(values, torch.autograd.grad(chosen, list(values.values())), strict=True))
    recording = record(model, images, "kind:all", gradients=True, target=target)
    assert recording.targets == tuple(targets)
    assert list(recording.gradients) == list(expected)
    for name in expected:
        assert torch.allclose(recording.gradients[name], expected[name], rtol=1e-12, atol=1e-14), name
        assert torch.equal(recording[name], values[name].detach()), name
        assert not recording[name].requires_grad
        assert not recording.gradients[name].requires_grad


def test_gradient_before_an_in_place_relu_by_finite_differences(model, images):
    """Move one value of bn1 a little, by a hook that replaces its output, and watch the logit."""
    recording = record(model, images[0], "bn1", gradients=True, target=1)

    def logit(step, place):
        def nudge(module, args, output):
            output = output.clone()
            output[0][place] += step
            return output

        handle = model.module.bn1.register_forward_hook(nudge)
        with torch.no_grad():
            value = model.module(images[:1])[0, 1].item()
        handle.remove()
        return value

    value, gradient = recording["bn1"][0], recording.gradients["bn1"][0]
    assert (value < 0).any()
    for place in [(0, 0, 0), (1, 3, 5), (3, 7, 7), (2, 4, 1)]:
        slope = (logit(1e-5, place) - logit(-1e-5, place)) / 2e-5
        assert gradient[place].item() == pytest.approx(slope, abs=1e-8)


def test_gradients_of_resnet18_agree_with_a_copy_without_in_place_operations(as_model):
    torch.manual_seed(0)
    net = torchvision.models.resnet18(weights=None).eval()
    model, images = as_model(net, 32), torch.randn(2, 3, 32, 32)
    recording = record(model, images, "layer1.0.bn1, layer4.1.relu, layer1.0.bn2", gradients=True, target=7)
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    kept = {}
    handles = [
        layer.register_forward_hook(lambda m, a, out, name=name: kept.update({name: out}))
        for name, layer in (("layer1.0.bn1", net.layer1[0].bn1), ("layer4.1.relu", net.layer4[1].relu))
    ]
    chosen = net(images)[:, 7].sum()
    for handle in handles:
        handle.remove()
    for name, gradient in zip(kept, torch.autograd.grad(chosen, list(kept.values())), strict=True):
        assert torch.allclose(recording.gradients[name], gradient, rtol=1e-4, atol=1e-7)


def test_the_model_is_left_as_found(model, images, untouched):
    model.module.train()
    model.module.conv2.weight.requires_grad_(False)
    model.module(images).sum().backward()
    for gradients in (False, True):
        with untouched(model):
            record(model, images, "kind:all", gradients=gradients)


def test_frozen_networks_have_gradients(model, images):
    expected = record(model, images, "conv1", gradients=True, target=0)
    model.module.requires_grad_(False)
    recording = record(model, images, "conv1", gradients=True, target=0)
    assert torch.equal(recording.gradients["conv1"], expected.gradients["conv1"])


@pytest.mark.parametrize("around", [torch.no_grad, torch.inference_mode])
def test_gradients_whatever_mode_is_around_and_after_a_detached_input(as_model, images, around):
    class Detached(Small):
        def forward(self, x):
            return super().forward(x.detach())

    model = as_model(Detached().double())
    with around():
        recording = record(model, images, "bn1", gradients=True, target=0)
    values = by_hand(model.module, images)
    (expected,) = torch.autograd.grad(values["fc"][:, 0].sum(), values["bn1"])
    assert torch.allclose(recording.gradients["bn1"], expected)


def test_a_site_without_influence_has_gradient_zero(as_model):
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.Linear(3, 2), nn.Linear(3, 2)

        def forward(self, x):
            x = x.mean((2, 3))
            self.idle(x)
            return self.used(x)

    recording = record(as_model(Idle()), torch.randn(2, 3, 8, 8), "idle, used", gradients=True, target=1)
    assert recording.gradients["idle"].eq(0).all()
    assert recording.gradients["used"].tolist() == [[0, 1], [0, 1]]


def test_a_network_that_changes_its_input_does_not_change_the_batch(as_model):
    class Grabby(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(3, 2)

        def forward(self, x):
            return self.fc(x.sub_(1).relu_().mean((2, 3)))

    model, images = as_model(Grabby()), torch.rand(2, 3, 8, 8)
    before = images.clone()
    trace(model)
    for gradients in (False, True):
        record(model, images, "fc", gradients=gradients)
        assert torch.equal(images, before)


def test_one_image_without_a_batch_axis(model, images):
    assert torch.equal(record(model, images[1], "fc")["fc"], record(model, images[1:2], "fc")["fc"])


def test_recorded_tensors_can_be_differentiated(model, images):
    with torch.inference_mode():
        value = record(model, images, "relu")["relu"]
    value.requires_grad_()
    (value**2).sum().backward()
    assert torch.equal(value.grad, 2 * value)


@pytest.mark.parametrize("target", [5, -1, [0, 1, 9]])
def test_a_class_that_the_network_does_not_have(model, images, target):
    with pytest.raises(UsageError, match=r"no network class (5|-1|9); classes are 0 to 4"):
        record(model, images, "fc", gradients=True, target=target)


def test_bad_requests_are_refused_in_one_line(model, images):
    with pytest.raises(UsageError, match="2 targets for 3 images"):
        record(model, images, "fc", gradients=True, target=[0, 1])
    with pytest.raises(UsageError, match="target is only used with gradients"):
        record(model, images, "fc", target=1)
    with pytest.raises(UsageError, match=r"shape \(N, C, H, W\)"):
        record(model, images[0, 0], "fc")
    with pytest.raises(UsageError, match="unknown site 'fx'"):
        record(model, images, "fx")
    with pytest.raises(DataError, match=r"cannot run on a float64 batch of shape \(3, 1, 8, 8\)"):
        record(model, images[:, :1], "fc")


class Maps(nn.Module):
    def __init__(self, result):
        super().__init__()
        self.conv, self.result = nn.Conv2d(3, 4, 1), result

    def forward(self, x):
        return self.result(self.conv(x))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (lambda x: x, "a tensor of shape"),
        (lambda x: (x, x), "returns tuple"),
        (lambda x: x.mean((2, 3)).detach(), "logits have no gradient"),
    ],
)
def test_networks_without_logits_have_no_gradients(as_model, result, message):
    model, images = as_model(Maps(result)), torch.zeros(2, 3, 8, 8)
    with pytest.raises(DataError, match=message):
        record(model, images, "conv", gradients=True)
    assert record(model, images, "conv")["conv"].shape == (2, 4, 8, 8)


def test_logits_in_a_dict_are_found(as_model):
    model = as_model(Maps(lambda x: {"logits": x.mean((2, 3)), "size": 3}))
    gradient = record(model, torch.zeros(2, 3, 8, 8), "conv", gradients=True, target=1).gradients["conv"]
    assert torch.allclose(gradient[:, 1], torch.full((2, 8, 8), 1 / 64))
    assert gradient[:, 0].eq(0).all()


def test_a_view_that_is_written_to_is_refused(as_model):
    """The graph no longer passes through such a value: its gradient would silently be zero."""
    model = as_model(Maps(lambda x: F.relu(torch.flatten(x, 1), inplace=True)))
    with pytest.raises(DataError, match="/flatten:0: the network changes a view in place"):
        record(model, torch.ones(2, 3, 8, 8), "/flatten", gradients=True, target=0)


def test_a_value_without_a_graph_is_refused(as_model):
    class Cut(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.fc = nn.Conv2d(3, 4, 1), nn.Linear(4, 2)

        def forward(self, x):
            with torch.no_grad():
                x = self.stem(x)
            return self.fc(x.mean((2, 3)))

    with pytest.raises(DataError, match="stem:0: the network cuts it off"):
        record(as_model(Cut()), torch.zeros(1, 3, 8, 8), "stem", gradients=True)
