"""How many labels each cell gets: greedily, what narrows a width most a label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from interplay.estimation.labelled_cells import LEAST
from interplay.information import Array

Ints = NDArray[np.intp]
SURE = 1e-9  # probability or bits: less is not open
BLOCKS = (1, 2, 4, 8, 16)  # times LEAST: labels that a cell may get at once


@dataclass(frozen=True, kw_only=True, eq=False)
class CellState:
    """What the plan knows of C cells, and of a width that labels are to narrow: of an interval, or from the likeliest
    value to a limit. mass (C,); unsure (C,): how much of the width an unknown cell makes; spread (C,): standard
    deviation of one label's worth, most: the largest possible; labels (C,): labels so far; room (C,): pairs without a
    label. floor: variance that labels leave; hidden: variance times the square of the unknown cells' mass; errors:
    standard errors in the width."""

    mass: Array
    unsure: Array
    spread: Array
    most: float
    labels: Ints
    room: Ints
    floor: float
    hidden: float
    errors: float

    @property
    def undetermined(self) -> NDArray[np.bool_]:
        """Cells that labels decide, those so far or the next; the others follow from the tables, (C,)."""
        return np.asarray((self.labels >= LEAST) | (self.unsure > SURE))


def allocate(state: CellState, budget: int, width: float) -> list[tuple[int, int]]:
    """(cell, labels) in the order to label, at most `budget` labels in all.

    width: between plug-in ends now. The model of what labels do: an unknown cell takes its share of
    the width until it has LEAST labels; then it leaves sampling error, which adds up in squares.
    """
    labels, room = state.labels.copy(), state.room.copy()
    scale = width / state.unsure.sum() if state.unsure.sum() > 0 else 0.0
    order: list[tuple[int, int]] = []
    left = budget
    while left > 0:
        best, cell, count = 0.0, -1, 0
        now = _variance(state, labels)
        for block in (1, *(LEAST * b for b in BLOCKS)):
            can = room >= block
            if block > left or not can.any():
                continue
            gained = (_drop(state, labels, block, now, scale)) / block
            gained = np.where(can, gained, 0.0)
            at = int(gained.argmax())
            if gained[at] > best * 1.000001:
                best, cell, count = float(gained[at]), at, block
        if cell < 0:
            break
        order.append((cell, count))
        labels[cell] += count
        room[cell] -= count
        left -= count
    return order or _spread_out(state, budget)


def _spread_out(state: CellState, budget: int) -> list[tuple[int, int]]:
    """One label after another in proportion to what is unsure: where too few labels are asked for to narrow anything
    yet, they still begin to. Where nothing is unsure but the sampling error is left, to each cell's share of that."""
    order: list[tuple[int, int]] = []
    given, room = np.zeros(len(state.mass)), state.room.copy()
    unsure = np.where(state.room > 0, state.unsure, 0.0)
    worth = unsure if (unsure > SURE).any() else state.mass * state.spread
    for _ in range(budget):
        claim = np.where(room > 0, worth / (given + 1), 0.0)
        cell = int(claim.argmax())
        if claim[cell] <= SURE:
            break
        order.append((cell, 1))
        given[cell] += 1
        room[cell] -= 1
    return order


def expected_width(state: CellState, labels: Ints, width: float, *, worst: bool) -> float:
    """Width when cells have `labels` (C,) labels; worst: labels as uncertain as can be."""
    scale = width / state.unsure.sum() if state.unsure.sum() > 0 else 0.0
    open_cells = float(state.unsure[labels < LEAST].sum()) * scale
    variance = _variance(state, labels, state.most if worst else None)
    return open_cells + state.errors * float(np.sqrt(variance))


def _variance(state: CellState, labels: Ints, spread: float | None = None) -> float:
    """Of the target: the floor and what labelled cells leave; a cell that the others determine adds nothing."""
    known = (labels >= LEAST) & state.undetermined
    each = state.mass * (state.spread if spread is None else spread)
    left = float(state.mass[labels < LEAST].sum())
    return state.floor + state.hidden * left**2 + float((each[known] ** 2 / labels[known]).sum())


def _drop(state: CellState, labels: Ints, block: int, now: float, scale: float) -> Array:
    """By how much the width falls if one cell gets `block` more labels, for each cell (C,)."""
    before, after = ((n >= LEAST) & state.undetermined for n in (labels, labels + block))
    square = (state.mass * state.spread) ** 2
    old = np.where(before, square / np.maximum(labels, 1), 0.0)
    new = np.where(after, square / np.maximum(labels + block, 1), 0.0)
    left = np.full(len(labels), state.mass[labels < LEAST].sum())
    still = left - np.where((labels < LEAST) & (labels + block >= LEAST), state.mass, 0.0)
    then = now - old + new - state.hidden * (left**2 - still**2)
    error = state.errors * (np.sqrt(now) - np.sqrt(np.maximum(then, 0.0)))
    opened = np.where(after & ~before, state.unsure * scale, 0.0)
    return np.asarray(opened + error)
