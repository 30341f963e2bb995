"""One picture inspected: all that the six tabs of the dashboard show, beside the bare forward pass.

The tabs show kernels, regions and patches of all top units, but the colour pattern, and the effect of
switching off, of the one selected unit alone: so much is counted. The patterns of all top units are timed
apart, and the ratio with them in the place of the one is told as well.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from PIL import Image

import neurolupa as nl
from benchmarks.arms import bare_forward, seconds
from benchmarks.results import Row
from benchmarks.scan import network
from neurolupa.capture import trace
from neurolupa.inspection import ImageAnalysis, colour_patterns, inspect, switch_off
from neurolupa.inspection.kernels import convolution_at, kernels_of
from neurolupa.inspection.patches import patches_of
from neurolupa.inspection.regions import find_regions

TOP = 6
ONE = "input gradient of one unit"


def tabs(model: nl.Model, picture: Image.Image, layer: str) -> dict[str, float]:
    """Seconds for each part of the data of the six tabs, for the top units by `balanced`."""
    found: dict[str, ImageAnalysis] = {}
    parts = {"inspect": seconds(lambda: found.update(one=inspect(model, picture, layer, "relu")))}
    analysis = found["one"]
    units = analysis.rank(k=TOP, min_sparsity=0.0).units
    parts[ONE] = seconds(lambda: colour_patterns(model, analysis, units[:1]))
    parts["kernels"] = seconds(lambda: kernels_of(model, analysis.convolution, units))
    parts["one unit off"] = seconds(lambda: switch_off(model, analysis, units[:1]))
    parts["regions"] = seconds(lambda: _regions(analysis, units))
    parts["patches"] = seconds(lambda: _patches(model, analysis, units))
    return parts


def all_patterns(model: nl.Model, picture: Image.Image, layer: str) -> float:
    """Seconds for the colour patterns of all top units, which the tabs do not show at once."""
    analysis = inspect(model, picture, layer, "relu")
    units = analysis.rank(k=TOP, min_sparsity=0.0).units
    return seconds(lambda: colour_patterns(model, analysis, units))


def _regions(analysis: ImageAnalysis, units: Sequence[int]) -> None:
    size = analysis.picture.seen.size[::-1]
    for unit in units:
        find_regions(analysis.maps[unit], size, field=analysis.site.receptive_field)


def _patches(model: nl.Model, analysis: ImageAnalysis, units: Sequence[int]) -> None:
    patches_of(
        {unit: analysis.maps[unit] for unit in units},
        np.asarray(analysis.picture.seen),
        analysis.site.receptive_field,
        convolution=convolution_at(model, analysis.convolution),
        inputs=analysis.inputs,
    )


def against_bare(layer: str, repeats: int, target: float) -> Iterator[Row]:
    """Time for the data of the six tabs over that of the bare forward pass, in turn."""
    model = network(224)
    picture = nl.load_images("samples")[0].image
    batch = model.prepare(picture)[None]
    trace(model), model.weights_digest, tabs(model, picture, layer), bare_forward(model, batch)
    bare, parts, patterns = [], [], []
    for _ in range(repeats):
        bare.append(seconds(lambda: bare_forward(model, batch)))
        parts.append(tabs(model, picture, layer))
        patterns.append(all_patterns(model, picture, layer))
    ratios = tuple(sum(part.values()) / alone for part, alone in zip(parts, bare, strict=True))
    facts = {"bare ms": round(1e3 * np.median(bare), 1)}
    for name in parts[0]:
        facts[f"{name} ms"] = round(1e3 * np.median([part[name] for part in parts]), 1)
    facts[f"apart: input gradients of {TOP} units ms"] = round(1e3 * np.median(patterns), 1)
    facts["ratio with these"] = round(float(np.median(_with_all(parts, patterns) / np.array(bare))), 2)
    name = f"data of the six tabs / bare forward, ResNet-18 at 224 px, {layer} at relu, top {TOP} units"
    yield Row(name, ratios, target, at_least=False, facts=facts)


def _with_all(parts: Sequence[dict[str, float]], patterns: Sequence[float]) -> np.ndarray:
    """Seconds of each repetition with the colour patterns of all top units in the place of one."""
    return np.array([sum(part.values()) - part[ONE] for part in parts]) + patterns


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "inspect": lambda: against_bare("layer2.0.conv1", 9, 3.0),
    "inspect_layer1": lambda: against_bare("layer1.0.conv1", 9, 3.0),
    "inspect_layer3": lambda: against_bare("layer3.0.conv1", 9, 3.0),
    "inspect_layer4": lambda: against_bare("layer4.0.conv1", 9, 3.0),
}
