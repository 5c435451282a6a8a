"""Expected cost and balanced accuracy of the best classifier: guaranteed by a rule on one side, possible on the other.

Every number is a range over all joints that agree with the tables. Balanced accuracy is an expected cost, because
the tables show how common each class is.
"""

import numpy as np
from numpy.typing import ArrayLike

from interplay.errors import InputError, ShapeError
from interplay.information import Array
from interplay.results import Certificate, DecisionBounds, freeze
from interplay.solvers.certificate import margin_residual
from interplay.solvers.decisions import best_cost, worst_cost
from interplay.tables import PairTables

GUARANTEED, POSSIBLE = "linear program over the identified set, kept by `rule`", "mixed-integer relaxation"


def bound_cost(tables: PairTables, cost: ArrayLike, *, time_limit: float = 10.0) -> DecisionBounds:
    """Certified range of the best classifier's expected cost; cost (M, K) of each decision for each class.

    high: what `rule` (n1, n2, M) pays at most, whatever the joint; never more than the better single modality.
    low: no rule pays less under any joint (valid, found within `time_limit` seconds); `attained` is what the best
    rule pays under a joint that was found. Costs may be negative. Raises MarginsError for margins that disagree.
    """
    prices = checked_prices(cost, tables.shape[2])
    p12, p1y, p2y = tables.margins
    worst = worst_cost(p12, p1y, p2y, prices)
    best = best_cost(p12, p1y, p2y, prices, time_limit=time_limit)
    paid = p1y @ prices.T, p2y @ prices.T  # (n1, M), (n2, M)
    unimodal = float(paid[0].min(1).sum()), float(paid[1].min(1).sum())
    high = min(worst.upper, *unimodal)
    single = _single(*paid)
    rule = np.where(worst.rule.sum(2, keepdims=True) > 0, worst.rule, single) if worst.upper <= high else single
    freeze(rule)
    return DecisionBounds(
        low=min(best.lower, high),
        high=high,
        valid=True,
        reasons=(POSSIBLE, GUARANTEED),
        certificates=(None, _certificate(tables, worst.joint, worst.upper - worst.value)),
        unit="cost",
        attained=best.attained,
        unimodal=unimodal,
        rule=rule,
    )


def bound_balanced_accuracy(tables: PairTables, *, time_limit: float = 10.0) -> DecisionBounds:
    """Certified range of the largest balanced accuracy (mean recall of the classes that occur).

    low: what `rule` (n1, n2, K) has at least, whatever the joint; never less than the better single modality.
    high: no rule has more under any joint; `attained` is what the best rule has under a joint that was found.
    """
    share = tables.margins[1].sum(0)
    weight = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0) / (share > 0).sum()
    found = bound_cost(tables, -np.diag(weight), time_limit=time_limit)
    return DecisionBounds(
        low=-found.high,
        high=min(-found.low, 1.0),
        valid=True,
        reasons=(GUARANTEED, POSSIBLE),
        certificates=(found.certificates[1], None),
        unit="probability",
        attained=min(-found.attained, 1.0),
        unimodal=(-found.unimodal[0], -found.unimodal[1]),
        rule=found.rule,
    )


def _single(first: Array, second: Array) -> Array:
    """The better single modality's decisions (n1, n2, M), from what each decision pays for each code."""
    better = first.min(1).sum() <= second.min(1).sum()
    paid = first if better else second
    chosen = np.eye(paid.shape[1])[paid.argmin(1)]
    shape = (len(first), len(second), paid.shape[1])
    return np.broadcast_to(chosen[:, None] if better else chosen[None], shape).copy()


def _certificate(tables: PairTables, joint: Array, gap: float) -> Certificate:
    p12, p1y, p2y = tables.margins
    residual = margin_residual(joint, (p12, 2), (p1y, 1), (p2y, 0))
    return Certificate(gap=gap, primal_residual=residual, dual_residual=0.0, unit="cost")


def checked_prices(cost: ArrayLike, classes: int) -> Array:
    """Costs (M, K) of each decision for each class. Raises ShapeError, InputError."""
    prices = np.array(cost, dtype=float)
    if prices.ndim != 2 or prices.shape[1] != classes or 0 in prices.shape:
        raise ShapeError(
            f"cost of shape {prices.shape}",
            expected=f"(decisions, {classes}), one column a class",
            next_step="pass the cost of each decision (row) for each class (column)",
        )
    if not np.isfinite(prices).all():
        raise InputError("a cost that is not finite", expected="finite costs", next_step="use a large cost instead")
    return prices
