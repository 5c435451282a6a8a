"""Laws of the decomposition over all named and random joints, gates with known atoms, a second solver."""

import clarabel
import numpy as np
import pytest
from hypothesis import given
from scipy.sparse import csc_matrix, identity, lil_matrix, vstack

import interplay as ip
from cases import ALL, NAMED, RANDOM, random_joint
from interplay.errors import InputError, MarginsError, ShapeError
from interplay.information import conditional_mutual_information, entropy, mutual_information
from strategies import joints

TOLERANCE = 1e-9


def atoms(d) -> np.ndarray:
    return np.array([d.redundancy, *d.unique, d.synergy])


def assert_laws(p, d) -> None:
    """What holds for every joint; numbers in bits."""
    first, second, total = mutual_information(p.sum(1)), mutual_information(p.sum(0)), mutual_information(p)
    assert (atoms(d) >= -TOLERANCE).all()
    assert d.unique[0] <= conditional_mutual_information(p) + TOLERANCE
    assert d.unique[1] <= conditional_mutual_information(p.transpose(1, 0, 2)) + TOLERANCE
    assert d.redundancy <= min(first, second) + TOLERANCE
    assert d.redundancy + d.unique[0] == pytest.approx(first, abs=1e-12)
    assert d.redundancy + d.unique[1] == pytest.approx(second, abs=1e-12)
    assert d.total == pytest.approx(total, abs=1e-12)
    assert atoms(d).sum() == pytest.approx(d.total, abs=1e-12)
    assert -1e-10 <= d.certificate.gap < TOLERANCE
    assert d.certificate.primal_residual < TOLERANCE
    assert d.certificate.unit == "bits"


@pytest.mark.parametrize("name", ALL)
def test_laws(name):
    assert_laws(ALL[name], ip.decompose(ALL[name]))


@given(joints())
def test_laws_on_generated_joints(p):
    assert_laws(p, ip.decompose(p))


# known answers: redundancy, the two uniques, synergy

KNOWN = {
    "AND": (0.311278, 0, 0, 0.5),
    "OR": (0.311278, 0, 0, 0.5),
    "XOR": (0, 0, 0, 1),
    "COPY": (0, 1, 1, 0),
    "UNIQUE": (0, 1, 0, 0),
    "UNIQUE_SECOND": (0, 0, 1, 0),
    "REDUNDANT": (1, 0, 0, 0),
    "REDUNDANT_NOISY": (1 - entropy([0.1, 0.9]), 0, 0, 0),
    "UNIQUE_NOISY": (0, 1 - entropy([0.15, 0.85]), 0, 0),
    "INDEPENDENT": (0, 0, 0, 0),
    "ONE_CLASS": (0, 0, 0, 0),
    "ONE_CELL": (0, 0, 0, 0),
    "AGREEMENT_XOR": (0, 0, 0, 1),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_atoms(name):
    assert atoms(ip.decompose(NAMED[name])) == pytest.approx(KNOWN[name], abs=5e-7)


def test_what_one_code_cannot_know_the_other_knows_alone():
    """X1 is constant: everything that X2 tells is unique to it."""
    p = NAMED["ONE_CODE"]
    assert atoms(ip.decompose(p)) == pytest.approx([0, 0, mutual_information(p), 0], abs=1e-10)


def test_uniqueness_is_at_the_right_name():
    d = ip.decompose(NAMED["UNIQUE"], names=("image", "text"))
    assert dict(zip(d.names, d.unique, strict=True)) == pytest.approx({"image": 1.0, "text": 0.0}, abs=1e-9)
    i = ip.identify(ip.PairTables.from_joint(NAMED["UNIQUE_SECOND"], names=("image", "text")))
    assert dict(zip(i.names, i.unique, strict=True)) == pytest.approx({"image": 0.0, "text": 1.0}, abs=1e-9)


def test_almost_and_is_almost_and():
    """12 digits of noise move an atom by a few times its entropy, not more."""
    assert atoms(ip.decompose(NAMED["NEAR_DETERMINISTIC"])) == pytest.approx(KNOWN["AND"], abs=1e-6)


# symmetries


@pytest.mark.parametrize("name", ALL)
def test_swapping_the_modalities_swaps_the_uniques(name):
    here, there = ip.decompose(ALL[name]), ip.decompose(ALL[name].transpose(1, 0, 2))
    assert atoms(there) == pytest.approx(atoms(here)[[0, 2, 1, 3]], abs=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_renaming_codes_and_classes_changes_nothing(name):
    p, rng = ALL[name], np.random.default_rng(4)
    q = p[np.ix_(*(rng.permutation(n) for n in p.shape))]
    assert atoms(ip.decompose(q)) == pytest.approx(atoms(ip.decompose(p)), abs=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_symbols_that_never_occur_change_nothing(name):
    p = ALL[name]
    padded = np.insert(np.insert(np.insert(p, 1, 0.0, axis=0), 0, 0.0, axis=1), p.shape[2], 0.0, axis=2)
    assert atoms(ip.decompose(padded)) == pytest.approx(atoms(ip.decompose(p)), abs=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_splitting_a_code_by_a_coin_changes_nothing(name):
    p = ALL[name]
    split = np.concatenate([0.3 * p[:1], 0.7 * p[:1], p[1:]])
    assert atoms(ip.decompose(split)) == pytest.approx(atoms(ip.decompose(p)), abs=TOLERANCE)


@pytest.mark.parametrize("name", ALL)
def test_merging_codes_cannot_add_information(name):
    """Data processing: I* and the redundancy fall when two codes of a modality become one."""
    p = ALL[name]
    if p.shape[0] > 1:
        fine = ip.identify(ip.PairTables.from_joint(p))
        coarse = ip.identify(ip.PairTables.from_joint(np.concatenate([p[:1] + p[1:2], p[2:]])))
        assert coarse.union <= fine.union + TOLERANCE
        assert coarse.redundancy <= fine.redundancy + TOLERANCE


@pytest.mark.parametrize("name", NAMED)
def test_counts_are_as_good_as_probabilities(name):
    counts = (840 * NAMED[name]).round()
    assert atoms(ip.decompose(counts)) == pytest.approx(atoms(ip.decompose(counts / counts.sum())), abs=TOLERANCE)


# identify


@pytest.mark.parametrize("name", ALL)
def test_the_union_is_attained_by_its_joint(name):
    p = ALL[name]
    i = ip.identify(ip.PairTables.from_joint(p))
    assert i.joint.min() >= 0
    assert i.joint.sum(1) == pytest.approx(p.sum(1), abs=TOLERANCE)
    assert i.joint.sum(0) == pytest.approx(p.sum(0), abs=TOLERANCE)
    assert mutual_information(i.joint) == pytest.approx(i.union, abs=TOLERANCE)
    assert i.information == pytest.approx((mutual_information(p.sum(1)), mutual_information(p.sum(0))), abs=1e-12)
    assert i.redundancy + sum(i.unique) == pytest.approx(i.union, abs=1e-12)


def test_the_pairs_play_no_part():
    """Redundancy and uniqueness follow from the labelled margins, whatever the pairs are."""
    xor, coins = NAMED["AND"], np.einsum("ik,jk->ijk", NAMED["AND"].sum(1), NAMED["AND"].sum(0)) / [0.75, 0.25]
    here, there = (ip.identify(ip.PairTables.from_joint(q)) for q in (xor, coins))
    assert there.redundancy == pytest.approx(here.redundancy, abs=TOLERANCE)
    assert there.unique == pytest.approx(here.unique, abs=TOLERANCE)


# a batch


@pytest.mark.parametrize("shape", sorted({p.shape for p in ALL.values()}))
def test_a_batch_is_a_loop(shape):
    batch = np.array([p for p in ALL.values() if p.shape == shape])
    many = ip.decompose_many(batch)
    one = [ip.decompose(p) for p in batch]
    assert np.stack([many.redundancy, *many.unique, many.synergy], 1) == pytest.approx(
        np.array([atoms(d) for d in one]), abs=TOLERANCE
    )
    assert many.total == pytest.approx([d.total for d in one], abs=1e-12)
    assert (many.certificate.gap < TOLERANCE).all()
    assert (many.certificate.primal_residual < TOLERANCE).all()


def test_batches_normalise_each_joint_and_may_be_empty():
    batch = np.array([NAMED["AND"], 7 * NAMED["XOR"]])
    assert ip.decompose_many(batch).synergy == pytest.approx([0.5, 1], abs=1e-6)
    empty = ip.decompose_many(np.empty((0, 2, 2, 2)))
    assert empty.synergy.shape == (0,)
    assert empty.certificate.gap.shape == (0,)


# a second, independent answer


def union_by_cones(p1y, p2y) -> float:
    """I* in bits at the joint where Clarabel finds min sum of q log(q / q(x1,x2)): exponential cones, equal margins."""
    support = np.argwhere((p1y > 0)[:, None, :] & (p2y > 0)[None, :, :])
    n = len(support)
    rows1, rows2 = np.argwhere(p1y > 0), np.argwhere(p2y > 0)
    equal = lil_matrix((len(rows1) + len(rows2), n))
    for j, (a, b, y) in enumerate(support):
        equal[np.flatnonzero((rows1 == (a, y)).all(1))[0], j] = 1
        equal[len(rows1) + np.flatnonzero((rows2 == (b, y)).all(1))[0], j] = 1
    cells = [tuple(c[:2]) for c in support]
    same = csc_matrix(np.array([[c == d for d in cells] for c in cells], dtype=float))
    eye, none = identity(n, format="csc"), csc_matrix((n, n))
    # variables (q, t); a row triple (-t, q, sum_y q) in the exponential cone says q log(q / sum_y q) <= t
    cone = vstack(
        [
            csc_matrix(np.hstack([none.toarray(), eye.toarray()])),
            csc_matrix(np.hstack([-eye.toarray(), none.toarray()])),
            csc_matrix(np.hstack([-same.toarray(), none.toarray()])),
        ],
        format="csr",
    )
    order = np.arange(3 * n).reshape(3, n).T.ravel()
    matrix = vstack([csc_matrix(np.hstack([equal.toarray(), np.zeros(equal.shape)])), cone[order]], format="csc")
    right = np.concatenate([p1y[p1y > 0], p2y[p2y > 0], np.zeros(3 * n)])
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = 1e-11
    found = clarabel.DefaultSolver(
        csc_matrix((2 * n, 2 * n)),
        np.repeat([0.0, 1.0], n),
        matrix,
        right,
        [clarabel.ZeroConeT(equal.shape[0]), *[clarabel.ExponentialConeT()] * n],
        settings,
    ).solve()
    assert str(found.status) in ("Solved", "AlmostSolved"), found.status
    q = np.zeros((len(p1y), len(p2y), p1y.shape[1]))
    q[tuple(support.T)] = np.maximum(found.x[:n], 0)
    for _ in range(1000):  # Clarabel's point misses the margins by up to 1e-7: rake it, then judge it
        q *= (p1y / np.where(q.sum(1) > 0, q.sum(1), 1))[:, None, :]
        q *= (p2y / np.where(q.sum(0) > 0, q.sum(0), 1))[None, :, :]
    return float(mutual_information(q))


@pytest.mark.parametrize("name", [*NAMED, *RANDOM])
def test_agreement_with_an_exponential_cone_solver(name):
    p = ALL[name]
    i = ip.identify(ip.PairTables.from_joint(p))
    assert i.union == pytest.approx(union_by_cones(p.sum(1), p.sum(0)), abs=1e-8)


@pytest.mark.parametrize("seed", range(10))
def test_agreement_with_brute_force_on_2x2x2(seed):
    """Both labels leave one free number each: a grid finds no less, and no more than its spacing explains."""
    p = random_joint(np.random.default_rng(seed), (2, 2, 2))
    p1y, p2y = p.sum(1), p.sum(0)
    grids = []
    for y in (0, 1):
        low, high = max(0, p1y[0, y] + p2y[0, y] - p1y[:, y].sum()), min(p1y[0, y], p2y[0, y])
        t = np.linspace(low, high, 201)[:, None, None]
        corner = np.array([[0, p1y[0, y]], [p2y[0, y], p1y[1, y] - p2y[0, y]]])
        grids.append(np.maximum(corner + t * np.array([[1, -1], [-1, 1]]), 0))
    batch = np.stack(np.broadcast_arrays(grids[0][:, None], grids[1][None]), -1).reshape(-1, 2, 2, 2)
    best = mutual_information(batch, batch=1).min()
    union = ip.identify(ip.PairTables.from_joint(p)).union
    assert union - 1e-12 <= best <= union + 1e-3


# bad input


def test_margins_that_disagree_name_the_call_that_repairs_them():
    t = ip.PairTables(pairs=[[5, 5], [5, 5]], first=[[9, 1], [5, 5]], second=[[5, 5], [5, 5]])
    for call in (ip.identify, ip.bound_synergy, ip.bound_accuracy):
        with pytest.raises(MarginsError, match=r"call tables\.reconcile\(\)"):
            call(t)
    assert ip.identify(t.reconcile()[0]).certificate.gap < TOLERANCE


@pytest.mark.parametrize(
    ("joint", "kind", "words"),
    [
        (np.ones((2, 2)), ShapeError, "expected 3 axes"),
        ([[[0.5, np.nan], [0.25, 0.25]]], InputError, r"joint\[0, 0, 1\] is nan"),
        ([[[0.5, -0.1], [0.25, 0.25]]], InputError, r"joint\[0, 0, 1\] is -0.1"),
        (np.zeros((2, 2, 2)), InputError, "no mass"),
        (np.full((2, 2, 2), 0.1), InputError, r"sum to 0\.8; expected probabilities that sum to 1, or counts"),
    ],
)
def test_bad_joints(joint, kind, words):
    with pytest.raises(kind, match=words):
        ip.decompose(joint)


def test_a_bad_batch():
    with pytest.raises(InputError, match="joint 1 of the batch has no mass"):
        ip.decompose_many([NAMED["AND"], np.zeros((2, 2, 2))])
    with pytest.raises(ShapeError, match="expected 4 axes"):
        ip.decompose_many(NAMED["AND"])
    infinite = np.ones((1, 2, 2, 2))
    infinite[0, 1, 1, 1] = np.inf
    with pytest.raises(InputError, match=r"joint\[0, 1, 1, 1\] is inf"):
        ip.decompose_many(infinite)


def test_results_are_facts():
    d = ip.decompose(NAMED["AND"])
    with pytest.raises(AttributeError):
        d.synergy = 0
