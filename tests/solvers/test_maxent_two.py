"""Maximum entropy of one problem of two labels: certified by code that knows no solver, and against the general one."""

import numpy as np
import pytest

from interplay.information import entropy
from interplay.solvers import maxent, maxent_newton, maxent_two
from interplay.solvers.certificate import entropy_upper_bound, margin_residual
from solvers.families import FAMILIES, batch

HARD = {("near_deterministic", (2, 3, 2)), ("tiny_masses", (2, 3, 2)), ("forced", (2, 3, 2))}  # some are left open


def margins(joint):
    return joint.sum(2), joint.sum(1), joint.sum(0)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("shape", [(2, 3, 2), (7, 6, 2), (30, 20, 2)], ids=str)
def test_its_joint_and_duals_prove_each_other(family, shape):
    solved = 0
    for joint in batch(family, shape, 6, seed=9):
        tables = margins(joint)
        found = maxent_two.solve(*maxent._repaired(*tables), tolerance=1e-9)
        if found is None:
            continue
        solved += 1
        r, a, b, c = found
        assert r.min() >= 0
        assert margin_residual(r, *zip(tables, (2, 1, 0), strict=True)) <= 1e-12
        upper = entropy_upper_bound(*tables, a, b, c)
        assert -1e-12 <= upper - float(entropy(r)) <= 1e-8
        other = maxent_newton.solve(*(t[None] for t in maxent._repaired(*tables)), tolerance=1e-9)
        assert float(entropy(r)) == pytest.approx(float(entropy(other.joint[0])), abs=2e-9)
    assert solved == 6 or (family, shape) in HARD


def test_what_it_leaves_open_is_closed_by_the_general_solver(monkeypatch):
    tables = margins(batch("empirical", (20, 20, 2), 1, seed=2)[0])
    whole = maxent.maximum_entropy(*tables)
    monkeypatch.setattr(maxent_two, "STEPS", 1)
    assert maxent_two.solve(*maxent._repaired(*tables), tolerance=1e-10) is None
    assert maxent.maximum_entropy(*tables).entropy == pytest.approx(whole.entropy, abs=1e-9)


def test_impossible_labels_have_no_mass():
    joint = batch("uniform", (15, 12, 2), 1, seed=4)[0]
    joint[3, :, 0], joint[:, 5, 1] = 0.0, 0.0
    joint /= joint.sum()
    r, a, b, _ = maxent_two.solve(*maxent._repaired(*margins(joint)), tolerance=1e-9)
    assert r[3, :, 0].max() == 0
    assert r[:, 5, 1].max() <= 1e-15
    assert a[3, 0] == b[5, 1] == -np.inf
