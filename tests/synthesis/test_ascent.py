"""Adam and NAdam against torch.optim's, and samples that do not know of each other."""

import pytest
import torch

from neurolupa.errors import UsageError
from neurolupa.synthesis.ascent import Ascent


def slopes(count=7):
    torch.manual_seed(0)
    return [torch.randn(2, 3, dtype=torch.float64) for _ in range(count)]


@pytest.mark.parametrize(("rule", "peer"), [("adam", torch.optim.Adam), ("nadam", torch.optim.NAdam)])
def test_steps_are_torchs(rule, peer):
    leaf = torch.ones(2, 3, dtype=torch.float64, requires_grad=True)
    theirs = peer([leaf], lr=0.3)
    ours = Ascent.of(torch.ones(2, 3, dtype=torch.float64), 0.3, rule)
    for slope in slopes():
        leaf.grad = -slope  # they go down
        theirs.step()
        ours = ours.step(slope)
    torch.testing.assert_close(ours.numbers, leaf.detach(), rtol=1e-6, atol=1e-7)


def test_a_restarted_sample_is_as_new_and_the_other_goes_on():
    alone = Ascent.of(torch.zeros(2, 3, dtype=torch.float64), 0.3)
    restarted = alone
    for index, slope in enumerate(slopes()):
        alone = alone.step(slope)
        if index == 3:
            start = torch.full((2, 3), 5.0, dtype=torch.float64)
            restarted = restarted.restarted(torch.tensor([True, False]), start, 0.1)
        restarted = restarted.step(slope)
    new = Ascent.of(torch.full((1, 3), 5.0, dtype=torch.float64), 0.03)
    for slope in slopes()[3:]:
        new = new.step(slope[:1])
    torch.testing.assert_close(restarted.numbers[0], new.numbers[0])
    assert restarted.numbers[1].equal(alone.numbers[1])


def test_an_unknown_rule_names_the_others():
    with pytest.raises(UsageError, match="nadam"):
        Ascent.of(torch.zeros(1), 1.0, "nadm")
