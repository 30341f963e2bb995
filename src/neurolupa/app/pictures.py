"""From what was asked for to a decoded picture, with its image set where it has one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlsplit

from neurolupa.app.failing import Failure, WorkError
from neurolupa.app.request import ImageRef
from neurolupa.app.visitors import may_read
from neurolupa.errors import NeurolupaError, UsageError
from neurolupa.images import ImageSet, Picture, UnreadableImage, load_images, open_image

MOST_PIXELS = 50_000_000
UNLABELLED = -1
_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Upload:
    """A file that a person handed in; `digest` is the SHA-256 of its bytes."""

    name: str
    data: bytes
    digest: str

    @classmethod
    def of(cls, name: str, data: bytes) -> "Upload":
        """The file with its digest.

        >>> Upload.of("cat.png", b"").digest[:12]
        'e3b0c44298fc'
        """
        return cls(name, data, sha256(data).hexdigest())


@dataclass(frozen=True, eq=False)
class Opened:
    """A decoded picture and the image set that it belongs to."""

    picture: Picture
    images: ImageSet | None = None

    @property
    def name(self) -> str:
        """What tells it from an equal picture of another origin."""
        return self.picture.id if self.images is None else f"{self.images.spec}#{self.picture.id}"


def open_picture(image: ImageRef, upload: Upload | None) -> Opened:
    """The picture that a reference means; an address is fetched now.

    Raises:
        WorkError: There is no such picture, or it cannot be read.

    >>> open_picture(ImageRef("sample", "cat"), None).picture.class_name
    'cat'
    """
    if image.kind == "upload":
        return _uploaded(image, upload)
    if not image.value:
        raise WorkError(Failure("image_missing"))
    if image.kind == "url":
        return _fetched(image.value)
    with _telling():
        return _of_set(image)


def _fetched(address: str) -> Opened:
    try:
        decoded = open_image(address, max_pixels=MOST_PIXELS)
    except (NeurolupaError, OSError) as error:
        told = error.reason if isinstance(error, UnreadableImage) else str(error)
        raise WorkError(Failure("address", {"address": short_address(address), "reason": told})) from error
    return Opened(Picture(0, address, UNLABELLED, decoded, None))


def short_address(address: str) -> str:
    """An address as it was given; of a long one its host, and only the beginning where it has none.

    >>> short_address("https://a.org/cat.jpg"), short_address("https://a.org/" + "x" * 100)
    ('https://a.org/cat.jpg', 'a.org')
    """
    if len(address) <= _LONGEST_SHOWN:
        return address
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        host = ""
    return (host or address)[:_LONGEST_SHOWN]


def _uploaded(image: ImageRef, upload: Upload | None) -> Opened:
    if upload is None:
        raise WorkError(Failure("image_missing"))
    if not upload.digest.startswith(image.value):
        raise WorkError(Failure("image_other", {"digest": image.value[:12]}))
    with _telling():
        decoded = open_image(upload.data, max_pixels=MOST_PIXELS)
    return Opened(Picture(0, upload.name, UNLABELLED, decoded, None))


def _of_set(image: ImageRef) -> Opened:
    spec, index = ("samples", _sample_index(image.value)) if image.kind == "sample" else image.split()
    if not may_read(spec):
        raise WorkError(Failure("visitor_images"))
    images = load_images(spec)
    if index >= len(images):
        raise WorkError(Failure("image_index", {"index": index, "last": len(images) - 1}))
    return Opened(images[index], images)


def _sample_index(name: str) -> int:
    samples = load_images("samples")
    names = [samples.classes[label] for label in samples.labels]
    if name not in names:
        raise WorkError(Failure("image_missing"))
    return names.index(name)


@contextmanager
def _telling() -> Iterator[None]:
    try:
        yield
    except UnreadableImage as error:
        raise WorkError(Failure("image_unreadable", {"reason": error.reason})) from error
    except UsageError as error:
        raise WorkError(Failure("image_refused", {"reason": str(error)})) from error
    except (NeurolupaError, OSError) as error:
        raise WorkError(Failure("image_failed", {"reason": str(error)})) from error
