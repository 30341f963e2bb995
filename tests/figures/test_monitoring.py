"""A training log drawn."""

import pytest
import torch
from tests.figures.test_every_figure import is_cut
from tests.monitoring.nets import Net, trained
from torch import nn

import neurolupa as nl
from neurolupa.errors import DataError
from neurolupa.figures import training
from neurolupa.locales import LANGUAGES
from neurolupa.monitoring import open_log


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_figure_is_not_cut(lang, tmp_path):
    trained(tmp_path / "log")
    figure = training(open_log(tmp_path / "log"), lang)
    assert not is_cut(figure)
    lines = figure.axes[0].get_lines()
    assert len(lines) == len(open_log(tmp_path / "log").sites)


@pytest.mark.parametrize("count", [1, 17, 40])
def test_sites_are_named_however_many(count, tmp_path):
    net = nn.Sequential(*(part for _ in range(count) for part in (nn.Conv2d(3, 3, 1), nn.ReLU())))
    with nl.monitor(net, tmp_path / "log", every=1) as watch:
        for _ in range(3):
            net(torch.rand(2, 3, 4, 4))
            watch.step()
    figure = training(open_log(tmp_path / "log"))
    names = [words.get_text() for words in figure.legends[0].get_texts()]
    assert len(names) == min(count, 18)
    assert (names[0], names[-1]) == ("1", str(2 * count - 1))
    assert not is_cut(figure)


def test_nothing_measured_yet(tmp_path):
    nl.monitor(Net(), tmp_path / "log").close()
    with pytest.raises(DataError, match="nothing was measured yet"):
        training(open_log(tmp_path / "log"))
