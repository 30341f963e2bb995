"""The disk cache: what is found is what would be made, and nothing is found that would be made otherwise."""

import os
from dataclasses import replace

import numpy as np
import pytest
from torch import nn

from neurolupa.errors import UsageError
from neurolupa.folders import user_folder
from neurolupa.synthesis import METHODS, Direction, PictureCache, TotalVariation, Unit, synthesize
from neurolupa.synthesis import optimising as optimising_module
from neurolupa.synthesis import synthesizing as module
from neurolupa.synthesis.transforms import Jitter

STEPS = 4


@pytest.fixture
def kept(tmp_path):
    return PictureCache(tmp_path / "kept")


@pytest.fixture
def made(monkeypatch, linear, plain_prior):
    """`made(units, ...)`: a synthesis, and how many pictures were optimised for it."""
    sizes = []
    optimise = module.optimise

    def counted(job, report=None):
        sizes.append(len(job.objectives))
        return optimise(job, report)

    monkeypatch.setattr(module, "optimise", counted)

    def build(*args, model=linear, site="3", **choices):
        sizes.clear()
        where = () if "objectives" in choices else (site, *args)
        found = synthesize(model, *where, **{"prior": plain_prior, "steps": STEPS, **choices})
        return found, sum(sizes)

    return build


def same(left, right):
    for name in ("images", "activations", "curves", "steps"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    assert (left.targets, left.states, left.seconds) == (right.targets, right.states, right.seconds)
    assert left.to_frame().equals(right.to_frame())


def test_what_is_kept_is_not_made_again(made, kept):
    first, count = made([0, 3, 5], cache=kept, copies=2)
    again, none = made([0, 3, 5], cache=kept, copies=2)
    assert (count, none, kept.hits, len(kept)) == (6, 0, 6, 6)
    same(first, again)


def test_only_what_is_missing_is_made_and_the_quality_is_of_all(made, kept, linear):
    linear.module.double()
    made([1, 3], cache=kept)
    mixed, count = made(range(5), cache=kept, copies=2)
    plain, _ = made(range(5), copies=2)
    assert count == 8
    np.testing.assert_allclose(mixed.images, plain.images, atol=1e-6)
    assert mixed.targets == plain.targets
    for left, right in zip(mixed.quality, plain.quality, strict=True):
        assert left.stability == pytest.approx(right.stability, rel=1e-4)
        assert (left.rank, left.of) == (right.rank, 6)


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 1},
        {"steps": STEPS + 1},
        {"at": "centre"},
        {"size": 15},
        {"method": "pixel"},
        {"recipe": replace(METHODS["fourier"], transforms=METHODS["fourier"].transforms[:2])},
        {"copies": 2, "diversity": 0.5},
        {"site": "2"},
    ],
)
def test_anything_else_is_another_picture(made, kept, other):
    made([1], cache=kept)
    _, count = made([1], cache=kept, **other)
    assert count == other.get("copies", 1)
    assert kept.hits == 0


def test_another_network_and_another_type_are_other_pictures(made, kept, linear, plain_prior):
    made([1], cache=kept)
    steps = replace(linear.preprocessing, mean=(0.1, 0.5, 0.5))
    assert made([1], cache=kept, model=replace(linear, preprocessing=steps))[1] == 1
    assert made([1], cache=kept, prior=replace(plain_prior, colours=np.eye(3) * 0.3))[1] == 1
    linear.module.double()
    assert made([1], cache=kept)[1] == 1


def test_another_version_and_another_code_are_other_pictures(made, kept, monkeypatch):
    made([1], cache=kept)
    monkeypatch.setattr("neurolupa.synthesis.cache._code", lambda: "edited")
    assert made([1], cache=kept)[1] == 1
    monkeypatch.setattr("neurolupa.synthesis.cache.__version__", "9.9.9")
    assert made([1], cache=kept)[1] == 1


def test_numbers_of_an_objective_count_in_all_their_digits(made, kept):
    def objectives(weight, vector):
        return [Unit("3", 1) - weight * TotalVariation(), Direction("3", np.array(vector))]

    made(objectives=objectives(0.1, [1.0, 0, 0, 0, 0, 0]), cache=kept)
    _, count = made(objectives=objectives(0.1 + 1e-9, [1.0, 0, 0, 0, 0, 1e-9]), cache=kept)
    assert count == 2
    assert made(objectives=objectives(0.1, [1.0, 0, 0, 0, 0, 0]), cache=kept)[1] == 0


def test_pictures_that_look_at_each_other_are_found_together_or_not_at_all(made, kept):
    first, _ = made([0, 1], cache=kept, copies=2, diversity=0.5)
    assert made([1, 0], cache=kept, copies=2, diversity=0.5)[1] == 0
    assert made([0], cache=kept, copies=3, diversity=0.5)[1] == 3
    oldest = min(kept.folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime_ns)
    oldest.unlink()
    again, count = made([0, 1], cache=kept, copies=2, diversity=0.5)
    assert count == 2
    np.testing.assert_allclose(first.images, again.images, atol=1e-5)


class Odd(Jitter):
    """A plug-in, whose code the cache does not know."""


def test_code_of_others_is_not_trusted(made, kept):
    recipe = replace(METHODS["fourier"], transforms=(Odd(1 / 16),))
    assert made([1], cache=kept, recipe=recipe)[1] == 1
    assert made([1], cache=kept, recipe=recipe)[1] == 1
    assert len(kept) == 0


@pytest.mark.parametrize("fault", ["cut", "flipped", "empty", "renamed"])
def test_damaged_entries_are_made_anew(made, kept, fault):
    first, _ = made([0, 1], cache=kept)
    path, other = sorted(kept.folder.glob("*.safetensors"))
    content = bytearray(path.read_bytes())
    if fault == "flipped":
        content[-100] ^= 1
    halved = {
        "cut": content[: len(content) // 2],
        "flipped": content,
        "empty": b"",
        "renamed": other.read_bytes(),
    }
    path.write_bytes(halved[fault])
    again, count = made([0, 1], cache=kept)
    assert count == 1
    np.testing.assert_allclose(first.images, again.images, atol=1e-5)
    assert made([0, 1], cache=kept)[1] == 0


def test_what_was_not_used_for_longest_goes_first(made, kept):
    made([0, 1, 2], cache=kept)
    for age, path in enumerate(sorted(kept.folder.glob("*.safetensors"))):
        os.utime(path, (age, age))
    made([1], cache=kept)
    entry = next(kept.folder.glob("*.safetensors")).stat().st_size
    small = PictureCache(kept.folder, most_bytes=int(2.5 * entry))
    made([3], cache=small)
    assert made([1, 3], cache=small)[1] == 0
    assert len(small) == 2


def test_a_folder_that_cannot_be_written_keeps_nothing(made, tmp_path):
    (tmp_path / "file").write_text("in the way")
    blocked = PictureCache(tmp_path / "file" / "kept")
    assert made([0], cache=blocked)[1] == 1
    assert made([0], cache=blocked)[1] == 1


def test_what_was_interrupted_is_not_kept_but_what_was_kept_is_there(made, kept):
    made([4], cache=kept)

    def stop(done, total):
        if done == STEPS + 1:
            raise KeyboardInterrupt

    found, _ = made(range(5), cache=kept, batch=2, report=stop)
    assert found.interrupted
    assert found.units == (0, 1, 2, 3, 4)
    assert len(kept) == 3
    assert made(range(5), cache=kept)[1] == 2


def test_what_failed_is_not_kept(made, kept, monkeypatch):
    singles = optimising_module.Outcome.singles

    def failed(outcome):
        return (replace(one, failed=np.array([True])) for one in singles(outcome))

    monkeypatch.setattr(optimising_module.Outcome, "singles", failed)
    found, _ = made([0], cache=kept)
    assert found.states == ("FAILED",)
    assert len(kept) == 0


def test_clearing_and_the_folder(made, kept, monkeypatch, tmp_path):
    made([0], cache=kept)
    kept.clear()
    assert len(kept) == 0
    monkeypatch.setenv("NEUROLUPA_CACHE", str(tmp_path / "mine"))
    assert PictureCache().folder == tmp_path / "mine" / "synthesis"
    monkeypatch.delenv("NEUROLUPA_CACHE")
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert user_folder() == tmp_path / "xdg" / "neurolupa"
    with pytest.raises(UsageError, match="at least 0"):
        PictureCache(most_bytes=-1)


def test_other_code_with_the_same_weights_has_pictures_of_its_own(made, kept, as_model):
    first, last = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3)
    plain, again, other = (
        as_model(nn.Sequential(first, each, last), size=8) for each in (nn.ReLU(), nn.ReLU(), nn.Tanh())
    )
    assert plain.weights_digest == other.weights_digest
    assert [made([0], site="2", model=one, cache=kept)[1] for one in (plain, again, other)] == [1, 0, 1]
    assert made([0], site="0", model=plain, cache=kept)[1] == 1
    assert made([0], site="0", model=other, cache=kept)[1] == 0
