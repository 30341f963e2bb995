import json

import pytest
import torch
from torchvision.models import resnet18

from neurolupa.errors import DataError
from neurolupa.images import load_images
from neurolupa.models import load_model
from neurolupa.models.embedded import CLASSES
from neurolupa.models.embedded.network import SlimResNet
from neurolupa.models.embedded.shipped import CARD, FOLDER, WEIGHTS, digest, read_card, read_weights


@pytest.fixture(scope="module")
def embedded():
    return load_model("embedded", device="cpu")


@pytest.fixture
def copied(tmp_path):
    for name in (CARD, WEIGHTS):
        (tmp_path / name).write_bytes((FOLDER / name).read_bytes())
    return tmp_path


def test_its_modules_carry_resnet18s_names():
    slim = {name for name, _ in SlimResNet(10).named_modules()}
    assert slim == {name for name, _ in resnet18().named_modules()}


def test_its_channels_and_maps_are_as_the_card_says():
    shapes = {}
    network = SlimResNet(10).eval()
    for name in ("relu", "layer1", "layer2", "layer3", "layer4", "fc"):
        network.get_submodule(name).register_forward_hook(
            lambda *call, name=name: shapes.__setitem__(name, tuple(call[2].shape[1:]))
        )
    network(torch.zeros(1, 3, 32, 32))
    assert shapes == {
        "relu": (16, 32, 32),
        "layer1": (16, 32, 32),
        "layer2": (32, 16, 16),
        "layer3": (64, 8, 8),
        "layer4": (128, 4, 4),
        "fc": (10,),
    }


def test_its_stem_is_3x3_without_stride_or_pooling():
    network = SlimResNet(10)
    assert (network.conv1.kernel_size, network.conv1.stride) == ((3, 3), (1, 1))
    assert isinstance(network.maxpool, torch.nn.Identity)


def test_no_tensor_of_it_is_left_without_values():
    assert not any(tensor.is_meta for tensor in SlimResNet(10).state_dict().values())


def test_it_loads_without_a_connection_and_knows_its_classes(embedded):
    assert embedded.classes == CLASSES
    assert embedded.weights.source == "default"
    assert embedded.preprocessing.input_size == (32, 32)


def test_the_sample_cat_is_called_a_cat(embedded):
    cat = load_images("samples?classes=cat")[0]
    best = embedded.predict(cat.image)[0]
    assert best.name == "cat"
    assert best.probability > 0.8


def test_the_file_is_small_in_half_precision_and_the_cards():
    card = read_card()
    assert (FOLDER / WEIGHTS).stat().st_size == card["weights"]["bytes"] <= 2_000_000
    assert digest(FOLDER / WEIGHTS) == card["weights"]["sha256"]
    assert all(tensor.isfinite().all() for tensor in read_weights().values())


def test_another_head_can_be_built_for_ones_own_weights(tmp_path):
    path = tmp_path / "three.pth"
    torch.save(SlimResNet(3).state_dict(), path)
    assert load_model("embedded", weights=path, classes=["a", "b", "c"], device="cpu").classes == (
        "a",
        "b",
        "c",
    )


def test_altered_weights_are_refused_with_both_digests(copied):
    content = bytearray((copied / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (copied / WEIGHTS).write_bytes(content)
    expected, found = read_card()["weights"]["sha256"], digest(copied / WEIGHTS)
    assert expected != found
    with pytest.raises(DataError, match=f"digest expected {expected}, found {found}"):
        read_weights(copied)


def test_missing_weights_are_refused_with_the_digest(copied):
    (copied / WEIGHTS).unlink()
    with pytest.raises(DataError, match=r"digest expected [0-9a-f]{64}, found no file"):
        read_weights(copied)


@pytest.mark.parametrize("content", [None, "{", json.dumps({"weights": {}}), "[]"])
def test_a_damaged_card_is_one_line(copied, content):
    if content is None:
        (copied / CARD).unlink()
    else:
        (copied / CARD).write_text(content)
    with pytest.raises(DataError, match=r"card of the embedded network, card\.json, is missing or damaged"):
        read_weights(copied)


def test_the_page_is_the_cards():
    from training.card import card_page

    assert (FOLDER / "CARD.md").read_text(encoding="utf-8") == card_page(read_card())


@pytest.mark.real
def test_the_cards_numbers_are_what_the_weights_do(data):
    from training.evaluation import same_numbers
    from training.train_embedded import measure

    cifar = data / "cifar10"
    found = measure(FOLDER, [f"parquet:{cifar}/test-jpeg.parquet", f"npz:{cifar}/test-lossless-500.npz"])
    assert same_numbers(found, read_card()["evaluation"])
    assert found[0]["accuracy"] >= 0.89
    assert found[1]["accuracy"] >= 0.9
