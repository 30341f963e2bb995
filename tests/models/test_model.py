import gc
import json
import math
import threading
import weakref

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from neurolupa.errors import DataError, UsageError
from neurolupa.models import load_model
from neurolupa.models.info import digest_tensors

PLAIN = {"input_size": 8, "mean": (0, 0, 0), "std": (1, 1, 1), "device": "cpu"}
RED = Image.new("RGB", (8, 8), (255, 0, 0))


class Returns(nn.Module):
    def __init__(self, make):
        super().__init__()
        self.make = make

    def forward(self, x):
        return self.make(x)


def test_predictions_are_the_softmax_of_the_logits_strongest_first(colours, random_state_kept):
    found = load_model(colours, classes=["red", "green", "blue"], **PLAIN).predict(RED)
    assert [p.name for p in found] == ["red", "blue", "green"]
    assert [p.class_id for p in found] == [0, 2, 1]
    assert [p.logit for p in found] == [2.0, 1.0, 0.0]
    total = math.e**2 + math.e + 1
    assert [p.probability for p in found] == pytest.approx([math.e**2 / total, math.e / total, 1 / total])


def test_without_names_predictions_have_none(colours):
    assert [p.name for p in load_model(colours, **PLAIN).predict(RED, k=2)] == [None, None]


def test_a_picture_a_path_and_a_prepared_tensor_predict_the_same(colours, tmp_path):
    model = load_model(colours, **PLAIN)
    path = tmp_path / "red.png"
    RED.save(path)
    assert model.predict(RED) == model.predict(path) == model.predict(str(path))
    assert model.predict(RED) == model.predict(model.prepare(RED))


def test_a_picture_with_a_palette_is_seen_in_colour(colours):
    model = load_model(colours, **PLAIN)
    assert model.predict(RED.convert("P")) == model.predict(RED)


@pytest.mark.parametrize(
    ("image", "error", "message"),
    [
        (torch.zeros(1, 3, 8, 8), DataError, r"\(C, H, W\), not \(1, 3, 8, 8\)"),
        ("missing.png", DataError, "no picture at missing.png"),
        (3, UsageError, "not a int"),
    ],
)
def test_what_is_no_picture_is_told(colours, image, error, message):
    with pytest.raises(error, match=message):
        load_model(colours, **PLAIN).predict(image)


def test_a_file_that_is_no_picture_is_told_in_one_line(colours, tmp_path):
    path = tmp_path / "text.jpg"
    path.write_text("no picture")
    with pytest.raises(DataError, match=r"text\.jpg is not a picture") as caught:
        load_model(colours, **PLAIN).predict(path)
    assert "\n" not in str(caught.value)


def test_k_below_one_is_refused(colours):
    with pytest.raises(UsageError, match="at least 1"):
        load_model(colours, **PLAIN).predict(RED, k=0)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (Returns(lambda x: (x, x)), r"returns a tuple.*\(1, 3, 8, 8\)"),
        (Returns(lambda x: {"out": x}), r"returns a dict.*\(1, 3, 8, 8\)"),
        (nn.Embedding(3, 3), r"\(1, 3, 8, 8\).*wants? integers"),
        (nn.Conv2d(3, 1, 9), r"cannot run on a float32 batch of shape \(1, 3, 8, 8\)"),
        (nn.Linear(5, 5), r"cannot run on a float32 batch of shape \(1, 3, 8, 8\)"),
    ],
)
def test_a_network_that_cannot_run_says_so_with_the_shape(module, message):
    with pytest.raises(DataError, match=message) as caught:
        load_model(module, **PLAIN).probe_output()
    assert "\n" not in str(caught.value)


def test_an_output_of_maps_cannot_be_predicted():
    with pytest.raises(DataError, match=r"\(1, 3, 8, 8\), not \(1, classes\)"):
        load_model(nn.Identity(), **PLAIN).predict(RED)


def test_forward_keeps_no_graph(colours):
    assert not load_model(colours, **PLAIN).forward(torch.zeros(1, 3, 8, 8)).requires_grad


def test_forward_waits_for_the_lock(colours):
    model = load_model(colours, **PLAIN)
    done = threading.Event()

    def work():
        model.forward(torch.zeros(1, 3, 8, 8))
        done.set()

    thread = threading.Thread(target=work)
    with model.lock:
        thread.start()
        assert not done.wait(0.2)
        model.forward(torch.zeros(1, 3, 8, 8))  # the holder itself may run
    thread.join(5)
    assert done.is_set()


def test_a_network_in_another_precision_gets_its_own_type(colours):
    model = load_model(colours.double(), **PLAIN)
    assert model.forward(torch.ones(1, 3, 8, 8)).dtype == torch.float64


def test_models_are_told_apart_by_identity(colours):
    one, two = load_model(colours, **PLAIN), load_model(colours, **PLAIN)
    assert one != two
    assert len({one, two, one}) == 2


def test_models_can_be_held_weakly(colours):
    model = load_model(colours, **PLAIN)
    held = weakref.ref(model)
    del model
    gc.collect()
    assert held() is None


def test_info_counts_parameters_bytes_and_leaf_modules(small):
    info = load_model(small(), **PLAIN).info()
    convolution, norm, linear = 3 * 2 * 9 + 2, 2 + 2, 2 * 4 + 4
    buffers = 2 * 4 + 2 * 4 + 8  # running mean and variance in float32, a counter in int64
    assert info.parameters == info.trainable == convolution + norm + linear
    assert info.size_mb == ((convolution + norm + linear) * 4 + buffers) / 2**20
    assert info.layers == 5
    assert info.layer_types == {
        "Conv2d": 1, "BatchNorm2d": 1, "AdaptiveAvgPool2d": 1, "Flatten": 1, "Linear": 1
    }  # fmt: skip
    assert "72" in str(info)
    assert "1 Conv2d" in str(info)


def test_resnet18_has_the_published_number_of_parameters():
    info = load_model("resnet18", weights=None, device="cpu").info()
    assert info.parameters == 11_689_512  # torchvision's own documentation
    assert info.layer_types["Conv2d"] == 20


def test_the_digest_sees_names_types_shapes_and_bytes_and_not_the_order():
    tensors = {"a": torch.arange(4.0), "b": torch.tensor(7)}
    reference = digest_tensors(tensors)
    assert digest_tensors(dict(reversed(tensors.items()))) == reference
    assert digest_tensors(tensors | {"note": "text"}) == reference
    others = [
        {"a2": tensors["a"], "b": tensors["b"]},
        tensors | {"a": tensors["a"].double()},
        tensors | {"a": tensors["a"].view(2, 2)},
        tensors | {"a": tensors["a"] + 1e-6},
        tensors | {"c": torch.empty(0)},
    ]
    assert len({reference, *map(digest_tensors, others)}) == 6


def test_the_digest_does_not_depend_on_the_memory_layout():
    tensor = torch.arange(24.0).view(1, 2, 3, 4)
    assert digest_tensors({"a": tensor}) == digest_tensors(
        {"a": tensor.to(memory_format=torch.channels_last)}
    )


def test_bfloat16_has_a_digest():
    assert len(digest_tensors({"a": torch.ones(3, dtype=torch.bfloat16)})) == 64


def test_the_probe_tells_other_code_with_equal_tensors(colours):
    other = nn.Sequential(*colours, nn.Softmax(dim=1))
    plain, changed = load_model(colours, **PLAIN), load_model(other, **PLAIN)
    assert plain.probe_output() == plain.probe_output()
    assert len(plain.probe_output()) == 3
    assert plain.probe_output() != changed.probe_output()


def test_to_dict_is_json_without_folders(small, tmp_path):
    path = tmp_path / "w.pth"
    torch.save(small().state_dict(), path)
    model = load_model(small(), weights=path, classes=list("abcd"), **PLAIN)
    told = json.loads(json.dumps(model.to_dict()))
    assert str(tmp_path) not in json.dumps(told)
    assert told["weights"]["file"] == "w.pth"
    assert told["classes"] == list("abcd")
    assert told["weights_digest"] == digest_tensors(small().state_dict())
    assert set(told) == {"name", "spec", "weights", "weights_digest", "preprocessing", "classes", "notes"}


def test_unprepare_shows_what_was_prepared(colours):
    model = load_model(colours, **PLAIN)
    assert np.array_equal(np.asarray(model.unprepare(model.prepare(RED))), np.asarray(RED))


def test_a_notebook_shows_the_card_with_odd_names_escaped():
    odd = type("<Odd>", (nn.Identity,), {})
    shown = load_model(nn.Sequential(nn.Linear(2, 1), odd()), **PLAIN).info()._repr_html_()
    assert shown.startswith("<pre>Sequential\n  parameters  3 (3 trainable)")
    assert "1 &lt;Odd&gt;</pre>" in shown


def leave(x):
    raise SystemExit(3)


def interrupt(x):
    raise KeyboardInterrupt


def test_a_network_that_ends_the_program_is_a_fault_and_an_interruption_is_not():
    with pytest.raises(DataError, match=r"cannot run on .*: it asks to end .* \(SystemExit 3\)$"):
        load_model(Returns(leave), **PLAIN).forward(torch.zeros(1, 3, 8, 8))
    with pytest.raises(KeyboardInterrupt):
        load_model(Returns(interrupt), **PLAIN).forward(torch.zeros(1, 3, 8, 8))
