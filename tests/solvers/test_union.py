"""Union information: laws over named cases, and answers of methods that share nothing with ours."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interplay.errors import InputError, MarginsError, ShapeError, SolverError
from interplay.information import mutual_information
from interplay.solvers import (
    certificate,
    certificate_batch,
    certificate_channels,
    certificate_small,
    union_few,
    union_interior,
)
from interplay.solvers.garbling import Moves, dense, joint_through
from interplay.solvers.union import union_information, union_information_many
from solvers.cone_reference import union_joint
from solvers.families import FAMILIES, batch, union_gates, wide

SHAPES = [(2, 2, 2), (3, 2, 2), (2, 5, 2), (3, 3, 3), (2, 4, 3), (5, 3, 4)]
LARGE = [(20, 20, 2), (100, 100, 2), (20, 20, 10), (50, 50, 5)]


def tables(joints):
    return joints.sum(axis=-2), joints.sum(axis=-3)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_every_family_is_certified(family, shape):
    p1, p2 = tables(batch(family, shape, 60))
    found = union_information_many(p1, p2)
    assert found.gap.max() <= 1e-9
    assert found.gap.min() >= -1e-12
    assert found.primal_residual.max() <= 1e-12


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 2, 2), (20, 15, 2), (3, 2, 4)], ids=str)
def test_single_equals_batch_and_certificate_is_the_public_one(family, shape):
    p1, p2 = tables(batch(family, shape, 5, seed=1))
    many = union_information_many(p1, p2)
    for i in range(5):
        one = union_information(p1[i], p2[i])
        assert one.value == pytest.approx(many.value[i], abs=2e-9)
        again = certificate.union_certificate(p1[i], p2[i], one.joint, one.lam, one.mu)
        assert again.gap == pytest.approx(one.certificate.gap, abs=1e-12)
        assert again.primal_residual == pytest.approx(one.certificate.primal_residual, abs=1e-15)
        assert one.joint.min() >= 0.0


@pytest.mark.parametrize("family", ["uniform", "empirical", "near_deterministic"])
@pytest.mark.parametrize("shape", LARGE, ids=str)
def test_large_tables(family, shape):
    p1, p2 = tables(batch(family, shape, 1, seed=2)[0])
    found = union_information(p1, p2)
    assert found.certificate.gap <= 1e-9
    assert found.certificate.primal_residual <= 1e-12


def test_many_codes_with_equal_posteriors():
    """Quantiles of one variable: dozens of codes whose posteriors differ by rounding only."""
    for joint in batch("empirical", (100, 100, 2), 12, seed=11):
        assert union_information(*tables(joint)).certificate.gap <= 1e-9


@pytest.mark.parametrize("name", union_gates())
def test_known_gates(name):
    joint, expected = union_gates()[name]
    assert union_information(*tables(joint)).value == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 4, 2), (3, 3, 3), (2, 3, 4)], ids=str)
def test_agrees_with_a_cone_solver(family, shape):
    p1, p2 = tables(batch(family, shape, 1, seed=3)[0])
    reference = mutual_information(union_joint(p1, p2))
    assert union_information(p1, p2).value == pytest.approx(reference, abs=2e-6)


@pytest.mark.parametrize("family", FAMILIES)
def test_two_by_two_agrees_with_a_grid(family):
    """The set has one free number per label: look at a grid of both, then zoom in."""
    p1, p2 = tables(batch(family, (2, 2, 2), 1, seed=4)[0])
    low, high = np.maximum(0.0, p1[0] + p2[0] - p1.sum(axis=0)), np.minimum(p1[0], p2[0])
    high = np.maximum(low, high)
    best = np.inf
    for _ in range(12):
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 21).T, indexing="ij"), axis=-1).reshape(-1, 2)
        q = np.stack([grid, p1[0] - grid, p2[0] - grid, p1[1] - p2[0] + grid], axis=1).reshape(-1, 2, 2, 2)
        values = mutual_information(np.maximum(q, 0.0), batch=1)
        best = min(best, values.min())
        centre, width = grid[values.argmin()], (high - low) / 6
        low, high = np.maximum(low, centre - width), np.minimum(high, centre + width)
    assert union_information(p1, p2).value == pytest.approx(best, abs=1e-7)


@pytest.mark.parametrize("family", FAMILIES)
def test_closed_form_and_interior_point_agree(family):
    p1, p2 = tables(batch(family, (4, 3, 2), 20, seed=5))
    closed = union_information_many(p1, p2)
    interior = union_interior.solve_surely(p1, p2, tolerance=5e-10)
    assert np.abs(closed.value - interior.value).max() <= 2e-9


@given(seed=st.integers(0, 10**6), k=st.integers(1, 4))
@settings(max_examples=40)
def test_laws(seed, k):
    """Between the better source and everything; order of sources, codes and labels does not matter."""
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(4 * 3 * k, 0.3)).reshape(4, 3, k)
    p1, p2 = tables(joint)
    value = union_information(p1, p2).value
    alone = max(mutual_information(p1), mutual_information(p2))
    assert (
        alone - 1e-9 <= value <= min(mutual_information(joint), mutual_information(p1) + mutual_information(p2)) + 1e-9
    )
    assert union_information(p2, p1).value == pytest.approx(value, abs=2e-9)
    assert union_information(p1[::-1, ::-1], p2[:, ::-1]).value == pytest.approx(value, abs=2e-9)


def test_a_garbled_source_adds_nothing():
    rng = np.random.default_rng(0)
    p1 = rng.dirichlet(np.ones(12)).reshape(4, 3)
    channel = rng.dirichlet(np.ones(5), size=4)
    assert union_information(p1, channel.T @ p1).value == pytest.approx(mutual_information(p1), abs=1e-9)


def test_batch_of_easy_and_hard_stays_whole():
    names = [n for n in FAMILIES]
    joints = np.concatenate([batch(n, (3, 3, 3), 20, seed=6) for n in names])
    order = np.random.default_rng(0).permutation(len(joints))
    p1, p2 = tables(joints)
    sorted_way, mixed = union_information_many(p1, p2), union_information_many(p1[order], p2[order])
    assert np.abs(sorted_way.value[order] - mixed.value).max() <= 2e-9
    assert mixed.gap.max() <= 1e-9


def test_twin_certificate_of_wild_duals():
    """Underflow, huge and impossible entries: the batch twin equals the plain one."""
    rng = np.random.default_rng(0)
    p1, p2 = tables(batch("sparse", (4, 3, 3), 30))
    for scale in (1.0, 50.0, 2000.0):
        lam, mu = scale * rng.normal(size=p1.shape), scale * rng.normal(size=p2.shape)
        lower, shift = certificate_batch.union_lower_bound(p1, p2, lam, mu)
        for i in range(30):
            expected, repaired = certificate.union_lower_bound(p1[i], p2[i], lam[i], mu[i])
            assert lower[i] == pytest.approx(expected, rel=1e-9, abs=1e-9)
            assert shift[i] == pytest.approx(repaired, rel=1e-9, abs=1e-9)


def test_twin_certificate_in_plain_python():
    rng = np.random.default_rng(0)
    p1, p2 = tables(joints := np.concatenate([batch(f, (2, 2, 2), 10) for f in ("uniform", "sparse", "tiny_masses")]))
    for scale in (1.0, 50.0, 2000.0):
        lam, mu = scale * rng.normal(size=p1.shape), scale * rng.normal(size=p2.shape)
        for i in range(30):
            found = certificate_small.union_lower_bound(*(a[i].tolist() for a in (p1, p2, lam, mu)))
            expected = certificate.union_lower_bound(p1[i], p2[i], lam[i], mu[i])
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)
    for joint in joints:
        assert certificate_small.information(joint.tolist()) == pytest.approx(mutual_information(joint), abs=1e-13)
    wrong = np.roll(p1, 1, axis=0)
    for joint, one, two, other in zip(joints, p1, p2, wrong, strict=True):
        lists = joint.tolist(), one.tolist(), two.tolist()
        assert certificate_small.margin_residual(*lists) <= 1e-15
        expected = certificate.margin_residual(joint, (other, 1), (two, 0))
        assert certificate_small.margin_residual(lists[0], other.tolist(), lists[2]) == pytest.approx(expected)
        negative = (joint - 0.3).tolist(), (one - 0.6).tolist(), (two - 0.6).tolist()
        assert certificate_small.margin_residual(*negative) == pytest.approx(0.3 - joint.min())


def test_channels_bound_their_joint_whatever_they_are():
    """Random masses and channels, sums wrong as well: never below the information of the joint they stand for."""
    rng = np.random.default_rng(0)
    for _ in range(50):
        atoms = rng.dirichlet(np.ones(10)).reshape(2, 5)
        sides = [(rng.integers(4, size=12), rng.integers(5, size=12), rng.random(12)) for _ in range(2)]
        joint = joint_through(*(dense(Moves(*side), 4, 5) for side in sides), atoms.T)
        exact = joint.sum(axis=1), joint.sum(axis=0)
        bound, residual = certificate_channels.bound_and_residual(atoms, *sides, *exact)
        assert bound >= mutual_information(joint) - 1e-12
        assert residual <= 1e-13
        off = certificate_channels.bound_and_residual(atoms, *sides, exact[0] + 1e-3, exact[1])[1]
        assert off == pytest.approx(1e-3)


def test_the_joint_does_not_follow_the_callers_table():
    p1, p2 = (np.array(t) for t in tables(batch("uniform", (4, 3, 2), 1)[0]))
    expected = union_information(p1, p2).joint
    found = union_information(p1, p2)
    p1[...] = 0.0
    assert found.joint == pytest.approx(expected, abs=1e-15)


def test_empty_batch():
    found = union_information_many(np.zeros((0, 2, 2)), np.zeros((0, 3, 2)))
    assert found.value.shape == found.gap.shape == (0,)


def test_float32_is_accepted():
    p1, p2 = (t.astype(np.float32) for t in tables(batch("uniform", (3, 3, 3), 1)[0]))
    assert union_information(p1, p2).certificate.gap <= 1e-9


@pytest.mark.parametrize(
    ("p1", "p2", "error"),
    [
        (np.full((2, 2), 0.25), np.full((2, 3), 1 / 6), ShapeError),
        (np.array([[0.5, -0.1], [0.3, 0.3]]), np.full((2, 2), 0.25), InputError),
        (np.array([[np.nan, 0.1], [0.3, 0.3]]), np.full((2, 2), 0.25), InputError),
        (np.array([[0.5, 0.1], [0.3, 0.1]]), np.full((2, 2), 0.25), MarginsError),
    ],
    ids=["labels differ", "negative", "not finite", "label margins differ"],
)
def test_bad_input(p1, p2, error):
    with pytest.raises(error):
        union_information(p1, p2)


def test_no_certificate_no_answer():
    p1, p2 = tables(batch("uniform", (3, 3, 3), 1)[0])
    with pytest.raises(SolverError, match="gap"):
        union_information(p1, p2, tolerance=-1.0)


def test_tables_without_mass_have_no_information_alone_and_in_a_batch():
    nothing = np.zeros((2, 2))
    assert union_information(nothing, nothing).value == 0.0
    assert union_information_many(nothing[None], nothing[None]).value == pytest.approx([0.0])


@pytest.mark.parametrize("shape", [(3, 3, 3), (2, 4, 3), (6, 3, 5), (1, 4, 3)], ids=str)
def test_the_dense_solver_of_few_cells_agrees_with_the_structured_one(shape):
    for p in batch("uniform", shape, 10, seed=9):
        p1, p2 = p.sum(axis=1), p.sum(axis=0)
        assert union_few.fits(p1, p2)
        found = union_few.solve(p1, p2, tolerance=5e-10)
        assert found is not None
        joint = found[0]
        best = union_interior.solve_surely(p1[None], p2[None], tolerance=5e-10)
        assert float(mutual_information(joint)) == pytest.approx(float(best.value[0]), abs=1e-9)
        assert certificate.margin_residual(joint, (p1, 1), (p2, 0)) <= 1e-12
        assert union_information(p1, p2).certificate.gap <= 1e-9


def test_a_union_of_masses_that_differ_by_sixty_orders_of_magnitude_ends():
    joint = wide([8, 3, 3, 3], (3, 3, 3), lowest=-60)
    assert union_information(joint.sum(axis=1), joint.sum(axis=0)).certificate.gap <= 1e-9
