"""Pictures that were made before, kept on disk: one entry a picture, so that only what is missing is made."""

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from weakref import WeakKeyDictionary

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from neurolupa import __version__
from neurolupa.atlas.checks import path_of, whole_number
from neurolupa.capture import record
from neurolupa.errors import DataError, UsageError
from neurolupa.folders import user_folder
from neurolupa.models import Model
from neurolupa.models.model import probe_batch
from neurolupa.synthesis.objectives import OUTPUT, Diversity, Objective, Sum
from neurolupa.synthesis.optimising import Job, Outcome
from neurolupa.synthesis.parameterisations import PARAMETERISATIONS
from neurolupa.synthesis.prior import Prior

MOST_BYTES = 2**30
"""A gigabyte: 5,000 pictures of 128 x 128 pixels."""

_SUFFIX = ".safetensors"
_OWN = "neurolupa."
_TINY = 1e-30
_ARRAYS = ("pictures", "values", "curves", "steps", "restarted", "failed")


class PictureCache:
    """Synthetic pictures on disk, each under a key made of all that it depends on.

    The key holds the network (weights, what it gives for a fixed input, normalisation, type of its numbers),
    the objective, the stream of random numbers, the recipe, sizes, the prior with its arrays, the versions of
    neurolupa and torch, and the code that makes pictures; not the device and not the batch. Entries that are
    damaged are made anew; a folder that cannot be written keeps nothing. Several processes and threads may
    use it at the same time.

    Args:
        folder: Where; None takes `$NEUROLUPA_CACHE`, else this user's folder for caches.
        most_bytes: Above this, the entries that were not used for longest are removed.

    >>> from tempfile import TemporaryDirectory
    >>> from neurolupa.synthesis import synthesize
    >>> with TemporaryDirectory() as folder:
    ...     kept = PictureCache(folder)
    ...     first = synthesize("embedded", "conv1", [0, 1], steps=2, cache=kept)
    ...     again = synthesize("embedded", "conv1", [0, 1, 2], steps=2, cache=kept)
    ...     kept.hits, len(kept), bool((again.images[:2] == first.images).all())
    (2, 3, True)
    """

    def __init__(self, folder: str | os.PathLike | None = None, most_bytes: int = MOST_BYTES) -> None:
        if whole_number("most_bytes", most_bytes) < 0:
            raise UsageError(f"a cache holds at least 0 bytes, not {most_bytes}")
        self.folder = user_folder() / "synthesis" if folder is None else path_of("folder", folder)
        self.most_bytes = most_bytes
        self.hits = 0

    def __len__(self) -> int:
        return sum(path.suffix == _SUFFIX for path, _ in self._files())

    def found(self, job: Job) -> dict[int, Outcome]:
        """By their place in the job, the pictures that are kept, each as an outcome of its own.

        Pictures that look at their group are found together or not at all.
        """
        keys = [key_of(job, index) for index in range(len(job.objectives))]
        read = {index: self.read(key) for index, key in enumerate(keys) if key is not None}
        found = {index: outcome for index, outcome in read.items() if outcome is not None}
        split = {
            job.groups[index]
            for index, objective in enumerate(job.objectives)
            if index not in found and _looks_around(objective)
        }
        whole = {index: outcome for index, outcome in found.items() if job.groups[index] not in split}
        self.hits += len(whole)
        return whole

    def keep(self, job: Job, outcome: Outcome) -> None:
        """Keep the pictures of a finished job; not those that were interrupted or that failed."""
        if outcome.interrupted:
            return
        with suppress(OSError):
            for index, one in enumerate(outcome.singles()):
                key = key_of(job, index)
                if key is not None and not one.failed[0]:
                    self._write(key, one)
            self._trim()

    def clear(self) -> None:
        """Remove all that is kept."""
        for path, _ in self._files():
            path.unlink(missing_ok=True)
        for path in self.notes.glob("*"):
            path.unlink(missing_ok=True)

    @property
    def notes(self) -> Path:
        """The folder of the notes on which pictures belong together (see `galleries`)."""
        return self.folder / "galleries"

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def holds(self, key: str) -> bool:
        """Whether there is an entry under a key."""
        return self._path(key).is_file()

    def read(self, key: str) -> Outcome | None:
        """The picture under a key, as an outcome of its own; None where there is none, or it is damaged."""
        path = self._path(key)
        try:
            with safe_open(path, "np") as held:
                arrays = {name: held.get_tensor(name) for name in _ARRAYS}
                told = json.loads((held.metadata() or {})["told"])
            if told["key"] != key or told["digest"] != _digest(arrays.values()):
                return None
            os.utime(path)
            return Outcome(**arrays, interrupted=False, seconds=float(told["seconds"]))
        except (OSError, SafetensorError, ValueError, LookupError, TypeError):
            return None

    def _write(self, key: str, outcome: Outcome) -> None:
        arrays = {name: np.ascontiguousarray(getattr(outcome, name)) for name in _ARRAYS}
        told = {"key": key, "digest": _digest(arrays.values()), "seconds": outcome.seconds}
        self.folder.mkdir(parents=True, exist_ok=True)
        # Beside its place and then renamed, so that nobody reads half a picture.
        with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
            part.write(save(arrays, {"told": json.dumps(told)}))
        Path(part.name).replace(self._path(key))

    def _trim(self) -> None:
        files = sorted(self._files(), key=lambda one: one[1].st_mtime_ns)
        spare = sum(stat.st_size for _, stat in files) - self.most_bytes
        for path, stat in files:
            if spare <= 0:
                return
            path.unlink(missing_ok=True)
            spare -= stat.st_size

    def _files(self) -> Iterator[tuple[Path, os.stat_result]]:
        """Entries, and what writers left that were killed."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if path.suffix in (_SUFFIX, ".part"):
                with suppress(FileNotFoundError):  # another process may have trimmed it
                    yield path, path.stat()


def key_of(job: Job, index: int) -> str | None:
    """What one picture of a job is kept under; None where it hangs on code that is not neurolupa's own."""
    objective, recipe = job.objectives[index], job.recipe
    pieces = [*_terms(objective), *recipe.transforms, PARAMETERISATIONS[recipe.parameterisation]]
    if job.start is not None or not all(_is_own(one) for one in pieces):
        return None
    steps, canvas = job.model.preprocessing, job.canvas
    others = [seed for seed, group in zip(job.seeds, job.groups, strict=True) if group == job.groups[index]]
    told = {
        "weights": job.model.weights_digest,
        "code": [_behaviour(job.model, address) for address in objective.sites],
        "normalised": [steps.mean, steps.std, steps.channels],
        "dtype": str(canvas.dtype),
        "objective": [
            str(objective),
            repr(objective),
        ],
        "stream": job.seeds[index],
        "others": others if _looks_around(objective) else None,
        "recipe": repr(recipe),
        "size": [canvas.height, canvas.width, *job.view],
        "prior": [canvas.prior.name, _prior_digest(canvas.prior)],
        "versions": [__version__, str(torch.__version__), _code()],
    }
    return sha256(json.dumps(told).encode()).hexdigest()


_BEHAVIOURS: WeakKeyDictionary[Model, dict[str, list[float]]] = WeakKeyDictionary()
_PROBED, _DIGITS = 64, 3


def _behaviour(model: Model, address: str) -> list[float]:
    """What the network gives at a place for a fixed input: equal weights that other code runs differ here.

    In shares of the largest value and few digits, so that it is the same on every machine.
    """
    known = _BEHAVIOURS.setdefault(model, {})
    if address not in known:
        known[address] = _probed(model, address)
    return known[address]


def _probed(model: Model, address: str) -> list[float]:
    probe = probe_batch(model.preprocessing)
    try:
        seen = (
            model.forward(probe)
            if address == OUTPUT
            else next(iter(record(model, probe, [address]).values()))
        )
    except DataError:
        return []
    values = seen.detach().flatten().to("cpu", torch.float64).nan_to_num(0.0, 0.0, 0.0)
    chosen = values[:: max(1, len(values) // _PROBED)][:_PROBED]
    largest = max(float(values.abs().max()), _TINY)
    return [round(float(value), _DIGITS) + 0.0 for value in chosen / largest]


def _terms(objective: Objective) -> list[Objective]:
    return [term for _, term in objective.terms] if isinstance(objective, Sum) else [objective]


def _looks_around(objective: Objective) -> bool:
    return any(isinstance(term, Diversity) for term in _terms(objective))


def _is_own(piece: object) -> bool:
    return (piece if isinstance(piece, type) else type(piece)).__module__.startswith(_OWN)


def _prior_digest(prior: Prior) -> str:
    return _digest((prior.mean, prior.colours, prior.spectrum))


def _digest(arrays: Iterable[np.ndarray]) -> str:
    told = sha256()
    for values in arrays:
        told.update(f"{values.dtype}{values.shape}".encode())
        told.update(np.ascontiguousarray(values).tobytes())
    return told.hexdigest()


@cache
def _code() -> str:
    """A digest of the code that makes pictures: a changed working copy has the version that it had."""
    here = Path(__file__).parent
    passes = [here.parent / "capture" / f"{name}.py" for name in ("differentiating", "leaner", "redirecting")]
    files = sorted([*here.glob("*.py"), *passes])
    return sha256(b"".join(path.read_bytes() for path in files if path.is_file())).hexdigest()
