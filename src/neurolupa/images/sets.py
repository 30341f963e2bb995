"""An image set: pictures in a fixed order, each decoded when it is asked for."""

import json
import operator
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from hashlib import file_digest, sha256
from pathlib import Path

import numpy as np
from PIL import Image

from neurolupa.errors import DataError
from neurolupa.images.opening import MAX_PIXELS, ImageSource, image_size, open_image
from neurolupa.images.records import UNLABELLED, Entry, ImageSetInfo, Picture
from neurolupa.images.selection import Selection, parse_selection
from neurolupa.images.unreadable import UnreadableImage

_HEADERS_READ = 16


class ImageSet(ABC):
    """Images in a fixed order, some perhaps unreadable, which shows only when they are asked for.

    A kind of set says for an index what its id is, where its bytes are and how many; the rest is here. Labels
    are (N,) int64 indices into `classes`, -1 where unlabelled. Several threads may read at once.
    """

    def __init__(
        self,
        name: str,
        spec: str,
        labels: np.ndarray,
        classes: tuple[str, ...],
        *,
        labelled_by: str = "",
        split: str = "",
        left_out: int = 0,
    ) -> None:
        self.name = name
        self.spec = spec
        self.labels = labels.view()
        self.labels.flags.writeable = False
        self.classes = classes
        self.labelled_by = labelled_by if classes else ""
        self.split = split
        self.left_out = left_out
        self.max_pixels = MAX_PIXELS
        if not len(labels):
            raise DataError(f"{spec} holds no images")

    @abstractmethod
    def id_of(self, index: int) -> str:
        """A stable, unique name of an image, such as its path in the folder or "test/000123"."""

    @abstractmethod
    def source_of(self, index: int) -> ImageSource:
        """What `open_image` opens; may raise UnreadableImage."""

    @abstractmethod
    def size_of(self, index: int) -> int | None:
        """Bytes of an image; None where that is unknown before reading it."""

    def held(self, index: int) -> bool:
        """Whether the image was given in memory: then its contents are part of every digest."""
        return False

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """(file name, bytes) of the files that hold many images each; part of the digest."""
        return ()

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Picture]:
        return (self[index] for index in range(len(self)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.spec!r}: {len(self)} images, {len(self.classes)} classes>"

    def entry(self, index: int) -> Entry:
        """What is known of an image without decoding it."""
        index = self._checked(index)
        return Entry(index, self.id_of(index), int(self.labels[index]), self.size_of(index))

    def __getitem__(self, index: int) -> Picture:
        index = self._checked(index)
        label = int(self.labels[index])
        class_name = None if label == UNLABELLED else self.classes[label]
        return Picture(index, self.id_of(index), label, self._decoded(index), class_name)

    def _decoded(self, index: int) -> Image.Image:
        try:
            return open_image(self.source_of(index), max_pixels=self.max_pixels)
        except UnreadableImage as error:
            raise UnreadableImage(error.reason, self.id_of(index)) from error

    def _checked(self, index: int) -> int:
        found = operator.index(index)
        if not -len(self) <= found < len(self):
            raise IndexError(f"image {found} of {len(self)}")
        return found % len(self)

    def subset(self, **options: object) -> "ImageSet":
        """The images that `classes`, `per_class`, `sample` with `seed`, and `limit` leave, numbered from 0.

        Ids, labels and class names stay. UsageError for a wrong value, DataError where nothing is left.
        """
        return self.select(parse_selection(options))

    def select(self, selection: Selection) -> "ImageSet":
        """The subset that a parsed selection describes; the set itself where it asks for nothing."""
        return Subset(self, selection) if selection else self

    def info(self) -> ImageSetInfo:
        """Name, classes, counts per class, split, and sizes from a few headers."""
        sizes = [size for size in map(self._header_size, self._spread()) if size]
        return ImageSetInfo(
            name=self.name,
            classes=self.classes,
            total=len(self),
            per_class=self._per_class(),
            split=self.split,
            sizes=tuple(sorted(set(sizes))),
            headers=len(sizes),
            labelled_by=self.labelled_by,
            left_out=self.left_out,
        )

    def _per_class(self) -> dict[str, int]:
        counts = sorted(Counter(self.labels.tolist()).items())
        named = Counter(self.classes[label] for label, _ in counts if label != UNLABELLED)
        return {self._shown_class(label, named): count for label, count in counts}

    def _shown_class(self, label: int, named: Counter[str]) -> str:
        if label == UNLABELLED:
            return "unlabelled"
        name = self.classes[label]
        return name if named[name] == 1 else f"{name} ({label})"

    def _spread(self) -> list[int]:
        return sorted({int(index) for index in np.linspace(0, len(self) - 1, _HEADERS_READ)})

    def _header_size(self, index: int) -> tuple[int, int] | None:
        try:
            return image_size(self.source_of(index))
        except UnreadableImage:
            return None

    def digest(self, verify: bool = False) -> str:
        """SHA-256 over class names, container files, and the sorted (id, size, label) of every image.

        The contents of images given in memory join in, and with `verify` those of every image, so that an
        edit that keeps the size is seen too.
        """
        hashed = sha256(json.dumps([self.classes, self.stamps()]).encode())
        for line in sorted(self._digest_line(index, verify) for index in range(len(self))):
            hashed.update(line.encode() + b"\n")
        return hashed.hexdigest()

    def _digest_line(self, index: int, verify: bool) -> str:
        entry = self.entry(index)
        contents = [self._content_digest(index)] if verify or self.held(index) else []
        return json.dumps([entry.id, entry.size, entry.label, *contents])

    def _content_digest(self, index: int) -> str:
        try:
            return _hash_source(self.source_of(index))
        except (UnreadableImage, OSError, SyntaxError):
            return "unreadable"


class Subset(ImageSet):
    """Chosen images of another set, numbered from 0, with their own ids, labels and class names.

    The DataError for a choice that leaves nothing names the choice.
    """

    def __init__(self, base: ImageSet, selection: Selection) -> None:
        self._base = base
        self._indices = selection.indices(base.labels, base.classes, base.id_of)
        options = "&".join(f"{name}={value}" for name, value in selection.options().items())
        super().__init__(
            base.name,
            base.spec + ("&" if "?" in base.spec else "?") + options,
            base.labels[self._indices],
            base.classes,
            labelled_by=base.labelled_by,
            split=base.split,
            left_out=base.left_out,
        )
        self.max_pixels = base.max_pixels

    def id_of(self, index: int) -> str:
        """The id in the base set."""
        return self._base.id_of(int(self._indices[index]))

    def source_of(self, index: int) -> ImageSource:
        """The source in the base set."""
        return self._base.source_of(int(self._indices[index]))

    def size_of(self, index: int) -> int | None:
        """The bytes in the base set."""
        return self._base.size_of(int(self._indices[index]))

    def held(self, index: int) -> bool:
        """Whether the base set has it in memory."""
        return self._base.held(int(self._indices[index]))

    def stamps(self) -> tuple[tuple[str, int], ...]:
        """The container files of the base set."""
        return self._base.stamps()


def _hash_source(source: ImageSource) -> str:
    if isinstance(source, np.ndarray):
        return sha256(f"{source.dtype} {source.shape} ".encode() + source.tobytes()).hexdigest()
    if isinstance(source, Image.Image):
        looks = f"{source.mode} {source.size} {source.getpalette()} ".encode()
        return sha256(looks + source.tobytes()).hexdigest()
    if isinstance(source, bytes):
        return sha256(source).hexdigest()
    with Path(source).open("rb") as file:  # type: ignore[arg-type]
        return file_digest(file, "sha256").hexdigest()
