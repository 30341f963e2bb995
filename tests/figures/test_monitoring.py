"""A training log drawn."""

import pytest
from tests.figures.test_every_figure import is_cut
from tests.monitoring.nets import Net, trained

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


def test_nothing_measured_yet(tmp_path):
    nl.monitor(Net(), tmp_path / "log").close()
    with pytest.raises(DataError, match="nothing was measured yet"):
        training(open_log(tmp_path / "log"))
