"""What sites pool to, in one pass, kept on disk, never half."""

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest
import torch
from PIL import Image
from tests.capture.conftest import untouched  # noqa: F401 (a fixture)
from torch import nn
from torch.nn.functional import adaptive_avg_pool2d

import neurolupa as nl
from neurolupa.capture import Site, observe, trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.probing.features import FeatureCache, Features, Pooling, estimate, extract, random_twin

SIDE = 8


class Small(nn.Module):
    """A functional and an in-place rectifier, a head, and a count of its passes."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 5, 3, stride=2, padding=1)
        self.norm, self.relu, self.head = nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.Linear(5, 3)
        self.passes = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.passes += 1
        x = torch.relu(self.norm(self.one(x)))
        x = self.relu(self.two(x))
        return self.head(x.mean((2, 3)))


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    made = nl.load_model(Small(), input_size=SIDE)
    made.module.norm.running_mean.add_(0.3)
    return made


def pictures(count: int, seed: int = 0) -> list[np.ndarray]:
    return list(np.random.default_rng(seed).integers(0, 256, (count, SIDE, SIDE, 3), dtype=np.uint8))


@pytest.fixture
def images() -> ImageSet:
    return nl.load_images(pictures(23))


Extract = Callable[..., Features]


@pytest.fixture
def extracted(model: Model, images: ImageSet, tmp_path: Path) -> Extract:
    def run(
        network: Model = model, shown: ImageSet = images, sites: str = "kind:all", **options: object
    ) -> Features:
        options = {"cache": tmp_path / "cache", "batch_size": 5, **options}
        return extract(network, shown, trace(network).select(sites), **options)

    return run


def recorded(model: Model, images: ImageSet, site: str) -> torch.Tensor:
    batch = torch.stack([model.prepare(picture.image) for picture in images])
    return nl.record(model, batch, [site])[site]


@pytest.mark.parametrize(
    ("pooling", "slow"),
    [
        ("mean", lambda maps: maps.mean((2, 3))),
        ("max", lambda maps: maps.amax((2, 3))),
        ("grid:2", lambda maps: adaptive_avg_pool2d(maps, 2).flatten(1)),
        ("grid:3", lambda maps: adaptive_avg_pool2d(maps, 3).flatten(1)),
    ],
)
def test_features_are_what_recorded_maps_pool_to(
    extracted: Extract, model: Model, images: ImageSet, pooling: str, slow: Callable
) -> None:
    found = extracted(sites="one,/relu,relu", pooling=pooling)
    assert list(found.trained) == ["one", "/relu", "relu"]
    for site, values in found.trained.items():
        np.testing.assert_allclose(values, slow(recorded(model, images, site)), atol=1e-6)


def test_a_layer_without_maps_gives_its_values(extracted: Extract, model: Model, images: ImageSet) -> None:
    for pooling in ("mean", "grid:3"):
        found = extracted(sites="head", pooling=pooling)
        np.testing.assert_allclose(found.trained["head"], recorded(model, images, "head"), atol=1e-6)


def test_cells_of_a_unit_lie_beside_each_other(extracted: Extract) -> None:
    found = extracted(sites="relu", pooling="grid:2")
    assert found.units(found.sites[0]).tolist() == np.repeat(np.arange(5), 4).tolist()


def test_a_grid_is_no_finer_than_the_map(extracted: Extract) -> None:
    assert extracted(sites="relu", pooling="grid:9").trained["relu"].shape == (23, 5 * 4 * 4)


def test_blocks_of_any_size_give_the_same(extracted: Extract, tmp_path: Path) -> None:
    one = extracted(batch_size=23)
    other = extracted(batch_size=4, cache=tmp_path / "other")
    for site in one.trained:
        np.testing.assert_allclose(one.trained[site], other.trained[site], atol=1e-6)


def test_what_is_kept_is_not_computed_again(extracted: Extract, model: Model) -> None:
    first = extracted(sites="relu")
    before = model.module.passes
    again = extracted(sites="relu")
    assert model.module.passes - before <= 1  # what tells equal weights in other code apart
    np.testing.assert_array_equal(first.trained["relu"], again.trained["relu"])


def test_another_site_is_added_without_the_kept_one(extracted: Extract, model: Model) -> None:
    extracted(sites="relu")
    seen: list[int] = []
    found = extracted(sites="one,relu", on_block=lambda done, total: seen.append(done))
    assert seen == [5, 10, 15, 20, 23]
    assert set(found.trained) == {"one", "relu"}


def test_network_and_twin_are_shown_each_picture_once(
    extracted: Extract, model: Model, images: ImageSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []
    whole = type(model).prepare
    monkeypatch.setattr(
        type(model), "prepare", lambda self, image: (prepared.append(1), whole(self, image))[1]
    )
    twin = random_twin(model)
    found = extracted(twin=twin, pixels=True)
    assert len(prepared) == 23
    np.testing.assert_allclose(found.random["relu"], recorded(twin, images, "relu").mean((2, 3)), atol=1e-6)
    assert (found.random["relu"] != found.trained["relu"]).any()
    batch = torch.stack([model.prepare(picture.image) for picture in images])
    np.testing.assert_allclose(found.pixels, batch.flatten(1), atol=1e-6)


@pytest.mark.parametrize("change", ["weights", "images", "pooling", "preprocessing"])
def test_other_circumstances_are_other_features(
    extracted: Extract, model: Model, tmp_path: Path, change: str
) -> None:
    extracted(sites="relu")
    kept = {path.name for path in (tmp_path / "cache").glob("*.npy")}
    if change == "weights":
        with torch.no_grad():
            model.module.one.weight[0, 0, 0, 0] += 0.5
        extracted(nl.load_model(model.module, input_size=SIDE), sites="relu")
    elif change == "images":
        extracted(shown=nl.load_images(pictures(23, seed=1)), sites="relu")
    elif change == "pooling":
        extracted(sites="relu", pooling="max")
    else:
        extracted(nl.load_model(model.module, input_size=SIDE, mean=0.1), sites="relu")
    assert len({path.name for path in (tmp_path / "cache").glob("*.npy")} - kept) == 1


def test_pixels_do_not_hang_on_weights(extracted: Extract, model: Model, tmp_path: Path) -> None:
    extracted(sites="relu", pixels=True)
    extracted(random_twin(model), sites="relu", pixels=True)
    assert len(list((tmp_path / "cache").glob("*.npy"))) == 3


def test_an_interrupted_pass_leaves_nothing_behind(
    extracted: Extract, tmp_path: Path, model: Model, images: ImageSet
) -> None:
    def stop(done: int, total: int) -> None:
        if done > 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extracted(on_block=stop)
    assert list((tmp_path / "cache").iterdir()) == []
    found = extracted(sites="relu")
    np.testing.assert_allclose(found.trained["relu"], recorded(model, images, "relu").mean((2, 3)), atol=1e-6)


@pytest.mark.parametrize("damage", ["cut", "mark", "gone"])
def test_what_is_damaged_is_made_anew(extracted: Extract, tmp_path: Path, damage: str) -> None:
    first = np.array(extracted(sites="relu").trained["relu"])
    (array,), (mark,) = ((tmp_path / "cache").glob(kind) for kind in ("*.npy", "*.json"))
    if damage == "cut":
        array.write_bytes(array.read_bytes()[:-40])
    elif damage == "mark":
        mark.write_text("{")
    else:
        array.unlink()
    np.testing.assert_array_equal(extracted(sites="relu").trained["relu"], first)


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path) -> None:
    cache = FeatureCache(tmp_path, most_bytes=2500)
    for name in ("a", "b"):
        writing = cache.begin(name, (10, 25))
        writing.put(np.arange(10), np.ones((10, 25), np.float32))
        writing.finish(())
    os.utime(tmp_path / "b.json", (1, 1))
    cache.begin("c", (10, 25)).finish(())
    assert cache.find("b") is None
    assert cache.find("a") is not None


def test_unreadable_pictures_are_rows_of_zeros_everywhere(
    extracted: Extract, model: Model, tmp_path: Path
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, picture in enumerate(pictures(6)):
        Image.fromarray(picture).save(folder / f"{number}.png")
    (folder / "3.png").write_bytes(b"no picture")
    found = extracted(shown=nl.load_images(folder), twin=random_twin(model), pixels=True)
    assert [index for index, _ in found.skipped] == [3]
    for values in (*found.trained.values(), *found.random.values(), found.pixels):
        assert (values[3] == 0).all()
        assert (np.abs(values[[0, 1, 2, 4, 5]]).sum(1) > 0).all()


def test_a_set_without_a_readable_picture_is_refused(extracted: Extract, tmp_path: Path) -> None:
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "0.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"no image of .* can be read"):
        extracted(shown=nl.load_images(tmp_path / "bad"))


def test_values_that_are_not_finite_count_as_zero_and_are_told(extracted: Extract, model: Model) -> None:
    with torch.no_grad():
        model.module.two.bias[2] = float("nan")
    found = extracted(nl.load_model(model.module, input_size=SIDE), sites="one,two")
    assert (found.trained["two"][:, 2] == 0).all()
    assert np.isfinite(found.trained["two"]).all()
    assert dict(found.broken) == {"two": 23}


def test_nothing_is_kept_where_nothing_is_to_be(
    extracted: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    found = extracted(cache=False)
    assert len(list(tmp_path.glob("neurolupa-*/*.npy"))) == len(found.trained)
    del found
    assert list(tmp_path.glob("neurolupa-*")) == []


def test_the_estimate_is_what_is_written(
    model: Model, images: ImageSet, extracted: Extract, tmp_path: Path
) -> None:
    sites = trace(model).select("kind:all")
    told = estimate(model, images, sites, twin=random_twin(model), pixels=True, cache=tmp_path / "cache")
    extracted(twin=random_twin(model), pixels=True)
    written = sum(path.stat().st_size - 128 for path in (tmp_path / "cache").glob("*.npy"))
    assert told.disk == written
    assert told.seconds > 0
    again = estimate(model, images, sites, twin=random_twin(model), pixels=True, cache=tmp_path / "cache")
    assert (again.disk, again.seconds) == (0, 0)


def test_a_full_disk_is_told_before_the_pass(extracted: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda place: type("Usage", (), {"free": 10})())
    with pytest.raises(DataError, match=r"features need .* MB .* has 0 MB left"):
        extracted()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("men", "unknown pooling 'men'; nearest: mean"),
        ("grid:0", "a grid is written grid:3"),
        ("mean:2", "a grid is written grid:3"),
    ],
)
def test_unknown_poolings_are_refused(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Pooling.of(text)


def test_the_network_is_left_as_found(extracted: Extract, untouched: Callable, model: Model) -> None:  # noqa: F811
    with untouched(model):
        extracted(twin=random_twin(model), pixels=True)


def test_a_twin_is_untrained_the_same_for_a_seed_and_another_for_another(model: Model) -> None:
    one, again, other = (random_twin(model, seed) for seed in (1, 1, 2))
    assert one.weights_digest == again.weights_digest
    assert len({one.weights_digest, other.weights_digest, model.weights_digest}) == 3
    assert (one.module.norm.running_mean == 0).all()
    assert (one.weights.source, one.classes) == ("random", None)
    assert one.lock is not model.lock


def test_a_network_that_cannot_be_drawn_anew_has_no_twin() -> None:
    class Fixed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2, 3, 1, 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.conv2d(x, self.weight).relu().mean((2, 3))

    with pytest.raises(DataError, match=r"no layer of .* can draw its weights anew"):
        random_twin(nl.load_model(Fixed(), input_size=SIDE))


def test_a_twin_waits_for_whoever_runs_the_network(model: Model, images: ImageSet) -> None:
    """Hooks of a run under way cannot be copied."""
    began, ended, made = Event(), Event(), []

    def look(site: Site, value: torch.Tensor) -> None:
        began.set()
        ended.wait(5)

    def run() -> None:
        with observe(model, trace(model).select("relu"), look) as forward:
            forward(model.prepare(images[0].image)[None])

    runner = Thread(target=run)
    runner.start()
    began.wait(5)
    twin = Thread(target=lambda: made.append(random_twin(model)))
    twin.start()
    twin.join(0.2)
    assert made == []
    ended.set()
    twin.join()
    runner.join()
    assert len(made) == 1
