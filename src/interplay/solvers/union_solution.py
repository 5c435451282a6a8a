"""What a solution of the union information is: its value, its dual, its joint and its certificate."""

from dataclasses import dataclass, field
from functools import cached_property

from interplay.errors import SolverError
from interplay.information import Array
from interplay.results import Certificate
from interplay.solvers import certificate_batch
from interplay.solvers.garbling import Garblings
from interplay.solvers.rounding import round_to_margins

AGREE = 1e-9  # p(y) of the two tables may differ by this much; less is repaired, more is an error
EXACT = 1e-13  # largest violation of a margin that channels may leave


@dataclass(frozen=True, kw_only=True)
class UnionSolution:
    """value: bits, reached by a joint with both margins. lam (n1,K), mu (n2,K): dual in nats.

    primal: that joint, as a table or (two labels) as two channels from the join of the sources.
    """

    value: float
    lam: Array
    mu: Array
    certificate: Certificate
    primal: Array | Garblings = field(repr=False)
    margins: tuple[Array, Array] = field(repr=False)  # p1y, p2y with one p(y)

    @cached_property
    def joint(self) -> Array:
        """The joint (n1,n2,K); large tables of two labels are built when they are first asked for."""
        if not isinstance(self.primal, Garblings):
            return self.primal
        p1, p2 = self.margins
        joint = round_to_margins(self.primal.joint(len(p1), len(p2)), p1, p2)
        off = float(certificate_batch.margin_residual(joint[None], p1[None], p2[None])[0])
        if not off <= EXACT:
            raise SolverError(
                f"a joint that misses its margins by {off:.1e}",
                expected=f"at most {EXACT:.0e}",
                next_step="please report these tables: their certificate was accepted",
            )
        return joint


@dataclass(frozen=True, kw_only=True)
class UnionBatch:
    """Arrays (B,). value: bits, of a joint with both margins; lower: certified bound; gap = value - lower.

    primal_residual: largest violation of a margin by that joint; dual_residual: nats repaired by a shift.
    """

    value: Array
    lower: Array
    gap: Array
    primal_residual: Array
    dual_residual: Array
