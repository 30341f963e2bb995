"""Synthesis beside torch-lucent and horama, with their defaults: time to quality, seconds a step and unit.

All arms make pictures for the same units of ResNet-18's real trunk; what they reach is measured on the plain
picture at 224 pixels. torch-lucent draws 128 pixels and enlarges them before the network; horama draws 1,280
and looks at six crops of them a step; ours are drawn at 224. Beside horama's MACO, the network
sees 128 pixels and horama draws 256, with our prior's magnitudes, as it would download its own. The two are
not among the dependencies:
`pip install --no-deps torch-lucent kornia==0.4.1 decorator horama einops` brings them.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
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
from neurolupa.synthesis.prior import natural_prior
from neurolupa.synthesis.quality import normalised

SIDE = 224
STEPS = 512
TO_QUALITY = {"conv1": 15.0, "layer2.1.conv2": 8.0, "layer3.1.conv2": 8.0}
A_STEP = {"conv1": 8.0, "layer2.1.conv2": 2.5, "layer3.1.conv2": 2.5, "layer4.1.conv2": 2.5}
MACO_SITES = ("layer2.1.conv2", "layer3.1.conv2")
LOOKS = 16
NOTHING = 1e-6  # what a unit reaches whose kernel is zero
HORAMA_STEPS = 1000
SEEN, DRAWN = 128, 256  # beside horama's MACO: sides of what the network sees, and of horama's picture
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


def reached(model: nl.Model, site: str, unit: int, picture: np.ndarray, side: int = SIDE) -> float:
    """The mean of the unit's map on a picture (C, H, W) at so many pixels."""
    sized = F.interpolate(torch.from_numpy(picture)[None], (side, side), mode="bilinear", align_corners=True)
    return float(record(model, normalised(model, sized), [site])[site][0, unit].mean())


def theirs(model: nl.Model, site: str, unit: int, steps: int) -> np.ndarray:
    """torch-lucent's picture (C, H, W) after its default run of so many steps."""
    torch.manual_seed(unit)
    name = f"{site.replace('.', '_')}:{unit}"
    pictures = lucent().render_vis(model.module, name, thresholds=(steps,), show_image=False, progress=False)
    return np.ascontiguousarray(pictures[-1][0].transpose(2, 0, 1))


def horamas(
    model: nl.Model, site: str, unit: int, steps: int, method: str = "fourier", **choices: int
) -> np.ndarray:
    """Picture (C, H, W) in 0..1 of horama's, after so many steps of one of its methods."""
    import horama

    torch.manual_seed(unit)
    found: list[torch.Tensor] = []
    hook = model.module.get_submodule(site).register_forward_hook(lambda *given: found.append(given[-1]))

    def objective(pictures: torch.Tensor) -> torch.Tensor:
        found.clear()
        model.module(pictures)
        return found[0][:, unit].mean()

    try:
        made, _ = getattr(horama, method)(objective, total_steps=steps, device="cpu", **choices)
    finally:
        hook.remove()
    own = model.preprocessing
    mean, spread = (torch.tensor(values).view(-1, 1, 1) for values in (own.mean, own.std))
    return (made.detach() * spread + mean).clamp(0, 1).numpy()


def horamas_maco(model: nl.Model, site: str, unit: int, steps: int) -> np.ndarray:
    """Picture of horama's MACO, with our prior's magnitudes where it looks for downloaded ones."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        np.save("spectrum_decorrelated.npy", natural_prior().magnitudes(DRAWN, DRAWN).numpy())
        return horamas(model, site, unit, steps, "maco", image_size=DRAWN, model_input_size=SEEN)


def to_quality(site: str, count: int) -> Iterator[Row]:
    """How many times sooner a unit is where torch-lucent's default run ends; and how many end above it."""
    model = trunk()
    units = chosen(model, site, count)
    recipe = METHODS["fourier"].altered(looks=LOOKS)
    made = nl.synthesize(model, site, units, recipe=recipe, size=SIDE)
    ratios, above, took, ours = [], 0, [], []
    for index, unit in enumerate(units):
        found: dict[str, np.ndarray] = {}
        spent = seconds(lambda unit=unit, found=found: found.update(one=theirs(model, site, unit, STEPS)))
        goal = reached(model, site, unit, found["one"])
        if abs(goal) < NOTHING:
            continue
        took.append(spent)
        ours.append(_time_to(made, index, goal))
        above += bool(made.activations[index] >= goal)
        ratios.append(spent / ours[-1])
        print(f"{site} {unit}: {goal:.4g}, ours {made.activations[index]:.4g}, {ratios[-1]:.3g}", flush=True)
    facts = {
        "ends at least as high": f"{above} of {len(ratios)}",
        "units of a zero kernel, left out": count - len(ratios),
        "theirs s": _middle(took),
        "ours s to there": _middle(ours),
        "ours s in all": _middle(made.seconds),
    }
    yield Row(f"time to torch-lucent's quality, {site}", tuple(ratios), TO_QUALITY[site], facts=facts)
    yield Row(f"units that end at least as high, {site}", (above / len(ratios),), 0.9, unit="share")


def beside_horama(site: str, count: int, steps: int = 12) -> Iterator[Row]:
    """How many times sooner a whole default run of ours ends than horama's, from some of its steps."""
    model = trunk()
    units, ratios, their, ours = chosen(model, site, count), [], [], []
    made = nl.synthesize(model, site, units, size=SIDE)
    horamas(model, site, units[0], 1)
    for index, unit in enumerate(units):
        each = _each(steps, lambda count, unit=unit: seconds(lambda: horamas(model, site, unit, count)))
        their.append(each * HORAMA_STEPS)
        ours.append(made.seconds[index])
        ratios.append(their[-1] / ours[-1])
    facts = {"theirs s, 1,000 steps": _middle(their), "ours s, 128 steps": _middle(ours)}
    yield Row(f"horama's default run / ours, {site}, {SIDE} px", tuple(ratios), 8.0, facts=facts)


def beside_maco(site: str, count: int, steps: int = HORAMA_STEPS) -> Iterator[Row]:
    """How many of our MACO pictures drive their unit at least as high as horama's; both seen whole."""
    model = trunk()
    units, above, took, theirs, ours = chosen(model, site, count), [], [], [], []
    made = nl.synthesize(model, site, units, "maco", size=SEEN)
    for index, unit in enumerate(units):
        found: dict[str, np.ndarray] = {}
        took.append(
            seconds(lambda unit=unit, found=found: found.update(one=horamas_maco(model, site, unit, steps)))
        )
        theirs.append(reached(model, site, unit, found["one"], SEEN))
        ours.append(reached(model, site, unit, made.images[index], SEEN))
        above.append(float(ours[-1] >= theirs[-1]))
    facts = {
        "theirs": _middle(theirs),
        "ours": _middle(ours),
        "theirs s": _middle(took),
        "ours s": _middle(made.seconds),
    }
    yield Row(f"units driven as high as by horama's MACO, {site}, {SEEN} px", (sum(above) / count,), 0.9,
              unit="share", facts=facts)  # fmt: skip


def _time_to(made: nl.Synthesis, index: int, goal: float) -> float:
    """Seconds until a look at which the goal was reached; infinite where it never was."""
    there = np.flatnonzero(made.curves[index] >= goal)
    done = made.steps[there[0]] / made.steps[-1] if len(there) else np.inf
    return made.seconds[index] * max(done, 1 / made.steps[-1])


def a_step(
    site: str, repeats: int, steps: int = 6, batch: int = 16, precision: str = "model"
) -> Iterator[Row]:
    """How many times faster a step is, for one unit, at the same size of the network's input."""
    model, ratios, ours, their = trunk(), [], [], []
    units = chosen(model, site, batch)
    _ours(model, site, units[:2], 1, precision)
    theirs(model, site, units[0], 1)
    for _ in range(repeats):
        ours.append(_each(steps, lambda count: _ours(model, site, units, count, precision)) / batch)
        their.append(_each(steps, lambda count: seconds(lambda: theirs(model, site, units[0], count))))
        ratios.append(their[-1] / ours[-1])
    facts = {"theirs ms": _middle(their, 1e3), "ours ms": _middle(ours, 1e3), "batch": batch}
    named = "" if precision == "model" else f", {precision}"
    target = A_STEP[site] if precision == "model" else max(4.0, A_STEP[site])
    yield Row(f"torch-lucent's step / ours, {site}, {SIDE} px{named}", tuple(ratios), target, facts=facts)


def _each(steps: int, spent: Callable[[int], float]) -> float:
    """Seconds of one step, what a run costs besides its steps left out; `spent` takes how many to run."""
    return (spent(1 + steps) - spent(1)) / steps


def _ours(model: nl.Model, site: str, units: Sequence[int], steps: int, precision: str) -> float:
    """Seconds of so many steps for all of the units in one batch."""
    recipe = METHODS["fourier"].altered(steps=steps, looks=1, redirected=0, precision=precision)
    return sum(nl.synthesize(model, site, units, recipe=recipe, size=SIDE, batch=len(units)).seconds)


def _middle(values: Sequence[float], scale: float = 1.0) -> float:
    return round(scale * float(np.median(values)), 2)


def _has_bf16() -> bool:
    return torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    **{f"synthesis_{site}": lambda site=site: to_quality(site, 16) for site in TO_QUALITY},
    **{f"synthesis_step_{site}": lambda site=site: a_step(site, 5) for site in A_STEP},
    **{f"synthesis_horama_{site}": lambda site=site: beside_horama(site, 3) for site in TO_QUALITY},
    **{f"synthesis_maco_{site}": lambda site=site: beside_maco(site, 3) for site in MACO_SITES},
}
if _has_bf16():
    BENCHMARKS |= {
        f"synthesis_bf16_{site}": lambda site=site: a_step(site, 5, precision="bf16") for site in A_STEP
    }
