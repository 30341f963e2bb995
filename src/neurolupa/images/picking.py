"""One picture by what a person types: a path, an address on the network, or a picture of an image set.

`SPEC#KEY` is a picture of the image set `SPEC`: its index from 0, its id, or the name of a class, whose first
picture is meant. A file that exists wins over all of it.
"""

from pathlib import Path

import numpy as np

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images.addresses import is_url
from neurolupa.images.loading import load_images
from neurolupa.images.records import Picture
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.sets import ImageSet

_MARK = "#"
_LISTED = 100


def pick_image(text: str) -> tuple[str | Picture, ImageSet | None]:
    """What a text names, and the image set that it is from: a path or address as it is, or a picture.

    Raises:
        UsageError: An unknown image set, or an image set without a picture of it.
        DataError: The image set is missing, or has no such picture.
        UnreadableImage: The picture of the set cannot be decoded.

    >>> picture, images = pick_image("samples#rocket")
    >>> picture.id, images.name
    ('skimage/rocket.jpg', 'samples')
    >>> pick_image("cat.jpg")
    ('cat.jpg', None)
    """
    if is_url(text) or Path(text).is_file():
        return text, None
    spec, mark, key = text.rpartition(_MARK)
    if not mark:
        _refuse_whole_set(text)
        return text, None
    images = load_images(spec)
    return images[index_of(images, key)], images


def index_of(images: ImageSet, key: str) -> int:
    """The index of the picture that a key names: an index, an id, or a class, whose first picture is meant.

    Raises:
        DataError: There is none.

    >>> from neurolupa.images import load_images
    >>> index_of(load_images("samples"), "cat"), index_of(load_images("samples"), "2")
    (0, 2)
    """
    if key.isdecimal():
        if int(key) < len(images):
            return int(key)
        raise DataError(f"no image {key} in {images.spec}; images are 0 to {len(images) - 1}")
    for index in range(len(images)):
        if images.id_of(index) == key:
            return index
    names = list(images.classes)
    labelled = np.flatnonzero(images.labels == names.index(key)).tolist() if key in names else []
    if labelled:
        return labelled[0]
    named = names or [images.id_of(index) for index in range(min(len(images), _LISTED))]
    raise DataError(f"{images.spec} has no such picture: {unknown('index, id or class', key, named)}")


def _refuse_whole_set(text: str) -> None:
    kind = text.partition("?")[0].partition(":")[0]
    if kind in IMAGE_SETS or Path(text).is_dir():
        raise UsageError(f"{text} is a whole image set; name one of its pictures, as {text}{_MARK}0")
