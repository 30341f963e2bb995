"""What `doctor` looks at, one check at a time."""

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

OK, WARN, FAIL = "ok", "warn", "fail"
_PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "numba",
    "pandas",
    "pyarrow",
    "safetensors",
    "PIL",
    "matplotlib",
)
_DISTRIBUTIONS = {"PIL": "pillow"}
_NETWORK, _PIXELS = "squeezenet1_1", 64
_LITTLE_MEMORY, _LITTLE_DISK = 2e9, 1e9


@dataclass(frozen=True)
class Check:
    """What one check found.

    Attributes:
        name: what was looked at.
        state: ok, warn or fail.
        found: in words.
    """

    name: str
    state: str
    found: str

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON.

        >>> Check("python", "ok", "3.12").to_dict()["state"]
        'ok'
        """
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.state:<5} {self.name:<15} {self.found}"


def all_checks() -> Iterator[Check]:
    """Every check, made one after the other; a check that raises has failed."""
    yield Check("python", OK, f"{platform.python_version()} ({sys.executable})")
    for package in _PACKAGES:
        yield guarded(_DISTRIBUTIONS.get(package, package), partial(_package, package))
    yield guarded("timm", _timm)
    for name, look in _MACHINE.items():
        yield guarded(name, look)


def guarded(name: str, look: Callable[[], tuple[str, str]]) -> Check:
    """The check that `look` makes; an exception is a failure and its first line says why.

    >>> str(guarded("sums", lambda: (OK, f"{1 + 1}")))
    'ok    sums            2'
    >>> guarded("sums", lambda: (OK, 1 / 0)).found
    'ZeroDivisionError: division by zero'
    """
    try:
        return Check(name, *look())
    except Exception as error:
        reason = next(iter(str(error).splitlines()), "")
        return Check(name, FAIL, f"{type(error).__name__}: {reason}".rstrip(": "))


def _package(name: str) -> tuple[str, str]:
    import_module(name)
    return OK, version(_DISTRIBUTIONS.get(name, name))


def _timm() -> tuple[str, str]:
    try:
        return OK, version("timm")
    except PackageNotFoundError:
        return WARN, "not installed; only timm:NAME networks need it (neurolupa[timm])"


def _device() -> tuple[str, str]:
    import torch

    from neurolupa.models.devices import available_devices

    found = available_devices()
    names = [torch.cuda.get_device_name(each) if each.startswith("cuda") else each.upper() for each in found]
    return OK, ", ".join(names)


def _cores() -> tuple[str, str]:
    import torch

    return OK, f"{os.cpu_count()}, of which torch uses {torch.get_num_threads()}"


def _memory() -> tuple[str, str]:
    from neurolupa.scanning.plan import size

    try:
        page = os.sysconf("SC_PAGE_SIZE")
        total, free = (page * os.sysconf(name) for name in ("SC_PHYS_PAGES", "SC_AVPHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return WARN, "this system does not tell"
    return (WARN if total < _LITTLE_MEMORY else OK), f"{size(total)}, of which {size(free)} are unused"


def _weights_cache() -> tuple[str, str]:
    import torch

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    return _writable(folder)


def _weights() -> tuple[str, str]:
    import torch
    import torchvision.models

    folder = Path(torch.hub.get_dir()) / "checkpoints"
    names = torchvision.models.list_models(module=torchvision.models)
    files = {name: _published_file(name) for name in names}
    present = [name for name, file in files.items() if (folder / file).is_file()]
    if not present:
        return (
            WARN,
            f"none of {len(names)} cached: the default weights are downloaded, or give --weights FILE",
        )
    return OK, f"cached of {len(names)}: {', '.join(present)}"


def _published_file(name: str) -> str:
    import torchvision.models

    return torchvision.models.get_model_weights(name).DEFAULT.url.rsplit("/", 1)[-1]


def _compiled_cache() -> tuple[str, str]:
    from neurolupa.core import kernels

    own = Path(kernels.__file__).parent / "__pycache__"
    return _writable(Path(os.environ.get("NUMBA_CACHE_DIR") or own))


def _pictures() -> tuple[str, str]:
    from neurolupa.folders import user_folder

    return _writable(user_folder())


def _writable(folder: Path) -> tuple[str, str]:
    """Whether a file can be made in a folder, or in the nearest one above it that exists."""
    standing = next(each for each in (folder, *folder.absolute().parents) if each.is_dir())
    try:
        with tempfile.TemporaryFile(dir=standing):
            return OK, f"{folder} can be written"
    except OSError as error:
        return WARN, f"{folder} cannot be written: {error.strerror}"


def _disk() -> tuple[str, str]:
    from neurolupa.scanning.plan import size

    places = {"here": Path.cwd(), "for temporary files": Path(tempfile.gettempdir())}
    free = {name: shutil.disk_usage(place).free for name, place in places.items()}
    told = ", ".join(f"{size(count)} free {name}" for name, count in free.items())
    return (WARN if min(free.values()) < _LITTLE_DISK else OK), told


def _write_here() -> tuple[str, str]:
    with tempfile.TemporaryFile(dir=Path.cwd()):
        return OK, f"{Path.cwd()} can be written"


def _forward() -> tuple[str, str]:
    import torch

    from neurolupa.models import load_model

    model = load_model(_NETWORK, weights=None, input_size=_PIXELS)
    output = model.forward(torch.zeros(2, 3, _PIXELS, _PIXELS))
    if not bool(output.isfinite().all()):
        return FAIL, f"{_NETWORK} on {model.device} gives values that are not finite"
    return OK, f"{_NETWORK} on {model.device}: output of shape {tuple(output.shape)}"


def _scan() -> tuple[str, str]:
    from neurolupa.models import load_model
    from neurolupa.scanning import scan

    model = load_model(_NETWORK, weights=None, input_size=_PIXELS)
    with tempfile.TemporaryDirectory(prefix="neurolupa-doctor-") as folder:
        atlas = scan(model, "samples?limit=2", "features.1", Path(folder) / "atlas")
        units, read = len(atlas.units), atlas.source.read
    return OK, f"{read} photographs through {_NETWORK}: a page for each of {units} units"


_MACHINE: dict[str, Callable[[], tuple[str, str]]] = {
    "device": _device,
    "cores": _cores,
    "memory": _memory,
    "weights cache": _weights_cache,
    "weights": _weights,
    "synthetic pictures": _pictures,
    "compiled code": _compiled_cache,
    "write access": _write_here,
    "disk": _disk,
    "forward pass": _forward,
    "tiny scan": _scan,
}
