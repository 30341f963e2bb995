"""Every classification network of torchvision, with the recipe and class names of its published weights."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torchvision.models
from torch import Tensor, nn
from torchvision.models import WeightsEnum
from torchvision.transforms._presets import ImageClassification

from neurolupa.errors import DataError
from neurolupa.models.architecture import NETWORKS, Architecture
from neurolupa.models.preprocessing import Preprocessing

# The auxiliary heads of these two serve training alone; their published weights expect `transform_input`.
_WITH_AUXILIARY_HEADS = ("googlenet", "inception_v3")
_AUXILIARY = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
_OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.(?=[12]\.)")


def torchvision_architecture(name: str) -> Architecture:
    """The architecture of a torchvision classification network, with its published weights described.

    >>> torchvision_architecture("resnet18").preprocessing.resize
    256
    """
    published = torchvision.models.get_model_weights(name)
    default: WeightsEnum = published["DEFAULT"]
    categories = tuple(default.meta["categories"])
    return Architecture(
        name=name,
        build=partial(_build, name),
        preprocessing=preset(default.transforms()),
        categories=categories,
        outputs=len(categories),
        published=partial(_download, name, default),
        recipes={weights.url.rsplit("/", 1)[-1]: preset(weights.transforms()) for weights in published},
        rename=partial(_OLD_DENSENET.sub, r"\1") if name.startswith("densenet") else str,
        ignored=_AUXILIARY.get(name, ()),
        notes=_notes(name),
    )


def preset(transforms: ImageClassification) -> Preprocessing:
    """The preprocessing of a torchvision weights' own transforms."""
    (crop,), (resize,) = transforms.crop_size, transforms.resize_size
    return Preprocessing(
        input_size=(crop, crop),
        resize=resize,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
        interpolation=transforms.interpolation.value,
    )


def _build(name: str, outputs: int | None) -> nn.Module:
    options: dict[str, Any] = {} if outputs is None else {"num_classes": outputs}
    if name in _WITH_AUXILIARY_HEADS:
        options |= {"aux_logits": False, "transform_input": True, "init_weights": True}
    return torchvision.models.get_model(name, weights=None, **options)


def _download(name: str, weights: WeightsEnum) -> Mapping[str, Tensor]:
    try:
        return weights.get_state_dict(progress=True, check_hash=True, map_location="cpu", weights_only=True)
    except Exception as error:
        raise not_downloaded(name, error) from error


def not_downloaded(name: str, error: BaseException) -> DataError:
    """The error for weights that could not be fetched, with what to do instead."""
    reason = next(iter(str(error).splitlines()), "") or type(error).__name__
    return DataError(
        f"the weights of {name} could not be downloaded ({reason}); "
        "give a file of them, or ask for random ones (--weights random, in Python weights=None)"
    )


def _notes(name: str) -> tuple[str, ...]:
    if name not in _WITH_AUXILIARY_HEADS:
        return ()
    return ("auxiliary heads, used in training only, are left out; transform_input is on, as published",)


def _register(names: list[str]) -> None:
    for name in names:
        entry: Callable[[], Architecture] = partial(torchvision_architecture, name)
        NETWORKS.register(name)(entry)


_register(torchvision.models.list_models(module=torchvision.models))
