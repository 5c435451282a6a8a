"""Guaranteed against held-out accuracy on real sets: python benchmarks/guarantee.py [--splits 3]."""

import argparse
import time

import numpy as np
from sklearn.ensemble import RandomForestClassifier

import interplay as ip
from real_sets import main_tasks, split, standard_error


def run(task, seed: int, workers: int, by_group: bool) -> dict:
    """One split: promise, kept accuracy, best single modality and an oracle that sees labelled pairs."""
    s = split(task, seed, by_group=by_group)
    start = time.perf_counter()
    r = ip.quantify(labeled=s.labeled, pairs=s.pairs, groups=s.groups, seed=seed, workers=workers)
    seconds = time.perf_counter() - start
    hits = (r.fused.predict(s.test) == s.test_labels).astype(float)
    se = standard_error(hits, s.test_groups)
    single = {m: (r.fused.predict({m: x}) == s.test_labels).mean() for m, x in s.test.items()}
    oracle = RandomForestClassifier(300, random_state=seed, n_jobs=workers)
    oracle.fit(np.hstack(list(s.pairs.values())), s.pair_labels)
    reached = (oracle.predict(np.hstack(list(s.test.values()))) == s.test_labels).mean()
    return {
        "set": task.name,
        "n": len(s.pair_labels),
        "single": r.unimodal[r.best_single].low,
        "single test": single[r.best_single],
        "promise": r.guarantee.ci[0],
        "limit": r.guarantee.limits[0],
        "plug-in": r.guarantee.low,
        "best low": r.accuracy.ci[0],
        "fused test": hits.mean(),
        "se": se,
        "kept": r.guarantee.ci[0] <= hits.mean() + 1.645 * se,
        "oracle": reached,
        "high": r.accuracy.high,
        "rule": r.fused.rule,
        "seconds": seconds,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--splits", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--by-group", action="store_true", help="no subject or video in two parts")
    args = parser.parse_args()
    rows = []
    for task in main_tasks():
        for seed in range(args.splits):
            row = run(task, seed, args.workers, args.by_group)
            rows.append(row)
            if len(rows) == 1:
                print(" | ".join(row))
            print(" | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()), flush=True)
    print(f"promises kept: {sum(r['kept'] for r in rows)} of {len(rows)}")


if __name__ == "__main__":
    main()
