import json
import logging
import threading
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision.models as zoo
from PIL import Image
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from neurolupa.errors import DataError, UsageError
from neurolupa.models import NETWORKS, Model, Preprocessing, as_model, load_model
from neurolupa.models.architecture import Architecture

CPU = {"device": "cpu"}
TORCHVISION = zoo.list_models(module=zoo)
DOWNLOAD = "torchvision.models._api.load_state_dict_from_url"


def test_every_classification_network_of_torchvision_is_registered():
    assert {"resnet18", "resnet50", "alexnet", "squeezenet1_1"} <= set(TORCHVISION) <= set(NETWORKS.names())


@pytest.mark.parametrize("name", NETWORKS.names())
def test_every_registered_network_describes_itself(name):
    architecture = NETWORKS[name]()
    assert architecture.name == name
    assert isinstance(architecture.preprocessing, Preprocessing)
    assert architecture.categories is None or len(architecture.categories) == architecture.outputs


@pytest.mark.parametrize("name", TORCHVISION)
def test_torchvisions_recipes_and_names_are_the_weights_own(name):
    weights = zoo.get_model_weights(name).DEFAULT
    own, architecture = weights.transforms(), NETWORKS[name]()
    steps = architecture.preprocessing
    assert steps.input_size == (*own.crop_size, *own.crop_size)
    assert [steps.resize] == own.resize_size
    assert steps.interpolation == own.interpolation.value
    assert [list(steps.mean), list(steps.std)] == [own.mean, own.std]
    assert list(architecture.categories) == weights.meta["categories"]


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5", "mnasnet0_5"])
def test_small_networks_load_run_and_leave_the_random_state(name, random_state_kept):
    model = load_model(name, weights=None, seed=4, **CPU)
    assert not model.module.training
    assert model.forward(torch.zeros(2, 3, 64, 64)).shape == (2, 1000)
    assert len(model.probe_output()) == 16
    assert model.weights.source == "random"
    assert model.weights.seed == 4


def test_random_weights_depend_on_the_seed_alone():
    def digest(seed):
        return load_model("squeezenet1_1", weights=None, seed=seed, **CPU).weights_digest

    assert digest(1) == digest(1) != digest(2)


def test_random_networks_have_names_only_if_they_are_given():
    assert load_model("squeezenet1_1", weights=None, **CPU).classes is None
    given = [f"class {i}" for i in range(1000)]
    assert load_model("squeezenet1_1", weights=None, classes=given, **CPU).classes == tuple(given)


def test_random_weights_redraw_a_factorys_and_spare_a_callers(small, random_state_kept):
    mine = small()
    before = {k: v.clone() for k, v in mine.state_dict().items()}
    one, two = (load_model(mine, weights=None, seed=seed, **CPU) for seed in (1, 2))
    assert one.weights_digest != two.weights_digest
    assert one.weights_digest == load_model(mine, weights=None, seed=1, **CPU).weights_digest
    assert all(torch.equal(v, before[k]) for k, v in mine.state_dict().items())


def test_a_network_that_nothing_can_redraw_refuses_random_weights():
    class Own(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.ones(1))

    with pytest.raises(DataError, match="no layer of Own can draw"):
        load_model(Own(), weights=None, **CPU)


def test_the_published_weights_come_through_torchvision(monkeypatch):
    asked = {}
    state = zoo.get_model("squeezenet1_1", weights=None).state_dict()

    def download(url, **options):
        asked.update(options, url=url)
        return state

    monkeypatch.setattr(DOWNLOAD, download)
    model = load_model("squeezenet1_1", **CPU)
    assert asked["url"] == zoo.SqueezeNet1_1_Weights.DEFAULT.url
    assert asked["weights_only"] is True
    assert asked["check_hash"] is True
    assert model.weights.source == "default"
    assert all(torch.equal(v, state[k]) for k, v in model.module.state_dict().items())
    assert list(model.classes) == zoo.SqueezeNet1_1_Weights.DEFAULT.meta["categories"]


def test_without_a_connection_one_line_says_what_to_do(monkeypatch):
    def download(url, **options):
        raise URLError("no route\nto host")

    monkeypatch.setattr(DOWNLOAD, download)
    with pytest.raises(
        DataError,
        match=r"weights of squeezenet1_1 could not be downloaded.*give a file of them, or ask for",
    ) as caught:
        load_model("squeezenet1_1", **CPU)
    assert "\n" not in str(caught.value)


def test_timm_without_a_connection_says_the_same_and_is_quiet(monkeypatch, capfd):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(logging.getLogger("huggingface_hub"), "level", logging.WARNING)
    with pytest.raises(
        DataError, match=r"weights of timm:test_vit could not be downloaded.*give a file of them"
    ) as caught:
        load_model("timm:test_vit", **CPU)
    assert "\n" not in str(caught.value)
    assert logging.getLogger("huggingface_hub").level == logging.WARNING
    assert capfd.readouterr().err == ""


def test_timm_networks_bring_their_own_recipe():
    model = load_model("timm:test_resnet", weights=None, **CPU)
    assert model.name == "test_resnet"
    assert model.spec == "timm:test_resnet"
    assert model.preprocessing.input_size == (160, 160)
    assert model.preprocessing.resize == int(160 / 0.95)
    assert model.forward(torch.zeros(1, 3, 160, 160)).shape == (1, 1000)


def test_a_timm_file_has_imagenets_names(tmp_path):
    own = load_model("timm:test_resnet", weights=None, seed=2, **CPU)
    torch.save(own.module.state_dict(), tmp_path / "w.pth")
    again = load_model("timm:test_resnet", weights=tmp_path / "w.pth", **CPU)
    assert again.weights_digest == own.weights_digest
    assert again.classes == NETWORKS["resnet18"]().categories


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("resnet81", "unknown network 'resnet81'; nearest: .*resnet18"),
        ("timm:resnet81", "unknown timm network 'resnet81'; nearest: .*resnet18"),
        ("timm:resnet18.nonsense", "unknown timm network 'resnet18.nonsense'"),
        ("nets.py", "names no factory"),
        (":", "names no factory"),
        (3, "not a int"),
    ],
)
def test_unknown_networks_are_usage_errors(spec, message):
    with pytest.raises(UsageError, match=message):
        load_model(spec, weights=None, **CPU)


def test_the_file_of_certain_published_weights_gets_their_recipe(tmp_path):
    """ResNet-50 has two published files, with a resize to 256 and to 232."""
    old, new = zoo.ResNet50_Weights.IMAGENET1K_V1, zoo.ResNet50_Weights.IMAGENET1K_V2
    recipes = NETWORKS["resnet50"]().recipes
    assert recipes[old.url.rsplit("/", 1)[-1]].resize == 256
    assert recipes[new.url.rsplit("/", 1)[-1]].resize == 232
    own = load_model("squeezenet1_1", weights=None, **CPU)
    path = tmp_path / zoo.SqueezeNet1_1_Weights.DEFAULT.url.rsplit("/", 1)[-1]
    torch.save(own.module.state_dict(), path)
    assert load_model("squeezenet1_1", weights=path, **CPU).preprocessing == own.preprocessing


def test_overrides_replace_the_weights_own_recipe():
    model = load_model(
        "squeezenet1_1", weights=None, input_size=(48, 64), mean=(0.1, 0.2, 0.3), std=(1, 1, 1), **CPU
    )
    assert model.preprocessing.input_size == (48, 64)
    assert model.preprocessing.mean == (0.1, 0.2, 0.3)
    assert model.preprocessing.std == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("count", [999, 1001, 2])
def test_a_wrong_number_of_class_names_is_told(count):
    with pytest.raises(DataError, match=f"{count} class names.*1000 outputs"):
        load_model("squeezenet1_1", weights=None, classes=["x"] * count, **CPU)


def test_class_names_of_a_module_are_checked_by_running_it(colours):
    with pytest.raises(DataError, match=r"2 class names.*3 outputs"):
        load_model(colours, classes=["a", "b"], **CPU)


@pytest.mark.parametrize("device", ["gpu", "cuda:99", "xpu:3", "cup"])
def test_unknown_devices_are_usage_errors(device):
    with pytest.raises(UsageError, match="device"):
        load_model("squeezenet1_1", weights=None, device=device)


def test_auto_takes_the_fastest_device_that_is_there(colours, monkeypatch):
    expected = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert load_model(colours).device.type == expected
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    monkeypatch.setattr("torch.backends.mps.is_available", lambda: False)
    assert load_model(colours).device == torch.device("cpu")


def test_a_module_is_used_itself_in_eval_mode(colours):
    model = load_model(colours.train(), **CPU)
    assert model.module is colours
    assert not colours.training
    assert any("training mode" in note for note in model.notes)
    assert model.weights.source == "given"


def test_data_parallel_is_taken_off(colours):
    model = load_model(nn.DataParallel(colours), **CPU)
    assert model.module is colours
    assert "unwrapped from DataParallel" in model.notes


def test_distributed_data_parallel_is_taken_off(colours):
    store = torch.distributed.HashStore()
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        model = load_model(DistributedDataParallel(colours), **CPU)
    finally:
        torch.distributed.destroy_process_group()
    assert model.module is colours
    assert "unwrapped from DistributedDataParallel" in model.notes


def test_compiled_networks_are_taken_out_and_stay_compiled_for_the_caller(colours):
    model = load_model(torch.compile(colours), **CPU)
    assert model.module is colours
    assert "unwrapped from torch.compile" in model.notes
    colours.compile()
    again = load_model(colours, **CPU)
    assert again.module._compiled_call_impl is None
    assert colours._compiled_call_impl is not None
    assert again.module[2] is colours[2]
    assert "unwrapped from torch.compile" in again.notes


def test_a_compiled_part_is_told(colours):
    colours[2].compile()
    assert any(
        note.startswith("2 is compiled") and "cannot be observed" in note
        for note in load_model(colours, **CPU).notes
    )


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("how", ["script", "trace"])
def test_torchscript_predicts_and_says_what_cannot_be_seen(colours, how):
    example = torch.zeros(1, 3, 8, 8)
    closed = torch.jit.script(colours) if how == "script" else torch.jit.trace(colours, example)
    model = load_model(closed, input_size=8, mean=(0, 0, 0), std=(1, 1, 1), **CPU)
    assert any("TorchScript" in note and "cannot be observed" in note for note in model.notes)
    batch = torch.ones(1, 3, 8, 8)
    assert torch.equal(model.forward(batch), load_model(colours, **CPU).forward(batch))
    assert model.info().parameters == 12
    assert model.info().layer_types["Linear"] == 1


def test_a_registered_network_without_weights_of_its_own_says_so(monkeypatch, small):
    plain = Architecture("mine", lambda outputs: small(), Preprocessing(input_size=(8, 8)))
    monkeypatch.setitem(NETWORKS._entries, "mine", lambda: plain)
    assert load_model("mine", weights=None, **CPU).name == "mine"
    with pytest.raises(UsageError, match="mine has no weights of its own"):
        load_model("mine", **CPU)


def test_published_weights_that_do_not_fit_are_told(monkeypatch, small):
    wrong = Architecture(
        "mine",
        lambda outputs: small(),
        Preprocessing(input_size=(8, 8)),
        published=lambda: {"0.weight": torch.zeros(2, 3, 3, 3)},
    )
    monkeypatch.setitem(NETWORKS._entries, "mine", lambda: wrong)
    with pytest.raises(DataError, match="published weights do not fit mine: 7 missing"):
        load_model("mine", **CPU)


@pytest.mark.real
def test_squeezenet_reaches_its_published_accuracy(data):
    model = load_model("squeezenet1_1", weights=data / "weights/squeezenet1_1-imagenet.pth", **CPU)
    first, fifth = _accuracy(model, sorted((data / "imagenet").glob("*.jpg")))
    assert round(first, 3) == 0.637
    assert round(fifth, 3) == 0.853


def _accuracy(model: Model, paths) -> tuple[float, float]:
    ranks = []
    for start in range(0, len(paths), 50):
        part = paths[start : start + 50]
        pictures = [Image.open(path).convert("RGB") for path in part]
        logits = model.forward(torch.stack([model.prepare(picture) for picture in pictures]))
        own = logits[range(len(part)), [int(path.name[:3]) for path in part]]
        ranks += (logits > own[:, None]).sum(1).tolist()
    return float(np.mean(np.array(ranks) < 1)), float(np.mean(np.array(ranks) < 5))


@pytest.mark.real
def test_squeezenet_equals_plain_torchvision_on_pictures(data, random_state_kept):
    path = data / "weights/squeezenet1_1-imagenet.pth"
    model = load_model("squeezenet1_1", weights=path, **CPU)
    with torch.random.fork_rng():
        plain = zoo.squeezenet1_1()
    plain.load_state_dict(torch.load(path, weights_only=True))
    own = zoo.SqueezeNet1_1_Weights.DEFAULT.transforms()
    for picture in sorted((data / "imagenet").glob("*.jpg"))[::70]:
        with Image.open(picture) as opened:
            batch = own(opened.convert("RGB"))[None]
        with torch.no_grad():
            logits = plain.eval()(batch)[0]
        best = model.predict(picture)[0]
        assert best.class_id == int(logits.argmax())
        assert best.logit == float(logits.max())


@pytest.mark.real
def test_imagenets_names_from_a_file_are_the_weights_own_in_order(data):
    path = data / "weights/squeezenet1_1-imagenet.pth"
    index = data / "imagenet/class_index.json"
    model = load_model("squeezenet1_1", weights=path, classes=index, **CPU)
    assert list(model.classes) == [json.loads(index.read_text())[str(i)][1] for i in range(1000)]
    assert load_model("squeezenet1_1", weights=path, **CPU).classes[281] == "tabby"


@pytest.mark.real
def test_the_trunk_of_resnet18_needs_leave(data):
    path = data / "weights/resnet18-imagenet-trunk.pth"
    with pytest.raises(DataError, match=r"20 missing \(layer4\.0\.conv1\.weight \(512, 256, 3, 3\)"):
        load_model("resnet18", weights=path, **CPU)
    model = load_model("resnet18", weights=path, allow_partial=True, **CPU)
    assert len(model.weights.random_tensors) == 20
    assert all(name.startswith("layer4.") for name in model.weights.random_tensors)
    state = torch.load(path, weights_only=True)
    assert torch.equal(model.module.layer3[1].conv2.weight, state["layer3.1.conv2.weight"])
    assert (
        model.weights_digest == load_model("resnet18", weights=path, allow_partial=True, **CPU).weights_digest
    )


@pytest.mark.online
@pytest.mark.parametrize("name", ["resnet18", "alexnet"])
def test_the_published_networks_see_the_cat(name):
    from skimage.data import chelsea

    found = load_model(name, **CPU).predict(Image.fromarray(chelsea()))
    cats = {281, 282, 283, 284, 285}  # tabby, tiger, Persian, Siamese, Egyptian
    assert cats & {p.class_id for p in found}


def test_two_threads_may_load_at_once():
    digests = []
    threads = [
        threading.Thread(
            target=lambda: digests.append(load_model("squeezenet1_1", weights=None, **CPU).weights_digest)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digests[0] == digests[1]


@pytest.mark.parametrize("weights", ["default", None])
def test_a_network_without_values_is_refused_in_one_line(weights):
    net = nn.Sequential(nn.Conv2d(3, 1, 1), nn.BatchNorm2d(1, affine=False, device="meta"))
    with pytest.raises(DataError, match=r"^Sequential is on the meta device, .* \(1\.running_mean\)"):
        load_model(net, weights=weights, **CPU)


def test_as_model_takes_models_names_and_modules_and_nothing_else(small):
    model = load_model(small(), input_size=8, **CPU)
    assert as_model(model, input_size=5) is model
    net = small().train()
    found = as_model(net, input_size=5)
    assert found.module is net
    assert not net.training
    assert found.preprocessing.input_size == (5, 5)
    with pytest.raises(UsageError, match="nearest: resnet18"):
        as_model("resnet81")
    for wrong in (3, None, nn.Conv2d):
        with pytest.raises(UsageError, match=r"a name, a factory or a torch.nn.Module, not a \w+$"):
            as_model(wrong)
