"""Do three count tables describe one population? Tests of the margins they share."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2

from interplay.information import Array

Cause = Literal["none", "class mix", "label shift", "other shift", "no joint"]
STEPS = 500  # of the mixture fit
WORTH_EXPLAINING = 0.05  # p-value of a margin below which its class mix is sought
REFUTED = 0.02  # p-value below which a class mix does not explain the codes of the pairs
UNLIKELY = 0.01  # p-value of a common joint below which there is none


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """Homogeneity tests of the three shared margins (G-test; for codes also of mean posteriors), a p-value each.

    p_values: keyed by modality name (its codes: labelled rows against pairs) and "label" (the class
    frequencies of the two labelled sets). p_value: the smallest, times three (Bonferroni), at most 1.
    fit: p-value that one joint explains all three tables (from samples only). shares: the class shares of the
    pairs (K,), by each modality whose codes disagree and whose codes in the pairs are a mixture of its codes
    within classes; a modality that refutes such a mixture, or has too few codes to, is absent. nan where the
    tables hold probabilities instead of counts.
    """

    p_values: Mapping[str, float]
    p_value: float
    shares: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    fit: float = math.nan

    def disagreeing(self, level: float = 0.05) -> tuple[str, ...]:
        """Names of the margins that disagree at family-wise `level`."""
        return tuple(name for name, p in self.p_values.items() if 3 * p < level)

    def cause(self, level: float = 0.05) -> Cause:
        """What explains the disagreement at family-wise `level`.

        "label shift": the codes of the pairs differ as another class mix would make them. "class mix": only the two
        labelled sets differ, in their class frequencies. "other shift": neither explains it. "no joint": the shared
        margins agree and still no joint has all three tables, as when the rows of the pairs are not aligned.
        """
        names = self.disagreeing(level)
        codes = [n for n in names if n != "label"]
        if codes:
            return "label shift" if all(n in self.shares for n in codes) else "other shift"
        if names:
            return "class mix"
        return "no joint" if self.fit <= UNLIKELY else "none"


def homogeneity_p_value(a: Array, b: Array) -> float:
    """p-value of the G-test that two count vectors come from one distribution; 1 with a single category."""
    table = np.stack([a, b])
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2 or np.any(table.sum(1) == 0):
        return 1.0
    expected = table.sum(1, keepdims=True) * table.sum(0, keepdims=True) / table.sum()
    seen = table > 0
    statistic = 2 * float(np.sum(table[seen] * np.log(table[seen] / expected[seen])))
    return float(chi2.sf(statistic, table.shape[1] - 1))


def class_scores(table: Array, pooled: Array) -> Array:
    """What the codes of a labelled table (n, K) say about its classes: scores (n, d), uncorrelated and of variance 1
    where codes have the probabilities `pooled` (n,), all positive.

    The posteriors of the codes, half a row added a cell. No scores (d = 0) if they would tell all codes apart.
    """
    posterior = (table + 0.5) / (table + 0.5).sum(1, keepdims=True)
    centred = np.sqrt(pooled)[:, None] * (posterior - pooled @ posterior)
    left, size, _ = np.linalg.svd(centred, full_matrices=False)
    kept = size > 1e-9 * max(size[0], 1e-9)
    if kept.sum() >= len(pooled) - 1:
        return np.zeros((len(table), 0))
    return np.asarray(left[:, kept] / np.sqrt(pooled)[:, None])


def codes_p_value(pairs: Array, table: Array) -> float:
    """p-value that codes (n,) of pairs are those of a labelled table (n, K).

    The G-test for any shift, and a test of the mean posteriors, which are few and find most shifts that matter sooner
    (black box shift detection, Lipton et al. 2018).
    """
    p = homogeneity_p_value(pairs, table.sum(1))
    seen = pairs + table.sum(1) > 0
    pairs, table = pairs[seen], table[seen]
    codes = table.sum(1)
    if not (codes.sum() > 0 and pairs.sum() > 0):
        return p
    scores = class_scores(table, (codes + pairs) / (codes + pairs).sum())
    off = (pairs / pairs.sum() - codes / codes.sum()) @ scores
    found, degrees = off @ off / (1 / pairs.sum() + 1 / codes.sum()), scores.shape[1]
    return simes(p, float(chi2.sf(found, degrees)) if degrees else p)


def simes(p: float, q: float) -> float:
    """p-value of one hypothesis by two tests (Simes 1986)."""
    return min(2 * min(p, q), max(p, q))


def compare_margins(pairs: Array, first: Array, second: Array, names: tuple[str, str]) -> Mismatch:
    """Compare the shared margins of count tables pairs (n1,n2), first (n1,K), second (n2,K)."""
    p_values = {
        names[0]: codes_p_value(pairs.sum(1), first),
        names[1]: codes_p_value(pairs.sum(0), second),
        "label": homogeneity_p_value(first.sum(0), second.sum(0)),
    }
    codes = {names[0]: (pairs.sum(1), first), names[1]: (pairs.sum(0), second)}
    fits = {n: mixture_fit(*margins) for n, margins in codes.items() if p_values[n] < WORTH_EXPLAINING}
    return Mismatch(
        p_values=p_values,
        p_value=min(1.0, 3 * min(p_values.values())),
        shares={n: tuple(map(float, shares)) for n, (shares, p) in fits.items() if p > REFUTED},
    )


def mixture_fit(target: Array, table: Array) -> tuple[Array, float]:
    """Class shares (K,) with which `table` (n,K) explains the counts `target` (n,), and the p-value of that.

    Likelihood-ratio test of p(x) = sum_y w_y p(x|y), both sides counted, by EM; n - K degrees of freedom, and a
    p-value of nan with none left.
    """
    table, target = table[table.sum(1) + target > 0], target[table.sum(1) + target > 0]
    shares = table.sum(0) / table.sum()
    within = table / np.maximum(table.sum(0), 1e-300)
    for _ in range(STEPS):
        drawn = within * shares
        drawn *= (target / np.maximum(drawn.sum(1), 1e-300))[:, None]
        before, shares = shares, drawn.sum(0) / target.sum()
        within = (table + drawn) / np.maximum((table + drawn).sum(0), 1e-300)
        if np.abs(shares - before).max() < 1e-9:
            break
    freedom = len(target) - (table.sum(0) > 0).sum()
    free = _log_likelihood(target, target / target.sum()) + _log_likelihood(table, table / table.sum(0).clip(1e-300))
    mixed = _log_likelihood(target, within @ shares) + _log_likelihood(table, within)
    return shares, float(chi2.sf(max(2 * (free - mixed), 0.0), freedom)) if freedom > 0 else math.nan


def _log_likelihood(counts: Array, probabilities: Array) -> float:
    return float(xlogy(counts, probabilities).sum())


def untested(names: tuple[str, str]) -> Mismatch:
    """For tables of probabilities, which carry no sample size."""
    return Mismatch(p_values=dict.fromkeys([*names, "label"], float("nan")), p_value=float("nan"))
