"""Bounds of the synergy: they hold for every joint of the set, the sharp ends are reached, published figures return."""

import functools

import numpy as np
import pytest
from hypothesis import given

import interplay as ip
from cases import ALL, NAMED, RANDOM, joints_of_set, random_joint
from interplay.information import conditional_mutual_information, mutual_information
from interplay.results import SynergyBounds
from segments import information_range
from strategies import joints

METHODS = {"maxent", "chernoff", "pinsker", "paper_redundancy", "paper_disagreement", "coupling", "cells", "sharp"}
SMALL = [name for name, p in ALL.items() if p.shape == (2, 2, 2)]
TOLERANCE = 1e-8


def bound(joint) -> SynergyBounds:
    return ip.bound_synergy(ip.PairTables.from_joint(joint), time_limit=0.5)


@functools.cache
def of(name: str):
    return bound(ALL[name])


def synergy(joint, bounds) -> float:
    """Of any joint in the set: they share the union information."""
    return float(mutual_information(joint)) - bounds.identified.union


def contains(interval, value, tolerance=TOLERANCE) -> bool:
    return not (interval.low > value + tolerance or interval.high < value - tolerance)


@pytest.mark.parametrize("name", ALL)
def test_the_truth_is_inside_every_valid_interval(name):
    s = of(name)
    truth = ip.decompose(ALL[name]).synergy
    assert contains(s, truth)
    for interval in s.methods.values():
        if interval.valid:
            assert contains(interval, truth), interval


@given(joints())
def test_the_truth_is_inside_for_generated_joints(p):
    s = bound(p)
    truth = ip.decompose(p).synergy
    assert contains(s, truth)
    assert all(contains(m, truth) for m in s.methods.values() if m.valid)


@pytest.mark.parametrize("name", [*NAMED, *list(RANDOM)[::5]])
def test_every_joint_of_the_set_is_inside(name):
    s = of(name)
    for joint in joints_of_set(ip.PairTables.from_joint(ALL[name]), ALL[name], 40, seed=3):
        for interval in (s, *(m for m in s.methods.values() if m.valid)):
            assert contains(interval, synergy(joint, s), 1e-6)  # the joints miss the margins by up to 1e-7


@pytest.mark.parametrize("name", ALL)
def test_form(name):
    s = of(name)
    assert set(s.methods) == METHODS
    assert s.low <= s.high + TOLERANCE  # raw values: ends that meet may cross by rounding
    assert s.low >= -TOLERANCE
    assert s.attained <= s.high + TOLERANCE
    assert s.attained >= s.low - TOLERANCE
    assert s.unit == "bits"
    for method in ("maxent", "chernoff", "pinsker", "paper_redundancy", "paper_disagreement"):
        assert np.isnan(s.methods[method].high)
    assert np.isnan(s.methods["coupling"].low)


@pytest.mark.parametrize("name", ALL)
def test_low_and_high_combine_valid_methods_only(name):
    s = of(name)
    valid = [m for m in s.methods.values() if m.valid]
    assert s.low == pytest.approx(np.nanmax([m.low for m in valid]), abs=1e-12)
    assert s.high == pytest.approx(np.nanmin([m.high for m in valid]), abs=1e-12)
    assert not s.methods["paper_disagreement"].valid


@pytest.mark.parametrize("name", ALL)
def test_the_maximum_entropy_end_is_sharp_so_no_valid_lower_end_exceeds_it(name):
    s = of(name)
    for method in ("chernoff", "pinsker", "paper_redundancy"):
        assert s.methods[method].low <= s.methods["maxent"].low + 1e-7
    assert s.methods["sharp"].high <= s.methods["coupling"].high + TOLERANCE


@pytest.mark.parametrize("name", ALL)
def test_the_upper_end_is_never_above_the_trivial_one(name):
    """S <= H(Y) - I*, since I <= H(Y)."""
    p = ALL[name]
    py = p.sum((0, 1))
    label = -float(np.sum(py[py > 0] * np.log2(py[py > 0])))
    s = of(name)
    assert s.high <= label - s.identified.union + TOLERANCE


@pytest.mark.parametrize("name", SMALL)
def test_both_ends_are_exact_on_2x2x2(name):
    """Against brute force on the segment that the identified set is."""
    s = of(name)
    low, high = information_range(ALL[name])
    assert s.low == pytest.approx(low - s.identified.union, abs=1e-7)
    assert s.high == pytest.approx(high - s.identified.union, abs=1e-9)
    assert s.attained == pytest.approx(s.high, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("XOR", (0, 1)),
        ("AND", (None, 0.5)),
        ("UNIQUE", (0, 0)),
        ("COPY", (0, 0)),
        ("REDUNDANT", (0, 0)),
        ("ONE_CLASS", (0, 0)),
        ("ONE_CELL", (0, 0)),
        ("ONE_CODE", (0, 0)),
    ],
)
def test_known_ranges(name, expected):
    s = of(name)
    assert s.high == pytest.approx(expected[1], abs=1e-6)
    if expected[0] is not None:
        assert s.low == pytest.approx(expected[0], abs=1e-6)


@pytest.mark.parametrize("name", ["UNIQUE", "REDUNDANT", "FORCED_ZEROS", "COPY"])
def test_a_set_of_one_joint_has_one_synergy(name):
    s = of(name)
    truth = ip.decompose(NAMED[name]).synergy
    assert (s.low, s.high) == pytest.approx((truth, truth), abs=1e-6)


def test_disagreement_is_detected_and_agreement_is_not():
    """The lower end sees that unimodal predictors contradict each other, never that they agree to know nothing."""
    s = of("DISAGREEMENT_XOR")
    assert (s.low, synergy(NAMED["DISAGREEMENT_XOR"], s), s.high) == pytest.approx((0.087, 0.160, 0.160), abs=6e-4)
    assert of("AGREEMENT_XOR").low == pytest.approx(0, abs=1e-9)
    assert s.methods["chernoff"].low > 0.05


# symmetries


@pytest.mark.parametrize("name", [*NAMED, *list(RANDOM)[::7]])
@pytest.mark.parametrize("change", ["swap", "rename", "pad"])
def test_what_changes_nothing(name, change):
    p, rng = ALL[name], np.random.default_rng(6)
    if change == "swap":
        q = p.transpose(1, 0, 2)
    elif change == "rename":
        q = p[np.ix_(*(rng.permutation(n) for n in p.shape))]
    else:
        q = np.insert(np.insert(np.insert(p, 1, 0.0, axis=0), 0, 0.0, axis=1), p.shape[2], 0.0, axis=2)
    here, there = of(name), bound(q)
    assert there.low == pytest.approx(here.low, abs=1e-7)
    for method in METHODS - {"paper_redundancy", "sharp"}:  # that of the paper prefers one modality
        for end in ("low", "high"):
            value = getattr(here.methods[method], end)
            assert getattr(there.methods[method], end) == pytest.approx(value, abs=1e-6, nan_ok=True), method
    assert there.high <= here.methods["coupling"].high + 1e-7


# the paper's methods


def draws(count: int, seed: int = 7) -> list[np.ndarray]:
    """Uniform on the simplex of 2x2x2 joints, the published synthetic experiment."""
    rng = np.random.default_rng(seed)
    return [random_joint(rng, (2, 2, 2)) for _ in range(count)]


def test_the_paper_s_disagreement_bound_fails_on_some_tables_and_says_so():
    joints_ = draws(300)
    bounds = [bound(p) for p in joints_]
    truths = [ip.decompose(p).synergy for p in joints_]
    failed = [b.methods["paper_disagreement"].low > t + 1e-6 for b, t in zip(bounds, truths, strict=True)]
    assert 0.01 < np.mean(failed) < 0.07  # 3.3% to 3.5% on tens of thousands of draws
    method = bounds[0].methods["paper_disagreement"]
    assert not method.valid
    assert "no bound" in method.reasons[0]


def test_the_paper_s_redundancy_bound_is_looser_and_can_be_negative():
    lows = np.array([[b.methods[m].low for m in ("paper_redundancy", "maxent")] for b in map(bound, draws(100))])
    assert (lows[:, 0] <= lows[:, 1] + 1e-9).all()
    assert (lows[:, 0] < -0.01).any()
    assert "looser" in of("AND").methods["paper_redundancy"].reasons[0]


@pytest.mark.slow
def test_published_experiment():
    """Mean distance of the upper ends from the truth: published 0.62 bits by coupling; 0.144 is the sharp one's.

    2,000 draws, so that the standard error of each mean is below 0.006.
    """
    gaps = {"coupling": [], "sharp": [], "low": []}
    for p in draws(2000, seed=11):
        s, truth = bound(p), ip.decompose(p).synergy
        gaps["coupling"].append(s.methods["coupling"].high - truth)
        gaps["sharp"].append(s.methods["sharp"].high - truth)
        gaps["low"].append(truth - s.low)
    assert all(np.std(gap) / np.sqrt(2000) < 0.006 for gap in gaps.values())
    assert 0.60 < np.mean(gaps["coupling"]) < 0.64
    assert 0.14 < np.mean(gaps["sharp"]) < 0.15
    assert min(min(gap) for gap in gaps.values()) > -TOLERANCE


@pytest.mark.parametrize("name", [*NAMED, *list(RANDOM)[::5]])
def test_chernoff_by_a_grid_of_exponents(name):
    """max over w of E[-log2 sum_y p(y|x1)^(1-w) p(y|x2)^w] - w U1 - (1-w) U2, and S itself is above each."""
    p, s = ALL[name], of(name)
    p12, y1, y2 = p.sum(2), p.sum(1), p.sum(0)
    y1 = y1 / np.where(y1.sum(1) > 0, y1.sum(1), 1)[:, None]
    y2 = y2 / np.where(y2.sum(1) > 0, y2.sum(1), 1)[:, None]
    u1, u2 = s.identified.unique
    values = []
    for w in np.linspace(0.01, 0.99, 99):
        affinity = np.einsum("ik,jk->ij", y1 ** (1 - w), y2**w)
        seen = (p12 > 0) & (affinity > 0)
        values.append(-np.sum(p12[seen] * np.log2(affinity[seen])) - w * u1 - (1 - w) * u2)
    assert max(values) <= s.methods["chernoff"].low + 1e-9
    assert s.methods["chernoff"].low <= max(max(values), 0) + 0.02 + abs(u1 - u2) * 0.02
    assert max(values) <= conditional_mutual_information(p) - u1 + TOLERANCE
