"""Redundancy, uniqueness, synergy and total information from samples, each with its interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from interplay.estimation.confidence import Replicated, estimate
from interplay.information import Array, entropy, mutual_information
from interplay.reconciliation import Repaired
from interplay.results import Estimate
from interplay.solvers.coupling import coupling_upper_bound_many
from interplay.solvers.maxent import maximum_entropy_many
from interplay.solvers.synergy_max import largest_information
from interplay.solvers.union import union_information_many

SEARCH_SECONDS = 2.0  # for the sharp upper end; what is certified by then is reported


@dataclass(frozen=True, kw_only=True, eq=False)
class InformationEnds:
    """Bits, each (B,). first, second: I(X_m;Y). union: I*. total_low, total_high: I({X1,X2};Y) over the set."""

    first: Array
    second: Array
    union: Array
    total_low: Array
    total_high: Array


def information_ends(tables: Repaired) -> InformationEnds:
    """Certified ends; total_high is the coupling bound, which needs no search."""
    p12, p1y, p2y = tables.p12, tables.p1y, tables.p2y
    label = entropy(p1y.sum(1), batch=1)
    union = union_information_many(p1y, p2y).value
    total_low = entropy(p12, batch=1) + label - maximum_entropy_many(p12, p1y, p2y).upper
    return InformationEnds(
        first=mutual_information(p1y, batch=1),
        second=mutual_information(p2y, batch=1),
        union=union,
        total_low=np.maximum(total_low, union),  # the union is a minimum over a larger set
        total_high=np.minimum(coupling_upper_bound_many(p12, p1y, p2y), label),
    )


End = Callable[[InformationEnds], Array]


def atom_estimates(names: tuple[str, str], point: Repaired, batch: Repaired, *, confidence: float, looks: int) -> dict:
    """Estimates "information", "redundancy", "unique", "synergy" and "total", in bits.

    point: tables (1, ...) of the sample, batch: tables (B, ...) of its replicates.
    """
    at, drawn = information_ends(point), information_ends(batch)
    p12, p1y, p2y = point.p12[0], point.p1y[0], point.p2y[0]
    largest = largest_information(p12, p1y, p2y, time_limit=SEARCH_SECONDS).bound
    total_high = min(largest, float(at.total_high[0]))

    def one(value: End, *, shown_high: float | None = None, high: End | None = None) -> Estimate:
        low_end = Replicated(value=float(value(at)[0]), replicates=value(drawn))
        high_end = low_end if high is None else Replicated(value=float(high(at)[0]), replicates=high(drawn))
        return estimate(low_end, high_end, confidence=confidence, unit="bits", looks=looks, shown_high=shown_high)

    def total_low(e: InformationEnds) -> Array:
        return e.total_low

    def total_up(e: InformationEnds) -> Array:
        return e.total_high

    return {
        "information": {names[0]: one(lambda e: e.first), names[1]: one(lambda e: e.second)},
        "redundancy": one(lambda e: e.first + e.second - e.union),
        "unique": {names[0]: one(lambda e: e.union - e.second), names[1]: one(lambda e: e.union - e.first)},
        "synergy": one(
            lambda e: e.total_low - e.union,
            high=lambda e: e.total_high - e.union,
            shown_high=total_high - float(at.union[0]),
        ),
        "total": one(total_low, high=total_up, shown_high=total_high),
    }
