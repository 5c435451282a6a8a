"""Couplings as a user asks for them: margins, bounds from both sides, known answers, bad input; no pairs at all."""

import math

import numpy as np
import pytest

import interplay as ip
from cases import ALL
from interplay.errors import InputError, ShapeError
from interplay.information import entropy, mutual_information


@pytest.mark.parametrize("sizes", [(3, 4), (1, 5), (30, 20), (2, 3, 2), (8, 9, 7, 5)], ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_margins_and_both_bounds(sizes, seed):
    rng = np.random.default_rng(seed)
    marginals = [rng.integers(0, 9, n) + np.eye(n, dtype=int)[0] for n in sizes]  # counts, zeros among them
    found = ip.minimum_entropy_coupling(*marginals)
    assert found.joint.shape == found.shape == sizes
    for axis, counts in enumerate(marginals):
        others = tuple(i for i in range(len(sizes)) if i != axis)
        np.testing.assert_allclose(found.joint.sum(axis=others), counts / counts.sum(), atol=1e-12)
    singles = [float(entropy(c / c.sum())) for c in marginals]
    assert max(singles) - 1e-12 <= found.lower <= found.entropy == pytest.approx(float(entropy(found.joint)))
    assert found.dependence == pytest.approx(sum(singles) - found.entropy)
    if len(sizes) == 2:
        assert found.dependence == pytest.approx(float(mutual_information(found.joint)), abs=1e-12)
        assert found.entropy <= found.lower + math.log2(math.e) / math.e + 1e-9
    if math.prod(sizes) <= 12:
        assert found.exact


def test_known_answers():
    halves = ip.minimum_entropy_coupling([0.5, 0.5], [0.6, 0.4])
    assert halves.exact
    assert halves.entropy == pytest.approx(float(entropy([0.5, 0.1, 0.4])))
    same = ip.minimum_entropy_coupling(np.full(100, 7), np.full(100, 0.01), np.full(100, 3))
    assert same.exact
    assert same.entropy == pytest.approx(math.log2(100))
    np.testing.assert_allclose(sorted(same.mass), 0.01)


@pytest.mark.parametrize(
    ("marginals", "error", "words"),
    [
        (([0.5, 0.5],), InputError, "two or more"),
        (([0.5, 0.5], [1.0, -1.0]), InputError, "distribution 2 has negative"),
        (([0.5, np.nan], [1.0]), InputError, "distribution 1"),
        (([0, 0], [1.0]), InputError, "no mass"),
        (([], [1.0]), InputError, "no mass"),
        ((np.eye(2), [1.0]), ShapeError, "one axis"),
    ],
    ids=["one", "negative", "nan", "nothing", "empty", "table"],
)
def test_bad_input(marginals, error, words):
    with pytest.raises(error, match=words):
        ip.minimum_entropy_coupling(*marginals)


def test_a_joint_that_is_too_large_says_so():
    found = ip.minimum_entropy_coupling(*[np.ones(200)] * 4)
    with pytest.raises(InputError, match="50000000"):
        _ = found.joint


def tables(joint):
    return {"a": joint.sum(axis=1), "b": joint.sum(axis=0)}


@pytest.mark.parametrize("name", ALL)
def test_without_any_pair_the_range_holds_every_joint_of_the_labelled_tables(name):
    joint = ALL[name]
    open_range = ip.bound_modalities(tables(joint), time_limit=1.0)
    total = float(mutual_information(joint))
    assert open_range.total.low - 1e-6 <= total <= open_range.total.high + 1e-9
    assert open_range.total.low == pytest.approx(open_range.union, abs=1e-6)  # union is the least of them all
    assert open_range.synergy.low == pytest.approx(0.0, abs=1e-6)
    known = ip.bound_modalities(tables(joint), joint.sum(axis=2), time_limit=1.0)
    assert known.total.high <= open_range.total.high + 1e-9


def test_without_any_pair_couplings_say_that_a_constant_adds_nothing():
    """Too many codes to list every vertex; the second modality is constant, so the first alone is the total."""
    rng = np.random.default_rng(0)
    first = rng.dirichlet(np.ones(80)).reshape(40, 2)
    found = ip.bound_modalities({"a": first, "b": first.sum(axis=0)[None]})
    assert found.total.high == pytest.approx(float(mutual_information(first)), abs=1e-9)


def test_without_any_pair_the_couplings_of_the_labels_bound_what_many_codes_can_say():
    """p(x|y) is one distribution, nearly all at one code: 2 H(X) less the entropy H(X) of its coupling with itself."""
    first = np.full((40, 2), 1 / 80)
    first[0] += 30.0
    first /= first.sum()
    found = ip.bound_modalities({"a": first, "b": first}, time_limit=1.0)
    expected = float(entropy(first.sum(axis=1)))
    assert expected < 0.3  # the label has 1 bit
    assert found.attained <= found.total.high
    assert found.total.high == pytest.approx(expected, abs=1e-9)
