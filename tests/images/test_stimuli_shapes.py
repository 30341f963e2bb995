"""Outlines and exact coverage, against plane geometry and against counting fine samples."""

import numpy as np
import pytest
from matplotlib.path import Path as Outline

from neurolupa.errors import UsageError
from neurolupa.images.stimuli.factors import FACTORS
from neurolupa.images.stimuli.kernels import cover
from neurolupa.images.stimuli.painting import OFFSET, RADII
from neurolupa.images.stimuli.shapes import outline

SHAPES = FACTORS["shape"]
UNIT = np.sqrt(np.pi)  # side of the square whose area is that of the unit disc


def covered(edges: np.ndarray, radius: float, x: float, y: float, size: int = 64) -> np.ndarray:
    coverage = np.empty((size, size), dtype=np.float32)
    cover(coverage, np.asarray(edges, dtype=np.float64), radius, x, y)
    return coverage


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("place", [(32.0, 32.0), (31.3, 32.9), (30.5, 33.25)])
def test_the_mask_has_the_area_and_the_centre_of_the_shape(shape, place):
    coverage = covered(outline(shape), 13.0, *place).astype(np.float64)
    rows, columns = np.mgrid[:64, :64] + 0.5
    assert coverage.sum() == pytest.approx(np.pi * 13.0**2, rel=1e-6)
    assert (coverage * columns).sum() / coverage.sum() == pytest.approx(place[0], abs=0.01)
    assert (coverage * rows).sum() / coverage.sum() == pytest.approx(place[1], abs=0.01)
    assert coverage.min() >= 0
    assert coverage.max() <= 1


def extent(shape: str) -> tuple[float, float, float, float]:
    x, y = outline(shape)[:, 0], outline(shape)[:, 1]
    return x.min(), x.max(), y.min(), y.max()


def test_corners_lie_where_plane_geometry_puts_them():
    """Each figure of area pi: side, height or radius by its textbook formula; y points down."""
    half = UNIT / 2
    np.testing.assert_allclose(extent("square"), (-half, half, -half, half))
    side = np.sqrt(4 * np.pi / np.sqrt(3))
    height = side * np.sqrt(3) / 2
    np.testing.assert_allclose(extent("triangle"), (-side / 2, side / 2, -2 * height / 3, height / 3))
    corner = np.sqrt(2 * np.pi / (3 * np.sqrt(3)))  # the side of a hexagon is its outer radius
    np.testing.assert_allclose(extent("hexagon")[2:], (-corner, corner))
    arm = np.sqrt(np.pi / 5)  # a cross of five squares
    np.testing.assert_allclose(extent("cross"), np.array([-1.5, 1.5, -1.5, 1.5]) * arm)
    ring = 1 / np.sqrt(1 - 0.55**2)
    np.testing.assert_allclose(extent("ring"), np.array([-1, 1, -1, 1]) * ring, rtol=1e-4)
    np.testing.assert_allclose(extent("circle"), (-1, 1, -1, 1), rtol=1e-4)


def test_the_hole_of_a_ring_and_the_bite_of_a_crescent_are_empty():
    ring = covered(outline("ring"), 20.0, 32.0, 32.0)
    assert ring[32, 32] == 0
    assert ring[32, 32 + round(20.0 * 0.775 / np.sqrt(1 - 0.55**2))] == 1
    crescent = covered(outline("crescent"), 14.0, 32.0, 32.0)
    assert crescent[32, 24] == 1
    assert crescent[32, 40] == 0
    np.testing.assert_allclose(crescent, crescent[::-1], atol=1e-6)


def test_a_star_has_five_points():
    corners = outline("star")[:, :2]
    assert (np.hypot(*corners.T) > 1.4).sum() == 5
    assert corners[0] == pytest.approx([0, -np.hypot(*corners[0])], abs=1e-12)


@pytest.mark.parametrize(
    ("corners", "expected"),
    [
        (
            [[1.25, 1.5], [2.5, 1.5], [2.5, 3.0], [1.25, 3.0]],
            {(1, 1): 0.375, (1, 2): 0.25, (2, 1): 0.75, (2, 2): 0.5},
        ),
        ([[1.0, 1.0], [2.0, 2.0], [1.0, 2.0]], {(1, 1): 0.5}),
        ([[1.0, 1.0], [3.0, 2.0], [1.0, 2.0]], {(1, 1): 0.75, (1, 2): 0.25}),
    ],
)
def test_coverage_of_figures_small_enough_to_work_out(corners, expected):
    corners = np.array(corners)
    for turned in (corners, corners[::-1]):
        edges = np.hstack([turned, np.roll(turned, -1, axis=0)])
        coverage = covered(edges, 1.0, 0.0, 0.0, 5)
        wanted = np.zeros((5, 5))
        for place, share in expected.items():
            wanted[place] = share
        np.testing.assert_allclose(coverage, wanted, atol=1e-7)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "ring"])
def test_coverage_agrees_with_counting_fine_samples(shape):
    """32 x 32 samples in a pixel miss a straight edge by at most a few of 32 rows of samples."""
    fine, size = 16, 24
    edges = 7.0 * outline(shape)[:, :2] + [11.3, 12.6]
    at = (np.arange(size * fine) + 0.5) / fine
    x, y = np.meshgrid(at, at)
    inside = Outline(edges).contains_points(np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
    counted = inside.reshape(size, fine, size, fine).mean(axis=(1, 3))
    coverage = covered(outline(shape), 7.0, 11.3, 12.6, size)
    assert np.abs(coverage - counted).max() < 1.5 / fine
    assert np.abs(coverage - counted).mean() < 3e-3


@pytest.mark.parametrize("shape", SHAPES)
def test_every_object_lies_wholly_in_the_picture(shape):
    reach = np.abs(extent(shape)).max() * max(RADII.values())
    assert reach + OFFSET < 0.5


def test_a_shape_that_does_not_exist():
    with pytest.raises(UsageError, match="unknown shape 'circel'; nearest: circle"):
        outline("circel")
