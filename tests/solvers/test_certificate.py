"""Weak duality: any duals, however bad, bound every joint with the same margins; good ones bound it tightly."""

import functools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import ALL, NAMED, joints_of_set
from interplay.information import entropy, mutual_information
from interplay.solvers.certificate import (
    accuracy_certificate,
    accuracy_lower_bound,
    entropy_upper_bound,
    margin_residual,
    maxent_certificate,
    total_divergence,
    union_certificate,
    union_lower_bound,
)
from interplay.tables import PairTables
from strategies import joints

SOME = [*NAMED, *list(ALL)[len(NAMED) :: 7]]
SCALES = (0.0, 0.1, 1.0, 30.0)
# joints of the set come from a linear program with feasibility 1e-7, and its error is worth at most this
SLACK = 3e-6


@functools.cache
def feasible(name: str) -> list[np.ndarray]:
    """The joint itself and forty others with the same three margins."""
    tables = PairTables.from_joint(ALL[name])
    return [ALL[name], *joints_of_set(tables, ALL[name], 40, seed=1)]


def margins(name: str):
    p = ALL[name]
    return p.sum(2), p.sum(1), p.sum(0)


def given_the_label(p1y, p2y):
    """X1 and X2 independent given Y: a joint with both labelled margins, whatever the pairs."""
    y = p1y.sum(0)
    return p1y[:, None, :] * p2y[None, :, :] / np.where(y > 0, y, 1)


def random_duals(name: str, scale: float, seed: int = 0):
    p12, p1y, p2y = margins(name)
    rng = np.random.default_rng(seed)
    return [scale * rng.normal(size=t.shape) for t in (p1y, p2y, p12)]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", SOME)
def test_union_information_is_bounded_from_below(name, scale):
    """Any (lam, mu): H(Y) + <p1y,lam> + <p2y,mu> - repair <= I_q({X1,X2};Y) for q with p1y and p2y."""
    _, p1y, p2y = margins(name)
    for seed in range(5):
        lam, mu, _ = random_duals(name, scale, seed)
        bound, repaired = union_lower_bound(p1y, p2y, lam, mu)
        assert repaired >= 0
        for joint in [given_the_label(p1y, p2y), *feasible(name)]:
            assert bound <= mutual_information(joint) + SLACK


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", SOME)
def test_entropy_is_bounded_from_above(name, scale):
    """Any (a, b, c): log sum exp(a+b+c) - <p1y,a> - <p2y,b> - <p12,c> >= H(r) for r in the set."""
    p12, p1y, p2y = margins(name)
    for seed in range(5):
        bound = entropy_upper_bound(p12, p1y, p2y, *random_duals(name, scale, seed))
        for joint in feasible(name):
            assert bound >= entropy(joint) - SLACK


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", SOME)
def test_accuracy_is_bounded_from_below(name, scale):
    """Any (lam, mu) bounds sum_c max_y r_cy from below for r in the set."""
    p12, p1y, p2y = margins(name)
    for seed in range(5):
        lam, mu, _ = random_duals(name, scale, seed)
        bound = accuracy_lower_bound(p12, p1y, p2y, lam, mu)
        for joint in feasible(name):
            assert bound <= joint.max(2).sum() + SLACK * max(1, scale)


@given(joints(), st.integers(0, 10), st.sampled_from([0.3, 3.0, 1e3]))
def test_weak_duality_on_generated_joints(p, seed, scale):
    p12, p1y, p2y = p.sum(2), p.sum(1), p.sum(0)
    rng = np.random.default_rng(seed)
    lam, mu, c = (scale * rng.normal(size=t.shape) for t in (p1y, p2y, p12))
    tolerance = 1e-12 * max(scale, 1)
    assert union_lower_bound(p1y, p2y, lam, mu)[0] <= mutual_information(p) + 100 * tolerance
    assert entropy_upper_bound(p12, p1y, p2y, lam, mu, c) >= entropy(p) - 100 * tolerance
    assert accuracy_lower_bound(p12, p1y, p2y, lam, mu) <= p.max(2).sum() + 100 * tolerance


@pytest.mark.parametrize("name", ["UNIQUE", "REDUNDANT", "FORCED_ZEROS", "ZERO_ROWS"])
def test_duals_may_be_minus_infinity_where_a_margin_is_zero(name):
    p12, p1y, p2y = margins(name)
    lam, mu = np.where(p1y > 0, 0.0, -np.inf), np.where(p2y > 0, 0.0, -np.inf)
    union, _ = union_lower_bound(p1y, p2y, lam, mu)
    high = entropy_upper_bound(p12, p1y, p2y, lam, mu, np.zeros(p12.shape))
    low = accuracy_lower_bound(p12, p1y, p2y, lam, mu)
    assert np.isfinite([union, high, low]).all()
    assert union <= mutual_information(given_the_label(p1y, p2y)) + 1e-12
    assert high >= entropy(ALL[name]) - 1e-12
    assert low <= ALL[name].max(2).sum() + 1e-12


# duals that are known to be best


def test_tight_for_an_independent_label():
    p = NAMED["INDEPENDENT"]
    p12, p1y, p2y = margins("INDEPENDENT")
    y = np.log(p.sum((0, 1)))
    lam, mu = np.tile(y / 2, (3, 1)), np.tile(y / 2, (2, 1))
    certificate = union_certificate(p1y, p2y, p, lam, mu)
    assert certificate.gap == pytest.approx(0, abs=1e-12)
    assert certificate.dual_residual == pytest.approx(0, abs=1e-12)
    assert certificate.primal_residual < 1e-15
    assert certificate.unit == "bits"
    best = maxent_certificate(p12, p1y, p2y, p, lam, mu, np.log(p12))
    assert best.gap == pytest.approx(0, abs=1e-12)


def test_tight_for_a_label_that_one_modality_tells():
    p = NAMED["UNIQUE"]
    p12, p1y, p2y = margins("UNIQUE")
    lam = np.log(np.where(p1y > 0, 1.0, 1e-30))  # p(y|x1), with a log that no cell needs
    certificate = union_certificate(p1y, p2y, p, lam, np.zeros((2, 2)))
    assert certificate.gap == pytest.approx(0, abs=1e-12)
    accuracy = accuracy_certificate(p12, p1y, p2y, p, np.eye(2), np.zeros((2, 2)))
    assert accuracy.gap == pytest.approx(0, abs=1e-12)
    assert accuracy.unit == "probability"


def test_tight_for_xor_at_its_least_informative_joint():
    """XOR's margins are those of three independent coins: maximum entropy 3 bits, accuracy at least 1/2."""
    p12, p1y, p2y = margins("XOR")
    coins, zeros = np.full((2, 2, 2), 1 / 8), np.zeros((2, 2))
    assert maxent_certificate(p12, p1y, p2y, coins, zeros, zeros, zeros).gap == pytest.approx(0, abs=1e-12)
    assert accuracy_certificate(p12, p1y, p2y, coins, zeros, zeros).gap == pytest.approx(0, abs=1e-12)
    assert entropy_upper_bound(p12, p1y, p2y, zeros, zeros, zeros) == pytest.approx(3)


@pytest.mark.parametrize("name", SOME)
def test_a_constant_shift_of_the_duals_is_repaired(name):
    _, p1y, p2y = margins(name)
    lam, mu, _ = random_duals(name, 1.0)
    base, _ = union_lower_bound(p1y, p2y, lam, mu)
    shifted, repaired = union_lower_bound(p1y, p2y, lam + 5, mu + 2)
    assert shifted == pytest.approx(base, abs=1e-10)
    assert repaired > 0


# residuals


def test_residuals_see_every_margin_and_negative_cells():
    p = NAMED["AND"]
    assert margin_residual(p, (p.sum(2), 2), (p.sum(1), 1), (p.sum(0), 0)) == 0
    off = p.copy()
    off[0, 0, 0] += 0.01
    assert margin_residual(off, (p.sum(1), 1)) == pytest.approx(0.01)
    twisted = p + 0.3 * np.array([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])  # same margins, negative cells
    assert margin_residual(twisted, (p.sum(2), 2), (p.sum(1), 1), (p.sum(0), 0)) == pytest.approx(0.3)


def test_a_wrong_joint_is_told():
    _, p1y, p2y = margins("AND")
    certificate = union_certificate(p1y, p2y, NAMED["XOR"], np.zeros((2, 2)), np.zeros((2, 2)))
    assert certificate.primal_residual == pytest.approx(0.25)


def test_divergence_from_a_reference():
    p = NAMED["XOR"]
    assert total_divergence(p, p) == 0
    assert total_divergence(p, np.full((2, 2, 2), 1 / 8)) == pytest.approx(np.log(2))
    assert total_divergence(p, NAMED["AND"]) == np.inf
