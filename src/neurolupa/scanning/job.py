"""One scan into one folder: begun or resumed, stopped or finished, never half there."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from neurolupa.capture import Site, SiteTable
from neurolupa.errors import DataError
from neurolupa.images import ImageSet
from neurolupa.models import Model
from neurolupa.scanning.checkpoint import Checkpoint
from neurolupa.scanning.finishing import Finisher
from neurolupa.scanning.loading import load_blocks
from neurolupa.scanning.passes import Pass, Sink
from neurolupa.scanning.progress import Progress
from neurolupa.scanning.sampling import SampleWriter, choose, hash_ids
from neurolupa.scanning.settings import ScanSettings, refuse_changes
from neurolupa.scanning.sinks import ActivationSink, SampleSink, refuse_too_large
from neurolupa.scanning.stopping import ScanInterrupted, StopRequest, stop_on_signals
from neurolupa.scanning.stretches import Stretch, Task, stretches
from neurolupa.scanning.workplace import Workplace

CHECKPOINT_SECONDS = 30.0
"""Least time between two checkpoints; one that takes long to write is written less often."""

_SAVING_SHARE = 0.05
OnBlock = Callable[[int, int], None]
"""Called after each block with the images done and the images in all."""


def identity_of(model: Model, images: ImageSet, settings: ScanSettings) -> dict[str, Any]:
    """What must be equal for an interrupted scan to go on."""
    recorded = settings.to_dict()
    for free in ("batch_size", "device"):
        del recorded[free]
    return recorded | {
        "weights": model.weights_digest,
        "probe": model.probe_output(),
        "preprocessing": model.preprocessing.to_dict(),
        "images": images.digest(),
    }


@dataclass
class ScanJob:
    """One scan into one folder."""

    model: Model
    images: ImageSet
    table: SiteTable
    sites: Sequence[Site]
    settings: ScanSettings
    place: Workplace
    workers: int
    strict: bool
    keep: Path | None
    on_block: OnBlock | None
    on: str | None = None

    def run(self) -> None:
        """From the first block, or the checkpoint, to the finished atlas.

        Raises:
            DataError: a disk that is full, or another fault of the file system.
        """
        try:
            identity = identity_of(self.model, self.images, self.settings)
            identity["keeps_activations"] = self.keep is not None
            with self.place.open():
                if not self.place.finished:
                    self._run(identity)
            self.place.land()
        except OSError as error:
            raise self._stopped_by(error) from error

    def _run(self, identity: dict[str, Any]) -> None:
        checkpoint = Checkpoint(self.place.building)
        keys = hash_ids(self.images.id_of(index) for index in range(len(self.images)))
        progress = Progress.start(
            self.sites, len(self.images), len(self.images.classes), self.settings.exemplars,
            choose(keys, self.settings.samples),
        )  # fmt: skip
        if self.place.resuming:
            self._continue_from(checkpoint, progress, identity)
        try:
            self._pass_and_finish(progress, keys, checkpoint, identity)
        except ScanInterrupted:
            raise
        except BaseException:
            if not progress.read.any():
                self.place.abandon()
            raise

    def _stopped_by(self, error: OSError) -> DataError:
        reason = error.strerror or str(error)
        where = f"{error.filename}: {reason}" if error.filename else reason
        resumable = Checkpoint(self.place.building).exists()
        advice = "; when that is mended, --resume goes on" if resumable else ""
        return DataError(f"the scan into {self.place.folder} was stopped: {where}{advice}")

    def _continue_from(self, checkpoint: Checkpoint, progress: Progress, identity: dict[str, Any]) -> None:
        stored = checkpoint.read()
        facts = stored.facts
        refuse_changes(facts["identity"], identity)
        if facts["settings"]["device"] != self.settings.device:
            was, now = facts["settings"]["device"], self.settings.device
            raise DataError(f"cannot resume on {now}: the scan began on {was}; ask for --device {was}")
        self.settings = replace(self.settings, batch_size=facts["settings"]["batch_size"])
        stored.restore(progress)

    def _pass_and_finish(
        self, progress: Progress, keys: np.ndarray, checkpoint: Checkpoint, identity: dict[str, Any]
    ) -> None:
        if self.keep is not None:
            refuse_too_large(self.keep, self.sites, len(self.images))
        finisher = Finisher(self.place.building, self.model, self.images, self.table, self.settings, progress)
        with ExitStack() as open_files:
            writer = SampleWriter(self.place.building / "samples", self.sites, progress.sample_rows)
            open_files.callback(writer.close)
            kept = self.keep and ActivationSink(self.keep, self.sites, int(progress.read.sum()))
            if kept:
                open_files.callback(kept.close)
            sinks: list[Sink] = [SampleSink(writer, progress.sampled), *([kept] if kept else [])]
            saver = _Saver(checkpoint, progress, self.settings, identity, sinks)
            saver.save()
            self._feed(self._advance(progress, keys, writer, sinks), progress, saver)
            saver.save()
            self._refuse_nothing_read(progress)
            writer.close(finisher.sampled_images)
        if kept:
            kept.finish(self.images.labels[progress.read], self.images.classes)
        finisher.write(identity, self.workers)
        if kept:
            kept.remove_parts()

    def _feed(self, advance: Generator[None], progress: Progress, saver: "_Saver") -> None:
        with stop_on_signals() as request, closing(advance):
            for _ in advance:
                if self.on_block:
                    self.on_block(self._done(progress), len(self.images))
                saver.save_when_due()
                self._stop_if_asked(request, saver, progress)

    def _advance(
        self, progress: Progress, keys: np.ndarray, writer: SampleWriter, sinks: Sequence[Sink]
    ) -> Generator[None]:
        """Brings the state a block further each time, or on Ray a stretch of blocks."""
        left = stretches(len(self.images), self.settings.batch_size, progress.next_block)
        away = left if self.on == "ray" else ()
        if progress.under_way:  # a scan that was begun in this process
            away = away[1:]
        feed = Pass(self.model, progress, self.images.labels, keys, dtype=self.settings.dtype, sinks=sinks)
        yield from self._here(left[: len(left) - len(away)], feed, progress)
        if away:
            yield from self._on_ray(away, progress, keys, writer)

    def _here(self, parts: Sequence[Stretch], feed: Pass, progress: Progress) -> Generator[None]:
        """Stretches in this process, block by block."""
        if not parts:
            return
        borders = {part.end for part in parts}
        with feed.open() as step:
            for block in load_blocks(
                self.model, self.images, self.settings.batch_size,
                start=parts[0].first, end=parts[-1].end, workers=self.workers, strict=self.strict,
            ):  # fmt: skip
                step(block)
                if progress.next_block in borders:
                    progress.close()
                yield

    def _on_ray(
        self, parts: Sequence[Stretch], progress: Progress, keys: np.ndarray, writer: SampleWriter
    ) -> Generator[None]:
        """Stretches on Ray's workers, each from nothing."""
        from neurolupa.scanning.on_ray import done_on_ray

        task = Task(self.images, self.settings, np.flatnonzero(progress.sampled), keys, self.strict)
        with closing(done_on_ray(self.model, task, parts)) as results:
            for done in results:
                writer.append(done.rows)
                progress.absorb(done)
                yield

    def _done(self, progress: Progress) -> int:
        """How many images the finished blocks held, the skipped ones included."""
        return min(progress.next_block * self.settings.batch_size, len(self.images))

    def _refuse_nothing_read(self, progress: Progress) -> None:
        if not progress.read.any():
            first, reason = min(progress.skipped.items())
            name = self.images.id_of(first)
            raise DataError(f"none of {len(self.images)} images could be read; the first, {name}: {reason}")

    def _stop_if_asked(self, request: StopRequest, saver: "_Saver", progress: Progress) -> None:
        if request.asked:
            saver.save()
            done = f"{self._done(progress)} of {len(self.images)} images"
            raise ScanInterrupted(f"stopped after {done}; the same command with --resume goes on")


class _Saver:
    """Checkpoints in time: at least so many seconds apart, and never more than a small share of the time."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        progress: Progress,
        settings: ScanSettings,
        identity: dict[str, Any],
        sinks: Sequence[Sink],
    ) -> None:
        self._write = lambda: checkpoint.save(progress, settings, identity)
        self._sinks = sinks
        self._due = time.monotonic() + CHECKPOINT_SECONDS

    def save_when_due(self) -> None:
        """Saves if enough time has passed since the last time."""
        if time.monotonic() >= self._due:
            self.save()

    def save(self) -> None:
        """Saves now: rows that the state counts are with the operating system before the state is."""
        begun = time.monotonic()
        for sink in self._sinks:
            sink.flush()
        self._write()
        now = time.monotonic()
        self._due = now + max(CHECKPOINT_SECONDS, (now - begun) / _SAVING_SHARE)
