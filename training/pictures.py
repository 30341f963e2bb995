"""CIFAR-10 in memory, and the random crops and mirrorings that training sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from neurolupa.images import load_images
from neurolupa.models import Preprocessing

PAD = 4
GREY = 122  # about CIFAR-10's mean, so that a hidden part says little to the network


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures (N, 32, 32, 3) uint8 and their labels (N,)."""

    pixels: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def read_pictures(specs: Sequence[str]) -> Pictures:
    """All the pictures of the image sets, in their order."""
    sets = [load_images(spec) for spec in specs]
    pixels = np.stack([np.asarray(picture.image) for images in sets for picture in images])
    labels = np.concatenate([images.labels for images in sets])
    return Pictures(torch.from_numpy(pixels), torch.from_numpy(labels))


def normalise(pixels: Tensor, preprocessing: Preprocessing) -> Tensor:
    """The network's input (N, 3, H, W), channels last in memory, of uint8 pictures (N, H, W, 3)."""
    mean, std = torch.tensor(preprocessing.mean), torch.tensor(preprocessing.std)
    return pixels.float().div(255).sub(mean).div(std).permute(0, 3, 1, 2)


def batches(
    pictures: Pictures, size: int, batch: int, epoch: int, seed: int, hidden: int = 0
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of one epoch: uint8 crops (n, size, size, 3) at random places of padded pictures, and labels.

    A picture's first mirroring is random; from then on it alternates with the epochs, so that both sides are
    seen equally often. With `hidden`, a square of so many pixels around a random point is grey (cutout:
    DeVries and Taylor 2017). What is left over after the last full batch is passed over.
    """
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    first = torch.randint(0, 2, (len(pictures),), generator=torch.Generator().manual_seed(seed))
    order = torch.randperm(len(pictures), generator=generator)
    for chosen in order[: len(order) // batch * batch].split(batch):
        pixels = _crops(_padded(pictures.pixels[chosen]), size, generator)
        mirrored = ((first[chosen] + epoch) % 2).bool()
        pixels[mirrored] = pixels[mirrored].flip(2)
        if hidden:
            _hide(pixels, hidden, generator)
        yield pixels, pictures.labels[chosen]


def _padded(pixels: Tensor) -> Tensor:
    channels_first = pixels.permute(0, 3, 1, 2).float()
    return F.pad(channels_first, (PAD,) * 4, mode="reflect").permute(0, 2, 3, 1).to(torch.uint8)


def _crops(pixels: Tensor, size: int, generator: torch.Generator) -> Tensor:
    count, room = len(pixels), pixels.shape[1] - size + 1
    tops, lefts = torch.randint(0, room, (2, count, 1), generator=generator)
    steps = torch.arange(size)
    rows, columns = (tops + steps)[:, :, None], (lefts + steps)[:, None, :]
    return pixels[torch.arange(count)[:, None, None], rows, columns]


def _hide(pixels: Tensor, side: int, generator: torch.Generator) -> None:
    """Greys, in place, a square around a random point of every picture; what lies outside is cut off."""
    count, size = pixels.shape[:2]
    tops, lefts = torch.randint(0, size, (2, count, 1), generator=generator) - side // 2
    steps = torch.arange(size)
    rows = (steps >= tops) & (steps < tops + side)
    columns = (steps >= lefts) & (steps < lefts + side)
    pixels[rows[:, :, None] & columns[:, None, :]] = GREY
