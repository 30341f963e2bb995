"""What a scan on Ray would cost: a model of few terms, each measured on a sample of the same images.

Workers share the images; the driver joins their states one after the other, whoever made them. So the time is
that of the slower of both, with the start of the cluster before it and the tables after it:

    T = start + max(N · t / M, S · (j + w)) + tables

N images, t seconds an image on one core, M workers, S stretches, j seconds to join a state, w to unpack it.
The state's size and the time to join it depend on sites, units and classes, never on N.
"""

import pickle
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from neurolupa.scanning.progress import Progress
from neurolupa.scanning.stretches import Done, Stretch, stretches

START_SECONDS = 10.0
"""From `ray.init` to the first picture in a worker: what was seen on two machines, 6 to 14 seconds."""

_ROUNDS = 3
_HELD_STATES = 3
"""States that a worker holds at a time: the one that grows, its packed copy, the one before on its way."""


@dataclass(frozen=True)
class ClusterPlan:
    """What a scan on Ray would take. Times are in seconds, sizes in bytes.

    Attributes:
        workers: processes, one core or one device each.
        stretches: parts that the images are cut into.
        stretch_images: images in the longest of them.
        state: what a stretch sends back.
        join: time to unpack and join one state.
        transfer: all states to the driver, and the network to every worker.
        working: time of the workers, which share the images.
        joining: time of the driver, which joins all states.
        worker_memory: of each worker.
        driver_memory: of the driver.
    """

    workers: int
    stretches: int
    stretch_images: int
    state: int
    join: float
    transfer: int
    working: float
    joining: float
    worker_memory: int
    driver_memory: int

    @property
    def seconds(self) -> float:
        """From the start of the cluster to the last joined state."""
        return START_SECONDS + max(self.working, self.joining)


@dataclass(frozen=True)
class JoinTimes:
    """What joining one stretch costs: bytes of its state, and seconds to unpack and join it."""

    state: int
    seconds: float


def measure_join(progress: Progress, start: Callable[[], Progress]) -> JoinTimes:
    """A sample's stretch, still under way, packed, unpacked and joined as on Ray; the shortest of 3 times.

    `start` makes an empty progress of the same images.
    """
    states = {state.site.address: state.part() for state in progress.sites}
    read = np.flatnonzero(progress.read)
    done = Done(Stretch(0, progress.next_block), states, read, progress.sizes[read], {}, {})
    whole, times = start(), []
    for _ in range(_ROUNDS + 1):  # the first touches the memory of the whole
        begun = time.perf_counter()
        packed = pickle.dumps(done, protocol=5)
        whole.absorb(pickle.loads(packed))
        times.append(time.perf_counter() - begun)
    return JoinTimes(sum(a.nbytes for site in states.values() for a in site.values()), min(times[1:]))


def planned_cluster(
    workers: int, images: int, batch_size: int, image: float, join: JoinTimes, network: int, blocks: int
) -> ClusterPlan:
    """The plan for so many workers and images.

    Args:
        workers: M.
        images: N.
        batch_size: images in a block.
        image: seconds an image, on one core.
        join: of `measure_join`.
        network: bytes of the network.
        blocks: bytes of a worker's blocks in flight and activations.

    >>> found = planned_cluster(8, 1_000_000, 64, 0.02, JoinTimes(30_000_000, 0.05), 45_000_000, 0)
    >>> found.stretches, found.stretch_images, found.working, round(found.joining, 1)
    (977, 1024, 2500.0, 48.9)
    """
    parts = stretches(images, batch_size)
    return ClusterPlan(
        workers=workers,
        stretches=len(parts),
        stretch_images=min(images, batch_size * max(part.end - part.first for part in parts)),
        state=join.state,
        join=join.seconds,
        transfer=len(parts) * join.state + workers * network,
        working=images * image / min(workers, len(parts)),
        joining=len(parts) * join.seconds,
        worker_memory=network + blocks + _HELD_STATES * join.state,
        driver_memory=2 * join.state,
    )
