"""Samples from a known joint (n1, n2, K): labelled rows of each modality, unlabelled pairs, a test set."""

from dataclasses import dataclass

import numpy as np

from interplay.estimation.counts import CodedSet
from interplay.estimation.many import ManyCounts
from interplay.reconciliation import Repaired


@dataclass(frozen=True)
class Drawn:
    """Disjoint samples. Features are one-hot codes with a little noise, so that classifiers see the codes."""

    labeled: dict
    pairs: dict
    test: dict
    test_labels: np.ndarray

    @property
    def arguments(self) -> dict:
        return {"labeled": self.labeled, "pairs": self.pairs}


def draw(joint: np.ndarray, rows: int, seed: int, names=("image", "text"), test_rows: int = 4000) -> Drawn:
    """`rows` rows a set, independent."""
    rng = np.random.default_rng(seed)
    parts = [_rows(joint, n, rng) for n in (rows, rows, rows, test_rows)]
    (a, _, ya), (_, b, yb), (pa, pb, _), (ta, tb, ty) = parts
    n1, n2 = joint.shape[:2]
    return Drawn(
        labeled={names[0]: (_features(a, n1, rng), ya), names[1]: (_features(b, n2, rng), yb)},
        pairs={names[0]: _features(pa, n1, rng), names[1]: _features(pb, n2, rng)},
        test={names[0]: _features(ta, n1, rng), names[1]: _features(tb, n2, rng)},
        test_labels=ty,
    )


def _rows(joint, count, rng):
    flat = rng.choice(joint.size, size=count, p=joint.ravel())
    return np.unravel_index(flat, joint.shape)


def _features(codes, count, rng):
    return np.eye(count)[codes] + 0.01 * rng.standard_normal((len(codes), count))


def noisy_views(strength: float = 1.5, classes: int = 2) -> np.ndarray:
    """Joint of a label and two noisy 4-level views of it, independent given the label."""
    level = np.arange(4)
    rows = np.stack([np.exp(-strength * (level - 3 * k / (classes - 1)) ** 2 / 3) for k in range(classes)])
    rows /= rows.sum(1, keepdims=True)
    return np.einsum("ki,kj->ijk", rows, rows) / classes


def tables_of(joints):
    """Exact margins of joints (B,n1,n2,K)."""
    p = np.asarray(joints)
    return Repaired(p12=p.sum(3), p1y=p.sum(2), p2y=p.sum(1), moved=np.zeros((len(p), 3)), iterations=0)


def random_joints(seed, shape, count=4):
    return np.random.default_rng(seed).dirichlet(np.ones(np.prod(shape)), size=count).reshape(count, *shape)


def many_counts(joint, rows, seed, labeled=None):
    """Independent samples of the cells and of each modality with the label; joint (n1, ..., nm, K).

    labeled: how many of the modalities have labels (all, or all but the last).
    """
    rng = np.random.default_rng(seed)
    *sizes, k = joint.shape
    m = len(sizes)
    drawn = [np.stack(_rows(joint, rows, rng)) for _ in range(m + 1)]
    sets = [_coded(drawn[i + 1][i] * k + drawn[i + 1][m], n * k) for i, n in enumerate(sizes)]
    return ManyCounts(
        names=tuple("abcd"[:m]),
        codes=np.indices(sizes).reshape(m, -1).T,
        pairs=_coded(np.ravel_multi_index(tuple(drawn[0][:m]), sizes), int(np.prod(sizes))),
        labeled=tuple(sets[: m if labeled is None else labeled]),
        sizes=tuple(sizes),
        classes=k,
    )


def _coded(values, count):
    return CodedSet(cells=values, cell_count=count, weights=None, groups=None)
