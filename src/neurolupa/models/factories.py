"""Networks of one's own: a function of a module or of a file, or a module object."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from hashlib import sha256
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from neurolupa.errors import DataError, NeurolupaError, UsageError
from neurolupa.models.architecture import Architecture
from neurolupa.models.classes import read_classes
from neurolupa.models.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocessing
from neurolupa.models.timm_networks import preprocessing_of


def factory_architecture(spec: str) -> Architecture:
    """The architecture of "pkg.module:factory" or "path/file.py:factory".

    The factory is called without arguments. Constants beside it describe the network: `INPUT_SIZE` (a number
    or height and width), `MEAN`, `STD` (a number a channel, in units of 0..1) and `CLASSES` (names).

    Raises:
        UsageError: No factory is named.
        DataError: The file, the module or the factory is missing, or it fails.

    >>> factory_architecture("torchvision.models:alexnet").name
    'alexnet'
    """
    place, _, name = spec.rpartition(":")
    if not place or not name:
        raise UsageError(f"{spec!r} names no factory; write pkg.module:factory or path/file.py:factory")
    home = _import_file(Path(place)) if place.endswith(".py") else _import_module(place)
    factory = _attribute(home, name, place)
    return _described(name, _call(spec, factory), vars(home), shared=isinstance(factory, nn.Module))


def module_architecture(module: nn.Module) -> Architecture:
    """The architecture of a module object: itself.

    >>> module_architecture(nn.Conv2d(1, 2, 3)).preprocessing.channels
    1
    """
    return _described(type(module).__name__, module, {}, shared=True)


def _described(
    name: str, module: nn.Module, constants: Mapping[str, Any], shared: bool = False
) -> Architecture:
    _refuse_meta(name, module)
    preprocessing, assumed = _preprocessing(module, constants)
    classes = constants.get("CLASSES")
    return Architecture(
        name=name,
        build=lambda _: module,
        preprocessing=preprocessing,
        categories=None if classes is None else read_classes(classes),
        ready=True,
        shared=shared,
        assumed=assumed,
    )


def _refuse_meta(name: str, module: nn.Module) -> None:
    tensors = (*module.named_parameters(), *module.named_buffers())
    empty = next((path for path, tensor in tensors if tensor.is_meta), None)
    if empty is not None:
        raise DataError(
            f"{name} is on the meta device, where tensors have no values ({empty}); build it on the CPU"
        )


def _preprocessing(module: nn.Module, constants: Mapping[str, Any]) -> tuple[Preprocessing, tuple[str, ...]]:
    given = {key: constants.get(key.upper()) for key in ("input_size", "mean", "std")}
    missing = tuple(name for name, value in given.items() if value is None)
    if isinstance(config := getattr(module, "pretrained_cfg", None), Mapping) and "input_size" in config:
        return preprocessing_of(config).altered(**given), ()
    grey = _input_channels(module) == 1
    assumed = Preprocessing(
        input_size=(224, 224),
        resize=256,
        mean=(sum(IMAGENET_MEAN) / 3,) if grey else IMAGENET_MEAN,
        std=(sum(IMAGENET_STD) / 3,) if grey else IMAGENET_STD,
        channels=1 if grey else 3,
    )
    return assumed.altered(**given), missing


def _input_channels(module: nn.Module) -> int | None:
    """Input channels of the first convolution, in the order of definition."""
    convolutions = (layer for layer in module.modules() if isinstance(layer, nn.Conv2d))
    first = next(convolutions, None)
    return None if first is None else first.in_channels


def _attribute(home: ModuleType, name: str, place: str) -> Any:
    if hasattr(home, name):
        return getattr(home, name)
    public = [key for key, value in vars(home).items() if callable(value) and not key.startswith("_")]
    near = get_close_matches(name, public, n=3) or public[:8]
    raise DataError(f"{place} has no factory {name!r}; nearest: {', '.join(near) or 'it has none'}")


def _call(spec: str, factory: Any) -> nn.Module:
    if isinstance(factory, nn.Module):
        return factory
    if not callable(factory):
        raise DataError(f"{spec} is a {type(factory).__name__}, not a function that builds a network")
    module = _guarded(factory, f"{spec} failed")
    if not isinstance(module, nn.Module):
        raise DataError(f"{spec} returned a {type(module).__name__}, not a torch.nn.Module")
    return module


def _import_module(name: str) -> ModuleType:
    with _importable(Path.cwd()):
        return _guarded(lambda: import_module(name), f"{name} cannot be imported")


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise DataError(f"no file at {path}, which should hold the factory")
    resolved = path.resolve()
    unique = f"_neurolupa_{resolved.stem}_{sha256(str(resolved).encode()).hexdigest()[:8]}"
    spec = spec_from_file_location(unique, resolved)
    if spec is None or spec.loader is None:
        raise DataError(f"{path} is not a Python file")
    module = module_from_spec(spec)
    # Dataclasses and pickles look their own module up while it runs.
    sys.modules[unique] = module
    loader = spec.loader
    with _importable(resolved.parent):
        _guarded(lambda: loader.exec_module(module), f"{path} cannot be imported")
    return module


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Modules of `folder` can be imported inside: an installed program does not look there by itself."""
    before = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = before


def _guarded(action: Callable[[], Any], what: str) -> Any:
    """The result of somebody else's code, its failure told in one line."""
    try:
        return action()
    except NeurolupaError:
        raise
    except (Exception, SystemExit) as error:
        first_line = next(iter(str(error).splitlines()), "")
        raise DataError(f"{what}: {type(error).__name__}: {first_line}".rstrip(": ")) from error
