"""A small scan whose stages are timed one by one."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from neurolupa.capture import Site, observe, trace
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.scanning.cluster import JoinTimes, measure_join
from neurolupa.scanning.finishing import Finisher
from neurolupa.scanning.loading import LoadedBlock, load_blocks
from neurolupa.scanning.passes import Pass
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import SampleWriter, choose, hash_ids
from neurolupa.scanning.settings import ScanSettings
from neurolupa.scanning.sinks import SampleSink

_ROUNDS = 3


@dataclass(frozen=True)
class TrialTimes:
    """What a trial measured, in seconds; all but `finish` for one image.

    Attributes:
        decode: reading and preparing, by all workers together.
        forward: the network alone, up to the deepest site.
        measuring: what the accumulators add to that; 0 where that is too little to tell.
        image: everything together, as in a scan; never less than a stage of it.
        finish: writing the tables, arrays and pictures of the trial.
        pictures: how many exemplars' pictures the trial wrote.
    """

    decode: float
    forward: float
    measuring: float
    image: float
    finish: float
    pictures: int


class Trial:
    """A scan of a few blocks into a folder of its own."""

    def __init__(
        self,
        model: Model,
        images: ImageSet,
        sites: Sequence[Site],
        settings: ScanSettings,
        folder: Path,
        workers: int,
    ) -> None:
        self.model, self.images, self.sites, self.settings = model, images, sites, settings
        self.first_reason = ""
        self.state_bytes = 0
        self.join = JoinTimes(0, 0.0)
        self._folder, self._workers = folder, workers
        self._keys = hash_ids(images.id_of(index) for index in range(len(images)))

    def run(self) -> TrialTimes | None:
        """The times; None when no image can be read."""
        decode, block = self._decode()
        if block is None or block.batch is None:
            return None
        forward, measuring = self._compare(block)
        del block
        scanned, finish = self._scan()
        # A block as short as the sample's can take less than the stages did one by one: they also started up.
        image = max(scanned, decode, forward + measuring)
        pictures = len(list((self._folder / "thumbs").iterdir()))
        return TrialTimes(decode, forward, measuring, image, finish, pictures)

    def written(self, part: str) -> int:
        """Bytes of the files directly in a folder of the trial's atlas."""
        return sum(path.stat().st_size for path in (self._folder / part).iterdir() if path.is_file())

    def file_bytes(self, name: str) -> int:
        """Bytes of one file of the trial's atlas."""
        return (self._folder / name).stat().st_size

    def _decode(self) -> tuple[float, LoadedBlock | None]:
        """Seconds an image, and the first block of which anything can be read."""
        first = None
        begun = time.perf_counter()
        for block in self._blocks():
            self.first_reason = self.first_reason or next((item.reason for item in block.skipped), "")
            first = first or (block if block.batch is not None else None)
        return (time.perf_counter() - begun) / len(self.images), first

    def _blocks(self) -> Iterator[LoadedBlock]:
        return load_blocks(self.model, self.images, self.settings.batch_size, workers=self._workers)

    def _compare(self, block: LoadedBlock) -> tuple[float, float]:
        """Seconds an image of the network alone, and what measuring adds."""
        progress, count = self._progress(), len(block.images)
        # The first run compiles kernels, starts threads and touches the state's memory: a long scan
        # does not feel that.
        self._measure(block, progress)
        rounds = [(self._forward(block), self._measure(block, progress)) for _ in range(_ROUNDS)]
        # What disturbs a machine only ever adds time: the shortest is the nearest to the stage's own.
        forward, whole = (min(times) for times in zip(*rounds, strict=True))
        return forward / count, max(0.0, whole - forward) / count

    def _forward(self, block: LoadedBlock) -> float:
        assert block.batch is not None
        with observe(self.model, self.sites, lambda site, value: None) as forward, self._precision():
            begun = time.perf_counter()
            forward(block.batch)
            self._settle()
            return time.perf_counter() - begun

    def _measure(self, block: LoadedBlock, progress: Progress) -> float:
        with self._pass(progress, None).open() as step:
            begun = time.perf_counter()
            step(block)
            return time.perf_counter() - begun

    def _precision(self) -> AbstractContextManager:
        if self.settings.dtype == "float32":
            return nullcontext()
        return torch.autocast(self.model.device.type, getattr(torch, self.settings.dtype))

    def _settle(self) -> None:
        """Waits for an accelerator, which works behind the program's back."""
        if self.model.device.type != "cpu":
            torch.accelerator.synchronize()

    def _scan(self) -> tuple[float, float]:
        """Seconds an image, and seconds of the end."""
        progress = self._progress()
        begun = time.perf_counter()
        writer = SampleWriter(self._folder / "samples", self.sites)
        with closing(writer), self._pass(progress, SampleSink(writer, progress.sampled)).open() as step:
            for block in self._blocks():
                step(block)
        read = time.perf_counter() - begun
        self.join = measure_join(progress, self._progress)
        self.state_bytes = progress.nbytes()
        begun = time.perf_counter()
        progress.close()
        self._finish(progress, writer)
        return read / len(self.images), time.perf_counter() - begun

    def _finish(self, progress: Progress, writer: SampleWriter) -> None:
        finisher = Finisher(self._folder, self.model, self.images, trace(self.model), self.settings, progress)
        writer.close(finisher.sampled_images)
        finisher.write({"images": ""}, self._workers)

    def _progress(self) -> Progress:
        return Progress.start(
            self.sites, len(self.images), len(self.images.classes), self.settings.exemplars,
            choose(self._keys, self.settings.samples),
        )  # fmt: skip

    def _pass(self, progress: Progress, sink: SampleSink | None) -> Pass:
        sinks = [] if sink is None else [sink]
        return Pass(
            self.model, progress, self.images.labels, self._keys, dtype=self.settings.dtype, sinks=sinks
        )
