"""Image sets made in Python: a list of Pillow pictures, arrays, bytes or paths."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from neurolupa.errors import DataError, UsageError
from neurolupa.images.classes import checked_labels, complete_classes, encode_names, read_names
from neurolupa.images.opening import ImageSource
from neurolupa.images.records import UNLABELLED
from neurolupa.images.sets import ImageSet

_KINDS = (str, Path, bytes, Image.Image, np.ndarray)


class SequenceSet(ImageSet):
    """Images given one by one.

    The id is "memory/000003"; where all are distinct paths, the path below the folder that they share.
    """

    def __init__(
        self,
        images: Iterable[ImageSource],
        labels: Sequence[int | None] | Sequence[str | None] | np.ndarray | None = None,
        classes: str | Sequence[str] | None = None,
    ) -> None:
        """`labels`, as many as the images, are indices into `classes`, or names; None or -1 is unlabelled."""
        self._images = _checked_images(images)
        self._ids = _ids(self._images)
        found, names = _read_labels(labels, classes, len(self._images))
        super().__init__("memory", "memory", found, names, labelled_by="given")

    def id_of(self, index: int) -> str:
        """The number, or the relative path."""
        return self._ids[index]

    def source_of(self, index: int) -> ImageSource:
        """The image as it was given."""
        return self._images[index]

    def held(self, index: int) -> bool:
        """Whether it is no path."""
        return not isinstance(self._images[index], str | Path)

    def size_of(self, index: int) -> int | None:
        """Bytes of the array, the bytes or the file; None for a Pillow picture or a missing file."""
        image = self._images[index]
        if isinstance(image, np.ndarray):
            return image.nbytes
        if isinstance(image, bytes):
            return len(image)
        if isinstance(image, Image.Image):
            return None
        try:
            return Path(image).stat().st_size  # type: ignore[arg-type]
        except OSError:
            return None


def _checked_images(images: Iterable[ImageSource]) -> list[ImageSource]:
    if isinstance(images, np.ndarray) and images.ndim != 4:
        raise UsageError(f"an array of images must be (N, H, W, C), not {images.shape}")
    found = list(images)
    strange = next((image for image in found if not isinstance(image, _KINDS)), None)
    if strange is not None:
        raise UsageError(f"cannot open a {type(strange).__name__} as an image")
    return found


def _ids(images: Sequence[ImageSource]) -> list[str]:
    paths = [Path(image) for image in images if isinstance(image, str | Path)]
    if paths and len({os.path.normpath(path) for path in paths}) == len(images):
        absolute = [path.absolute() for path in paths]
        shared = os.path.commonpath([path.parent for path in absolute])
        return [path.relative_to(shared).as_posix() for path in absolute]
    return [f"memory/{index:06d}" for index in range(len(images))]


def _read_labels(
    labels: Sequence[int | None] | Sequence[str | None] | np.ndarray | None,
    classes: str | Sequence[str] | None,
    count: int,
) -> tuple[np.ndarray, tuple[str, ...]]:
    if labels is None:
        if classes is not None:
            raise UsageError("classes names the labels, and there are no labels")
        return np.full(count, UNLABELLED, dtype=np.int64), ()
    if len(labels) != count:
        raise UsageError(f"{count} images, but {len(labels)} labels")
    try:
        return _encoded(labels, None if classes is None else read_names(classes))
    except DataError as error:  # typed by the caller, not read from a file
        raise UsageError(str(error)) from error


def _encoded(
    labels: Sequence[int | None] | Sequence[str | None] | np.ndarray, classes: Sequence[str] | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    names = [label for label in labels if isinstance(label, str)]
    if not names:
        found = checked_labels(labels, "labels")
        return found, complete_classes(found, classes, "labels")
    return encode_names([None if label is None else str(label) for label in labels], classes, "labels")
