"""Pictures with few broad classes, and tiles of photographs that anybody may show."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import skimage
from PIL import Image

import neurolupa as nl
from neurolupa.images import ImageSet

GROUPS = {
    "fish": (range(7), range(389, 398)),
    "bird": (range(7, 25), range(80, 101), range(127, 147)),
    "reptile or amphibian": (range(25, 69),),
    "invertebrate": (range(69, 80), range(107, 127), range(300, 330)),
    "dog": (range(151, 269),),
    "other mammal": (range(101, 107), range(147, 151), range(269, 300), range(330, 389)),
    "food or plant": (range(924, 970), range(984, 999)),
    "scenery": (range(970, 981),),
    "vehicle": (
        (403, 404, 405, 407, 408, 417, 436, 444, 450, 466, 468, 472, 484, 510, 511, 537, 547, 554, 555),
        (561, 565, 569, 573, 575, 576, 586, 603, 609, 612, 625, 627, 628, 654, 656, 661, 665, 670, 671),
        (675, 690, 705, 717, 724, 734, 751, 757, 779, 780, 802, 803, 812, 814, 817, 820, 829, 833, 847),
        (864, 866, 867, 870, 871, 874, 880, 895, 914),
    ),
}  # fmt: skip
"""By the numbers of ImageNet's classes. What is in none is an object."""

OTHER = "object"

PUBLIC = (
    "astronaut.png", "brick.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png",
    "hubble_deep_field.jpg", "retina.jpg", "rocket.jpg", "text.png",
)  # fmt: skip
"""Photographs inside scikit-image that are in the public domain or under CC0."""

TILE = 160
STEP = 120


def imagenet_groups(folder: Path) -> ImageSet:
    """The ImageNet pictures of a folder, one a class, labelled by the group of their class."""
    files = sorted(folder.glob("[0-9]*.jpg"))
    return nl.load_images(files, labels=[group_of(int(file.name[:3])) for file in files])


def group_of(label: int) -> str:
    """The group of an ImageNet class, by its number.

    >>> group_of(0), group_of(207), group_of(817), group_of(999)
    ('fish', 'dog', 'vehicle', 'object')
    """
    found = (name for name, parts in GROUPS.items() if any(label in part for part in parts))
    return next(found, OTHER)


def public_tiles() -> ImageSet:
    """Overlapping squares of the public photographs, each named by its photograph."""
    tiles = [(tile, name) for name in PUBLIC for tile in _tiles(name)]
    return nl.load_images([tile for tile, _ in tiles], labels=[Path(name).stem for _, name in tiles])


def _tiles(name: str) -> Iterator[np.ndarray]:
    with Image.open(Path(skimage.__file__).parent / "data" / name) as opened:
        picture = opened.convert("RGB")
        picture.thumbnail((640, 640), Image.Resampling.LANCZOS)
    pixels = np.asarray(picture)
    side = min(TILE, *pixels.shape[:2])
    for top in range(0, pixels.shape[0] - side + 1, STEP):
        for left in range(0, pixels.shape[1] - side + 1, STEP):
            yield pixels[top : top + side, left : left + side]
