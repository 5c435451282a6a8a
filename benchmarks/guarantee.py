"""Promised against held-out accuracy on random splits of real sets.

    python benchmarks/guarantee.py [--splits 4] [--sets mushroom wesad ...] [--workers 2] [--out FILE] [--by-group]

Each set is cut into quarters: labels of the first modality, labels of the second, unlabelled pairs, and a test.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier

import interplay as ip
from jobs import run_jobs
from real_sets import DATA, MAIN, main_task, split, standard_error


def run(name: str, seed: int, *, by_group: bool, data: Path) -> dict:
    """One split: promise, kept accuracy, best single modality and an oracle that sees labelled pairs."""
    task = main_task(name, data)
    s = split(task, seed, by_group=by_group)
    r = ip.quantify(labeled=s.labeled, pairs=s.pairs, groups=s.groups, seed=seed, workers=1)
    hits = (r.fused.predict(s.test) == s.test_labels).astype(float)
    se = standard_error(hits, s.test_groups)
    oracle = RandomForestClassifier(300, random_state=seed)
    oracle.fit(np.hstack(list(s.pairs.values())), s.pair_labels)
    return {
        "set": task.name,
        "n": len(s.pair_labels),
        "single": r.unimodal[r.best_single].low,
        "promised": r.guarantee.ci[0],
        "plug-in": r.guarantee.low,
        "fused test": hits.mean(),
        "single test": (r.fused.predict({r.best_single: s.test[r.best_single]}) == s.test_labels).mean(),
        "oracle": (oracle.predict(np.hstack(list(s.test.values()))) == s.test_labels).mean(),
        "kept": bool(r.guarantee.ci[0] <= hits.mean() + 1.645 * se),
        "rule": r.fused.rule,
    }


COLUMNS = ("single", "promised", "plug-in", "fused test", "single test", "oracle")


def report(rows: list[dict]) -> None:
    """Means by set, promises kept, and the median excess of the promise over the best single modality's estimate."""
    print(f"| set | n | {' | '.join(COLUMNS)} | kept | promised - single, median |")
    print("| --- " * (len(COLUMNS) + 4) + "|")
    for name in dict.fromkeys(r["set"] for r in rows):
        some = [r for r in rows if r["set"] == name]
        means = " | ".join(f"{np.mean([r[c] for r in some]):.3f}" for c in COLUMNS)
        excess = np.median([r["promised"] - r["single"] for r in some])
        kept = sum(r["kept"] for r in some)
        print(f"| {name} | {some[0]['n']} | {means} | {kept} of {len(some)} | {excess:+.3f} |")
    broken = sum(not r["kept"] for r in rows)
    print(f"promises broken by more than noise: {broken} of {len(rows)} ({broken / len(rows):.1%})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=4)
    parser.add_argument("--sets", nargs="*", default=list(MAIN), choices=list(MAIN))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("guarantee.json"), help="taken up again if it exists")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--by-group", action="store_true", help="no subject or video in two parts")
    args = parser.parse_args()
    jobs = [(name, seed) for seed in range(args.splits) for name in args.sets]
    done = run_jobs(jobs, partial(run, by_group=args.by_group, data=args.data), workers=args.workers, out=args.out)
    report([done[str(job)] for job in jobs])


if __name__ == "__main__":
    main()
