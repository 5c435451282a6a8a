"""How far the solutions behind the answers can be off: certified gaps of the sample's tables and of replicates."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from interplay.estimation.drawn import Draws
from interplay.results import Estimate, Unit

UPPER_GAP = "upper_gap"  # in the details of an estimate: its high end less the value of a joint that was found
LOW_ENDS: tuple[tuple[str, str, str, Unit], ...] = (
    ("union", "redundancy and unique parts", "solvers.union", "bits"),
    ("entropy", "low ends of synergy and of all together", "solvers.maxent", "bits"),
    ("accuracy", "low end of the best accuracy", "solvers.cells", "probability"),
)


@dataclass(frozen=True, kw_only=True)
class Proof:
    """The largest certified gap of one program, in `unit`: between what was found and what a bound allows.

    what: the answers that rest on it. solver: module that found the points; gaps are computed without it. tables:
    how many were solved, replicates included. gap: of the sample's own tables. replicate_gap: of the bootstrap's.
    tolerance: gaps asked for, in that order; None where the best bound within the steps allowed is taken. A gap
    never makes an end invalid: the bound's side of it is reported.
    """

    what: str
    solver: str
    tables: int
    gap: float
    replicate_gap: float | None
    tolerance: tuple[float, float] | None
    unit: Unit


def collect_proofs(draws: Draws, accuracy: Estimate, total: Estimate) -> tuple[Proof, ...]:
    """One proof a program, of every solution asked for so far; of searches only where there were any."""
    point, batch = draws.plain.point, draws.plain.batch
    asked = {
        "accuracy": (point.tolerance, batch.tolerance),
        "information": (point.information_gap, batch.information_gap),
    }
    searched = (
        ("high ends of synergy and of all together", "solvers.synergy_max", total),
        ("high end of the best accuracy", "solvers.accuracy_max", accuracy),
    )
    return (
        *(_low_end(draws, *program, asked.get(program[0], asked["information"])) for program in LOW_ENDS),
        *(_high_end(*program) for program in searched if UPPER_GAP in program[2].details),
    )


def _low_end(draws: Draws, program: str, what: str, solver: str, unit: Unit, tolerance: tuple[float, float]) -> Proof:
    drawn = (draws.plain, draws.half, draws.whole)
    own = np.concatenate([d.point.gaps(program) for d in drawn])
    again = np.concatenate([d.batch.gaps(program) for d in drawn])
    return Proof(
        what=what,
        solver=solver,
        tables=len(own) + len(again),
        gap=float(own.max(initial=0.0)),
        replicate_gap=float(again.max(initial=0.0)),
        tolerance=tolerance,
        unit=unit,
    )


def _high_end(what: str, solver: str, found: Estimate) -> Proof:
    details: Mapping[str, float] = found.details
    return Proof(
        what=what,
        solver=solver,
        tables=1,
        gap=details[UPPER_GAP],
        replicate_gap=None,
        tolerance=None,
        unit=found.unit,
    )
