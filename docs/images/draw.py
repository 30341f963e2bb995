"""Draws the pictures of the READMEs from a trained network: `python docs/images/draw.py`.

It needs the project's test data (`NEUROLUPA_DATA`, or `../shared/data`). It draws statistics and kernels, and
never a photograph.
"""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from matplotlib.figure import Figure

import neurolupa as nl

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DATA = Path(os.environ.get("NEUROLUPA_DATA", ROOT.parent / "shared" / "data"))
WEIGHTS = DATA / "weights" / "cifar10-resnet20-12fca82f.th"
PICTURES = f"npz:{DATA / 'cifar10' / 'test-lossless-500.npz'}?names=cifar10"


def draw(atlas: nl.Atlas, model: nl.Model, lang: str) -> None:
    """Writes the pictures of one language."""
    save(nl.figures.evolution(atlas, lang), f"evolution.{lang}.png")
    save(nl.figures.kernels(model.module.conv1.weight, name="conv1", lang=lang), f"kernels.{lang}.png")


def save(figure: Figure, name: str) -> None:
    """Writes a figure, small enough for a page and without the version of what wrote it."""
    figure.savefig(HERE / name, dpi=100, metadata={"Software": None})


if __name__ == "__main__":
    network = nl.load_model(f"{ROOT / 'examples' / 'cifar_resnet.py'}:resnet20", weights=WEIGHTS)
    with TemporaryDirectory() as folder:
        scanned = nl.scan(network, PICTURES, out=Path(folder) / "atlas")
        for language in ("en", "es"):
            draw(scanned, network, language)
