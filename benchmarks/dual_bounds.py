"""Bounds with and without codes on real sets: python benchmarks/dual_bounds.py [--splits 3] [--seed 0] [--sets digits].

For each set and split: the lower ends of the 95% intervals of the best fused accuracy and of the total
information, from codes (as `quantify` has them) and from dual functions of the class probabilities, and what a
forest that sees labelled pairs reaches on held-out pairs. total merged: the better of both, each at half the error.
"""

import argparse
import itertools
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from interplay.estimation.atoms import atom_estimates
from interplay.estimation.counts import count_pair, pair_tables
from interplay.estimation.drawn import draw_tables
from interplay.estimation.dual_bounds import dual_accuracy, dual_information, with_dual
from interplay.estimation.preparation import Options, prepare, silent
from interplay.pair_analysis import analyse_pair
from real_sets import MAIN, load, main_task, split

LEVEL = 0.975  # of each end of a 95% interval


def tasks():
    """The sets of the main benchmark and two more with ten classes."""
    extra = [load("av_digits", ("image", "audio")), load("wikipedia_image_text", ("image", "text"))]
    return itertools.chain(map(main_task, MAIN), extra)


def run(task, seed: int) -> dict:
    """One split: both pairs of lower ends."""
    s = split(task, seed)
    options = Options(
        confidence=0.95, seed=seed, codes="auto", classifiers={}, folds=None, replicates=200, workers=1, progress=silent
    )
    p = prepare(labeled=s.labeled, pairs=s.pairs, options=options, groups=s.groups, sample_weight=None, prior=None)
    names = p.coded.samples.names[:2]
    counts = count_pair(p.coded, names, p.weights)
    tables = pair_tables(counts, p.coded.samples.classes, codebook="")
    start = time.perf_counter()
    coded = analyse_pair(
        p.coded, counts, tables, confidence=0.95, replicates=200, looks=1, rng=np.random.default_rng(seed)
    )
    middle = time.perf_counter()
    accuracy, total = dual_accuracy(p.coded, names, p.weights), dual_information(p.coded, names, p.weights)
    end = time.perf_counter()
    draws = draw_tables(counts.sets, counts.shape, 200, np.random.default_rng(seed))
    halved = atom_estimates(names, draws, confidence=0.95, looks=2, search=False)["total"]
    oracle = RandomForestClassifier(300, random_state=seed).fit(np.hstack(list(s.pairs.values())), s.pair_labels)
    return {
        "set": task.name,
        "n": len(s.pair_labels),
        "K": len(p.coded.samples.classes),
        "acc coded": coded.accuracy.ci[0],
        "acc dual": accuracy.lower_limit(LEVEL),
        "forest": oracle.score(np.hstack(list(s.test.values())), s.test_labels),
        "total coded": coded.total.ci[0],
        "total dual": total.lower_limit(LEVEL),
        "total merged": with_dual(halved, total, confidence=0.95, looks=1).ci[0],
        "s coded": middle - start,
        "s dual": end - middle,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--sets", nargs="*", default=[""], help="parts of names of sets")
    parser.add_argument("--seed", type=int, default=0, help="of the first split")
    args = parser.parse_args()
    rows: list[dict] = []
    for task in tasks():
        if any(part in task.name for part in args.sets):
            for seed in range(args.seed, args.seed + args.splits):
                row = run(task, seed)
                if not rows:
                    print(" | ".join(row))
                rows.append(row)
                print(" | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()), flush=True)
    for what in ("acc", "total"):
        better = sum(r[f"{what} dual"] > r[f"{what} coded"] for r in rows)
        print(f"{what}: without codes higher in {better} of {len(rows)}")
    worth = sum(r["total merged"] > r["total coded"] for r in rows)
    print(f"total: the better of both at half the error is higher than codes alone in {worth} of {len(rows)}")


if __name__ == "__main__":
    main()
