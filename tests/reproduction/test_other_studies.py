"""Performance, robustness and other decompositions: known answers and laws."""

import math
import sys
from types import ModuleType

import numpy as np
import pytest

from cases import NAMED
from interplay.bounds.decomposition import decompose
from interplay.generators.discrete import GATES
from interplay.reproduction import decompositions, performance, rivals, robustness
from interplay.reproduction.models import FAMILIES, cross_validated
from interplay.reproduction.study import Scope

GATE = {g.name: g.joint for g in GATES}


# other decompositions


@pytest.mark.parametrize("name", rivals.MEASURES)
@pytest.mark.parametrize("joint", ["AND", "XOR", "COPY", "ZERO_ROWS", "INDEPENDENT", "REDUNDANT_NOISY", "TIED"])
def test_every_measure_keeps_the_accounts(name, joint):
    """R + U1 and R + U2 are the two informations, and the atoms add up to the total."""
    r, u1, u2, s = rivals.MEASURES[name](NAMED[joint])
    truth = decompose(NAMED[joint])
    assert r + u1 == pytest.approx(truth.redundancy + truth.unique[0], abs=1e-8)
    assert r + u2 == pytest.approx(truth.redundancy + truth.unique[1], abs=1e-8)
    assert r + u1 + u2 + s == pytest.approx(truth.total, abs=1e-8)


def test_textbook_values_of_the_other_measures():
    """Williams and Beer 2010: COPY has one bit of I-min redundancy; AND 0.311. Whole minus sum of AND: 0.189."""
    assert rivals.i_min(GATE["copy"]) == pytest.approx((1, 0, 0, 1), abs=1e-9)
    assert rivals.i_min(GATE["and"])[0] == pytest.approx(0.311278, abs=1e-6)
    assert rivals.whole_minus_sum(GATE["and"])[3] == pytest.approx(0.811278 - 2 * 0.311278, abs=1e-6)
    # independent given the label, AND: q(y=1) has both bits 1; y=0 spreads (2/3, 1/3) each
    joint = np.zeros((2, 2, 2))
    joint[1, 1, 1] = 0.25
    joint[:, :, 0] = 0.75 * np.outer([2 / 3, 1 / 3], [2 / 3, 1 / 3])
    given = 1 / 12 / (1 / 12 + 0.25)  # p(y=0 | 1, 1)
    union = 0.811278 - (1 / 12 + 0.25) * -(given * math.log2(given) + (1 - given) * math.log2(1 - given))
    assert rivals.conditional_independence(GATE["and"])[3] == pytest.approx(0.811278 - union, abs=1e-5)


def test_dit_is_asked_where_it_is_installed(monkeypatch):
    """A stand-in with dit's interface, so that the test needs no further package."""

    class Lattice:
        def __init__(self, distribution, sources, target):
            assert (sources, target) == ([[0], [1]], [2])
            self.distribution = distribution

        def __getitem__(self, node):
            return {((0,), (1,)): 0.1, ((0,),): 0.2, ((1,),): 0.3, ((0, 1),): 0.4}[node]

    dit, pid = ModuleType("dit"), ModuleType("dit.pid")
    dit.Distribution = lambda outcomes, masses: dict(zip(outcomes, masses, strict=True))
    pid.PID_CCS = Lattice
    monkeypatch.setitem(sys.modules, "dit", dit)
    monkeypatch.setitem(sys.modules, "dit.pid", pid)
    assert rivals.dit_measures(GATE["and"]) == {"dit CCS": (0.1, 0.2, 0.3, 0.4)}
    assert rivals.dit_measures(np.ones((3, 3, 2)) / 18) == {}
    monkeypatch.setitem(sys.modules, "dit", None)
    assert rivals.dit_measures(GATE["and"]) == {}


def test_atoms_of_joints_whose_truth_is_known():
    results = decompositions.combine(
        [decompositions.pure(), decompositions.latent(setting="synergy", rows=300, draws=300, seed=0)]
    )
    ours = results["scores"]["BROJA (interplay, paper)"]
    assert ours["one"]["right"] == ours["one"]["joints"] == 9
    assert ours["several"]["right"] == ours["several"]["joints"] == 7
    assert decompositions.judge(results).status == "Reproduced"
    assert "| and | *truth* | 0.311 | 0.000 | 0.000 | 0.500 | yes |" in decompositions.body(results)
    assert set(decompositions.pictures(results)) == {"decompositions-errors"}


# performance


def test_the_published_estimates_are_the_formulas_with_the_true_information():
    table = {row["set"]: row["cells"] for row in performance._published_table()}
    cells = [c for row in table.values() for c in row.values() if c["quoted"] is not None]
    assert len(cells) == 9
    assert all(c["agrees"] for c in cells)
    assert table["MOSEI"]["upper"]["computed"] == pytest.approx(1.065, abs=1e-3)


def test_theorem_5_of_a_fair_coin_that_is_known():
    found = performance.theorem_5(1.0, 1.0, 1.0, 2)
    assert found == {"low": 1.0, "high": 2.0, "middle": 1.5}


def test_the_interval_of_a_published_correlation():
    """Fisher's transform of 0.77 at n = 6: -0.11 to 0.97."""
    low, high = performance._published_correlation("x", 0.77)["interval"]
    assert (round(low, 2), round(high, 2)) == (-0.11, 0.97)


def test_correlations_need_pairs_and_variation():
    few = performance._correlation(np.arange(3.0), np.arange(3.0), ["a", "b", "c"])
    flat = performance._correlation(np.ones(5), np.arange(5.0), list("abcde"))
    line = performance._correlation(np.arange(5.0), 2 * np.arange(5.0), list("aabcd"))
    assert few["correlation"] is None
    assert flat["correlation"] is None
    assert line["correlation"] == pytest.approx(1)
    assert line["interval"] == pytest.approx([1, 1])


def test_models_of_a_parity_that_only_products_and_forests_see():
    rng = np.random.default_rng(0)
    first, second = rng.choice([-1.0, 1.0], size=(2, 300, 1))
    noise = 0.1 * rng.normal(size=(2, 300, 1))
    labels = (first[:, 0] * second[:, 0] > 0).astype(np.intp)
    found = cross_validated(first + noise[0], second + noise[1], labels, None, 0, folds=3)
    assert set(found) == {name for names in FAMILIES.values() for name in names}
    for name in (*FAMILIES["unimodal"], *FAMILIES["simple"]):
        assert found[name]["accuracy"] < 0.65, name
    for name in FAMILIES["complex"]:
        assert found[name]["accuracy"] > 0.95, name


def test_groups_stay_in_one_fold():
    """Labels that only the group tells cannot be learned across groups."""
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 10)
    labels = (groups % 2).astype(np.intp)
    x = np.eye(20)[groups] + 0.01 * rng.normal(size=(200, 20))
    apart = cross_validated(x, x, labels, groups, 0, folds=4)["both, logistic"]["accuracy"]
    mixed = cross_validated(x, x, labels, None, 0, folds=4)["both, logistic"]["accuracy"]
    assert mixed > 0.95
    assert apart < 0.7


def test_a_page_of_performance_with_and_without_our_interval():
    actual = {name: {"accuracy": 0.8, "error": 0.01} for names in FAMILIES.values() for name in names}
    spread = {"low": 0.6, "high": 1.2, "middle": 0.9}
    row = {"set": "s", "pair": "a+b", "rows": 10, "classes": 2, "majority": 0.5, "actual": actual}
    row |= {"total": 0.4, "synergy": 0.1, "oracle": spread, "honest": spread}
    results = performance.combine([row | {"ours": {"low": 0.7, "high": 0.9}}, row | {"refused": "too few rows"}])
    assert results["estimates"]["ours"]["holding"] == 1
    assert results["estimates"]["oracle"]["mean_error_unclipped"] == pytest.approx(0.1)
    assert "too few rows" in performance.body(results)
    assert "1 of 1" in performance.judge(results).sentence
    assert set(performance.pictures(results)) == {"performance-interplay", "performance-paper"}


# robustness


def test_noise_moves_tables_towards_uniform_labels():
    joint = GATE["and"][None]
    p12, p1y, p2y = robustness.noisy_margins(joint, 1.0)
    assert np.allclose(p1y, 0.25)
    assert np.allclose(p2y, 0.25)
    assert np.allclose(p12, joint.sum(3))
    clean = robustness.noisy_margins(joint, 0.0)
    assert all(np.allclose(a, joint.sum(axis)) for a, axis in zip(clean, (3, 2, 1), strict=True))


def test_bounds_hold_without_noise_and_labels_that_say_nothing_bound_nothing():
    found = robustness.combine([robustness.joints(count=300, seed=[0, 0])])
    clean, last = found["curve"][0], found["curve"][-1]
    assert clean["covered"] == 1.0
    assert clean["maxent"]["held"] == clean["sharp"]["held"] == clean["coupling"]["held"] == 1.0
    assert last["noise"] == 0.8
    assert last["maxent"]["gap"] == pytest.approx(found["mean_synergy"], abs=0.01)
    gaps = [row["maxent"]["gap"] for row in found["curve"]]
    assert gaps == sorted(gaps)


def test_flips_are_as_many_as_told():
    rng = np.random.default_rng(0)
    labels = np.zeros(20_000, dtype=np.intp)
    changed = robustness._flip(labels, 0.4, 4, rng).astype(bool).mean()
    assert changed == pytest.approx(0.4 * 3 / 4, abs=0.02)  # five standard errors are 0.016
    assert not robustness._flip(labels, 0.0, 4, rng).any()


@pytest.mark.slow
def test_a_promise_from_noisy_labels_is_kept():
    part = robustness.promises(noise=0.4, runs=1, seed=0)["promise"]["runs"][0]
    assert 0.5 < part["promised"] <= part["reached"]


def test_parts_are_named_apart_and_smaller_when_quick():
    for study in (performance.STUDY, robustness.STUDY, decompositions.STUDY):
        full, quick = (study.parts(Scope(quick=q)) for q in (False, True))
        assert len({p.key for p in full}) == len(full)
        assert len(quick) <= len(full)
