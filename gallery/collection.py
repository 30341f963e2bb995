"""Which networks and layers the gallery shows, and which pictures stand behind what it says."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import neurolupa as nl
from gallery.pictures import imagenet_groups
from neurolupa.images import ImageSet

DATA = Path(os.environ.get("NEUROLUPA_DATA", Path(__file__).parents[2] / "shared" / "data"))


@dataclass(frozen=True)
class Wing:
    """One network of the gallery.

    Attributes:
        name: what people call the network, and the folder of its atlases.
        sites: the layers, from the first to the deepest.
        load: gives the network.
        labelled: gives the natural pictures whose classes the rule asks about.
        side: pixels of the generated pictures.
    """

    name: str
    sites: tuple[str, ...]
    load: Callable[[], nl.Model]
    labelled: Callable[[], ImageSet]
    side: int

    @property
    def stimuli(self) -> str:
        """The generated pictures."""
        return f"stimuli?size={self.side}"


def _weights(file: str) -> str:
    return str(DATA / "weights" / file)


def _groups() -> ImageSet:
    return imagenet_groups(DATA / "imagenet")


def _cifar() -> ImageSet:
    return nl.load_images(f"parquet:{DATA}/cifar10/test-jpeg.parquet?names=cifar10&sample=2000")


WINGS = (
    Wing(
        "resnet18",
        ("relu", "layer1.1.relu", "layer2.1.relu", "layer3.1.relu"),
        lambda: nl.load_model(
            "resnet18", weights=_weights("resnet18-imagenet-trunk.pth"), allow_partial=True
        ),
        _groups,
        224,
    ),
    Wing(
        "squeezenet1_1",
        tuple(f"features.{block}.expand3x3_activation" for block in (4, 7, 12)),
        lambda: nl.load_model("squeezenet1_1", weights=_weights("squeezenet1_1-imagenet.pth")),
        _groups,
        224,
    ),
    Wing(
        "embedded",
        ("relu", "layer2.1.relu", "layer3.1.relu", "layer4.1.relu"),
        lambda: nl.load_model("embedded"),
        _cifar,
        32,
    ),
)
