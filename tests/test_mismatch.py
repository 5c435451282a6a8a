"""Do three samples describe one population? False alarms as promised, and real mismatch found by name."""

import numpy as np
import pytest
from hypothesis import given
from scipy.stats import chi2_contingency

from cases import NAMED, random_joint
from interplay.mismatch import class_scores, codes_p_value, compare_margins, homogeneity_p_value, mixture_fit, untested
from interplay.tables import PairTables
from strategies import counts

NAMES = ("image", "text")


def draw(joint, sizes, rng):
    margins = joint.sum(2), joint.sum(1), joint.sum(0)
    return [rng.multinomial(n, m.ravel() / m.sum()).reshape(m.shape) for n, m in zip(sizes, margins, strict=True)]


@pytest.mark.parametrize("seed", range(5))
def test_the_g_test_agrees_with_scipy(seed):
    rng = np.random.default_rng(seed)
    table = rng.integers(1, 40, size=(2, 5)).astype(float)
    expected = chi2_contingency(table, correction=False, lambda_="log-likelihood").pvalue
    assert homogeneity_p_value(*table) == pytest.approx(expected, rel=1e-10)


def test_equal_frequencies_are_no_evidence():
    assert homogeneity_p_value(np.array([10.0, 20.0]), np.array([100.0, 200.0])) == pytest.approx(1.0)


@pytest.mark.parametrize("pair", [([5.0], [9.0]), ([5.0, 0.0], [9.0, 0.0]), ([0.0, 0.0], [3.0, 4.0])])
def test_nothing_to_compare_gives_one(pair):
    assert homogeneity_p_value(*map(np.array, pair)) == 1.0


def test_categories_that_nobody_has_do_not_count():
    a, b = np.array([10.0, 30.0]), np.array([25.0, 20.0])
    padded = [np.insert(v, 1, 0.0) for v in (a, b)]
    assert homogeneity_p_value(*padded) == homogeneity_p_value(a, b)


@given(counts())
def test_p_values_are_probabilities_and_the_smallest_counts_three_times(t):
    result = compare_margins(t.pairs, t.first, t.second, NAMES)
    values = list(result.p_values.values())
    assert all(0 <= p <= 1 for p in values)
    assert result.p_value == min(1.0, 3 * min(values))


def test_the_false_alarm_rate_is_at_most_the_level():
    """2,000 runs under one population: Bonferroni over three tests, so at most 5% and not far below."""
    rng = np.random.default_rng(42)
    joint = random_joint(np.random.default_rng(1), (4, 3, 2))
    alarms = [compare_margins(*draw(joint, (400, 300, 300), rng), NAMES).p_value < 0.05 for _ in range(2000)]
    single = 1.96 * np.sqrt(0.05 * 0.95 / 2000)
    assert 0.02 < np.mean(alarms) < 0.05 + single + 0.005  # the G-test is a little liberal at this size


def test_each_margin_alone_has_level_five_percent():
    rng = np.random.default_rng(43)
    joint = random_joint(np.random.default_rng(2), (3, 3, 3))
    runs = [compare_margins(*draw(joint, (500, 500, 500), rng), NAMES).p_values for _ in range(2000)]
    for name in (*NAMES, "label"):
        assert np.mean([p[name] < 0.05 for p in runs]) == pytest.approx(0.05, abs=0.018)


@pytest.mark.parametrize("what", ["image", "text", "label"])
def test_a_shifted_margin_is_found_and_named(what):
    rng = np.random.default_rng(44)
    joint = NAMED["INDEPENDENT"]
    found = 0
    for _ in range(100):
        tables = [t.astype(float) for t in draw(joint, (500, 500, 500), rng)]
        p1, p2, py = joint.sum((1, 2)), joint.sum((0, 2)), joint.sum((0, 1))
        if what == "image":  # labelled images come from another clinic
            shifted = np.roll(p1, 1)
            tables[1] = rng.multinomial(500, np.outer(shifted, py).ravel()).reshape(tables[1].shape)
        elif what == "text":
            tables[2] = rng.multinomial(500, np.outer(p2[::-1], py).ravel()).reshape(tables[2].shape)
        else:
            tables[2] = rng.multinomial(500, np.outer(p2, [0.5, 0.5]).ravel()).reshape(tables[2].shape)
        found += compare_margins(*tables, NAMES).disagreeing() == (what,)
    assert found >= 90


def test_reconcile_carries_the_test():
    t = PairTables(pairs=[[50, 50], [50, 50]], first=[[90, 60], [10, 40]], second=[[50, 50], [50, 50]], names=NAMES)
    _, info = t.reconcile()
    assert info.mismatch.disagreeing() == ("image",)
    assert info.mismatch.p_values["label"] == pytest.approx(1.0)


def test_a_stricter_level_names_less():
    result = compare_margins(
        np.array([[50, 50], [50, 50]]), np.array([[31, 30], [21, 18]]), np.ones((2, 2)) * 50, NAMES
    )
    assert result.disagreeing(level=1e-20) == ()


def test_probabilities_are_untested():
    result = untested(NAMES)
    assert set(result.p_values) == {*NAMES, "label"}
    assert np.isnan(result.p_value)
    assert result.disagreeing() == ()


def views(shares, rows, rng):
    """Counts of (x1, x2), (x1, y), (x2, y), each of `rows` rows with its own class shares; 5 codes a modality."""
    within = np.stack([np.exp(-0.4 * (np.arange(5) - c) ** 2) for c in (0.5, 3.0)], axis=1)
    within /= within.sum(0)
    joints = [np.einsum("ik,jk,k->ijk", within, within, np.array(w)) for w in shares]
    return [
        rng.multinomial(rows, j.sum(axis).ravel()).reshape(np.delete(j.shape, axis)).astype(float)
        for j, axis in zip(joints, (2, 1, 0), strict=True)
    ]


EVEN, MOVED = (0.5, 0.5), (0.6, 0.4)


@pytest.mark.parametrize(
    ("shares", "causes"),
    [
        ((EVEN, MOVED, EVEN), {"class mix", "label shift"}),
        ((EVEN, MOVED, MOVED), {"label shift"}),
        ((MOVED, EVEN, EVEN), {"label shift"}),
    ],
)
def test_a_moved_class_mix_is_found_and_named(shares, causes):
    rng = np.random.default_rng(8)
    found = [compare_margins(*views(shares, 2000, rng), NAMES).cause() for _ in range(100)]
    assert sum(c in causes for c in found) >= 90


def test_the_shares_of_the_pairs_are_estimated():
    pairs, first, second = views((MOVED, EVEN, EVEN), 50_000, np.random.default_rng(0))
    for shares in compare_margins(pairs, first, second, NAMES).shares.values():
        assert shares == pytest.approx(MOVED, abs=0.02)


def test_a_shift_that_no_class_mix_explains_is_not_called_one():
    rng = np.random.default_rng(3)
    found = []
    for _ in range(50):
        pairs, first, second = views((EVEN,) * 3, 2000, rng)
        middle = np.array([0.6, 1.0, 2.0, 1.0, 0.6])
        shifted = rng.multinomial(2000, (pairs * middle[:, None] / (pairs * middle[:, None]).sum()).ravel())
        found.append(compare_margins(shifted.reshape(5, 5).astype(float), first, second, NAMES).cause())
    assert found.count("other shift") >= 45


def test_the_mixture_test_alarms_at_its_level():
    rng = np.random.default_rng(5)
    p = [
        mixture_fit(pairs.sum(1), first)[1]
        for pairs, first, _ in (views((MOVED, EVEN, EVEN), 1000, rng) for _ in range(400))
    ]
    assert 0.02 <= np.mean(np.array(p) < 0.05) <= 0.09


def test_too_few_codes_cannot_refute_a_mixture():
    assert np.isnan(mixture_fit(np.array([30.0, 70.0]), np.array([[40.0, 10.0], [10.0, 40.0]]))[1])


def test_a_small_shift_along_the_classes_is_found_sooner_than_by_the_g_test():
    """Twelve codes ordered by their posterior, a little more of the upper ones in the pairs."""
    rng = np.random.default_rng(45)
    at = np.arange(12) / 11
    table = np.stack([1 - at, at], axis=1) / 12
    tilted = (1 + 0.2 * (at - 0.5)) / 12
    found = np.zeros(2)
    for _ in range(300):
        first, pairs = rng.multinomial(2000, table.ravel()).reshape(12, 2), rng.multinomial(2000, tilted / tilted.sum())
        found += codes_p_value(pairs, first) < 0.05, homogeneity_p_value(pairs, first.sum(1)) < 0.05
    assert found[0] > 1.3 * found[1]


@given(counts())
def test_scores_are_uncorrelated_and_fewer_than_the_codes_that_they_tell_apart(t):
    table = t.first[t.first.sum(1) > 0]
    pooled = table.sum(1) / table.sum()
    scores = class_scores(table, pooled)
    assert scores.shape[1] == 0 or scores.shape[1] < len(table) - 1
    np.testing.assert_allclose(scores.T @ (pooled[:, None] * scores), np.eye(scores.shape[1]), atol=1e-6)
    np.testing.assert_allclose(pooled @ scores, 0, atol=1e-6)
