"""A trained network on photographs: what is said of a unit against NumPy, SciPy and the scikits."""

import numpy as np
import pytest
import torch
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform
from scipy.stats import entropy, pearsonr, rankdata
from skimage.filters import sobel
from sklearn.decomposition import PCA

import neurolupa as nl
from neurolupa.units.activity import activation_profile, activity_map, rank_units
from neurolupa.units.appearance import texture_profile
from neurolupa.units.conditions import conditions
from neurolupa.units.exemplars import unit_exemplars
from neurolupa.units.relations import dimensionality, layer_similarity, redundant_groups

pytestmark = pytest.mark.real
SITES = [f"features.{place}" for place in ("1", "3.squeeze_activation", "3.expand1x1_activation")]
FIRST, SQUEEZE, EXPAND = SITES
COUNT, SIDE = 40, 96


@pytest.fixture(scope="module")
def squeezenet(data):
    weights = data / "weights" / "squeezenet1_1-imagenet.pth"
    return nl.load_model("squeezenet1_1", weights=weights, device="cpu", input_size=SIDE)


@pytest.fixture(scope="module")
def photographs(data):
    return nl.load_images(f"folder:{data / 'imagenet'}", sample=COUNT, seed=0)


@pytest.fixture(scope="module")
def atlas(squeezenet, photographs, tmp_path_factory):
    out = tmp_path_factory.mktemp("real") / "atlas"
    return nl.scan(squeezenet, photographs, SITES, out, workers=1)


@pytest.fixture(scope="module")
def maps(squeezenet, photographs):
    """Recorded with PyTorch's own hooks, without the scan."""
    kept = {}
    hooks = [
        squeezenet.module.get_submodule(site).register_forward_hook(
            lambda _, __, output, site=site: kept.update({site: output.numpy().copy()})
        )
        for site in SITES
    ]
    with torch.inference_mode():
        squeezenet.module(torch.stack([squeezenet.prepare(each.image) for each in photographs]))
    for hook in hooks:
        hook.remove()
    return kept


@pytest.mark.parametrize("unit", [3, 17])
def test_exemplars_are_the_pictures_with_the_highest_and_lowest_peaks(atlas, maps, unit):
    peaks = maps[FIRST][:, unit].reshape(COUNT, -1)
    order = np.argsort(-peaks.max(1), kind="stable")
    found = unit_exemplars(atlas, FIRST, unit)
    top, bottom = found.band("top"), found.band("bottom")
    assert [each.image for each in top] == order[: len(top)].tolist()
    assert [each.image for each in bottom] == order[::-1][: len(bottom)].tolist()
    middle = np.abs(peaks.max(1) - np.median(peaks.max(1)))[[each.image for each in found.band("middle")]]
    assert middle.max() <= np.partition(np.abs(peaks.max(1) - np.median(peaks.max(1))), 12)[12]
    for each in top:
        assert each.value == pytest.approx(peaks[each.image].max(), rel=1e-4)
        row, column = divmod(int(peaks[each.image].argmax()), maps[FIRST].shape[3])
        assert (each.row, each.column) == (row, column)
        assert each.seen == (2 * column, 2 * row, 2 * column + 3, 2 * row + 3)  # 3 x 3, stride 2, no padding


def test_the_profile_is_that_of_all_values(atlas, maps):
    values = maps[EXPAND][:, 9].astype(np.float64)
    found = activation_profile(atlas, EXPAND, 9)
    assert (found.nonzero, found.record.n) == (np.count_nonzero(values), values.size)
    assert found.answered == (values.max((1, 2)) > 1e-6).sum()
    order = np.argsort(-values.max((1, 2)), kind="stable")[:10]
    assert [each.image for each in found.strongest] == order.tolist()
    counts, _ = np.histogram(values, found.edges)
    assert found.thinning == 1
    assert found.counts.sum() == pytest.approx(values.size)
    rank_error = np.abs(np.cumsum(found.counts) - np.cumsum(counts)).max() / values.size
    assert rank_error < 0.1  # bins of an eighth of an octave are shared out evenly


def test_ranks_and_the_map_of_units_by_pictures_are_those_of_the_means(atlas, maps):
    means = maps[EXPAND].astype(np.float64).mean((2, 3))
    found = rank_units(atlas, EXPAND, image=5, mark=9)
    places = np.stack([rankdata(-row.astype(np.float32), method="ordinal") for row in means])
    assert found.mark.rank == places[5, 9]
    assert found.mark.usual == np.median(places[:, 9])
    assert found.above == (means[5] > 1).sum()
    assert found.values == pytest.approx(means[5], rel=1e-4, abs=1e-6)
    shown = activity_map(atlas, EXPAND)
    columns = [each.image for each in shown.images]
    assert np.asarray(shown.values) == pytest.approx(
        means[np.ix_(columns, shown.units)].T, rel=1e-4, abs=1e-6
    )


def test_dimensions_are_those_of_the_principal_components(atlas, maps):
    means = maps[SQUEEZE].astype(np.float64).mean((2, 3))
    share = PCA().fit(means).explained_variance_ratio_
    found = dimensionality(atlas, SQUEEZE)
    assert found.participation.value == pytest.approx(1 / (share**2).sum(), rel=1e-4)
    assert found.effective.value == pytest.approx(np.exp(entropy(share)), rel=1e-4)


def test_cka_is_that_of_centred_gram_matrices(atlas, maps):
    grams = []
    for site in SITES:
        means = maps[site].astype(np.float64).mean((2, 3))
        centring = np.eye(COUNT) - 1 / COUNT
        grams.append(centring @ means @ means.T @ centring)
    products = np.array([[np.trace(one @ two) for two in grams] for one in grams])
    sizes = np.sqrt(np.diag(products))
    assert layer_similarity(atlas).cka == pytest.approx(products / np.outer(sizes, sizes), rel=1e-4)


def test_groups_are_those_of_scipys_tree(atlas, maps):
    means = maps[FIRST].astype(np.float64).mean((2, 3))
    distances = np.maximum(1 - np.corrcoef(means.T), 0)
    np.fill_diagonal(distances, 0)
    labels = fcluster(linkage(squareform(distances, checks=False), "complete"), 0.1, "distance")
    expected = {tuple(np.flatnonzero(labels == label)) for label in set(labels)}
    found = redundant_groups(atlas, FIRST, threshold=0.9)
    assert {each.units for each in found.groups} == {group for group in expected if len(group) > 1}
    assert found.doubled == 64 - len(expected)
    assert found.doubled > 10


def test_conditions_are_those_of_all_values(atlas, maps):
    found = conditions(atlas).units.set_index(["site", "unit"])
    for site in SITES:
        values = maps[site].astype(np.float64)
        magnitude = np.abs(values).mean((0, 2, 3))
        mine = found.loc[site]
        assert (mine["dead"].to_numpy(bool) == (values.max((0, 2, 3)) <= 1e-6)).all()
        assert mine["dormancy"].to_numpy() == pytest.approx(magnitude / magnitude.mean(), rel=1e-4, abs=1e-9)
        assert (mine["dormant"].to_numpy(bool) == (magnitude <= 0.025 * magnitude.mean())).all()


@pytest.mark.parametrize("unit", [5, 20])
def test_what_a_map_goes_with_is_what_scikit_image_sees(squeezenet, photographs, maps, unit):
    """Of a 3 x 3 kernel of stride 2 a position stands for half a pixel, a whole one and half a pixel."""
    seen = squeezenet.prepare(photographs[2].image).numpy()
    steps = squeezenet.preprocessing
    picture = seen * np.reshape(steps.std, (3, 1, 1)) + np.reshape(steps.mean, (3, 1, 1))
    luminance = np.tensordot([0.2125, 0.7154, 0.0721], picture, 1)
    found = texture_profile(squeezenet, photographs[2], FIRST, unit, draws=19)
    unit_map = maps[FIRST][2, unit]
    for name, pixels in (("edges", sobel(luminance)), ("red", picture[0]), ("blue", picture[2])):
        r = pearsonr(_reduced(pixels).ravel(), unit_map.ravel()).statistic
        assert found.of(name).r == pytest.approx(r, abs=2e-3)
    assert found.edges.mean == pytest.approx(sobel(luminance).mean(), abs=2e-3)


def _reduced(pixels):
    count = (SIDE - 3) // 2 + 1
    rows = sum(share * pixels[at : at + 2 * count : 2] for at, share in enumerate((0.25, 0.5, 0.25)))
    return sum(share * rows[:, at : at + 2 * count : 2] for at, share in enumerate((0.25, 0.5, 0.25)))
