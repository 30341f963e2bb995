"""An atlas of more than 50,000 units: written and asked in bounded memory, each in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEGABYTE = 10**6

PEAK = """
def peak():
    lines = open("/proc/self/status").read().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
"""
"""The most that a process held since it began: what `getrusage` tells begins with its parent's."""

SCAN = (
    PEAK
    + """
import json, sys
import numpy as np
import neurolupa as nl
model = nl.load_model("resnet152", weights=None, input_size=64)
draw, classes = np.random.default_rng(0), int(sys.argv[2])
pictures = [draw.integers(0, 256, (64, 64, 3), np.uint8) for _ in range(64)]
names = [f"class {number}" for number in range(classes)]
images = nl.load_images(pictures, labels=[number % classes for number in range(64)], classes=names)
atlas = nl.scan(model, images, "kind:relu-calls", sys.argv[1], batch_size=16)
print(json.dumps([len(atlas.units), peak()]))
"""
)

ASK = (
    PEAK
    + """
import json, sys
import neurolupa as nl
atlas = nl.open_atlas(sys.argv[1])
site = atlas.sites[-1]
record = atlas.unit(site, 83)
found = [len(atlas.exemplars(site, 83)), len(atlas.layers), [one["code"] for one in atlas.manifest["notes"]]]
print(json.dumps([*found, peak()]))
"""
)


def run(code: str, *words: object) -> list:
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, words)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.nightly
@pytest.mark.parametrize(("classes", "most"), [(8, 2_500), (500, 4_500)])
def test_fifty_thousand_units_are_written_and_asked(classes: int, most: int, tmp_path: Path) -> None:
    """With 500 classes there are 3.6 * 10^7 cells of class and unit: the 20 strongest classes are kept."""
    units, peak = run(SCAN, tmp_path / "atlas", classes)
    assert units > 50_000
    assert peak < most * MEGABYTE, f"{peak / MEGABYTE:.0f} MB"
    exemplars, layers, notes, asked = run(ASK, tmp_path / "atlas")
    assert exemplars > 9
    assert layers == 151
    assert ("CLASSES_CUT" in notes) == (units * classes > 2 * 10**7)
    assert asked < 300 * MEGABYTE, f"{asked / MEGABYTE:.0f} MB"
