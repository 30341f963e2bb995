"""What a caller may hand over as network, batch, targets and selection, and what is refused in one line."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from neurolupa.capture import layers, observe, record, trace
from neurolupa.errors import DataError, UsageError
from neurolupa.models import load_model


def first_pixels() -> nn.Module:
    """The mean of each channel, then the identity as logits."""
    net = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    with torch.no_grad():
        net[2].weight.copy_(torch.eye(3))
        net[2].bias.zero_()
    return net


@pytest.fixture
def means(as_model):
    return as_model(first_pixels())


LEVELS = torch.tensor([[1.0, 2.0, 3.0], [6.0, 5.0, 4.0]])
BATCH = LEVELS[:, :, None, None].expand(2, 3, 8, 8)


def frozen() -> np.ndarray:
    array = BATCH.numpy().copy()
    array.flags.writeable = False
    return array


@pytest.mark.parametrize(
    "batch",
    [
        BATCH,
        BATCH.double(),
        BATCH.half(),
        BATCH.to(torch.uint8),
        frozen(),
        BATCH.numpy()[::-1][::-1, ..., ::-1],
        BATCH.numpy().astype(np.int64),
        BATCH.tolist(),
        [BATCH[0], BATCH[1]],
    ],
)
@pytest.mark.parametrize("gradients", [False, True])
def test_a_batch_may_be_a_tensor_an_array_or_lists_of_any_real_type(means, batch, gradients):
    assert record(means, batch, "2", gradients=gradients)["2"].equal(LEVELS)


@pytest.mark.parametrize(
    ("batch", "reason"),
    [
        (Image.new("RGB", (8, 8)), r"Image: a picture; model\.prepare"),
        ("cat.png", "type str"),
        (None, "type NoneType"),
        ([[1.0], [1.0, 2.0]], "type list"),
        (3, r"not torch\.int64 of shape \(1,\)"),
        (np.zeros((8, 8)), r"of shape \(8, 8\)"),
        (BATCH.to(torch.complex64), "not torch.complex64"),
    ],
)
def test_another_batch_is_refused_in_one_line(means, batch, reason):
    with pytest.raises(UsageError, match=reason) as caught:
        record(means, batch, "2")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "target", [1, np.int64(1), torch.tensor(1), [1, 1], np.array([1, 1]), torch.ones(2).long()]
)
def test_targets_may_be_numbers_arrays_or_tensors(means, target):
    recording = record(means, BATCH, "2", gradients=True, target=target)
    assert recording.targets == (1, 1)
    assert recording.gradients["2"].tolist() == [[0, 1, 0], [0, 1, 0]]


@pytest.mark.parametrize("target", [1.7, "cat", [0, 1.0], ["cat", "dog"], torch.tensor([0.0, 1.0]), {"a": 1}])
def test_a_target_that_is_no_class_number_is_refused(means, target):
    with pytest.raises(
        UsageError, match="a target is the number of a network class, or one for each image, not"
    ):
        record(means, BATCH, "2", gradients=True, target=target)


def test_a_name_that_was_not_recorded_is_a_key_error_with_the_nearest(means):
    recording = record(means, BATCH, "0,2", gradients=True)
    for mapping in (recording, recording.gradients):
        with pytest.raises(KeyError) as caught:
            mapping["1"]
        assert isinstance(caught.value, UsageError)
        assert str(caught.value) == "unknown site of this recording '1'; choose from: 0, 2"
        assert "1" not in mapping
        assert mapping.get("1") is None


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_networks_of_every_precision_run(dtype):
    model = load_model(first_pixels().to(dtype), input_size=8, device="cpu")
    found = record(model, BATCH, "2")["2"]
    assert found.dtype == dtype
    assert found.float().equal(LEVELS)
    seen = []
    with observe(model, trace(model).select("2"), lambda site, value: seen.append(value.float())) as run:
        run(BATCH)
    assert seen[0].equal(LEVELS)


def test_a_module_or_a_name_will_do_for_a_model():
    net = first_pixels().train()
    assert [site.name for site in trace(net)] == ["0", "1", "2"]
    assert list(layers(net)["site"]) == ["0", "1", "2"]
    assert record(net, BATCH, "2")["2"].equal(LEVELS)
    for ask in (trace, layers, lambda network: record(network, BATCH, "2")):
        with pytest.raises(UsageError, match="unknown network 'resnet81'; nearest: resnet18"):
            ask("resnet81")
        with pytest.raises(UsageError, match="not a int"):
            ask(3)


def test_a_module_is_recorded_at_the_size_of_the_batch():
    net = nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 2))
    assert record(net, BATCH, "1")["1"].shape == (2, 2)


class Leaves(nn.Module):
    def __init__(self, error):
        super().__init__()
        self.error, self.relu = error, nn.ReLU()

    def forward(self, x):
        x = self.relu(x)
        if len(x) > 1:
            raise self.error
        return x


def test_a_network_that_ends_the_program_is_a_fault_and_an_interruption_is_not(as_model, untouched):
    model = as_model(Leaves(SystemExit(3)))
    with untouched(model), pytest.raises(DataError, match=r"^Leaves cannot run on .* \(SystemExit 3\)$"):
        record(model, BATCH, "relu", gradients=True)
    assert record(model, BATCH, "relu")["relu"].equal(BATCH)
    model = as_model(Leaves(KeyboardInterrupt()))
    with untouched(model), pytest.raises(KeyboardInterrupt):
        record(model, BATCH, "relu", gradients=True)


def test_a_value_without_units_is_no_site(as_model):
    class Empty(nn.Module):
        def __init__(self):
            super().__init__()
            self.none, self.act = nn.Identity(), nn.ReLU()

        def forward(self, x):
            return self.act(torch.cat([self.none(x[:, :0]), x], 1))

    assert [site.name for site in trace(as_model(Empty()))] == ["/cat", "act"]


@pytest.fixture
def odd(as_model):
    net = nn.Sequential()
    for name in ("a,b", "a", "b", "c*", "cc", "d[x]", "dx"):
        net.add_module(name, nn.ReLU())
    return trace(as_model(net))


@pytest.mark.parametrize("name", ["a,b", "c*", "d[x]"])
def test_a_sites_own_name_chooses_it_alone_whatever_its_signs(odd, name):
    site = odd.find(name)
    for selection in (name, [name], f"{name}:0", site, [site], f" {name} "):
        assert odd.select(selection) == (site,)


def test_other_signs_are_patterns_and_lists_still(odd):
    names = {
        text: [site.name for site in odd.select(text)] for text in ("b,a", "c?", "d[x],cc", "[ab]", "d*")
    }
    assert names == {
        "b,a": ["a", "b"],
        "c?": ["c*", "cc"],
        "d[x],cc": ["cc", "d[x]"],
        "[ab]": ["a", "b"],
        "d*": ["d[x]", "dx"],
    }


@pytest.mark.parametrize("selection", [None, 3, [3], [None]])
def test_a_selection_of_no_names_is_refused(odd, selection):
    with pytest.raises(UsageError, match=r"sites are chosen by names, not by \[?(None|3)"):
        odd.select(selection)
