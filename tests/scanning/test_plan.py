"""What a plan states, against what a scan then does."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from neurolupa.capture import trace
from neurolupa.errors import DataError, UsageError
from neurolupa.images import load_images
from neurolupa.models import Model, load_model
from neurolupa.scanning import Plan, plan, scan
from neurolupa.scanning.cluster import START_SECONDS, JoinTimes, planned_cluster
from neurolupa.scanning.sampling import hash_ids
from neurolupa.scanning.settings import ScanSettings
from neurolupa.scanning.stretches import Stretch, Task, scan_stretch


@pytest.fixture
def network() -> Model:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        module = nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(180, 2))
    return load_model(module, input_size=8, mean=(0, 0, 0), std=(1, 1, 1))


def pictures(count: int) -> list[np.ndarray]:
    draw = np.random.default_rng(0)
    return [draw.integers(0, 256, (8, 8, 3), np.uint8) for _ in range(count)]


def test_counts_are_those_of_the_scan(network: Model) -> None:
    found = plan(network, load_images(pictures(7)), "0,1", batch_size=2)
    assert (found.images, found.sample, found.sites, found.units) == (7, 4, 2, 10)
    assert found.batch_size == 2
    assert found.pictures == 7


def test_disk_is_what_the_atlas_takes_where_every_image_is_sampled(network: Model, tmp_path: Path) -> None:
    """With the whole set as the sample, nothing is left to estimate but the samples' file headers."""
    images = load_images(pictures(6))
    found = plan(network, images, "1", batch_size=6, blocks=1)
    scan(network, images, "1", tmp_path / "atlas", batch_size=6)
    part = {name: sum(p.stat().st_size for p in (tmp_path / "atlas" / name).iterdir()) for name in
            ("arrays", "samples", "thumbs")}  # fmt: skip
    assert found.disk["arrays"] == part["arrays"]
    assert found.disk["pictures"] == part["thumbs"]
    assert found.disk["samples"] == 6 * 5 * 3 * 4
    headers = part["samples"] - found.disk["samples"] - 6 * 8
    assert headers == 4 * 128


def test_memory_of_the_network_and_of_the_blocks_is_counted(network: Model) -> None:
    """140 + 362 parameters; four blocks of 2 x 3 x 8 x 8; 320 elements of the input and output of Flatten."""
    memory = plan(network, load_images(pictures(2)), "1", batch_size=2).memory
    assert memory["network"] == 4 * (3 * 5 * 9 + 5 + 180 * 2 + 2)
    assert memory["blocks"] == 4 * 4 * 2 * 3 * 8 * 8
    assert memory["activations"] == 4 * 2 * (180 + 180)


def test_time_grows_with_the_images_and_nothing_is_left_behind(
    network: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    few = plan(network, load_images(pictures(4)), "1", batch_size=2)
    assert few.seconds >= 4 * few.times.image > 0
    assert few.times.decode > 0
    assert few.times.forward > 0
    assert list(tmp_path.iterdir()) == []


def test_the_whole_is_stated_with_the_size_of_the_sample(network: Model) -> None:
    found = plan(network, load_images(pictures(5)), "1", batch_size=1)
    assert str(found).endswith("measured on N = 2 of 5 images")
    told = found.to_dict()
    assert told["atlas_bytes"] == sum(told["disk"].values()) - told["disk"]["checkpoint"]


def test_unreadable_images_are_no_reason_to_stop_unless_all_are(network: Model, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(DataError, match="none of 1 sampled images could be read: not an image"):
        plan(network, tmp_path, "1")
    images = load_images([b"no picture", *pictures(3)])
    assert plan(network, images, "1", batch_size=4).sample == 4


def test_bad_values_are_rejected(network: Model) -> None:
    with pytest.raises(UsageError, match="unknown site"):
        plan(network, load_images(pictures(1)), "9")
    with pytest.raises(UsageError, match="blocks must be at least 1"):
        plan(network, load_images(pictures(1)), "1", blocks=0)


def test_without_a_measured_peak_the_parts_are_summed(network: Model) -> None:
    found = plan(network, load_images(pictures(2)), "1", batch_size=2)
    fields = {name: getattr(found, name) for name in found.__dataclass_fields__}
    unmeasured = Plan(**fields | {"process_peak": None})
    assert unmeasured.peak_memory == sum(found.memory.values())


def test_on_ray_the_slower_of_workers_and_driver_decides() -> None:
    """1,000 blocks of 10 images in stretches of 16; 0.1 s an image; a state of 7 bytes joined in 2 s."""
    few = planned_cluster(4, 10_000, 10, 0.1, JoinTimes(7, 2.0), network=1_000, blocks=50)
    assert (few.stretches, few.stretch_images) == (63, 160)
    assert (few.working, few.joining) == (250.0, 126.0)
    assert few.seconds == START_SECONDS + 250.0
    assert few.transfer == 63 * 7 + 4 * 1_000
    many = planned_cluster(1_000, 10_000, 10, 0.1, JoinTimes(7, 2.0), network=1_000, blocks=50)
    assert many.working == pytest.approx(1_000 / 63)
    assert many.seconds == START_SECONDS + 126.0


def test_a_planned_state_is_what_a_stretch_sends_whatever_the_images(network: Model) -> None:
    images = load_images(pictures(12), labels=[0, 1] * 6)
    found = plan(network, images, "1", batch_size=2, on="ray", cluster=3, total=10_000_000)
    sites = trace(network).select("1")
    settings = ScanSettings(tuple(site.address for site in sites), 2)
    keys = hash_ids(images.id_of(index) for index in range(12))
    done = scan_stretch(network, Task(images, settings, np.arange(12), keys, strict=False), Stretch(0, 6))
    assert found.cluster is not None
    assert found.cluster.state == sum(a.nbytes for site in done.states.values() for a in site.values())
    assert found.images == 10_000_000
    assert found.cluster.join > 0
    assert found.seconds > found.cluster.working > 0
    assert "3 workers" in str(found)
    assert found.to_dict()["cluster"]["transfer"] > found.cluster.stretches * found.cluster.state


def test_what_cannot_be_planned_on_a_cluster(network: Model) -> None:
    images = load_images(pictures(2))
    for asked, line in (
        ({"on": "rya"}, "unknown place"),
        ({"cluster": 3}, "on='ray'"),
        ({"on": "ray", "cluster": 0}, "at least 1"),
        ({"total": 0}, "total must be at least 1"),
    ):
        with pytest.raises(UsageError, match=line):
            plan(network, images, "1", **asked)


def test_planning_for_one_core_leaves_the_threads_as_they_were(network: Model) -> None:
    before = torch.get_num_threads()
    plan(network, load_images(pictures(2)), "1", batch_size=2, on="ray")
    assert torch.get_num_threads() == before
