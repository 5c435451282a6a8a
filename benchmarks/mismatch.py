"""Are shifts between the samples found? python benchmarks/mismatch.py [--runs 100] [--rows 2000] [--shifts none ...].

Two classes, normals around -1 and 1 (the second modality: -0.7 and 0.7), p(y) = 1/2. Shifts: the share of the second
class raised by 0.1 in one labelled set, in both, or in the pairs; the first modality of the pairs moved by a fifth of a
standard deviation (covariate shift). Codes by cross-fitted naive Bayes classifiers, then the test that `quantify`
shows as `mismatch`; the bounds, on which it does not depend, are not computed (nor many replicates: only rows with
groups or weights need them).
For each shift: how often p <= 0.05 and p <= 0.01, and what cause is named.
"""

import argparse
from collections import Counter

import numpy as np
from sklearn.naive_bayes import GaussianNB

from interplay.estimation.counts import count_pair
from interplay.estimation.drawn import draw_tables
from interplay.estimation.population import compare_samples
from interplay.estimation.preparation import Options, prepare
from interplay.mismatch import Mismatch

MOVED = 0.1  # of the share of a class
COVARIATE = 0.2  # standard deviations
SHIFTS = {  # classes of labelled a, labelled b and pairs; covariate of the pairs
    "none": (0.0, 0.0, 0.0, 0.0),
    "one labelled set": (MOVED, 0.0, 0.0, 0.0),
    "both labelled sets": (MOVED, MOVED, 0.0, 0.0),
    "pairs": (0.0, 0.0, MOVED, 0.0),
    "covariate": (0.0, 0.0, 0.0, COVARIATE),
}


def draw(rows: int, share: float, moved: float, rng: np.random.Generator):
    """Features (rows, 1) of both modalities and labels, the second class with this share."""
    y = (rng.random(rows) < share).astype(int)
    centre = 2 * y - 1
    return (centre + moved + rng.standard_normal(rows))[:, None], (0.7 * centre + rng.standard_normal(rows))[:, None], y


def one_run(shift: tuple, rows: int, seed: int) -> Mismatch:
    """The test on one sample."""
    rng = np.random.default_rng([seed, rows])
    first, second, pairs, moved = shift
    a, _, ya = draw(rows, 0.5 + first, 0.0, rng)
    _, b, yb = draw(rows, 0.5 + second, 0.0, rng)
    pa, pb, _ = draw(rows, 0.5 + pairs, moved, rng)
    options = Options(seed=seed, classifiers={"a": GaussianNB(), "b": GaussianNB()}, replicates=20, workers=1)
    p = prepare(labeled={"a": (a, ya), "b": (b, yb)}, pairs={"a": pa, "b": pb}, options=options)
    counts = count_pair(p.coded, ("a", "b"), p.weights)
    draws = draw_tables(counts.sets, counts.shape, options.replicates, rng)
    return compare_samples(counts.sets, draws, counts.names, rng)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--shifts", nargs="+", choices=list(SHIFTS), default=list(SHIFTS))
    args = parser.parse_args()
    print("shift | runs | p <= 0.05 | p <= 0.01 | causes named at 0.05")
    for name in args.shifts:
        found = [one_run(SHIFTS[name], args.rows, seed) for seed in range(args.runs)]
        small = [np.mean([m.p_value <= level for m in found]) for level in (0.05, 0.01)]
        causes = ", ".join(f"{c} {k}" for c, k in Counter(m.cause(0.05) for m in found).most_common())
        print(f"{name} | {len(found)} | {small[0]:.2f} | {small[1]:.2f} | {causes}", flush=True)


if __name__ == "__main__":
    main()
