"""Information measures: closed forms, laws over all cases, zeros."""

import math

import numpy as np
import pytest
from hypothesis import given

from cases import ALL, NAMED
from interplay.information import (
    conditional_mutual_information,
    divergence,
    entropy,
    mutual_information,
    to_bits,
    to_nats,
    uniform_entropy,
)
from strategies import joints


def test_entropy_of_a_coin_is_one_bit():
    assert entropy([0.5, 0.5]) == 1.0


@pytest.mark.parametrize("count", [1, 2, 3, 8, 100])
def test_entropy_of_equal_cells_is_the_logarithm_of_their_number(count):
    assert entropy(np.full(count, 1 / count)) == pytest.approx(math.log2(count), abs=1e-13)
    assert uniform_entropy(count) == pytest.approx(math.log2(count), abs=1e-15)


def test_empty_cells_and_certainty_carry_no_entropy():
    assert entropy([1.0, 0.0, 0.0]) == 0.0
    assert entropy([0.5, 0.0, 0.5]) == 1.0


def test_divergence_of_bernoullis_and_of_impossible_cells():
    assert divergence([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.5 * math.log2(4 / 3))
    assert divergence([0.5, 0.5], [1.0, 0.0]) == np.inf
    assert divergence([1.0, 0.0], [1.0, 0.0]) == 0.0


def test_bits_and_nats_are_inverse():
    assert to_bits(math.log(8)) == pytest.approx(3)
    assert to_nats(to_bits(1.7)) == pytest.approx(1.7)


def test_a_noiseless_copy_tells_everything():
    assert mutual_information(np.eye(4) / 4) == pytest.approx(2.0)


def test_a_binary_symmetric_channel():
    """I = 1 - h(e)."""
    e = 0.11
    h = -e * math.log2(e) - (1 - e) * math.log2(1 - e)
    assert mutual_information([[(1 - e) / 2, e / 2], [e / 2, (1 - e) / 2]]) == pytest.approx(1 - h, abs=1e-13)


def test_independence_gives_zero_to_rounding():
    assert abs(mutual_information(NAMED["INDEPENDENT"])) < 1e-15


@pytest.mark.parametrize("name", ALL)
def test_mutual_information_is_a_sum_of_entropies(name):
    """I(X;Y) = H(X) + H(Y) - H(X,Y) >= 0."""
    p = ALL[name]
    value = mutual_information(p)
    assert value == pytest.approx(entropy(p.sum(2)) + entropy(p.sum((0, 1))) - entropy(p), abs=1e-10)
    assert value >= -1e-12


@pytest.mark.parametrize("name", ALL)
def test_chain_rule(name):
    """I({X1,X2};Y) = I(X2;Y) + I(X1;Y|X2), computed slice by slice."""
    p = ALL[name]
    slices = [p[:, j] / p[:, j].sum() for j in range(p.shape[1]) if p[:, j].sum() > 0]
    weights = [p[:, j].sum() for j in range(p.shape[1]) if p[:, j].sum() > 0]
    by_hand = math.fsum(w * mutual_information(s) for w, s in zip(weights, slices, strict=True))
    assert conditional_mutual_information(p) == pytest.approx(by_hand, abs=1e-10)


@given(joints())
def test_conditioning_on_swapped_axes(p):
    """I(X1;Y|X2) - I(X2;Y|X1) = I(X1;Y) - I(X2;Y)."""
    left = conditional_mutual_information(p) - conditional_mutual_information(p.transpose(1, 0, 2))
    assert left == pytest.approx(mutual_information(p.sum(1)) - mutual_information(p.sum(0)), abs=1e-10)


def test_a_batch_is_a_loop():
    p = np.random.default_rng(1).dirichlet(np.ones(18), size=5).reshape(5, 3, 3, 2)
    for measure in (entropy, mutual_information, conditional_mutual_information):
        assert measure(p, batch=1) == pytest.approx([measure(q) for q in p], abs=1e-14)
    assert divergence(p, p[::-1], batch=1) == pytest.approx(
        [divergence(q, r) for q, r in zip(p, p[::-1], strict=True)], abs=1e-14
    )


def test_tables_are_not_normalised():
    """A table of mass m has m times the information: c copies of a sample weigh c times as much."""
    p = NAMED["AND"].sum(1)
    assert mutual_information(3 * p) == pytest.approx(3 * mutual_information(p))
    assert mutual_information(0 * p) == 0.0


@pytest.mark.parametrize("mass", [1e-300, 1e-12])
def test_tiny_cells_are_finite(mass):
    p = np.array([[0.5 - mass, mass], [mass, 0.5 - mass]])
    assert mutual_information(p) == pytest.approx(1.0, abs=1e-9)
