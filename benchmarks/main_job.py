"""Time and memory of the main job: python benchmarks/main_job.py [--rows 20000] [--features 128].

--codes: no features, but so many precomputed codes a modality of so many --classes, counted and quantified on so many
--samples.
"""

import argparse
import resource
import time

import numpy as np

import interplay as ip


def views(rows: int, features: int, rng: np.random.Generator):
    """Label and two noisy views with 8 informative features each and the rest noise."""
    y = rng.integers(2, size=rows)
    a, b = (rng.standard_normal((rows, features)).astype(np.float32) for _ in range(2))
    shared = rng.standard_normal((rows, 1)).astype(np.float32)
    a[:, :8] += 0.25 * (2 * y[:, None] - 1) + 0.5 * shared
    b[:, :8] += 0.25 * (2 * y[:, None] - 1) - 0.5 * shared
    return a, b, y


def coded(rows: int, codes: int, classes: int, rng: np.random.Generator):
    """Label and two noisy codes of it."""
    y = rng.integers(classes, size=rows)
    a, b = (np.clip(2 * y + rng.integers(-3, 4, size=rows), 0, codes - 1) for _ in range(2))
    return a, b, y


def count_and_quantify(rows: int, codes: int, classes: int, samples: int, rng: np.random.Generator) -> None:
    seconds = []
    for _ in range(samples):
        (a, _, ya), (_, b, yb), (pa, pb, _) = (coded(rows, codes, classes, rng) for _ in range(3))
        start = time.perf_counter()
        tables = ip.tables_from_codes(labeled={"a": (a, ya), "b": (b, yb)}, pairs={"a": pa, "b": pb})
        found = ip.quantify_tables(tables)
        seconds.append(time.perf_counter() - start)
    print(found)
    middle, slowest = np.median(seconds), max(seconds)
    print(f"median {middle:.2f} s, first {seconds[0]:.2f} s, slowest {slowest:.2f} s, peak {peak():.2f} GB")


def peak() -> float:
    """GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20000)
    parser.add_argument("--features", type=int, default=128)
    parser.add_argument("--workers", type=int, default=None)
    parser.add_argument("--codes", type=int, default=None)
    parser.add_argument("--classes", type=int, default=5)
    parser.add_argument("--samples", type=int, choices=range(1, 1001), metavar="N", default=1)
    args = parser.parse_args()
    rng = np.random.default_rng(0)
    if args.codes:
        return count_and_quantify(args.rows, args.codes, args.classes, args.samples, rng)
    a, _, ya = views(args.rows, args.features, rng)
    _, b, yb = views(args.rows, args.features, rng)
    pa, pb, _ = views(args.rows, args.features, rng)
    ta, tb, ty = views(args.rows, args.features, rng)
    start = time.perf_counter()
    marks = []

    def progress(what: str, done: int, of: int) -> None:
        marks.append((what, done, of, time.perf_counter() - start))

    r = ip.quantify(
        labeled={"a": (a, ya), "b": (b, yb)}, pairs={"a": pa, "b": pb}, workers=args.workers, progress=progress
    )
    seconds = time.perf_counter() - start
    print(r)
    for mark in marks:
        print(*mark[:3], f"{mark[3]:.1f} s")
    print(f"{seconds:.1f} s, peak {peak():.2f} GB")
    print(f"fused on held-out pairs: {(r.fused.predict({'a': ta, 'b': tb}) == ty).mean():.3f}")


if __name__ == "__main__":
    main()
