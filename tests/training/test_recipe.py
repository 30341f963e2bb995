import math

import pytest
from torch import nn
from training.recipe import Recipe


def test_the_rate_rises_to_its_peak_and_falls_to_zero_as_a_cosine():
    recipe = Recipe(epochs=12, warm_up=2, rate=0.4)
    assert [recipe.rate_at(done) for done in (0, 1, 2)] == [0, 0.2, 0.4]
    assert math.isclose(recipe.rate_at(7), 0.2)
    assert math.isclose(recipe.rate_at(12), 0, abs_tol=1e-12)


def test_small_crops_come_first():
    recipe = Recipe(epochs=4, small_epochs=2, small_size=24)
    assert [recipe.size(epoch, 32) for epoch in range(4)] == [24, 24, 32, 32]


def test_norms_and_biases_have_no_weight_decay():
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    decayed, free = Recipe().optimiser(module).param_groups
    assert [len(decayed["params"]), len(free["params"])] == [1, 3]
    assert decayed["weight_decay"] > 0 == free["weight_decay"]


def test_a_run_as_short_as_its_warm_up_is_refused():
    with pytest.raises(ValueError, match="2 epochs are no more than the warm-up's 2"):
        Recipe(epochs=2)
