"""Redundancy, uniqueness, synergy and total information from samples, each with its interval."""

from collections.abc import Callable
from typing import Any

from interplay.estimation.confidence import Replicated, estimate
from interplay.estimation.solved import Solved
from interplay.information import Array, mutual_information
from interplay.results import Estimate
from interplay.solvers.synergy_max import largest_information

SEARCH_SECONDS = 2.0  # for the sharp upper end; what is certified by then is reported

End = Callable[[Solved], Array]


def _first(s: Solved) -> Array:
    return mutual_information(s.tables.p1y, batch=1)


def _second(s: Solved) -> Array:
    return mutual_information(s.tables.p2y, batch=1)


def atom_estimates(
    names: tuple[str, str], point: Solved, batch: Solved, *, confidence: float, looks: int
) -> dict[str, Any]:
    """Estimates "information", "redundancy", "unique", "synergy" and "total", in bits.

    point: the sample's tables (1, ...), batch: those of its replicates (B, ...).
    """
    t = point.tables
    largest = largest_information(t.p12[0], t.p1y[0], t.p2y[0], time_limit=SEARCH_SECONDS).bound
    total_high = min(largest, float(point.total_high[0]))

    def one(low: End, *, high: End | None = None, shown_high: float | None = None) -> Estimate:
        ends = [Replicated(value=float(e(point)[0]), replicates=e(batch)) for e in (low, high or low)]
        return estimate(*ends, confidence=confidence, unit="bits", looks=looks, shown_high=shown_high)

    return {
        "information": {names[0]: one(_first), names[1]: one(_second)},
        "redundancy": one(lambda s: _first(s) + _second(s) - s.union),
        "unique": {
            names[0]: one(lambda s: s.union - _second(s)),
            names[1]: one(lambda s: s.union - _first(s)),
        },
        "synergy": one(
            lambda s: s.total_low - s.union,
            high=lambda s: s.total_high - s.union,
            shown_high=total_high - float(point.union[0]),
        ),
        "total": one(lambda s: s.total_low, high=lambda s: s.total_high, shown_high=total_high),
    }
