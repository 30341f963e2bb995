"""Counts of hand-made maps, and of drawn ones against slow loops."""

import numpy as np
import torch

from neurolupa.probing.dissection import overlaps as module
from neurolupa.probing.dissection.measures import iou
from neurolupa.probing.dissection.overlaps import Rule, overlaps


def rule(*thresholds):
    return Rule(torch.tensor(thresholds), torch.tensor([[0.5]] * len(thresholds)))


def test_hand_made_maps_have_the_ious_that_are_written_down():
    left = torch.zeros(1, 4, 4)
    left[0, :, :2] = 1.0
    upper = torch.zeros(4, 4)
    upper[:2] = 1.0
    maps = torch.stack([left[0], upper, 1 - left[0], torch.zeros(4, 4)])[None]
    found = overlaps(maps, left, rule(0.5, 0.5, 0.5, 0.5))
    assert found.active.tolist() == [[8, 8, 8, 0]]
    assert found.both.tolist() == [[8, 4, 0, 0]]
    assert iou(*map(np.array, (found.both[0], found.active[0], 8))).tolist() == [1.0, 1 / 3, 0.0, 0.0]


def test_a_map_is_enlarged_with_the_middles_of_its_pixels_inside_the_picture():
    """2 to 4 pixels: 1, 0 becomes 1, 3/4, 1/4, 0."""
    maps = torch.tensor([[[[1.0, 0.0], [1.0, 0.0]]]])
    mask = torch.ones(1, 4, 4)
    for threshold, columns in ((0.9, 1), (0.7, 2), (0.2, 3), (0.0, 3), (-0.1, 4)):
        assert overlaps(maps, mask, rule(threshold)).active.item() == 4 * columns


def test_a_pixel_belongs_to_the_object_from_more_than_half_on():
    mask = torch.tensor([[[0.4, 0.5], [0.6, 1.0]]])
    assert overlaps(torch.ones(1, 1, 2, 2), mask, rule(0.0)).both.item() == 2


def enlarged(small, height, width):
    """Bilinear, one pixel at a time."""
    rows, columns = small.shape
    found = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            down = min(max((y + 0.5) * rows / height - 0.5, 0), rows - 1)
            right = min(max((x + 0.5) * columns / width - 0.5, 0), columns - 1)
            top, left = int(down), int(right)
            low, far = min(top + 1, rows - 1), min(left + 1, columns - 1)
            a, b = down - top, right - left
            upper = (1 - b) * small[top, left] + b * small[top, far]
            lower = (1 - b) * small[low, left] + b * small[low, far]
            found[y, x] = (1 - a) * upper + a * lower
    return found


def test_drawn_maps_are_counted_as_slow_loops_count_them(monkeypatch):
    monkeypatch.setattr(module, "_ROOM", 3 * 144)  # several parts
    rng = np.random.default_rng(3)
    maps, masks = rng.normal(size=(4, 3, 3, 4)), rng.random((4, 12, 12))
    thresholds, levels = np.array([0.5, 1.0, 9.0]), np.sort(rng.normal(size=(3, 5)))
    levels[1, 2] = levels[1, 3]
    given = [torch.tensor(each, dtype=torch.float32) for each in (maps, masks, thresholds, levels)]
    found = overlaps(given[0], given[1], Rule(given[2], given[3]))
    for picture in range(4):
        down = masks[picture].reshape(3, 4, 4, 3).mean((1, 3))
        for unit in range(3):
            above = enlarged(maps[picture, unit], 12, 12) > thresholds[unit]
            assert found.active[picture, unit] == above.sum()
            assert found.both[picture, unit] == (above & (masks[picture] > 0.5)).sum()
            at = (maps[picture, unit][..., None] >= levels[unit]).sum(-1).ravel()
            assert found.places[picture, unit].tolist() == np.bincount(at, minlength=6).tolist()
            hits = np.bincount(at, down.ravel(), 6)
            np.testing.assert_allclose(found.hits[picture, unit], hits, atol=1e-5)
    assert (found.active[:, 2] == 0).all()


def test_a_plateau_at_the_threshold_is_not_above_it_by_rounding():
    value = torch.tensor(0.1) * 3
    maps = value.expand(1, 1, 3, 3).contiguous()
    assert overlaps(maps, torch.ones(1, 31, 31), Rule(value[None], value[None, None])).active.item() == 0
