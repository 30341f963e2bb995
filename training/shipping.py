"""From a trained network to the files that ship: weights in half precision, card.json and CARD.md."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn

from neurolupa.models.embedded import CLASSES, PREPROCESSING
from neurolupa.models.embedded.shipped import CARD, WEIGHTS, digest
from training.recipe import Recipe

LARGEST = 2_000_000  # bytes


def write_weights(module: nn.Module, folder: Path) -> dict[str, Any]:
    """Writes the tensors that inference reads as fp16 safetensors; gives what the card says of the file.

    Raises:
        SystemExit: The file is larger than the package allows.
    """
    tensors = {
        name: tensor.half().contiguous()
        for name, tensor in module.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    path = folder / WEIGHTS
    save_file(tensors, path, metadata={"format": "pt"})
    if path.stat().st_size > LARGEST:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes; at most {LARGEST:,} may ship")
    return {
        "file": path.name,
        "sha256": digest(path),
        "bytes": path.stat().st_size,
        "dtype": "float16",
        "parameters": sum(parameter.numel() for parameter in module.parameters()),
    }


def write_card(
    folder: Path,
    weights: dict,
    recipe: Recipe,
    sets: dict[str, int],
    curve: list[dict],
    evaluations: list[dict],
) -> None:
    """Writes `card.json`, which `load_model` checks the weights against."""
    card = {
        "network": "embedded",
        "weights": weights,
        "classes": CLASSES,
        "preprocessing": PREPROCESSING.to_dict(),
        "training": {
            "sets": sets,
            "recipe": asdict(recipe),
            "seconds": round(sum(line["seconds"] for line in curve)),
            "threads": torch.get_num_threads(),
            "last_epoch": curve[-1],
            "torch": torch.__version__.split("+")[0],
        },
        "evaluation": evaluations,
    }
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (folder / CARD).write_text(text, encoding="utf-8")
