"""The network once more on the picture of an analysis: colour patterns, and units switched off."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from neurolupa.errors import UsageError
from neurolupa.inspection import ImageAnalysis, colour_patterns, inspect, inspect_layers, switch_off
from neurolupa.inspection.again import input_of
from neurolupa.models import load_model


def test_the_input_is_equal_to_the_bit(model, picture):
    analysis = inspect(model, picture, "stem")
    assert torch.equal(input_of(model, analysis)[0], model.prepare(picture))


def test_a_pattern_is_the_kernel_in_steps_of_colour(model, picture, untouched):
    analysis = inspect(model, picture, "stem")
    with untouched(model):
        patterns = colour_patterns(model, analysis, range(5))
    std = np.array(model.preprocessing.std)[:, None, None]
    for pattern in patterns:
        x, y = 2 * pattern.column - 1, 2 * pattern.row - 1  # stride 2, padding 1
        expected = np.zeros((3, 26, 26))
        kernel = model.module.stem.weight[pattern.unit].detach().numpy()
        expected[:, y + 1 : y + 4, x + 1 : x + 4] = kernel / std
        np.testing.assert_allclose(pattern.gradient, expected[:, 1:25, 1:25], rtol=1e-5)
        assert pattern.value == analysis.maps[pattern.unit].max()
        assert pattern.box == analysis.field_of(pattern.row, pattern.column)
        np.testing.assert_allclose(np.abs(pattern.window).sum(), np.abs(pattern.gradient).sum(), rtol=1e-5)


def test_the_shares_of_the_colours_are_those_of_the_squared_length(model, picture):
    [pattern] = colour_patterns(model, inspect(model, picture, "conv1", "relu"), [2])
    squares = (pattern.gradient.astype(np.float64) ** 2).sum((1, 2))
    frame = pattern.to_frame()
    assert frame["colour"].tolist() == ["red", "green", "blue"]
    np.testing.assert_allclose(frame["share"], squares / squares.sum())


def test_a_silent_unit_has_no_pattern(model, picture):
    with torch.no_grad():
        model.module.norm.weight[3], model.module.norm.bias[3] = 0.0, -1.0
    [pattern] = colour_patterns(model, inspect(model, picture, "conv1", "relu"), [3])
    assert (pattern.code, pattern.value) == ("no_gradient", 0.0)
    assert (pattern.to_frame()["share"] == 0).all()


def test_switching_off_goes_on_from_the_site_of_the_one_analysis(model, picture, tmp_path):
    analysis = inspect(model, picture, "conv1", "relu")
    several = inspect_layers(model, picture, ["conv1", "conv2"], "relu")
    assert [one.prefix is None for one in (analysis, *several)] == [False, True, True]
    analysis.save(tmp_path / "one")
    whole = replace(analysis, prefix=None)
    assert ImageAnalysis.load(tmp_path / "one").prefix is None
    for found, expected in zip(
        *(switch_off(model, one, [4, (0, 1)]) for one in (analysis, whole)), strict=True
    ):
        np.testing.assert_allclose(found.to_frame()["logit_off"], expected.to_frame()["logit_off"], rtol=1e-6)
    with torch.no_grad():
        model.module.conv1.weight.fill_(torch.nan)
    assert np.isfinite(switch_off(model, analysis, [4])[0].after[0].logit)


def test_switching_off_is_the_network_with_zeros_there(model, picture, untouched):
    analysis = inspect(model, picture, "conv1", "relu")
    net, batch = model.module, model.prepare(picture)[None]
    with untouched(model):
        found = switch_off(model, analysis, [4, (0, 1)])
    for off, group in zip(found, [(4,), (0, 1)], strict=True):
        with torch.no_grad():
            x = net.stem(batch)
            out = torch.relu(net.norm(net.conv1(x)))
            out[:, list(group)] = 0
            logits = net.head(torch.relu(net.conv2(out) + x).mean((2, 3)))[0]
        assert off.units == group
        assert [one.class_id for one in off.after] == [one.class_id for one in analysis.prediction]
        for one in off.after:
            assert one.logit == pytest.approx(float(logits[one.class_id]), abs=1e-5)
            assert one.probability == pytest.approx(float(logits.softmax(0)[one.class_id]), abs=1e-5)
        assert off.strongest[0].class_id == int(logits.argmax())
        assert off.flips == (int(logits.argmax()) != analysis.prediction[0].class_id)
        frame = off.to_frame()
        np.testing.assert_allclose(frame["logit_change"], frame["logit_off"] - frame["logit"])


def test_another_network_is_refused(model, picture):
    analysis = inspect(model, picture, "stem")
    other = load_model(type(model.module)(), input_size=24)
    for call in (colour_patterns, switch_off):
        with pytest.raises(UsageError, match="other weights"):
            call(other, analysis, [0])
