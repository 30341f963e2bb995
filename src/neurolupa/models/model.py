"""A network with its own preprocessing, class names, and where all of it came from."""

import threading
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import torch
from PIL import Image
from torch import Tensor, nn

from neurolupa.errors import DataError, UsageError
from neurolupa.models.info import ModelInfo, describe_module, digest_tensors
from neurolupa.models.preprocessing import Preprocessing
from neurolupa.models.running import dtype_of, run

_PROBED = 16


@dataclass(frozen=True)
class Weights:
    """Where a network's tensors came from.

    Attributes:
        source: "default" (the network's published ones), "file", "random", or "given" (as a factory built
            them, or as the caller's module had them).
        file: Name of the file, without its folder.
        seed: What random tensors were drawn with; None where nothing is random.
        random_tensors: Tensors that the file did not fill (with `allow_partial`).
        unused_tensors: Tensors of the file that the network has no place for (with `allow_partial`).
    """

    source: Literal["default", "file", "random", "given"]
    file: str | None = None
    seed: int | None = None
    random_tensors: tuple[str, ...] = ()
    unused_tensors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """One class that a network gives a picture.

    Attributes:
        class_id: Index of the output.
        name: The class's name, None where the network has no names.
        logit: The output itself.
        probability: Its softmax over all outputs.
    """

    class_id: int
    name: str | None
    logit: float
    probability: float


@dataclass(frozen=True, eq=False)
class Model:
    """A network, ready to run: compared and hashed by identity.

    Attributes:
        name: Short name, such as "resnet18".
        spec: What was asked for.
        module: The network in eval mode on `device`, taken out of what people wrap around networks.
        preprocessing: From a picture to its input.
        classes: Names of its outputs, None where they are unknown.
        weights: Where its tensors came from.
        device: Where it runs.
        notes: What a reader of its results should know.
        lock: Held while it runs: one forward pass at a time.
    """

    name: str
    spec: str
    module: nn.Module = field(repr=False)
    preprocessing: Preprocessing
    classes: tuple[str, ...] | None = field(repr=False)
    weights: Weights
    device: torch.device
    notes: tuple[str, ...] = ()
    lock: Any = field(default_factory=threading.RLock, repr=False)

    def prepare(self, image: Image.Image) -> Tensor:
        """The network's input (C, H, W) for a picture: float32, normalised, on the CPU."""
        return self.preprocessing.prepare(image)

    def unprepare(self, tensor: Tensor) -> Image.Image:
        """The picture that a normalised tensor (C, H, W) shows."""
        return self.preprocessing.unprepare(tensor)

    def forward(self, batch: Tensor) -> Tensor:
        """The outputs for a batch (N, C, H, W), without gradients, one caller at a time.

        Raises:
            DataError: The network cannot run on this shape, or returns something else than one tensor.
        """
        with self.lock:
            return run(self.module, batch.to(self.device, dtype_of(self.module)), self.name)

    def predict(self, image: Image.Image | str | Path | Tensor, k: int = 5) -> tuple[Prediction, ...]:
        """The `k` strongest classes of one picture, the strongest first.

        Args:
            image: A picture, the path of one, or a prepared tensor (C, H, W).
            k: How many classes; never more than the network has.

        Raises:
            UsageError: `k` below 1, or an image of another kind.
            DataError: A file that is no picture, or a network without one output a class.
        """
        if k < 1:
            raise UsageError(f"k is at least 1, not {k}")
        output = self.forward(self._as_input(image)[None])
        if output.ndim != 2:
            raise DataError(f"{self.name} gives an output of shape {tuple(output.shape)}, not (1, classes)")
        return self.strongest(output[0], k)

    def strongest(self, logits: Tensor, k: int = 5) -> tuple[Prediction, ...]:
        """The `k` strongest classes of one picture's outputs (classes,), the strongest first.

        >>> from neurolupa.models import load_model
        >>> load_model(nn.Flatten(), input_size=1).strongest(torch.tensor([0.0, 2.0, 1.0]), 2)[0].class_id
        1
        """
        values = logits.to("cpu", torch.float64)
        best = values.topk(min(k, values.numel()))
        probabilities = values.softmax(0)[best.indices].tolist()
        found = zip(best.indices.tolist(), best.values.tolist(), probabilities, strict=True)
        return tuple(Prediction(i, self._class_name(i), logit, share) for i, logit, share in found)

    def info(self) -> ModelInfo:
        """Parameters, size and layers."""
        return describe_module(self.name, self.module)

    @cached_property
    def weights_digest(self) -> str:
        """SHA-256 over the sorted names, types, shapes and bytes of all tensors, computed once."""
        return digest_tensors(self.module.state_dict())

    def probe_output(self) -> tuple[float, ...]:
        """The first 16 outputs on a fixed input: equal tensors run by other code show here."""
        output = self.forward(probe_batch(self.preprocessing))
        return tuple(output.flatten()[:_PROBED].to("cpu", torch.float64).tolist())

    def to_dict(self) -> dict[str, Any]:
        """Where the network came from, as JSON-able values without absolute folders."""
        return {
            "name": self.name,
            "spec": Path(self.spec).name if Path(self.spec).is_absolute() else self.spec,
            "weights": {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self.weights).items()},
            "weights_digest": self.weights_digest,
            "preprocessing": self.preprocessing.to_dict(),
            "classes": None if self.classes is None else list(self.classes),
            "notes": list(self.notes),
        }

    def _class_name(self, index: int) -> str | None:
        return self.classes[index] if self.classes is not None else None

    def _as_input(self, image: Image.Image | str | Path | Tensor) -> Tensor:
        if isinstance(image, Tensor):
            if image.ndim != 3:
                raise DataError(f"a prepared picture has the shape (C, H, W), not {tuple(image.shape)}")
            return image
        if isinstance(image, str | Path):
            return self.prepare(_open(Path(image)))
        if isinstance(image, Image.Image):
            return self.prepare(image.convert("RGB"))
        raise UsageError(f"a picture, a path or a tensor can be predicted, not a {type(image).__name__}")


def probe_batch(preprocessing: Preprocessing) -> Tensor:
    """A fixed normalised input (1, C, H, W) that exercises every pixel and draws no random number.

    >>> probe_batch(Preprocessing(input_size=(2, 2), mean=(0.0,), std=(1.0,), channels=1)).shape
    torch.Size([1, 1, 2, 2])
    """
    height, width = preprocessing.input_size
    count = torch.arange(preprocessing.channels * height * width)
    values = (count * 40503 % 65536).to(torch.float32).div(65535).view(1, -1, height, width)
    mean, std = (torch.tensor(v).view(1, -1, 1, 1) for v in (preprocessing.mean, preprocessing.std))
    return (values - mean) / std


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except FileNotFoundError:
        raise DataError(f"no picture at {path}") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataError(f"{path.name} is not a picture that can be read: {error}") from error
