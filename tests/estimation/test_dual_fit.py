"""Prices and their gradients, weak duality for any functions, and the fit against the linear program."""

import numpy as np
import pytest

from interplay.estimation.dual_basis import fit_basis
from interplay.estimation.dual_fit import Rows, accuracy_price, fit_dual_functions, information_price
from interplay.estimation.solved import Solved
from interplay.solvers.cells_dual import label_price
from samplers import noisy_views, random_joints, tables_of

PRICES = {"accuracy": (accuracy_price, 0.05), "information": (information_price, 1.0)}


@pytest.mark.parametrize("name", PRICES)
@pytest.mark.parametrize("classes", [2, 5])
def test_gradients_are_those_of_differences(name, classes):
    price, smoothing = PRICES[name]
    v = np.random.default_rng(classes).normal(size=(20, classes))
    value, gradient = price(v, smoothing)
    for k in range(classes):
        step = np.zeros(classes)
        step[k] = 1e-6
        change = (price(v + step, smoothing)[0] - price(v - step, smoothing)[0]) / 2e-6
        assert change == pytest.approx(gradient[:, k], abs=1e-6)
    assert (gradient <= 1e-12).all()
    assert np.isfinite(value).all()


def test_the_smooth_price_comes_to_the_exact_one_from_below():
    v = np.random.default_rng(0).normal(size=(50, 4))
    exact = label_price(v, None, np.ones(v.shape, dtype=bool))
    before = -np.inf
    for smoothing in (0.3, 0.1, 0.001):
        smooth = accuracy_price(v, smoothing)[0]
        assert (smooth <= exact + 1e-12).all()
        assert (smooth >= before).all()
        before = smooth
    assert before == pytest.approx(exact, abs=2e-3)


def test_any_functions_bound_from_below():
    """Weak duality on exact joints: random functions never exceed the accuracy or the information."""
    rng = np.random.default_rng(1)
    for joint in random_joints(2, (3, 4, 3), count=6):
        exact = Solved(tables=tables_of([joint]), tolerance=1e-9)
        for scale in (0.2, 1.0, 5.0):
            lam, mu = rng.normal(size=(3, 3)) * scale, rng.normal(size=(4, 3)) * scale
            v = (lam[:, None, :] + mu[None, :, :]).reshape(-1, 3)
            linear = (joint.sum(1) * lam).sum() + (joint.sum(0) * mu).sum()
            weights = joint.sum(2).ravel()
            assert (
                linear + weights @ label_price(v, None, np.ones(v.shape, dtype=bool)) <= exact.lowest.primal[0] + 1e-9
            )
            bits = (linear + weights @ information_price(v, 1.0)[0]) / np.log(2) + exact.label[0]
            assert bits <= exact.total_low[0] + 1e-6


@pytest.mark.parametrize("name", PRICES)
def test_on_many_rows_of_a_few_symbols_it_reaches_the_sharp_low_end(name):
    """A second answer: with one knot a symbol the functions are any functions, as in the linear program."""
    joint = noisy_views(strength=1.0)
    exact = Solved(tables=tables_of([joint]), tolerance=1e-9)
    n = 10_000
    i, j, y = np.indices(joint.shape).reshape(3, -1)
    first, second, pairs = (
        np.repeat(np.arange(joint.size), np.random.default_rng(s).multinomial(n, joint.ravel())) for s in range(3)
    )
    beliefs = [m / m.sum(1, keepdims=True) for m in (joint.sum(1), joint.sum(0))]
    bases = [fit_basis(beliefs[0][i[pairs]]), fit_basis(beliefs[1][j[pairs]])]
    at = {"x": lambda r: bases[0](beliefs[0][i[r]]), "z": lambda r: bases[1](beliefs[1][j[r]])}
    price, _ = PRICES[name]
    functions = fit_dual_functions(
        Rows(values=(at["x"](first),), labels=y[first], weights=np.ones(n)),
        Rows(values=(at["z"](second),), labels=y[second], weights=np.ones(n)),
        Rows(values=(at["x"](pairs), at["z"](pairs)), labels=None, weights=np.ones(n)),
        bases[0].shapes,
        price,
        (0.02,) if name == "accuracy" else (1.0,),
    )
    lam, mu = (
        np.einsum("nkm,km->nk", b(p), c) for b, p, c in zip(bases, beliefs, (functions.lam, functions.mu), strict=True)
    )
    lam = lam + functions.offset
    v = (lam[:, None, :] + mu[None, :, :]).reshape(-1, 2)
    linear = (joint.sum(1) * lam).sum() + (joint.sum(0) * mu).sum()
    if name == "accuracy":
        value = linear + joint.sum(2).ravel() @ label_price(v, None, np.ones(v.shape, dtype=bool))
        assert exact.lowest.value[0] - 0.02 <= value <= exact.lowest.primal[0] + 1e-9
    else:
        value = (linear + joint.sum(2).ravel() @ price(v, 1.0)[0]) / np.log(2) + exact.label[0]
        assert exact.total_low[0] - 0.02 <= value <= exact.total_low[0] + 1e-6


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_basis_is_finite_for_any_probabilities(classes):
    rng = np.random.default_rng(classes)
    p = np.vstack([np.eye(classes), np.full((1, classes), 1 / classes), rng.dirichlet(np.ones(classes), 30)])
    basis = fit_basis(p)
    values = basis(p)
    assert values.shape == (len(p), classes, basis.width)
    assert np.isfinite(values).all()
    assert (np.diff(basis.knots) > 0).all()


def test_one_belief_for_all_rows_still_has_a_basis():
    p = np.full((10, 2), 0.5)
    assert np.isfinite(fit_basis(p)(p)).all()
