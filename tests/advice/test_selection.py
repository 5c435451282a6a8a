"""Which models to train: the ranges decide, the reasons say why, and labelled pairs can check it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

import interplay as ip
from interplay.advice.families import FAMILIES, RULES, Facts
from interplay.advice.verification import verify_models
from interplay.errors import InputError, UnknownNameError
from samplers import draw, noisy_views


def result(joint, rows, seed, **more):
    drawn = draw(joint / joint.sum(), rows, seed)
    plain = {n: LogisticRegression() for n in drawn.labeled}
    return ip.quantify(**drawn.arguments, classifiers=plain, replicates=50, **more)


def alone():
    """The image says the label; the text is a coin of its own."""
    return np.einsum("ik,j->ijk", np.eye(2) / 2, [0.5, 0.5])


@pytest.fixture(scope="module")
def open_case():
    return ip.recommend_models(result(noisy_views(0.5), 800, 0))


def test_where_the_ranges_leave_room_an_additive_model_and_two_with_interactions_are_named(open_case):
    assert {"additive", "tensor", "cross_attention"} <= set(open_case.recommended)
    assert open_case.recommended[-1] == "single"  # the yardstick
    assert "let validation choose" in open_case.verdict
    by = {a.family: a for a in open_case.advice}
    assert set(by) == set(FAMILIES)
    assert by["early"].standing == "possible"
    assert "learned parts of one vector" in by["cross_attention"].reason
    assert all(a.reason.endswith(".") for a in open_case.advice)


def test_a_modality_that_says_the_label_needs_no_other():
    got = ip.recommend_models(result(alone(), 1000, 1))
    assert got.recommended == ("single",)
    assert "the ranges decide" in got.verdict
    assert all(a.standing == "not needed" for a in got.advice[1:])


def test_sequences_and_few_labelled_pairs_change_what_is_said():
    r = result(noisy_views(0.5), 400, 2)
    by = {a.family: a for a in ip.recommend_models(r, sequences=True).advice}
    assert "the parts of one sequence" in by["cross_attention"].reason
    assert by["agreement"].standing == "not needed"
    few = {a.family: a for a in ip.recommend_models(r, labelled_pairs=50).advice}
    assert few["agreement"].standing == "recommended"
    assert "50 labelled pairs" in few["agreement"].reason


def test_many_classes_ask_for_one_network_that_shares_what_it_learns():
    facts = {
        "names": ("a", "b"),
        "best": "a",
        "tells": True,
        "useless": False,
        "likely": 0.02,
        "room": 0.2,
        "redundant": 0.1,
    }
    facts |= {"lopsided": 0.0, "pairs": 5000.0, "sequences": False}
    for classes, wanted in ((3, "tensor"), (10, "early")):
        named = [f for f in FAMILIES if RULES[f](Facts(**facts, classes=classes))[0]]
        assert sorted(named) == sorted(["single", "additive", "cross_attention", wanted])
    none = [f for f in FAMILIES if RULES[f](Facts(**(facts | {"room": 0.001}), classes=3))[0]]
    assert none == ["single", "additive"]


@pytest.mark.parametrize("count", [0, -3, 2.5])
def test_a_number_of_labelled_pairs_that_cannot_be_is_refused(count):
    r = result(noisy_views(0.5), 400, 2)
    with pytest.raises(InputError, match="labelled_pairs="):
        ip.recommend_models(r, labelled_pairs=count)


def test_where_no_modality_says_anything_alone_none_is_named_alone():
    joint = np.full((2, 2, 2), 0.02)
    i, j = np.indices((2, 2))
    joint[i, j, i ^ j] = 0.23
    assert "single" not in ip.recommend_models(result(joint, 1000, 6)).recommended


def test_a_lopsided_pair_names_the_better_one_alone_too():
    """All information is in the image; the text is noise that few rows cannot tell from a little worth."""
    joint = np.einsum("ik,j->ijk", [[0.4, 0.1], [0.1, 0.4]], [0.5, 0.5])
    got = ip.recommend_models(result(joint, 300, 5))
    assert got.recommended[0] == "single"
    assert "image" in {a.family: a.reason for a in got.advice}["single"]


def test_a_pair_of_a_result_will_do(open_case):
    r = result(noisy_views(0.5), 400, 2)
    assert str(ip.recommend_models(r)) == str(ip.recommend_models(r.pairs[r.chosen_pair]))


def test_text_and_json(open_case):
    assert str(open_case).startswith("Train ")
    told = json.loads(json.dumps(open_case.to_dict(), allow_nan=False))
    assert told["recommended"] == list(open_case.recommended)
    assert told["profile"]["synergy"]["unit"] == "bits"


def test_something_else_than_a_result_is_refused():
    with pytest.raises(InputError, match=r"what interplay\.quantify returns"):
        ip.recommend_models({"synergy": 1})


def test_the_advice_is_checked_on_labelled_pairs(open_case):
    pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'interplay[torch]'")
    drawn = draw(noisy_views(0.5), 100, 3, test_rows=160)
    cheap = replace(open_case, advice=tuple(a for a in open_case.advice if a.family != "cross_attention"))
    got = verify_models(cheap, drawn.test, drawn.test_labels, families=("single",), splits=2)
    assert {s.family for s in got.scores} == {"single", *cheap.recommended}
    assert got.chosen in cheap.recommended
    assert got.held
    assert got.regret >= 0
    assert "The advice held" in got.verdict
    json.dumps(got.to_dict(), allow_nan=False)
    with pytest.raises(UnknownNameError, match="labelled pairs without"):
        verify_models(open_case, {"image": drawn.test["image"]}, drawn.test_labels)
