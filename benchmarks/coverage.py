"""Coverage of the intervals on tables from known joints: python benchmarks/coverage.py [--runs 100].

For each kind of truth and sample size, and each answer: how often the one-sided lower limit and the lower end
of the 95% interval stay at or below the true low end (for the guarantee: the true accuracy of its own rules),
and how far the limit falls short of it on average.
"""

import argparse
import time

import numpy as np

from interplay.estimation.atoms import atom_estimates
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.coding import CodeFacts
from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.replicates import replicate_counts
from interplay.estimation.solved import solve_tables
from interplay.fusion.guarantee import choose_rule, guarantee_estimate
from interplay.information import mutual_information
from interplay.reconciliation import Repaired, maximum_likelihood_tables


def truths(codes: int, classes: int, seed: int) -> dict[str, np.ndarray]:
    """Joints of six kinds, (codes, codes, classes)."""
    rng = np.random.default_rng(seed)
    n, k = codes, classes
    flat = np.ones(n) / n

    def channel(sharp):  # (k, n): codes ordered by label, as posterior quantiles are
        at = np.linspace(0, n - 1, k)
        c = np.exp(-sharp * (np.arange(n)[None] - at[:, None]) ** 2 / n)
        return c / c.sum(1, keepdims=True)

    label = np.ones(k) / k
    views = np.einsum("k,ki,kj->ijk", label, channel(1.0), channel(0.7))
    copy = np.zeros((n, n, k))
    one = np.einsum("k,ki->ik", label, channel(1.0))
    copy[np.arange(n), np.arange(n)] = one
    noise = np.einsum("i,j,k->ijk", flat, flat, label)
    unique = np.einsum("ik,j->ijk", one, flat)
    xor = np.zeros((n, n, k))
    i, j = np.indices((n, n))
    xor[i, j, (i + j) % k] = 1 / n**2
    mixed = 0.5 * views + 0.3 * xor + 0.2 * rng.dirichlet(np.ones(n * n * k)).reshape(n, n, k)
    near = 0.97 * np.einsum("k,ki,kj->ijk", label, channel(8.0), channel(6.0)) + 0.03 * noise
    return {
        "independent": noise,
        "redundant": 0.9 * copy + 0.1 * noise,
        "unique": unique,
        "views": views,
        "xor": 0.8 * xor + 0.2 * noise,
        "mixed": mixed,
        "near-degenerate": near,
    }


def as_tables(joint: np.ndarray) -> Repaired:
    """The exact margins of a joint."""
    p = joint[None]
    return Repaired(p12=p.sum(3), p1y=p.sum(2), p2y=p.sum(1), moved=np.zeros((1, 3)), iterations=0)


def sample(joint: np.ndarray, rows: int, rng: np.random.Generator) -> list[CodedSet]:
    """Three independent samples as coded sets."""
    sets = []
    for axis in (2, 1, 0):
        margin = joint.sum(axis).ravel()
        cells = rng.choice(margin.size, size=rows, p=margin / margin.sum())
        sets.append(
            CodedSet(
                cells=cells,
                cell_count=margin.size,
                weights=None,
                groups=None,
            )
        )
    return sets


def fit(counts, shape) -> Repaired:
    n1, n2, k = shape
    a, b, c = counts
    return maximum_likelihood_tables(a.reshape(-1, n1, n2), b.reshape(-1, n1, k), c.reshape(-1, n2, k))


def one_run(joint: np.ndarray, exact, rows: int, rng: np.random.Generator) -> dict[str, tuple]:
    """For each answer: (lower limit, ci, true low, true high)."""
    sets = sample(joint, rows, rng)
    shape = joint.shape
    point = solve_tables(fit([s.count()[None] for s in sets], shape), tolerance=1e-8)
    batch = solve_tables(fit(replicate_counts(sets, 200, rng), shape), tolerance=1e-5)
    levels = {"confidence": 0.95, "looks": 1}
    counts = PairCounts(names=("a", "b"), shape=shape, pairs=sets[0], first=sets[1], second=sets[2])
    facts = tuple(CodeFacts(answers=m.argmax(1), coarser=np.arange(len(m)) // 2) for m in (joint.sum(1), joint.sum(0)))
    rule = choose_rule(point, batch, counts.tables()[0] > 0, facts)
    guarantee = guarantee_estimate(rule, point, batch, counts, **levels)
    accuracy, gain = best_accuracy_estimates(point, batch, **levels)
    atoms = atom_estimates(("a", "b"), point, batch, **levels)
    t = exact.tables
    kept = np.take_along_axis(joint, rule.decisions[..., None], axis=2).sum()
    single = max(t.p1y.max(2).sum(), t.p2y.max(2).sum())
    first, second = (float(mutual_information(m[0])) for m in (t.p1y, t.p2y))
    union = float(exact.union[0])
    low = float(exact.lowest.value[0])
    return {
        "accuracy": (accuracy, low),
        "guarantee": (guarantee, float(kept)),
        "gain": (gain, low - single),
        "total": (atoms["total"], float(exact.total_low[0])),
        "synergy": (atoms["synergy"], float(exact.total_low[0]) - union),
        "redundancy": (atoms["redundancy"], first + second - union),
        "unique a": (atoms["unique"]["a"], union - second),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--codes", type=int, default=5)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--kinds", nargs="*", default=None)
    args = parser.parse_args()
    start = time.perf_counter()
    for name, joint in truths(args.codes, args.classes, seed=0).items():
        if args.kinds and name not in args.kinds:
            continue
        exact = solve_tables(as_tables(joint), tolerance=1e-9)
        for rows in args.sizes:
            rng = np.random.default_rng([rows, len(name)])
            below: dict[str, list] = {}
            short: dict[str, list] = {}
            two: dict[str, list] = {}
            for _ in range(args.runs):
                for key, (e, true) in one_run(joint, exact, rows, rng).items():
                    below.setdefault(key, []).append(e.limits[0] <= true + 1e-7)
                    two.setdefault(key, []).append(e.ci[0] <= true + 1e-7)
                    short.setdefault(key, []).append(true - e.limits[0])
            words = " ".join(
                f"{k}={np.mean(v):.3f}/{np.mean(two[k]):.3f}({np.mean(short[k]):.3f})" for k, v in below.items()
            )
            print(f"{name:16s} n={rows:5d} {words}  [{time.perf_counter() - start:.0f} s]", flush=True)


if __name__ == "__main__":
    main()
