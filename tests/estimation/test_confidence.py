"""Confidence limits: known formulas, order, and what bias does to them."""

import numpy as np
import pytest
from scipy.stats import norm

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
