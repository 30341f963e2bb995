"""The page of one unit, read from an atlas, beside one batch of the scan that wrote the atlas."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch

import neurolupa as nl
from benchmarks.arms import open_scan, seconds
from benchmarks.results import Row
from benchmarks.scan import DATA, photographs
from neurolupa.capture import trace
from neurolupa.reporting import as_html
from neurolupa.reporting.unit_page import unit_report
from neurolupa.units.page import unit_page

BATCH = 32
DRAWN = 3
"""So many pages are drawn, to tell what the figures cost on top."""


def against_batch(kind: str, images: str, repeats: int, target: float) -> Iterator[Row]:
    """Time for a page, the atlas opened anew for each, over that of one batch of the scan, in turn."""
    weights = DATA / "weights" / "squeezenet1_1-imagenet.pth"
    model = nl.load_model("squeezenet1_1", weights=weights if weights.exists() else None, device="cpu")
    sites, pages, batches = trace(model).select("kind:relu"), [], []
    batch = torch.rand(BATCH, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with tempfile.TemporaryDirectory() as place, open_scan(model, sites, BATCH * (repeats + 1)) as take:
        atlas = nl.scan(model, images, out=Path(place) / "atlas")
        take(0, batch)
        _read(atlas, 0)
        for repeat in range(repeats):
            batches.append(seconds(lambda number=repeat + 1: take(number, batch)))
            pages.append(seconds(lambda turn=repeat: _read(atlas, turn)))
        drawing = [seconds(lambda turn=turn: _draw(atlas, turn)) for turn in range(DRAWN)]
        facts = {"units": len(atlas.units), "pictures": atlas.source.read}
    facts |= {"page ms": round(1e3 * np.median(pages)), "batch ms": round(1e3 * np.median(batches))}
    facts["apart: page with figures as HTML ms"] = round(1e3 * np.median(drawing))
    ratios = tuple(page / one for page, one in zip(pages, batches, strict=True))
    name = f"page of a unit / scan batch of {BATCH}, SqueezeNet 1.1 at 224 px, {kind}"
    yield Row(name, ratios, target, at_least=False, facts=facts)


def _read(atlas: nl.Atlas, turn: int) -> None:
    """A page of another site each time; nothing of the pages before is held."""
    unit_page(nl.open_atlas(atlas.folder), atlas.sites[3 * turn % len(atlas.sites)], turn)


def _draw(atlas: nl.Atlas, turn: int) -> None:
    as_html(unit_report(atlas, unit_page(atlas, atlas.sites[3 * turn + 2], turn)))


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "unit_photographs": lambda: against_batch("photographs", photographs(64), 9, 0.1),
    "unit_stimuli": lambda: against_batch("stimuli", "stimuli?limit=64", 9, 0.1),
}
