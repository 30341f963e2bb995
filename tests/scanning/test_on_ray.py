"""The same scan on Ray, with workers that are killed; the cluster is started here, on loopback."""

import os
import signal
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

import neurolupa as nl
from neurolupa.atlas.schema import TABLES
from neurolupa.errors import DataError, UsageError
from neurolupa.scanning.stopping import ScanInterrupted
from tests.scanning.networks import files_of

ray = pytest.importorskip("ray")

SITES = "layer1.0.relu,layer4.1.relu"
IMAGES = "stimuli?count=1200&target=hue&size=32&seed=3"
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def cluster():
    """Two workers of this machine."""
    before = dict(os.environ)
    os.environ |= {"RAY_AUTH_MODE": "disabled", "RAY_USAGE_STATS_ENABLED": "0"}
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200_000_000)
    yield
    ray.shutdown()
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The scan in one process."""
    return nl.scan("embedded", IMAGES, SITES, tmp_path_factory.mktemp("alone") / "atlas", batch_size=8)


def tables(atlas):
    """Every table of an atlas."""
    return {table.name: pd.read_parquet(Path(atlas.folder) / table.file) for table in TABLES.values()}


def assert_same(one, other):
    """Every table to the bit, and every file but the clock's."""
    for name, frame in tables(one).items():
        pd.testing.assert_frame_equal(frame, tables(other)[name], check_exact=True)
    assert files_of(Path(one.folder)) == files_of(Path(other.folder))


def workers():
    """Process ids of the workers that scan now."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if words.startswith(b"ray::_work"):
                found.append(int(entry.name))
    return found


def test_the_tables_are_those_of_one_process(cluster, alone, tmp_path):
    told = []
    atlas = nl.scan(
        "embedded", IMAGES, SITES, tmp_path / "a", batch_size=8, on="ray",
        on_block=lambda done, total: told.append((done, total)),
    )  # fmt: skip
    assert_same(alone, atlas)
    assert told[-1] == (1200, 1200)
    assert told == sorted(told)


def test_a_worker_killed_midway_changes_nothing(cluster, alone, tmp_path):
    killed = []

    def kill(done, total):
        if not killed and 200 < done < 1000:
            killed.extend(workers()[:1])
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    undisturbed = nl.scan("embedded", IMAGES, SITES, tmp_path / "a", batch_size=8, on="ray")
    atlas = nl.scan("embedded", IMAGES, SITES, tmp_path / "b", batch_size=8, on="ray", on_block=kill)
    assert killed
    assert_same(undisturbed, atlas)
    assert_same(alone, atlas)


def test_a_driver_that_dies_goes_on_where_it_was(cluster, alone, tmp_path):
    class StopError(Exception):
        pass

    def stop(done, total):
        if done > 300:
            raise StopError

    job = "neurolupa.scanning.job"
    monkey = pytest.MonkeyPatch()
    monkey.setattr(f"{job}.CHECKPOINT_SECONDS", 0.0)
    monkey.setattr(f"{job}._SAVING_SHARE", 1e9)
    with monkey.context(), pytest.raises(StopError):
        nl.scan("embedded", IMAGES, SITES, tmp_path / "a", batch_size=8, on="ray", on_block=stop)
    monkey.undo()
    told = []
    atlas = nl.scan(
        "embedded", IMAGES, SITES, tmp_path / "a", on="ray", resume=True,
        on_block=lambda done, total: told.append(done),
    )  # fmt: skip
    assert told[0] > 250
    assert_same(alone, atlas)


@pytest.mark.parametrize("stopped", [24, 26])
def test_a_scan_begun_in_one_process_goes_on_with_workers(stopped, cluster, alone, tmp_path):
    def stop(done, total):
        if done == 8 * stopped:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(ScanInterrupted):
        nl.scan("embedded", IMAGES, SITES, tmp_path / "a", batch_size=8, on_block=stop)
    assert_same(alone, nl.scan("embedded", IMAGES, SITES, tmp_path / "a", on="ray", resume=True))


def test_a_killed_driver_leaves_what_can_be_resumed(alone, tmp_path):
    code = (
        "import os, signal, neurolupa as nl, neurolupa.scanning.job as job\n"
        "job.CHECKPOINT_SECONDS, job._SAVING_SHARE = 0.0, 1e9\n"
        "def kill(done, total):\n"
        "    if done > 300: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"folder = {str(tmp_path / 'a')!r}\n"
        f"nl.scan('embedded', {IMAGES!r}, {SITES!r}, folder, batch_size=8, on='ray', on_block=kill)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=180, check=False)
    assert ended.returncode == -signal.SIGKILL
    told = []
    atlas = nl.scan(
        "embedded", IMAGES, SITES, tmp_path / "a", resume=True, on_block=lambda done, total: told.append(done)
    )
    assert told[0] > 250
    assert_same(alone, atlas)


def test_networks_and_pictures_of_ones_own_travel(cluster, tmp_path):
    (tmp_path / "net.py").write_text(
        "from torch import nn\nINPUT_SIZE = 8\n\n\nclass Net(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.conv = nn.Conv2d(3, 4, 3)\n\n"
        "    def forward(self, x):\n        return self.conv(x).relu()\n\n\ndef build():\n    return Net()\n"
    )
    pictures = [np.random.default_rng(index).integers(0, 256, (8, 8, 3), np.uint8) for index in range(20)]
    images = nl.load_images(pictures, labels=[index % 2 for index in range(20)])
    model = nl.load_model(f"{tmp_path / 'net.py'}:build", weights=None, seed=1)
    one = nl.scan(model, images, "kind:relu", tmp_path / "a", batch_size=4)
    assert_same(one, nl.scan(model, images, "kind:relu", tmp_path / "b", batch_size=4, on="ray"))


@pytest.mark.parametrize("kind", ["parquet", "shards"])
def test_row_groups_and_shards_are_read_by_the_workers(kind, cluster, tmp_path):
    encoded = []
    for index in range(24):
        written = BytesIO()
        Image.new("RGB", (8, 8), (9 * index, 20, 30)).save(written, "PNG")
        encoded.append(written.getvalue())
    if kind == "parquet":
        table = pa.table({"image": encoded, "label": [index % 3 for index in range(24)]})
        pq.write_table(table, tmp_path / "a.parquet", row_group_size=5)
        spec = f"parquet:{tmp_path / 'a.parquet'}"
    else:
        with tarfile.open(tmp_path / "a.tar", "w") as tar:
            for index, data in enumerate(encoded):
                for name, content in ((f"{index:02d}.png", data), (f"{index:02d}.cls", b"%d" % (index % 3))):
                    member = tarfile.TarInfo(name)
                    member.size = len(content)
                    tar.addfile(member, BytesIO(content))
        spec = f"shards:{tmp_path / 'a.tar'}"
    one = nl.scan("embedded", spec, SITES, tmp_path / "one", batch_size=4)
    assert one.manifest["images"]["labelled"] == 24
    assert_same(one, nl.scan("embedded", spec, SITES, tmp_path / "ray", batch_size=4, on="ray"))


def test_a_network_that_fails_on_a_worker_says_it_in_one_line(cluster, tmp_path):
    from torch import nn

    class Moody(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x):
            if len(x) == 3:
                raise ValueError("not three\nof them")
            return self.conv(x).relu()

    model = nl.load_model(Moody(), input_size=8)
    pictures = [np.zeros((8, 8, 3), np.uint8) for _ in range(7)]
    with pytest.raises(DataError, match="Moody") as caught:
        nl.scan(model, nl.load_images(pictures), "kind:relu", tmp_path / "a", batch_size=4, on="ray")
    assert "\n" not in str(caught.value)
    with pytest.raises(DataError, match="run again with --resume"):
        nl.open_atlas(tmp_path / "a")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ({"on": "rya"}, "unknown place to scan on 'rya'"),
        ({"on": "ray", "keep_activations": "k.pth"}, "not on Ray"),
    ],
)
def test_what_cannot_be_asked(asked, line, tmp_path):
    with pytest.raises(UsageError, match=line):
        nl.scan("embedded", "samples", out=tmp_path / "a", **asked)


def test_without_ray_the_line_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'neurolupa\[ray\]'"):
        nl.scan("embedded", "samples", SITES, tmp_path / "a", on="ray")
