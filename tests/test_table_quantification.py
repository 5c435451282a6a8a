"""From counts alone: the same answers as from rows, coverage, speed at a million rows, refusals."""

import time

import numpy as np
import pytest

import interplay as ip
import interplay.table_quantification as table_quantification
from cases import NAMED
from interplay.estimation.solved import Solved
from samplers import noisy_views, tables_of

ANSWERS = ("accuracy", "gain", "redundancy", "synergy", "total")


def drawn(joint, rows, seed):
    """Counts of three independent samples of a joint."""
    rng = np.random.default_rng(seed)
    tables = [rng.multinomial(rows, m.ravel() / m.sum()).reshape(m.shape) for m in (joint.sum(a) for a in (2, 1, 0))]
    return ip.PairTables(pairs=tables[0], first=tables[1], second=tables[2], names=("image", "text"), counts=True)


def lowest(joint):
    """Exact low ends of accuracy and total over the identified set."""
    solved = Solved(tables=tables_of([joint]), tolerance=1e-9)
    return float(solved.lowest.value[0]), float(solved.total_low[0])


def test_intervals_close_in_on_the_sharp_low_ends():
    joint = noisy_views()
    r = ip.quantify_tables(drawn(joint, 400_000, 0), replicates=50)
    for estimate, exact in zip((r.accuracy, r.total), lowest(joint), strict=True):
        assert estimate.ci[0] <= exact <= estimate.ci[0] + 0.01
        assert estimate.low == pytest.approx(exact, abs=0.006)


def test_nothing_above_chance_is_promised_where_no_code_tells_anything(monkeypatch):
    nothing = np.full((4, 4, 2), 1 / 32)
    promised = []
    for test in (table_quantification.code_p_value, lambda _: 0.0):
        monkeypatch.setattr(table_quantification, "code_p_value", test)
        found = [ip.quantify_tables(drawn(nothing, 1000, seed), replicates=20).accuracy for seed in range(40)]
        promised.append(sum(e.limits[0] > 0.5 for e in found))
    assert promised[0] <= 3  # 40 at 5%: 2 expected
    assert promised[1] > promised[0]  # what the test keeps back
    told = ip.quantify_tables(drawn(noisy_views(), 1000, 0), replicates=20).accuracy
    assert told.limits[0] > 0.5
    assert "not promised" not in told.how


COPY = np.zeros((3, 3, 3))  # no synergy: rounding must not put the high end below the low one
COPY[np.arange(3), np.arange(3)] = np.array([[5, 2, 1], [2, 4, 2], [1, 2, 5]]) / 24


@pytest.mark.parametrize("joint", [noisy_views(), COPY], ids=["views", "copies"])
@pytest.mark.parametrize("seed", range(4))
def test_ranges_hold_the_plug_in_ends(joint, seed):
    r = ip.quantify_tables(drawn(joint, 500, seed), replicates=50)
    for name in ANSWERS:
        e = getattr(r, name)
        assert e.ci[0] <= e.low <= e.high <= e.ci[1]


def test_names_key_what_has_two_values():
    r = ip.quantify_tables(drawn(noisy_views(), 500, 1), replicates=50)
    assert set(r.unique) == set(r.information) == {"image", "text"}
    assert "synergy" in str(r)
    assert "unique to image" in str(r)


def test_the_same_seed_gives_the_same_answer():
    t = drawn(noisy_views(), 300, 2)
    one, two = (ip.quantify_tables(t, replicates=40, seed=5) for _ in range(2))
    other = ip.quantify_tables(t, replicates=40, seed=6)
    assert [getattr(one, a).ci for a in ANSWERS] == [getattr(two, a).ci for a in ANSWERS]
    assert one.accuracy.ci != other.accuracy.ci


@pytest.mark.parametrize("name", ["XOR", "UNIQUE", "ZERO_ROWS", "ONE_CODE", "INDEPENDENT"])
def test_zeros_single_codes_and_gates(name):
    r = ip.quantify_tables(drawn(NAMED[name], 400, 3), replicates=30)
    assert all(np.isfinite(getattr(r, a).ci).all() for a in ANSWERS)


def test_tables_that_do_not_say_how_many_rows_they_count_are_refused():
    p = noisy_views()
    with pytest.raises(ValueError, match="counts of rows"):
        ip.quantify_tables(ip.PairTables.from_joint(p))
    weighted = drawn(p, 100, 0)
    weighted = ip.PairTables(pairs=weighted.pairs * 0.5, first=weighted.first, second=weighted.second, counts=True)
    with pytest.raises(ValueError, match="weighted counts"):
        ip.quantify_tables(weighted)


@pytest.mark.parametrize(
    ("arguments", "match"), [({"confidence": 1.5}, "confidence=1.5"), ({"replicates": 3}, "replicates=3")]
)
def test_settings_out_of_range(arguments, match):
    with pytest.raises(ValueError, match=match):
        ip.quantify_tables(drawn(noisy_views(), 100, 0), **arguments)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="single class"):
        ip.quantify_tables(drawn(NAMED["ONE_CLASS"], 100, 0))


def test_more_rows_than_can_be_drawn_are_refused_with_a_way_on():
    t = drawn(noisy_views(), 100, 0)
    huge = ip.PairTables(pairs=t.pairs * 1e7, first=t.first, second=t.second, counts=True)
    with pytest.raises(ValueError, match="bound_accuracy"):
        ip.quantify_tables(huge)


@pytest.mark.slow
def test_a_million_rows_a_set_take_seconds():
    """Five codes a modality and two classes: what the codes cost, not the rows."""
    rng = np.random.default_rng(0)
    flat = rng.choice(noisy_views().size, size=1_000_000, p=noisy_views().ravel())
    a, b, y = np.unravel_index(flat, noisy_views().shape)
    start = time.perf_counter()
    t = ip.tables_from_codes(labeled={"a": (a, y), "b": (b, y)}, pairs={"a": a, "b": b})
    r = ip.quantify_tables(t)
    assert time.perf_counter() - start < 20
    assert r.accuracy.ci[1] - r.accuracy.ci[0] < 0.2


@pytest.mark.slow
def test_lower_limits_stay_below_the_low_ends():
    """One-sided 95% limits at 300 rows, 12 runs of two truths: 95% give at most 3 misses with probability 0.998."""
    for joint in (noisy_views(), 0.8 * NAMED["XOR"] + 0.2 / 8):
        exact = lowest(joint)
        runs = [ip.quantify_tables(drawn(joint, 300, s), replicates=60, seed=s) for s in range(12)]
        for name, low in zip(("accuracy", "total"), exact, strict=True):
            assert sum(getattr(r, name).limits[0] > low + 1e-9 for r in runs) <= 3
