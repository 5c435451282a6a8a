"""Redundancy, uniqueness, synergy and total information from samples, each with its interval."""

from collections.abc import Callable
from typing import Any

from interplay.estimation.confidence import Replicated, estimate
from interplay.estimation.drawn import Draws
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


def atom_estimates(names: tuple[str, str], draws: Draws, *, confidence: float, looks: int) -> dict[str, Any]:
    """Estimates "information", "redundancy", "unique", "synergy" and "total", in bits."""
    plain = draws.plain.point
    t = plain.tables
    largest = largest_information(t.p12[0], t.p1y[0], t.p2y[0], time_limit=SEARCH_SECONDS).bound
    total_high = min(largest, float(plain.total_high[0]))

    def one(low: End, *, high: End | None = None, shown_high: float | None = None) -> Estimate:
        high = high or low
        below = Replicated(value=float(low(draws.shrunk.point)[0]), replicates=low(draws.shrunk.batch))
        above = Replicated(value=float(high(plain)[0]), replicates=high(draws.plain.batch))
        shown = float(low(plain)[0]), above.value if shown_high is None else shown_high
        return estimate(below, above, confidence=confidence, unit="bits", looks=looks, shown=shown)

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
            shown_high=total_high - float(plain.union[0]),
        ),
        "total": one(lambda s: s.total_low, high=lambda s: s.total_high, shown_high=total_high),
    }
