"""A network before its weights, and the registry of the named ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torch import Tensor, nn

from neurolupa.models.preprocessing import Preprocessing
from neurolupa.registry import Registry


@dataclass(frozen=True, eq=False)
class Architecture:
    """How to build a network, and what belongs to it besides its tensors.

    Attributes:
        name: Short name, such as "resnet18".
        build: Builds the network. Its argument is the wanted number of outputs, None for the usual one.
        preprocessing: What the network's own weights were trained to see.
        categories: Class names that belong to the network's own weights.
        outputs: How many outputs `build(None)` has, None where only a run can tell.
        published: Fetches the network's own weights; None if it has none.
        ready: `build` already gives the weights that are wanted by default, and ignores its argument.
        shared: `build` gives an object of the caller's, whose tensors must stay as they are.
        recipes: Preprocessing of other published weights, by the name of their file.
        rename: From the names of tensors in old files to those of today.
        ignored: Beginnings of the names of tensors in files that only training uses.
        assumed: Which of input_size, mean and std nobody told; ImageNet's stand for them.
        notes: What a reader of the results should know.
    """

    name: str
    build: Callable[[int | None], nn.Module]
    preprocessing: Preprocessing
    categories: tuple[str, ...] | None = None
    outputs: int | None = None
    published: Callable[[], Mapping[str, Tensor]] | None = None
    ready: bool = False
    shared: bool = False
    recipes: Mapping[str, Preprocessing] = field(default_factory=dict)
    rename: Callable[[str], str] = str
    ignored: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


NETWORKS: Registry[Callable[[], Architecture]] = Registry("network", "models")
"""Named networks. Each entry builds nothing yet: called, it gives its `Architecture`."""


def registered(spec: str) -> bool:
    """Whether a network is known by name: one that is not comes from code, which nothing read may run.

    >>> import neurolupa.models
    >>> registered("resnet18"), registered("net.py:Net")
    (True, False)
    """
    return spec in NETWORKS or spec.startswith("timm:")
