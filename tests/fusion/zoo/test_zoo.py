"""The zoo: every parameter learns, every family learns what it is for, the same seed gives the same model."""

import sys

import numpy as np
import pytest

from interplay.errors import InputError, MissingExtraError, ShapeError
from interplay.fusion import zoo

FAMILIES = (
    "single", "ensemble", "agreement", "early", "additive", "tensor", "low_rank", "multiplicative", "cross_attention",
)  # fmt: skip


def test_without_torch_one_line_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'interplay\[torch\]'"):
        _ = zoo.train


def test_a_name_that_does_not_exist():
    with pytest.raises(AttributeError, match="its names are"):
        _ = zoo.fit


torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'interplay[torch]'")


def some(rows, *widths):
    return [torch.randn(rows, *w) if isinstance(w, tuple) else torch.randn(rows, w) for w in widths]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sequences", [(False, False), (True, False)])
def test_every_parameter_gets_a_gradient(family, sequences):
    from interplay.fusion.zoo.training import loss

    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = zoo.build(family, [5, 7], 3, sequences=sequences)
        xs = some(32, (6, 5) if sequences[0] else 5, 7)
        loss(model, xs, torch.arange(32) % 3).backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []
    assert model(xs).shape == (32, 3)


@pytest.mark.parametrize("family", FAMILIES)
def test_three_modalities(family):
    assert zoo.build(family, [5, 7, 2], 4)(some(8, 5, 7, 2)).shape == (8, 4)


def views(rows, seed):
    """Two noisy views of a coin, and whether two signs agree (which neither tells alone)."""
    rng = np.random.default_rng(seed)
    y = np.arange(rows) % 2
    sign = (2 * y - 1)[:, None]
    additive = {"a": rng.normal(size=(rows, 3)) + sign, "b": rng.normal(size=(rows, 3)) + sign}
    a, b = rng.normal(size=(2, rows, 2))
    return additive, y, {"a": a, "b": b}, a[:, 0] * b[:, 0] > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_learns_two_views(family):
    features, labels, _, _ = views(400, 0)
    new, truth, _, _ = views(600, 1)
    model = zoo.train(family, features, labels, epochs=30)
    best_single, both = 0.958, 0.993  # normal views at distances sqrt(3) and sqrt(6)
    reached = (model.predict(new) == truth).mean()
    assert reached > (0.92 if family == "single" else 0.96)
    assert reached < 0.5 * (best_single + both) if family == "single" else reached <= 1
    np.testing.assert_allclose(model.predict_proba(new).sum(1), 1, atol=1e-6)


@pytest.mark.parametrize(("family", "learns"), [("additive", False), ("tensor", True)])
def test_only_families_with_interactions_learn_an_interaction(family, learns):
    _, _, features, labels = views(600, 2)
    _, _, new, truth = views(600, 3)
    reached = (zoo.train(family, features, labels).predict(new) == truth).mean()
    assert reached > 0.85 if learns else reached < 0.65


def test_the_same_seed_gives_the_same_model_and_leaves_the_callers_seed_alone():
    features, labels, _, _ = views(120, 4)
    before = torch.random.get_rng_state()
    first, again = (zoo.train("early", features, labels, epochs=4, seed=3).predict_proba(features) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert torch.equal(before, torch.random.get_rng_state())
    assert not np.array_equal(first, zoo.train("early", features, labels, epochs=4, seed=4).predict_proba(features))


def test_training_stops_early_and_says_when():
    features, labels, _, _ = views(200, 5)
    model = zoo.train("early", features, np.random.default_rng(0).permutation(labels), patience=2, epochs=60)
    assert model.epochs < 50
    assert model.seconds > 0


def test_groups_stay_on_one_side():
    from interplay.fusion.zoo.training import _hold_back

    groups = np.repeat(np.arange(20), 5)
    held = _hold_back(np.arange(100) % 2, groups, 0.2, np.random.default_rng(0))
    assert all(held[groups == g].all() or not held[groups == g].any() for g in range(20))
    assert held.sum() == 20


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: zoo.build("lowrank", [2, 2], 2), InputError, "family 'lowrank'"),
        (lambda: zoo.build("early", [2], 2), InputError, "1 modalities"),
        (lambda: zoo.train("early", {"a": np.ones((4, 2))}, [0, 1, 0, 1]), InputError, "fewer than two modalities"),
        (lambda: zoo.train("early", {"a": np.ones((4, 2)), "b": np.ones((3, 2))}, [0, 1, 0, 1]), ShapeError, "'b'"),
        (lambda: zoo.train("early", dict.fromkeys("ab", np.full((4, 2), np.nan)), [0, 1, 0, 1]), ShapeError, "finite"),
        (lambda: zoo.train("early", dict.fromkeys("ab", np.ones((4, 2))), [0, 0, 0, 1]), InputError, "rarest with 1"),
    ],
)
def test_what_cannot_be_trained_is_refused(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
