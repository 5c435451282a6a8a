"""What the best decisions are worth, from samples: guaranteed by a rule on one side, possible on the other."""

from dataclasses import replace

import numpy as np

from interplay.estimation.ceilings import Worth, decisions_ceiling
from interplay.estimation.confidence import KINK, Replicated, estimate
from interplay.estimation.drawn import Draws
from interplay.estimation.solved import Solved, envelope
from interplay.information import Array
from interplay.results import Estimate, Unit
from interplay.solvers.cells import cell_minimum_many
from interplay.solvers.decisions import WorstCost, best_cost, worst_cost

SEARCH_STEPS = 30  # branchings for the sharp high end; what is certified by then is reported


def best_decisions_estimate(
    draws: Draws, worth: Worth, *, unit: Unit, proportion: bool, confidence: float, looks: int
) -> Estimate:
    """Range of E[worth] of the best decisions: low is what one rule has under every joint, high what none exceeds.

    The low end is the value of a linear program (a game against the joint), replicated as the best accuracy is; its
    envelope is that of the sample's own rule.
    """
    point, plain = draws.half.point, draws.plain.point
    game = _game(point, worth, 0)
    low = Replicated(
        value=-game.upper,
        replicates=np.array(
            [-_game(draws.half.batch, worth, b).upper for b in range(len(draws.half.batch.tables.p12))]
        ),
        envelope=_fixed_rule(draws, worth, game.rule),
        factor=KINK,
        proportion=proportion,
        freedom=draws.freedom,
    )
    top = decisions_ceiling(draws, worth)
    high = Replicated(
        value=top.value,
        replicates=top.replicates,
        envelope=top.fixed,
        factor=top.factor,
        proportion=proportion,
        freedom=draws.freedom,
        cap=float(worth(_shares(plain)[0]).max()),
    )
    t = plain.tables
    sharp = -best_cost(t.p12[0], t.p1y[0], t.p2y[0], -worth(_shares(plain)[0]), steps=SEARCH_STEPS).lower
    shown = -_game(plain, worth, 0).upper, min(sharp, high.value)
    return estimate(low, high, confidence=confidence, unit=unit, looks=looks, shown=shown)


def negated(e: Estimate, unit: Unit) -> Estimate:
    """The range of minus the value: cost from worth."""

    def flip(ends: tuple[float, float]) -> tuple[float, float]:
        return -ends[1], -ends[0]

    return replace(
        e,
        low=-e.high,
        high=-e.low,
        ci=flip(e.ci),
        ci_point=flip(e.ci_point),
        limits=flip(e.limits),
        unit=unit,
        p_value=None,
        details={name: e.details[name][::-1] for name in ("standard_error", "kinked")},
    )


def _game(s: Solved, worth: Worth, at: int) -> WorstCost:
    t = s.tables
    return worst_cost(t.p12[at], t.p1y[at], t.p2y[at], -worth(_shares(s)[at]))


def _shares(s: Solved) -> Array:
    return s.tables.p1y.sum(1)


def _fixed_rule(draws: Draws, worth: Worth, rule: Array) -> Array:
    """What the rule (n1,n2,M) has at least, by one dual solution, on each replicate: linear in the margins."""
    point, batch = draws.half.point, draws.half.batch
    flat = rule.reshape(-1, rule.shape[2])
    paid = [np.stack([flat @ worth(share) for share in _shares(s)]) for s in (point, batch)]  # (B, C, K)
    rows, cols, mass = point.cells
    scale = float(np.abs(paid[0]).max()) or 1.0
    at = cell_minimum_many(rows, cols, mass, point.tables.p1y, point.tables.p2y, cost=paid[0] / scale, tolerance=1e-7)
    drawn = envelope(rows, cols, batch.cells[2], batch.tables, cost=paid[1] / scale, lam=at.lam[0], mu=at.mu[0])
    return scale * drawn
