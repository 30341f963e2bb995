"""`cifar10:DIR?split=test`: CIFAR-10 as torchvision downloads and keeps it."""

from pathlib import Path
from typing import TYPE_CHECKING

from neurolupa.errors import DataError, UsageError, unknown
from neurolupa.images.arrays import ArraySet
from neurolupa.images.classes import checked_labels
from neurolupa.images.registry import IMAGE_SETS

if TYPE_CHECKING:
    from torchvision.datasets import CIFAR10

_SPLITS = ("test", "train")


@IMAGE_SETS.register("cifar10")
def open_cifar10(where: str, *, split: str = "test") -> ArraySet:
    """CIFAR-10 below the folder `where`, in torchvision's layout; downloaded there if it is absent.

    `split` is train (50,000) or test (10,000). DataError where it is neither there nor to be had.
    """
    if split not in _SPLITS:
        raise unknown("split", split, _SPLITS)
    if not where:
        raise UsageError("cifar10 needs a folder: cifar10:DIR")
    data = _cifar10(Path(where).expanduser(), split == "train")
    return ArraySet(
        "cifar10",
        f"cifar10:{where}",
        data.data,
        checked_labels(data.targets, "cifar10"),
        tuple(data.classes),
        prefix=split,
        split=split,
    )


def _cifar10(root: Path, train: bool) -> "CIFAR10":
    from torchvision.datasets import CIFAR10  # torch is heavy, and only this kind of set needs it

    try:
        return CIFAR10(root, train=train)
    except RuntimeError:  # torchvision's word for absent or damaged
        pass
    was_there = root.exists()
    try:
        return CIFAR10(root, train=train, download=True)
    except Exception as error:  # no connection, no disk, no permission, a changed file: all end the same way
        if not was_there and root.is_dir() and not any(root.iterdir()):
            root.rmdir()
        raise DataError(f"CIFAR-10 is not in {str(root)!r} and cannot be downloaded: {error}") from error
