"""The main job on samples with a known truth: it keeps its promises and says what it does not know."""

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from cases import NAMED
from interplay.errors import InputError, InterplayError, ShapeError, SparseError, UnknownNameError
from interplay.estimation.fitted import Probabilities
from samplers import draw, noisy_views

FAST = {"replicates": 50}


def _plain(drawn):
    return {name: LogisticRegression() for name in drawn.labeled}


def _run(drawn, **more):
    return ip.quantify(**drawn.arguments, classifiers=_plain(drawn), **(FAST | more))


@pytest.fixture(scope="module")
def views():
    drawn = draw(noisy_views(), 1500, 0)
    return drawn, _run(drawn)


def test_promises_are_kept_on_two_noisy_views(views):
    drawn, r = views
    accuracy = (r.fused.predict(drawn.test) == drawn.test_labels).mean()
    se = np.sqrt(accuracy * (1 - accuracy) / len(drawn.test_labels))
    assert r.guarantee.ci[0] <= accuracy + 2 * se
    best = noisy_views().max(2).sum()
    assert r.accuracy.ci[0] <= best <= r.accuracy.ci[1]
    assert r.guarantee.ci[0] <= r.guarantee.limits[0] <= r.guarantee.low


def test_every_program_is_certified_within_what_was_asked(views):
    _, r = views
    assert {p.solver for p in r.chosen.proofs} >= {"solvers.union", "solvers.maxent", "solvers.cells"}
    for proof in r.chosen.proofs:
        assert proof.gap >= 0
        if proof.tolerance:
            assert proof.tables > 50  # the sample and 50 replicates
            assert proof.gap <= proof.tolerance[0]
            assert proof.replicate_gap <= proof.tolerance[1]
    high = next(p for p in r.chosen.proofs if p.solver == "solvers.synergy_max")
    assert high.gap <= r.total.high - r.total.low + 1e-9


def test_very_large_tables_are_drawn_less_often_and_not_searched(views, monkeypatch, tmp_path):
    drawn, full = views
    monkeypatch.setattr("interplay.estimation.drawn.QUICK", 1)
    monkeypatch.setattr("interplay.estimation.solved.SEARCHED", 0)
    r = _run(drawn)
    assert [w for w in r.warnings if "40 instead of 50 resamples" in w]
    assert not any("resamples" in w for w in full.warnings)
    assert not {p.solver for p in r.chosen.proofs} & {"solvers.synergy_max", "solvers.accuracy_max"}
    assert r.total.high >= full.total.high
    assert r.accuracy.high >= full.accuracy.high
    assert (r.total.low, r.accuracy.low) == (full.total.low, full.accuracy.low)
    r.save_report(tmp_path / "large.html")
    assert "merge rare classes" in (tmp_path / "large.html").read_text(encoding="utf-8")


def test_labels_are_expected_to_narrow_an_open_range():
    """An exclusive-or hides everything in the unseen joint; labels would reveal it, the more the better."""
    r = _run(draw(NAMED["XOR"], 600, 0), codes="kmeans", replicates=20)
    now, *later = r.narrowing
    assert now.labels == 0
    assert now.expected == pytest.approx(r.accuracy.ci[1] - r.accuracy.ci[0], abs=0.1)
    assert later[-1].expected < now.expected / 2
    assert [n.labels for n in later] == sorted({n.labels for n in later})
    assert all(n.worst >= n.expected for n in later)


def test_atoms_add_up(views):
    _, r = views
    for name in ("image", "text"):
        parts = r.redundancy.low + r.unique[name].low
        assert parts == pytest.approx(r.information[name].low, abs=1e-9)
    assert r.synergy.low <= r.synergy.high
    whole = r.redundancy.low + sum(u.low for u in r.unique.values()) + r.synergy.low
    assert r.total.low == pytest.approx(whole, abs=1e-9)


def test_uniqueness_has_the_right_name():
    joint = np.einsum("ik,j->ijk", np.array([[0.45, 0.05], [0.05, 0.45]]), [0.5, 0.5])
    r = _run(draw(joint, 1000, 1))
    assert r.unique["image"].low > 0.4
    assert abs(r.unique["text"].low) < 0.05
    assert r.best_single == "image"


def test_xor_is_admitted_to_be_possible_but_not_promised():
    joint = np.asarray(NAMED["XOR"], dtype=float)
    r = _run(draw(joint / joint.sum(), 1000, 2))
    assert r.synergy.limits[0] < 0.05
    assert r.synergy.ci[1] > 0.9
    assert r.accuracy.ci[0] <= 0.55


def test_same_seed_same_bytes_for_any_number_of_workers():
    drawn = draw(noisy_views(), 200, 4)
    texts = {ip.quantify(**drawn.arguments, seed=5, workers=w, **FAST).to_json() for w in (1, 2)}
    other = ip.quantify(**drawn.arguments, seed=6, **FAST).to_json()
    assert len(texts) == 1
    assert other not in texts


def test_string_labels_more_classes_and_three_modalities():
    drawn = draw(noisy_views(classes=3), 400, 5)
    words = np.array(["low", "middle", "high"])
    labeled = {n: (x, words[y]) for n, (x, y) in drawn.labeled.items()}
    labeled["audio"] = labeled["text"]
    pairs = drawn.pairs | {"audio": drawn.pairs["text"]}
    r = ip.quantify(labeled=labeled, pairs=pairs, classifiers=None, **FAST)
    assert set(r.pairs) == {("image", "text"), ("image", "audio"), ("text", "audio")}
    assert r.chosen_pair in r.pairs
    assert set(np.unique(r.fused.predict(drawn.test | {"audio": drawn.test["text"]}))) <= set(words)
    assert r.to_dict()["classes"] == ["high", "low", "middle"]


def test_a_known_prior_corrects_labels_sampled_by_class():
    drawn = draw(noisy_views(), 3000, 6)
    labeled = {}
    for name, (x, y) in drawn.labeled.items():
        keep = (y == 0) | (np.arange(len(y)) % 4 == 0)  # a quarter of class 1
        labeled[name] = (x[keep], y[keep])
    shifted = {"labeled": labeled, "pairs": drawn.pairs, "classifiers": _plain(drawn)}
    without = ip.quantify(**shifted, **FAST)
    corrected = ip.quantify(**shifted, prior={0: 0.5, 1: 0.5}, **FAST)
    assert without.mismatch.p_value < 1e-6
    assert corrected.mismatch.p_values["image"] > without.mismatch.p_values["image"]
    assert corrected.to_dict()["majority"] == pytest.approx(0.5, abs=0.02)


def test_groups_widen_intervals():
    drawn = draw(noisy_views(), 300, 7)
    groups = {n: np.repeat(np.arange(30), 10) for n in ("image", "text")} | {"pairs": np.repeat(np.arange(30), 10)}
    doubled = {
        "labeled": {n: (np.repeat(x[:30], 10, 0), np.repeat(y[:30], 10)) for n, (x, y) in drawn.labeled.items()},
        "pairs": {n: np.repeat(x[:30], 10, 0) for n, x in drawn.pairs.items()},
        "classifiers": _plain(drawn),
    }
    rows, grouped = (ip.quantify(**doubled, **FAST, **g) for g in ({}, {"groups": groups}))
    for name in ("image", "text"):
        assert np.diff(grouped.unimodal[name].ci) > 1.5 * np.diff(rows.unimodal[name].ci)
    assert np.diff(grouped.guarantee.ci) > np.diff(rows.guarantee.ci)


def test_documents_are_json_and_reports_are_written(views, tmp_path):
    _, r = views
    document = json.loads(r.to_json(tmp_path / "r.json"))
    assert document == json.loads((tmp_path / "r.json").read_text())
    assert document["schema"] == "interplay/result/1"
    r.save_report(tmp_path / "r.html")
    assert "<html" in (tmp_path / "r.html").read_text()
    assert r.verdict in str(r)


BAD = {
    "confidence": ({"confidence": 1.5}, InputError, "confidence=1.5"),
    "folds": ({"folds": 1}, InputError, "folds=1"),
    "replicates": ({"replicates": 3}, InputError, "replicates=3"),
    "codes": ({"codes": "many"}, InputError, "codes='many'"),
    "prior classes": ({"prior": {0: 1.0}}, InputError, "a positive share for each of"),
    "prior sum": ({"prior": {0: 0.5, 1: 0.4}}, InputError, "summing to 1"),
    "classifier name": ({"classifiers": {"sound": LogisticRegression()}}, UnknownNameError, "a classifier for"),
    "classifier kind": ({"classifiers": {"image": object()}}, InputError, "predict_proba"),
    "group name": ({"groups": {"sound": [1]}}, UnknownNameError, "groups for 'sound'"),
    "group length": ({"groups": {"image": [1, 2]}}, ShapeError, "groups of 'image'"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arguments_say_what_to_do(name):
    arguments, error, words = BAD[name]
    drawn = draw(noisy_views(), 60, 8)
    with pytest.raises(error, match=words) as caught:
        ip.quantify(**drawn.arguments, **arguments)
    assert isinstance(caught.value, InterplayError)
    assert "Next:" in str(caught.value)


def _gaussian(rows, rng, shift=1.0):
    y = np.arange(rows) % 2
    return rng.standard_normal((rows, 4)) + shift * y[:, None] * np.array([1.0, 0, 0, 0]), y


def test_copies_across_sets_are_counted_in_a_warning():
    rng = np.random.default_rng(0)
    (a, ya), (b, yb) = _gaussian(200, rng), _gaussian(200, rng)
    pairs = {"image": np.vstack([a[:30], _gaussian(170, rng)[0]]), "text": _gaussian(200, rng)[0]}
    r = ip.quantify(labeled={"image": (a, ya), "text": (b, yb)}, pairs=pairs, classifiers=_logistic(), **FAST)
    assert any("30 of 200 labelled rows are also among the pairs" in w for w in r.warnings)
    assert not any("text" in w and "also among" in w for w in r.warnings)


def _logistic():
    return {"image": LogisticRegression(), "text": LogisticRegression()}


def test_sets_of_very_unequal_size():
    rng = np.random.default_rng(1)
    (a, ya), (b, yb) = _gaussian(100, rng), _gaussian(20_000, rng)
    pairs = {"image": _gaussian(20_000, rng)[0], "text": _gaussian(20_000, rng)[0]}
    r = ip.quantify(labeled={"image": (a, ya), "text": (b, yb)}, pairs=pairs, classifiers=_logistic(), **FAST)
    assert r.unimodal["image"].ci[1] - r.unimodal["image"].ci[0] > 5 * (
        r.unimodal["text"].ci[1] - r.unimodal["text"].ci[0]
    )
    assert 0 <= r.guarantee.ci[0] <= r.guarantee.ci[1] <= 1


def test_a_classifier_that_is_certain_and_codes_with_one_label():
    """Probabilities of exactly 0 and 1: one code a class, each with a single label."""
    rng = np.random.default_rng(2)
    y = np.arange(300) % 2
    certain = np.stack([1.0 - y, y], axis=1)
    vague = rng.dirichlet([1, 1], 300)
    given = {"image": Probabilities(), "text": Probabilities()}
    pairs = {"image": certain, "text": rng.dirichlet([1, 1], 300)}
    r = ip.quantify(labeled={"image": (certain, y), "text": (vague, y)}, pairs=pairs, classifiers=given, **FAST)
    assert r.best_single == "image"
    assert r.unimodal["image"].low == 1
    assert r.guarantee.ci[0] > 0.95
    assert not r.gain.exceeds(0)


def test_robustness_names_the_slack_at_which_fusing_stops_paying(views):
    _, r = views
    curve = r.chosen.robustness
    assert curve.low[0] == pytest.approx(r.accuracy.low, abs=2e-3)
    assert np.all(np.diff(curve.low) <= 1e-9)
    (drawn,) = (c for c in r.to_dict()["curves"] if "breakdown" in c)
    assert drawn["breakdown"] == pytest.approx(curve.breakdown)
    assert curve.breakdown > 0


def test_samples_too_small_to_say_anything_are_refused():
    rng = np.random.default_rng(3)
    a, y = _gaussian(8, rng)
    with pytest.raises(SparseError, match="8 labelled rows of 'image'"):
        ip.quantify(labeled={"image": (a, y), "text": (a + 1, y)}, pairs={"image": a, "text": a}, **FAST)


def test_intervals_of_accuracies_stay_within_zero_and_one():
    rng = np.random.default_rng(4)
    a, y = _gaussian(24, rng, shift=4.0)
    pairs = {n: _gaussian(24, rng, shift=4.0)[0] for n in ("image", "text")}
    r = ip.quantify(labeled={"image": (a, y), "text": (a + 1, y)}, pairs=pairs, classifiers=_logistic(), **FAST)
    for e in (r.accuracy, r.guarantee, *r.unimodal.values()):
        assert 0 <= e.ci[0] <= e.low <= e.high <= e.ci[1] <= 1
