"""Many pictures made at once, each up its own slope: one batch, and none knows of the others."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import cos, pi
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from neurolupa.capture.differentiating import Pass, Seen, differentiable, narrowable
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import DataError
from neurolupa.models import Model
from neurolupa.synthesis.ascent import Ascent
from neurolupa.synthesis.objectives import OUTPUT, Objective, Sight
from neurolupa.synthesis.parameterisations import PARAMETERISATIONS, Canvas
from neurolupa.synthesis.quality import normalised
from neurolupa.synthesis.recipe import Kept, Recipe
from neurolupa.synthesis.streams import Streams
from neurolupa.synthesis.transforms import resized, transformed

_SLOWER = 0.1  # what the rate of a sample that broke is multiplied by, once
Report = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Job:
    """What is to be made in one batch.

    Attributes:
        model: The network.
        table: Its sites.
        objectives: One a picture, resolved.
        seeds: One a picture.
        groups: One number a picture: pictures of a group may look at each other.
        recipe: How.
        canvas: The pictures' size and prior.
        view: Height and width of what the network sees.
        start: Pictures (N, C, H, W) to start from; None starts from noise.
    """

    model: Model
    table: SiteTable
    objectives: tuple[Objective, ...]
    seeds: tuple[int, ...]
    groups: tuple[int, ...]
    recipe: Recipe
    canvas: Canvas
    view: tuple[int, int]
    start: Tensor | None = None


@dataclass(frozen=True, eq=False)
class Outcome:
    """What an optimisation made.

    Attributes:
        pictures: (N, C, H, W), 0..1: for each the best of those that were looked at, or the last.
        values: (N,): the objectives on these pictures as they are, unchanged.
        curves: (N, looks): the objectives on the pictures as they were at each look.
        steps: (looks,): how many steps had been taken.
        restarted: (N,): which broke (NaN or infinity) and began again with a lower rate.
        failed: (N,): which broke a second time; their pictures are what they had been before.
        interrupted: Whether Ctrl-C ended it early.
        seconds: How long it took.
    """

    pictures: np.ndarray = field(repr=False)
    values: np.ndarray
    curves: np.ndarray = field(repr=False)
    steps: np.ndarray = field(repr=False)
    restarted: np.ndarray = field(repr=False)
    failed: np.ndarray = field(repr=False)
    interrupted: bool
    seconds: float

    def singles(self) -> "Iterator[Outcome]":
        """Every picture as an outcome of its own, with its share of the seconds."""
        for index in range(len(self.pictures)):
            part = slice(index, index + 1)
            yield replace(
                self,
                pictures=self.pictures[part],
                values=self.values[part],
                curves=self.curves[part],
                restarted=self.restarted[part],
                failed=self.failed[part],
                seconds=self.seconds / len(self.pictures),
            )


def optimise(job: Job, report: Report | None = None) -> Outcome:
    """Make the pictures of a job.

    Ctrl-C ends it and gives what is there. The model is left as found.

    Raises:
        DataError: The network cannot run on this size, or no gradient comes back from the objectives' sites.
    """
    addresses = dict.fromkeys(site for one in job.objectives for site in one.sites)
    sites = [job.table.find(address) for address in addresses if address != OUTPUT]
    only = {} if OUTPUT in addresses else _fewest(job, sites)
    with differentiable(job.model, sites, output=OUTPUT in addresses, only=only) as run:
        climb = _Climb(_among(job, only), run)
        began, interrupted = perf_counter(), False
        try:
            for done in climb.steps():
                if report is not None:
                    report(done, job.recipe.steps)
        except KeyboardInterrupt:
            interrupted = True
        return climb.outcome(interrupted, perf_counter() - began)


def _fewest(job: Job, sites: Sequence[Site]) -> dict[str, tuple[int, ...]]:
    """The units of the last site, by its address, that need to be computed; nothing where all of them are."""
    last = max(sites, key=lambda site: site.order, default=None)
    if last is None or not narrowable(job.model, last):
        return {}
    wanted = [one.units_at(last.address) for one in job.objectives]
    if None in wanted:
        return {}
    return {last.address: tuple(sorted(frozenset().union(*filter(None, wanted))))}


def _among(job: Job, only: Mapping[str, tuple[int, ...]]) -> Job:
    """The job where only these units are there."""
    objectives = job.objectives
    for site, units in only.items():
        objectives = tuple(one.among(site, units) for one in objectives)
    return replace(job, objectives=objectives)


class _Climb:
    """One optimisation while it runs."""

    def __init__(self, job: Job, run: Pass) -> None:
        self._job, self._run = job, run
        recipe, canvas = job.recipe, job.canvas
        self._made = PARAMETERISATIONS[recipe.parameterisation](canvas)
        self._streams = Streams.of(job.seeds, canvas.tensor(torch.zeros(())))
        self._first = self._made.start(self._streams) if job.start is None else self._made.numbers(job.start)
        self._ascent = Ascent.of(self._first, recipe.rate, recipe.rule, recipe.momenta)
        self._looks = _evenly(recipe.steps, recipe.looks)
        self._broken = torch.zeros(len(job.objectives), dtype=torch.int64)
        self._kept = _Looks(recipe.kept)

    def steps(self) -> Iterator[int]:
        """Every step; gives how many are done."""
        self._look(0)
        for step in range(self._job.recipe.steps):
            self._step(step)
            if step + 1 in self._looks:
                self._look(step + 1)
            yield step + 1

    def outcome(self, interrupted: bool, seconds: float) -> Outcome:
        """The pictures so far."""
        if interrupted:
            self._look(int(self._ascent.steps.max()))
        pictures, values, curves, steps = self._kept.arrays()
        broken = self._broken.numpy()
        return Outcome(pictures, values, curves, steps, broken > 0, broken > 1, interrupted, seconds)

    def _step(self, step: int) -> None:
        recipe = self._job.recipe
        leaf = self._ascent.numbers.detach().requires_grad_()
        values = self._values(self._made.pictures(leaf), step)
        if not values.requires_grad:
            sites = ", ".join(dict.fromkeys(site for one in self._job.objectives for site in one.sites))
            raise DataError(
                f"no gradient comes back from {sites or 'the objective'}: the network cuts it off"
            )
        down = torch.autograd.grad(-values.sum(), leaf)[0]  # of a loss: what `redirecting` expects
        fine = (values.isfinite() & down.flatten(1).isfinite().all(1)).detach()
        whole = bool(fine.all())
        up = -down if whole else torch.where(fine.view(-1, *[1] * (down.ndim - 1)), -down, 0)
        self._ascent = self._ascent.step(up, _cosine(step, recipe.steps, recipe.floor))
        if not whole:
            self._restart(~fine)

    def _restart(self, broken: Tensor) -> None:
        self._broken += broken.cpu()
        self._ascent = self._ascent.restarted(broken, self._first, _SLOWER)

    def _values(self, pictures: Tensor, step: int) -> Tensor:
        """The objectives (N,) on changed copies of the pictures, averaged over the copies."""
        recipe = self._job.recipe
        streams = self._streams.copied(recipe.views)
        progress = step / max(1, recipe.steps - 1)
        changes = [one.at(progress) for one in recipe.transforms]
        copies = pictures.repeat_interleave(recipe.views, 0) if recipe.views > 1 else pictures
        changed = transformed(copies, changes, streams, None if _grows(recipe) else self._job.view)
        with torch.autocast(changed.device.type, torch.bfloat16, enabled=recipe.precision == "bf16"):
            seen = self._run(normalised(self._job.model, changed), redirected=step < recipe.redirected)
        return self._objectives(seen, copies).view(-1, recipe.views).mean(1)

    def _look(self, step: int) -> None:
        """Measure the pictures as they are."""
        with torch.no_grad():
            pictures = self._made.pictures(self._ascent.numbers)
            seen = self._run(normalised(self._job.model, resized(pictures, self._job.view)))
            self._kept.add(step, pictures.detach(), self._objectives(seen, pictures).detach())

    def _objectives(self, seen: Seen, pictures: Tensor) -> Tensor:
        sights = list(_sights(seen, pictures))
        copies = len(sights) // len(self._job.objectives)
        values = []
        for index, sight in enumerate(sights):
            which, copy = divmod(index, copies)
            others = self._others(which, copy, copies, sights)
            values.append(self._job.objectives[which].value(Sight(sight.maps, sight.picture, others)))
        return torch.stack(values)

    def _others(self, which: int, copy: int, copies: int, sights: Sequence[Sight]) -> list[Sight]:
        groups = self._job.groups
        members = [index for index, group in enumerate(groups) if group == groups[which] and index != which]
        return [sights[index * copies + copy] for index in members]


class _Looks:
    """For each picture the look that is kept, and every look's value."""

    def __init__(self, kept: Kept) -> None:
        self._last = kept == "last"
        self._pictures: Tensor | None = None
        self._values: Tensor | None = None
        self._curve: list[tuple[int, Tensor]] = []

    def add(self, step: int, pictures: Tensor, values: Tensor) -> None:
        """One look: pictures (N, C, H, W) and their values (N,)."""
        self._curve.append((step, values.double().cpu()))
        if self._pictures is None or self._values is None:
            self._pictures, self._values = pictures, values
            return
        better = values.isfinite() if self._last else (values > self._values) | ~self._values.isfinite()
        self._pictures = torch.where(better.view(-1, 1, 1, 1), pictures, self._pictures)
        self._values = torch.where(better, values, self._values)

    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Pictures, values, curves and the steps of the looks."""
        assert self._pictures is not None
        assert self._values is not None
        curves = torch.stack([values for _, values in self._curve], 1).numpy()
        steps = np.array([step for step, _ in self._curve])
        return self._pictures.float().cpu().numpy(), self._values.double().cpu().numpy(), curves, steps


def _sights(seen: Seen, pictures: Tensor) -> Iterator[Sight]:
    found = dict(seen.values) if seen.output is None else {**seen.values, OUTPUT: seen.output}
    rows = {address: value.to(pictures.dtype).unbind(0) for address, value in found.items()}
    for index, picture in enumerate(pictures.unbind(0)):
        yield Sight({address: each[index] for address, each in rows.items()}, picture)


def _grows(recipe: Recipe) -> bool:
    """Whether what the network sees keeps the border that the transforms add."""
    return recipe.enlarged == 1


def _evenly(steps: int, looks: int) -> frozenset[int]:
    return frozenset(round(steps * (look + 1) / looks) for look in range(looks))


def _cosine(step: int, steps: int, floor: float) -> float:
    """The share of the rate that is left, from 1 to `floor` along half a cosine."""
    return floor + (1 - floor) * 0.5 * (1 + cos(pi * step / max(1, steps)))
