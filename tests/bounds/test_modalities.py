"""Bounds of three and more modalities: the truth is inside, two are `bound_synergy`, names keep their tables."""

from itertools import combinations

import numpy as np
import pytest

import interplay as ip
from interplay.errors import InputError, MarginsError, ShapeError, UnknownNameError
from interplay.information import mutual_information

NAMES = ("image", "sound", "text", "touch")


def labeled(joint):
    axes = range(joint.ndim - 1)
    return {NAMES[i]: joint.sum(axis=tuple(j for j in axes if j != i)) for i in axes}


def pairs(joint):
    cells = joint.sum(axis=-1)
    return {
        (NAMES[a], NAMES[b]): cells.sum(axis=tuple(j for j in range(cells.ndim) if j not in (a, b)))
        for a, b in combinations(range(cells.ndim), 2)
    }


def random_joint(shape, seed):
    p = np.random.default_rng(seed).dirichlet(np.full(int(np.prod(shape)), 0.5)).reshape(shape)
    return p / p.sum()


@pytest.mark.parametrize("shape", [(2, 2, 2, 2), (2, 3, 2, 3), (2, 2, 2, 2, 2)], ids=str)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_truth_is_inside_and_pairs_give_the_wider_range(shape, seed):
    joint = random_joint(shape, seed)
    whole = ip.bound_modalities(labeled(joint), joint.sum(axis=-1), time_limit=1.0)
    paired = ip.bound_modalities(labeled(joint), pairs(joint), time_limit=1.0)
    total = mutual_information(joint)
    for b in (whole, paired):
        assert b.total.low - 1e-9 <= total <= b.total.high + 1e-9
        assert b.synergy.low - 1e-9 <= total - b.union <= b.synergy.high + 1e-9
        assert b.attained <= b.synergy.high + 1e-9
    assert paired.synergy.low <= whole.synergy.low + 1e-6
    assert paired.union == whole.union


@pytest.mark.parametrize("seed", range(3))
def test_two_modalities_are_bound_synergy(seed):
    joint = random_joint((3, 2, 2), seed)
    old = ip.bound_synergy(ip.PairTables.from_joint(joint))
    new = ip.bound_modalities(labeled(joint), joint.sum(axis=-1))
    assert new.synergy.low == pytest.approx(old.low, abs=1e-8)
    assert new.synergy.high == pytest.approx(old.high, abs=1e-8)
    assert new.union == pytest.approx(old.identified.union, abs=1e-8)
    assert list(new.unique.values()) == pytest.approx(old.identified.unique, abs=1e-8)
    assert new.overlap == pytest.approx(old.identified.redundancy, abs=1e-8)


def test_a_copy_of_the_label_is_unique_and_noise_is_nothing():
    joint = np.zeros((2, 2, 2, 2))
    for x in np.ndindex(2, 2, 2):
        joint[(*x, x[1])] = 1 / 8
    b = ip.bound_modalities(labeled(joint), joint.sum(axis=-1))
    assert b.unique == pytest.approx({"image": 0.0, "sound": 1.0, "text": 0.0}, abs=1e-9)
    assert (b.union, b.overlap, b.synergy.low, b.synergy.high) == pytest.approx((1.0, 0.0, 0.0, 0.0), abs=1e-9)


def test_order_of_names_is_free_and_counts_are_probabilities():
    joint = random_joint((2, 3, 2, 2), 4)
    turned = {tuple(reversed(key)): 400 * table.T for key, table in pairs(joint).items()}
    backwards = dict(reversed(list(labeled(joint).items())))
    one, two = ip.bound_modalities(labeled(joint), pairs(joint)), ip.bound_modalities(backwards, turned)
    assert two.synergy.low == pytest.approx(one.synergy.low, abs=1e-6)
    assert two.synergy.high == pytest.approx(one.synergy.high, abs=1e-6)
    assert two.unique == pytest.approx(one.unique, abs=1e-6)


JOINT = random_joint((2, 2, 2, 2), 0)


@pytest.mark.parametrize(
    ("tables", "codes", "error", "words"),
    [
        ({"image": [[0.5, 0.5]]}, [1.0], InputError, "two or more"),
        (labeled(JOINT), np.full((2, 2), 0.25), ShapeError, "one axis for every labelled table"),
        (labeled(JOINT), {("image", "smell"): np.full((2, 2), 0.25)}, UnknownNameError, "image, sound, text"),
        (labeled(JOINT), {("image", "sound"): np.full((2, 2, 2), 0.125)}, ShapeError, "one axis for every name"),
        (labeled(JOINT), {("image", "sound"): np.eye(2)}, MarginsError, "shared margins"),
        ({**labeled(JOINT), "text": [[-1, 2], [0, 1]]}, JOINT.sum(axis=-1), InputError, "text has negative"),
    ],
    ids=["one", "axes", "unknown", "axes of a pair", "margins", "negative"],
)
def test_bad_input(tables, codes, error, words):
    with pytest.raises(error, match=words):
        ip.bound_modalities(tables, codes)
