"""`dream`: a user's own picture, changed so that a layer or a unit sees more of what it looks for in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from time import perf_counter

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from neurolupa import __version__
from neurolupa.atlas.checks import real_number, shown, whole_number
from neurolupa.capture.differentiating import Pass, differentiable, smallest_size
from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.capture.tracing import trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet
from neurolupa.inspection.seen import Inspected, Opened, open_inspected
from neurolupa.models import Model, as_model
from neurolupa.models.preprocessing import MODES
from neurolupa.models.running import dtype_of
from neurolupa.synthesis.dreams import Dream, DreamSource, Octave
from neurolupa.synthesis.fitting import check_fit
from neurolupa.synthesis.objectives import OUTPUT, Layer, Objective, Sight, Unit
from neurolupa.synthesis.quality import normalised
from neurolupa.synthesis.resolving import resolved
from neurolupa.synthesis.streams import Streams, seed_of
from neurolupa.synthesis.transforms import resized

_JITTER = 1 / 8  # of the shorter side, at most, in each direction
_REDIRECTED = 16  # steps of each size in which a silent unit may be woken, as in a synthesis
_SLOWER = 0.1  # what the rate of a size that broke is multiplied by, once
_TINY = 1e-12
Report = Callable[[int, int], None]
Size = tuple[int, int]


def dream(
    model: Model | str | nn.Module,
    image: Inspected,
    site: str | Site | None = None,
    unit: int | None = None,
    *,
    objective: Objective | None = None,
    octaves: int = 4,
    scale: float = 1.4,
    steps: int = 10,
    rate: float = 0.01,
    seed: int = 0,
    most: int = 2**18,
    images: ImageSet | None = None,
    report: Report | None = None,
) -> Dream:
    """Change a picture so that a layer, a unit or anything else that can be differentiated answers it more.

    DeepDream (A. Mordvintsev, C. Olah and M. Tyka, 2015): the picture is climbed at several sizes, from small
    to large, and what was added at one size is carried over to the next. In every step it is rolled by random
    numbers of pixels, at most an eighth of its shorter side, and moved along the gradient divided by its mean
    absolute value; values stay in 0..1. The whole picture is kept in its own proportions, whatever part of it
    the network would see. The network is left as found. Ctrl-C gives what is there.

    Args:
        model: The network, its name, or a module.
        image: A path, bytes, Pillow picture, array, picture of an image set, address, or index of `images`.
        site: What is driven: the mean square of all of its values, or one unit; a bare name is its last call.
        unit: The mean of this unit's map instead.
        objective: In the place of site and unit: anything else.
        octaves: How many sizes; those that are too small for the site are left out.
        scale: From one size to the next, above 1.
        steps: At each size.
        rate: Mean change of a value (0..1) in one step.
        seed: Of the rolling.
        most: A picture of more pixels is reduced to about as many.
        images: The image set that an index is of.
        report: Called with (done, all) steps.

    Raises:
        UsageError: An unknown site, unit or value, or a picture that is too small for the site.
        DataError: The picture cannot be read, or the network cannot run on it or cuts the gradient off.

    >>> from PIL import Image
    >>> picture = Image.radial_gradient("L")
    >>> made = dream("embedded", picture, "layer1.0.relu", 3, octaves=2, steps=2, most=4000)
    >>> made.picture.shape, [(one.height, one.width) for one in made.octaves], made.target
    ((3, 63, 63), [(45, 45), (63, 63)], 'layer1.0.relu:1#3')
    >>> all(one.after > one.before for one in made.octaves), made.reduced
    (True, True)
    """
    network = as_model(model)
    table = trace(network)
    settings = _Settings.of(octaves, scale, steps, rate, seed, most)
    wanted = resolved(_objective(table, site, unit, objective), table, _outputs(network))
    opened = open_inspected(image, images)
    with torch.inference_mode(False):
        start = _start(network, opened.picture, settings.most)
        return _Night(network, table, wanted, opened, settings, start).dream(report)


@dataclass(frozen=True)
class _Settings:
    octaves: int
    scale: float
    steps: int
    rate: float
    seed: int
    most: int

    @classmethod
    def of(cls, octaves: int, scale: float, steps: int, rate: float, seed: int, most: int) -> "_Settings":
        scale, rate = real_number("scale", scale), real_number("rate", rate)
        if not 1 < scale <= 8:
            raise UsageError(f"scale is above 1 and at most 8, not {scale:g}")
        if not 0 < rate <= 1:
            raise UsageError(f"rate is above 0 and at most 1, not {rate:g}")
        return cls(
            whole_number("octaves", octaves, 1),
            scale,
            whole_number("steps", steps, 1),
            rate,
            whole_number("seed", seed, 0),
            whole_number("most", most, 1),
        )


def _objective(
    table: SiteTable, site: str | Site | None, unit: int | None, objective: Objective | None
) -> Objective:
    if (site is None) == (objective is None):
        raise UsageError("either a site or an objective is wanted, one of the two")
    if objective is not None:
        if unit is not None:
            raise UsageError("a unit goes with a site, not with an objective")
        return objective
    if not isinstance(site, str | Site):
        raise UsageError(f"a site is its name, not {shown(site)}")
    address = table.find(site if isinstance(site, str) else site.address).address
    return Layer(address) if unit is None else Unit(address, whole_number("unit", unit))


def _outputs(model: Model) -> int | None:
    return None if model.classes is None else len(model.classes)


def _start(model: Model, picture: Image.Image, most: int) -> Tensor:
    """The picture (1, C, H, W) in 0..1, reduced to at most about so many pixels."""
    channels = model.preprocessing.channels
    factor = min(1.0, sqrt(most / (picture.width * picture.height)))
    width, height = (max(1, int(side * factor)) for side in picture.size)
    plain = picture.convert(MODES[channels])
    if (width, height) != plain.size:
        plain = plain.resize((width, height), Image.Resampling.LANCZOS)
    pixels = torch.from_numpy(np.array(plain).reshape(height, width, channels))
    return pixels.permute(2, 0, 1)[None].to(model.device, dtype_of(model.module)) / 255


class _Night:
    """One dream while it runs."""

    def __init__(
        self,
        model: Model,
        table: SiteTable,
        objective: Objective,
        opened: Opened,
        settings: _Settings,
        start: Tensor,
    ) -> None:
        self._model, self._objective, self._opened = model, objective, opened
        self._settings, self._start = settings, start
        self._whole = OUTPUT in objective.sites
        self._sites = [table.find(address) for address in objective.sites if address != OUTPUT]
        self._sizes = self._wide_enough([*self._sites, table[-1]] if self._whole else self._sites)
        check_fit(model, table, [objective], self._sizes[0])
        self._stream = Streams.of([seed_of(settings.seed, str(objective))])
        self._detail = torch.zeros_like(resized(start, self._sizes[0]))
        self._done: list[Octave] = []
        self._steps, self._before = 0, nan
        self._curve: list[float] = []

    def dream(self, report: Report | None) -> Dream:
        """All sizes, or those that Ctrl-C left time for."""
        began, interrupted = perf_counter(), False
        with differentiable(self._model, self._sites, output=self._whole) as run:
            try:
                for size in self._sizes:
                    self._octave(run, size, report)
            except KeyboardInterrupt:
                interrupted = True
                self._done.append(self._broken_off(run))
        picture = (self._start + resized(self._detail, _size(self._start))).clamp(0, 1)
        return Dream(
            _plain(picture),
            _plain(self._start),
            str(self._objective),
            tuple(self._done),
            self._source(),
            interrupted,
            perf_counter() - began,
        )

    def _wide_enough(self, sites: Sequence[Site]) -> tuple[Size, ...]:
        """The sizes from small to large, without those at which the network does not reach the sites."""
        settings, (height, width) = self._settings, _size(self._start)
        factors = [settings.scale**-power for power in reversed(range(settings.octaves))]
        rounded = [(max(1, round(height * each)), max(1, round(width * each))) for each in factors]
        sizes = list(dict.fromkeys(rounded))
        if smallest_size(self._model, sites, min(sizes[0])) is not None:
            return tuple(sizes)
        least = smallest_size(self._model, sites, min(sizes[-1]))
        if least is None:
            raise self._too_small(sites, sizes[-1])
        return tuple(size for size in sizes if min(size) >= least)

    def _too_small(self, sites: Sequence[Site], size: Size) -> Exception:
        names = ", ".join(site.name for site in sites)
        least = smallest_size(self._model, sites, max(self._model.preprocessing.input_size))
        if least is None or least <= min(size):
            return DataError(f"{self._model.name} does not reach {names} on pictures of other sizes")
        given = f"a picture of {size[1]} x {size[0]} pixels"
        return UsageError(f"{given} is too small for {names}; the smallest that works is {least} x {least}")

    def _octave(self, run: Pass, size: Size, report: Report | None) -> None:
        """Climb at one size; one that breaks begins again slower, and changes nothing if it breaks again."""
        base = resized(self._start, size)
        carried = resized(self._detail, size)
        self._detail, self._steps, self._before = carried, 0, nan
        self._before = self._value(run, (base + carried).clamp(0, 1))
        rates = (self._settings.rate, self._settings.rate * _SLOWER)
        broken = 0
        for rate in rates:
            if self._climbed(run, base, rate, report):
                break
            broken += 1
            self._detail, self._steps = carried, 0
        after = self._value(run, (base + self._detail).clamp(0, 1))
        ends, curve = (self._before, after), tuple(self._curve[: self._steps])
        self._done.append(Octave(*size, self._steps, *ends, broken > 0, broken == len(rates), curve))

    def _climbed(self, run: Pass, base: Tensor, rate: float, report: Report | None) -> bool:
        """Take the steps of one size; False where a gradient is not finite."""
        picture, self._curve = (base + self._detail).clamp(0, 1), []
        for step in range(self._settings.steps):
            slope = self._slope(run, picture, step)
            if not bool(slope.isfinite().all()):
                return False
            picture = (picture + rate * slope / slope.abs().mean().clamp_min(_TINY)).clamp(0, 1)
            self._detail, self._steps = picture - base, step + 1
            if report is not None:
                before = len(self._done) * self._settings.steps
                report(before + step + 1, len(self._sizes) * self._settings.steps)
        return True

    def _slope(self, run: Pass, picture: Tensor, step: int) -> Tensor:
        """The gradient of the objective on the picture, rolled and rolled back."""
        reach = round(_JITTER * min(_size(picture))) + 0.49
        down, across = (int(move) for move in self._stream.uniform(-reach, reach, 2)[0].round())
        leaf = picture.roll((down, across), (2, 3)).detach().requires_grad_()
        value = self._measured(run, leaf, redirected=step < _REDIRECTED)
        if not value.requires_grad:
            raise DataError(f"no gradient comes back from {self._objective}: the network cuts it off")
        self._curve.append(float(value.detach()))
        slope = -torch.autograd.grad(-value, leaf)[0]  # of a loss: what `redirecting` expects
        return slope.roll((-down, -across), (2, 3))

    def _value(self, run: Pass, picture: Tensor) -> float:
        with torch.no_grad():
            return float(self._measured(run, picture))

    def _measured(self, run: Pass, picture: Tensor, redirected: bool = False) -> Tensor:
        seen = run(normalised(self._model, picture), redirected=redirected)
        maps = {address: each[0] for address, each in seen.values.items()}
        if seen.output is not None:
            maps[OUTPUT] = seen.output[0]
        return self._objective.value(Sight(maps, picture[0]))

    def _broken_off(self, run: Pass) -> Octave:
        """The size at which Ctrl-C came."""
        size = _size(self._detail)
        picture = (resized(self._start, size) + self._detail).clamp(0, 1)
        curve = tuple(self._curve[: self._steps])
        return Octave(*size, self._steps, self._before, self._value(run, picture), curve=curve)

    def _source(self) -> DreamSource:
        settings, opened = self._settings, self._opened
        return DreamSource(
            self._model.name,
            self._model.weights_digest,
            self._objective.sites,
            opened.id,
            opened.digest,
            opened.picture.size[::-1],
            settings.octaves,
            settings.scale,
            settings.steps,
            settings.rate,
            settings.seed,
            settings.most,
            {"neurolupa": __version__, "torch": str(torch.__version__), "numpy": np.__version__},
        )


def _plain(picture: Tensor) -> np.ndarray:
    return picture[0].detach().to("cpu", torch.float32).numpy()


def _size(picture: Tensor) -> Size:
    height, width = picture.shape[-2:]
    return height, width
