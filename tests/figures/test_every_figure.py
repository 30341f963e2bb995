"""What holds for every figure: its size, its N, its language, and that no word is cut."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from tests.atlas.builder import build

from neurolupa import figures
from neurolupa.atlas import open_atlas
from neurolupa.errors import UsageError

OF_AN_ATLAS = ("layer_statistics", "distributions", "dead_units", "evolution")
OF_A_SITE = ("class_statistics", "unit_heat_map")


def draw(name, atlas, lang="en"):
    more = (atlas.sites[1],) if name in OF_A_SITE else ()
    return getattr(figures, name)(atlas, *more, lang=lang)


def is_cut(figure) -> bool:
    """Whether anything that is drawn lies beyond the page."""
    figure.draw_without_rendering()
    drawn, page = figure.get_tightbbox(), figure.bbox_inches.padded(0.01)
    return drawn.x0 < page.x0 or drawn.y0 < page.y0 or drawn.x1 > page.x1 or drawn.y1 > page.y1


@pytest.mark.parametrize(("which", "lang"), [("tiny", "en"), ("deep", "es")])
@pytest.mark.parametrize("name", [*OF_AN_ATLAS, *OF_A_SITE])
def test_nothing_is_cut_and_the_n_is_stated(request, name, which, lang):
    atlas = request.getfixturevalue(which)
    figure = draw(name, atlas, lang)
    assert not is_cut(figure)
    assert 1200 <= figure.bbox.width <= 1600
    assert f"N = {atlas.source.read} " in figure.get_supxlabel()


def test_words_beyond_the_page_are_found_cut(tiny):
    figure = figures.dead_units(tiny)
    figure.axes[0].set_title("a very wide title " * 30)
    assert is_cut(figure)


def test_kernels_and_many_classes_are_not_cut(crowded):
    lang = "es"
    for channels in (3, 64):
        weight = np.ones((64, channels, 3, 3))
        assert not is_cut(figures.kernels(weight, name="a.long.layer.name" * 4, lang=lang))
    assert not is_cut(figures.class_statistics(crowded, "relu", lang=lang))


@pytest.mark.parametrize("name", [*OF_AN_ATLAS, *OF_A_SITE])
def test_an_unknown_language_names_the_valid_ones(tiny, name):
    with pytest.raises(UsageError, match="en, es"):
        draw(name, tiny, lang="fr")


@pytest.mark.parametrize("count", [1, 60])
def test_one_layer_and_sixty_are_all_named(tmp_path, count):
    values = {f"stage{index}.block.relu": np.full((2, 1, 1, 1), index + 1.0) for index in range(count)}
    atlas = open_atlas(build(tmp_path / "atlas", values))
    for name in ("dead_units", "evolution"):
        figure = draw(name, atlas)
        assert not is_cut(figure)
        ticks = (text for axes in figure.axes for text in (*axes.get_xticklabels(), *axes.get_yticklabels()))
        assert {text.get_text() for text in ticks} >= set(values)


def test_drawing_leaves_matplotlibs_settings_alone(tiny):
    before = dict(mpl.rcParams)
    figures.layer_statistics(tiny)
    assert dict(mpl.rcParams) == before


def test_importing_figures_imports_neither_torch_nor_pyplot():
    heavy = "'torch', 'matplotlib.pyplot'"
    code = f"import sys, neurolupa.figures; sys.exit(any(name in sys.modules for name in ({heavy})))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
