"""What to collect: known worths are ranked, evidence is told apart, wrong questions are refused."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.advice.collection import rank, verdict_on
from interplay.errors import InputError, InterplayError, UnknownNameError

ROWS = 600
NAMES = ("owned", "copy", "new", "noise")


class HasNoParameters:
    """Fits and predicts, but cannot be copied for each fold."""

    def fit(self, x, y):
        return self

    def predict_proba(self, x):
        return np.full((len(x), 2), 0.5)


def rows(seed):
    """What one has, a noisy copy of it, a new view, and noise."""
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=ROWS)
    sign = (2 * y - 1)[:, None]
    owned = rng.normal(size=(ROWS, 2)) + 0.8 * sign
    return {
        "owned": owned,
        "copy": owned + 0.1 * rng.normal(size=(ROWS, 2)),
        "new": rng.normal(size=(ROWS, 2)) + 0.8 * sign,
        "noise": rng.normal(size=(ROWS, 2)),
    }, y


def labels_of(*names):
    found = {}
    for i, n in enumerate(NAMES):
        x, y = rows(i)
        found[n] = (x[n], y)
    return {n: found[n] for n in names}


def pairs_of(*names):
    x, _ = rows(9)
    return {n: x[n] for n in names}


def run(labeled, pairs, **more):
    plain = {n: LogisticRegression() for n in labeled}
    return ip.collect(labeled=labeled, pairs=pairs, classifiers=plain, replicates=20, **({"have": "owned"} | more))


@pytest.fixture(scope="module")
def found():
    return run(labels_of(*NAMES), pairs_of(*NAMES), required=0.999)


def test_the_new_view_comes_first_though_the_copy_is_as_accurate_alone(found):
    assert found.ranking[0].name == "new"
    assert found.ranking[0].likely_gain > 0.02
    by = {c.name: c for c in found.ranking}
    assert by["copy"].gain.high < by["new"].gain.high
    assert all(c.gain.low <= c.likely_gain + 0.05 for c in found.ranking)
    assert {c.evidence for c in found.ranking} == {"labels and pairs"}


def test_ranges_are_ordered_and_hold_the_truth(found):
    for c in found.ranking:
        assert c.gain.limits[0] <= c.gain.low <= c.gain.high <= c.gain.limits[1]
        assert c.accuracy.ci[0] <= c.accuracy.low <= c.accuracy.ci[1]
    best = {c.name: c for c in found.ranking}["new"]
    truth = 0.945  # normal views at distance 0.8 * sqrt(2): Phi(0.8 * 2)
    assert best.accuracy.ci[0] <= truth <= best.accuracy.ci[1]


def test_what_no_candidate_can_reach_is_said():
    got = run(labels_of("owned", "copy"), pairs_of("owned", "copy"), required=0.999)
    assert got.ranking[0].reaches == "impossible"
    assert got.verdict.startswith("No candidate can reach 99.9%")


def test_the_answer_as_text_and_as_json(found):
    text = str(found)
    assert text.startswith("Collect new: it is guaranteed")
    assert "possible with" in text
    told = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [c["name"] for c in told["ranking"]] == [c.name for c in found.ranking]
    assert told["ranking"][0]["gain"]["unit"] == "probability"


def test_where_nothing_is_likely_what_could_add_most_comes_first(found):
    rivals = [
        replace(c, likely_gain=0.0, score=0.0, gain=replace(c.gain, high=high, limits=(0.0, high)))
        for c, high in zip(found.ranking, (0.1, 0.3, 0.2), strict=False)
    ]
    first = sorted(rivals, key=rank)[0]
    assert first.gain.high == max(c.gain.high for c in rivals)
    said = verdict_on(found.have, found.baseline, sorted(rivals, key=rank), None)
    assert said.startswith(f"No candidate is likely to add anything; {first.name} leaves most open")
    dear = sorted((replace(c, cost=100.0 if c is first else 1.0) for c in [first, *rivals[::2]]), key=rank)
    assert dear[0].cost == 1.0


def test_costs_change_the_order():
    names = ("owned", "new", "noise")
    dear = run(labels_of(*names), pairs_of(*names), costs={"new": 1000.0, "noise": 1e-3})
    assert dear.ranking[0].cost in (1000.0, 1e-3)
    scores = [c.score for c in dear.ranking]
    assert scores == sorted(scores, reverse=True)
    assert {c.name: c.score * c.cost for c in dear.ranking}["new"] == pytest.approx(
        {c.name: c.likely_gain for c in dear.ranking}["new"]
    )


def test_costs_may_be_numpy_numbers_and_one_candidate_a_name():
    told = {"labeled": labels_of("owned", "new"), "pairs": pairs_of("owned", "new"), "candidates": "new"}
    got = run(**told, costs={"new": np.float32(2)})
    assert [(c.name, c.cost) for c in got.ranking] == [("new", 2.0)]


def test_pairs_of_their_own_rows_for_each_candidate():
    nested = {"new": pairs_of("owned", "new"), "noise": {n: x[:400] for n, x in pairs_of("owned", "noise").items()}}
    got = run(labels_of("owned", "new", "noise"), nested)
    assert got.ranking[0].name == "new"


def test_labels_only_and_pairs_only_say_so_and_promise_nothing():
    got = run(labels_of("owned", "new"), pairs_of("owned", "noise"))
    by = {c.name: c for c in got.ranking}
    assert by["new"].evidence == "labels only"
    assert by["noise"].evidence == "pairs only"
    assert by["new"].accuracy.high == 1.0
    assert by["new"].likely_gain > 0.02  # if independent given the label, which here they are
    assert by["noise"].gain.limits[0] <= 0
    assert any("no pairs" in w for w in got.warnings)
    assert any("no labels" in w for w in got.warnings)


def test_every_interval_of_labels_only_reaches_the_ends_that_it_shows():
    found = run(labels_of("owned", "new"), {}, candidates=["new"]).ranking[0]
    for e in (found.accuracy, found.gain):
        for interval in (e.ci, e.ci_point, e.limits):
            assert interval[0] <= e.low <= e.high <= interval[1]
    assert "nothing above it is ruled out" in found.accuracy.how


def test_labels_only_for_all_needs_no_pairs_of_one_modality():
    got = run(labels_of("owned", "new"), {})
    assert got.ranking[0].evidence == "labels only"


def test_two_modalities_that_one_has():
    names = ("owned", "new", "copy")
    got = run(labels_of(*names), pairs_of(*names), have=("owned", "new"))
    assert got.have == ("owned", "new")
    assert [c.name for c in got.ranking] == ["copy"]
    assert got.ranking[0].likely_gain < 0.03


def test_the_same_seed_gives_the_same_answer():
    names = ("owned", "new")
    assert str(run(labels_of(*names), pairs_of(*names))) == str(run(labels_of(*names), pairs_of(*names)))


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"have": "nothing"}, UnknownNameError, "have="),
        ({"have": ()}, UnknownNameError, "one or more"),
        ({"candidates": ["owned"]}, InputError, "candidates"),
        ({"candidates": ["depth"]}, InputError, "neither labels nor pairs"),
        ({"costs": {}}, UnknownNameError, "no cost of 'new'"),
        ({"costs": {"new": 1.0, "depth": 2.0}}, UnknownNameError, "a cost of 'depth'"),
        ({"costs": {"new": -1.0}}, InputError, "cost -1.0 of 'new'"),
        ({"costs": {"new": float("nan")}}, InputError, "positive"),
        ({"costs": {"new": "3"}}, InputError, "cost '3' of 'new'"),
        ({"costs": [3]}, InputError, "costs of type list"),
        ({"required": 1.2}, InputError, "required=1.2"),
        ({"required": "0.9"}, InputError, "required='0.9'"),
        ({"classifiers": {"depth": LogisticRegression()}}, UnknownNameError, "a classifier for 'depth'"),
        ({"classifiers": {"owned": LogisticRegression}}, InputError, r"write LogisticRegression\(\)"),
        ({"classifiers": {"owned": HasNoParameters()}}, InputError, "get_params"),
        ({"labeled": [1]}, InputError, "a dict keyed by modality"),
        ({"pairs": {"new": {"new": [[1.0]]}}}, UnknownNameError, "without 'owned'"),
        ({"have": ("owned", "new"), "pairs": {}, "labeled": labels_of("owned", "new", "noise")}, InputError, "without"),
    ],
)
def test_wrong_questions_are_refused_with_the_reason(arguments, kind, words):
    told = {"labeled": labels_of("owned", "new"), "pairs": pairs_of("owned", "new"), "have": "owned"} | arguments
    with pytest.raises(kind, match=words) as error:
        ip.collect(**told)
    assert isinstance(error.value, InterplayError)
    assert "Next:" in str(error.value)


def test_other_classes_of_a_candidate_are_refused():
    labeled = labels_of("owned", "new")
    labeled["new"] = (labeled["new"][0], np.where(labeled["new"][1], "yes", "no"))
    with pytest.raises(InputError, match="label both with the same classes"):
        run(labeled, {})


def noise_everywhere(seed):
    """Labels and pairs of two modalities that tell nothing; wide features, so that classifiers find much in them."""
    rng = np.random.default_rng([7, seed])
    shape = (200, 20)
    labeled = {m: (rng.normal(size=shape), rng.integers(2, size=200)) for m in ("owned", "new")}
    return labeled, {m: rng.normal(size=shape) for m in labeled}


def test_what_tells_nothing_is_not_promised_above_chance():
    """Samples in which the codes of noise look better than that: lower limits of .503, .529 and .510."""
    for seed in (10, 19, 46):
        labeled, pairs = noise_everywhere(seed)
        got = run(labeled, pairs)
        alone = run(labeled, {}, candidates=["new"]).ranking[0].accuracy
        assert "not promised above chance" in alone.how
        assert alone.limits[0] <= 0.5
        for accuracy in (got.baseline, got.ranking[0].accuracy):
            assert "not promised above chance" in accuracy.how
            assert max(accuracy.limits[0], accuracy.ci[0]) <= 0.5
