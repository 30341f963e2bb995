"""`synthesize`: from what is to be driven to pictures with their quality."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import groupby
from math import inf
from typing import Any

import numpy as np
import torch
from torch import nn

from neurolupa import __version__
from neurolupa.atlas import Atlas
from neurolupa.atlas.checks import real_number, shown, whole_number
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.capture.tracing import trace
from neurolupa.errors import UsageError
from neurolupa.images import load_images
from neurolupa.models import Model, as_model
from neurolupa.models.running import dtype_of
from neurolupa.synthesis.cache import PictureCache
from neurolupa.synthesis.fitting import check_fit
from neurolupa.synthesis.galleries import note_gallery
from neurolupa.synthesis.objectives import OUTPUT, Diversity, Objective, Unit, Where
from neurolupa.synthesis.optimising import Job, Outcome, optimise
from neurolupa.synthesis.parameterisations import Canvas
from neurolupa.synthesis.planning import batch_of, view_of
from neurolupa.synthesis.prior import Prior, measure_prior, natural_prior
from neurolupa.synthesis.quality import check_atlas, qualities
from neurolupa.synthesis.recipe import METHODS, Precision, Recipe
from neurolupa.synthesis.resolving import resolved
from neurolupa.synthesis.result import (
    BLANK,
    FAILED,
    GOOD,
    NOT_ACTIVATED,
    RESTARTED,
    Synthesis,
    SynthesisSource,
)
from neurolupa.synthesis.streams import seed_of

_CONTRAST = 0.02  # standard deviation of a picture's values below which it is called blank
Report = Callable[[int, int], None]


def synthesize(
    model: Model | str | nn.Module,
    site: str | Site | None = None,
    units: int | Iterable[int] | None = None,
    method: str = "fourier",
    seed: int = 0,
    *,
    objectives: Sequence[Objective] | None = None,
    at: Where = "mean",
    steps: int | None = None,
    size: int | tuple[int, int] | None = None,
    recipe: Recipe | None = None,
    precision: Precision | None = None,
    copies: int = 1,
    diversity: float = 0.0,
    atlas: Atlas | None = None,
    prior: Prior | str = "samples",
    batch: int | None = None,
    cache: PictureCache | None = None,
    report: Report | None = None,
) -> Synthesis:
    """Make pictures that drive units, or anything else that can be differentiated, as high as can be.

    Pictures are made many at a time, and each is what it would be if it were made alone: the same seed, unit
    and settings give the same picture, whatever else is in the batch. The network is left as found. Ctrl-C
    gives what is there.

    Args:
        model: The network, its name, or a module.
        site: Where the units are; a bare name means its last call.
        units: Which; None takes every unit of the site.
        method: "fourier", "maco", "pixel", or what a plug-in registered.
        seed: Of all random numbers.
        objectives: In the place of site and units: anything else, one a picture.
        at: Of the units: "mean" of the map, its "centre", or (row, column).
        steps: Of the optimisation; None takes the method's.
        size: Side, or height and width, of what the network sees; None takes 128 pixels or the network's own
            input where that is smaller, or where the site needs it.
        recipe: Every other choice; None takes the method's.
        precision: "bf16" runs the network in bfloat16 while pictures are changed, which is faster on
            processors that have it; None takes the recipe's, the network's own.
        copies: Pictures for each target, from different streams: their likeness tells how stable they are.
        diversity: How much the copies of a target are driven apart at its own site.
        atlas: Of the same network, for the comparison with natural pictures.
        prior: Natural pictures (an image set's name, or their `Prior`) for colours and spectrum.
        batch: How many at once; None takes as many as fit into a gigabyte, at most 32.
        cache: Where finished pictures are looked up before they are made, and kept; None keeps nothing.
        report: Called with (done, all) steps.

    Raises:
        UsageError: An unknown site, unit, class, method or value, or an atlas of another network.
        DataError: The network cannot run on this size, or cuts the gradient off.

    >>> made = synthesize("embedded", "layer1.0.relu", [3], steps=8)
    >>> made.images.shape, made.targets, made.states
    ((1, 3, 32, 32), ('layer1.0.relu:1#3',), ('GOOD',))
    """
    network = as_model(model)
    task = _Task.of(network, site, units, objectives, at, whole_number("copies", copies, 1), diversity)
    chosen = _recipe(recipe, method, steps).altered(precision=precision)
    if not isinstance(cache, PictureCache | None):
        raise UsageError(f"a cache is a PictureCache, not {shown(cache)}")
    if atlas is not None:
        check_atlas(atlas, network)
    with torch.inference_mode(False):
        view = view_of(network, task.sites, size, task.whole)
        canvas = _canvas(network, view, chosen, prior)
        usual = batch_of(network, task.table, task.sites, view, chosen.views)
        at_once = usual if batch is None else whole_number("batch", batch, 1)
        plan = _Plan(task, chosen, canvas, view, whole_number("seed", seed, 0), at_once)
        check_fit(network, task.table, task.objectives, view)
        made = plan.made(cache, report)
        found = plan.result(made, method if recipe is None else "own", atlas)
        if cache is not None:
            note_gallery(cache, plan.job(list(made)), found)
        return found


@dataclass(frozen=True, eq=False)
class _Task:
    """What is to be driven: one objective, unit and copy number a picture."""

    model: Model
    table: SiteTable
    objectives: tuple[Objective, ...]
    targets: tuple[str, ...]
    units: tuple[int, ...]
    copies: tuple[int, ...]
    groups: tuple[int, ...]
    sees: tuple[float | None, ...]
    site: Site | None
    sites: tuple[Site, ...]
    whole: bool

    @classmethod
    def of(
        cls,
        model: Model,
        site: str | Site | None,
        units: int | Iterable[int] | None,
        objectives: Sequence[Objective] | None,
        at: Where,
        copies: int,
        diversity: float,
    ) -> "_Task":
        table = trace(model)
        wanted = _wanted(table, site, units, objectives, at)
        count = len(model.classes) if model.classes is not None else None
        plain = [resolved(one, table, count) for one in wanted]
        addresses = list(dict.fromkeys(address for one in plain for address in one.sites))
        sites = tuple(table.find(address) for address in addresses if address != OUTPUT)
        apart = _checked_diversity(diversity, copies)
        rows = [(group, one, copy) for group, one in enumerate(plain) for copy in range(copies)]
        return cls(
            model,
            table,
            tuple(_driven_apart(one, apart) for _, one, _ in rows),
            tuple(str(one) for _, one, _ in rows),
            tuple(one.unit if isinstance(one, Unit) else -1 for _, one, _ in rows),
            tuple(copy for _, _, copy in rows),
            tuple(group for group, _, _ in rows),
            tuple(_sees(table, one) for _, one, _ in rows),
            sites[0] if len(sites) == 1 else None,
            sites,
            OUTPUT in addresses,
        )


def _wanted(
    table: SiteTable,
    site: str | Site | None,
    units: int | Iterable[int] | None,
    objectives: Sequence[Objective] | None,
    at: Where,
) -> list[Objective]:
    if (site is None) == (objectives is None):
        raise UsageError("either a site or objectives are wanted, one of the two")
    wanted = _units(table, site, units, at) if site is not None else list(_listed("objectives", objectives))
    if not wanted:
        raise UsageError("nothing to drive: no unit and no objective was given")
    return wanted


def _units(
    table: SiteTable, site: str | Site, units: int | Iterable[int] | None, at: Where
) -> list[Objective]:
    """One objective a unit; the first that the site has not ends it, however many were to follow."""
    if not isinstance(site, str | Site):
        raise UsageError(f"a site is its name, not {shown(site)}")
    found = table.find(site if isinstance(site, str) else site.address)
    numbers = range(found.units) if units is None else _listed("units", units)
    return [resolved(Unit(found.address, whole_number("unit", unit), at), table, None) for unit in numbers]


def _listed(name: str, given: Any) -> Iterable[Any]:
    """What was given, one after the other: a single unit or objective is one of itself."""
    if isinstance(given, int | np.integer | Objective):
        return [given]
    if not isinstance(given, Iterable) or isinstance(given, str):
        raise UsageError(f"{name} are given one after the other, as a list, not as {shown(given)}")
    return given


def _checked_diversity(diversity: float, copies: int) -> float:
    found = real_number("diversity", diversity)
    if not 0 <= found < inf:
        raise UsageError(f"diversity is a finite number, 0 or more, not {found:g}")
    if found and copies < 2:
        raise UsageError("diversity drives the copies of a target apart: it needs 2 copies or more")
    return found


def _recipe(recipe: Recipe | None, method: str, steps: int | None) -> Recipe:
    if not isinstance(recipe, Recipe | None):
        raise UsageError(f"a recipe is a Recipe, such as METHODS['maco'], not {shown(recipe)}")
    if not isinstance(method, str):
        raise UsageError(f"a method is its name, not {shown(method)}")
    count = None if steps is None else whole_number("steps", steps, 1)
    return (recipe or METHODS[method]).altered(steps=count)


def _sees(table: SiteTable, objective: Objective) -> float | None:
    """Pixels along the longer side of what its units see at once; None where it is unknown or everything."""
    if not objective.sites or OUTPUT in objective.sites:
        return None
    fields = [table.find(address).receptive_field for address in objective.sites]
    return max(max(one.size) if one is not None else inf for one in fields)


def _driven_apart(objective: Objective, diversity: float) -> Objective:
    if diversity == 0:
        return objective
    site = next((one for one in objective.sites if one != OUTPUT), None)
    if site is None:
        raise UsageError("diversity needs an objective with a site")
    return objective + diversity * Diversity(site)


def _canvas(model: Model, view: tuple[int, int], recipe: Recipe, prior: Prior | str) -> Canvas:
    channels = model.preprocessing.channels
    measured = prior if isinstance(prior, Prior) else _prior(prior, channels)
    if measured.channels != channels:
        raise UsageError(f"the prior is of {measured.channels} channels, {model.name} takes {channels}")
    height, width = (max(1, round(side * recipe.enlarged)) for side in view)
    return Canvas(height, width, measured, model.device, dtype_of(model.module))


def _prior(spec: str, channels: int) -> Prior:
    return natural_prior(spec, channels) if spec == "samples" else measure_prior(load_images(spec), channels)


@dataclass(frozen=True, eq=False)
class _Plan:
    task: _Task
    recipe: Recipe
    canvas: Canvas
    view: tuple[int, int]
    seed: int
    batch: int

    def made(self, cache: PictureCache | None, report: Report | None) -> dict[int, Outcome]:
        """Every picture that there is, by its row: those that were kept, and the others made in batches."""
        found = {} if cache is None else cache.found(self.job(range(len(self.task.targets))))
        missing = [row for row in range(len(self.task.targets)) if row not in found]
        batches = list(self._batches(missing))
        total = len(batches) * self.recipe.steps
        for index, rows in enumerate(batches):
            job, before = self.job(rows), index * self.recipe.steps
            outcome = optimise(job, report and partial(_shifted, report, before, total))
            found |= dict(zip(rows, outcome.singles(), strict=True))
            if cache is not None:
                cache.keep(job, outcome)
            if outcome.interrupted:
                break
        return dict(sorted(found.items()))

    def _batches(self, rows: Iterable[int]) -> Iterator[list[int]]:
        """The rows in batches that fit into memory; those of one batch drive what sees equally far."""
        for _, alike in groupby(rows, lambda row: self.task.sees[row]):
            run = list(alike)
            for block in _blocks([self.task.groups[row] for row in run], self.batch):
                yield run[block.start : block.stop]

    def job(self, rows: Sequence[int]) -> Job:
        """What makes these rows, which drive what sees as far as the first of them."""
        task, sees = self.task, self.task.sees[rows[0]]
        return Job(
            task.model,
            task.table,
            tuple(task.objectives[row] for row in rows),
            tuple(seed_of(self.seed, task.targets[row], task.copies[row]) for row in rows),
            tuple(task.groups[row] for row in rows),
            self.recipe,
            replace(self.canvas, sees=None if sees is None else sees * self.recipe.enlarged),
            self.view,
        )

    def result(self, made: Mapping[int, Outcome], method: str, atlas: Atlas | None) -> Synthesis:
        """The pictures joined, with their quality."""
        task, rows, outcomes = self.task, list(made), list(made.values())
        images = np.concatenate([one.pictures for one in outcomes])
        groups, units = [task.groups[row] for row in rows], tuple(task.units[row] for row in rows)
        pictures = self.canvas.tensor(images)
        steps, curves = _joined_curves(outcomes)
        return Synthesis(
            images,
            tuple(task.targets[row] for row in rows),
            units,
            tuple(task.copies[row] for row in rows),
            np.concatenate([one.values for one in outcomes]),
            curves,
            steps,
            tuple(state for one in outcomes for state in _states(one)),
            qualities(task.model, task.table, task.site, units, groups, pictures, self.view, atlas),
            self._source(method),
            any(one.interrupted for one in outcomes),
            tuple(one.seconds for one in outcomes),
        )

    def _source(self, method: str) -> SynthesisSource:
        model, site = self.task.model, self.task.site
        return SynthesisSource(
            model.name,
            model.weights_digest,
            None if site is None else site.name,
            None if site is None else site.address,
            method,
            plain_recipe(self.recipe),
            self.canvas.prior.name,
            (self.canvas.height, self.canvas.width),
            self.view,
            self.seed,
            {"neurolupa": __version__, "torch": str(torch.__version__), "numpy": np.__version__},
        )


def plain_recipe(recipe: Recipe) -> dict[str, Any]:
    """A recipe as values for JSON; a transform as its name and its numbers.

    >>> plain_recipe(METHODS["maco"])["transforms"][-1]
    {'name': 'Noise', 'spread': 0.04}
    """
    changes = [{"name": type(one).__name__, **vars(one)} for one in recipe.transforms]
    plain = asdict(replace(recipe, transforms=()))
    return {**plain, "momenta": list(recipe.momenta), "transforms": changes}


def _shifted(report: Report, before: int, total: int, done: int, _: int) -> None:
    report(before + done, total)


def _blocks(groups: Sequence[int], batch: int) -> list[range]:
    """Rows in blocks of at most `batch`, no group in two blocks unless it is larger than a block alone."""
    blocks, start = [], 0
    while start < len(groups):
        end = min(start + batch, len(groups))
        while end < len(groups) and end > start and groups[end] == groups[end - 1]:
            end -= 1
        if end == start:
            end = next((i for i in range(start, len(groups)) if groups[i] != groups[start]), len(groups))
        blocks.append(range(start, end))
        start = end
    return blocks


def _joined_curves(outcomes: Sequence[Outcome]) -> tuple[np.ndarray, np.ndarray]:
    """The looks that all batches have: an interrupted one has fewer, and then its last for the others."""
    longest = max(outcomes, key=lambda one: len(one.steps)).steps
    curves = [
        np.pad(one.curves, ((0, 0), (0, len(longest) - len(one.steps))), mode="edge") for one in outcomes
    ]
    return longest, np.concatenate(curves)


def _states(outcome: Outcome) -> Iterator[str]:
    contrast = outcome.pictures.std(axis=(1, 2, 3))
    rows = zip(outcome.failed, contrast, outcome.values, outcome.curves, outcome.restarted, strict=True)
    for failed, spread, value, curve, restarted in rows:
        if failed:
            yield FAILED
        elif spread < _CONTRAST:
            yield BLANK
        elif not value > curve[0]:
            yield NOT_ACTIVATED
        else:
            yield RESTARTED if restarted else GOOD
