import math

import pytest
from torch import nn
from training.recipe import Recipe


def test_the_rate_rises_once_and_falls_twice_to_zero_as_a_cosine():
    recipe = Recipe(epochs=16, restart=12, warm_up=2, rates=(0.4, 0.1))
    assert [recipe.rate_at(done) for done in (0, 1, 2, 12)] == [0, 0.2, 0.4, 0.1]
    assert math.isclose(recipe.rate_at(7), 0.2)
    assert recipe.rate_at(12 - 1e-9) < 1e-12
    assert math.isclose(recipe.rate_at(14), 0.05)
    assert math.isclose(recipe.rate_at(16), 0, abs_tol=1e-12)


def test_the_second_cycle_has_its_own_batches_and_hides_a_square():
    recipe = Recipe(epochs=6, restart=4, batches=(8, 2), cutout=5)
    assert [recipe.batch(epoch) for epoch in range(6)] == [8, 8, 8, 8, 2, 2]
    assert [recipe.hidden(epoch) for epoch in range(6)] == [0, 0, 0, 0, 5, 5]


def test_another_length_keeps_the_proportions():
    recipe = Recipe.of_length(Recipe.epochs, seed=0)
    assert recipe == Recipe()
    half = Recipe.of_length(Recipe.epochs // 2, seed=3)
    assert (half.restart, half.small_epochs, half.seed) == (Recipe.restart // 2, Recipe.small_epochs // 2, 3)


def test_small_crops_come_first():
    recipe = Recipe(epochs=4, restart=3, small_epochs=2, small_size=24)
    assert [recipe.size(epoch, 32) for epoch in range(4)] == [24, 24, 32, 32]


def test_norms_and_biases_have_no_weight_decay():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    decayed, free = Recipe().optimiser(module).param_groups
    assert [len(decayed["params"]), len(free["params"])] == [1, 3]
    assert decayed["weight_decay"] > 0 == free["weight_decay"]


def test_a_run_as_short_as_its_warm_up_is_refused():
    with pytest.raises(ValueError, match="warm-up of 2 epochs, a restart after 1 and 2 in all"):
        Recipe.of_length(2, seed=0)
