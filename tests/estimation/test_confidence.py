"""Confidence limits: known formulas, order, and what bias does to them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from interplay.estimation.confidence import KINK, Replicated, estimate, proportion


def _end(value, bias, spread, factor=1.0, envelope=None):
    z = np.random.default_rng(0).standard_normal(2000)
    z = (z - z.mean()) / z.std(ddof=1)
    return Replicated(value=value, replicates=value + bias + spread * z, factor=factor, envelope=envelope)


def test_without_bias_it_is_the_normal_limit():
    end = _end(0.8, 0.0, 0.01)
    assert end.lower_limit(0.95) == pytest.approx(0.8 - norm.ppf(0.95) * 0.01)
    assert end.upper_limit(0.95) == pytest.approx(0.8 + norm.ppf(0.95) * 0.01)


def test_upward_bias_lowers_a_lower_limit_by_the_kink_factor():
    end = _end(0.8, 0.02, 0.01, factor=KINK)
    assert end.lower_limit(0.95) == pytest.approx(0.8 - KINK * 0.02 - norm.ppf(0.95) * 0.01)
    assert end.upper_limit(0.95) == pytest.approx(0.8 + 0.02 + norm.ppf(0.95) * 0.01)
    assert end.kinked


def test_bias_never_moves_a_limit_inward():
    for bias in (-0.02, 0.02):
        end = _end(0.8, bias, 0.01)
        assert end.lower_limit(0.95) <= 0.8 - norm.ppf(0.95) * 0.01
        assert end.upper_limit(0.95) >= 0.8 + norm.ppf(0.95) * 0.01


def test_the_wider_of_replicates_and_envelope_counts():
    wide = np.array([0.0, 1.0] * 1000)
    assert _end(0.8, 0.0, 0.01, envelope=wide).spread == pytest.approx(wide.std(ddof=1))
    assert _end(0.8, 0.0, 0.01, envelope=np.full(2000, 0.3)).spread == pytest.approx(0.01)


def test_the_interval_is_two_sided_and_widens_with_looks():
    low, high = _end(0.7, 0.0, 0.01), _end(0.9, 0.0, 0.02)
    one = estimate(low, high, confidence=0.9, unit="probability")
    many = estimate(low, high, confidence=0.9, unit="probability", looks=6)
    assert one.ci[0] == pytest.approx(0.7 - norm.ppf(0.95) * 0.01)
    assert one.limits[0] == pytest.approx(0.7 - norm.ppf(0.9) * 0.01)
    assert many.ci[0] < one.ci[0] < one.limits[0] < one.low
    assert many.ci[1] > one.ci[1] > one.limits[1] > one.high


@pytest.mark.parametrize("p", [0.5, 0.9, 0.99])
@pytest.mark.parametrize("size", [50, 400])
def test_the_interval_of_a_proportion_covers(p, size):
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(600):
        e = proportion((rng.random(size) < p).astype(float), weights=None, groups=None, confidence=0.95)
        inside += e.ci[0] <= p <= e.ci[1]
    assert inside / 600 > 0.93


def test_groups_widen_a_proportion_and_perfection_has_an_interval():
    hits = np.repeat([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0], 10)
    rows = proportion(hits, weights=None, groups=None, confidence=0.95)
    clusters = proportion(hits, weights=None, groups=np.repeat(np.arange(8), 10), confidence=0.95)
    assert clusters.ci[0] < rows.ci[0] < rows.low == clusters.low
    perfect = proportion(np.ones(30), weights=None, groups=None, confidence=0.95)
    assert 0.8 < perfect.ci[0] < perfect.ci[1] == pytest.approx(1.0)


def test_few_groups_give_a_student_limit():
    end = replace(_end(0.8, 0.0, 0.01), freedom=9)
    spread = 0.01 * np.sqrt(10 / 9)  # ten groups, drawn with replacement
    assert end.lower_limit(0.95) == pytest.approx(0.8 - student.ppf(0.95, 9) * spread)


def test_what_is_missing_to_the_ceiling_is_judged_like_a_count():
    """One unit in 1 +- 1 of what is missing: the upper limit of a Poisson count of 1, 4.744 (Garwood)."""
    end = replace(_end(0.9, 0.0, 0.1), ceiling=1.0)
    assert end.lower_limit(0.95) == pytest.approx(1 - 0.1 * 4.744, abs=1e-3)
    far = replace(_end(0.1, 0.0, 0.01), ceiling=1.0)  # many units: nearly the normal limit
    assert far.lower_limit(0.95) == pytest.approx(0.1 - 0.01 * norm.ppf(0.95), abs=4e-4)


def test_what_is_above_the_floor_is_judged_like_a_count():
    """One unit in 1 +- 1: the upper limit of a Poisson count of 1; far from the floor nearly the normal limit."""
    assert replace(_end(0.1, 0.0, 0.1), floor=0.0).upper_limit(0.95) == pytest.approx(0.1 * 4.744, abs=1e-3)
    far = replace(_end(0.9, 0.0, 0.01), floor=0.0)
    assert far.upper_limit(0.95) == pytest.approx(0.9 + 0.01 * norm.ppf(0.95), abs=4e-4)


def test_variance_that_no_replicate_shows_widens():
    end = replace(_end(0.5, 0.0, 0.03), unseen=0.04**2)
    assert end.spread == pytest.approx(0.05)


def test_the_p_value_inverts_the_limit():
    end = _end(0.02, 0.0, 0.01)
    assert end.lower_limit(1 - end.p_value) == pytest.approx(0.0, abs=1e-12)
    found = estimate(end, end, confidence=0.95, unit="bits", looks=3)
    assert found.p_value == pytest.approx(3 * end.p_value)
    assert found.exceeds(0) == (found.p_value < 0.05)
    assert estimate(replace(end, proportion=True), end, confidence=0.95, unit="probability").p_value is None


@pytest.mark.parametrize(("width", "z"), [(0.0, 1.959964), (10.0, 1.644854)])
def test_the_interval_for_each_point_is_that_of_imbens_and_manski(width, z):
    low, high = _end(0.0, 0.0, 0.1), _end(width, 0.0, 0.1)
    e = estimate(low, high, confidence=0.95, unit="bits")
    assert e.ci_point == pytest.approx((-0.1 * z, width + 0.1 * z), abs=1e-5)
    assert e.ci[0] <= e.ci_point[0]
    assert e.ci_point[1] <= e.ci[1]


@pytest.mark.parametrize("count", [6, 15])
def test_few_groups_with_accuracies_of_their_own_are_covered(count):
    """Each group has its own accuracy, 0.8 on average: intervals of rows would cover about half of the time."""
    rng = np.random.default_rng(3)
    inside, naive = 0, 0
    for _ in range(400):
        hits = (rng.random((count, 40)) < rng.beta(8, 2, (count, 1))).astype(float).ravel()
        groups = np.repeat(np.arange(count), 40)
        e = proportion(hits, weights=None, groups=groups, confidence=0.95)
        inside += e.ci[0] <= 0.8 <= e.ci[1]
        rows = proportion(hits, weights=None, groups=None, confidence=0.95)
        naive += rows.ci[0] <= 0.8 <= rows.ci[1]
    assert inside / 400 >= 0.93
    assert naive / 400 < 0.75


def test_several_directions_share_the_error_of_being_above_zero():
    """Zero is left only with the error over the directions; a limit that is below zero anyway stays."""
    clear, doubtful, below = (replace(_end(v, 0.0, 0.01), directions=4) for v in (0.03, 0.02, 0.01))
    assert clear.lower_limit(0.95) == pytest.approx(0.03 - norm.ppf(0.95) * 0.01)
    assert doubtful.lower_limit(0.95) == 0.0  # 2 errors: above 1.64, below 2.24
    assert below.lower_limit(0.95) == pytest.approx(0.01 - norm.ppf(0.95) * 0.01)
    assert doubtful.p_value == pytest.approx(4 * norm.sf(2), rel=1e-6)
    for end in (clear, doubtful, below):
        assert (end.lower_limit(0.95) > 0) == (end.p_value < 0.05)
