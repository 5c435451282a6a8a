"""Least and largest information of k modalities: laws, a cone solver, the two-modality answers, known joints."""

from itertools import combinations

import clarabel
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import entropy, mutual_information
from interplay.solvers.certificate_sources import certify
from interplay.solvers.dense import DenseFactor
from interplay.solvers.least_information import least_information
from interplay.solvers.maxent import maximum_entropy
from interplay.solvers.most_information import most_information
from interplay.solvers.synergy_max import largest_information
from interplay.solvers.union_sources import union_information_of
from solvers.families import FAMILIES, batch, wide

SHAPES = [(2, 2, 2, 2), (3, 2, 4, 2), (3, 3, 3, 3), (2, 2, 2, 2, 2)]


def joint_of(family, shape, *, seed=1):
    """A family's joint whose first source is split into several."""
    return batch(family, (int(np.prod(shape[:-2])), *shape[-2:]), 1, seed=seed)[0].reshape(shape)


def margins(joint):
    axes = range(joint.ndim - 1)
    return [joint.sum(axis=tuple(j for j in axes if j != i)) for i in axes]


def table(joint, kept):
    cells = joint.sum(axis=-1)
    return cells.sum(axis=tuple(j for j in range(cells.ndim) if j not in kept))


def everything(joint):
    kept = tuple(range(joint.ndim - 1))
    return [(kept, table(joint, kept))]


def pairs(joint):
    return [(kept, table(joint, kept)) for kept in combinations(range(joint.ndim - 1), 2)]


@pytest.mark.parametrize("known", [everything, pairs])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_certified(family, shape, known):
    joint = joint_of(family, shape)
    found = least_information(margins(joint), known(joint))
    assert -1e-10 <= found.certificate.gap <= 1e-9
    assert found.certificate.primal_residual <= 1e-12
    assert found.lower <= mutual_information(joint) + 1e-9
    for kept, given_table in known(joint):
        assert table(found.joint, kept) == pytest.approx(given_table, abs=1e-12)


@pytest.mark.parametrize(
    ("family", "seed", "known"),
    [("tiny_masses", seed, everything) for seed in (32, 262, 266)]  # Newton's steps zigzag: the interior point's do not
    + [("sparse", seed, everything) for seed in (117, 142, 301)]
    + [("tiny_masses", seed, pairs) for seed in (32, 54, 65, 78)]  # w/z hid what decides the labels of a cell
    + [("sparse", 590, pairs)]
    + [("sparse", seed, pairs) for seed in (198, 332, 584)],  # duals can drift along what changes nothing
    ids=lambda x: getattr(x, "__name__", str(x)),
)
def test_sets_that_are_thin_or_flat(family, seed, known):
    joint = joint_of(family, (2, 2, 2, 2), seed=seed)
    found = least_information(margins(joint), known(joint))
    assert found.certificate.gap <= 1e-9
    assert found.certificate.primal_residual <= 1e-12


@pytest.mark.parametrize(
    ("family", "shape", "count", "at"),
    [("sparse", (3, 2, 4, 2), 92, 91), ("tiny_masses", (2, 2, 2, 2), 20, 19)],
    ids=str,
)
def test_sets_that_take_eighty_steps_and_more(family, shape, count, at):
    joints = batch(family, (int(np.prod(shape[:-2])), *shape[-2:]), count, seed=31)
    joint = joints[at].reshape(shape)
    assert least_information(margins(joint), pairs(joint)).certificate.gap <= 1e-9


@pytest.mark.parametrize(
    ("seed", "shape", "lowest"),
    [
        ([21, 3, 9, 3, 5], (3, 9, 3), -16),
        ([4, 3, 3, 3, 5], (3, 3, 3), -20),
        ([17, 3, 9, 3, 5], (3, 9, 3), -20),
        ([22, 3, 9, 3, 5], (3, 9, 3), -12),
        ([13, 3, 3, 3, 5], (3, 3, 3), -12),
    ],
    ids=str,
)
def test_masses_of_all_orders_of_magnitude_are_not_called_a_contradiction(seed, shape, lowest):
    joint = wide(seed, shape, lowest=lowest)
    assert least_information(margins(joint), everything(joint)).certificate.gap <= 1e-9


def test_pivots_far_below_what_stands_beside_them_are_held():
    """Masses whose curvature is 1e-122: holding one by its own size did nothing, again and again."""
    joint = batch("sparse", (6, 2, 3), 1, seed=869209)[0].reshape(3, 2, 2, 3)
    assert least_information(margins(joint), everything(joint)).certificate.gap <= 1e-9
    small = np.array([[1.0, 1e-40], [1e-40, 1e-122]])
    factor = DenseFactor(small, np.zeros(2, dtype=bool))
    assert factor.solve(np.array([1.0, 0.0])) == pytest.approx([1.0, 0.0], abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 3)], ids=str)
def test_two_modalities_are_the_old_problems(family, shape):
    joint = batch(family, shape, 1, seed=2)[0]
    p1, p2 = margins(joint)
    p12 = joint.sum(axis=-1)
    old = entropy(p12) + entropy(p1.sum(axis=0)) - maximum_entropy(p12, p1, p2).entropy
    assert least_information([p1, p2], [((0, 1), p12)]).value == pytest.approx(old, abs=2e-9)
    high = largest_information(p12, p1, p2, time_limit=1.0)
    found = most_information([p1, p2], [((0, 1), p12)], time_limit=1.0)
    assert found.attained <= high.bound + 1e-9
    assert high.attained <= found.bound + 1e-9
    if high.exact and found.exact:
        assert found.bound == pytest.approx(high.bound, abs=1e-8)


@pytest.mark.parametrize("family", ["uniform", "empirical", "forced"])
def test_no_table_of_codes_leaves_the_union_information(family):
    tables = margins(joint_of(family, (2, 3, 2, 3)))
    assert least_information(tables, []).value == pytest.approx(union_information_of(tables).value, abs=2e-9)


@pytest.mark.parametrize("shape", [(2, 2, 2, 2), (3, 2, 2, 3)], ids=str)
@pytest.mark.parametrize("family", ["uniform", "sparse", "empirical", "gate"])
def test_agrees_with_a_cone_solver(family, shape):
    joint = joint_of(family, shape, seed=3)
    for known in (everything, pairs):
        found = least_information(margins(joint), known(joint))
        assert found.value == pytest.approx(cone_solver(margins(joint), known(joint)), abs=2e-6)


def cone_solver(tables, known):
    """The same minimum by Clarabel: sum t, q log(q / q_cell) <= t in every entry."""
    sizes, labels = tuple(len(p) for p in tables), tables[0].shape[1]
    at = np.indices((*sizes, labels)).reshape(len(sizes) + 1, -1)
    n = at.shape[1]
    rows, right = [], []
    for i, p in enumerate(tables):
        rows += [(at[i] == x) & (at[-1] == y) for x in range(len(p)) for y in range(labels)]
        right.append(p.ravel())
    for kept, t in known:
        rows += [np.all([at[a] == x for a, x in zip(kept, code, strict=True)], axis=0) for code in np.ndindex(t.shape)]
        right.append(t.ravel())
    cell = np.ravel_multi_index(tuple(at[:-1]), sizes)
    cones = sparse.lil_matrix((3 * n, 2 * n))
    for e in range(n):
        cones[3 * e, n + e] = -1.0
        cones[3 * e + 1, e] = 1.0
        cones[3 * e + 2, np.flatnonzero(cell == cell[e])] = 1.0
    equalities = sparse.hstack([sparse.csc_matrix(np.array(rows, dtype=float)), sparse.csc_matrix((len(rows), n))])
    settings_ = clarabel.DefaultSettings()
    settings_.verbose = False
    kinds = [clarabel.ZeroConeT(len(rows))] + [clarabel.ExponentialConeT()] * n
    a = sparse.vstack([equalities, -cones.tocsc()]).tocsc()
    b = np.concatenate([*right, np.zeros(3 * n)])
    cost = np.concatenate([np.zeros(n), np.ones(n)])
    x = clarabel.DefaultSolver(sparse.csc_matrix((2 * n, 2 * n)), cost, a, b, kinds, settings_).solve().x
    return mutual_information(np.maximum(np.asarray(x)[:n], 0.0).reshape(*sizes, labels))


@pytest.mark.parametrize("shape", [(2, 2, 2, 2), (2, 2, 2, 2, 2)], ids=str)
def test_pairs_say_less_than_rows_with_everything(shape):
    for seed in range(3):
        joint = joint_of("uniform", shape, seed=seed)
        tables = margins(joint)
        less, more = least_information(tables, pairs(joint)).value, least_information(tables, everything(joint)).value
        assert union_information_of(tables).value <= less + 2e-9
        assert less <= more + 2e-9
        assert more <= mutual_information(joint) + 2e-9
        widest, wide = most_information(tables, pairs(joint)), most_information(tables, everything(joint))
        assert mutual_information(joint) <= wide.bound + 1e-9
        assert wide.attained <= widest.bound + 1e-9
        if wide.exact:
            assert wide.bound == pytest.approx(wide.attained, abs=1e-8)


def test_largest_entropy_is_not_least_information_when_only_pairs_are_known():
    """Fitting sweeps on all pairs give a joint of the set that has more information than the least."""
    joint = joint_of("uniform", (2, 2, 2, 2), seed=5)
    r = np.full((2, 2, 2, 2), 1 / 16)
    for _ in range(500):
        for kept in combinations(range(4), 2):
            rest = tuple(j for j in range(4) if j not in kept)
            r = r * (joint.sum(axis=rest, keepdims=True) / r.sum(axis=rest, keepdims=True))
    assert mutual_information(r) > least_information(margins(joint), pairs(joint)).value + 1e-6


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_any_finite_dual_certifies(seed):
    """Weak duality: I of any joint with the tables is at least what any duals promise."""
    rng = np.random.default_rng(seed)
    joint = joint_of("sparse", (2, 3, 2, 2), seed=seed)
    duals = [rng.normal(scale=3, size=p.shape) for p in margins(joint)]
    for known in (everything(joint), pairs(joint)):
        coded = [rng.normal(scale=3, size=t.shape) for _, t in known]
        assert certify(margins(joint), joint, duals, known, coded)[1].gap >= -1e-12


@pytest.mark.parametrize("known", [everything, pairs])
def test_parity_of_three_bits_is_all_synergy(known):
    joint = np.zeros((2, 2, 2, 2))
    for x in np.ndindex(2, 2, 2):
        joint[(*x, sum(x) % 2)] = 1 / 8
    assert least_information(margins(joint), known(joint)).value == pytest.approx(0.0, abs=1e-9)
    assert most_information(margins(joint), known(joint)).bound == pytest.approx(1.0, abs=1e-9)


FAIR = [np.full((2, 2), 0.25)] * 3
SKEWED = np.array([[0.4, 0.1], [0.1, 0.4]])


@pytest.mark.parametrize(
    ("tables", "known", "error", "words"),
    [
        (FAIR, [((0, 1, 2), np.full((2, 2), 0.25))], ShapeError, "rising positions"),
        (FAIR, [((1, 0), np.full((2, 2), 0.25))], ShapeError, "rising positions"),
        ([np.full((2, 2), 0.25), np.full((2, 3), 1 / 6)], [], ShapeError, "same K"),
        (FAIR, [((0, 1), np.array([[0.5, np.nan], [0.25, 0.25]]))], InputError, "non-finite"),
        (FAIR, [((0, 1), np.array([[0.4, 0.2], [0.2, 0.2]]))], MarginsError, r"p\(x0\).*0\.6 and 0\.5"),
        ([*FAIR[:2], np.array([[0.3, 0.3], [0.2, 0.2]])], [((0, 2), np.full((2, 2), 0.25))], MarginsError, r"p\(x2\)"),
        ([SKEWED] * 3, [((0, 1), np.array([[0.0, 0.5], [0.5, 0.0]]))], MarginsError, "no joint fits"),
        ([np.full((300, 2), 1 / 600)] * 3, [], InputError, "fewer codes"),
    ],
    ids=["axes", "order", "labels", "not finite", "margins", "third", "no joint", "too large"],
)
def test_bad_input(tables, known, error, words):
    with pytest.raises(error, match=words):
        least_information(tables, known)


def test_no_certificate_no_answer():
    joint = joint_of("uniform", (2, 2, 2, 2))
    with pytest.raises(SolverError, match="gap"):
        least_information(margins(joint), pairs(joint), tolerance=-1.0)
