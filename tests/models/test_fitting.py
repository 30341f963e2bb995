from collections import OrderedDict

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torchvision.models.vision_transformer import VisionTransformer

from neurolupa.errors import DataError
from neurolupa.models import load_model
from neurolupa.models.fitting import clean, fit

CPU = {"device": "cpu"}


@pytest.fixture
def saved(tmp_path):
    def save(tensors, name="weights.pth"):
        torch.save(OrderedDict(tensors), tmp_path / name)
        return tmp_path / name

    return save


def altered(module):
    """The state dict of `module` with every float raised by one, so that loading it shows."""
    return OrderedDict((k, v + 1 if v.is_floating_point() else v) for k, v in module.state_dict().items())


@pytest.mark.parametrize(
    "prefix", ["", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module.", "model."]
)
def test_prefixes_of_wrappers_are_taken_off(small, saved, prefix):
    wanted = altered(small())
    path = saved((prefix + name, tensor) for name, tensor in wanted.items())
    model = load_model(small(), weights=path, **CPU)
    assert all(torch.equal(tensor, wanted[name]) for name, tensor in model.module.state_dict().items())
    assert model.weights.source == "file"
    assert model.weights.file == "weights.pth"
    assert model.weights.random_tensors == ()


def test_a_compiled_part_inside_has_its_prefix_taken_off(small, saved):
    path = saved((name.replace("1.", "1._orig_mod."), tensor) for name, tensor in altered(small()).items())
    assert load_model(small(), weights=path, **CPU).weights.random_tensors == ()


def test_a_prefix_that_is_the_networks_own_stays():
    net = nn.Sequential(OrderedDict(module=nn.Linear(1, 1)))
    assert list(clean(net.state_dict(), net)) == ["module.weight", "module.bias"]
    assert fit(net, clean(net.state_dict(), net)).complete


def test_files_from_before_the_counter_are_complete(small, saved):
    path = saved((k, v) for k, v in small().state_dict().items() if "num_batches_tracked" not in k)
    assert load_model(small(), weights=path, **CPU).weights.random_tensors == ()


def test_a_mismatch_names_the_first_tensors_with_shapes_and_counts_them(small, saved):
    tensors = small().state_dict()
    del tensors["0.weight"], tensors["0.bias"], tensors["1.weight"]
    tensors["7.weight"] = torch.zeros(5, 6)
    with pytest.raises(DataError) as caught:
        load_model(small(), weights=saved(tensors), **CPU)
    message = str(caught.value)
    assert "3 missing (0.weight (2, 3, 3, 3), 0.bias (2,), ...)" in message
    assert "1 unexpected (7.weight (5, 6))" in message
    assert "allow_partial=True" in message
    assert "--allow-partial" in message
    assert "\n" not in message


def test_a_wrong_shape_names_both(small, saved):
    tensors = small().state_dict() | {"0.bias": torch.zeros(3)}
    with pytest.raises(DataError, match=r"1 of another shape \(0\.bias \(3,\) in the file, \(2,\) wanted\)"):
        load_model(small(), weights=saved(tensors), **CPU)


def test_allow_partial_loads_what_fits_and_records_the_rest(small, saved):
    tensors = altered(small())
    del tensors["4.weight"]
    tensors |= {"0.bias": torch.zeros(3), "extra": torch.zeros(1)}
    model = load_model(small(), weights=saved(tensors), allow_partial=True, seed=5, **CPU)
    assert model.weights.random_tensors == ("4.weight", "0.bias")
    assert model.weights.unused_tensors == ("extra",)
    assert model.weights.seed == 5
    assert "loaded in part" in model.notes[-1]
    state, before = model.module.state_dict(), small().state_dict()
    assert torch.equal(state["0.weight"], tensors["0.weight"])
    assert torch.equal(state["4.weight"], before["4.weight"])
    assert torch.equal(state["0.bias"], before["0.bias"])


def test_the_random_part_depends_on_the_seed_alone(saved):
    path = saved({"features.0.weight": torch.zeros(64, 3, 3, 3)})
    digests = [
        load_model("squeezenet1_1", weights=path, allow_partial=True, seed=seed, **CPU).weights_digest
        for seed in (1, 1, 2)
    ]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("allow_partial", [True, False])
def test_a_file_of_which_nothing_fits_is_an_error(small, saved, allow_partial):
    path = saved({"a": torch.zeros(1), "1.num_batches_tracked": torch.tensor(3)})
    with pytest.raises(DataError, match=r"no tensor of weights\.pth fits"):
        load_model(small(), weights=path, allow_partial=allow_partial, **CPU)


def test_the_callers_module_keeps_its_tensors_when_a_file_is_loaded(small, saved):
    mine = small()
    model = load_model(mine, weights=saved(altered(mine)), **CPU)
    assert model.module is not mine
    assert all(torch.equal(v, mine.state_dict()[k]) for k, v in small().state_dict().items())


def head_of(outputs):
    tensors = load_model("squeezenet1_1", weights=None, **CPU).module.state_dict()
    tensors["classifier.1.weight"] = torch.ones(outputs, 512, 1, 1)
    tensors["classifier.1.bias"] = torch.ones(outputs)
    return tensors


def test_a_head_of_another_size_is_built_for_as_many_class_names(saved):
    model = load_model("squeezenet1_1", weights=saved(head_of(3)), classes=["a", "b", "c"], **CPU)
    assert model.classes == ("a", "b", "c")
    assert model.forward(torch.zeros(1, 3, 64, 64)).shape == (1, 3)
    assert model.weights.random_tensors == ()


@pytest.mark.parametrize("classes", [None, ["a", "b"]])
def test_without_as_many_class_names_the_error_says_how(saved, classes):
    with pytest.raises(DataError, match=r"\(3, 512, 1, 1\) in the file.*--classes with 3 names"):
        load_model("squeezenet1_1", weights=saved(head_of(3)), classes=classes, **CPU)


def transformer():
    return VisionTransformer(16, 8, num_layers=1, num_heads=2, hidden_dim=8, mlp_dim=8, num_classes=4)


def test_a_networks_own_conversion_of_old_files_runs(saved):
    """torchvision's published vision transformers carry the old names of the MLP's layers."""
    wanted = altered(transformer())
    old = OrderedDict(
        (k.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."), v)
        for k, v in wanted.items()
    )
    assert list(old) != list(wanted)
    model = load_model(transformer(), weights=saved(old), **CPU)
    assert all(torch.equal(v, wanted[k]) for k, v in model.module.state_dict().items())


def test_a_file_of_todays_names_needs_no_conversion(tmp_path):
    """MNASNet rebuilds its stem for files that state no version, as safetensors never do."""
    own = load_model("mnasnet0_5", weights=None, seed=3, **CPU)
    save_file(own.module.state_dict(), tmp_path / "w.safetensors")
    again = load_model("mnasnet0_5", weights=tmp_path / "w.safetensors", **CPU)
    assert again.weights_digest == own.weights_digest


def test_the_old_names_of_densenet_are_known(saved):
    own = load_model("densenet121", weights=None, seed=3, **CPU)
    state = own.module.state_dict()
    old = OrderedDict()
    for name, tensor in state.items():
        head, layer, rest = name.partition("denselayer")
        for kind in ("norm", "relu", "conv"):
            rest = rest.replace(f"{kind}1.", f"{kind}.1.").replace(f"{kind}2.", f"{kind}.2.")
        old[head + layer + rest] = tensor
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    assert load_model("densenet121", weights=saved(old), **CPU).weights_digest == own.weights_digest


@pytest.mark.parametrize(
    ("name", "auxiliary"),
    [("googlenet", "aux1.conv.conv.weight"), ("inception_v3", "AuxLogits.conv0.conv.weight")],
)
def test_auxiliary_heads_in_files_are_passed_over(saved, name, auxiliary):
    own = load_model(name, weights=None, seed=3, **CPU)
    tensors = own.module.state_dict() | {auxiliary: torch.zeros(1)}
    again = load_model(name, weights=saved(tensors), **CPU)
    assert again.weights_digest == own.weights_digest
    assert again.module.transform_input
    assert isinstance(again.forward(torch.zeros(1, 3, 96, 96)), torch.Tensor)
    assert any("auxiliary" in note for note in again.notes)
