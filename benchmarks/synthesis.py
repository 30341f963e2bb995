"""Synthesis beside torch-lucent, with its defaults: time to its quality, and seconds a step and unit.

Both arms make pictures for the same units of ResNet-18's real trunk; what they reach is measured on the plain
picture at 224 pixels. torch-lucent draws 128 pixels and enlarges them before the network; ours are drawn at
224. It is not among the dependencies: `pip install --no-deps torch-lucent kornia==0.4.1 decorator` brings it.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

import neurolupa as nl
from benchmarks.arms import seconds
from benchmarks.results import Row
from neurolupa.capture import record, trace
from neurolupa.synthesis import METHODS
from neurolupa.synthesis.quality import normalised

SIDE = 224
STEPS = 512
TO_QUALITY = {"conv1": 15.0, "layer2.1.conv2": 8.0, "layer3.1.conv2": 8.0}
A_STEP = {"conv1": 8.0, "layer2.1.conv2": 2.5, "layer3.1.conv2": 2.5, "layer4.1.conv2": 2.5}
LOOKS = 32
DATA = Path(os.environ.get("NEUROLUPA_DATA", Path(__file__).parents[2] / "shared" / "data"))


def trunk() -> nl.Model:
    """ResNet-18 with the real weights of everything before layer4, random ones there."""
    weights = DATA / "weights" / "resnet18-imagenet-trunk.pth"
    return nl.load_model("resnet18", weights=str(weights), allow_partial=True)


def lucent() -> Any:
    """torch-lucent's `render`, without the window that it opens pictures in."""
    shown = ModuleType("lucent.misc.io")
    shown.show = lambda *_: None  # type: ignore[attr-defined]
    sys.modules.setdefault("lucent.misc.io", shown)
    from lucent.optvis import render

    return render


def chosen(model: nl.Model, site: str, count: int) -> list[int]:
    """Units of a site, the same each time."""
    units = trace(model).find(site).units
    return sorted(np.random.default_rng(0).choice(units, count, replace=False).tolist())


def reached(model: nl.Model, site: str, unit: int, picture: np.ndarray) -> float:
    """The mean of the unit's map on a picture (C, H, W) at 224 pixels."""
    sized = F.interpolate(torch.from_numpy(picture)[None], (SIDE, SIDE), mode="bilinear", align_corners=True)
    return float(record(model, normalised(model, sized), [site])[site][0, unit].mean())


def theirs(model: nl.Model, site: str, unit: int, steps: int) -> np.ndarray:
    """torch-lucent's picture (C, H, W) after its default run of so many steps."""
    torch.manual_seed(unit)
    name = f"{site.replace('.', '_')}:{unit}"
    pictures = lucent().render_vis(model.module, name, thresholds=(steps,), show_image=False, progress=False)
    return np.ascontiguousarray(pictures[-1][0].transpose(2, 0, 1))


def to_quality(site: str, count: int) -> Iterator[Row]:
    """How many times sooner a unit is where torch-lucent's default run ends; and how many end above it."""
    model = trunk()
    units = chosen(model, site, count)
    recipe = METHODS["fourier"].altered(looks=LOOKS)
    made = nl.synthesize(model, site, units, recipe=recipe, size=SIDE)
    ratios, above, took = [], 0, []
    for index, unit in enumerate(units):
        found: dict[str, np.ndarray] = {}
        took.append(
            seconds(lambda unit=unit, found=found: found.update(one=theirs(model, site, unit, STEPS)))
        )
        goal = reached(model, site, unit, found["one"])
        above += bool(made.activations[index] >= goal)
        ratios.append(took[-1] / _time_to(made, index, goal))
    share = f"{above} of {count}"
    facts = {"ends at least as high": share, "theirs s": _middle(took), "ours s": _middle(made.seconds)}
    yield Row(f"time to torch-lucent's quality, {site}", tuple(ratios), TO_QUALITY[site], facts=facts)
    yield Row(f"units that end at least as high, {site}", (above / count,), 0.9, unit="share")


def _time_to(made: nl.Synthesis, index: int, goal: float) -> float:
    """Seconds until a look at which the goal was reached; infinite where it never was."""
    there = np.flatnonzero(made.curves[index] >= goal)
    done = made.steps[there[0]] / made.steps[-1] if len(there) else np.inf
    return made.seconds[index] * max(done, 1 / made.steps[-1])


def a_step(site: str, repeats: int, steps: int = 6, batch: int = 16) -> Iterator[Row]:
    """How many times faster a step is, for one unit, at the same size of the network's input."""
    model, ratios, ours, their = trunk(), [], [], []
    units = chosen(model, site, batch)
    recipe = METHODS["fourier"].altered(steps=steps, looks=1, redirected=0)
    nl.synthesize(model, site, units[:2], recipe=recipe, size=SIDE)
    theirs(model, site, units[0], 1)
    for _ in range(repeats):
        made = nl.synthesize(model, site, units, recipe=recipe, size=SIDE, batch=batch)
        ours.append(made.seconds[0] / steps)
        alone = seconds(lambda: theirs(model, site, units[0], 1))
        their.append((seconds(lambda: theirs(model, site, units[0], 1 + steps)) - alone) / steps)
        ratios.append(their[-1] / ours[-1])
    facts = {"theirs ms": _middle(their, 1e3), "ours ms": _middle(ours, 1e3), "batch": batch}
    yield Row(f"torch-lucent's step / ours, {site}, {SIDE} px", tuple(ratios), A_STEP[site], facts=facts)


def _middle(values: Sequence[float], scale: float = 1.0) -> float:
    return round(scale * float(np.median(values)), 2)


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    **{f"synthesis_{site}": lambda site=site: to_quality(site, 16) for site in TO_QUALITY},
    **{f"synthesis_step_{site}": lambda site=site: a_step(site, 5) for site in A_STEP},
}
