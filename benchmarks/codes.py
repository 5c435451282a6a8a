"""Kinds of codes on real pairs: python benchmarks/codes.py [--splits 3] [--sets uci_mushroom] [--out codes.json].

For every pair of the sets and every split, `quantify` with each kind of codes, logistic regressions and as many codes:
the guaranteed accuracy and the best one's interval (95%), the total's lower limit, synergy's interval, and how accurate
the fused classifier is on held-out labelled pairs. Means over pairs and splits, and differences from posterior codes.
"""

from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import interplay as ip
from jobs import run_pairs, spread
from real_sets import load_pair, split

KINDS = ("posterior", "simplex", "kmeans", "product")


def one(file: str, two: tuple[str, str], seed: int, replicates: int, *, data: Path) -> dict:
    """One split: figures by kind."""
    s = split(load_pair(file, two, data), seed)
    found = {}
    for kind in KINDS:
        r = ip.quantify(
            labeled=s.labeled,
            pairs=s.pairs,
            groups=s.groups,
            codes=kind,
            seed=seed,
            replicates=replicates,
            workers=1,
            classifiers={n: make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)) for n in two},
        )
        found[kind] = {
            "guarantee": r.guarantee.ci[0],
            "accuracy, low": r.accuracy.ci[0],
            "accuracy, width": r.accuracy.ci[1] - r.accuracy.ci[0],
            "total, low": r.total.ci[0],
            "synergy, width": r.synergy.ci[1] - r.synergy.ci[0],
            "fused, held out": float((r.fused.predict(s.test) == s.test_labels).mean()),
        }
    return found


def main() -> None:
    rows = run_pairs(__doc__, one, replicates=200, out="codes.json")
    splits = sorted({row["seed"] for row in rows})
    print(f"\n| {len(rows)} runs | " + " | ".join(KINDS) + " |\n" + "| --- " * (len(KINDS) + 1) + "|")
    for figure in rows[0]["posterior"]:
        cells = [f"{np.mean([row['posterior'][figure] for row in rows]):.3f}"]
        for kind in KINDS[1:]:
            by_split = [
                np.mean([row[kind][figure] - row["posterior"][figure] for row in rows if row["seed"] == seed])
                for seed in splits
            ]
            cells.append(f"{'+' if np.mean(by_split) >= 0 else ''}{spread(by_split)}")
        print(f"| {figure} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
