"""Image sets that are one array in memory, and `npz:FILE`."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neurolupa.archives import refuse_bomb
from neurolupa.errors import DataError, UsageError
from neurolupa.images.classes import checked_labels, complete_classes, encode_names, read_names
from neurolupa.images.listing import missing
from neurolupa.images.records import UNLABELLED
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.sets import ImageSet

_KEYS = ("images", "labels", "indices", "classes")


class ArraySet(ImageSet):
    """Images as one uint8 array (N, H, W, 3) or (N, H, W); the id is "<prefix>/000123"."""

    def __init__(
        self,
        name: str,
        spec: str,
        images: np.ndarray,
        labels: np.ndarray,
        classes: tuple[str, ...],
        *,
        prefix: str,
        numbers: np.ndarray | None = None,
        split: str = "",
        stamps: tuple[tuple[str, int], ...] = (),
    ) -> None:
        super().__init__(name, spec, labels, classes, labelled_by="array", split=split)
        self._images = images
        self._prefix = prefix
        self._numbers = np.arange(len(images)) if numbers is None else numbers
        self._stamps = stamps

    def id_of(self, index: int) -> str:
        """The prefix and the number of the image in the set that it comes from."""
        return f"{self._prefix}/{self._numbers[index]:06d}"

    def source_of(self, index: int) -> np.ndarray:
        """The (H, W, 3) or (H, W) array."""
        return self._images[index]

    def size_of(self, index: int) -> int:
        """Bytes of the array."""
        return self._images[index].nbytes

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """The file that the array comes from."""
        return self._stamps


@IMAGE_SETS.register("npz")
def open_npz(where: str, *, names: str | Sequence[str] | None = None) -> ArraySet:
    """The arrays of a NumPy archive: `images` uint8 (N, H, W, 3) or (N, H, W), and if there `labels` (N,).

    `indices` (N,) gives the numbers that the ids carry, `classes` the class names, unless `names` does: a
    list, "cifar10", or a .txt or .json file.
    """
    if not where:
        raise UsageError("npz needs a file: npz:FILE")
    path = Path(where).expanduser()
    arrays = _read_archive(path)
    images = _checked_images(arrays, path.name)
    labels, found = _labels(arrays, len(images), path.name)
    given = read_names(names) if names is not None else found
    return ArraySet(
        path.stem,
        f"npz:{where}",
        images,
        labels,
        complete_classes(labels, given, path.name) if (labels != UNLABELLED).any() else (),
        prefix=path.stem,
        numbers=_numbers(arrays, len(images), path.name),
        stamps=((path.name, path.stat().st_size),),
    )


def _read_archive(path: Path) -> dict[str, np.ndarray]:
    if not path.is_file():
        raise missing("file", path)
    refuse_bomb(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            found = {key: archive[key] for key in _KEYS if key in archive}
    except zipfile.BadZipFile as error:
        raise DataError(f"{path.name} is not a complete .npz file") from error
    except Exception as error:  # a damaged archive fails in as many ways as it has bytes
        raise DataError(f"{path.name} is not a readable .npz file of plain arrays") from error
    return {key: array for key, array in found.items() if isinstance(array, np.ndarray)}


def _checked_images(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    if "images" not in arrays:
        raise DataError(f"{name} has no array named images")
    images = arrays["images"]
    grey = images.ndim == 3
    if images.dtype != np.uint8 or not (grey or (images.ndim == 4 and images.shape[3] == 3)):
        raise DataError(
            f"{name}: images is {images.dtype} {images.shape}, not uint8 (N, H, W, 3) or (N, H, W)"
        )
    return images


def _labels(
    arrays: dict[str, np.ndarray], count: int, name: str
) -> tuple[np.ndarray, tuple[str, ...] | None]:
    classes = tuple(str(text) for text in arrays["classes"]) if "classes" in arrays else None
    if "labels" not in arrays:
        return np.full(count, UNLABELLED, dtype=np.int64), classes
    values = arrays["labels"]
    _require_count(values, count, "labels", name)
    if values.dtype.kind == "U" and values.ndim == 1:
        return encode_names([str(value) for value in values])
    return checked_labels(values, name), classes


def _numbers(arrays: dict[str, np.ndarray], count: int, name: str) -> np.ndarray | None:
    if "indices" not in arrays:
        return None
    numbers = arrays["indices"]
    _require_count(numbers, count, "indices", name)
    if numbers.ndim != 1 or numbers.dtype.kind not in "iu" or len(np.unique(numbers)) != count:
        raise DataError(f"{name}: indices must be {count} distinct whole numbers")
    return numbers


def _require_count(values: np.ndarray, count: int, what: str, name: str) -> None:
    if values.shape[:1] != (count,):
        raise DataError(f"{name}: {count} images, but {what} of shape {values.shape}")
