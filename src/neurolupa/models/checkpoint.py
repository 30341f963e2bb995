"""Tensors out of a file that somebody saved somewhere, and never any code."""

import argparse
import pickle
import pickletools
import re
import warnings
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from neurolupa.archives import refuse_bomb
from neurolupa.errors import DataError

SUFFIXES = (".pth", ".pt", ".th", ".safetensors")
_NESTS = ("state_dict", "model_state_dict", "model", "net", "network")
_ZIP = b"PK\x03\x04"
_PIECE = 1 << 20
# What training scripts leave beside the tensors: plain values whose loading runs no code of the file's.
_HARMLESS: list[Any] = [
    argparse.Namespace,
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]
    np._core.multiarray.scalar,  # type: ignore[attr-defined]
    np.dtype,
    *(type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_)),
]


def read_checkpoint(path: str | Path) -> OrderedDict[str, Tensor]:
    """The state dict of a `.pth`, `.pt`, `.th` or `.safetensors` file, on the CPU.

    It may lie at the top or under `state_dict`, `model_state_dict`, `model`, `net` or `network`. Files are
    read with `weights_only=True`: one that would run code is refused.

    Raises:
        DataError: The file is missing, truncated, damaged, not a checkpoint, or needs code.

    >>> read_checkpoint("missing.pth")
    Traceback (most recent call last):
    ...
    neurolupa.errors.DataError: no weights file at missing.pth
    """
    path = Path(path)
    if not path.exists():
        raise DataError(f"no weights file at {path}")
    if not path.is_file():
        raise DataError(f"{path} is a folder, not a weights file")
    refuse_bomb(path)
    content = _load_safetensors(path) if path.suffix.lower() == ".safetensors" else _load_pickle(path)
    return _state_dict(content, path.name)


def _load_safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path, device="cpu")
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise DataError(
            f"{path.name} is truncated or not a safetensors file: {_first_line(error)}"
        ) from error


def _load_pickle(path: Path) -> Any:
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_HARMLESS):
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
        _require_checksums(path)
    except Exception as error:
        raise _unreadable(path, error) from error
    return content


def _require_checksums(path: Path) -> None:
    """BadZipFile where a member is not what was saved: torch itself passes over a zip archive's checksums.

    They are 0 where it was told to save none.
    """
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.CRC:
                with archive.open(member) as stream:
                    while stream.read(_PIECE):
                        pass


def _unreadable(path: Path, error: Exception) -> DataError:
    if "TorchScript" in str(error):
        return DataError(
            f"{path.name} is a TorchScript archive, not a state dict; "
            "name a factory (path/file.py:factory) that returns torch.jit.load of it, or pass that module"
        )
    if isinstance(error, PermissionError):
        return DataError(f"{path.name} cannot be read: {error.strerror}")
    if isinstance(error, pickle.UnpicklingError) and (code := _code_in(path, str(error))):
        return DataError(
            f"{path.name} holds Python code or objects ({code}), which are never run; "
            "save the tensors alone with torch.save(model.state_dict(), FILE)"
        )
    if isinstance(error, zipfile.BadZipFile):
        return DataError(f"{path.name} is damaged: its checksums do not fit; fetch or copy it again")
    return DataError(f"{path.name} is truncated or not a checkpoint")


def _code_in(path: Path, message: str) -> str | None:
    """The first foreign name that a refused pickle asks for, None if it is no pickle at all."""
    if found := re.search(r"GLOBAL ([\w.]+)", message):
        return found.group(1)
    strings: list[str] = []
    try:
        for code, argument, _ in pickletools.genops(path.read_bytes()):
            if code.name in ("GLOBAL", "INST"):
                return str(argument).replace(" ", ".")
            if code.name == "STACK_GLOBAL":
                return ".".join(strings[-2:])
            if isinstance(argument, str):
                strings.append(argument)
    except (ValueError, IndexError, UnicodeDecodeError):
        return None
    return None


def _state_dict(content: Any, origin: str) -> OrderedDict[str, Tensor]:
    if not isinstance(content, Mapping):
        raise DataError(f"{origin} is not a checkpoint: it holds a {type(content).__name__}")
    for nest in _NESTS:
        if isinstance(content.get(nest), Mapping):
            return _state_dict(content[nest], origin)
    tensors = OrderedDict((str(k), v) for k, v in content.items() if isinstance(v, Tensor))
    if not tensors:
        keys = ", ".join(map(str, list(content)[:5])) or "it is empty"
        raise DataError(f"{origin} is not a checkpoint: no named tensors among its keys ({keys})")
    if (metadata := getattr(content, "_metadata", None)) is not None:
        # Versions of layers, which their own conversions of old files go by.
        tensors._metadata = metadata  # type: ignore[attr-defined]
    return tensors


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
