"""A scan on Ray beside the same scan in one process: two workers on this machine's two cores."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import torch

import neurolupa as nl
from benchmarks.arms import nine_relus, seconds
from benchmarks.results import Row
from benchmarks.scan import network
from neurolupa.capture import Site
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import choose, hash_ids
from neurolupa.scanning.settings import ScanSettings
from neurolupa.scanning.stretches import Stretch, Task, scan_stretch

WORKERS = 2


def pictures(count: int, size: int) -> nl.ImageSet:
    """So many stimuli, made on the spot: no disk, and as much work for both arms."""
    return nl.load_images(f"stimuli?count={count}&size={size}&target=hue")


def rate(size: int, count: int, batch: int, repeats: int, target: float) -> Iterator[Row]:
    """Images a second on Ray, from the first finished block to the last, over those of one process.

    The start of the cluster and of its workers, some seconds whatever the size, is told apart.
    """
    model, images = network(size), pictures(count, size)
    torch.set_num_threads(WORKERS)
    ratios, alone, shared, starts = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(repeats):
            alone.append(_timed(model, images, Path(folder) / f"one{repeat}", batch, None)[0])
            with _ray():
                found, start = _timed(model, images, Path(folder) / f"ray{repeat}", batch, "ray")
            shared.append(found)
            starts.append(start)
            ratios.append(shared[-1] / alone[-1])
    facts = {
        "one process, images/s": round(float(np.median(alone)), 1),
        "on Ray, images/s": round(float(np.median(shared)), 1),
        "to the first stretch, s": round(float(np.median(starts)), 1),
    }
    name = f"on Ray, {WORKERS} workers / one process, ResNet-18 at {size} px, {count} images, batch {batch}"
    yield Row(name, tuple(ratios), target, facts=facts)


def _timed(
    model: nl.Model, images: nl.ImageSet, out: Path, batch: int, on: str | None
) -> tuple[float, float]:
    """Images a second after the first sign of progress, and seconds to it."""
    begun, told = time.perf_counter(), []
    nl.scan(
        model, images, out=out, batch_size=batch, on=on,
        on_block=lambda done, total: told.append((time.perf_counter(), done)),
    )  # fmt: skip
    (first, some), (last, every) = told[0], told[-1]
    return (every - some) / (last - first), first - begun


def merging(size: int, batch: int, target: float) -> Iterator[Row]:
    """Seconds to merge a stretch's state over the seconds that the stretch takes, in per cent."""
    model, images = network(size), pictures(batch * 16, size)
    sites = nine_relus(model)
    settings = ScanSettings(tuple(site.address for site in sites), batch)
    keys = hash_ids(images.id_of(index) for index in range(len(images)))
    task = Task(images, settings, choose(keys, settings.samples), keys, strict=False)
    held = []
    took = seconds(lambda: held.append(scan_stretch(model, task, Stretch(0, 16))))
    progress = _empty(sites, images, settings, task)
    times = [seconds(lambda: progress.absorb(held[0])) for _ in range(5)]
    size_of = sum(array.nbytes for arrays in held[0].states.values() for array in arrays.values())
    facts = {"state MB": round(size_of / 1e6, 1), "stretch s": round(took, 1)}
    name = f"merging the state of 16 blocks / scanning them, ResNet-18 at {size} px, batch {batch}"
    yield Row(name, tuple(100 * one / took for one in times), target, at_least=False, unit="%", facts=facts)


def memory(size: int, batch: int, counts: tuple[int, int], most_mb: float) -> Iterator[Row]:
    """Growth of the largest worker's own memory from the smaller to the larger set, in MB."""
    grown, facts = [], {}
    for repeat in range(2):
        peaks = [_worker_peak(size, batch, count) for count in counts]
        grown.append((peaks[1] - peaks[0]) / 1e6)
        facts[f"MB, run {repeat + 1}"] = " and ".join(f"{peak / 1e6:.0f}" for peak in peaks)
    name = f"memory of a Ray worker, {counts[1]:,} less {counts[0]:,} images, ResNet-18 at {size} px"
    yield Row(name, tuple(grown), most_mb, at_least=False, unit="MB", facts=facts)


def _worker_peak(size: int, batch: int, count: int) -> float:
    """Bytes that the largest worker held at most, seen at every sign of progress."""
    found: list[int] = []
    with tempfile.TemporaryDirectory() as folder, _ray():
        nl.scan(
            network(size), pictures(count, size), out=Path(folder) / "a", batch_size=batch, on="ray",
            on_block=lambda done, total: found.extend(_workers_hold()),
        )  # fmt: skip
    return max(found, default=0)


def _workers_hold() -> Iterator[int]:
    """Private bytes of each process that scans now."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, StopIteration):
                if (entry / "cmdline").read_bytes().startswith(b"ray::_work"):
                    lines = (entry / "status").read_text().splitlines()
                    yield 1024 * int(next(line for line in lines if line.startswith("RssAnon")).split()[1])


def planned(size: int, batch: int, counts: tuple[int, ...], target: float) -> Iterator[Row]:
    """What `plan` says of a scan on Ray over what it takes, with tables and the start of the cluster."""
    model = network(size)
    for count in counts:
        images = pictures(count, size)
        said = nl.plan(model, images, batch_size=batch, on="ray", cluster=WORKERS)
        with tempfile.TemporaryDirectory() as folder:
            took = seconds(lambda: _scan_with_start(model, images, batch, Path(folder) / "a"))  # noqa: B023
        assert said.cluster is not None
        megabytes = round(said.cluster.state / 1e6, 1)
        facts = {"planned s": round(said.seconds, 1), "took s": round(took, 1), "state MB": megabytes}
        name = f"planned / measured, {count:,} images at {size} px on Ray"
        yield Row(name, (said.seconds / took,), target, facts=facts)


def _scan_with_start(model: nl.Model, images: nl.ImageSet, batch: int, out: Path) -> None:
    with _ray():
        nl.scan(model, images, out=out, batch_size=batch, on="ray")


@contextmanager
def _ray() -> Iterator[None]:
    import ray

    os.environ["RAY_AUTH_MODE"] = "disabled"
    ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
    try:
        yield
    finally:
        ray.shutdown()


def _empty(sites: list[Site], images: nl.ImageSet, settings: ScanSettings, task: Task) -> Progress:
    return Progress.start(sites, len(images), len(images.classes), settings.exemplars, task.sampled)


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "scale_ray": lambda: rate(64, 4096, 64, 3, 0.85),
    "scale_ray_224": lambda: rate(224, 768, 16, 3, 0.85),
    "scale_merging": lambda: merging(64, 64, 1.0),
    "scale_memory": lambda: memory(32, 128, (1_000, 20_000), 50.0),
    "scale_plan": lambda: planned(64, 64, (1_000, 4_000, 12_000), 0.7),
}
