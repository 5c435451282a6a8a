"""Maximum entropy with three pairwise tables: laws over named cases, a cone solver, fitting sweeps."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import entropy
from interplay.solvers import certificate, certificate_batch, maxent_newton, maxent_small
from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from solvers.cone_reference import maxent_joint
from solvers.families import FAMILIES, batch

SHAPES = [(2, 2, 2), (3, 2, 2), (3, 3, 3), (2, 4, 3), (5, 3, 4), (6, 6, 2)]
LARGE = [(20, 20, 2), (20, 20, 10), (50, 50, 5)]


def tables(joints):
    return joints.sum(axis=-1), joints.sum(axis=-2), joints.sum(axis=-3)


def fitted(p12, p1, p2, sweeps):
    """Iterative proportional fitting, as everyone writes it."""
    r = ((p12[:, :, None] > 0) & (p1[:, None] > 0) & (p2[None] > 0)).astype(float)
    for _ in range(sweeps):
        for axis, target in ((2, p12), (1, p1), (0, p2)):
            have = r.sum(axis=axis)
            r = r * np.expand_dims(np.divide(target, have, out=np.zeros_like(target), where=have > 0), axis)
    return r


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_family_is_certified(family, shape):
    joints = batch(family, shape, 40)
    found = maximum_entropy_many(*tables(joints))
    assert found.gap.max() <= 1e-9
    assert found.gap.min() >= -1e-10
    assert found.primal_residual.max() <= 1e-12
    assert found.joint.min() >= 0.0
    assert (found.upper >= entropy(joints, batch=1) - 1e-9).all()


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 4)], ids=str)
def test_single_equals_batch_and_certificate_is_the_public_one(family, shape):
    parts = tables(batch(family, shape, 5, seed=1))
    many = maximum_entropy_many(*parts)
    for i in range(5):
        own = [t[i] for t in parts]
        one = maximum_entropy(*own)
        assert one.entropy == pytest.approx(many.entropy[i], abs=2e-9)
        again = certificate.maxent_certificate(*own, one.joint, one.a, one.b, one.c)
        assert again.gap == pytest.approx(one.certificate.gap, abs=1e-10)
        assert one.certificate.primal_residual <= 1e-12


@pytest.mark.parametrize("family", ["uniform", "empirical", "sparse"])
@pytest.mark.parametrize("shape", LARGE, ids=str)
def test_large_tables(family, shape):
    found = maximum_entropy(*tables(batch(family, shape, 1, seed=2)[0]))
    assert found.certificate.gap <= 1e-9
    assert found.certificate.primal_residual <= 1e-12


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 2), (3, 3, 3)], ids=str)
def test_agrees_with_a_cone_solver(family, shape):
    parts = tables(batch(family, shape, 1, seed=3)[0])
    assert maximum_entropy(*parts).entropy == pytest.approx(entropy(maxent_joint(*parts)), abs=5e-6)


@pytest.mark.parametrize("shape", [(2, 2, 2), (4, 3, 3)], ids=str)
def test_agrees_with_fitting_sweeps_inside(shape):
    parts = tables(batch("uniform", shape, 1, seed=4)[0])
    assert maximum_entropy(*parts).joint == pytest.approx(fitted(*parts, sweeps=3000), abs=1e-5)


def test_forced_zeros_without_a_zero_margin():
    """Zeros at 000 and 111: every pairwise table is positive and the identified set is one point."""
    joint = np.full((2, 2, 2), 1 / 6)
    joint[0, 0, 0] = joint[1, 1, 1] = 0.0
    found = maximum_entropy(*tables(joint))
    assert found.joint == pytest.approx(joint, abs=1e-9)
    assert found.entropy == pytest.approx(np.log2(6), abs=1e-9)


def test_forced_zeros_in_several_stages():
    """Two such blocks of very different mass, and a free block beside them."""
    joint = np.zeros((6, 6, 2))
    block = np.full((2, 2, 2), 1 / 6)
    block[0, 0, 0] = block[1, 1, 1] = 0.0
    joint[:2, :2], joint[2:4, 2:4], joint[4:, 4:] = 0.6 * block, 1e-4 * block, (0.4 - 1e-4) / 8
    found = maximum_entropy(*tables(joint))
    assert found.joint[:4, :4] == pytest.approx(joint[:4, :4], abs=1e-9)
    assert found.certificate.gap <= 1e-9


@given(seed=st.integers(0, 10**6), k=st.integers(1, 4))
@settings(max_examples=40)
def test_laws(seed, k):
    """At least the entropy of the joint it came from; order of sources and labels does not matter."""
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(4 * 3 * k, 0.3)).reshape(4, 3, k)
    p12, p1, p2 = tables(joint)
    value = maximum_entropy(p12, p1, p2).entropy
    assert value >= entropy(joint) - 1e-9
    assert value <= entropy(p12) + entropy(p1) - entropy(p1.sum(axis=1)) + 1e-9
    assert maximum_entropy(p12.T, p2, p1).entropy == pytest.approx(value, abs=2e-9)
    assert maximum_entropy(p12, p1[:, ::-1], p2[:, ::-1]).entropy == pytest.approx(value, abs=2e-9)


def test_no_interaction_is_recovered():
    """A log-linear joint is its own answer."""
    rng = np.random.default_rng(0)
    a, b, c = rng.normal(size=(4, 1, 3)), rng.normal(size=(1, 5, 3)), rng.normal(size=(4, 5, 1))
    joint = np.exp(a + b + c)
    joint /= joint.sum()
    assert maximum_entropy(*tables(joint)).joint == pytest.approx(joint, abs=1e-6)


def test_twin_certificate_of_wild_duals():
    rng = np.random.default_rng(0)
    p12, p1, p2 = tables(batch("sparse", (4, 3, 3), 30))
    for scale in (1.0, 50.0, 2000.0):
        duals = [scale * rng.normal(size=t.shape) for t in (p1, p2, p12)]
        upper = certificate_batch.entropy_upper_bound(p12, p1, p2, *duals)
        for i in range(30):
            expected = certificate.entropy_upper_bound(p12[i], p1[i], p2[i], *(d[i] for d in duals))
            assert upper[i] == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_contradictory_tables():
    """Pairwise consistent one-way margins, but no joint: equal, equal and always different."""
    same, other = np.eye(2) / 2, (1 - np.eye(2)) / 2
    with pytest.raises(MarginsError, match="no joint"):
        maximum_entropy(same, same, other)
    found = maximum_entropy_many(same[None], same[None], other[None])
    assert found.primal_residual[0] > 1e-3


def test_float32_is_accepted():
    parts = [t.astype(np.float32) for t in tables(batch("uniform", (3, 3, 3), 1)[0])]
    assert maximum_entropy(*parts).certificate.gap <= 1e-9


def test_empty_batch():
    found = maximum_entropy_many(np.zeros((0, 2, 3)), np.zeros((0, 2, 2)), np.zeros((0, 3, 2)))
    assert found.entropy.shape == (0,)
    assert found.joint.shape == (0, 2, 3, 2)


@pytest.mark.parametrize(
    ("p12", "p1", "p2", "error"),
    [
        (np.full((2, 2), 0.25), np.full((2, 2), 0.25), np.full((2, 3), 1 / 6), ShapeError),
        (np.full((2, 2), 0.25), np.array([[0.6, -0.1], [0.25, 0.25]]), np.full((2, 2), 0.25), InputError),
        (np.full((2, 2), 0.25), np.array([[0.5, 0.1], [0.2, 0.2]]), np.full((2, 2), 0.25), MarginsError),
    ],
    ids=["labels differ", "negative", "margins differ"],
)
def test_bad_input(p12, p1, p2, error):
    with pytest.raises(error):
        maximum_entropy(p12, p1, p2)


def test_no_certificate_no_answer():
    with pytest.raises(SolverError, match="gap"):
        maximum_entropy(*tables(batch("uniform", (3, 3, 3), 1)[0]), tolerance=-1.0)


@pytest.mark.parametrize("shape", [(2, 2, 2), (1, 3, 2), (3, 3, 3), (6, 3, 5), (10, 10, 2)], ids=str)
def test_the_solver_of_small_problems_is_the_other_one(shape):
    """Two Newton methods, one on dense tables of a few cells: the same joint."""
    for joint in batch("uniform", shape, 5, seed=8):
        parts = tables(joint)
        small = maxent_small.solve(*parts)
        assert maxent_small.fits(*parts)
        assert small is not None
        general = maxent_newton.solve(*(t[None] for t in parts), tolerance=1e-12)
        assert small[0] == pytest.approx(general.joint[0], abs=1e-6)
        assert certificate.maxent_certificate(*parts, *small).gap == pytest.approx(0.0, abs=1e-12)


def test_the_solver_of_small_problems_leaves_zeros_and_large_ones():
    joint = batch("uniform", (3, 3, 2), 1, seed=9)[0]
    joint[0, 0] = 0.0
    assert not maxent_small.fits(*tables(joint))
    assert not maxent_small.fits(*tables(batch("uniform", (20, 20, 2), 1, seed=9)[0]))
    assert not maxent_small.fits(*tables(batch("uniform", (2, 2, 1), 1, seed=9)[0]))
