"""How far the tables may be wrong before a conclusion falls: accuracy against slack, and the slack that breaks it.

What moves: both labelled tables, each by a total variation of at most the slack (half the sum of absolute
differences), in any direction, zero cells included. The pairs p12 stay. Tables that contradict each other have a
smallest slack below which no joint fits; tables that agree have 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from interplay.errors import InputError, MarginsError, ShapeError
from interplay.information import Array
from interplay.results import RobustnessCurve, freeze
from interplay.solvers.slack_curve import SlackCurve
from interplay.tables import PairTables


def accuracy_against_slack(
    tables: PairTables, slacks: ArrayLike, *, rule: ArrayLike | None = None, reference: float | None = None
) -> RobustnessCurve:
    """Guaranteed accuracy when each labelled table may be off by a total variation of up to each slack.

    Without a `rule`: the smallest accuracy of the best classifier (`high` is nan). With one (n1, n2, K), rows
    that sum to one: the smallest and the largest accuracy of that rule. `breakdown` is the slack at which the low
    end falls to `reference`, by default the better single modality's accuracy in the tables as they are.
    Slacks below `smallest`, where no joint fits, give nan. Contradictory tables are welcome.
    """
    at = _checked_slacks(slacks)
    p12, p1y, p2y = _agreed(tables)
    right = None if rule is None else _checked_rule(rule, tables.shape)
    best = float(max(p1y.max(1).sum(), p2y.max(1).sum())) if reference is None else float(reference)
    curve = SlackCurve(p12, p1y, p2y, right)
    fits = at >= curve.smallest - 1e-9
    low, low_gap = _sweep(curve, at, fits)
    high, high_gap = np.full(len(at), np.nan), np.full(len(at), np.nan)
    if right is not None:
        falling, high_gap = _sweep(SlackCurve(p12, p1y, p2y, -right), at, fits)
        high = -falling
    breakdown = curve.falls_to(best)
    freeze(at, low, high, low_gap, high_gap)
    return RobustnessCurve(
        slack=at,
        low=low,
        high=high,
        gaps=(low_gap, high_gap),
        smallest=curve.smallest,
        reference=best,
        breakdown=breakdown,
    )


def _sweep(curve: SlackCurve, at: Array, fits: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Certified values and their gaps; nan where nothing fits."""
    inside = np.maximum(at, curve.smallest)
    curve.visit(inside[fits])
    low, gap = np.full(len(at), np.nan), np.full(len(at), np.nan)
    low[fits] = [curve.low(s) for s in inside[fits]]
    gap[fits] = [curve.gap(s) for s in inside[fits]]
    return low, gap


def _agreed(tables: PairTables) -> tuple[Array, Array, Array]:
    """Margins that agree to rounding are made to agree; others are taken as they are."""
    try:
        return tables.margins
    except MarginsError:
        return tables.normalised


def _checked_slacks(slacks: ArrayLike) -> Array:
    at = np.array(slacks, dtype=float)
    if at.ndim != 1:
        raise ShapeError(f"slacks of shape {at.shape}", expected="one axis", next_step="pass a list of slacks")
    bad = ~(np.isfinite(at) & (at >= 0))
    if bad.any():
        raise InputError(
            f"slack {at[bad][0]:g}",
            expected="total variations, from 0 to 1",
            next_step="pass slacks such as [0, 0.01, 0.05]",
        )
    return at


def _checked_rule(rule: ArrayLike, shape: tuple[int, int, int]) -> Array:
    weights = np.asarray(rule, dtype=float)
    if weights.shape != shape:
        raise ShapeError(
            f"rule of shape {weights.shape}",
            expected=f"{shape}, as the tables",
            next_step="pass the probability of each label for each pair of codes",
        )
    if not (np.isfinite(weights).all() and weights.min() >= 0 and np.abs(weights.sum(2) - 1).max() <= 1e-6):
        raise InputError(
            "a rule whose rows are no distributions",
            expected="non-negative weights that sum to 1 over the labels",
            next_step="divide each row by its sum",
        )
    return weights
