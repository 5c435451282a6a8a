"""Batched structured primal-dual interior point for cell problems of any number of labels.

Primal, per instance, with q_cy the share of label y in cell c and e+, e- >= 0 a paid violation of the margins:
    min sum_c mass_c phi(q_c) + L sum (e+ + e-),   sum_y q_cy = 1,   sum_{c in row i} mass_c q_cy + e+ - e- = p1y,
and columns alike; phi(q) = <cost, q> or max_y q (then t_c = q_cy + s_cy with s >= 0, multipliers w_c in the
simplex). The violation is exact penalisation: its dual is the box |lam|, |mu| <= L. It gives every instance an
interior, whatever its zeros and even if its margins contradict each other. One class is dropped from the
margins (it follows), which fixes most of the gauge. Every iterate is primal and dual feasible.

Newton: a cell's block is diagonal plus rank two and is eliminated in closed form; rows are eliminated next
(K-1 x K-1 blocks), and one dense system of (K-1) n2 unknowns remains per instance. Mehrotra's predictor and
corrector; the barrier of a cell is weighted by its mass, so tiny cells are as well scaled as large ones.
"""

from dataclasses import fields

import numpy as np

from interplay.information import Array
from interplay.solvers.cells_layout import Layout, Point, Problem
from interplay.solvers.cells_newton import Newton, Targets, complementarity


def _longest(values: tuple[Array, ...], steps: tuple[Array, ...]) -> Array:
    """Largest step (B,) in [0, 1/..] that keeps every value non-negative; inf where nothing falls."""
    fastest = np.zeros(len(values[0]))
    with np.errstate(divide="ignore", invalid="ignore"):
        for x, d in zip(values, steps, strict=True):
            falls = np.fmin.reduce((d / x).reshape(len(x), -1), axis=1, initial=0.0)  # dead entries are 0 / 0
            fastest = np.minimum(fastest, falls)
        return -1 / fastest


def step_lengths(point: Point, d: Point, box: float) -> tuple[Array, Array]:
    """Longest primal and dual steps (B,)."""
    primal = _longest(
        (point.q, point.s, point.over1, point.under1, point.over2, point.under2),
        (d.q, d.s, d.over1, d.under1, d.over2, d.under2),
    )
    dual = _longest(
        (point.z, point.w, box - point.lam, box + point.lam, box - point.mu, box + point.mu),
        (d.z, d.w, -d.lam, d.lam, -d.mu, d.mu),
    )
    return primal, dual


def move(point: Point, d: Point, primal: Array, dual: Array) -> Point:
    """The point after steps of lengths primal, dual (B,)."""
    p, u = primal[:, None, None], dual[:, None, None]
    return Point(
        q=point.q + p * d.q, s=point.s + p * d.s, z=point.z + u * d.z, w=point.w + u * d.w,
        lam=point.lam + u * d.lam, mu=point.mu + u * d.mu,
        over1=point.over1 + p * d.over1, under1=point.under1 + p * d.under1,
        over2=point.over2 + p * d.over2, under2=point.under2 + p * d.under2,
    )  # fmt: skip


def mean_product(point: Point, problem: Problem, box: float) -> Array:
    """Complementarity (B,): duality gap per unit of barrier weight."""
    gap = np.einsum("bc,bck->b", problem.mass, (point.q * point.z + point.s * point.w) * problem.live)
    gap += (point.over1 * (box - point.lam) + point.under1 * (box + point.lam)).sum(axis=(1, 2))
    gap += (point.over2 * (box - point.mu) + point.under2 * (box + point.mu)).sum(axis=(1, 2))
    return np.asarray(gap / weight_total(point, problem))


def weight_total(point: Point, problem: Problem) -> Array:
    """Total barrier weight (B,)."""
    weight = np.einsum("bc,bck->b", problem.mass, problem.live * (1.0 + (point.s > 0)))
    weight = weight + 2 * (problem.weight1.sum(axis=(1, 2)) + problem.weight2.sum(axis=(1, 2)))
    return np.asarray(np.maximum(weight, 1e-300))


def advance(
    point: Point, problem: Problem, layout: Layout, box: float, short: Array, age: Array, *, top: bool
) -> tuple[Point, Array]:
    """One predictor-corrector iteration; short (B,) is the shorter step of the last one.

    age (B,) counts iterations without progress: regularisation, which slows the last digits of degenerate
    instances, is lowered then. After a short step the aim is centrality, and the second-order term, which
    misled, is left out.
    """
    newton = Newton(point, problem, layout, box, 0.1 ** np.minimum(2.0 * np.maximum(age - 1, 0), 4.0), top=top)
    predictor = newton.step(complementarity(point, box, 0.0, problem, None))
    primal, dual = (np.minimum(x, 1.0) for x in step_lengths(point, predictor, box))
    now = mean_product(point, problem, box)
    then = mean_product(move(point, predictor, primal, dual), problem, box)
    centring = np.clip(then / np.maximum(now, 1e-300), 0, 1) ** 3
    centring = np.where(short < 0.2, np.maximum(centring, 0.5), centring)
    trust = np.where(short < 0.2, 0.0, np.minimum(primal, dual))
    aim = now * centring
    targets = complementarity(point, box, aim, problem, predictor, trust)
    step = newton.step(targets)
    lengths = step_lengths(point, step, box)
    for _ in range(_CORRECTORS if problem.live.shape[2] > 3 else 0):
        targets = _centred(targets, point, step, problem, box, aim, lengths)
        other = newton.step(targets)
        step, lengths = _longer(step, lengths, other, step_lengths(point, other, box))
    primal, dual = np.minimum(0.995 * lengths[0], 1.0), np.minimum(0.995 * lengths[1], 1.0)
    return move(point, step, primal, dual), np.minimum(primal, dual)


_CORRECTORS = 2  # where factorising costs more than solving: more than three classes


def _centred(
    t: Targets, point: Point, step: Point, problem: Problem, box: float, aim: Array, lengths: tuple[Array, Array]
) -> Targets:
    """Targets corrected by what a longer step would do to the outlying products (Gondzio 1996)."""
    primal, dual = (np.minimum(1.5 * x + 0.3, 1.0) for x in lengths)
    trial = move(point, step, primal, dual)
    reached = complementarity(trial, box, 0.0, problem, None)  # minus the products
    a = aim[:, None, None]

    def pull(product: Array, weight: Array) -> Array:
        low, high = 0.1 * a * weight, 10 * a * weight
        return np.maximum(np.clip(product, low, high) - product, -high)

    return Targets(
        q=t.q + pull(-reached.q, problem.live),
        s=t.s + pull(-reached.s, problem.live) * (point.s > 0),
        over1=t.over1 + pull(-reached.over1, problem.weight1),
        under1=t.under1 + pull(-reached.under1, problem.weight1),
        over2=t.over2 + pull(-reached.over2, problem.weight2),
        under2=t.under2 + pull(-reached.under2, problem.weight2),
    )


def _longer(
    step: Point, lengths: tuple[Array, Array], other: Point, others: tuple[Array, Array]
) -> tuple[Point, tuple[Array, Array]]:
    """Per instance the direction that allows the longer steps."""
    before, after = (np.minimum(x, 1.0) + np.minimum(y, 1.0) for x, y in (lengths, others))
    better = after > before + 0.01
    pick = {
        f.name: np.where(better[:, None, None], getattr(other, f.name), getattr(step, f.name)) for f in fields(Point)
    }
    return Point(**pick), (np.where(better, others[0], lengths[0]), np.where(better, others[1], lengths[1]))
