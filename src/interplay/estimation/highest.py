"""Sampling error of sharp upper ends, two labels: the sample's best joints are looked for again in every replicate.

An upper end is the maximum of a convex function of the joint over the identified set, so it lies at a vertex. From
any joint one climbs by linear programs: maximise the function's tangent, go to the vertex that does, begin again.
A batch of climbs finds the sample's highest vertices, and the tangents at them, maximised over each replicate's set,
find that replicate's. What the search proved beyond them is added to all.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interplay.estimation.ceilings import Highest
from interplay.estimation.confidence import KINK
from interplay.estimation.drawn import Drawn, Draws
from interplay.estimation.solved import code_pairs
from interplay.information import Array, mutual_information
from interplay.reconciliation import Repaired
from interplay.solvers.cells import cell_minimum_many
from interplay.solvers.envelope import WIDEST

STARTS = 24  # climbs on the sample: the best joint's tangent, shaken, and random answers
CLIMBS = 4  # tangents on each
KEPT = 4  # highest vertices whose tangents are maximised over each replicate's set
REPLICATES = 40  # spread is then known to a ninth
TOLERANCE = 1e-5  # of the linear programs, by slopes of order one
APART = 1e-4  # bits or probability by which two vertices differ
RAREST = 1e-3  # of a label in a cell, below which the tangent of information is no steeper


@dataclass(frozen=True, kw_only=True)
class Convex:
    """A convex function of joints (...,C,K). worth (...,): its values. slope (...,C,K): of a tangent, of order one."""

    worth: Callable[[Array], Array]
    slope: Callable[[Array], Array]


def _information(joint: Array) -> Array:
    return np.asarray(mutual_information(joint[:, :, None, :], batch=1))


def _surprise(joint: Array) -> Array:
    """log p(y|cell) in units of the steepest; a cell without mass has no slope."""
    mass = joint.sum(axis=-1, keepdims=True)
    share = np.where(mass > 0, joint / np.where(mass > 0, mass, 1.0), 1.0)
    return np.asarray(np.log(np.maximum(share, RAREST)) / -math.log(RAREST))


def _answers(joint: Array) -> Array:
    """1 at each cell's most probable label."""
    return np.eye(joint.shape[-1])[joint.argmax(axis=-1)]


INFORMATION = Convex(worth=_information, slope=_surprise)
ACCURACY = Convex(worth=lambda joint: np.asarray(joint.max(axis=-1).sum(axis=-1)), slope=_answers)


def is_sharp(draws: Draws) -> bool:
    """Whether the search's bounds are sharp enough for this: two labels, few codes."""
    tables = draws.plain.point.tables
    return tables.p1y.shape[2] == 2 and max(tables.p12.shape[1:]) <= WIDEST


def highest(draws: Draws, what: Convex, joint: Array, bound: float) -> Highest:
    """The upper end on the sample and on REPLICATES of its replicates.

    joint (n1,n2,K): the best that the search found for the sample's plain tables; bound: what it proved. In plain
    tables cells that a small sample missed are impossible; tables shrunk to independence give them back, but the
    dependence that lifts the end is less in them: the higher of both counts.
    """
    slopes = what.slope(climb(draws.plain.point.tables, what, joint.reshape(-1, joint.shape[2])))
    plain, shrunk = _found((draws.plain, draws.whole), what, slopes)
    beyond = max(bound - float(plain[:, 0].max()), 0.0)
    every = np.concatenate([plain, shrunk]).max(axis=0) + beyond
    return Highest(value=float(every[0]), replicates=every[1:], factor=KINK, fixed=plain[0, 1:])


def _found(kinds: tuple[Drawn, ...], what: Convex, slopes: Array) -> Array:
    """Values (kinds, S, 1 + REPLICATES) at the maxima of slopes (S,C,K), on the sample's tables and on each
    replicate's."""
    drawn = [t for d in kinds for t in (d.point.tables, d.batch.tables.first(REPLICATES))]
    tables = [np.concatenate([getattr(t, name) for t in drawn]) for name in ("p12", "p1y", "p2y")]
    count = len(tables[0])
    p12, p1y, p2y = (np.tile(t, (len(slopes), 1, 1)) for t in tables)
    joints = _highest_joints(p12, p1y, p2y, np.repeat(slopes, count, axis=0))
    return what.worth(joints).reshape(len(slopes), len(kinds), -1).swapaxes(0, 1)


def climb(tables: Repaired, what: Convex, joint: Array) -> Array:
    """The highest joints (S,C,K), S <= KEPT and highest first, that climbs on one set of tables reach; joint (C,K):
    a good one to begin with."""
    slopes = _starts(what, joint, np.random.default_rng(0))
    joints, worth = np.empty_like(slopes), np.full(len(slopes), -np.inf)
    moving = np.arange(len(slopes))
    for _ in range(CLIMBS):
        p12, p1y, p2y = (np.repeat(t, len(moving), axis=0) for t in (tables.p12, tables.p1y, tables.p2y))
        found = _highest_joints(p12, p1y, p2y, slopes)
        reached = what.worth(found)
        higher = reached > worth[moving] + APART
        if not higher.any():
            break
        found, moving = found[higher], moving[higher]
        joints[moving], worth[moving], slopes = found, reached[higher], what.slope(found)
    return np.asarray(joints[_distinct(worth)])


def _starts(what: Convex, joint: Array, rng: np.random.Generator) -> Array:
    """Slopes (STARTS,C,K): the best joint's, the same with cells weighed at random, and random answers."""
    own = what.slope(joint)
    shaken = own * rng.uniform(0.3, 1.7, size=(STARTS // 2 - 1, len(own), 1))
    answers = np.eye(own.shape[1])[rng.integers(own.shape[1], size=(STARTS - STARTS // 2, len(own)))]
    return np.concatenate([own[None], shaken, answers])


def _distinct(worth: Array) -> list[int]:
    """Positions of the KEPT highest values that differ."""
    kept: list[int] = []
    for i in np.argsort(-worth):
        if len(kept) < KEPT and all(abs(worth[i] - worth[j]) > APART for j in kept):
            kept.append(int(i))
    return kept


def _highest_joints(p12: Array, p1y: Array, p2y: Array, slopes: Array) -> Array:
    """Joints (B,C,K) that maximise a slope (B,C,K) each over their sets."""
    mass = p12.reshape(len(p12), -1)
    return cell_minimum_many(*code_pairs(p12.shape[1:]), mass, p1y, p2y, cost=-slopes, tolerance=TOLERANCE).r
