"""Union information and maximum entropy against what one can install, on the same seeded problems in one run.

    python benchmarks/bench_union_maxent.py [--quick]

Peers (each is skipped if it is not installed): ECOS with the exponential cone formulation that BROJA_2PID uses,
Clarabel on the same cones, and the package ipfn for maximum entropy. Printed per size and family: median time of one
problem, ratio to ours, largest error in bits against the certified optimum, failures. A peer whose first
problem at a size takes longer than --patience seconds is not asked again there.
"""

import argparse
import contextlib
import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from sys import path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from interplay.information import entropy, mutual_information
from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from interplay.solvers.union import union_information, union_information_many

path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "solvers"))
from families import batch

Array = NDArray[np.float64]
FAMILIES = ("uniform", "sparse", "empirical", "gate")
SIZES = [(2, 2, 2), (3, 3, 3), (10, 10, 2), (20, 20, 2), (20, 20, 10), (50, 50, 5), (100, 100, 2), (100, 100, 10)]
TIGHT = 1e-8


def cells_and_margins(p1: Array, p2: Array, p12: Array | None) -> tuple[Array, Array, sparse.csc_matrix, Array]:
    """Allowed cells (m,3), their pair index (m,), margin equations and right sides; redundant ones left out."""
    allowed = (p1[:, None] > 0) & (p2[None] > 0)
    if p12 is not None:
        allowed &= p12[:, :, None] > 0
    cells = np.argwhere(allowed)
    i, j, y = cells.T
    k, n1, n2 = p1.shape[1], len(p1), len(p2)
    ids, right = [i * k + y, n1 * k + j * k + y], [p1.ravel(), p2.ravel()]
    if p12 is not None:
        ids.append((n1 + n2) * k + i * n2 + j)
        right.append(p12.ravel())
    at = np.tile(np.arange(len(cells)), len(ids))
    values = np.concatenate(right)
    a = sparse.csr_matrix((np.ones(len(at)), (np.concatenate(ids), at)), shape=(len(values), len(cells)))
    keep = np.diff(a.indptr) > 0
    return cells, i * n2 + j, a[keep].tocsc(), values[keep]


def cone_rows(pairs: Array) -> tuple[sparse.csc_matrix, int]:
    """Rows (-t, q_cell, q_pair), triple by triple, on variables (q, t): q log(q / q_pair) <= t."""
    m = len(pairs)
    order = np.arange(m)
    same = sparse.csr_matrix((np.ones(m), (order, pairs)))
    sums = (same @ same.T).tocoo()
    rows = np.concatenate([3 * order, 3 * order + 1, 3 * sums.row + 2])
    cols = np.concatenate([m + order, order, sums.col])
    data = np.concatenate([-np.ones(m), np.ones(m), sums.data])
    return sparse.csc_matrix((data, (rows, cols)), shape=(3 * m, 2 * m)), m


def to_joint(cells: Array, x: Array, p1: Array, p2: Array) -> Array:
    joint = np.zeros((len(p1), len(p2), p1.shape[1]))
    joint[tuple(cells.T)] = np.maximum(x[: len(cells)], 0.0)
    return joint


def union_ecos(p1: Array, p2: Array) -> float:
    import ecos  # noqa: PLC0415  may be missing

    cells, pairs, a, b = cells_and_margins(p1, p2, None)
    g, m = cone_rows(pairs)
    swap = np.arange(3 * m).reshape(m, 3)[:, [0, 2, 1]].ravel()  # ECOS orders its cone (x, z, y)
    equalities = sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc()
    cost = np.concatenate([np.zeros(m), np.ones(m)])
    found = ecos.solve(cost, -g[swap].tocsc(), np.zeros(3 * m), {"l": 0, "q": [], "e": m}, equalities, b, verbose=False)
    return float(mutual_information(to_joint(cells, found["x"], p1, p2)))


def clarabel_cones(equalities: sparse.csc_matrix, b: Array, g: sparse.csc_matrix, ones: Array) -> Array:
    import clarabel  # noqa: PLC0415  may be missing

    options = clarabel.DefaultSettings()
    options.verbose = False
    options.tol_gap_abs = options.tol_gap_rel = options.tol_feas = TIGHT
    kinds = [clarabel.ZeroConeT(len(b))] + [clarabel.ExponentialConeT()] * (len(ones) // 3)
    n = equalities.shape[1]
    cost = np.concatenate([np.zeros(n // 2), np.ones(n // 2)])
    matrix = sparse.vstack([equalities, -g]).tocsc()
    solver = clarabel.DefaultSolver(sparse.csc_matrix((n, n)), cost, matrix, np.concatenate([b, ones]), kinds, options)
    return np.asarray(solver.solve().x)


def union_clarabel(p1: Array, p2: Array) -> float:
    cells, pairs, a, b = cells_and_margins(p1, p2, None)
    g, m = cone_rows(pairs)
    x = clarabel_cones(sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc(), b, g, np.zeros(3 * m))
    return float(mutual_information(to_joint(cells, x, p1, p2)))


def maxent_clarabel(p12: Array, p1: Array, p2: Array) -> float:
    cells, _, a, b = cells_and_margins(p1, p2, p12)
    m, order = len(cells), np.arange(len(cells))
    rows, cols = np.concatenate([3 * order, 3 * order + 1]), np.concatenate([m + order, order])
    g = sparse.csc_matrix((np.concatenate([-np.ones(m), np.ones(m)]), (rows, cols)), shape=(3 * m, 2 * m))
    ones = np.tile([0.0, 0.0, 1.0], m)
    x = clarabel_cones(sparse.hstack([a, sparse.csc_matrix(a.shape)]).tocsc(), b, g, ones)
    return float(entropy(to_joint(cells, x, p1, p2)))


def maxent_ipfn(p12: Array, p1: Array, p2: Array) -> float:
    from ipfn import ipfn  # noqa: PLC0415  may be missing

    start = ((p12[:, :, None] > 0) & (p1[:, None] > 0) & (p2[None] > 0)).astype(float)
    fit = ipfn.ipfn(start, [p12, p1, p2], [[0, 1], [0, 2], [1, 2]], convergence_rate=1e-9, max_iteration=100_000)
    with contextlib.redirect_stdout(io.StringIO()):  # it prints whenever it stops
        return float(entropy(fit.iteration()))


def measure(
    solve: Callable[..., float], problems: list[tuple[Array, ...]], patience: float
) -> tuple[list[float], list[float]]:
    """Seconds and values; nan where it failed; stops early when out of patience."""
    seconds, values = [], []
    for problem in problems:
        begin = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                values.append(solve(*problem))
        except ImportError:
            raise
        except Exception:  # noqa: BLE001  whatever a peer raises is its failure
            values.append(np.nan)
        seconds.append(time.perf_counter() - begin)
        if seconds[-1] > patience:
            break
    return seconds, values


def compare(
    title: str,
    ours: Callable[..., float],
    peers: dict[str, Callable[..., float]],
    tables: Callable[[Array], tuple[Array, ...]],
    quick: bool,
    patience: float,
) -> None:
    print(f"\n{title}: median time of one problem; ratio to ours; largest error in bits; failures of problems run")
    for shape in SIZES[:-1] if quick else SIZES:
        count = 2 if np.prod(shape) > 10_000 else 5 if np.prod(shape) > 1_000 else 20
        for family in FAMILIES:
            problems = [tables(p) for p in batch(family, shape, count, seed=11)]
            ours(*problems[0])
            mine, exact = measure(ours, problems, np.inf)
            line = f"{'x'.join(map(str, shape)):>10} {family:10} ours {np.median(mine) * 1e3:9.3f} ms"
            for name, peer in peers.items():
                try:
                    took, values = measure(peer, problems, patience)
                except ImportError:
                    continue
                error = np.abs(np.array(values) - exact[: len(values)])
                failed = int((~(error < 1e-3)).sum())
                worst = np.max(error[np.isfinite(error)], initial=0.0)
                line += f" | {name} {np.median(took) * 1e3:9.2f} ms {np.median(took) / np.median(mine):8.1f}x"
                line += f" {worst:.0e} {failed}/{len(values)}"
            print(line, flush=True)


def batches(quick: bool) -> None:
    print("\nBatches: seconds for all; largest certified gap in bits")
    for shape, count in (((2, 2, 2), 100_000), ((3, 3, 3), 10_000 if quick else 100_000), ((6, 6, 2), 200)):
        p = batch("uniform", shape, count, seed=12)
        p12, p1, p2 = p.sum(axis=3), p.sum(axis=2), p.sum(axis=1)
        for name, solve, parts in (
            ("union", union_information_many, (p1, p2)),
            ("maxent", maximum_entropy_many, (p12, p1, p2)),
        ):
            begin = time.perf_counter()
            gap = solve(*parts).gap.max()
            seconds = time.perf_counter() - begin
            print(f"{count:7d} of {'x'.join(map(str, shape))} {name:7} {seconds:8.3f} s  gap {gap:.1e}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="without the largest size")
    parser.add_argument("--patience", type=float, default=30.0, help="seconds after which a peer is dropped at a size")
    options = parser.parse_args()
    batches(options.quick)
    compare(
        "Union information",
        lambda p1, p2: union_information(p1, p2).value,
        {"ECOS": union_ecos, "Clarabel": union_clarabel},
        lambda p: (p.sum(axis=1), p.sum(axis=0)),
        options.quick,
        options.patience,
    )
    compare(
        "Maximum entropy",
        lambda p12, p1, p2: maximum_entropy(p12, p1, p2).entropy,
        {"ipfn": maxent_ipfn, "Clarabel": maxent_clarabel},
        lambda p: (p.sum(axis=2), p.sum(axis=1), p.sum(axis=0)),
        options.quick,
        options.patience,
    )


if __name__ == "__main__":
    main()
