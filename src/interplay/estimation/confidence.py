"""Confidence limits for the ends of an identified set: the bias-corrected bootstrap.

Plug-in ends of an identified set lie inside it: a low end is a supremum of functions that are linear in
the margins, hence biased upward, and where its maximiser is not unique (a kink) the bootstrap sees only
the share sqrt(2) - 1 of that bias. Percentile, basic and m-out-of-n intervals fail here.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta, norm

from interplay.information import Array
from interplay.results import Estimate, Unit

KINK = 1 / (math.sqrt(2) - 1)  # bias over the bias that the bootstrap sees, at a full kink
SMOOTH = 1.0  # for functionals without kinks


@dataclass(frozen=True, kw_only=True, eq=False)
class Replicated:
    """One end of an identified set: plug-in value, its replicates (B,) and, for linear programs, the
    replicates (B,) of the fixed optimal dual (the envelope).

    factor: bias over the bias that the bootstrap sees. optimism: by how much a low end is too high because
    what it judges was chosen on the same tables. proportion: an accuracy, whose limits near 0 and 1 are
    those of a proportion.
    """

    value: float
    replicates: Array
    envelope: Array | None = None
    factor: float = SMOOTH
    optimism: float = 0.0
    proportion: bool = False

    @property
    def bias(self) -> float:
        """Mean of the replicates minus the plug-in value."""
        return float(self.replicates.mean()) - self.value

    @property
    def spread(self) -> float:
        """Standard error: the larger of the replicates' and the envelope's standard deviation."""
        spread = float(self.replicates.std(ddof=1))
        if self.envelope is not None:
            spread = max(spread, float(self.envelope.std(ddof=1)))
        return spread

    def lower_limit(self, level: float) -> float:
        """One-sided lower limit: value - max(factor * bias+, |bias|, optimism) - z * spread."""
        shift = max(self.factor * max(self.bias, 0.0), abs(self.bias), self.optimism)
        return _limit(self.value - shift, self.spread, level, self.proportion)

    def upper_limit(self, level: float) -> float:
        """One-sided upper limit: value + max(factor * bias-, |bias|) + z * spread."""
        shift = max(self.factor * max(-self.bias, 0.0), abs(self.bias))
        if self.proportion:
            return 1 - _limit(1 - self.value - shift, self.spread, level, self.proportion)
        return self.value + shift + float(norm.ppf(level)) * self.spread

    @property
    def kinked(self) -> bool:
        """Whether the bias exceeds the standard error: the plug-in value is then inflated."""
        return abs(self.bias) > self.spread > 0


def _limit(value: float, error: float, level: float, proportion: bool) -> float:
    """Normal lower limit; for a proportion the exact one if that is lower.

    Near 1 few mistakes are seen, and a normal interval would be too short.
    """
    limit = value - float(norm.ppf(level)) * error
    if not proportion or not 0 < value < 1 or error == 0:
        return limit
    return min(limit, clopper_pearson(value, value * (1 - value) / error**2, level)[0])


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
    return Estimate(
        low=at[0],
        high=at[1],
        ci=(min(low.lower_limit(1 - miss / 2), at[0]), max(high.upper_limit(1 - miss / 2), at[1])),
        limits=(min(low.lower_limit(1 - miss), at[0]), max(high.upper_limit(1 - miss), at[1])),
        confidence=confidence,
        unit=unit,
        how=f"bias-corrected bootstrap, {len(low.replicates)} replicates",
        details={
            "bias": (low.bias, high.bias),
            "standard_error": (low.spread, high.spread),
            "kinked": (low.kinked, high.kinked),
        },
    )


def proportion(
    hits: Array, *, weights: Array | None, groups: np.ndarray | None, confidence: float, looks: int = 1
) -> Estimate:
    """Clopper-Pearson interval of a mean of 0/1 values, with the effective size that weights and groups leave."""
    w = np.ones(len(hits)) if weights is None else weights
    p = float(np.average(hits, weights=w))
    residual = w * (hits - p)
    if groups is not None:
        residual = np.bincount(np.unique(groups, return_inverse=True)[1], weights=residual).astype(float)
    variance = float((residual**2).sum()) / w.sum() ** 2
    size = p * (1 - p) / variance if variance > 0 else w.sum() ** 2 / (w**2).sum()
    miss = (1 - confidence) / looks
    low, high = clopper_pearson(p, size, 1 - miss / 2)
    limits = clopper_pearson(p, size, 1 - miss)
    return Estimate(
        low=p,
        high=p,
        ci=(low, high),
        limits=limits,
        confidence=confidence,
        unit="probability",
        how=f"Clopper-Pearson interval, effective size {size:.0f}",
        details={"standard_error": (math.sqrt(variance),) * 2},
    )


def clopper_pearson(p: float, n: float, level: float) -> tuple[float, float]:
    """One-sided limits at `level`; exact for n independent rows, by beta quantiles for an effective n."""
    hits = n * p
    low = float(beta.ppf(1 - level, hits, n - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(level, hits + 1, n - hits)) if hits < n else 1.0
    return low, high
