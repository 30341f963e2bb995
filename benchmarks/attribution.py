"""Units switched off: one prefix and a suffix for each, beside whole passes; and what Grad-CAM costs."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from captum.attr import LayerGradCam
from torch import Tensor

import neurolupa as nl
from benchmarks.arms import seconds
from benchmarks.results import Row
from benchmarks.scan import network
from neurolupa.capture import ablated_outputs, trace, view

UNITS = 64


def whole_passes(model: nl.Model, layer: str, units: Sequence[int], batch: Tensor) -> Tensor:
    """(units, N, classes): the whole network for each unit, set to zero by a hook on a layer's last call."""
    calls = [0]
    wanted = trace(model).find(layer).calls

    def hook(module: object, args: object, output: Tensor) -> Tensor:
        calls[0] += 1
        if calls[0] % wanted == 0:
            output = output.clone()
            output[:, units[(calls[0] - 1) // wanted]] = 0
        return output

    handle = model.module.get_submodule(layer).register_forward_hook(hook)
    try:
        with torch.inference_mode():
            return torch.stack([model.module(batch) for _ in units])
    finally:
        handle.remove()


def prefix_once(model: nl.Model, layer: str, units: Sequence[int], batch: Tensor) -> Tensor:
    """(units, N, classes): the network once to the site, then from there on for each unit."""
    site = trace(model).find(layer)
    seen = view(model, batch, [site], resumed=site)
    return ablated_outputs(model, batch, site, list(units), 0.0, seen.prefix)


def against_whole_passes(layer: str, pictures: int, repeats: int, target: float) -> Iterator[Row]:
    """Time of whole passes over that of one prefix and N suffixes, in turn; both must give the same."""
    model = network(224)
    batch = torch.randn(pictures, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    count = trace(model).find(layer).units
    units = np.random.default_rng(0).choice(count, min(UNITS, count), replace=False).tolist()
    few = units[: max(2, UNITS // (4 * pictures))]  # whole passes are dear, and each takes the same
    found, expected = prefix_once(model, layer, few, batch), whole_passes(model, layer, few, batch)
    apart = float((found - expected).abs().max() / expected.abs().max())
    ratios, whole, once = [], [], []
    for _ in range(repeats):
        whole.append(seconds(lambda: whole_passes(model, layer, few, batch)) * len(units) / len(few))
        once.append(seconds(lambda: prefix_once(model, layer, units, batch)))
        ratios.append(whole[-1] / once[-1])
    facts = {
        "whole passes s": round(float(np.median(whole)), 2),
        "one prefix s": round(float(np.median(once)), 2),
        "logits apart by (share of the largest)": f"{apart:.1e}",
    }
    shown = f"{len(units)} units of ResNet-18's {layer} off"
    name = f"{shown}, {pictures} pictures of 224 px: whole passes / ours"
    yield Row(name, tuple(ratios), target, at_least=True, facts=facts)


def gradcam_beside_captum(repeats: int, target: float) -> Iterator[Row]:
    """Time of a whole `attribute` over that of Captum's Grad-CAM of a prepared batch, in turn."""
    model, picture = network(224), nl.load_images("samples")[0].image
    batch, layer = model.prepare(picture)[None], model.module.layer4[1].conv2
    nl.attribute(model, picture, "gradcam", 0, "layer4.1.conv2")
    theirs = LayerGradCam(model.module, layer)
    ratios = []
    for _ in range(repeats):
        alone = seconds(lambda: theirs.attribute(batch, target=0))
        ratios.append(seconds(lambda: nl.attribute(model, picture, "gradcam", 0, "layer4.1.conv2")) / alone)
    name = "attribute(gradcam), picture to result / Captum's LayerGradCam of a tensor, ResNet-18 at 224 px"
    yield Row(name, tuple(ratios), target, at_least=False)


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "ablation_layer1": lambda: against_whole_passes("layer1.1.relu", 1, 5, 1.0),
    "ablation_layer3": lambda: against_whole_passes("layer3.1.relu", 1, 5, 3.0),
    "ablation_layer4": lambda: against_whole_passes("layer4.1.relu", 1, 5, 10.0),
    "ablation_set": lambda: against_whole_passes("layer3.1.relu", 32, 3, 2.0),
    "gradcam": lambda: gradcam_beside_captum(9, 3.0),
}
