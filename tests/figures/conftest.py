"""Small atlases to draw: a tiny one with written-down values, a deep one, one with many classes."""

import matplotlib as mpl
import numpy as np
import pytest
from tests.atlas.builder import build
from tests.atlas.conftest import DEEP, EARLY, FC, LABELS

from neurolupa.atlas import Atlas, open_atlas


@pytest.fixture(autouse=True)
def plain_settings():
    with mpl.rc_context(mpl.rcParamsDefault):
        yield


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Atlas:
    values = {"early/relu": EARLY, "deep.relu": DEEP, "fc": FC}
    folder = tmp_path_factory.mktemp("figures") / "tiny"
    return open_atlas(build(folder, values, LABELS, ["cat", "dog"], linear=["fc"]))


@pytest.fixture(scope="session")
def deep(tmp_path_factory) -> Atlas:
    rng = np.random.default_rng(0)
    names = [
        f"features.denseblock{1 + i // 12}.denselayer{1 + i % 12}.a_rather_long_name.relu" for i in range(40)
    ]
    linear = names[::5]
    values = {name: rng.normal(size=(3, 2, 2, 2)) for name in names}
    values = {name: array if name in linear else np.maximum(array, 0) for name, array in values.items()}
    folder = tmp_path_factory.mktemp("figures") / "deep"
    return open_atlas(build(folder, values, [0, 0, 1], ["a $dear$ thing", "b"], linear=linear))


@pytest.fixture(scope="session")
def crowded(tmp_path_factory) -> Atlas:
    """100 classes of one image; the mean of class k is k."""
    values = np.arange(100.0)[:, None, None, None]
    names = [f"number {index}" for index in range(100)]
    folder = tmp_path_factory.mktemp("figures") / "crowded"
    return open_atlas(build(folder, {"relu": values}, range(100), names))
