"""The scan: its speed beside the bare forward pass and the notebook's way, its memory, its quantiles."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import neurolupa as nl
from benchmarks.arms import bare_forward, nine_relus, notebook, open_scan, seconds
from benchmarks.results import ROOT, Row
from neurolupa.scanning.loading import prepare_image

DATA = Path(os.environ.get("NEUROLUPA_DATA", ROOT.parent / "shared" / "data"))


def network(size: int) -> nl.Model:
    """ResNet-18 with the real weights that are at hand, else random ones: the work is the same."""
    trunk = DATA / "weights" / "resnet18-imagenet-trunk.pth"
    weights = trunk if trunk.exists() else None
    return nl.load_model("resnet18", weights=weights, input_size=size, allow_partial=True, device="cpu")


def photographs(count: int) -> str:
    """Real pictures where they are at hand, else the embedded ones."""
    folder = DATA / "imagenet"
    return f"folder:{folder}?limit={count}" if folder.exists() else "samples"


def _batch(model: nl.Model, count: int) -> torch.Tensor:
    """Prepared pictures, real ones where they are at hand."""
    images = nl.load_images(photographs(count))
    tensors = [model.prepare(images[index % len(images)].image) for index in range(count)]
    return torch.stack(tensors)


def _decoding(model: nl.Model) -> float:
    """Seconds to decode and prepare one image."""
    images = nl.load_images(photographs(32))
    return seconds(lambda: [prepare_image(model, images, index) for index in range(len(images))]) / len(
        images
    )


def speed(size: int, count: int, repeats: int, target: float) -> Iterator[Row]:
    """Images a second of the scan over those of the bare forward pass, block by block in turn."""
    model = network(size)
    batch, ratios, scanned, bare = _batch(model, count), [], [], []
    with open_scan(model, nine_relus(model), count * (repeats + 1)) as take:
        take(0, batch)
        bare_forward(model, batch)
        for repeat in range(repeats):
            bare.append(seconds(lambda: bare_forward(model, batch)))
            scanned.append(seconds(lambda number=repeat + 1: take(number, batch)))
            ratios.append(bare[-1] / scanned[-1])
    facts = {"bare ms": round(1e3 * np.median(bare), 1), "scan ms": round(1e3 * np.median(scanned), 1)}
    facts["decoding apart, ms an image on one thread"] = round(1e3 * _decoding(model), 1)
    yield Row(
        f"scan / bare forward, ResNet-18 at {size} px, batch {count}", tuple(ratios), target, facts=facts
    )


def against_notebook(size: int, count: int, blocks: int, repeats: int, target: float) -> Iterator[Row]:
    """Images a second of the scan over those of keeping every activation and asking NumPy."""
    model = network(size)
    batch, sites, ratios = _batch(model, count), nine_relus(model), []
    layers = [site.layer for site in sites]
    with open_scan(model, sites, count * (blocks * repeats + 1)) as take:
        take(0, batch)
        for repeat in range(repeats):
            kept = seconds(lambda: notebook(model, layers, [batch] * blocks))
            first = 1 + repeat * blocks
            scan = seconds(lambda first=first: [take(first + block, batch) for block in range(blocks)])
            ratios.append(kept / scan)
    facts = {"images": blocks * count, "notebook s": round(kept, 1), "scan s": round(scan, 1)}
    yield Row(f"scan / notebook's way, ResNet-18 at {size} px", tuple(ratios), target, facts=facts)


_CHILD = """
import resource, sys
import neurolupa as nl
model = nl.load_model("resnet18", weights=None, input_size=32, device="cpu")
nl.scan(model, "folder:" + sys.argv[1] + "?limit=" + sys.argv[2], out=sys.argv[3])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def memory(small: int, large: int, repeats: int, target: float) -> Iterator[Row]:
    """Growth of the peak resident memory of the same command from few images to many, in MB."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "photos"
        _write_pictures(folder, large)
        peaks = [[_peak(folder, count, Path(place)) for count in (small, large)] for _ in range(repeats)]
    growth = tuple((after - before) / 1024 for before, after in peaks)
    facts = {"peaks MB": [[round(value / 1024) for value in pair] for pair in peaks]}
    name = f"peak memory from {small} to {large:,} images"
    yield Row(name, growth, target, at_least=False, unit="MB", facts=facts)


def _write_pictures(folder: Path, count: int) -> None:
    random = np.random.default_rng(0)
    for label in range(10):
        (folder / f"class {label}").mkdir(parents=True)
    for index in range(count):
        picture = Image.fromarray(random.integers(0, 256, (32, 32, 3), dtype=np.uint8))
        picture.save(folder / f"class {index % 10}" / f"{index:05d}.png", compress_level=0)


def _peak(folder: Path, count: int, place: Path) -> int:
    command = [sys.executable, "-c", _CHILD, str(folder), str(count), tempfile.mkdtemp(dir=place)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def quantile_errors(target: float) -> Iterator[Row]:
    """The largest rank error of the quartiles on the reference networks, and the largest value error."""
    ranks, values, worst = [], [], ("", 0.0)
    for name, model, images in _references():
        with tempfile.TemporaryDirectory() as place:
            atlas = nl.scan(model, images, out=Path(place) / "atlas", batch_size=16)
            batch = torch.stack([model.prepare(picture.image) for picture in images])
            for site, kept in nl.record(model, batch, list(atlas.sites)).items():
                rank, value = _errors(atlas, site, np.sort(kept.numpy().ravel()))
                ranks.append(rank)
                values.append(value)
                worst = max(worst, (f"{name} {site}", rank), key=lambda pair: pair[1])
    facts = {"sites": len(ranks), "worst": worst[0]}
    name = "quartiles, largest rank error"
    yield Row(name, (100 * max(ranks),), target, at_least=False, unit="%", facts=facts)
    name = "quartiles, largest relative value error where every value is counted"
    yield Row(name, (max(value for value in values if value >= 0),), 2.0**-8, at_least=False)


def _references() -> Iterator[tuple[str, nl.Model, nl.ImageSet]]:
    if not DATA.exists():
        yield "resnet18 (random)", nl.load_model("resnet18", weights=None), nl.load_images("samples")
        return
    weights = DATA / "weights"
    squeezenet = nl.load_model("squeezenet1_1", weights=weights / "squeezenet1_1-imagenet.pth")
    yield "squeezenet1_1", squeezenet, nl.load_images(f"folder:{DATA / 'imagenet'}?sample=48")
    resnet = f"{ROOT / 'examples' / 'cifar_resnet.py'}:resnet20"
    resnet20 = nl.load_model(resnet, weights=weights / "cifar10-resnet20-12fca82f.th")
    yield "resnet20", resnet20, nl.load_images(f"npz:{DATA / 'cifar10' / 'test-lossless-500.npz'}")


def _errors(atlas: nl.Atlas, site: str, ordered: np.ndarray) -> tuple[float, float]:
    """The largest rank error of the quartiles; the largest relative error, -1 where values were thinned."""
    row = atlas.layers.set_index("site").loc[site]
    levels, found = np.array([0.25, 0.5, 0.75]), row[["q25", "median", "q75"]].to_numpy(float)
    low = np.searchsorted(ordered, found - 1e-6 * abs(found), "left") / len(ordered)
    high = np.searchsorted(ordered, found + 1e-6 * abs(found), "right") / len(ordered)
    rank = float(np.maximum(np.maximum(low - levels, levels - high), 0).max())
    exact = np.quantile(ordered.astype(np.float64), levels)
    value = np.max(abs(found - exact) / np.where(exact == 0, 1, abs(exact)))
    return rank, float(value) if row["sketch_thinning"] == 1 else -1.0


BENCHMARKS: dict[str, Callable[[], Iterator[Row]]] = {
    "scan_224": lambda: speed(224, 64, 7, 0.85),
    "scan_notebook": lambda: against_notebook(224, 64, 2, 3, 4.0),
    "scan_32": lambda: speed(32, 256, 25, 0.75),
    "scan_memory": lambda: memory(512, 8192, 3, 50.0),
    "scan_quantiles": lambda: quantile_errors(0.5),
}
