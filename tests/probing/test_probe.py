"""Planted concepts are found where they were planted, and controls stay where they belong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.capture.conftest import untouched  # noqa: F401 (a fixture)
from tests.units.tuning_curves.conftest import KERNEL, SIDE, gabor
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.probing import Control, Emergence, ProbeCode, Settings, Spread, probe, probe_units
from neurolupa.probing.concepts import targets_of
from neurolupa.probing.features import Features
from neurolupa.probing.fitting.splitting import split
from neurolupa.probing.network import _Asked

QUICK = Settings(resamples=200, folds=3)
HUES = "stimuli?hue=red,cyan&target=hue&count=200&size=32"
GRATINGS = "gratings?orientations=2&phases=24&lowest=5&highest=8&size=32"


@pytest.fixture(scope="module")
def planted() -> Model:
    """Unit 0 is red against cyan, unit 1 stripes along the rows, units 2 to 5 see a corner's grey."""
    layer = nn.Conv2d(3, 6, KERNEL, padding=KERNEL // 2)
    weight, middle = torch.zeros(6, 3, KERNEL, KERNEL), KERNEL // 2
    weight[0, :, middle, middle] = torch.tensor([1.0, -0.5, -0.5])
    weight[1] = torch.tensor(gabor(0, 6), dtype=torch.float32) / 3
    weight[2:, :, 0, 0] = torch.tensor([[0.3], [0.6], [-0.3], [0.1]])
    layer.weight.data, layer.bias.data = weight, torch.full((6,), 0.01)
    module = nn.Sequential(layer, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 2))
    return nl.load_model(module, input_size=SIDE, mean=0.0, std=1.0)


@pytest.mark.parametrize(("images", "target", "unit"), [(HUES, "hue", 0), (GRATINGS, "orientation", 1)])
def test_a_planted_concept_is_found_in_its_unit(planted: Model, images: str, target: str, unit: int) -> None:
    found = probe_units(planted, images, "1", target, pooling="max", settings=QUICK, cache=False)
    assert found.chosen[0] == (unit,)
    assert found.code is Spread.ONE_UNIT
    assert found.probes[0].score >= 0.95
    assert max(each.score for each in found.shuffled) < 0.75


def test_the_weights_of_a_probe_name_the_planted_unit(planted: Model) -> None:
    report = probe(planted, HUES, "1", "hue", pooling="max", settings=QUICK, cache=False)
    heaviest = report.carriers("hue", "1").iloc[0]
    assert (heaviest["unit"], heaviest["for_class"]) in {(0, "red"), (0, "cyan")}
    assert heaviest["share"] > 0.5


def test_shuffled_labels_are_at_chance_and_the_concept_above_it(planted: Model) -> None:
    probes = probe(planted, HUES, "1", "hue", pooling="max", settings=QUICK, cache=False).concept("hue")
    assert probes.chance == 0.5
    dealt = probes.of("1", Control.SHUFFLED_LABELS)
    assert dealt.low <= 0.55
    assert probes.of("1").low > 0.9
    assert probes.selectivity("1") == pytest.approx(probes.of("1").score - dealt.score)


def test_where_a_thing_is_needs_a_grid(planted: Model) -> None:
    places = "stimuli?position=left,right&target=position&hue=red&count=200&size=32"
    scores = {
        pooling: probe(
            planted, places, "1", "position", pooling=pooling, controls=False, settings=QUICK, cache=False
        )
        .concept("position")
        .of("1")
        .score
        for pooling in ("mean", "grid:3")
    }
    assert scores["mean"] < 0.75
    assert scores["grid:3"] == 1.0


def test_controls_are_there_unless_they_are_not_wanted(planted: Model, tmp_path: Path) -> None:
    told = {"settings": QUICK, "cache": tmp_path}
    with_them = probe(planted, HUES, "kind:all", "hue", **told).concept("hue")
    sites = list(with_them.sites)
    kinds = {control: [p.site for p in with_them.probes if p.control is control] for control in Control}
    assert kinds == {
        Control.NONE: sites,
        Control.RANDOM_WEIGHTS: sites,
        Control.SHUFFLED_LABELS: sites,
        Control.PIXELS: ["pixels"],
    }
    without = probe(planted, HUES, "kind:all", "hue", controls=False, **told).concept("hue")
    assert {p.control for p in without.probes} == {Control.NONE}
    assert without.of("1").score == with_them.of("1").score


def test_what_cannot_be_probed_is_told_and_the_rest_goes_on(planted: Model) -> None:
    images = nl.load_images("stimuli?hue=red,cyan&shape=circle&count=60&size=32")
    report = probe(planted, images, "1", "shape,hue", settings=QUICK, cache=False)
    assert report.skipped == {"shape": "ONE_CLASS"}
    assert [each.concept for each in report.concepts] == ["hue"]


def test_a_class_of_few_pictures_is_left_out_and_told(planted: Model) -> None:
    pictures = [np.full((SIDE, SIDE, 3), (value, 40, 40), np.uint8) for value in range(0, 240, 8)]
    labels = ["dark"] * 14 + ["light"] * 13 + ["odd"] * 3
    report = probe(planted, nl.load_images(pictures, labels=labels), "1", settings=QUICK, cache=False)
    assert report.concept("label").dropped == (("odd", 3),)
    assert report.concept("label").classes == ("dark", "light")


def test_nothing_to_probe_is_refused(planted: Model) -> None:
    pictures = [np.full((SIDE, SIDE, 3), value, np.uint8) for value in range(20)]
    images = nl.load_images(pictures, labels=["one"] * 20)
    with pytest.raises(DataError, match=r"no concept of .* can be probed \(label: ONE_CLASS\)"):
        probe(planted, images, "1", settings=QUICK, cache=False)


@pytest.mark.parametrize(
    ("sites", "target", "words"),
    [
        ("9", "hue", "unknown .*'9'"),
        ("1", "heu", "unknown concept 'heu'; nearest: hue"),
    ],
)
def test_unknown_names_are_refused(planted: Model, sites: str, target: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        probe(planted, HUES, sites, target, cache=False)


def test_units_are_probed_at_one_site_for_one_concept(planted: Model) -> None:
    with pytest.raises(UsageError, match="one site for one concept, not for 2 sites and 1 concepts"):
        probe_units(planted, HUES, "0,1", "hue", cache=False)


def test_a_site_with_broken_values_is_marked(planted: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _Asked.features

    def spoilt(self: _Asked, *arguments: object) -> Features:
        found = whole(self, *arguments)
        object.__setattr__(found, "broken", {"1": 4})
        return found

    monkeypatch.setattr(_Asked, "features", spoilt)
    probes = probe(planted, HUES, "0,1", "hue", settings=QUICK, cache=False).concept("hue")
    assert ProbeCode.NOT_FINITE in probes.of("1").codes
    assert ProbeCode.NOT_FINITE not in probes.of("0").codes


def test_the_same_seed_gives_the_same_report(planted: Model, tmp_path: Path) -> None:
    one, again = (
        probe(planted, HUES, "1", "hue", settings=QUICK, cache=tmp_path / name) for name in ("a", "b")
    )
    assert one.to_frame().equals(again.to_frame())


def test_the_network_is_left_as_found(planted: Model, untouched: Callable) -> None:  # noqa: F811
    with untouched(planted):
        probe(planted, HUES, "1", "hue", settings=QUICK, cache=False)


@pytest.mark.real
def test_classes_come_up_with_depth_in_a_trained_network_alone(data: Path, tmp_path: Path) -> None:
    """ResNet-20 on bit-exact pictures: up, up, up; the untrained one never."""
    network = Path(__file__).parents[2] / "examples" / "cifar_resnet.py"
    model = nl.load_model(f"{network}:resnet20", weights=data / "weights/cifar10-resnet20-12fca82f.th")
    images = nl.load_images(f"npz:{data / 'cifar10/train-lossless-8068.npz'}?sample=2500")
    sites = "/relu,layer1.2/relu,layer2.2/relu,layer3.2/relu"
    report = probe(model, images, sites, cache=tmp_path, settings=Settings(strengths=(0.01, 0.1)))
    probes = report.concept("label")
    scores = [probes.of(site).score for site in probes.sites]
    random = [probes.of(site, Control.RANDOM_WEIGHTS).score for site in probes.sites]
    assert scores == sorted(scores)
    assert scores[-1] - max(random) > 0.4
    assert max(random) - random[0] < 0.1
    test = [int(index) for index in _tested(report, images)]
    batch = torch.stack([model.prepare(images[index].image) for index in test])
    own = float((model.forward(batch).argmax(1).numpy() == images.labels[test]).mean())
    assert scores[-1] == pytest.approx(own, abs=0.015)
    assert report.emergence()[0].code is Emergence.EMERGES


def _tested(report: nl.ProbeReport, images: ImageSet) -> np.ndarray:
    settings = report.settings
    return split(targets_of(images, "label")[0], settings.test, settings.folds, settings.seed).test
