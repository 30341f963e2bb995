"""Two atlases side by side, of networks whose answer is known: permuted, killed, wider."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.stats import ttest_ind, ttest_rel
from tests.figures.test_every_figure import is_cut
from torch import nn

import neurolupa as nl
from neurolupa import figures
from neurolupa.errors import UsageError
from neurolupa.figures.atlases_compared_words import note_lines, reading_lines, source_lines, standing_line
from neurolupa.locales import LANGUAGES
from neurolupa.models import Model, Preprocessing, Weights

FIRST, LAST = "/relu:0", "/relu"
ORDER = np.random.default_rng(5).permutation(8)
KILLED = 3
COUNT = 60


class Net(nn.Module):
    def __init__(self, first: int = 8, second: int = 6) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, first, 3), nn.Conv2d(first, second, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.two(self.one(x).relu()).relu()


def seeded(seed: int, first: int = 8, second: int = 6) -> Net:
    torch.manual_seed(seed)
    return Net(first, second)


def model_of(module: nn.Module, name: str) -> Model:
    steps = Preprocessing((8, 8), mean=(0.5,) * 3, std=(0.25,) * 3)
    return Model(name, name, module.eval(), steps, None, Weights("given"), torch.device("cpu"))


def permuted() -> Net:
    """The same function: units of the first layer in another order, and the second reads them so."""
    net = seeded(0)
    with torch.no_grad():
        net.one.weight.copy_(net.one.weight[ORDER].clone())
        net.one.bias.copy_(net.one.bias[ORDER].clone())
        net.two.weight.copy_(net.two.weight[:, ORDER].clone())
    return net


def killed() -> Net:
    net = seeded(0)
    with torch.no_grad():
        net.one.weight[KILLED], net.one.bias[KILLED] = 0, -1
    return net


@pytest.fixture(scope="session")
def pictures():
    random = np.random.default_rng(0)
    return [random.integers(0, 256, (8, 8, 3), dtype=np.uint8) for _ in range(COUNT)]


@pytest.fixture(scope="session")
def atlases(tmp_path_factory, pictures):
    """By name, atlases of the same pictures, and one of others."""
    folder, images = tmp_path_factory.mktemp("atlases"), nl.load_images(pictures)
    nets = {
        "plain": seeded(0), "permuted": permuted(), "killed": killed(), "other": seeded(1),
        "wider": seeded(2, 10, 7),
    }  # fmt: skip
    found = {
        name: nl.scan(model_of(net, name), images, "kind:relu-calls", folder / name)
        for name, net in nets.items()
    }
    few = nl.load_images(pictures[:30])
    found["few"] = nl.scan(model_of(seeded(0), "plain"), few, "kind:relu-calls", folder / "few")
    random = np.random.default_rng(9)
    others = nl.load_images([random.integers(0, 100, (8, 8, 3), dtype=np.uint8) for _ in range(COUNT)])
    found["shift"] = nl.scan(model_of(seeded(0), "plain"), others, "kind:relu-calls", folder / "shift")
    return found


def notes(found):
    return {code.value for code in found.notes}


def dead(found, site=FIRST):
    return next(one for one in found.silent_of("dead") if one.site == site)


def test_an_atlas_beside_itself_is_itself(atlases):
    found = nl.compare(atlases["plain"], atlases["plain"])
    assert {"IDENTICAL", "UNITS_KEEP_PLACES"} <= notes(found)
    for one in found.matches:
        assert one.own.all()
        assert np.allclose(one.r, 1)
        assert one.above.all()
    assert np.allclose(np.diag(found.similarity.cka), 1)
    assert not any(one.gained or one.lost for one in found.silent)
    assert not found.units_frame()["changed"].any()


def test_units_in_another_order_are_found_exactly(atlases):
    found = nl.compare(atlases["plain"], atlases["permuted"])
    assert found.network.value == "SAME_SHAPE"
    one = found.matched(FIRST)
    assert all(int(ORDER[b]) == a for a, b in zip(one.units_a, one.units_b, strict=True))
    assert len(one) >= 6
    assert np.allclose(one.r, 1)
    assert found.matched(LAST).own.all()
    assert np.allclose(np.diag(found.similarity.cka), 1)


def test_units_that_moved_are_told(tmp_path):
    images = nl.load_images("stimuli?count=40&size=32&seed=1")
    two = [
        nl.scan(
            nl.load_model("embedded", weights=None, seed=seed), images, "layer4.1.relu", tmp_path / str(seed)
        )
        for seed in (0, 1)
    ]
    assert "UNITS_MOVED" in notes(nl.compare(*two))


def test_a_unit_killed_on_purpose_is_gained_and_from_the_other_side_lost(atlases):
    gained = dead(nl.compare(atlases["plain"], atlases["killed"]))
    assert (gained.gained, gained.lost) == ((KILLED,), ())
    lost = dead(nl.compare(atlases["killed"], atlases["plain"]))
    assert (lost.gained, lost.lost) == ((), (KILLED,))
    units = nl.compare(atlases["plain"], atlases["killed"]).silent_units_frame()
    assert KILLED in units[units["kind"] == "dead"]["unit"].tolist()


def test_networks_of_other_widths_have_no_units_in_common_but_matches(atlases):
    found = nl.compare(atlases["plain"], atlases["wider"])
    assert found.network.value == "OTHER_NETWORK"
    assert found.changes == ()
    assert dead(found).gained is None
    assert found.similarity.cka.shape == (2, 2)
    assert not any(one.own.any() for one in found.matches)


def test_cka_is_that_of_the_slow_formula(atlases):
    found = nl.compare(atlases["plain"], atlases["other"]).similarity

    def centred(atlas, site):
        values = np.asarray(atlas.samples(site).mean, float)
        return values - values.mean(0)

    for row, first in enumerate(found.sites_a):
        for column, second in enumerate(found.sites_b):
            x, y = centred(atlases["plain"], first), centred(atlases["other"], second)
            slow = np.linalg.norm(y.T @ x) ** 2 / (np.linalg.norm(x.T @ x) * np.linalg.norm(y.T @ y))
            assert np.isclose(found.cka[row, column], slow)
            assert found.low[row, column] <= slow <= found.high[row, column]


def test_pairs_have_the_largest_sum_of_correlations(atlases):
    from scipy.optimize import linear_sum_assignment

    one = nl.compare(atlases["plain"], atlases["other"]).matched(LAST)
    values = [np.asarray(atlases[name].samples(LAST).mean, float) for name in ("plain", "other")]
    kept = [each[:, np.ptp(each, axis=0) > 0] for each in values]
    table = np.corrcoef(kept[0].T, kept[1].T)[: kept[0].shape[1], kept[0].shape[1] :]
    rows, columns = linear_sum_assignment(table, maximize=True)
    assert np.isclose(one.r.sum(), table[rows, columns].sum())


def test_changes_are_tested_as_scipy_tests_them(atlases):
    same = nl.compare(atlases["plain"], atlases["other"]).changed(FIRST)
    one, other = (np.asarray(atlases[name].samples(FIRST).mean, float) for name in ("plain", "other"))
    assert same.paired
    for unit, p in enumerate(same.shift.p):
        if np.isfinite(p):
            assert np.isclose(p, ttest_rel(other[:, unit], one[:, unit]).pvalue)
    shifted = nl.compare(atlases["plain"], atlases["shift"]).changed(FIRST)
    moved = np.asarray(atlases["shift"].samples(FIRST).mean, float)
    assert not shifted.paired
    for unit, p in enumerate(shifted.shift.p):
        if np.isfinite(p):
            assert np.isclose(p, ttest_ind(moved[:, unit], one[:, unit], equal_var=False).pvalue)


def test_other_pictures_are_told_and_not_taken_for_common_ones(atlases):
    found = nl.compare(atlases["plain"], atlases["shift"])
    assert (found.network.value, found.pictures.value) == ("SAME_WEIGHTS", "OTHER_PICTURES")
    assert "DEAD_ON_OTHER_PICTURES" in notes(found)
    assert found.common in (0, COUNT)


def test_few_of_many_pictures_are_drawn_by_the_seed(atlases):
    one, again, other = (
        nl.compare(atlases["plain"], atlases["other"], images=20, seed=seed).similarity.cka
        for seed in (0, 0, 1)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_noise_has_few_matches_above_chance(tmp_path):
    images = nl.load_images("stimuli?count=64&size=32&seed=2")
    atlas = nl.scan("embedded", images, "layer4.1.relu", tmp_path / "a")
    from neurolupa.comparison.atlases.common import Answers, answers
    from neurolupa.comparison.atlases.matching import matched_units

    (held,) = answers(atlas, ("layer4.1.relu",), "mean", np.arange(64))
    assert isinstance(held, Answers)
    found, tried = 0, 0
    for seed in range(6):
        rows = np.random.default_rng(seed).permutation(64)
        (other,) = answers(atlas, ("layer4.1.relu",), "mean", rows)
        one = matched_units(held, other, False, 99, seed)
        found, tried = found + int(one.above.sum()), tried + len(one)
    assert found <= 0.1 * tried


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"sites": "relu9"}, "relu9"),
        ({"of": "median"}, "unknown measure of a map 'median'"),
        ({"images": 3}, "images"),
        ({"shuffles": -1}, "shuffles"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_cannot_be_asked(asked, line, atlases):
    with pytest.raises(UsageError, match=line):
        nl.compare(atlases["plain"], atlases["other"], **asked)


def test_an_unknown_site_of_the_result_names_the_nearest(atlases):
    found = nl.compare(atlases["plain"], atlases["other"])
    with pytest.raises(UsageError, match="/relu"):
        found.matched("/rleu")
    with pytest.raises(UsageError, match="/relu"):
        found.changed("/rleu")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("pair", ["plain", "permuted", "killed", "other", "wider", "shift", "few"])
def test_everything_has_words_and_nothing_is_cut(pair, lang, atlases):
    found = nl.compare(atlases["plain"], atlases[pair], shuffles=19)
    told = [*source_lines(found, lang), standing_line(found, lang), *note_lines(found, lang)]
    assert all("{" not in line for line in [*told, *reading_lines(found, lang)])
    drawn = [figures.dead_compared(found, "dead", lang), figures.dead_compared(found, "dormant", lang)]
    if found.layers:
        drawn.append(figures.layers_compared(found, lang))
    if found.similarity is not None:
        drawn.append(figures.cka_compared(found, lang))
        drawn.append(figures.units_matched(found, found.matches[0].site_a, lang))
    assert not any(map(is_cut, drawn))


@pytest.mark.parametrize("pair", ["killed", "wider", "shift"])
def test_everything_is_written_whatever_is_in_common(pair, atlases, tmp_path):
    found = nl.compare(atlases["plain"], atlases[pair], shuffles=19)
    files = {path.name for path in figures.export_comparison(found, tmp_path / "c")}
    assert {"comparison.json", "silent.csv", "dead.png"} <= files
    assert ("cka.png" in files) == (found.similarity is not None)
    told = json.loads((tmp_path / "c" / "comparison.json").read_text())
    assert set(told["files"]) == files
    for name in files:
        if name.endswith(".csv"):
            assert len(pd.read_csv(tmp_path / "c" / name))


@pytest.mark.real
def test_two_trained_networks_share_units_above_chance(data, tmp_path):
    net = Path(__file__).parents[2] / "examples" / "cifar_resnet.py"
    images = f"npz:{data / 'cifar10' / 'test-lossless-500.npz'}"
    files = {"resnet20": "cifar10-resnet20-12fca82f.th", "resnet32": "cifar10-resnet32-d509ac18.th"}
    found = {}
    for name, file in files.items():
        model = nl.load_model(f"{net}:{name}", weights=data / "weights" / file)
        found[name] = nl.scan(model, images, "kind:relu", tmp_path / name)
    compared = nl.compare(found["resnet20"], found["resnet32"])
    assert compared.network.value == "OTHER_NETWORK"
    assert all(one.share[0] > 0.8 for one in compared.matches)
    depths = np.array([compared.similarity.sites_b.index(one.site_b) for one in compared.matches])
    assert depths[-1] == len(compared.similarity.sites_b) - 1
    assert (np.diff(depths) >= -1).all()
