"""What labels show of the gain by themselves: a rule that leaves the better single modality only where they say so.

Where it answers as the single modality does, it gains exactly nothing, whatever the labels are: so only the labels of
the other cells, the masses of those, and which single modality is the better one leave an error.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, stdtrit

from interplay.estimation.labelled_cells import PRIOR, LabelledCells
from interplay.estimation.labelled_draws import LabelledDraws
from interplay.information import Array

Ints = NDArray[np.intp]
CLEAR = 0.5  # standard errors by which half of the labels must speak against the single modality
REGRET = 2.0  # times the accuracy that the single modality's rule is expected to miss
TOGETHER = 12.0  # squared standard errors of a lead over which halves stop erring together; by simulation of coins


@dataclass(frozen=True, kw_only=True)
class TaughtGain:
    """A rule's gain over the better single modality. value: not too high in the mean; smooth: the same of shares with a
    further label a cell; decisive: mass where it answers otherwise and one of both answers is right; labels, others:
    variance by the labels, and by all else; regret: accuracy that the best single modality's best rule may have more
    than the one compared with; freedom: degrees of freedom of the variance."""

    value: float
    smooth: float
    decisive: float
    labels: float
    others: float
    regret: float
    freedom: float

    def lower_limit(self, level: float) -> float:
        """One-sided lower limit; minus infinity if the rule answers as the single modality does everywhere.

        The error of the labels is Student's, or that of a proportion where that is more: a few labels that are all
        the same show little.
        """
        if self.decisive <= 0:
            return -math.inf
        t = float(stdtrit(self.freedom, level))
        # of labels that only one of both answers meets, the share that the rule meets
        better, smooth = (min(max((1 + v / self.decisive) / 2, 0.0), 1.0) for v in (self.value, self.smooth))
        size = smooth * (1 - smooth) * 4 * self.decisive**2 / self.labels
        hits = size * better
        low = float(betaincinv(hits, size - hits + 1, 1 - level)) if hits > 0 else 0.0
        reach = max(self.value - self.decisive * (2 * low - 1), t * math.sqrt(self.labels))
        return self.value - math.hypot(reach, t * math.sqrt(self.others)) - REGRET * self.regret


def taught_gain(draws: LabelledDraws) -> TaughtGain:
    """The gain of what each half of the labels teaches, judged by the other half; for labels of independent pairs."""
    sample, drawn = draws.tables.plain
    mass, free = sample.mass[0], draws.tables.freedom
    best = int(np.argmax([m[0].max(1).sum() for m in sample.margins]))
    rule = sample.margins[best][0].argmax(1)
    gain, smooth, decisive, error = _judged(draws.cells, rule[draws.counts.codes[:, best]])
    own = drawn.margins[best][:, np.arange(len(rule)), rule].sum(1)
    missed = np.max([m.max(2).sum(1) for m in drawn.margins], axis=0) - own
    few = (free + 1) / free if free < math.inf else 1.0
    return TaughtGain(
        value=float(mass @ gain),
        smooth=float(mass @ smooth),
        decisive=float(mass @ decisive),
        labels=float(mass**2 @ error**2),
        others=float((drawn.mass @ gain - missed).var(ddof=1)) * few,
        regret=float(missed.mean()),
        freedom=free,
    )


def _judged(cells: LabelledCells, single: Ints) -> tuple[Array, Array, Array, Array]:
    """By cell (C,): gain over the answers `single` (C,), the same of smoothed shares, the share of labels that only one
    of both answers meets, and the standard error of the gain.

    Where both halves choose another answer they are right or wrong together, for each judges by the labels that let the
    other one judge: there their errors add up as they are, not in squares, as far as chance may have chosen.
    """
    at, k = np.arange(len(single)), cells.prior.shape[1]
    mixed = (cells.seen + 1 / k) / (cells.count + 1)[:, None]  # equal labels do not make a cell certain
    gain, smooth, decisive, sure = np.zeros((4, len(single)))
    error = np.zeros((2, len(single)))
    for half, (own, shares, other) in enumerate(zip(cells.sizes, cells.shares, cells.halves[::-1], strict=True)):
        told = (other + PRIOR * cells.prior) / (other.sum(1) + PRIOR)[:, None]
        rest = told.copy()
        rest[at, single] = -1.0
        said = rest.argmax(1)
        lead, spread = _difference(told, said, single)
        chosen = (lead > CLEAR * np.sqrt(spread / (other.sum(1) + PRIOR))) & (own > 0)
        part = np.where(chosen, own / np.maximum(cells.count, 1e-300), 0.0)
        mean, spread = _difference(mixed, said, single)
        gain += part * _difference(shares, said, single)[0]
        smooth += part * mean
        decisive += part * (mixed[at, said] + mixed[at, single])
        error[half] = part * np.sqrt(spread / np.where(own > 0, own, 1.0))
        sure = np.maximum(sure, mean / np.sqrt(spread / np.maximum(cells.count, 1.0)))
    together = np.exp(-(sure**2) / TOGETHER)
    return gain, smooth, decisive, np.sqrt((error**2).sum(0) + 2 * together * error.prod(0))


def _difference(shares: Array, said: Ints, single: Ints) -> tuple[Array, Array]:
    """Mean and variance, by cell, of what one label adds: 1 if only `said` is right, -1 if only `single` is."""
    at = np.arange(len(said))
    right, wrong = shares[at, said], shares[at, single]
    return right - wrong, np.maximum(right + wrong - (right - wrong) ** 2, 0.0)
