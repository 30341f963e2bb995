"""`load_model`: from what a person types to a network that is ready to run."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor, nn

from neurolupa.errors import DataError, UsageError
from neurolupa.models.architecture import NETWORKS, Architecture
from neurolupa.models.checkpoint import read_checkpoint
from neurolupa.models.classes import read_classes
from neurolupa.models.devices import resolve_device
from neurolupa.models.factories import factory_architecture, module_architecture
from neurolupa.models.fitting import Fit, clean, fit
from neurolupa.models.model import Model, Weights, probe_batch
from neurolupa.models.preprocessing import Preprocessing
from neurolupa.models.seeding import checked_seed, randomise, seeded
from neurolupa.models.timm_networks import timm_architecture
from neurolupa.models.wrappers import unwrap


@dataclass(frozen=True)
class _Request:
    """What was asked for besides the network, checked."""

    weights: str | Path | None
    names: tuple[str, ...] | None
    allow_partial: bool
    seed: int


@dataclass(frozen=True)
class _Filled:
    """A network with its tensors."""

    module: nn.Module
    weights: Weights
    outputs: int | None
    notes: tuple[str, ...] = ()


def load_model(
    spec: str | nn.Module,
    *,
    weights: str | Path | None = "default",
    classes: str | Path | Sequence[str] | None = None,
    input_size: int | tuple[int, int] | None = None,
    mean: float | Sequence[float] | None = None,
    std: float | Sequence[float] | None = None,
    device: str = "auto",
    allow_partial: bool = False,
    seed: int = 0,
) -> Model:
    """A network with its weights, preprocessing and class names, in eval mode.

    Args:
        spec: A torchvision classification network or another name of `NETWORKS`, "timm:NAME",
            "pkg.module:factory", "path/file.py:factory", or a module. A module is used itself (and put in
            eval mode on `device`) with the default weights, and copied otherwise.
        weights: "default" for the published ones (of a factory or module: as it is), the path of a
            `.pth`, `.pt`, `.th` or `.safetensors` file, or None for random ones.
        classes: Names of the network's outputs, as a list or a `.json` or `.txt` file. A file of weights
            whose head has that many outputs gets a head of that size.
        input_size: Another input size, one number or (height, width).
        mean: Another mean a channel, in units of 0..1.
        std: Another standard deviation a channel, in units of 0..1.
        device: "auto" (CUDA, else MPS, else CPU), "cpu", "cuda", "cuda:1", "mps".
        allow_partial: Load what fits of a file; the rest stays random and is recorded.
        seed: What random tensors are drawn with. The caller's random state stays as it is.

    Raises:
        UsageError: An unknown name or a bad value.
        DataError: A file, factory or network that does not work, in one line.

    >>> model = load_model("squeezenet1_1", weights=None)
    >>> model.preprocessing.input_size, model.weights.source
    ((224, 224), 'random')
    """
    seed, place = checked_seed(seed), resolve_device(device)
    names = None if classes is None else read_classes(classes)
    with seeded(seed):
        architecture = _find(spec)
        seen = _recipe(architecture, weights).altered(input_size, mean, std)
        assumed = _assumptions(architecture, input_size=input_size, mean=mean, std=std)
        filled = _fill(architecture, _Request(weights, names, allow_partial, seed))
        module = filled.module.eval().to(place)
        model = Model(
            name=architecture.name,
            spec=spec if isinstance(spec, str) else f"module:{architecture.name}",
            module=module,
            preprocessing=seen,
            classes=None,
            weights=filled.weights,
            device=place,
            notes=(*architecture.notes, *assumed, *filled.notes),
        )
        known = _class_names(architecture, names, filled, lambda: model.forward(probe_batch(seen)))
    return replace(model, classes=known)


def as_model(network: Model | str | nn.Module, input_size: int | tuple[int, int] | None = None) -> Model:
    """A network however it is given: a `Model` as it is, a name or a module by way of `load_model`.

    Args:
        network: A model, what `load_model` takes as a name, or a module, used itself and in eval mode.
        input_size: For a name or a module; a model has its own.

    Raises:
        UsageError: An unknown name, or something else.
        DataError: A network that cannot be loaded.

    >>> as_model(nn.Conv2d(3, 1, 1), input_size=8).preprocessing.input_size
    (8, 8)
    """
    if isinstance(network, Model):
        return network
    return load_model(network, input_size=input_size)


_ASSUMED = {"input_size": "224 pixels", "mean": "ImageNet's mean", "std": "ImageNet's std"}


def _assumptions(architecture: Architecture, **given: object) -> tuple[str, ...]:
    """What nobody has told of the preprocessing, and how to tell it."""
    missing = [name for name in architecture.assumed if given[name] is None]
    if not missing:
        return ()
    told = ", ".join(_ASSUMED[name] for name in missing)
    options = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
    words = ", ".join(f"{name}=" for name in missing)
    return (f"assumed: {told}; give others with {options} (in Python {words})",)


def _find(spec: str | nn.Module) -> Architecture:
    if isinstance(spec, nn.Module):
        return module_architecture(spec)
    if not isinstance(spec, str):
        raise UsageError(f"a network is a name, a factory or a torch.nn.Module, not a {type(spec).__name__}")
    if spec.startswith("timm:"):
        return timm_architecture(spec.removeprefix("timm:"))
    if ":" in spec or spec.endswith(".py"):
        return factory_architecture(spec)
    return NETWORKS[spec]()


def _recipe(architecture: Architecture, weights: str | Path | None) -> Preprocessing:
    """The preprocessing of the published file of this name, else the network's usual one."""
    return architecture.recipes.get(Path(weights or "").name, architecture.preprocessing)


def _fill(architecture: Architecture, request: _Request) -> _Filled:
    if request.weights is None:
        return _random(architecture, request.seed)
    if request.weights != "default":
        return _from_file(architecture, Path(request.weights), request)
    if architecture.ready:
        return _as_given(architecture, request.seed)
    if architecture.published is None:
        raise UsageError(
            f"{architecture.name} has no weights of its own; give a file, or ask for random ones "
            "(--weights random, in Python weights=None)"
        )
    tensors = architecture.published()
    filled, found = _poured(architecture, tensors, None, Weights("default"))
    if not found.complete:
        raise DataError(f"the published weights do not fit {architecture.name}: {found}")
    return filled


def _as_given(architecture: Architecture, seed: int) -> _Filled:
    built = architecture.build(None)
    module, notes = unwrap(built)
    if architecture.shared and built.training:
        notes = (*notes, "the module was in training mode; it is in eval mode now")
    return _Filled(module, Weights("given", seed=None if architecture.shared else seed), None, notes)


def _random(architecture: Architecture, seed: int) -> _Filled:
    module, notes = _fresh(architecture, None)
    kept = randomise(module) if architecture.ready else ()
    if kept and len(kept) == len(list(module.parameters())):
        raise DataError(f"no layer of {architecture.name} can draw its weights anew, as random weights need")
    if kept:
        notes = (*notes, f"{len(kept)} parameters that no layer can draw anew kept their values: {kept[0]}")
    return _Filled(module, Weights("random", seed=seed), architecture.outputs, notes)


def _from_file(architecture: Architecture, path: Path, request: _Request) -> _Filled:
    tensors = read_checkpoint(path)
    weights = Weights("file", file=path.name)
    filled, found = _poured(architecture, tensors, None, weights)
    if found.head_outputs == len(request.names or ()) and not architecture.ready:
        filled, found = _poured(architecture, tensors, found.head_outputs, weights)
    if found.complete:
        return filled
    if not request.allow_partial:
        raise _misfit(architecture, path.name, found)
    return _partial(architecture, filled, found, request.seed)


def _poured(
    architecture: Architecture, tensors: Mapping[str, Tensor], outputs: int | None, weights: Weights
) -> tuple[_Filled, Fit]:
    """A fresh network with as many outputs, and what fits of the tensors in it."""
    module, notes = _fresh(architecture, outputs)
    found = fit(module, clean(tensors, module, architecture.rename, architecture.ignored))
    return _Filled(module, weights, outputs or architecture.outputs, notes), found


def _fresh(architecture: Architecture, outputs: int | None) -> tuple[nn.Module, tuple[str, ...]]:
    """A network that nobody else holds."""
    module, notes = unwrap(architecture.build(outputs))
    return (copy.deepcopy(module) if architecture.shared else module), notes


def _misfit(architecture: Architecture, file: str, found: Fit) -> DataError:
    if not found.loaded:
        return DataError(f"no tensor of {file} fits {architecture.name}: {found}")
    if found.head_outputs is not None and not architecture.ready:
        hint = f"--classes with {found.head_outputs} names (in Python classes=) builds that head, or "
    else:
        hint = ""
    return DataError(
        f"{file} does not fit {architecture.name}: {found}; "
        f"{hint}allow_partial=True (--allow-partial) loads the {found.loaded} tensors that fit"
    )


def _partial(architecture: Architecture, filled: _Filled, found: Fit, seed: int) -> _Filled:
    if not found.loaded:
        raise _misfit(architecture, filled.weights.file or "", found)
    weights = replace(
        filled.weights,
        seed=seed,
        random_tensors=found.random_tensors,
        unused_tensors=tuple(found.unexpected),
    )
    note = f"loaded in part: {found}; what the file did not fill stayed as built with seed {seed}"
    return replace(filled, weights=weights, notes=(*filled.notes, note))


def _class_names(
    architecture: Architecture, names: tuple[str, ...] | None, filled: _Filled, run_once: Callable[[], Tensor]
) -> tuple[str, ...] | None:
    """The given names, else those that belong to the weights; random outputs have none."""
    wanted = names
    if wanted is None and filled.weights.source != "random":
        wanted = architecture.categories
    if wanted is None:
        return None
    outputs = filled.outputs or run_once().shape[-1]
    if len(wanted) != outputs:
        raise DataError(f"{len(wanted)} class names for {architecture.name}, which has {outputs} outputs")
    return wanted
