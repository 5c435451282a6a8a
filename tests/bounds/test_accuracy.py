"""Bounds of the best accuracy: they hold for every joint of the set, and the guaranteed rule keeps its promise."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings

import interplay as ip
from cases import ALL, NAMED, RANDOM, joints_of_set, random_joint
from interplay.bounds.accuracy import highest_accuracy_given_entropy, lowest_accuracy_given_entropy
from interplay.information import entropy, mutual_information
from interplay.results import AccuracyBounds
from segments import accuracy_range
from strategies import joints

SOME = [*NAMED, *list(RANDOM)[::4]]
SMALL = [name for name, p in ALL.items() if p.shape == (2, 2, 2)]
TOLERANCE = 3e-7  # upper ends by branching carry the safety margin of 1e-7 for the tolerance of HiGHS


def bound(joint, seconds: float = 0.5) -> AccuracyBounds:
    return ip.bound_accuracy(ip.PairTables.from_joint(joint), time_limit=seconds)


@functools.cache
def of(name: str):
    return bound(ALL[name])


def best(joint) -> float:
    """Accuracy of the best classifier under a joint."""
    return float(joint.max(2).sum())


def contains(interval, value, tolerance=TOLERANCE) -> bool:
    return not (interval.low > value + tolerance or interval.high < value - tolerance)


@pytest.mark.parametrize("name", ALL)
def test_the_truth_is_inside_every_valid_interval(name):
    a = of(name)
    assert contains(a, best(ALL[name]))
    for interval in a.methods.values():
        if interval.valid:
            assert contains(interval, best(ALL[name])), interval


@settings(max_examples=40)
@given(joints(largest=3))
def test_the_truth_is_inside_for_generated_joints(p):
    assert contains(bound(p), best(p))


@pytest.mark.parametrize("name", SOME)
def test_every_joint_of_the_set_is_inside(name):
    a = of(name)
    for joint in joints_of_set(ip.PairTables.from_joint(ALL[name]), ALL[name], 40, seed=3):
        for interval in (a, *(m for m in a.methods.values() if m.valid)):
            assert contains(interval, best(joint), 1e-6)


@pytest.mark.parametrize("name", SOME)
def test_the_guaranteed_rule_keeps_its_promise(name):
    """Its accuracy sum r(x1,x2,y) rule(y|x1,x2) is at least `low` under 200 joints of the set."""
    a = of(name)
    for joint in joints_of_set(ip.PairTables.from_joint(ALL[name]), ALL[name], 200, seed=5):
        assert float((joint * a.classifier).sum()) >= a.low - 1e-6


@pytest.mark.parametrize("name", ALL)
def test_form(name):
    a, p = of(name), ALL[name]
    assert set(a.methods) == {"paper", "fano", "sharp"}
    assert a.unit == "probability"
    assert a.unimodal == pytest.approx((p.sum(1).max(1).sum(), p.sum(0).max(1).sum()), abs=1e-12)
    assert max(a.unimodal) - 1e-12 <= a.low <= a.high + TOLERANCE
    assert a.low - TOLERANCE <= a.attained <= a.high + TOLERANCE
    assert a.high <= 1 + 1e-12
    assert a.classifier.shape == p.shape
    assert a.classifier.min() >= 0
    assert a.classifier.sum(2) == pytest.approx(np.ones(p.shape[:2]), abs=1e-9)
    assert not a.methods["paper"].valid


@pytest.mark.parametrize("name", ALL)
def test_sharp_is_never_wider_than_fano(name):
    sharp, fano = of(name).methods["sharp"], of(name).methods["fano"]
    assert of(name).low >= fano.low - TOLERANCE
    assert of(name).high <= min(sharp.high, fano.high) + 1e-12


@pytest.mark.parametrize("name", SMALL)
def test_both_ends_are_exact_on_2x2x2(name):
    """Against brute force on the segment that the identified set is."""
    a = of(name)
    low, high = accuracy_range(ALL[name])
    assert a.low == pytest.approx(low, abs=TOLERANCE)
    assert a.high == pytest.approx(high, abs=TOLERANCE)
    assert a.attained == pytest.approx(high, abs=TOLERANCE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("XOR", (0.5, 1)),
        ("UNIQUE", (1, 1)),
        ("REDUNDANT", (1, 1)),
        ("COPY", (1, 1)),
        ("ONE_CLASS", (1, 1)),
        ("ONE_CELL", (1, 1)),
        ("REDUNDANT_NOISY", (0.9, 0.9)),
        ("ONE_CODE", (0.7, 0.7)),
    ],
)
def test_known_ranges(name, expected):
    assert (of(name).low, of(name).high) == pytest.approx(expected, abs=TOLERANCE)


@pytest.mark.parametrize("name", [*NAMED, *list(RANDOM)[::9]])
@pytest.mark.parametrize("change", ["swap", "rename", "pad"])
def test_what_changes_nothing(name, change):
    p, rng = ALL[name], np.random.default_rng(6)
    if change == "swap":
        q = p.transpose(1, 0, 2)
    elif change == "rename":
        q = p[np.ix_(*(rng.permutation(n) for n in p.shape))]
    else:
        q = np.insert(np.insert(np.insert(p, 1, 0.0, axis=0), 0, 0.0, axis=1), p.shape[2], 0.0, axis=2)
    small = p.size <= 12  # larger ones stop at the time limit, and then the upper ends differ
    here, there = (bound(joint, 20 if small else 0.1) for joint in (p, q))
    assert there.low == pytest.approx(here.low, abs=TOLERANCE)
    assert there.unimodal == pytest.approx(here.unimodal[:: -1 if change == "swap" else 1], abs=1e-12)
    if small:
        assert there.high == pytest.approx(here.high, abs=3e-6)


def test_fusing_is_guaranteed_to_help_where_confident_modalities_correct_each_other():
    """The guarantee exceeds the better modality on some 14% of uniform 2x2x2 draws."""
    rng = np.random.default_rng(12)
    bounds = [bound(random_joint(rng, (2, 2, 2))) for _ in range(200)]
    assert 0.07 < np.mean([b.low > max(b.unimodal) + 1e-6 for b in bounds]) < 0.22


def test_the_published_upper_formula_fails_for_skewed_labels():
    """(I + 1) / log2 K takes H(Y) for log2 K: too low for four labels of which one is common; never below 1 for two."""
    rng = np.random.default_rng(3)
    failed = 0
    for _ in range(30):
        p = random_joint(rng, (2, 2, 4)) * [1.0, 0.02, 0.02, 0.02]
        p = p / p.sum()
        failed += bound(p, 0.1).methods["paper"].high < best(p) - 1e-6
    assert failed > 10
    assert of("INDEPENDENT").methods["paper"].high >= 1


@pytest.mark.slow
def test_mean_width_on_uniform_2x2x2():
    """The sharp range is on average 0.081 wide, over 1,000 uniform draws (0.407 by the published formulas)."""
    rng = np.random.default_rng(8)
    bounds = [bound(random_joint(rng, (2, 2, 2))) for _ in range(1000)]
    assert 0.074 < np.mean([b.methods["sharp"].high - b.methods["sharp"].low for b in bounds]) < 0.088
    assert np.mean([b.methods["fano"].high - b.methods["fano"].low for b in bounds]) > 0.2


# accuracy against conditional entropy


@pytest.mark.parametrize("name", ALL)
def test_entropy_bounds_hold_for_every_joint(name):
    p = ALL[name]
    conditional = float(entropy(p.sum((0, 1))) - mutual_information(p))
    assert lowest_accuracy_given_entropy(conditional) <= best(p) + 1e-9
    assert highest_accuracy_given_entropy(conditional, p.shape[2]) >= best(p) - 1e-9


@pytest.mark.parametrize("classes", [2, 3, 5, 10])
def test_fano_is_reached_by_one_guess_and_equal_rests(classes):
    """p(y|x) = (1-e, e/(K-1), ...) has the accuracy that Fano allows at most."""
    for e in (0.01, 0.2, 0.9 * (1 - 1 / classes)):
        p = np.r_[1 - e, np.full(classes - 1, e / (classes - 1))]
        assert highest_accuracy_given_entropy(float(entropy(p)), classes) == pytest.approx(1 - e, abs=1e-9)


def test_feder_and_merhav_are_reached_by_mixtures_of_uniform_labels():
    """A share w of contexts with i equal labels, the others with i + 1."""
    for i in (1, 2, 5):
        for w in (0.0, 0.3, 1.0):
            conditional = w * np.log2(i) + (1 - w) * np.log2(i + 1)
            assert lowest_accuracy_given_entropy(conditional) == pytest.approx(w / i + (1 - w) / (i + 1), abs=1e-9)


def test_entropy_bounds_at_their_ends():
    assert lowest_accuracy_given_entropy(0.0) == 1.0
    assert lowest_accuracy_given_entropy(-1e-12) == 1.0
    assert highest_accuracy_given_entropy(0.0, 2) == 1.0
    assert highest_accuracy_given_entropy(0.5, 1) == 1.0
    assert highest_accuracy_given_entropy(1.0, 2) == pytest.approx(0.5)
    assert highest_accuracy_given_entropy(np.log2(3), 3) == pytest.approx(1 / 3)
