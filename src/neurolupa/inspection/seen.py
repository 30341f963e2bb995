"""One picture as it was given and as the network saw it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from PIL import Image
from torch import Tensor

from neurolupa.errors import UsageError
from neurolupa.images import ImageSet, ImageSource, Picture, open_image
from neurolupa.models import Model, Preprocessing

SHOWN_SIDE = 1024
_ID_DIGITS = 12

Inspected = ImageSource | Picture | int


@dataclass(frozen=True, eq=False)
class SeenPicture:
    """A picture beside what the network saw of it.

    Attributes:
        original: The upright RGB picture, shrunk for showing where its long side is above 1024 pixels.
        seen: Exactly what the network saw, resized and cropped, before normalisation.
        crop: The part of the original that `seen` shows: (x0, y0, x1, y1) in pixels of the full original.
        size: Width and height of the full original.
    """

    original: Image.Image
    seen: Image.Image
    crop: tuple[float, float, float, float]
    size: tuple[int, int]

    @classmethod
    def of(cls, picture: Image.Image, preprocessing: Preprocessing) -> "SeenPicture":
        """The picture through a network's own preprocessing.

        >>> steps = Preprocessing(input_size=(4, 4), resize=4)
        >>> SeenPicture.of(Image.new("RGB", (8, 4)), steps).crop
        (2.0, 0.0, 6.0, 4.0)
        """
        height, width = preprocessing.input_size
        crop = preprocessing.to_original((0, 0, width, height), picture.size)
        return cls(_for_showing(picture), preprocessing.picture(picture), crop, picture.size)

    @property
    def share(self) -> float:
        """The share of the original's area that the network saw, 0 to 1."""
        x0, y0, x1, y1 = self.crop
        return (x1 - x0) * (y1 - y0) / (self.size[0] * self.size[1])

    def as_input(self, model: Model) -> Tensor:
        """What was seen as the network's input (1, C, H, W), normalised.

        >>> from torch import nn
        >>> from neurolupa.models import load_model
        >>> model, picture = load_model(nn.Flatten(), input_size=4), Image.radial_gradient("L")
        >>> input = SeenPicture.of(picture, model.preprocessing).as_input(model)
        >>> bool((input[0] == model.prepare(picture)).all())
        True
        """
        as_it_is = replace(model.preprocessing, keep_matching=True)
        return as_it_is.prepare(self.seen)[None]

    def facts(self) -> dict[str, Any]:
        """Crop and size, ready for JSON."""
        return {"crop": list(self.crop), "size": list(self.size)}

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any], original: Image.Image, seen: Image.Image) -> "SeenPicture":
        """The inverse of `facts`, given both pictures."""
        x0, y0, x1, y1 = facts["crop"]
        width, height = facts["size"]
        return cls(original, seen, (x0, y0, x1, y1), (width, height))


@dataclass(frozen=True, eq=False)
class Opened:
    """A picture decoded, and what is known of where it came from.

    Attributes:
        picture: Upright, 8-bit RGB, full size.
        id: Its file name, its id in the image set, its address, or `sha256:` and the digest's beginning.
        digest: SHA-256 of its size and pixels: the same picture has the same digest however it came.
        image_set: Name of its image set.
        true_label: Name of its class there.
    """

    picture: Image.Image
    id: str
    digest: str
    image_set: str | None = None
    true_label: str | None = None


def open_inspected(image: Inspected, images: ImageSet | None = None) -> Opened:
    """The picture in a path, bytes, a Pillow picture, an array, a `Picture`, or at an index of `images`.

    Raises:
        UsageError: An index without an image set, or nothing that holds a picture.
        UnreadableImage: There is no picture in it.

    >>> open_inspected(Image.new("RGB", (2, 1))).id
    'sha256:737757a6ed14'
    """
    if isinstance(image, int):
        image = _numbered(image, images)
    if isinstance(image, Picture):
        name = None if images is None else images.name
        return Opened(image.image, image.id, digest_of(image.image), name, image.class_name)
    picture = open_image(image)
    digest = digest_of(picture)
    return Opened(picture, _name_of(image) or f"sha256:{digest[:_ID_DIGITS]}", digest)


def digest_of(picture: Image.Image) -> str:
    """SHA-256 over the size and the pixels of an RGB picture.

    >>> digest_of(Image.new("RGB", (2, 1))) == digest_of(Image.new("RGB", (1, 2)))
    False
    """
    width, height = picture.size
    return sha256(f"{width} x {height} {picture.mode} ".encode() + picture.tobytes()).hexdigest()


def _numbered(index: int, images: ImageSet | None) -> Picture:
    if images is None:
        raise UsageError(f"image {index} of which image set? give images=, or the picture itself")
    if not -len(images) <= index < len(images):
        raise UsageError(f"no image {index} in {images.name}; images are 0 to {len(images) - 1}")
    return images[index]


def _name_of(image: object) -> str | None:
    if isinstance(image, str) and urlsplit(image).scheme in ("http", "https"):
        return image
    return Path(image).name if isinstance(image, str | Path) else None


def _for_showing(picture: Image.Image) -> Image.Image:
    if max(picture.size) <= SHOWN_SIDE:
        return picture.copy()
    shown = picture.copy()
    shown.thumbnail((SHOWN_SIDE, SHOWN_SIDE), Image.Resampling.BOX)
    return shown
