"""Maximum-likelihood tables: the likelihood never falls, margins agree, consistent input stays as it is."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from scipy.special import xlogy

from cases import ALL, NAMED, RANDOM, random_joint
from interplay.information import entropy, mutual_information
from interplay.reconciliation import as_batch, maximum_likelihood_tables, repair_rounding, shrink
from interplay.tables import PairTables
from strategies import counts


def likelihood(raw, fit) -> float:
    """Log-likelihood of three independent count tables."""
    return float(sum(xlogy(n, p[0]).sum() for n, p in zip(raw, (fit.p12, fit.p1y, fit.p2y), strict=True)))


def worst_disagreement(fit) -> float:
    return max(
        np.abs(fit.p12.sum(2) - fit.p1y.sum(2)).max(),
        np.abs(fit.p12.sum(1) - fit.p2y.sum(2)).max(),
        np.abs(fit.p1y.sum(1) - fit.p2y.sum(1)).max(),
    )


def sampled(joint, sizes, rng) -> tuple[np.ndarray, ...]:
    """Counts of three independent samples of a joint's margins."""
    margins = joint.sum(2), joint.sum(1), joint.sum(0)
    return tuple(
        rng.multinomial(n, (m / m.sum()).ravel()).reshape(m.shape).astype(float)
        for n, m in zip(sizes, margins, strict=True)
    )


@given(counts())
def test_the_likelihood_never_falls(t):
    raw = t.pairs, t.first, t.second
    steps = [maximum_likelihood_tables(*as_batch(*raw), max_iterations=k, tolerance=0.0) for k in (1, 2, 3, 5, 20)]
    values = [likelihood(raw, fit) for fit in steps]
    assert np.isfinite(values).all()
    for before, after in itertools.pairwise(values):
        assert after >= before - 1e-9 * (1 + abs(before))


@given(counts())
def test_the_result_is_three_margins_of_one_joint(t):
    fit = maximum_likelihood_tables(*as_batch(t.pairs, t.first, t.second))
    assert worst_disagreement(fit) < 1e-12
    for table in (fit.p12, fit.p1y, fit.p2y):
        assert table.min() >= 0
        assert table.sum() == pytest.approx(1, abs=1e-12)


@given(counts())
def test_what_was_seen_stays_possible(t):
    fit = maximum_likelihood_tables(*as_batch(t.pairs, t.first, t.second))
    for raw, table in ((t.pairs, fit.p12), (t.first, fit.p1y), (t.second, fit.p2y)):
        assert (table[0][raw > 0] > 0).all()


@pytest.mark.parametrize("name", [*NAMED, *list(RANDOM)[::7]])
def test_consistent_tables_are_their_own_likeliest_fit(name):
    """The raw frequencies maximise each table's likelihood, so where they agree nothing beats them."""
    p = ALL[name]
    margins = p.sum(2), p.sum(1), p.sum(0)
    fit = maximum_likelihood_tables(*as_batch(*margins), tolerance=1e-12, max_iterations=5000)
    best = sum(float(xlogy(m, m).sum()) for m in margins)
    assert likelihood(margins, fit) <= best + 1e-9
    assert likelihood(margins, fit) == pytest.approx(best, abs=1e-6)
    for raw, table in zip(margins, (fit.p12, fit.p1y, fit.p2y), strict=True):
        assert table[0] == pytest.approx(raw, abs=2e-3)


@pytest.mark.parametrize("name", ALL)
def test_tables_of_one_joint_stay_exactly_as_they_are(name):
    before = PairTables.from_joint(ALL[name])
    after, info = before.reconcile()
    for raw, kept in zip(before.margins, after.margins, strict=True):
        assert kept == pytest.approx(raw, abs=1e-15)
    assert info.slack == pytest.approx(0, abs=1e-15)
    assert info.iterations == 0


def test_margins_that_agree_are_moved_if_no_joint_has_them():
    """p(x1), p(x2), p(y) agree, but X1 = X2, X1 = Y and X2 = not Y cannot all be."""
    same, other = np.eye(2) / 2, np.eye(2)[::-1] / 2
    fixed, info = PairTables(pairs=same, first=same, second=other).reconcile()
    assert info.slack > 0.1
    assert info.iterations > 0
    assert fixed.margins[2] == pytest.approx(fixed.margins[2][::-1, ::-1], abs=1e-9)


def test_a_larger_sample_moves_less():
    rng = np.random.default_rng(3)
    raw = sampled(random_joint(rng, (4, 3, 2)), (200, 20_000, 200), rng)
    t, info = PairTables(pairs=raw[0], first=raw[1], second=raw[2]).reconcile()
    pairs, first, second = info.moved
    assert first < min(pairs, second)
    assert info.slack == max(info.moved)
    assert t.sizes == (200.0, 20_000.0, 200.0)


def test_two_coins_pool():
    """Only p(y) is shared: the likeliest p(y) of 30 heads in 50 and 60 in 150 is 90 in 200."""
    t, _ = PairTables(pairs=[[7]], first=[[30, 20]], second=[[60, 90]]).reconcile()
    assert t.first[0] == pytest.approx([0.45, 0.55], abs=1e-6)


def test_the_truth_comes_back_as_samples_grow():
    rng = np.random.default_rng(11)
    p = NAMED["ZERO_ROWS"]
    raw = sampled(p, (10**6,) * 3, rng)
    t, info = PairTables(pairs=raw[0], first=raw[1], second=raw[2]).reconcile()
    assert t.pairs == pytest.approx(p.sum(2), abs=2e-3)
    assert t.first == pytest.approx(p.sum(1), abs=2e-3)
    assert t.second == pytest.approx(p.sum(0), abs=2e-3)
    assert info.slack < 2e-3


def test_reconciled_tables_have_margins():
    rng = np.random.default_rng(2)
    raw = sampled(random_joint(rng, (5, 4, 3), 0.5), (60, 50, 40), rng)
    t, info = PairTables(pairs=raw[0], first=raw[1], second=raw[2]).reconcile()
    p12, p1y, p2y = t.margins
    assert np.abs(p12.sum(1) - p1y.sum(1)).max() < 1e-15
    assert np.abs(p12.sum(0) - p2y.sum(1)).max() < 1e-15
    assert info.iterations > 1


def test_a_code_that_only_one_sample_saw():
    """The pairs have a code 2 of the first modality, the labelled rows none; and a class only one set has."""
    t = PairTables(pairs=[[9, 1], [1, 9], [5, 5]], first=[[10, 0], [0, 10], [0, 0]], second=[[8, 4], [2, 6]])
    fixed, _ = t.reconcile()
    assert fixed.pairs[2].sum() == pytest.approx(fixed.first[2].sum(), abs=1e-12)
    assert fixed.first[2].sum() > 0.05


def test_contradicting_zeros_have_a_fit():
    """Pairs say X1 = X2; the labels say Y = X1 and Y = not X2. No joint agrees, one is the likeliest."""
    t = PairTables(pairs=[[50, 0], [0, 50]], first=[[50, 0], [0, 50]], second=[[0, 50], [50, 0]])
    fixed, info = t.reconcile()
    assert worst_disagreement_of(fixed) < 1e-12
    assert info.slack > 0.2


def worst_disagreement_of(t: PairTables) -> float:
    return max(np.abs(t.pairs.sum(1) - t.first.sum(1)).max(), np.abs(t.pairs.sum(0) - t.second.sum(1)).max())


def test_probabilities_reconcile_with_equal_weight_and_no_test():
    t = PairTables(pairs=[[0.25, 0.25], [0.25, 0.25]], first=[[0.6, 0.1], [0.1, 0.2]], second=[[0.4, 0.1], [0.2, 0.3]])
    fixed, info = t.reconcile()
    assert not fixed.counts
    assert fixed.sizes is None
    assert np.isnan(info.mismatch.p_value)
    assert 0.5 < fixed.first.sum(1)[0] < 0.7


def test_a_batch_is_a_loop():
    rng = np.random.default_rng(8)
    samples = [sampled(random_joint(rng, (3, 3, 2)), (100, 80, 60), rng) for _ in range(4)]
    batch = maximum_likelihood_tables(*(np.stack(t) for t in zip(*samples, strict=True)), tolerance=1e-9)
    for i, raw in enumerate(samples):
        alone = maximum_likelihood_tables(*as_batch(*raw), tolerance=1e-9)
        assert batch.p12[i] == pytest.approx(alone.p12[0], abs=1e-5)
        assert batch.moved[i] == pytest.approx(alone.moved[0], abs=1e-5)


def test_renaming_codes_renames_the_fit():
    rng = np.random.default_rng(9)
    pairs, first, second = sampled(random_joint(rng, (4, 3, 3)), (90, 80, 70), rng)
    order = [2, 0, 3, 1]
    fit = maximum_likelihood_tables(*as_batch(pairs, first, second))
    moved = maximum_likelihood_tables(*as_batch(pairs[order], first[order], second))
    assert moved.p12[0] == pytest.approx(fit.p12[0][order], abs=1e-12)
    assert moved.p2y[0] == pytest.approx(fit.p2y[0], abs=1e-12)


@given(counts())
def test_repairing_what_agrees_changes_nothing(t):
    fit = maximum_likelihood_tables(*as_batch(t.pairs, t.first, t.second))
    p12, p1y, p2y = repair_rounding(fit.p12[0], fit.p1y[0], fit.p2y[0])
    assert p12 is not None
    assert p1y == pytest.approx(fit.p1y[0], abs=1e-12)
    assert p2y == pytest.approx(fit.p2y[0], abs=1e-12)
    assert float(entropy(p1y.sum(0))) == pytest.approx(float(entropy(p2y.sum(0))), abs=1e-12)


def test_results_cannot_be_changed():
    fit = maximum_likelihood_tables(*as_batch(np.ones((2, 2)), np.ones((2, 2)), np.ones((2, 2))))
    with pytest.raises(ValueError, match="read-only"):
        fit.p12[0, 0, 0] = 1


@pytest.mark.parametrize("rows", [0.0, 0.5, 1.0])
def test_shrinking_keeps_the_margins_and_takes_dependence(rows):
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 9, (6, 4, 3)).astype(float)
    counts[0] = np.diag([5.0, 0, 9.0, 0])[:, :3]
    shrunk = shrink(counts, rows)
    n = counts.sum((1, 2))
    added = np.minimum(rows * 12, np.sqrt(n))
    assert shrunk.sum((1, 2)) == pytest.approx(n + added)
    for axis in (1, 2):
        assert shrunk.sum(axis) / (n + added)[:, None] == pytest.approx(counts.sum(axis) / n[:, None])
    assert np.all(mutual_information(shrunk, batch=1) <= mutual_information(counts, batch=1) + 1e-12)


def test_accelerated_steps_reach_the_likeliest_tables():
    """The likelihood of the fit is that of a long plain EM, on tables with zeros and near-deterministic ones."""
    rng = np.random.default_rng(3)
    joint = 0.97 * np.einsum("ik,jk->ijk", np.eye(4)[:, :2], np.eye(4)[:, :2]) / 2 + 0.03 / 32
    counts = [rng.multinomial(300, joint.sum(a).ravel(), size=5).reshape(5, *joint.sum(a).shape) for a in (2, 1, 0)]
    fast = maximum_likelihood_tables(*[c.astype(float) for c in counts], tolerance=1e-8, max_iterations=3000)
    slow = _plain_em(counts, steps=5_000)
    for a, b, n in zip((fast.p12, fast.p1y, fast.p2y), slow, counts, strict=True):
        assert xlogy(n, a).sum() >= xlogy(n, b).sum() - 0.02


def _plain_em(counts, steps):
    r = np.full((len(counts[0]), *counts[0].shape[1:], counts[1].shape[2]), 1.0)
    r /= r[0].sum()
    for _ in range(steps):
        r = r * sum(
            np.expand_dims(np.divide(n, m, out=np.zeros(m.shape), where=n > 0), a)
            for n, m, a in zip(counts, (r.sum(3), r.sum(2), r.sum(1)), (3, 2, 1), strict=True)
        )
        r /= r.sum((1, 2, 3), keepdims=True)
    return r.sum(3), r.sum(2), r.sum(1)
