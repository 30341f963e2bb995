"""A trained network on pictures with labels: the atlas's numbers against NumPy's on the recorded maps."""

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.stats import rankdata
from sklearn.metrics import average_precision_score, roc_auc_score

import neurolupa as nl
from neurolupa.units.classes import class_selectivities, class_selectivity, most_selective

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.real
SITE, COUNT = "layer3.2/relu", 300


@pytest.fixture(scope="module")
def scanned(data, tmp_path_factory):
    """The atlas of ResNet-20 on 300 pictures of CIFAR-10, its units' means on each, and the labels."""
    weights = next((data / "weights").glob("cifar10-resnet20*"))
    model = nl.load_model(f"{ROOT / 'examples' / 'cifar_resnet.py'}:resnet20", weights=weights)
    images = nl.load_images(f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}?limit={COUNT}")
    atlas = nl.scan(model, images, SITE, tmp_path_factory.mktemp("real") / "atlas")
    batch = torch.stack([model.prepare(images[index].image) for index in range(COUNT)])
    maps = nl.record(model, batch, SITE)
    means = next(iter(maps.values())).double().mean((2, 3)).numpy()
    return atlas, means, np.array(images.labels)


def test_the_numbers_of_an_atlas_are_those_of_the_recorded_maps(scanned):
    atlas, means, labels = scanned
    table = class_selectivities(atlas, SITE, shuffles=99)
    by_class = np.array([means[labels == label].mean(0) for label in range(10)])
    others = (by_class.sum(0) - by_class.max(0)) / 9
    assert table["index"].to_numpy() == pytest.approx(
        (by_class.max(0) - others) / (by_class.max(0) + others), rel=1e-4
    )
    assert table["top_mean"].to_numpy() == pytest.approx(by_class.max(0), rel=1e-4)
    names = np.array(atlas.manifest["images"]["classes"])
    assert (table["top_class"] == names[by_class.argmax(0)]).all()
    assert (table["p"] <= 0.05).mean() > 0.9


def test_the_page_of_a_unit_is_right_and_quick(scanned):
    atlas, means, labels = scanned
    found = class_selectivity(atlas, SITE, 5)
    mine = labels == atlas.manifest["images"]["classes"].index(found.top_class)
    ranks = rankdata(means[:, 5].astype(np.float32))
    auroc = (ranks[mine].mean() - (mine.sum() + 1) / 2) / (~mine).sum()
    assert found.auroc == pytest.approx(auroc, abs=1e-3)
    times = []
    for unit in range(5):
        start = time.perf_counter()
        class_selectivity(atlas, SITE, unit)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.3


def test_the_last_layer_has_a_detector_of_every_class(scanned):
    atlas, *_ = scanned
    for name in atlas.manifest["images"]["classes"]:
        found = most_selective(atlas, name, k=1)
        assert found["auroc_low"][0] > 0.7
        assert found["searched"][0] == 64


def test_what_tells_a_class_and_how_sparse_a_unit_is_are_those_of_scikit_learn_and_the_formulas(scanned):
    atlas, means, labels = scanned
    for unit in (0, 5, 40):
        found, values = class_selectivity(atlas, SITE, unit), means[:, unit]
        mine = labels == atlas.manifest["images"]["classes"].index(found.top_class)
        assert found.auroc == pytest.approx(roc_auc_score(mine, values), abs=1e-3)
        assert found.average_precision == pytest.approx(average_precision_score(mine, values), abs=5e-3)
        alike = values.mean() ** 2 / (values**2).mean()
        assert found.lifetime_sparseness == pytest.approx((1 - alike) / (1 - 1 / COUNT), rel=1e-4)
        root = np.sqrt(COUNT)
        hoyer = (root - values.sum() / np.sqrt((values**2).sum())) / (root - 1)
        assert found.hoyer == pytest.approx(hoyer, rel=1e-4)
