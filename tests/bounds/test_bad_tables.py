"""What users do to tables: single precision, small integers, rounding, nothing at all, a batch of unlike ones."""

import numpy as np
import pytest

import interplay as ip
from interplay.errors import InputError, MarginsError
from interplay.solvers.maxent import maximum_entropy, maximum_entropy_many
from interplay.solvers.union import union_information, union_information_many

RNG = np.random.default_rng(0)
JOINT = RNG.dirichlet(np.ones(18)).reshape(3, 2, 3)
COUNTS = RNG.integers(1, 250, size=(3, 2, 3))


def tables(joint):
    return joint.sum(axis=2), joint.sum(axis=1), joint.sum(axis=0)


def as_tables(p12, p1, p2):
    return ip.PairTables(pairs=p12, first=p1, second=p2, counts=False)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64, np.float32])
def test_small_and_unsigned_counts_do_not_wrap_around(dtype):
    """Sums of these cells do not fit an unsigned byte."""
    want = ip.decompose(COUNTS.astype(float))
    assert ip.decompose(COUNTS.astype(dtype)).synergy == pytest.approx(want.synergy, abs=1e-8)
    many = ip.decompose_many(np.stack([COUNTS, COUNTS]).astype(dtype))
    assert many.synergy == pytest.approx([want.synergy] * 2, abs=1e-8)
    made = ip.PairTables.from_joint(COUNTS.astype(dtype))
    assert made.sizes == (COUNTS.sum(),) * 3
    assert ip.identify(made).union == pytest.approx(ip.identify(ip.PairTables.from_joint(COUNTS)).union, abs=1e-12)


def test_counts_beyond_what_a_float_holds_are_refused():
    huge = np.full((2, 2), 2**62, dtype=np.int64)
    with pytest.raises(InputError):
        ip.PairTables(pairs=huge, first=huge, second=huge)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_single_precision_is_the_same_table(dtype):
    parts = [t.astype(dtype) for t in tables(JOINT)]
    assert union_information(*parts[1:]).value == pytest.approx(union_information(*tables(JOINT)[1:]).value, abs=1e-5)
    assert maximum_entropy(*parts).entropy == pytest.approx(maximum_entropy(*tables(JOINT)).entropy, abs=1e-5)
    assert ip.decompose(JOINT.astype(dtype)).synergy == pytest.approx(ip.decompose(JOINT).synergy, abs=1e-5)
    given = as_tables(*parts)
    for made in (
        given,
        ip.PairTables.from_dict(given.to_dict()),
    ):  # lists do not say that they were in single precision
        assert ip.bound_synergy(made).low == pytest.approx(ip.bound_synergy(as_tables(*tables(JOINT))).low, abs=1e-5)


def test_margins_off_by_rounding_are_repaired():
    p12, p1, p2 = tables(JOINT)
    p1 = p1.copy()
    p1[0, 0] += 1e-12
    p1[1, 1] -= 1e-12
    exact, off = as_tables(*tables(JOINT)), as_tables(p12, p1, p2)
    assert ip.identify(off).union == pytest.approx(ip.identify(exact).union, abs=1e-9)
    assert ip.bound_synergy(off).low == pytest.approx(ip.bound_synergy(exact).low, abs=1e-9)
    assert ip.bound_accuracy(off).low == pytest.approx(ip.bound_accuracy(exact).low, abs=1e-9)
    names = {"a": p1, "b": p2}
    assert ip.bound_modalities(names, p12).synergy.low == pytest.approx(ip.bound_synergy(exact).low, abs=1e-8)


@pytest.mark.parametrize("call", [ip.identify, ip.bound_synergy, ip.bound_accuracy])
def test_margins_that_contradict_each_other_name_the_row_and_both_values(call):
    p12, p1, p2 = tables(JOINT)
    p1 = p1 + np.array([[0.01, 0, 0], [-0.01, 0, 0], [0, 0, 0]])
    in_pairs, labelled = (f"{t.sum(axis=1)[0]:.6g}" for t in (p12, p1))
    with pytest.raises(MarginsError, match=rf"p\(first = 0\) is {in_pairs} in the pairs and {labelled}.*reconcile"):
        call(as_tables(p12, p1, p2))


def test_margins_that_hardly_differ_are_told_apart_in_the_message():
    p12, p1, p2 = tables(JOINT)
    p1 = p1 + np.array([[1e-8, 0, 0], [-1e-8, 0, 0], [0, 0, 0]])
    with pytest.raises(MarginsError) as error:
        ip.identify(as_tables(p12, p1, p2))
    in_pairs, labelled = (f"{t.sum(axis=1)[0]:.12g}" for t in (p12, p1))
    assert in_pairs in str(error.value)
    assert labelled in str(error.value)


@pytest.mark.parametrize("value", [-0.1, np.nan, np.inf])
def test_impossible_cells_are_one_clear_error(value):
    broken = JOINT.copy()
    broken[0, 0, 0] = value
    batch = np.stack([JOINT, broken])
    for call in (
        lambda: ip.decompose(broken),
        lambda: ip.decompose_many(batch),
        lambda: union_information_many(batch.sum(axis=2), batch.sum(axis=1)),
        lambda: maximum_entropy_many(*(np.stack(t) for t in zip(*map(tables, batch), strict=True))),
    ):
        with pytest.raises(InputError):
            call()


def test_complex_cells_are_not_cut_to_their_real_part():
    for call in (ip.decompose, ip.PairTables.from_joint):
        with pytest.raises(InputError, match="complex"):
            call(JOINT + 0j)


def test_an_empty_batch_gives_empty_answers():
    nothing = np.zeros((0, 3, 2, 3))
    assert ip.decompose_many(nothing).synergy.shape == (0,)
    assert union_information_many(nothing.sum(axis=2), nothing.sum(axis=1)).value.shape == (0,)
    assert maximum_entropy_many(nothing.sum(axis=3), nothing.sum(axis=2), nothing.sum(axis=1)).entropy.shape == (0,)


def test_a_batch_of_mixed_supports_is_as_good_as_each_alone():
    """Hard instances neither hold up nor spoil the easy ones."""
    rng = np.random.default_rng(1)
    joints = rng.dirichlet(np.ones(18), size=12).reshape(12, 3, 2, 3)
    joints[1, 0] = joints[2, :, 1] = 0.0
    joints[3, ..., 1:] = 0.0
    joints[4] = np.where(rng.random((3, 2, 3)) < 0.3, joints[4], 1e-13 * joints[4])
    joints[5] = 0.0
    joints[5, 0, 0, 0] = joints[5, 1, 1, 1] = 1.0
    joints /= joints.sum(axis=(1, 2, 3), keepdims=True)
    many = ip.decompose_many(joints)
    alone = [ip.decompose(p) for p in joints]
    assert many.certificate.gap.max() <= 1e-9
    assert many.synergy == pytest.approx([d.synergy for d in alone], abs=2e-9)
    parts = joints.sum(axis=3), joints.sum(axis=2), joints.sum(axis=1)
    entropies = maximum_entropy_many(*parts)
    assert entropies.gap.max() <= 1e-9
    assert entropies.entropy == pytest.approx([maximum_entropy(*tables(p)).entropy for p in joints], abs=2e-9)
