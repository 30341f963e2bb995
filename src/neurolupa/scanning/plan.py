"""`plan`: the time, memory and disk that a scan would take, measured on a sample before it is begun."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import nn

from neurolupa.atlas.checks import whole_number
from neurolupa.capture import Site, trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model
from neurolupa.models.running import usual_batch
from neurolupa.scanning.cluster import ClusterPlan, JoinTimes, planned_cluster
from neurolupa.scanning.settings import ScanSettings, check_place
from neurolupa.scanning.trial import Trial, TrialTimes

_BANDS = 3
_BYTES_A_SAMPLED_VALUE = 12
_BYTES_AN_IMAGE = 17
_BLOCKS_IN_FLIGHT = 4


@dataclass(frozen=True)
class Plan:
    """What a scan would take. Times are in seconds, sizes in bytes.

    Attributes:
        model: the network's name.
        images_name: the image set's name.
        images: how many images the scan would read.
        sample: how many of them were read for the measurement.
        sites: how many sites.
        units: how many units these have.
        batch_size: images in a block.
        device: where the network ran.
        times: what was measured.
        pictures: most images whose pictures the atlas would keep, as exemplars.
        memory: bytes of the network, the accumulated state, the blocks in flight and the activations.
        process_peak: resident memory that this process reached so far; None where the system does not tell.
        disk: bytes of the tables, arrays, samples and pictures, and of the checkpoint while it runs.
        cluster: what it would take on Ray, where that was asked; `times` are then those of one core.
    """

    model: str
    images_name: str
    images: int
    sample: int
    sites: int
    units: int
    batch_size: int
    device: str
    times: TrialTimes
    pictures: int
    memory: Mapping[str, int]
    process_peak: int | None
    disk: Mapping[str, int]
    cluster: ClusterPlan | None = None

    @property
    def seconds(self) -> float:
        """Time for the whole scan: every image, the tables, and the exemplars' pictures."""
        more_pictures = max(0, self.pictures - self.times.pictures)
        reading = self.times.image * self.images if self.cluster is None else self.cluster.seconds
        return reading + self.times.finish + self.times.decode * more_pictures

    @property
    def peak_memory(self) -> int:
        """What the process would reach: what it reached on the sample, and what grows with the images."""
        grows = _BYTES_AN_IMAGE * (self.images - self.sample)
        return (self.process_peak or sum(self.memory.values())) + grows

    @property
    def atlas_bytes(self) -> int:
        """The finished atlas on disk."""
        return sum(size for name, size in self.disk.items() if name != "checkpoint")

    @property
    def _extent(self) -> str:
        sites = "1 site" if self.sites == 1 else f"{self.sites} sites"
        return f"{self.images:,} images, {sites}, {self.units:,} units, batch {self.batch_size}"

    def to_dict(self) -> dict[str, Any]:
        """The fields and the totals, ready for JSON."""
        totals = {
            "seconds": self.seconds,
            "peak_memory": self.peak_memory,
            "atlas_bytes": self.atlas_bytes,
        }
        if self.cluster is not None:
            totals["cluster_seconds"] = self.cluster.seconds
        return asdict(self) | {"memory": dict(self.memory), "disk": dict(self.disk)} | totals

    def __str__(self) -> str:
        times, disk = self.times, self.disk
        measuring = _milliseconds(times.measuring) if times.measuring else "too little to tell"
        an_image = (
            f"decoding {_milliseconds(times.decode)}, forward pass {_milliseconds(times.forward)}, "
            f"measuring {measuring}"
        )
        return "\n".join(
            [
                f"{self.model} on {self.images_name}: {self._extent}, {self.device}",
                f"  time    {duration(self.seconds)}",
                f"          an image: {an_image}; together {_milliseconds(times.image)}",
                f"  memory  {size(self.peak_memory)} at its peak",
                f"          {_parts(self.memory)}",
                f"  disk    {size(self.atlas_bytes)}, and {size(disk['checkpoint'])} more while it runs",
                f"          {_parts({name: disk[name] for name in disk if name != 'checkpoint'})}",
                *([] if self.cluster is None else _cluster_lines(self.cluster)),
                f"  measured on N = {self.sample:,} of {self.images:,} images",
            ]
        )

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"


def plan(
    model: Model | str | nn.Module,
    images: ImageSet | str | Path,
    sites: str | Sequence[str] = "kind:relu",
    *,
    batch_size: int | None = None,
    workers: int | None = None,
    dtype: str = "float32",
    exemplars: int = 9,
    samples: int = 4096,
    blocks: int = 2,
    on: str | None = None,
    cluster: int | None = None,
    total: int | None = None,
) -> Plan:
    """The time, memory and disk that `scan` would take with the same arguments.

    A few blocks are really loaded and scanned, into a temporary folder. What the sample cannot show is
    computed (`samples/`, the state) or an upper bound (the exemplars' pictures).

    Args:
        model: a network, or a name or module for `load_model`.
        images: an image set, or what `load_images` takes.
        sites: a selection, as in `scan`.
        batch_size: as in `scan`.
        workers: as in `scan`.
        dtype: as in `scan`.
        exemplars: as in `scan`.
        samples: as in `scan`.
        blocks: how many blocks are measured.
        on: as in `scan`; for "ray" one core is measured, and what many of them would take is computed.
        cluster: workers on Ray; as many as this machine has cores.
        total: how many images like these there are in all; as many as the set has.

    Raises:
        UsageError: an unknown site or a bad value.
        DataError: no image of the sample can be read, or the network cannot run.

    >>> from neurolupa.models import load_model
    >>> network = load_model("squeezenet1_1", weights=None, input_size=32)
    >>> found = plan(network, "samples?limit=3", "features.0", batch_size=2, blocks=1)
    >>> found.images, found.sample, found.units, found.disk["samples"]
    (3, 2, 64, 2304)
    """
    whole_number("blocks", blocks, 1)
    check_place(on)
    if cluster is not None and on is None:
        raise UsageError("cluster is the number of workers on Ray; ask for on='ray' too")
    machines = whole_number("cluster", (os.cpu_count() or 1) if cluster is None else cluster, 1)
    network = as_model(model)
    pictures = images if isinstance(images, ImageSet) else load_images(images)
    count = whole_number("total", len(pictures) if total is None else total, 1)
    chosen = trace(network).select(sites)
    settings = ScanSettings(
        tuple(site.address for site in chosen), batch_size or usual_batch(network.preprocessing),
        dtype, str(network.device), exemplars, samples,
    )  # fmt: skip
    sample = pictures.subset(sample=min(len(pictures), blocks * settings.batch_size))
    threads = 1 if on else workers or os.cpu_count() or 1
    with TemporaryDirectory(prefix="neurolupa-plan-") as folder, _cores(1 if on else None):
        trial = Trial(network, sample, chosen, settings, Path(folder), threads)
        times = trial.run()
        if times is None:
            raise DataError(f"none of {len(sample)} sampled images could be read: {trial.first_reason}")
        found = _planned(trial, times, pictures.name, count)
    return found if on is None else _on_cluster(found, trial.join, machines)


@contextmanager
def _cores(count: int | None) -> Iterator[None]:
    """Inside, torch and the kernels use so many; None leaves them as they are."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(count or before)
        yield
    finally:
        torch.set_num_threads(before)


def _on_cluster(found: Plan, join: JoinTimes, workers: int) -> Plan:
    held = found.memory["blocks"] + found.memory["activations"]
    planned = planned_cluster(
        workers, found.images, found.batch_size, found.times.image, join, found.memory["network"], held
    )
    return replace(found, cluster=planned)


def duration(seconds: float) -> str:
    """A time in words.

    >>> duration(0.42), duration(75), duration(7322)
    ('0.4 s', '1 min 15 s', '2 h 2 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes_left = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes_left} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def size(count: float) -> str:
    """A number of bytes in words, in powers of 1,000.

    >>> size(812), size(45_300_000), size(2_500_000_000)
    ('812 B', '45 MB', '2.5 GB')
    """
    for unit, worth in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= worth:
            value = count / worth
            return f"{value:.1f} {unit}" if value < 10 else f"{value:,.0f} {unit}"
    return f"{count:.0f} B"


def _planned(trial: Trial, times: TrialTimes, name: str, images: int) -> Plan:
    settings, model, units = trial.settings, trial.model, sum(site.units for site in trial.sites)
    pictures = min(images, _BANDS * settings.exemplars * units)
    return Plan(
        model=model.name,
        images_name=name,
        images=images,
        sample=len(trial.images),
        sites=len(trial.sites),
        units=units,
        batch_size=settings.batch_size,
        device=settings.device,
        times=times,
        pictures=pictures,
        memory=_memory(trial),
        process_peak=process_peak(),
        disk=_disk(trial, times, images, units, pictures),
    )


def _memory(trial: Trial) -> dict[str, int]:
    model, batch = trial.model, trial.settings.batch_size
    tensors = [*model.module.parameters(), *model.module.buffers()]
    channels, (height, width) = model.preprocessing.channels, model.preprocessing.input_size
    # Two wait, one is being stacked, one runs.
    in_flight = 4 * _BLOCKS_IN_FLIGHT * batch * channels * height * width
    return {
        "network": sum(tensor.numel() * tensor.element_size() for tensor in tensors),
        "state": trial.state_bytes,
        "blocks": in_flight,
        "activations": 4 * batch * max(_neighbours(tuple(trace(model)))),
    }


def _neighbours(sites: Sequence[Site]) -> Iterator[int]:
    """Elements of an operation's input and output together, for one image."""
    sizes = [site.units * site.height * site.width for site in sites]
    return (first + second for first, second in zip([0, *sizes], sizes, strict=False))


def _disk(trial: Trial, times: TrialTimes, images: int, units: int, pictures: int) -> dict[str, int]:
    per_picture = trial.written("thumbs") / max(1, times.pictures)
    per_image = trial.file_bytes("images.parquet") / len(trial.images)
    return {
        "tables": trial.written(".") + round(per_image * (images - len(trial.images))),
        "arrays": trial.written("arrays"),
        "samples": _BYTES_A_SAMPLED_VALUE * units * min(images, trial.settings.samples),
        "pictures": round(per_picture * pictures),
        "checkpoint": 3 * trial.state_bytes,
    }


def _cluster_lines(found: ClusterPlan) -> list[str]:
    workers = "1 worker" if found.workers == 1 else f"{found.workers:,} workers"
    parts = f"{found.stretches:,} stretches of at most {found.stretch_images:,} images"
    joined = f"a state of {size(found.state)} joined in {_milliseconds(found.join)}"
    transfer, memory = size(found.transfer), size(found.worker_memory)
    return [
        f"  on Ray  {workers} busy for {duration(found.working)}, the driver for {duration(found.joining)}",
        f"          {parts}, {joined}",
        f"          transfer {transfer}, pictures apart; memory of a worker {memory}",
    ]


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g} ms"


def process_peak() -> int | None:
    """The most resident memory that this process has had, in bytes; None where the system does not tell.

    >>> (process_peak() or 10**9) > 10**6
    True
    """
    try:
        import resource
    except ImportError:
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _parts(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {size(count)}" for name, count in parts.items())
