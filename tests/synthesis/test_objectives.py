"""Objectives on maps whose values are written down; their arithmetic; what a network refuses."""

import numpy as np
import pytest
import torch

from neurolupa.capture.site import Site
from neurolupa.capture.table import SiteTable
from neurolupa.errors import UsageError
from neurolupa.synthesis import L1, L2, Roughness, TotalVariation
from neurolupa.synthesis.objectives import (
    OUTPUT,
    Caricature,
    Direction,
    Diversity,
    Layer,
    Logit,
    Sight,
    Unit,
)
from neurolupa.synthesis.resolving import resolved

MAPS = torch.arange(24.0).reshape(2, 3, 4)
SIGHT = Sight({"a:0": MAPS, "b:0": -MAPS, OUTPUT: torch.tensor([1.0, -2.0])}, torch.rand(3, 6, 6))
A, B = Unit("a:0", 0), Unit("b:0", 1)


def value(objective):
    return float(objective.value(SIGHT))


def test_units_positions_logits_layers():
    assert value(A) == 5.5
    assert value(Unit("a:0", 1, "centre")) == 12 + 4 + 2
    assert value(Unit("a:0", 1, (2, 3))) == 23
    assert value(Logit(1)) == -2
    assert value(Layer("a:0")) == pytest.approx(np.mean(np.arange(24.0) ** 2))


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (A - B, 5.5 + 17.5),
        (A + B, 5.5 - 17.5),
        (A - B - A, 17.5),
        (-(A - B), -23),
        (2 * A - 0.5 * (B - A) / 2, 11 - 0.25 * (-17.5 - 5.5)),
        (A - (B - A), 5.5 + 17.5 + 5.5),
    ],
)
def test_arithmetic_is_arithmetic(made, expected):
    assert value(made) == pytest.approx(expected)
    assert (A.unit, B.unit) == (0, 1)


def test_fewer_units_are_there_and_nothing_else_changes():
    two = Unit("a:0", 1) - 0.5 * B
    assert (two.units_at("a:0"), two.units_at("b:0"), two.units_at("c:0")) == ({1}, {1}, frozenset())
    narrow = Sight({"a:0": MAPS[[1]], "b:0": -MAPS}, SIGHT.picture)
    assert float(two.among("a:0", (1,)).value(narrow)) == value(two)
    assert (Layer("a:0") + A).units_at("a:0") is None
    assert (Layer("b:0") + A).units_at("a:0") == {0}
    assert Layer("b:0").among("a:0", (1,)) == Layer("b:0")


def test_arithmetic_with_anything_else_is_refused():
    for wrong in (lambda: A + 1, lambda: A - "b", lambda: A * B, lambda: A * "2"):
        with pytest.raises(UsageError, match="objective"):
            wrong()


def test_a_direction_against_numpy():
    vector, maps = np.array([1.0, -2.0]), MAPS.numpy()
    dot = np.tensordot(vector, maps, 1) / np.linalg.norm(vector)
    cosine = np.maximum(dot / np.linalg.norm(maps, axis=0), 0.1)
    assert value(Direction("a:0", vector, 2.0)) == pytest.approx((dot * cosine**2).mean(), rel=1e-5)
    assert value(Direction("a:0", vector, 0.0, at=(1, 1))) == pytest.approx(dot[1, 1], rel=1e-5)
    unit = Direction("a:0", np.array([0.0, 1.0]), 0.0)
    assert value(unit) == pytest.approx(value(Unit("a:0", 1)))


def test_a_caricature_is_the_projection_on_what_was_there():
    wanted = np.random.default_rng(0).normal(size=(2, 3, 4))
    dot = (MAPS.numpy() * wanted).sum(0) / np.linalg.norm(wanted, axis=0)
    cosine = np.maximum(dot / np.linalg.norm(MAPS.numpy(), axis=0), 0.1)
    assert value(Caricature("a:0", wanted, 1.0)) == pytest.approx((dot * cosine).mean(), rel=1e-5)


def test_diversity_is_minus_the_likeness():
    alone, twin = value(Diversity("a:0")), Sight({"a:0": MAPS}, SIGHT.picture)
    assert alone == 0
    assert float(Diversity("a:0").value(Sight(SIGHT.maps, SIGHT.picture, [twin]))) == pytest.approx(-1)
    across = torch.tensor([[[1.0, 0.0]], [[0.0, 0.0]]])
    down = torch.tensor([[[0.0, 0.0]], [[0.0, 3.0]]])
    other = Sight({"a:0": down}, SIGHT.picture)
    assert float(Diversity("a:0").value(Sight({"a:0": across}, SIGHT.picture, [other]))) == 0


def test_penalties_on_pictures_that_are_written_down():
    stripes = torch.tensor([[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]])
    sight = Sight({}, stripes)
    assert float(TotalVariation().value(sight)) == 1.0
    assert float(L1().value(sight)) == 0.5
    assert float(L2(level=0.0).value(sight)) == pytest.approx(1 / 3)
    assert float(Roughness().value(Sight({}, torch.full((1, 4, 4), 0.3)))) == pytest.approx(0, abs=1e-12)
    # across 0 1 0 with its edges repeated becomes 1/4 1/2 1/4; down nothing changes
    assert float(Roughness().value(sight)) == pytest.approx((0.0625 + 0.25 + 0.0625) / 3)


TABLE = SiteTable(
    [Site("a", calls=2, call=0, shape=(3, 4, 4)), Site("a", calls=2, call=1, shape=(3, 4, 4))], {}
)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Unit("a", 3), "units are 0 to 2"),
        (Unit("a", -1), "units are 0 to 2"),
        (Unit("b", 0), "unknown site 'b'"),
        (Direction("a", np.ones(4)), "3 numbers"),
        (Caricature("a", np.ones((4, 2, 2))), "3 maps"),
        (Logit(5), "classes are 0 to 4"),
        (Unit("a", 0) - Logit(9), "classes are 0 to 4"),
        ("a", "not a str"),
    ],
)
def test_what_a_network_refuses(wrong, words):
    with pytest.raises(UsageError, match=words):
        resolved(wrong, TABLE, 5)


def test_a_bare_name_means_the_last_call_and_texts_tell_objectives_apart():
    assert str(resolved(Unit("a", 1) - 2 * Unit("a:0", 1, "centre"), TABLE, 5)) == "a:1#1 - 2 a:0#1[centre]"
    assert str(-Unit("a", 1)) == "-a#1"
    one, other = (str(Direction("a", np.array(v))) for v in ([1.0, 2.0, 3.0], [1.0, 2.0, 4.0]))
    assert one != other
