"""Bounds of many joints against the certified ones of a single set of tables, and their laws."""

import numpy as np
import pytest

from cases import NAMED, random_joint
from interplay.bounds.synergy import bound_synergy
from interplay.reproduction.methods import LOWER, UPPER, all_bounds, disagreement
from interplay.tables import PairTables

SHARED = ("maxent", "paper_redundancy", "paper_disagreement", "chernoff")
SMALL = {name: joint for name, joint in NAMED.items() if joint.shape[2] > 1 and joint.size <= 16}
SMALL |= {f"random {i}": random_joint(np.random.default_rng(i), (3, 2, 2), 0.3 * (i % 2)) for i in range(6)}


@pytest.mark.parametrize("name", SMALL)
def test_they_agree_with_the_bounds_of_one_set_of_tables(name):
    joint = SMALL[name]
    table = all_bounds(joint[None])
    single = bound_synergy(PairTables.from_joint(joint))
    for method in SHARED:
        assert table.lower[method][0] == pytest.approx(single.methods[method].low, abs=1e-7), method
    assert table.upper["coupling_meet"][0] == pytest.approx(single.methods["coupling"].high, abs=1e-9)
    assert table.upper["sharp"][0] == pytest.approx(single.methods["sharp"].high, abs=1e-8)


@pytest.mark.parametrize("shape", [(2, 2, 2), (3, 3, 2), (2, 3, 3)])
def test_valid_bounds_hold_and_none_beats_the_sharp_one(shape):
    rng = np.random.default_rng(1)
    joints = np.stack([random_joint(rng, shape, 0.4 * (i % 2)) for i in range(40)])
    table = all_bounds(joints)
    synergy = table.atoms.synergy
    for name in set(LOWER) - {"paper_disagreement", "paper_best"}:
        assert np.all(table.lower[name] <= synergy + 1e-8), name
        assert np.all(table.lower[name] <= table.lower["maxent"] + 1e-8), name
    for name in UPPER:
        assert np.all(table.upper[name] >= synergy - 1e-8), name
        assert np.all(table.upper[name] >= table.upper["sharp"] - 1e-8), name
    order = [table.upper[n] for n in ("coupling_meet", "coupling_three", "coupling_one")]
    assert np.all(np.diff(order, axis=0) >= -1e-9)


def test_the_published_constant_of_disagreement_fails_on_the_notebooks_own_example():
    """Notebook D (0.014 against 0.027, research note of the project)."""
    cells = (0.03349886, 0.02460521, 0.23188986, 0.0167147, 0.04237604, 0.64494174, 0.00478614, 0.00118744)
    joint = np.array(cells).reshape(1, 2, 2, 2) / sum(cells)
    table = all_bounds(joint)
    assert table.atoms.synergy[0] == pytest.approx(0.014, abs=5e-4)
    assert table.lower["paper_disagreement"][0] == pytest.approx(0.027, abs=5e-4)
    assert table.lower["disagreement_proven"][0] < table.atoms.synergy[0]


def test_disagreement_of_a_gate():
    """AND: p(y|x) is (1, 0) or (1/2, 1/2); they differ on half of the pairs by 1/2."""
    joint = SMALL["AND"][None]
    assert disagreement(joint.sum(3), joint.sum(2), joint.sum(1)) == pytest.approx(0.25)
