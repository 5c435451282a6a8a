"""Do the bounds without codes cover? python benchmarks/dual_coverage.py [--runs 60] [--classes 2] [--sizes 300 1000].

Continuous features with known truths: normals around one centre a class. one: the second modality is noise. copy:
it is a noisy copy of the first. views: independent given the label. noise: neither tells anything. For these the
smallest total information over all joints is the true one; so is the smallest accuracy of all but views, whose is at
most the true.
"""

import argparse

import numpy as np
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from interplay.estimation.dual_bounds import dual_accuracy, dual_information
from interplay.estimation.preparation import Options, prepare

CLASSIFIER = make_pipeline(PolynomialFeatures(2), LogisticRegression(max_iter=100))


def centres(classes: int) -> np.ndarray:
    """Of the first modality; the second's are 0.7 times as far apart."""
    return np.linspace(-1, 1, classes) * (1 if classes == 2 else 2)


def draw(kind: str, classes: int, rows: int, rng: np.random.Generator):
    """Features (rows, 1) of both modalities and labels."""
    y, c = rng.integers(classes, size=rows), centres(classes)
    x = (kind != "noise") * c[y] + rng.standard_normal(rows)
    noise = rng.standard_normal(rows)
    z = {"noise": noise, "one": noise, "copy": x + 0.5 * noise, "views": 0.7 * c[y] + noise}[kind]
    return x[:, None], z[:, None], y


def truth(kind: str, classes: int) -> tuple[float, float]:
    """Best accuracy and total information in bits, by quadrature."""
    grid = np.linspace(-9, 9, 601)
    c = centres(classes)
    first = norm.pdf(grid[None], (kind != "noise") * c[:, None])
    second = norm.pdf(grid[None], 0.7 * c[:, None]) if kind == "views" else np.ones((classes, 1))
    p = np.einsum("ki,kj->kij", first, second)
    p /= p.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        bits = np.where(p > 0, p * np.log2(p / p.sum(0)), 0.0).sum() + np.log2(classes)
    return float(p.max(0).sum()), float(bits)


def one_run(kind: str, classes: int, rows: int, seed: int) -> list:
    """Both bounds on one sample."""
    rng = np.random.default_rng([seed, rows, classes])
    (a, _, ya), (_, b, yb), (pa, pb, _) = (draw(kind, classes, rows, rng) for _ in range(3))
    options = Options(seed=seed, classifiers={"a": CLASSIFIER, "b": CLASSIFIER}, replicates=20, workers=1)
    p = prepare(labeled={"a": (a, ya), "b": (b, yb)}, pairs={"a": pa, "b": pb}, options=options)
    return [bound(p.coded, ("a", "b"), p.weights) for bound in (dual_accuracy, dual_information)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--classes", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", default=[300, 1000])
    parser.add_argument("--kinds", nargs="+", default=["noise", "one", "copy", "views"])
    parser.add_argument("--seed", type=int, default=0, help="of the first run")
    args = parser.parse_args()
    print("kind | n | bound | truth | mean value | sd | mean error | covered at 95% | mean shortfall of the limit")
    for kind in args.kinds:
        for rows in args.sizes:
            runs = [one_run(kind, args.classes, rows, seed) for seed in range(args.seed, args.seed + args.runs)]
            for name, true, bounds in zip(
                ("accuracy", "total"), truth(kind, args.classes), zip(*runs, strict=True), strict=True
            ):
                values, limits = (
                    np.array(v) for v in zip(*((b.value, b.lower_limit(0.95)) for b in bounds), strict=True)
                )
                error = np.mean([b.error for b in bounds])
                figures = (true, values.mean(), values.std(), error, (limits <= true).mean(), (true - limits).mean())
                print(kind, rows, name, *(f"{f:.3f}" for f in figures), sep=" | ", flush=True)


if __name__ == "__main__":
    main()
