"""What the fused classifier guarantees: rules chosen on some parts of the samples, judged on the others."""

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.solved import Solved, solve_tables
from interplay.fusion.certified_rules import CertifiedRules, certify_rules, fixed_accuracy, single_rules
from interplay.fusion.rules import candidates
from interplay.information import Array
from interplay.reconciliation import Repaired, maximum_likelihood_tables
from interplay.results import Estimate

Ints = NDArray[np.intp]
DEPENDENCE = 3.0  # see docs/theory: simulations give variance * (1 + 2 * disagreement); 3 covers its tails
CAUTION = 1.0  # standard errors by which a rule must look better than another to be preferred


@dataclass(frozen=True, kw_only=True, eq=False)
class PartRules:
    """The rule of each part: names (V,), decisions (V,n1,n2), with the certificate of its low and high end."""

    names: tuple[str, ...]
    decisions: Ints
    low: CertifiedRules
    high: CertifiedRules


def choose_part_rules(counts: PairCounts, parts: int, answers: tuple[Ints, Ints]) -> PartRules:
    """For each part the rule that promises most on the other parts, judged there across parts as well.

    A rule's promise is the mean, over the other parts, of a certificate that was fitted on what remains,
    less `CAUTION` standard errors. With fewer than three parts the other part itself has to judge.
    answers: each modality's own classifier's answer to its codes, (n1,) and (n2,).
    """
    by_part = counts.tables_by_part(parts)
    left_out: list[tuple[int, ...]] = [(v,) for v in range(parts)]
    left_out += list(itertools.combinations(range(parts), 2)) if parts > 2 else []
    solved = _solve_without(by_part, left_out)
    seen = by_part[0].sum(0) > 0
    sizes = (float(by_part[0].sum()), float(by_part[1].sum()), float(by_part[2].sum()))
    rules = _certified(solved, seen, sizes, answers)  # name -> rules on every training set
    position = {out: i for i, out in enumerate(left_out)}
    names = tuple(_best_name(v, parts, rules, position, by_part) for v in range(parts))
    chosen = np.stack([rules[name].decisions[v] for v, name in enumerate(names)])
    own = _first_tables(solved, parts)
    return PartRules(
        names=names,
        decisions=chosen,
        low=_pick(rules, names),
        high=certify_rules(chosen, own, sign=-1.0, sizes=sizes),
    )


def _solve_without(by_part: tuple[Array, Array, Array], left_out: list[tuple[int, ...]]) -> Solved:
    """Consistent tables of all parts but those left out, a batch; one row's weight is spread evenly.

    That pseudo-row gives a dual to cells that the training parts never saw and the judging part might.
    """
    counts = []
    for t in by_part:
        kept = np.stack([t.sum(0) - t[list(out)].sum(0) for out in left_out])
        counts.append(kept + 1.0 / kept[0].size)
    return solve_tables(maximum_likelihood_tables(*counts), tolerance=1e-6)


def _certified(
    solved: Solved,
    seen: NDArray[np.bool_],
    sizes: tuple[float, float, float],
    answers: tuple[Ints, Ints],
) -> dict[str, CertifiedRules]:
    """The candidate rules of every training set, by name."""
    fused = {
        name: certify_rules(d, solved.tables, sign=1.0, sizes=sizes)
        for name, d in candidates(solved, seen, answers).items()
    }
    like = fused["minimax"]
    alone = {name: single_rules(answers[m], m, like) for m, name in enumerate(("first alone", "second alone"))}
    return alone | fused


def _best_name(
    part: int,
    parts: int,
    rules: dict[str, CertifiedRules],
    position: dict[tuple[int, ...], int],
    by_part: tuple[Array, Array, Array],
) -> str:
    """The name whose certificates promise most on the parts other than `part`."""

    def promise(name: str) -> float:
        values, variances = [], []
        for judge in range(parts):
            if judge == part:
                continue
            training = position[tuple(sorted((part, judge)))] if parts > 2 else position[(part,)]
            value, variance = _judge(rules[name].scores(training), [t[judge] for t in by_part])
            values.append(value)
            variances.append(variance)
        return float(np.mean(values) - CAUTION * np.sqrt(np.sum(variances)) / len(values))

    return max(rules, key=promise)


def _judge(scores: tuple[Array, ...], tables: list[Array]) -> tuple[float, float]:
    """Sum of the three mean scores on one part's counts, and the variance of that sum."""
    value = variance = 0.0
    for score, table in zip(scores, tables, strict=True):
        w = table.ravel() / table.sum()
        mean = float(w @ score)
        value += mean
        variance += float(w @ (score - mean) ** 2) / float(table.sum())
    return value, variance


def _first_tables(solved: Solved, parts: int) -> Repaired:
    t = solved.tables
    return Repaired(
        p12=t.p12[:parts], p1y=t.p1y[:parts], p2y=t.p2y[:parts], moved=t.moved[:parts], iterations=t.iterations
    )


def _pick(rules: dict[str, CertifiedRules], names: tuple[str, ...]) -> CertifiedRules:
    """The certificate of each part's chosen rule."""
    fields = ("decisions", "lam", "mu", "nu")
    return CertifiedRules(**{f: np.stack([getattr(rules[name], f)[v] for v, name in enumerate(names)]) for f in fields})


def guarantee_estimate(
    rules: PartRules, counts: PairCounts, tables: Repaired, *, confidence: float, looks: int
) -> Estimate:
    """Range of the accuracy of exactly these rules, each on its own part of the population's rows.

    low and high are plug-in: the ends on the sample's own consistent tables (1, ...). The limits rest on
    sums of three sample means of certificates that were fitted without the rows they are averaged over:
    unbiased bounds, at any sample size and however good the certificates are. Their standard error grows
    with the share of the scores' variance by which the parts' certificates differ, for where that is large
    the parts' errors depend on each other.
    """
    low, low_error = _cross_fitted(rules.low, counts)
    high, high_error = _cross_fitted(rules.high, counts)
    high = -high
    plug_in = [float(fixed_accuracy(rules.decisions, tables, sign=sign).mean()) for sign in (1.0, -1.0)]
    miss = (1 - confidence) / looks
    two, one = float(norm.ppf(1 - miss / 2)), float(norm.ppf(1 - miss))
    return Estimate(
        low=plug_in[0],
        high=plug_in[1],
        ci=(low - two * low_error, high + two * high_error),
        limits=(low - one * low_error, high + one * high_error),
        confidence=confidence,
        unit="probability",
        how=f"cross-fitted dual certificates, {len(rules.names)} parts",
        details={"standard_error": (low_error, high_error), "cross_fitted": (low, high)},
    )


def _cross_fitted(certified: CertifiedRules, counts: PairCounts) -> tuple[float, float]:
    """Mean over parts of each part's certificate on that part, and its standard error (clustered)."""
    parts = len(certified.decisions)
    scores = [certified.scores(v) for v in range(parts)]
    value, variance = 0.0, 0.0
    between, total = 0.0, 0.0
    clusters: dict[str, float] = {}
    for which, s in enumerate(counts.sets):
        all_scores = np.stack([score[which] for score in scores])  # (V, cells)
        row_scores = all_scores[s.parts, s.cells]
        share = _shares(s, parts)
        mean = np.bincount(s.parts, weights=share * row_scores, minlength=parts) * parts
        value += float(mean.mean())
        residual = share * (row_scores - mean[s.parts])
        b, t = _disagreement(all_scores, np.bincount(s.cells, weights=share**2, minlength=s.cell_count).astype(float))
        between, total = between + b, total + t
        if s.groups is None:
            variance += float((residual**2).sum())
        else:
            for name, r in zip(*_sum_by_group(s.groups, residual), strict=True):
                clusters[name] = clusters.get(name, 0.0) + r
    variance += sum(r**2 for r in clusters.values())
    return value, float(np.sqrt(variance * (1 + DEPENDENCE * between / total))) if total > 0 else 0.0


def _disagreement(scores: Array, weights: Array) -> tuple[float, float]:
    """Variance of centred scores (V, cells) between parts, and in all; weights (cells,)."""
    centred = scores - (scores @ weights / weights.sum())[:, None]
    between = centred.var(axis=0, ddof=1) if len(scores) > 1 else np.zeros(scores.shape[1])
    return float(weights @ between), float(weights @ (centred**2).mean(axis=0))


def _shares(s: CodedSet, parts: int) -> Array:
    """Weight of each row, so that every part weighs 1 / parts."""
    w = np.ones(len(s.cells)) if s.weights is None else s.weights
    total = np.bincount(s.parts, weights=w, minlength=parts)
    return w / total[s.parts] / parts


def _sum_by_group(groups: NDArray, values: Array) -> tuple[list[str], Array]:
    names, position = np.unique(groups.astype(str), return_inverse=True)
    return [str(n) for n in names], np.bincount(position, weights=values).astype(float)
