"""Adding up log scores: the log loss is known without labelled pairs, and maximum entropy corrects for dependence."""

import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from interplay.fusion.additive import fit_by_fold, held_out_loss, maximum_entropy, product, single
from interplay.fusion.evidence import Additive, Evidence, Rows, log_scores
from interplay.information import to_nats
from interplay.solvers.maxent import maximum_entropy as largest_entropy
from samplers import noisy_views, random_joints

JOINTS = {
    "independent given the label": noisy_views(0.7),
    "three classes": noisy_views(0.7, classes=3),
    "anything": random_joints(3, (3, 4, 3), 1)[0],
    "skewed": random_joints(4, (2, 5, 2), 1)[0] ** 2 / (random_joints(4, (2, 5, 2), 1)[0] ** 2).sum(),
}


def exact(joint, copies=1) -> Evidence:
    """Every cell, weighted by its probability. copies: rows a cell, so that standard errors are small."""
    n1, n2, k = joint.shape
    first, second = np.indices((n1, n2)).reshape(2, -1)
    pairs, labeled, residuals = [], [], []
    for p, codes in ((joint.sum(1), first), (joint.sum(0), second)):
        q = p / p.sum(1, keepdims=True)
        row, label = np.indices(p.shape).reshape(2, -1)
        pairs.append(rows(np.repeat(q[codes], copies, 0), np.repeat(joint.sum(2).ravel(), copies)))
        labeled.append(rows(np.repeat(q[row], copies, 0), np.repeat(p.ravel(), copies)))
        residuals.append(np.repeat(np.eye(k)[label] - q[row], copies, 0))
    return Evidence(pairs=tuple(pairs), labeled=tuple(labeled), residuals=tuple(residuals))


def rows(posteriors, weights):
    return Rows(posteriors=posteriors, weights=weights, folds=np.zeros(len(weights), dtype=int))


def cross_entropy(model: Additive, joint) -> float:
    """Of the model's probabilities under a joint, in nats, by definition."""
    n1, n2, _ = joint.shape
    first, second = np.indices((n1, n2)).reshape(2, -1)
    q1, q2 = (p / p.sum(1, keepdims=True) for p in (joint.sum(1), joint.sum(0)))
    p = softmax(model.logits([q1[first], q2[second]]), axis=1)
    return float(-(joint.reshape(len(p), -1) * np.log(p)).sum())


@pytest.mark.parametrize("name", JOINTS)
@pytest.mark.parametrize("weights", [(1.0, 1.0), (0.3, 1.7), (1.0, 0.0)])
def test_the_log_loss_is_that_under_every_joint_of_the_set(name, weights):
    joint = JOINTS[name]
    other = largest_entropy(joint.sum(2), joint.sum(1), joint.sum(0)).joint
    k = joint.shape[2]
    model = Additive(weights=np.array(weights), bias=np.linspace(-0.5, 0.5, k))
    found = to_nats(exact(joint).log_loss(model))
    assert found == pytest.approx(cross_entropy(model, joint), abs=1e-9)
    assert found == pytest.approx(cross_entropy(model, other), abs=1e-7)


def test_independence_given_the_label_keeps_the_product_which_is_then_right():
    joint = JOINTS["three classes"]
    evidence = exact(joint)
    fitted, base = maximum_entropy(evidence), product(evidence)
    assert fitted.weights == pytest.approx([1, 1], abs=1e-3)
    p = softmax(base.logits([s.posteriors for s in evidence.pairs]), axis=1).reshape(joint.shape)
    assert p == pytest.approx(joint / joint.sum(2, keepdims=True), abs=1e-6)


def test_a_modality_that_repeats_the_other_is_not_counted_twice():
    views = noisy_views(0.7).sum(1)  # (4, 2)
    joint = np.einsum("ik,ij->ijk", views, np.eye(4))
    evidence = exact(joint, copies=1000)
    twice, fitted = product(evidence), maximum_entropy(evidence)
    assert fitted.weights.sum() < 1.3
    assert evidence.log_loss(fitted) < evidence.log_loss(twice) - 0.01
    assert evidence.log_loss(fitted) < evidence.log_loss(single(0)(evidence)) + 0.01


def test_noise_that_cancels_is_counted_more():
    """Both see the label plus and minus the same noise: their sum knows it better than the product of experts says."""
    label, noise = np.array([0, 2]), np.arange(4)
    joint = np.zeros((6, 6, 2))
    for k, shift in enumerate(label):
        for n in noise:
            joint[shift + n, shift + 3 - n, k] += 1 / 8
    evidence = exact(joint, copies=100)
    fitted = maximum_entropy(evidence)
    assert (fitted.weights > 1).all()
    assert evidence.log_loss(fitted) < evidence.log_loss(product(evidence))


@pytest.mark.parametrize("name", JOINTS)
def test_moments_are_reproduced_within_their_errors(name):
    """The defining property of maximum entropy, checked on the fitted probabilities."""
    evidence = exact(JOINTS[name], copies=300)
    fitted = maximum_entropy(evidence)
    start = softmax(product(evidence).logits([s.posteriors for s in evidence.pairs]), axis=1)
    slack, bias_slack = evidence.errors(start)
    logits = fitted.logits([s.posteriors for s in evidence.pairs])
    implied = np.exp(logits - logsumexp(logits, axis=1, keepdims=True))
    for at, s in enumerate(evidence.pairs):
        off = s.mean((implied * log_scores(s.posteriors)).sum(1)) - evidence.moments()[at]
        assert abs(off) <= slack[at] + 1e-3 or fitted.weights[at] in (0.0, 2.0)
    assert np.all(np.abs(evidence.pairs[0].mean(implied) - evidence.shares()) <= bias_slack + 1e-3)


def test_shares_and_moments_are_corrected_by_the_labelled_rows():
    """A classifier that is wrong about every class share is put right: the residuals say by how much."""
    joint = JOINTS["three classes"]
    evidence, tilt = exact(joint), np.array([1.0, 0.0, -1.0])
    wrong = softmax(np.log(evidence.pairs[0].posteriors) + tilt, axis=1)
    label_rows = softmax(np.log(evidence.labeled[0].posteriors) + tilt, axis=1)
    shifted = Evidence(
        pairs=(rows(wrong, evidence.pairs[0].weights), evidence.pairs[1]),
        labeled=(rows(label_rows, evidence.labeled[0].weights), evidence.labeled[1]),
        residuals=(evidence.residuals[0] + evidence.labeled[0].posteriors - label_rows, evidence.residuals[1]),
    )
    assert shifted.shares() == pytest.approx(joint.sum((0, 1)), abs=1e-9)


def test_folds_fit_on_the_others_and_are_judged_on_their_own():
    joint = JOINTS["three classes"]
    two = exact(joint), exact(joint)
    joined = Evidence(
        pairs=tuple(in_folds(a, b) for a, b in zip(*(e.pairs for e in two), strict=True)),
        labeled=tuple(in_folds(a, b) for a, b in zip(*(e.labeled for e in two), strict=True)),
        residuals=tuple(np.concatenate([a, b]) for a, b in zip(*(e.residuals for e in two), strict=True)),
    )
    models = fit_by_fold(product, joined, 2)
    assert models[0].bias == pytest.approx(models[1].bias)
    assert held_out_loss(models, joined)[0] == pytest.approx(two[0].log_loss(product(two[0])))


def test_the_standard_error_is_that_of_repeated_samples():
    """Rows drawn again and again from the exact cells: the estimate spreads as its standard error says."""
    joint, rng = JOINTS["three classes"], np.random.default_rng(0)
    evidence, model = exact(joint), Additive(weights=np.array([0.8, 1.3]), bias=np.array([0.2, 0.0, -0.1]))
    drawn = [drawn_again(evidence, 400, rng) for _ in range(200)]
    spread = np.std([to_nats(e.log_loss(model)) for e in drawn])
    assert np.sqrt(np.mean([e.log_loss_variance(model) for e in drawn])) == pytest.approx(spread, rel=0.15)
    assert np.mean([to_nats(e.log_loss(model)) for e in drawn]) == pytest.approx(
        to_nats(evidence.log_loss(model)), abs=4 * spread / np.sqrt(200)
    )


def drawn_again(evidence, count, rng):
    """`count` rows of each set."""
    at = rng.choice(len(evidence.pairs[0].weights), count, p=evidence.pairs[0].weights)
    own = [rng.choice(len(s.weights), count, p=s.weights) for s in evidence.labeled]
    return Evidence(
        pairs=tuple(rows(s.posteriors[at], np.ones(count)) for s in evidence.pairs),
        labeled=tuple(rows(s.posteriors[i], np.ones(count)) for s, i in zip(evidence.labeled, own, strict=True)),
        residuals=tuple(r[i] for r, i in zip(evidence.residuals, own, strict=True)),
    )


def in_folds(a, b):
    return Rows(
        posteriors=np.concatenate([a.posteriors, b.posteriors]),
        weights=np.concatenate([a.weights, b.weights]),
        folds=np.repeat([0, 1], [len(a.weights), len(b.weights)]),
    )
