"""The networks of the timm package, with timm's own data configuration."""

import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from neurolupa.errors import DataError, unknown
from neurolupa.models.architecture import NETWORKS, Architecture
from neurolupa.models.preprocessing import Preprocessing
from neurolupa.models.torchvision_networks import not_downloaded


def timm_architecture(name: str) -> Architecture:
    """The architecture of a timm network such as "convnext_tiny" or, with a tag, "resnet18.a1_in1k".

    Raises:
        UsageError: A network or tag that timm does not know.
        DataError: timm is not installed.

    >>> timm_architecture("resnet18").preprocessing.resize
    235
    """
    timm = _timm()
    config = _configuration(timm, name)
    outputs = config.get("num_classes") or None
    return Architecture(
        name=name,
        build=partial(_build, name),
        preprocessing=preprocessing_of(config),
        categories=_categories(outputs),
        outputs=outputs,
        published=partial(_download, name),
        notes=_notes(config),
    )


def preprocessing_of(config: Mapping[str, Any]) -> Preprocessing:
    """The preprocessing that a timm configuration describes.

    >>> preprocessing_of({"input_size": (3, 224, 224), "crop_pct": 1.0}).resize
    224
    """
    from timm.data import resolve_data_config

    data = resolve_data_config({}, pretrained_cfg=dict(config))
    channels, height, width = data["input_size"]
    scaled = [math.floor(side / data["crop_pct"]) for side in (height, width)]
    return Preprocessing(
        input_size=(height, width),
        resize=(scaled[0], scaled[1]) if data["crop_mode"] == "squash" else min(scaled),
        mean=tuple(data["mean"]),
        std=tuple(data["std"]),
        interpolation=data["interpolation"],
        channels=channels,
    )


def _timm() -> ModuleType:
    try:
        import timm
    except ImportError:
        raise DataError("timm is not installed; install neurolupa with its extra: neurolupa[timm]") from None
    return timm


def _configuration(timm: ModuleType, name: str) -> dict[str, Any]:
    if not timm.is_model(name):
        raise unknown("timm network", name, timm.list_models())
    try:
        return timm.models.get_pretrained_cfg(name).to_dict()
    except RuntimeError:
        bare, _, _ = name.partition(".")
        raise unknown("timm network", name, timm.list_pretrained(f"{bare}.*") or [bare]) from None


def _categories(outputs: int | None) -> tuple[str, ...] | None:
    from timm.data import ImageNetInfo, infer_imagenet_subset

    subset = infer_imagenet_subset({"num_classes": outputs})
    if outputs is None or subset is None:
        return None
    if outputs == 1000:
        return NETWORKS["resnet18"]().categories
    info = ImageNetInfo(subset)
    return tuple(info.index_to_description(index) for index in range(outputs))


def _notes(config: Mapping[str, Any]) -> tuple[str, ...]:
    if config.get("crop_mode") != "border":
        return ()
    return ("its own recipe pads a picture to a square; here the centre is cropped",)


def _build(name: str, outputs: int | None) -> nn.Module:
    options = {} if outputs is None else {"num_classes": outputs}
    return _timm().create_model(name, pretrained=False, **options)


def _download(name: str) -> Mapping[str, Tensor]:
    try:
        with _quiet("huggingface_hub"):
            return _timm().create_model(name, pretrained=True).state_dict()
    except Exception as error:
        raise not_downloaded(f"timm:{name}", error) from error


@contextmanager
def _quiet(logger: str) -> Iterator[None]:
    """Failed attempts are not announced one by one: the error at the end says it."""
    chatty = logging.getLogger(logger)
    level = chatty.level
    chatty.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        chatty.setLevel(level)
