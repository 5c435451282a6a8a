"""Do three samples describe one population? The tests of `mismatch`, with groups and weights, and of a common joint."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.special import xlogy
from scipy.stats import chi2, f

from interplay.estimation.counts import CodedSet
from interplay.estimation.drawn import Draws
from interplay.information import Array
from interplay.mismatch import Mismatch, class_scores, compare_margins, simes
from interplay.reconciliation import Repaired, maximum_likelihood_tables

SIMULATED = 199  # samples from the fitted joint
PLAUSIBLE = 0.1  # p-value by chi-squared above which simulation is left out


def compare_samples(
    sets: Sequence[CodedSet], draws: Draws, names: tuple[str, str], rng: np.random.Generator
) -> Mismatch:
    """Mismatch of three coded sets (pairs, first, second).

    Rows that come in groups, or with weights, vary more than independent rows: then the replicates say how much.
    """
    tables = draws.plain.point.tables
    shapes = [t.shape[1:] for t in (tables.p12, tables.p1y, tables.p2y)]
    pairs, first, second = (s.count().reshape(shape) for s, shape in zip(sets, shapes, strict=True))
    mismatch = compare_margins(pairs, first, second, names)
    inflation = 1.0
    if any(s.groups is not None or s.weights is not None for s in sets):
        drawn = [d.reshape(-1, *shape) for d, shape in zip(draws.counts, shapes, strict=True)]
        shared = {
            names[0]: (first, pairs.sum(1), first.sum(1), drawn[0].sum(2), drawn[1].sum(2)),
            names[1]: (second, pairs.sum(0), second.sum(1), drawn[0].sum(1), drawn[2].sum(2)),
            "label": (None, first.sum(0), second.sum(0), drawn[1].sum(1), drawn[2].sum(1)),
        }
        tests = {n: _replicated_tests(*margins, freedom=draws.freedom) for n, margins in shared.items()}
        p_values = {n: p for n, (p, _) in tests.items()}
        inflation = max(1.0, *(i for _, i in tests.values()))
        mismatch = replace(mismatch, p_values=p_values, p_value=min(1.0, 3 * min(p_values.values())))
    return replace(mismatch, fit=_common_joint(pairs, first, second, tables, inflation, rng))


def _replicated_tests(
    table: Array | None, a: Array, b: Array, drawn_a: Array, drawn_b: Array, *, freedom: float
) -> tuple[float, float]:
    """p-value that two count vectors (c,) have one distribution, and how much more they vary than independent rows.

    drawn: their replicates (B, c). table (c, K): where the vectors count codes, what the codes say about classes; then
    the two tests of `mismatch.codes_p_value`.
    """
    pooled = (a + b) / (a + b).sum()
    seen = pooled > 0
    if seen.sum() < 2:
        return 1.0, 1.0
    off = (a / a.sum() - b / b.sum())[seen]
    noise = (drawn_a / drawn_a.sum(1, keepdims=True) - drawn_b / drawn_b.sum(1, keepdims=True))[:, seen]
    p, varied = _quadratic_form(off, noise, np.diag(pooled[seen] ** -0.5), freedom)
    inflation = varied / ((seen.sum() - 1) * (1 / a.sum() + 1 / b.sum())) if varied else 1.0
    scores = np.zeros((len(off), 0)) if table is None else class_scores(table[seen], pooled[seen])
    q = _quadratic_form(off, noise, scores, freedom)[0] if scores.shape[1] else p
    return simes(p, q), inflation


def _quadratic_form(off: Array, noise: Array, scores: Array, freedom: float) -> tuple[float, float]:
    """p-value of |off @ scores|^2 against the distribution that replicates noise (B, c) give it, and its mean there.

    Satterthwaite's two moments, as Rao and Scott 1984 do for surveys; F instead of chi-squared with few groups.
    """
    covariance = np.atleast_2d(np.cov(noise @ scores, rowvar=False))
    first, second = float(np.trace(covariance)), float((covariance**2).sum())
    if first == 0:
        return 1.0, 0.0
    degrees = first**2 / second
    statistic = float(((off @ scores) ** 2).sum()) / first * degrees
    few = np.isfinite(freedom)
    p = f.sf(statistic / degrees, degrees, degrees * freedom) if few else chi2.sf(statistic, degrees)
    return float(p), first


def _common_joint(
    pairs: Array, first: Array, second: Array, tables: Repaired, inflation: float, rng: np.random.Generator
) -> float:
    """p-value that some joint has all three tables: their deviance from the likeliest one that do, simulated."""
    counts = [t[None] for t in (pairs, first, second)]
    found = float(_deviance(counts, tables)[0]) / inflation
    quick = float(chi2.sf(found, max(sum(pairs.shape) + first.shape[1] - 3, 1)))  # as if only margins could disagree
    if quick > PLAUSIBLE:
        return quick
    sizes = [round(t.sum() / inflation) for t in counts]
    if min(sizes) < 1:
        return float("nan")
    fitted = [t[0] for t in (tables.p12, tables.p1y, tables.p2y)]
    again = [
        rng.multinomial(n, t.ravel() / t.sum(), size=SIMULATED).reshape(-1, *t.shape).astype(float)
        for n, t in zip(sizes, fitted, strict=True)
    ]
    drawn = _deviance(again, maximum_likelihood_tables(*again, tolerance=1e-6))
    return float((1 + (drawn >= found).sum()) / (1 + SIMULATED))


def _deviance(counts: list[Array], tables: Repaired) -> Array:
    """2 log likelihood ratio (B,) of each table being free against the fitted tables."""
    total = np.zeros(len(counts[0]))
    for n, p in zip(counts, (tables.p12, tables.p1y, tables.p2y), strict=True):
        free = n / n.sum((1, 2), keepdims=True)
        total += 2 * (xlogy(n, free) - xlogy(n, np.where(n > 0, np.maximum(p, 1e-300), 1))).sum((1, 2))
    return total
