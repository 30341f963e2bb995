import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from neurolupa.errors import DataError
from neurolupa.models import load_model

CPU = {"device": "cpu"}
EXAMPLE = Path(__file__).parents[2] / "examples" / "cifar_resnet.py"
NET = """
from torch import nn

def build():
    return nn.Sequential(nn.Conv2d({channels}, 2, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())

ready = build()
number = 3

def wants(size):
    return build()

def fails():
    raise RuntimeError("out of luck\\nand more")

def leaves():
    raise SystemExit(2)

def returns_text():
    return "net"
"""


@pytest.fixture
def file(tmp_path):
    def write(extra="", channels=3, name="nets.py"):
        path = tmp_path / name
        path.write_text(NET.format(channels=channels) + extra)
        return path

    return write


@pytest.fixture
def example():
    spec = importlib.util.spec_from_file_location("cifar_example", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_factory_of_a_file_is_built_under_the_seed(file, random_state_kept):
    path = file()
    one, two, other = (load_model(f"{path}:build", seed=seed, **CPU) for seed in (1, 1, 2))
    assert one.name == "build"
    assert one.weights.source == "given"
    assert one.weights_digest == two.weights_digest != other.weights_digest
    assert str(path.parent) not in str(one.to_dict())


def test_a_network_that_a_file_holds_ready_is_taken(file):
    assert load_model(f"{file()}:ready", **CPU).forward(torch.zeros(1, 3, 8, 8)).shape == (1, 2)


def test_constants_beside_the_factory_describe_the_network(file):
    constants = "INPUT_SIZE = (8, 12)\nMEAN = (0.1, 0.2, 0.3)\nSTD = (1, 2, 3)\nCLASSES = ['a', 'b']\n"
    model = load_model(f"{file(constants)}:build", **CPU)
    assert model.preprocessing.input_size == (8, 12)
    assert model.preprocessing.mean == (0.1, 0.2, 0.3)
    assert model.preprocessing.std == (1.0, 2.0, 3.0)
    assert model.classes == ("a", "b")
    assert model.notes == ()


def test_what_is_asked_for_outdoes_the_constants(file):
    path = file("INPUT_SIZE = 8\nCLASSES = ['a', 'b']\n")
    model = load_model(f"{path}:build", input_size=16, classes=["c", "d"], **CPU)
    assert model.preprocessing.input_size == (16, 16)
    assert model.classes == ("c", "d")


def test_without_constants_the_assumption_is_told(file):
    model = load_model(f"{file()}:build", **CPU)
    assert model.preprocessing.input_size == (224, 224)
    assert any("assumed" in note for note in model.notes)


def test_constants_that_do_not_fit_the_network_are_told(file):
    path = file("CLASSES = ['a', 'b', 'c']\n")
    with pytest.raises(DataError, match=r"3 class names.*2 outputs"):
        load_model(f"{path}:build", **CPU)


def test_grey_networks_are_recognised(file):
    model = load_model(f"{file(channels=1)}:build", **CPU)
    assert model.preprocessing.channels == 1
    assert model.forward(torch.zeros(1, 1, 8, 8)).shape == (1, 2)


def test_neighbours_of_the_file_can_be_imported(file, tmp_path):
    (tmp_path / "neurolupa_neighbour.py").write_text("WIDTH = 5\n")
    extra = "from neurolupa_neighbour import WIDTH\ndef wide():\n    return nn.Conv2d(3, WIDTH, 1)\n"
    before = list(sys.path)
    assert load_model(f"{file(extra)}:wide", **CPU).module.out_channels == 5
    assert sys.path == before


def test_a_factory_of_a_module_in_the_current_folder_is_found(file, tmp_path, monkeypatch):
    file(name="neurolupa_test_nets.py")
    monkeypatch.chdir(tmp_path)
    assert load_model("neurolupa_test_nets:build", **CPU).name == "build"


def test_a_network_that_a_module_holds_keeps_its_tensors(file, tmp_path, monkeypatch):
    file(name="neurolupa_test_held.py")
    monkeypatch.chdir(tmp_path)
    before = load_model("neurolupa_test_held:ready", **CPU).weights_digest
    assert load_model("neurolupa_test_held:ready", weights=None, seed=9, **CPU).weights_digest != before
    assert load_model("neurolupa_test_held:ready", **CPU).weights_digest == before


@pytest.mark.parametrize(
    ("factory", "message"),
    [
        ("biuld", "no factory 'biuld'; nearest: build"),
        ("fails", "fails failed: RuntimeError: out of luck$"),
        ("leaves", "leaves failed: SystemExit: 2"),
        ("wants", "wants failed: TypeError: .*missing 1 required"),
        ("returns_text", "returned a str, not a torch.nn.Module"),
        ("number", "is a int, not a function"),
    ],
)
def test_a_factory_that_does_not_work_is_told_in_one_line(file, factory, message):
    with pytest.raises(DataError, match=message) as caught:
        load_model(f"{file()}:{factory}", **CPU)
    assert "\n" not in str(caught.value)


def test_missing_files_and_modules_are_told():
    with pytest.raises(DataError, match=r"no file at nowhere/nets\.py"):
        load_model("nowhere/nets.py:build", **CPU)
    with pytest.raises(DataError, match=r"no_such_package\.nets cannot be imported: ModuleNotFoundError"):
        load_model("no_such_package.nets:build", **CPU)


def test_a_file_with_a_fault_in_it_is_told(file):
    with pytest.raises(DataError, match=r"nets\.py cannot be imported: SyntaxError") as caught:
        load_model(f"{file('def :')}:build", **CPU)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "millions"), [("resnet20", 0.27), ("resnet32", 0.46), ("resnet44", 0.66), ("resnet56", 0.85)]
)
def test_the_example_has_the_papers_layers_and_parameters(name, millions):
    model = load_model(f"{EXAMPLE}:{name}", **CPU)
    info = model.info()
    assert round(info.parameters / 1e6, 2) == millions  # He et al. 2015, table 6
    assert info.layer_types["Conv2d"] + info.layer_types["Linear"] == int(name.removeprefix("resnet"))
    assert "ReLU" not in info.layer_types
    assert model.forward(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


def test_the_examples_shortcut_takes_every_second_pixel_and_pads_channels(example):
    x = torch.arange(2 * 4 * 4.0).view(1, 2, 4, 4)
    y = example.Shortcut(2, 4, 2)(x)
    assert y.shape == (1, 4, 2, 2)
    assert torch.equal(y[0, 1], torch.tensor([[0.0, 2.0], [8.0, 10.0]]))
    assert torch.equal(y[0, 2], torch.tensor([[16.0, 18.0], [24.0, 26.0]]))
    assert not y[0, [0, 3]].any()


def test_the_examples_block_follows_its_formula(example):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        block = example.Block(2, 2, 1).eval()
        x = torch.randn(1, 2, 5, 5)
    inner = F.relu(block.bn1(F.conv2d(x, block.conv1.weight, padding=1)))
    expected = F.relu(block.bn2(F.conv2d(inner, block.conv2.weight, padding=1)) + x)
    torch.testing.assert_close(block(x), expected)
    assert isinstance(block.shortcut, nn.Identity)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "file"),
    [("resnet20", "cifar10-resnet20-12fca82f.th"), ("resnet32", "cifar10-resnet32-d509ac18.th")],
)
def test_the_example_recognises_lossless_test_pictures(data, name, file):
    model = load_model(f"{EXAMPLE}:{name}", weights=data / "weights" / file, **CPU)
    pictures = np.load(data / "cifar10/test-lossless-500.npz")
    batch = torch.stack([model.prepare(Image.fromarray(image)) for image in pictures["images"]])
    right = model.forward(batch).argmax(1).numpy() == pictures["labels"]
    assert right.mean() >= 0.90
    assert model.classes[3] == "cat"


def test_what_is_assumed_is_said_for_the_terminal_and_for_python():
    (note,) = load_model(nn.Conv2d(3, 1, 1).eval(), **CPU).notes
    for word in ("--input-size", "--mean", "--std", "input_size=", "mean=", "std="):
        assert word in note
    (note,) = load_model(nn.Conv2d(3, 1, 1).eval(), input_size=8, std=(1, 1, 1), **CPU).notes
    assert note == "assumed: ImageNet's mean; give others with --mean (in Python mean=)"
    given = {"input_size": 8, "mean": (0, 0, 0), "std": (1, 1, 1)}
    assert load_model(nn.Conv2d(3, 1, 1).eval(), **given, **CPU).notes == ()


def test_a_factory_without_values_is_refused_in_one_line(tmp_path):
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\ndef build():\n    return nn.Conv2d(3, 1, 1, device='meta')\n")
    with pytest.raises(DataError, match=r"^build is on the meta device, .* \(weight\); build it on the CPU$"):
        load_model(f"{file}:build", **CPU)
