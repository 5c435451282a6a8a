"""Confidence limits for the ends of an identified set: the bias-corrected bootstrap.

Plug-in ends of an identified set lie inside it: a low end is a supremum of functions that are linear in
the margins, hence biased upward, and where its maximiser is not unique (a kink) the bootstrap sees only
the share sqrt(2) - 1 of that bias. Percentile, basic and m-out-of-n intervals fail here.
"""

import math
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import betaincinv, gammaincinv, ndtr, ndtri, stdtr, stdtrit

from interplay.information import Array
from interplay.results import Estimate, Unit

KINK = 1 / (math.sqrt(2) - 1)  # bias over the bias that the bootstrap sees, at a full kink
PARTIAL = 1.5  # for information, which has kinks at some truths and is smooth at others; by simulation
SMOOTH = 1.0  # for functionals without kinks
DUST = 1e-5  # bits or probability: what the solvers' gaps could feign is not above zero


class Levels(TypedDict):
    """Confidence of an interval, and the number of intervals from which a best one is picked later."""

    confidence: float
    looks: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Replicated:
    """One end of an identified set: plug-in value, its replicates (B,) and, for linear programs, the
    replicates (B,) of the fixed optimal dual (the envelope).

    factor: bias over the bias that the bootstrap sees. optimism: by how much the end lies inside the set at least, by
    what its replicates do not show (a choice made on the same tables, parts that cancel). proportion: an accuracy,
    whose limits near 0 and 1 are those of a proportion. ceiling: what the value cannot exceed and is judged by its
    distance from, as H(Y) for information; floor: the same below, as 0; cap: what the truth cannot exceed. freedom:
    degrees of freedom of the spread, one less than the number of groups. directions: in how many ways chance can lift
    the value above zero where it is zero; Bonferroni over them decides whether it is. unseen: variance that no
    resampling of coded rows shows.
    """

    value: float
    replicates: Array
    envelope: Array | None = None
    factor: float = SMOOTH
    optimism: float = 0.0
    proportion: bool = False
    ceiling: float | None = None
    freedom: float = math.inf
    directions: int = 1
    unseen: float = 0.0
    floor: float | None = None
    cap: float = math.inf

    @property
    def bias(self) -> float:
        """Mean of the replicates minus the plug-in value."""
        return float(self.replicates.mean()) - self.value

    @property
    def spread(self) -> float:
        """Standard error: the larger of the replicates' and the envelope's standard deviation.

        G groups drawn with replacement spread by a share (G - 1) / G of the variance only.
        """
        spread = float(self.replicates.std(ddof=1))
        if self.envelope is not None:
            spread = max(spread, float(self.envelope.std(ddof=1)))
        spread *= math.sqrt((self.freedom + 1) / self.freedom) if self.freedom < math.inf else 1.0
        return math.hypot(spread, math.sqrt(self.unseen))

    @property
    def lowered(self) -> float:
        """The value less what it may be too high by: max(factor * bias+, |bias|, optimism)."""
        return self.value - max(self.factor * max(self.bias, 0.0), abs(self.bias), self.optimism)

    @property
    def raised(self) -> float:
        """The value and what it may be too low by: max(factor * bias-, |bias|, optimism)."""
        return self.value + max(self.factor * max(-self.bias, 0.0), abs(self.bias), self.optimism)

    def lower_limit(self, level: float) -> float:
        """One-sided lower limit: lowered - t * spread, or further where few rows decide; 0 where that would be above
        zero, but not in each of the directions."""
        limit = self._lower_limit(level)
        if 0 < limit <= DUST:
            return 0.0
        several = limit > 0 and self.directions > 1
        return 0.0 if several and self._lower_limit(1 - (1 - level) / self.directions) <= 0 else limit

    def _lower_limit(self, level: float) -> float:
        limit = _limit(self.lowered, self.spread, level, self.freedom, self.proportion)
        if self.proportion:
            return max(limit, 0.0)
        if self.ceiling is None:
            return limit
        return min(limit, self.ceiling - _most(self.ceiling - self.lowered, self.spread, level))

    def upper_limit(self, level: float) -> float:
        """One-sided upper limit: raised + t * spread."""
        if self.proportion:
            return min(1 - _limit(1 - self.raised, self.spread, level, self.freedom, True), 1.0)
        limit = -_limit(-self.raised, self.spread, level, self.freedom, False)
        if self.floor is not None:
            limit = max(limit, self.floor + _most(self.raised - self.floor, self.spread, level))
        return min(limit, self.cap)

    @property
    def p_value(self) -> float:
        """Smallest error at which the lower limit is above zero: of the hypothesis that the end is zero."""
        if self.spread <= DUST:
            return 0.0 if self.lowered > DUST else 1.0
        return min(1.0, self.directions * float(stdtr(self.freedom, -self.lowered / self.spread)))

    @property
    def kinked(self) -> bool:
        """Whether the bias exceeds the standard error: the plug-in value is then inflated."""
        return abs(self.bias) > self.spread > 0


def _limit(value: float, error: float, level: float, freedom: float, proportion: bool) -> float:
    """Student's lower limit; for a proportion the exact one if that is lower.

    Near 1 few mistakes are seen, and a normal interval would be too short.
    """
    limit = value - float(stdtrit(freedom, level)) * error
    if not proportion or not 0 < value < 1 or error == 0:
        return limit
    return min(limit, clopper_pearson(value, value * (1 - value) / error**2, level)[0])


def _most(value: float, error: float, level: float) -> float:
    """Upper limit of a sum over few rows (Garwood 1936): a Poisson count's, scaled to this value and error.

    What is missing to the ceiling, or little information, comes from few rows, and value and error fall together: when
    chance made one small, the other is too small as well.
    """
    if value <= 0 or error == 0:
        return value
    count = (value / error) ** 2
    return value * float(gammaincinv(count + 1, level)) / count


def estimate(
    low: Replicated,
    high: Replicated,
    *,
    confidence: float,
    unit: Unit,
    looks: int = 1,
    shown: tuple[float, float] | None = None,
) -> Estimate:
    """Interval that covers the whole set (each end at half of 1 - confidence) and one-sided limits.

    looks: number of intervals from which the best is picked later (Bonferroni). shown: the plug-in ends, where
    others were replicated: shrunk ones for the low end, looser ones for the high end. Limits are never inside.
    """
    miss = (1 - confidence) / looks
    at = shown or (low.value, high.value)

    def limits(level: float) -> tuple[float, float]:
        return min(low.lower_limit(level), at[0]), max(high.upper_limit(level), at[1])

    return Estimate(
        low=at[0],
        high=at[1],
        ci=limits(1 - miss / 2),
        ci_point=limits(_point_level(high.value - low.value, max(low.spread, high.spread), miss)),
        limits=limits(1 - miss),
        confidence=confidence,
        unit=unit,
        how=f"bias-corrected bootstrap, {len(low.replicates)} replicates",
        p_value=None if low.proportion else min(1.0, looks * low.p_value),
        details={
            "bias": (low.bias, high.bias),
            "standard_error": (low.spread, high.spread),
            "kinked": (low.kinked, high.kinked),
        },
    )


def _point_level(width: float, error: float, miss: float) -> float:
    """One-sided level at which an interval covers each point of a set of this width (Imbens and Manski 2004).

    Half of the error at each end for a point, all of it at one end for a wide set: no point is near both.
    """
    if error == 0 or width <= 0:
        return 1 - miss / 2
    far = width / error
    z = brentq(lambda c: ndtr(c + far) - ndtr(-c) - (1 - miss), 0.0, float(ndtri(1 - miss / 2)) + 1e-6)
    return float(ndtr(z))


def proportion(
    hits: Array,
    *,
    weights: Array | None,
    groups: np.ndarray | None,
    confidence: float,
    looks: int = 1,
    unseen: float = 0.0,
) -> Estimate:
    """Clopper-Pearson interval of a mean of 0/1 values, with the effective size that weights and groups leave.

    unseen: variance that is not the rows' own (`undecided.tied_variance`).
    With few groups the effective size is itself uncertain, and smaller by the ratio of squared t quantiles (Korn
    and Graubard 1998).
    """
    w = np.ones(len(hits)) if weights is None else weights
    p = float(np.average(hits, weights=w))
    units = len(hits) if groups is None else len(np.unique(groups))
    variance = variance_of_mean(hits - p, weights, groups) + unseen
    size = p * (1 - p) / variance if variance > 0 else w.sum() ** 2 / (w**2).sum()
    miss = (1 - confidence) / looks

    def interval(level: float) -> tuple[float, float]:
        few = (stdtrit(len(hits) - 1, level) / stdtrit(units - 1, level)) ** 2 if units > 1 else 0.0
        return clopper_pearson(p, size * float(few), level)

    low, high = interval(1 - miss / 2)
    return Estimate(
        low=p,
        high=p,
        ci=(low, high),
        ci_point=(low, high),
        limits=interval(1 - miss),
        confidence=confidence,
        unit="probability",
        how=f"Clopper-Pearson interval, effective size {size:.0f}",
        details={"standard_error": (math.sqrt(variance),) * 2},
    )


def variance_of_mean(residual: Array, weights: Array | None, groups: NDArray | None) -> float:
    """Variance of the weighted mean of values with these residuals (n,) around it, by row or by group."""
    w = np.ones(len(residual)) if weights is None else weights
    total: Array = w * residual
    if groups is not None:
        total = np.bincount(np.unique(groups, return_inverse=True)[1], weights=total).astype(float)
    return float((total**2).sum()) / w.sum() ** 2 * len(total) / max(len(total) - 1, 1)


def clopper_pearson(p: float, n: float, level: float) -> tuple[float, float]:
    """One-sided limits at `level`; exact for n independent rows, by beta quantiles for an effective n."""
    hits = n * p
    low = float(betaincinv(hits, n - hits + 1, 1 - level)) if hits > 0 else 0.0
    high = float(betaincinv(hits + 1, n - hits, level)) if hits < n else 1.0
    return low, high
