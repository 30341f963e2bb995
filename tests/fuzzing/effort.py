"""How many mutated inputs each target gets: the one place that says so, and the loop that makes them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

CI_INPUTS = {
    "pictures": 140,
    "image_sets": 90,
    "network_checkpoints": 60,
    "scan_checkpoints": 40,
    "atlases": 80,
    "links": 90,
}
"""500 in all."""

NIGHTLY_INPUTS = {target: 20 * count for target, count in CI_INPUTS.items()}
"""10,000 in all."""

CORPUS = Path(__file__).parent / "corpus"
"""Inputs that once led to a fault, smallest form, by target: replayed always."""

NIGHTLY = "nightly"
EFFORTS = ["ci", pytest.param(NIGHTLY, marks=pytest.mark.nightly)]


def fuzz(
    effort: str, target: str, cases: SearchStrategy, check: Callable[[Any], None], share: float = 1
) -> None:
    """Checks as many cases as the target gets (or a share of these); the same ones each time but at night."""
    nightly = effort == NIGHTLY
    seen = []

    @settings(
        max_examples=round((NIGHTLY_INPUTS if nightly else CI_INPUTS)[target] * share),
        derandomize=not nightly,
        database=None,
        deadline=None,
        print_blob=nightly,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(cases)
    def checked(case: Any) -> None:
        seen.append(None)
        check(case)

    checked()
    assert len(seen) >= CI_INPUTS[target] * share / 2, "hardly any case was tried"


def kept(target: str) -> list[Any]:
    """A parameter for each kept input of a target, called as its file."""
    files = sorted(path for path in (CORPUS / target).rglob("*") if path.is_file())
    return [pytest.param(path, id=path.name) for path in files]
