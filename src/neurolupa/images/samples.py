"""`samples`: photographs that ship inside scikit-image and scikit-learn."""

from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from neurolupa.errors import DataError, UsageError
from neurolupa.images.registry import IMAGE_SETS
from neurolupa.images.sets import ImageSet


class _Sample(NamedTuple):
    class_name: str
    package: str
    folder: str
    file: str


_SAMPLES = (
    _Sample("cat", "skimage", "data", "chelsea.png"),
    _Sample("astronaut", "skimage", "data", "astronaut.png"),
    _Sample("coffee", "skimage", "data", "coffee.png"),
    _Sample("rocket", "skimage", "data", "rocket.jpg"),
    _Sample("motorcycle", "skimage", "data", "motorcycle_left.png"),
    _Sample("china", "sklearn", "datasets/images", "china.jpg"),
    _Sample("flower", "sklearn", "datasets/images", "flower.jpg"),
)


@IMAGE_SETS.register("samples")
def open_samples(where: str = "") -> "SampleSet":
    """Those of the seven photographs that the installed packages hold; nothing is downloaded.

    >>> [open_samples().entry(index).id for index in range(3)]
    ['skimage/chelsea.png', 'skimage/astronaut.png', 'skimage/coffee.png']
    """
    if where:
        raise UsageError(f"samples takes no path, and got {where!r}")
    labels = [label for label, sample in enumerate(_SAMPLES) if _path(sample)]
    if not labels:
        raise DataError("the installed scikit-image and scikit-learn hold none of the sample photographs")
    return SampleSet(labels)


class SampleSet(ImageSet):
    """The sample photographs, each with a class of its own; the id is "<package>/<file>"."""

    def __init__(self, labels: list[int]) -> None:
        classes = tuple(sample.class_name for sample in _SAMPLES)
        super().__init__("samples", "samples", np.array(labels), classes, labelled_by="given")

    def _sample(self, index: int) -> _Sample:
        return _SAMPLES[int(self.labels[index])]

    def id_of(self, index: int) -> str:
        """The package and the file."""
        return f"{self._sample(index).package}/{self._sample(index).file}"

    def source_of(self, index: int) -> Path:
        """The file inside the installed package."""
        return _path(self._sample(index)) or Path(self.id_of(index))

    def size_of(self, index: int) -> int:
        """Bytes of the file."""
        return self.source_of(index).stat().st_size


def _path(sample: _Sample) -> Path | None:
    # Looking the package up does not import it, which would take a second.
    found = find_spec(sample.package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder) / sample.folder / sample.file
        if path.is_file():
            return path
    return None
