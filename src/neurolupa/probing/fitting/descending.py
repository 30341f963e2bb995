"""L-BFGS for many small problems side by side, each with its own memory, steps and end."""

from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

TOLERANCE = 1e-4
"""A problem is done where a whole step would lower its loss by less, as far as L-BFGS knows its curvature.

Of a mean log loss, in nats: a hundredth of its standard error over some thousand pictures.
"""

_MEMORY = 10
_SUFFICIENT = 1e-4
_HALVINGS = 20
_LEVEL = 3e-8
"""A loss that falls by less than this share is as low as float32 tells."""


class Loss(Protocol):
    """Losses of several problems."""

    def __call__(self, numbers: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        """(b,) losses and (b, ...) gradients of the problems `which` (b,) at their numbers (b, ...)."""
        ...


@dataclass(frozen=True, eq=False)
class Minimum:
    """(B, ...) the numbers where each problem ended, and (B,) whether it converged."""

    place: Tensor = field(repr=False)
    converged: Tensor


@dataclass
class _State:
    """The problems that still run: where they are, how steep it is, and what they remember."""

    which: Tensor
    place: Tensor
    losses: Tensor
    slopes: Tensor
    moves: list[Tensor] = field(default_factory=list)
    turns: list[Tensor] = field(default_factory=list)

    def kept(self, rows: Tensor) -> "_State":
        """Those of the problems that `rows` chooses."""
        moves, turns = ([each[rows] for each in history] for history in (self.moves, self.turns))
        place, losses, slopes = self.place[rows], self.losses[rows], self.slopes[rows]
        return _State(self.which[rows], place, losses, slopes, moves, turns)


def minimise(loss: Loss, start: Tensor, most_steps: int) -> Minimum:
    """From `start` (B, ...) each problem on its own way down.

    A problem that is done leaves, so that the others run faster. One whose loss no longer falls in float32 is
    done too.

    >>> def bowl(numbers, which):
    ...     return numbers.square().sum(1) / 2, numbers.clone()
    >>> minimise(bowl, torch.tensor([[3.0, 4.0]]), 9).place.tolist()
    [[0.0, 0.0]]
    """
    which = torch.arange(len(start), device=start.device)
    place, converged = start.clone(), torch.zeros(len(start), dtype=torch.bool, device=start.device)
    state = _State(which, start, *loss(start, which))
    for _ in range(most_steps):
        heading, fall = _heading(state)
        done = fall <= 2 * TOLERANCE
        if bool(done.any()):
            state = _left(state, done, place, converged)
            heading, fall = heading[~done], fall[~done]
        if not len(state.which):
            break
        state, stuck = _stepped(loss, state, heading, fall)
        state = _left(state, stuck, place, converged)
    place[state.which] = state.place
    return Minimum(place, converged)


def _left(state: _State, done: Tensor, place: Tensor, converged: Tensor) -> _State:
    """What goes on once the problems that are done have handed in their numbers."""
    if not bool(done.any()):
        return state
    place[state.which[done]] = state.place[done]
    converged[state.which[done]] = True
    return state.kept(~done)


def _stepped(loss: Loss, state: _State, heading: Tensor, fall: Tensor) -> tuple[_State, Tensor]:
    """One step of every problem along its heading, and (b,) which of them can fall no further."""
    place, losses, slopes, found = _searched(loss, state, heading, fall)
    moved = _State(state.which, place, losses, slopes, state.moves, state.turns)
    _remember(moved, place - state.place, slopes - state.slopes)
    level = state.losses - losses <= _LEVEL * state.losses.abs()
    return moved, ~found | level


def _searched(
    loss: Loss, state: _State, heading: Tensor, fall: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Armijo's rule: the first step of 1, 1/2, 1/4, ... that lowers the loss enough; else none."""
    place, losses, slopes = state.place.clone(), state.losses.clone(), state.slopes.clone()
    waiting = torch.arange(len(state.which), device=heading.device)
    step = 1.0
    for _ in range(_HALVINGS):
        tried = state.place[waiting] + step * heading[waiting]
        value, gradient = loss(tried, state.which[waiting])
        good = value <= state.losses[waiting] - _SUFFICIENT * step * fall[waiting]
        taken = waiting[good]
        place[taken], losses[taken], slopes[taken] = tried[good], value[good], gradient[good]
        waiting = waiting[~good]
        if not len(waiting):
            break
        step /= 2
    found = torch.ones(len(state.which), dtype=torch.bool, device=heading.device)
    found[waiting] = False
    return place, losses, slopes, found


def _heading(state: _State) -> tuple[Tensor, Tensor]:
    """Where to step, by the two loops of L-BFGS, and (b,) how fast the loss falls there.

    Straight down where nothing is remembered yet, or where rounding has turned the heading uphill.
    """
    heading = _newton(state) if state.moves else -state.slopes
    fall = -_dot(heading, state.slopes)
    uphill = fall <= 0
    if bool(uphill.any()):
        heading = torch.where(_wide(uphill, heading), -state.slopes, heading)
        fall = -_dot(heading, state.slopes)
    return heading, fall


def _newton(state: _State) -> Tensor:
    heading = -state.slopes
    shares: list[tuple[Tensor, Tensor]] = []
    for move, turn in zip(reversed(state.moves), reversed(state.turns), strict=True):
        curve = _inverse(_dot(move, turn))
        share = curve * _dot(move, heading)
        heading = heading - _wide(share, turn) * turn
        shares.append((curve, share))
    move, turn = state.moves[-1], state.turns[-1]
    size = _dot(move, turn) * _inverse(_dot(turn, turn))
    heading = heading * _wide(torch.where(size > 0, size, torch.ones_like(size)), heading)
    for move, turn, (curve, share) in zip(state.moves, state.turns, reversed(shares), strict=True):
        heading = heading + _wide(share - curve * _dot(turn, heading), move) * move
    return heading


def _remember(state: _State, move: Tensor, turn: Tensor) -> None:
    """Keep a step and the change of slope; as nothing where the loss does not curve upwards along it."""
    curved = _wide(_dot(move, turn) > 1e-10 * _dot(turn, turn), move)
    state.moves, state.turns = (
        [*history, torch.where(curved, new, torch.zeros_like(new))][-_MEMORY:]
        for history, new in ((state.moves, move), (state.turns, turn))
    )


def _dot(one: Tensor, other: Tensor) -> Tensor:
    return (one * other).flatten(1).sum(1)


def _inverse(values: Tensor) -> Tensor:
    return torch.where(values > 0, 1 / values.clamp_min(1e-30), torch.zeros_like(values))


def _wide(values: Tensor, like: Tensor) -> Tensor:
    return values.view(-1, *([1] * (like.ndim - 1)))
