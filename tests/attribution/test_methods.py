"""Maps of single methods, from their formulas, beside Captum where both can."""

import numpy as np
import pytest
import torch
from captum.attr import LayerActivation, LayerGradCam, LayerGradientXActivation
from tests.attribution.conftest import SIDE, Functional, Pooled
from torch import nn
from torch.nn import functional as F

import neurolupa as nl
from neurolupa.attribution import METHODS, MapCode, Settings, attribute
from neurolupa.errors import DataError, UsageError
from neurolupa.inspection.regions import upsampled

PIXELS = SIDE * SIDE


def units(picture):
    """(4, H, W) of the pooled network's ReLU: the three colours, and their negated sum, which is silent."""
    colours = np.asarray(picture, float).transpose(2, 0, 1) / 255
    return np.concatenate([colours, np.maximum(-colours.sum(0, keepdims=True), 0)])


@pytest.mark.parametrize("target", [0, 1, 2])
@pytest.mark.parametrize("inplace", [False, True])
def test_gradcam_of_a_pooled_network_is_its_weighted_maps(target, inplace, picture, as_model):
    model = as_model(Pooled(inplace), SIDE)
    weights = model.module.head.weight.detach().numpy()[target] / PIXELS
    expected = np.einsum("u,uhw->hw", weights, units(picture))
    signed = attribute(model, picture, "gradcam_signed", target)
    assert signed.site.name == "relu"
    assert np.allclose(signed.map, expected, atol=1e-7)
    assert np.allclose(attribute(model, picture, "gradcam", target).map, expected.clip(0), atol=1e-7)
    assert np.allclose(signed.units.weight, weights)


def test_gradient_times_activation_adds_up_to_the_logit_without_its_bias(pooled, picture):
    found = attribute(pooled, picture, "gradient_x_activation", 1)
    assert np.isclose(found.map.sum(), found.target.logit, atol=1e-6)
    assert np.allclose(
        found.units.contribution, [2 * units(picture)[0].mean(), -units(picture)[1].mean(), 0, 0]
    )
    assert found.to_frame()["unit"].tolist() == [0, 2, 3, 1]


def test_the_gradient_of_a_pooled_network_is_flat(pooled, picture):
    found = attribute(pooled, picture, "layer_gradient", 1)
    assert np.allclose(found.map, np.sqrt(4 + 1) / PIXELS, rtol=1e-6) or MapCode.FLAT in found.codes


def test_a_class_that_nothing_speaks_for_has_a_map_of_zeros_and_says_so(picture, as_model):
    module = Pooled()
    with torch.no_grad():
        module.head.weight[0] = -1
    found = attribute(as_model(module, SIDE), picture, "gradcam", 0)
    assert not found.map.any()
    assert MapCode.ALL_ZERO in found.codes


def test_each_call_of_a_layer_that_is_called_twice_has_its_own_map(twice, picture):
    batch = twice.prepare(picture)[None]
    net = twice.module
    first = F.relu(net.conv1(batch)).detach().requires_grad_()
    second = F.relu(net.conv2(first) + first)
    second.retain_grad()
    net.head(second.mean((2, 3)))[0, 2].backward()
    for site, value in (("relu:0", first), ("relu:1", second)):
        slopes = value.grad[0].mean((1, 2))
        expected = torch.einsum("u,uhw->hw", slopes, value[0]).detach().numpy()
        assert np.allclose(attribute(twice, picture, "gradcam_signed", 2, site).map, expected, atol=1e-6)
    net.zero_grad()


@pytest.mark.parametrize(
    "site", ["conv1", "layer1.0.conv2", "layer2.1.bn1", "layer3.0.conv1", "layer4.1.conv2"]
)
def test_captum_gives_the_same_where_it_can(site):
    torch.manual_seed(0)
    model = nl.load_model("embedded")
    picture = nl.load_images("samples")[0].image
    batch, layer = model.prepare(picture)[None], model.module.get_submodule(site)
    net = model.module
    with torch.no_grad():
        assert LayerActivation(net, layer).attribute(batch).ndim == 4
    cam = LayerGradCam(net, layer).attribute(batch, target=3, relu_attributions=True)[0, 0]
    assert np.allclose(attribute(model, picture, "gradcam", 3, site).map, cam.detach().numpy(), atol=1e-5)
    product = LayerGradientXActivation(net, layer).attribute(batch, target=3)[0].sum(0)
    found = attribute(model, picture, "gradient_x_activation", 3, site)
    assert np.allclose(found.map, product.detach().numpy(), atol=1e-5)


def test_saliency_is_the_largest_gradient_over_the_colours(twice, picture):
    batch = twice.prepare(picture)[None].requires_grad_()
    twice.module(batch)[0, 1].backward()
    assert np.allclose(
        attribute(twice, picture, "saliency", 1).map, batch.grad[0].abs().amax(0).numpy(), atol=1e-6
    )


@pytest.mark.parametrize("baseline", ["black", "blur", "mean"])
def test_integrated_gradients_add_up_and_agree_with_a_fine_sum(baseline, twice, picture):
    from neurolupa.attribution.settings import baseline_of

    settings = Settings(baseline=baseline)
    found = attribute(twice, picture, "integrated_gradients", 2, settings=settings)
    whole, start = found.picture.as_input(twice), baseline_of(baseline, found.picture, twice)
    with torch.no_grad():
        difference = float((twice.module(whole.clone()) - twice.module(start.clone()))[0, 2])
    assert np.isclose(found.facts["difference"], difference, atol=1e-5)
    assert abs(found.map.sum() - difference) < 0.02 * abs(difference) + 1e-4
    path = [(start + (step + 0.5) / 400 * (whole - start)) for step in range(400)]
    points = torch.cat(path).requires_grad_()
    (slopes,) = torch.autograd.grad(twice.module(points.clone())[:, 2].sum(), points)
    slow = ((whole - start) * slopes.mean(0))[0].sum(0).numpy()
    assert np.abs(found.map - slow).max() < 0.05 * np.abs(slow).max()


def test_integrated_gradients_of_few_steps_say_that_they_are_incomplete(as_model, picture):
    class Step(nn.Module):
        def forward(self, x):
            return torch.sigmoid(60 * (x.mean((2, 3)) - 0.2))

    found = attribute(as_model(Step(), SIDE), picture, "integrated_gradients", 0, settings=Settings(steps=1))
    assert MapCode.INCOMPLETE in found.codes


def test_occlusion_is_the_loss_of_each_square(twice, picture):
    found = attribute(twice, picture, "occlusion", 0, settings=Settings(window=2, stride=2))
    whole = found.picture.as_input(twice)
    with torch.no_grad():
        for row in range(0, SIDE, 2):
            for column in range(0, SIDE, 2):
                covered = whole.clone()
                covered[..., row : row + 2, column : column + 2] = 0
                loss = float((twice.module(whole.clone()) - twice.module(covered))[0, 0])
                assert np.allclose(found.map[row : row + 2, column : column + 2], loss, atol=1e-6)


def slow_guided(net, batch, target):
    """Guided backpropagation written out for the twice-rectified network."""
    first = net.conv1(batch).detach()
    second = (net.conv2(first.relu()) + first.relu()).detach()
    slope = net.head.weight[target].view(1, -1, 1, 1).expand_as(second) / second[0, 0].numel()
    slope = slope.clamp(min=0) * (second > 0)
    back = F.conv_transpose2d(slope, net.conv2.weight, padding=1) + slope
    back = back.clamp(min=0) * (first > 0)
    return F.conv_transpose2d(back, net.conv1.weight, padding=1)[0].sum(0).detach().numpy()


@pytest.mark.parametrize("functional", [False, True])
def test_guided_backpropagation_is_right_on_layers_and_on_functions(functional, twice, picture, as_model):
    model = twice
    if functional:
        model = as_model(Functional(), SIDE)
        model.module.load_state_dict(twice.module.state_dict())
    found = attribute(model, picture, "guided_backprop", 2)
    expected = slow_guided(twice.module, twice.prepare(picture)[None], 2)
    assert np.allclose(found.map, expected, atol=1e-6)
    assert found.facts["rectifiers"] == 2
    plain = twice.prepare(picture)[None].requires_grad_()
    twice.module(plain)[0, 2].backward()
    twice.module.zero_grad()
    assert not np.allclose(found.map, plain.grad[0].sum(0).numpy(), atol=1e-3 * np.abs(expected).max())


def test_guided_gradcam_is_the_product_of_both(twice, picture):
    guided, coarse = (attribute(twice, picture, name, 2) for name in ("guided_backprop", "gradcam"))
    found = attribute(twice, picture, "guided_gradcam", 2)
    assert np.allclose(found.map, guided.map * upsampled(coarse.map, (SIDE, SIDE)), atol=1e-6)
    assert MapCode.FAILS_SANITY in found.codes


def test_guided_backpropagation_refuses_a_network_without_relus(as_model, picture):
    layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.GELU(), nn.Flatten(), nn.Linear(72, 2))
    with pytest.raises(DataError, match="rule for ReLUs, and Sequential has none"):
        attribute(as_model(layers, SIDE), picture, "guided_backprop")


def test_other_nonlinearities_beside_relus_are_told(as_model, picture):
    layers = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.GELU(), nn.Flatten(), nn.Linear(72, 2))
    found = attribute(as_model(layers, SIDE), picture, "guided_backprop")
    assert MapCode.OTHER_NONLINEARITIES in found.codes
    assert found.facts["others"] == 1


@pytest.mark.parametrize("name", METHODS.names())
class TestLaws:
    """What holds for every method that is registered."""

    def test_the_model_is_left_as_found(self, name, twice, picture, untouched):
        with untouched(twice):
            attribute(twice, picture, name)

    def test_the_map_has_the_resolution_that_the_method_promises(self, name, twice, picture):
        method, found = METHODS[name], attribute(twice, picture, name)
        assert found.map.dtype == np.float32
        assert found.map.shape == ((found.site.height, found.site.width) if method.coarse else (SIDE, SIDE))
        assert found.overlay.shape == (SIDE, SIDE)
        assert (found.site is not None) == method.at_site == (found.units is not None)

    def test_what_is_not_signed_is_never_below_zero(self, name, twice, picture):
        if not METHODS[name].signed:
            assert attribute(twice, picture, name).map.min() >= 0

    def test_a_doubled_head_doubles_the_map_and_quadruples_a_product_of_two(
        self, name, twice, picture, as_model
    ):
        doubled = as_model(Functional(), SIDE)
        doubled.module.load_state_dict(twice.module.state_dict())
        with torch.no_grad():
            doubled.module.head.weight.mul_(2)
        site = {"site": "relu"} if METHODS[name].at_site else {}
        other = {"site": "/relu:1"} if METHODS[name].at_site else {}
        factor = {"edges": 1, "guided_gradcam": 4}.get(name, 2)
        one, two = attribute(twice, picture, name, 1, **site), attribute(doubled, picture, name, 1, **other)
        assert np.allclose(two.map, factor * one.map, atol=1e-5 * np.abs(one.map).max())

    def test_swapped_classes_swap_the_maps(self, name, twice, picture, as_model):
        swapped = as_model(type(twice.module)(), SIDE)
        swapped.module.load_state_dict(twice.module.state_dict())
        with torch.no_grad():
            swapped.module.head.weight.copy_(twice.module.head.weight[[1, 0, 2, 3]])
            swapped.module.head.bias.copy_(twice.module.head.bias[[1, 0, 2, 3]])
        assert np.array_equal(
            attribute(swapped, picture, name, 0).map, attribute(twice, picture, name, 1).map
        )

    def test_saved_and_loaded_it_is_the_same(self, name, twice, picture, tmp_path):
        found = attribute(twice, picture, name)
        found.save(tmp_path / "a")
        back = nl.attribution.Attribution.load(tmp_path / "a")
        assert np.array_equal(back.map, found.map)
        assert back.to_dict() == found.to_dict()
        assert back.to_frame().equals(found.to_frame())


class TestAsked:
    def test_the_strongest_class_is_taken_where_none_is_named(self, twice, picture):
        found = attribute(twice, picture)
        assert found.target == found.prediction[0]

    def test_a_class_by_its_name(self, picture):
        model = nl.load_model("embedded")
        assert attribute(model, picture, target="Dog").target.class_id == 5
        with pytest.raises(UsageError, match="unknown network class 'dgo'; nearest: dog"):
            attribute(model, picture, target="dgo")

    @pytest.mark.parametrize(
        ("asked", "line"),
        [
            ({"target": 4}, "no network class 4; classes are 0 to 3"),
            ({"target": "cat"}, "Twice has no class names; give the class 'cat' as a number"),
            (
                {"site": "head"},
                r"head has no map to attribute \(one value for each unit\); the last site with one",
            ),
            ({"site": "rleu"}, "unknown site 'rleu'; nearest: relu"),
            ({"method": "gradcm"}, "unknown attribution method 'gradcm'; nearest: gradcam"),
            ({"method": "saliency", "site": "relu"}, "saliency is a method of pixels and takes no site"),
        ],
    )
    def test_names_and_numbers_that_there_are_not(self, asked, line, twice, picture):
        with pytest.raises(UsageError, match=line):
            attribute(twice, picture, **asked)

    @pytest.mark.parametrize(
        ("settings", "line"),
        [
            ({"baseline": "white"}, "unknown baseline 'white'"),
            ({"steps": 0}, "steps"),
            ({"window": 2, "stride": 3}, "stride is at most the window"),
        ],
    )
    def test_settings_that_no_method_could_use(self, settings, line):
        with pytest.raises(UsageError, match=line):
            Settings(**settings)

    def test_a_network_without_a_map(self, as_model, picture):
        layers = nn.Sequential(nn.Flatten(), nn.Linear(3 * PIXELS, 4), nn.ReLU(), nn.Linear(4, 2))
        with pytest.raises(UsageError, match="no site with a map; name a method for pixels"):
            attribute(as_model(layers, SIDE), picture)
        assert attribute(as_model(layers, SIDE), picture, "saliency").map.shape == (SIDE, SIDE)

    def test_a_network_without_logits(self, as_model, picture):
        with pytest.raises(DataError, match=r"attribution needs logits of shape \(1, classes\)"):
            attribute(as_model(nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU()), SIDE), picture)

    @pytest.mark.parametrize("method", ["gradcam", "saliency", "guided_backprop", "integrated_gradients"])
    def test_gradients_that_the_network_cuts_off(self, method, as_model, picture):
        class Cut(Pooled):
            def forward(self, x):
                with torch.no_grad():
                    return super().forward(x)

        with pytest.raises(DataError, match=r"cuts it off|runs without one"):
            attribute(as_model(Cut(), SIDE), picture, method)

    def test_gradients_that_the_callers_code_switched_off_are_switched_on_inside(self, twice, picture):
        expected = attribute(twice, picture, target=1).map
        with torch.no_grad():
            assert np.array_equal(attribute(twice, picture, target=1).map, expected)
        with torch.inference_mode():
            assert np.array_equal(attribute(twice, picture, target=1).map, expected)


@pytest.mark.real
class TestReal:
    def test_in_place_squeezenet_against_autograd(self, data):
        model = nl.load_model("squeezenet1_1", weights=data / "weights" / "squeezenet1_1-imagenet.pth")
        picture = data / "imagenet" / "340_n02391049_zebra.jpg"
        found = attribute(model, str(picture), "gradcam_signed", 340, "features.12")
        batch = found.picture.as_input(model)
        with torch.enable_grad():
            value = model.module.features(batch).detach().requires_grad_()
            logit = model.module.classifier(value).flatten(1)[0, 340]
            (slope,) = torch.autograd.grad(logit, value)
        expected = torch.einsum("u,uhw->hw", slope[0].mean((1, 2)), value[0]).detach().numpy()
        assert found.target.name == "zebra"
        assert np.allclose(found.map, expected, atol=1e-4 * np.abs(expected).max())


def test_an_analysis_is_attributed_on_the_very_pixels_that_it_was_made_from(twice, picture, tmp_path):
    analysis = nl.inspect(twice, picture, "relu")
    found, expected = attribute(twice, analysis, target=1), attribute(twice, picture, target=1)
    assert np.array_equal(found.map, expected.map)
    assert found.provenance == expected.provenance
    other = nl.load_model("embedded")
    with pytest.raises(UsageError, match="with other weights than this embedded; analyse again"):
        attribute(other, analysis)
