"""Certificates of thousands of mixed instances: counts per family and size, worst gap, failures, second answers."""

import math
from collections.abc import Callable
from itertools import combinations

import numpy as np
from families import FAMILIES, batch

from interplay.information import entropy, mutual_information
from interplay.solvers import certificate, certificate_sources
from interplay.solvers.least_information import least_information
from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from interplay.solvers.union import union_information, union_information_many
from interplay.solvers.union_sources import union_information_of

GAP, FEASIBLE = 1e-9, 1e-12
# size -> share of all instances; the large ones are solved one by one
SIZES = {
    (2, 2, 2): 0.25,
    (3, 3, 3): 0.2,
    (2, 4, 3): 0.15,
    (5, 5, 2): 0.15,
    (6, 3, 5): 0.1,
    (10, 10, 2): 0.08,
    (20, 20, 2): 0.05,
    (20, 20, 10): 0.01,
    (50, 50, 5): 0.004,
    (100, 100, 2): 0.004,
    (100, 100, 10): 0.002,
}


# three modalities and more: codes of each, and labels
SOURCES = {
    (2, 2, 2, 2): 0.3,
    (3, 2, 4, 2): 0.25,
    (3, 3, 3, 3): 0.2,
    (2, 2, 2, 2, 2): 0.2,
    (6, 6, 6, 3): 0.05,
}


def certify(count: int) -> list[str]:
    """Print one table per problem; `count` instances in all, each for every problem."""
    goals = []
    for title, check, sizes in (
        ("Union information", union_case, SIZES),
        ("Maximum entropy", maxent_case, SIZES),
        ("Union information of three modalities and more", lambda p: sources_case(p, None), SOURCES),
        (
            "Least information, all codes of three modalities and more known together",
            lambda p: sources_case(p, "all"),
            SOURCES,
        ),
        ("Least information, pairs of three modalities and more known", lambda p: sources_case(p, "pairs"), SOURCES),
    ):
        print(f"\n### {title}: certificates of mixed instances\n")
        print(f"| family | {' | '.join('x'.join(map(str, s)) for s in sizes)} | all |\n|{' --- |' * (len(sizes) + 2)}")
        total, failed, worst = 0, 0, 0.0
        for family in FAMILIES:
            cells, own, own_worst = [], 0, 0.0
            for shape, share in sizes.items():
                number = math.ceil(count * share / len(FAMILIES))
                joints = batch(family, (math.prod(shape[:-2]), *shape[-2:]), number, seed=31)
                gaps, residuals = check(joints.reshape(number, *shape))
                bad = int((~((gaps <= GAP) & (residuals <= FEASIBLE))).sum())
                cells.append(f"{number}, {gaps.max():.0e}" + (f", **{bad} failed**" if bad else ""))
                own, own_worst, failed = own + number, max(own_worst, float(gaps.max())), failed + bad
            total, worst = total + own, max(worst, own_worst)
            print(f"| {family} | {' | '.join(cells)} | {own}, {own_worst:.0e} |", flush=True)
        text = f"{title}: {failed} failures of {total}, worst gap {worst:.0e} bits; goal 0 and {GAP:.0e}"
        goals.append(f"{text}: {'met' if not failed else 'MISSED'}")
    return goals + brute_force() + cones()


def union_case(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gaps and residuals; batches small enough to hold are solved as batches, and every tenth again alone."""
    p1, p2 = p.sum(axis=2), p.sum(axis=1)
    if p[0].size <= 1_000:
        found = union_information_many(p1, p2)
        gaps, residuals = found.gap.copy(), found.primal_residual.copy()
        chosen = range(0, len(p), 10)
    else:
        gaps, residuals = np.full(len(p), np.inf), np.full(len(p), np.inf)
        chosen = range(len(p))
    for i in chosen:  # the certificate is recomputed from the point alone
        one = attempt(lambda i=i: union_information(p1[i], p2[i]))
        if one is None:
            gaps[i] = np.inf
            continue
        proof = certificate.union_certificate(p1[i], p2[i], one.joint, one.lam, one.mu)
        gaps[i] = max(gaps[i] if np.isfinite(gaps[i]) else 0.0, proof.gap)
        residuals[i] = max(residuals[i] if np.isfinite(residuals[i]) else 0.0, proof.primal_residual)
    return gaps, residuals


def maxent_case(p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p12, p1, p2 = p.sum(axis=3), p.sum(axis=2), p.sum(axis=1)
    if p[0].size <= 1_000:
        found = maximum_entropy_many(p12, p1, p2)
        gaps, residuals = found.gap.copy(), found.primal_residual.copy()
        chosen = range(0, len(p), 10)
    else:
        gaps, residuals = np.full(len(p), np.inf), np.full(len(p), np.inf)
        chosen = range(len(p))
    for i in chosen:
        one = attempt(lambda i=i: maximum_entropy(p12[i], p1[i], p2[i]))
        if one is None:
            gaps[i] = np.inf
            continue
        proof = certificate.maxent_certificate(p12[i], p1[i], p2[i], one.joint, one.a, one.b, one.c)
        gaps[i] = max(gaps[i] if np.isfinite(gaps[i]) else 0.0, proof.gap)
        residuals[i] = max(residuals[i] if np.isfinite(residuals[i]) else 0.0, proof.primal_residual)
    return gaps, residuals


def sources_case(p: np.ndarray, known: str | None) -> tuple[np.ndarray, np.ndarray]:
    """One by one; the certificate is recomputed from the joint and the duals alone."""
    gaps, residuals = np.full(len(p), np.inf), np.full(len(p), np.inf)
    axes = range(p.ndim - 2)
    for i, joint in enumerate(p):
        codes = joint.sum(axis=-1)
        tables = [joint.sum(axis=tuple(j for j in axes if j != a)) for a in axes]
        kept = [tuple(axes)] if known == "all" else [*combinations(axes, 2)] if known else []
        given = [(k, codes.sum(axis=tuple(j for j in axes if j not in k))) for k in kept]
        if known:
            one = attempt(lambda tables=tables, given=given: least_information(tables, given))
        else:
            one = attempt(lambda tables=tables: union_information_of(tables))
        if one is not None:
            labelled, coded = (one.labelled, one.coded) if known else (one.duals, ())
            _, proof = certificate_sources.certify(tables, one.joint, labelled, given, coded)
            gaps[i], residuals[i] = proof.gap, proof.primal_residual
    return gaps, residuals


def attempt(solve: Callable):
    """The solution, or nothing where it raised: a failure that is counted."""
    try:
        return solve()
    except Exception as error:  # noqa: BLE001  counted and shown
        print(f"<!-- {error} -->")
        return None


def brute_force() -> list[str]:
    """2x2x2: no joint of a fine grid over the two free parameters has less information, and one is near it."""
    below, above = 0.0, 0.0
    for p in batch("uniform", (2, 2, 2), 20, seed=32):
        p1, p2 = p.sum(axis=1), p.sum(axis=0)
        value = union_information(p1, p2).value
        t = [np.linspace(max(0.0, p1[0, y] + p2[0, y] - p1[:, y].sum()), min(p1[0, y], p2[0, y]), 401) for y in (0, 1)]
        c = np.stack(np.meshgrid(*t, indexing="ij"), axis=-1).reshape(-1, 2)
        grid = np.stack([c, p1[0] - c, p2[0] - c, p1[1] - p2[0] + c], axis=1).reshape(-1, 2, 2, 2)
        best = float(mutual_information(np.maximum(grid, 0.0), batch=1).min())
        below, above = max(below, value - best), max(above, best - value)
    met = below <= 1e-12 and above <= 1e-4
    text = f"Union information, brute force on 20 2x2x2: never below by {below:.0e}, grid above by at most {above:.0e}"
    return [f"{text}: {'met' if met else 'MISSED'}"]


def cones() -> list[str]:
    """The same optima by Clarabel's exponential cones."""
    try:
        from cone_reference import maxent_joint, union_joint  # noqa: PLC0415  needs Clarabel
    except ImportError as error:
        return [f"Cone solver: skipped ({error})"]
    off = 0.0
    for family in ("uniform", "sparse", "empirical", "gate"):
        for shape in ((2, 2, 2), (3, 3, 3), (4, 3, 2)):
            for p in batch(family, shape, 3, seed=33):
                p12, p1, p2 = p.sum(axis=2), p.sum(axis=1), p.sum(axis=0)
                off = max(off, abs(union_information(p1, p2).value - float(mutual_information(union_joint(p1, p2)))))
                off = max(off, abs(maximum_entropy(p12, p1, p2).entropy - float(entropy(maxent_joint(p12, p1, p2)))))
    text = f"Cone solver on 36 tables, both problems: largest difference {off:.0e} bits"
    return [f"{text}: {'met' if off <= 1e-5 else 'MISSED'}"]
