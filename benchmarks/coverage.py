"""Coverage of every interval that `quantify` reports, on samples from known joints.

    python benchmarks/coverage.py [--level quantify] [--runs 400] [--workers 2] [--out coverage.json]

--level tables: counts are drawn and analysed. --level quantify: rows are drawn (each symbol one-hot), and the whole
of `interplay.quantify` runs, classifiers and codes included; the truth is then that of the codes which each run
learned, which are functions of the symbols. For each kind of truth, number of classes and sample size, and each
answer: how often the 95% interval covers the whole identified set, how often the one-sided limits hold, how far the
lower limit falls short and the upper one exceeds on average, and how often the answer is declared positive. oracle:
shortfall of the accuracy's limit if the best dual were known.
"""

import argparse
import json
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression

import interplay
from interplay.estimation import solved
from interplay.estimation.atoms import atom_estimates
from interplay.estimation.best_accuracy import best_accuracy_estimates
from interplay.estimation.chance import above_chance, code_p_value
from interplay.estimation.coding import CodeFacts
from interplay.estimation.counts import CodedSet, PairCounts
from interplay.estimation.drawn import draw_tables
from interplay.estimation.highest import ACCURACY, INFORMATION, climb
from interplay.estimation.solved import Solved, code_pairs
from interplay.fusion.guarantee import choose_rule, guarantee_estimate
from interplay.information import mutual_information
from interplay.reconciliation import Repaired
from interplay.solvers.accuracy import highest_accuracy
from interplay.solvers.cells import cell_minimum, label_price
from interplay.solvers.synergy_max import largest_information

ROUNDING = 1e-6  # joints that attain an upper end meet margins to a tolerance: copies then have 1e-7 bits of synergy


def truths(codes: int, classes: int, seed: int) -> dict[str, np.ndarray]:
    """Joints of ten kinds, (codes, codes, classes). copy, markov: the second modality is the first, or the first with
    noise; neither has synergy. redundant: a tenth of the copies is noise, which the pairs show, so it has some."""
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
    degraded = np.exp(-((np.arange(n)[:, None] - np.arange(n)) ** 2.0))
    markov = one[:, None, :] * (degraded / degraded.sum(1, keepdims=True))[:, :, None]
    xor = np.zeros((n, n, k))
    i, j = np.indices((n, n))
    xor[i, j, (i + j) % k] = 1 / n**2
    mixed = 0.5 * views + 0.3 * xor + 0.2 * rng.dirichlet(np.ones(n * n * k)).reshape(n, n, k)
    weak = 0.4 * views + 0.6 * noise
    near = 0.97 * np.einsum("k,ki,kj->ijk", label, channel(8.0), channel(6.0)) + 0.03 * noise
    return {
        "independent": noise,
        "copy": copy,
        "markov": markov,
        "redundant": 0.9 * copy + 0.1 * noise,
        "unique": unique,
        "views": views,
        "weak": weak,
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


def exact_ranges(joint: np.ndarray, seconds: float) -> dict[str, tuple[float, float]]:
    """The identified set of each answer: low end, and the largest value that was attained in the set."""
    s = Solved(tables=as_tables(joint), tolerance=1e-9)
    t = s.tables
    single = max(t.p1y.max(2).sum(), t.p2y.max(2).sum())
    first, second = (float(mutual_information(m[0])) for m in (t.p1y, t.p2y))
    union, low, total = float(s.union[0]), float(s.lowest.value[0]), float(s.total_low[0])
    margins = t.p12[0], t.p1y[0], t.p2y[0]
    found = (
        highest_accuracy(*margins, time_limit=seconds).joint,
        largest_information(*margins, time_limit=seconds).joint,
    )
    accuracy, information = (
        max(what.worth(climb(t, what, first)).max(), what.worth(first[None])[0])
        for what, first in zip((ACCURACY, INFORMATION), (j.reshape(-1, j.shape[2]) for j in found), strict=True)
    )
    return {
        "accuracy": (low, accuracy),
        "gain": (low - single, accuracy - single),
        "total": (total, information),
        "synergy": (total - union, information - union),
        "redundancy": (first + second - union,) * 2,
        "unique a": (union - second,) * 2,
        "unique b": (union - first,) * 2,
    }


def oracle_shortfall(joint: np.ndarray, rows: int) -> float:
    """By how much the one-sided 95% limit of one who knows the best dual falls short of the lowest accuracy.

    With the dual given, the limit is that of three means, in the gauge in which their variance is least. 0 where
    no mean varies.
    """
    t = as_tables(joint)
    p12, p1, p2 = t.p12[0].ravel(), t.p1y[0], t.p2y[0]
    at, to = code_pairs(t.p12.shape[1:])
    best = cell_minimum(at, to, p12, p1, p2)
    lam, mu = best.lam[0], best.mu[0]
    price = label_price(lam[at] + mu[to], None, np.ones((len(at), p1.shape[1]), dtype=bool)).ravel()
    n1, n2 = len(p1), len(p2)

    def variance(gauge: np.ndarray) -> float:
        row, col, label = np.split(gauge, [n1, n1 + n2])
        parts = (p1, lam + row[:, None] + label), (p2, mu + col[:, None] - label), (p12, price - row[at] - col[to])
        return float(sum((p * f**2).sum() - (p * f).sum() ** 2 for p, f in parts))

    least = minimize(variance, np.zeros(n1 + n2 + p1.shape[1])).fun
    return float(norm.ppf(0.95) * np.sqrt(max(least, 0.0) / rows))


def tables_run(joint: np.ndarray, rows: int, rng: np.random.Generator, exact: dict) -> dict[str, tuple]:
    """One sample of counts: answer -> (estimate, true low, true high)."""
    sets = sample(joint, rows, rng)
    shape = joint.shape
    draws = draw_tables(sets, shape, 200, rng)
    levels = {"confidence": 0.95, "looks": 1}
    counts = PairCounts(names=("a", "b"), shape=shape, pairs=sets[0], first=sets[1], second=sets[2])
    facts = tuple(CodeFacts(answers=m.argmax(1), coarser=np.arange(len(m)) // 2) for m in (joint.sum(1), joint.sum(0)))
    rule = choose_rule(draws.half, counts.tables()[0] > 0, facts)
    kept = float(np.take_along_axis(joint, rule.decisions[..., None], axis=2).sum())
    accuracy, gain = best_accuracy_estimates(draws, **levels)
    _, first, second = counts.tables()
    accidents = code_p_value(first), code_p_value(second)
    accuracy = above_chance(accuracy, counts.labelled, accidents, looks=1)
    answers = {"accuracy": accuracy, "gain": gain} | named(atom_estimates(("a", "b"), draws, **levels))
    found = {k: (e, *exact[k]) for k, e in answers.items()}
    return found | {"guarantee": (guarantee_estimate(rule, draws, counts, **levels, accidents=accidents), kept, kept)}


def quantify_run(joint: np.ndarray, rows: int, rng: np.random.Generator, classifiers: dict) -> dict[str, tuple]:
    """One sample of rows through the whole of quantify: answer -> (estimate, true low, true high)."""
    n1, n2, _ = joint.shape
    drawn = [np.unravel_index(rng.choice(joint.size, rows, p=joint.ravel() / joint.sum()), joint.shape) for _ in "pab"]
    one, two = np.eye(n1), np.eye(n2)
    r = interplay.quantify(
        labeled={"a": (one[drawn[1][0]], drawn[1][2]), "b": (two[drawn[2][1]], drawn[2][2])},
        pairs={"a": one[drawn[0][0]], "b": two[drawn[0][1]]},
        classifiers=classifiers,
        seed=int(rng.integers(2**31)),
    )
    coded = r.fused.coded
    seen, kept, folds = 0.0, 0.0, coded.folds.count
    alone = {"a": 0.0, "b": 0.0}
    for f in range(folds):
        z1, z2 = (coded.coders[n][f](coded.samples.select(n, x))[0] for n, x in (("a", one), ("b", two)))
        to1, to2 = np.eye(coded.code_counts["a"])[z1], np.eye(coded.code_counts["b"])[z2]
        seen = seen + np.einsum("ia,jb,ijk->abk", to1, to2, joint) / folds
        for n, x, margin in (("a", one, joint.sum(1)), ("b", two, joint.sum(0))):
            answers = coded.coders[n][f].posterior(coded.samples.select(n, x)).argmax(1)
            alone[n] += margin[np.arange(len(x)), answers].sum() / folds
        decided = r.fused.decisions[z1][:, z2]
        kept += float(np.take_along_axis(joint, decided[..., None], axis=2).sum()) / folds
    exact = exact_ranges(seen, seconds=0.05)
    answers = {n: getattr(r, n) for n in ("accuracy", "gain", "total", "synergy", "redundancy")}
    answers |= {f"unique {n}": r.unique[n] for n in "ab"}
    found = {n: (e, *exact[n]) for n, e in answers.items()} | {"guarantee": (r.guarantee, kept, kept)}
    return found | {f"alone {n}": (r.unimodal[n], p, p) for n, p in alone.items()}


def named(found: dict) -> dict:
    """The atoms of two modalities a and b by one key each."""
    flat = {k: found[k] for k in ("total", "synergy", "redundancy")}
    return flat | {f"unique {n}": found["unique"][n] for n in "ab"}


def task(arguments: tuple) -> dict[str, np.ndarray]:
    """Some runs of one setting: answer -> (runs, 6): interval covers, lower limit holds, upper holds, shortfall,
    positive, excess."""
    level, kind, codes, classes, rows, runs, seed, quick = arguments
    classifiers = dict.fromkeys("ab", LogisticRegression()) if quick else {}
    if classes > 2:
        solved.BRANCHINGS = 1  # shown ends only: no interval depends on them
    joint = truths(codes, classes, seed=0)[kind]
    exact = exact_ranges(joint, seconds=2.0) if level == "tables" else {}
    rng = np.random.default_rng([seed, rows, classes, len(kind)])
    out: dict[str, list] = {}
    for _ in range(runs):
        found = (
            tables_run(joint, rows, rng, exact) if level == "tables" else quantify_run(joint, rows, rng, classifiers)
        )
        for key, (e, low, high) in found.items():
            below, above = e.ci[0] <= low + ROUNDING, e.ci[1] >= high - ROUNDING
            one_low, one_high = e.limits[0] <= low + ROUNDING, e.limits[1] >= high - ROUNDING
            chance = joint.sum((0, 1)).max() if key in ("accuracy", "guarantee", "alone a", "alone b") else 0.0
            positive = e.limits[0] > chance + 1e-9
            out.setdefault(key, []).append(
                (below and above, one_low, one_high, low - e.limits[0], positive, e.limits[1] - high)
            )
    return {k: np.array(v, dtype=float) for k, v in out.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--level", choices=["tables", "quantify"], default="tables")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--codes", type=int, default=5)
    parser.add_argument("--classes", type=int, nargs="+", default=[2])
    parser.add_argument("--kinds", nargs="*", default=list(truths(5, 2, 0)))
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--chunk", type=int, default=10)
    parser.add_argument("--logistic", action="store_true", help="logistic regression, not the choice among classifiers")
    parser.add_argument("--out", type=Path, default=None)
    args = parser.parse_args()
    start = time.perf_counter()
    settings = [(kind, k, n) for k in args.classes for n in args.sizes for kind in args.kinds]
    chunks = -(-args.runs // args.chunk)
    with ProcessPoolExecutor(args.workers) as pool:
        jobs = {
            (kind, k, n): [
                pool.submit(task, (args.level, kind, args.codes, k, n, args.chunk, seed, args.logistic))
                for seed in range(chunks)
            ]
            for kind, k, n in settings
        }
        table = []
        for (kind, k, n), futures in jobs.items():
            parts = [f.result() for f in futures]
            means = {key: np.concatenate([p[key] for p in parts]).mean(0).round(4).tolist() for key in parts[0]}
            oracle = oracle_shortfall(truths(args.codes, k, seed=0)[kind], n)
            runs = args.chunk * chunks
            table.append({"kind": kind, "classes": k, "rows": n, "runs": runs, "oracle": oracle, "answers": means})
            words = " ".join(
                f"{a}={m[0]:.3f}/{m[1]:.3f}/{m[2]:.3f}({m[3]:.3f},{m[5]:.3f})+{m[4]:.3f}" for a, m in means.items()
            )
            print(
                f"{kind:16s} K={k} n={n:5d} {words} oracle={oracle:.3f}  [{time.perf_counter() - start:.0f} s]",
                flush=True,
            )
            if args.out:
                columns = ["covers", "lower", "upper", "shortfall", "positive", "covers low"]
                args.out.write_text(json.dumps({"level": args.level, "columns": columns, "table": table}))


if __name__ == "__main__":
    main()
