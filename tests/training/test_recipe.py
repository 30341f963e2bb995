import math

import pytest
from torch import nn
from training.recipe import Recipe


def test_the_rate_rises_once_and_falls_to_zero_in_every_cycle_as_a_cosine():
    recipe = _recipe(epochs=18, restarts=(12, 16), warm_up=2, rates=(0.4, 0.1, 0.02))
    assert [recipe.rate_at(done) for done in (0, 1, 2, 12, 16)] == [0, 0.2, 0.4, 0.1, 0.02]
    assert [round(recipe.rate_at(done), 12) for done in (7, 14, 17)] == [0.2, 0.05, 0.01]
    assert all(recipe.rate_at(end - 1e-9) < 1e-12 for end in (12, 16, 18))
    assert math.isclose(recipe.rate_at(18), 0, abs_tol=1e-12)


def test_every_cycle_has_its_own_batches_and_its_own_hidden_square():
    recipe = _recipe(epochs=7, restarts=(4, 6), batches=(8, 2, 3), cutouts=(0, 5, 1))
    assert [recipe.batch(epoch) for epoch in range(7)] == [8, 8, 8, 8, 2, 2, 3]
    assert [recipe.hidden(epoch) for epoch in range(7)] == [0, 0, 0, 0, 5, 5, 1]


def test_another_length_keeps_the_proportions():
    recipe = Recipe.of_length(Recipe.epochs, seed=0)
    assert recipe == Recipe()
    half = Recipe.of_length(Recipe.epochs // 2, seed=3)
    assert half.restarts == tuple(each // 2 for each in Recipe.restarts)
    assert (half.small_epochs, half.seed) == (Recipe.small_epochs // 2, 3)


def test_small_crops_come_first():
    recipe = _recipe(epochs=4, restarts=(3,), small_epochs=2, small_size=24)
    assert [recipe.size(epoch, 32) for epoch in range(4)] == [24, 24, 32, 32]


def test_norms_and_biases_have_no_weight_decay():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    decayed, free = Recipe().optimiser(module).param_groups
    assert [len(decayed["params"]), len(free["params"])] == [1, 3]
    assert decayed["weight_decay"] > 0 == free["weight_decay"]


def test_a_run_as_short_as_its_warm_up_is_refused():
    with pytest.raises(ValueError, match="warm-up of 2 epochs, restarts after 1 and 2 and 2 in all"):
        Recipe.of_length(2, seed=0)


def test_a_cycle_without_its_rate_is_refused():
    with pytest.raises(ValueError, match="2 restarts want a batch, a rate and a cutout for each cycle"):
        Recipe(rates=(0.1, 0.05))


def _recipe(restarts: tuple[int, ...], **settings: object) -> Recipe:
    """A recipe of so many restarts, with as many batches, rates and cutouts as that takes."""
    cycles = len(restarts) + 1
    plain = {"warm_up": 1, "small_epochs": 0, "batches": (4,), "rates": (0.1,), "cutouts": (0,)}
    filled = {name: value * cycles if isinstance(value, tuple) else value for name, value in plain.items()}
    return Recipe(restarts=restarts, **{**filled, **settings})
