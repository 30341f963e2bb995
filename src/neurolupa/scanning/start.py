"""`scan`: from a network and images to an atlas."""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import nn

from neurolupa.atlas import Atlas, open_atlas
from neurolupa.atlas.checks import shown, whole_number
from neurolupa.capture import trace
from neurolupa.errors import UsageError
from neurolupa.images import ImageSet, load_images
from neurolupa.models import Model, as_model
from neurolupa.models.running import usual_batch
from neurolupa.scanning.job import OnBlock, ScanJob
from neurolupa.scanning.settings import ScanSettings, check_place
from neurolupa.scanning.sinks import kept_file
from neurolupa.scanning.workplace import Workplace


def scan(
    model: Model | nn.Module | str,
    images: ImageSet | str | Path,
    sites: str | Sequence[str] = "kind:relu",
    out: str | os.PathLike = "atlas",
    *,
    batch_size: int | None = None,
    workers: int | None = None,
    dtype: str = "float32",
    exemplars: int = 9,
    samples: int = 4096,
    strict: bool = False,
    overwrite: bool = False,
    resume: bool = False,
    keep_activations: str | os.PathLike | None = None,
    on_block: OnBlock | None = None,
    on: str | None = None,
) -> Atlas:
    """One pass over the images; what every unit of the chosen sites did is in the atlas that is returned.

    Args:
        model: a network, or what `load_model` takes.
        images: an image set, or what `load_images` takes.
        sites: a selection: addresses, globs, kinds.
        out: the folder of the atlas.
        batch_size: images in a block; 64 for inputs of 128 pixels and more, else 256. The same batch size on
            the same machine gives the same bytes.
        workers: threads that decode images; as many as there are cores when None.
        dtype: what the network computes in: float32, bfloat16 or float16.
        exemplars: exemplars of a band that are kept for a unit.
        samples: images of which every unit's values are kept.
        strict: stop at the first image that cannot be read instead of skipping it.
        overwrite: replace a finished atlas or an interrupted scan in `out`.
        resume: go on with an interrupted scan in `out`, with its batch size.
        keep_activations: a file that receives every activation.
        on_block: called after each block with the images done and the images in all.
        on: "ray" scans on the cluster that RAY_ADDRESS names, or on one that is started on this machine; None
            scans in this process.

    Raises:
        UsageError: an unknown site, a bad value, or an atlas in the way.
        DataError: nothing can be read, the network cannot run, or a resumed scan is not the same any more.
        ScanInterrupted: on Ctrl-C; what was done is kept for `resume`.

    >>> import tempfile
    >>> from neurolupa.models import load_model
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     model = load_model("squeezenet1_1", weights=None, input_size=32)
    ...     atlas = scan(model, "samples?limit=2", "features.0,features.1", Path(folder) / "atlas")
    ...     atlas.layers[["site", "total_neurons"]].values.tolist()
    [['features.0', 64], ['features.1', 64]]
    """
    _check_place(on, keep_activations)
    place = Workplace.choose(out, overwrite=overwrite, resume=resume)
    keep = None if keep_activations is None else kept_file(keep_activations, place.folder)
    asked = ScanSettings((), 1 if batch_size is None else batch_size, dtype, "", exemplars, samples)
    threads = _threads(workers, on_block)
    network = as_model(model)
    pictures = images if isinstance(images, ImageSet) else load_images(images)
    table = trace(network)
    chosen = table.select(sites)
    settings = replace(
        asked,
        sites=tuple(site.address for site in chosen),
        batch_size=usual_batch(network.preprocessing) if batch_size is None else asked.batch_size,
        device=str(network.device),
    )
    place = Workplace.choose(out, overwrite=overwrite, resume=resume)  # loading may have taken minutes
    ScanJob(
        network, pictures, table, chosen, settings, place, threads, strict, keep, on_block, on,
    ).run()  # fmt: skip
    return open_atlas(out)


def _check_place(on: str | None, keep_activations: object) -> None:
    check_place(on)
    if on is not None and keep_activations is not None:
        raise UsageError("activations are kept by a scan in one process only, not on Ray")


def _threads(workers: int | None, on_block: OnBlock | None) -> int:
    if on_block is not None and not callable(on_block):
        raise UsageError(f"on_block must be a function of two numbers, not {shown(on_block)}")
    return (os.cpu_count() or 1) if workers is None else whole_number("workers", workers, 1)
